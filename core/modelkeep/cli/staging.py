"""`modelkeep staging`: what imports that were killed left, to go on from or to clear away."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli import shapes
from modelkeep.cli.allowing import allow_unsafe_import, with_option
from modelkeep.cli.consent import ask
from modelkeep.cli.looking import require_roots
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.cli.signing import trusted_keys, verify_option
from modelkeep.errors import ModelKeepError, ModelNotFound, UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.leftovers import BegunBy, begun_by, check_resumable
from modelkeep.text import age_text, size_text

if TYPE_CHECKING:
    from modelkeep.cache.staging import LeftStaging
    from modelkeep.library import Library

__all__ = ["staging"]

_STATES = {
    BegunBy.IMPORT: "interrupted",
    BegunBy.MENDING: "interrupted mending",
    BegunBy.CONVERSION: "interrupted conversion",
    BegunBy.PUSH: "pushed, not committed",
    BegunBy.UNKNOWN: "unknown",
}


@click.group("staging")
@common_options
def staging() -> None:
    """What interrupted imports left: list, resume or clear it."""


@staging.command("list")
@common_options
@pass_session
def list_leftovers(session: Session) -> None:
    """List what is being imported, and what interrupted imports left.

    In a pipe there is a line for each, with tabs between: id, root, key, "alive" or "left", time, bytes on disk.
    """
    require_roots(session)
    with session.library() as library:
        found = library.archives.leftovers()
    if session.json:
        print_json(
            [shapes.leftover(left) | {"root": _root(left), "begun_by": begun_by(left)} for left in found]
        )
    elif not on_terminal():
        print_plain(map(_line, found))
    elif found:
        _print_table(found)
    else:
        say("No import was interrupted.")


def _line(left: LeftStaging) -> tuple[object, ...]:
    state = "alive" if left.alive else "left"
    return left.id, _root(left), left.key or "", state, shapes.iso_time(left.started) or "", left.on_disk


def _print_table(found: Sequence[LeftStaging]) -> None:
    from modelkeep.cli.tables import Column, print_table

    now = time.time()
    columns = [
        Column("Name"),
        Column("From", rank=2),
        Column("Begun", right=True),
        Column("On disk", right=True),
    ]
    print_table(
        [*columns, Column("State"), Column("Id", style="dim")],
        [
            (
                _name(left),
                ", ".join(Path(source).name for source in left.sources),
                age_text(max(0.0, now - left.started)),
                size_text(left.on_disk),
                "goes on now" if left.alive else _STATES[begun_by(left)],
                left.id,
            )
            for left in found
        ],
    )
    say(
        click.style(
            "\nmodelkeep staging resume goes on from there; modelkeep staging clear frees it.", dim=True
        )
    )


@staging.command("resume")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@verify_option
@allow_unsafe_import
@dry_run_option
@common_options
@pass_session
def resume(
    session: Session,
    ids: tuple[str, ...],
    verify_with: tuple[Path, ...],
    allow_unsafe: tuple[ModelKey, ...],
    dry_run: bool,
) -> None:
    """Go on with interrupted imports, all of them or those of the IDs. What was staged is not read again.

    What a conversion, a mending or a push left is not resumed here: run that again.
    """
    allowed = [str(key).removeprefix("hf@") for key in allow_unsafe]
    trusted = trusted_keys(verify_with)
    done: list[dict[str, object]] = []
    failures: list[tuple[str, str]] = []
    require_roots(session)
    with session.library() as library:
        for left in _resumable(_chosen(library, ids), is_all=not ids):
            try:
                if dry_run:
                    check_resumable(left)
                    done.append(_item(left, "planned"))
                    continue
                with progress(session) as report:
                    result = library.archives.resume(
                        left, _root(left), allow_unsafe=allowed, trusted=trusted, report=report
                    )
            except ModelKeepError as error:
                failed = [(str(error), error.hint)]
            else:
                failed = [(str(one.error), _hint(one.error, left)) for one in result.items if one.error]
            done.append(_item(left, "failed" if failed else "imported", failed))
            failures += failed
    if session.json:
        print_json({"executed": not dry_run, "items": done})
    else:
        for item in done:
            if item["status"] != "failed":
                say(f"{'Would go on with' if dry_run else 'Imported'} {item['key']}.")
        if not done:
            say("No import was interrupted.")
    if failures:
        raise Failure(*failures)


@staging.command("clear")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@dry_run_option
@yes_option
@common_options
@pass_session
def clear(session: Session, ids: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Remove what interrupted imports left, all of it or that of the IDs. No model loses anything."""
    freed = 0
    require_roots(session)
    with session.library() as library:
        found = _chosen(library, ids)
        lines = [f"  - {_name(left)} in {readable(_root(left))}, {size_text(left.on_disk)}" for left in found]
        if found and not dry_run:
            if not yes and can_ask():
                tell("\n".join(lines))
            ask(f"Remove it and free {size_text(sum(left.on_disk for left in found))}?", yes=yes)
            freed = library.archives.clear_leftovers(found)
    if session.json:
        status = "planned" if dry_run else "removed"
        items = [_item(left, status) for left in found]
        print_json({"executed": not dry_run, "freed": freed, "items": items})
    elif not found:
        say("No import was interrupted.")
    elif dry_run:
        say("\n".join(lines))
    else:
        say(f"{size_text(freed)} freed.")


def _chosen(library: Library, ids: Sequence[str]) -> list[LeftStaging]:
    """What the ids mean; without any, all that no process works on now."""
    found = library.archives.leftovers()
    if not ids:
        return [left for left in found if not left.alive]
    chosen = {}
    for text in ids:
        matching = [left for left in found if left.id.startswith(text)]
        if len(matching) != 1:
            raise ModelNotFound(
                f"No interrupted import has the id {text}.", hint="`modelkeep staging list` shows them."
            )
        chosen[matching[0].path] = matching[0]
    return list(chosen.values())


def _hint(error: ModelKeepError, left: LeftStaging) -> str:
    """What to do: with the words that allow what is dangerous."""
    if not isinstance(error, UnsafeModel) or not left.key:
        return error.hint
    words = [*("modelkeep", "staging", "resume", left.id), *("--root", _root(left))]
    words += ["--allow-unsafe", left.key.repo_id]
    return with_option(error.hint, shlex.join(words))


def _resumable(found: Sequence[LeftStaging], *, is_all: bool) -> list[LeftStaging]:
    """What to go on with. Of all that was left, what no import left is only told of."""
    if not is_all:
        return list(found)
    for left in found:
        if begun_by(left) is not BegunBy.IMPORT:
            tell(f"{_name(left)}: {_STATES[begun_by(left)]}, which is not resumed here.")
    return [left for left in found if begun_by(left) is BegunBy.IMPORT]


def _item(left: LeftStaging, status: str, failed: Sequence[tuple[str, str]] = ()) -> dict[str, object]:
    return shapes.leftover(left) | {
        "root": _root(left),
        "begun_by": begun_by(left),
        "status": status,
        "error": failed[0][0] if failed else None,
        "hint": (failed[0][1] or None) if failed else None,
    }


def _name(left: LeftStaging) -> str:
    return str(left.key) if left.key else "unreadable"


def _root(left: LeftStaging) -> str:
    """The root in which it is: `<root>/.modelkeep/staging/<id>`."""
    return Path(left.path).parents[2].as_posix()

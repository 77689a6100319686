"""`modelkeep trash`: what was deleted, put back or freed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.looking import require_roots
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import InvalidKey, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.text import age_text, size_text

if TYPE_CHECKING:
    from modelkeep.cache.trash import Emptied, Restored, TrashEntry
    from modelkeep.library import Library

__all__ = ["trash"]


@click.group("trash")
@common_options
def trash() -> None:
    """What was deleted: list, restore or empty it."""


@trash.command("list")
@common_options
@pass_session
def list_entries(session: Session) -> None:
    """List what is in the trash, the newest first.

    In a pipe there is a line for each entry, with tabs between: id, root, key, what, time, by whom, size, frees.
    """
    require_roots(session)
    with session.library() as library:
        entries = library.trash()
    if session.json:
        print_json([shapes.trash_entry(entry) for entry in entries])
    elif not on_terminal():
        print_plain(map(_line, entries))
    elif entries:
        _print_table(entries)
    else:
        say("The trash is empty.")


def _line(entry: TrashEntry) -> tuple[object, ...]:
    deleted = shapes.iso_time(entry.deleted_at) or ""
    name = "" if entry.what == "leftover" else entry.key
    return entry.id, entry.root, name, entry.what, deleted, entry.deleted_by, entry.size, entry.frees


def _print_table(entries: Sequence[TrashEntry]) -> None:
    from modelkeep.cli.tables import Column, print_table

    now = time.time()
    columns = [Column("Name"), Column("What", rank=2), Column("Deleted", right=True), Column("By", rank=3)]
    columns += [Column("Frees", right=True), Column("Id", style="dim")]
    print_table(
        columns,
        [
            (
                _name(entry),
                entry.what,
                age_text(max(0.0, now - entry.deleted_at)),
                entry.deleted_by,
                size_text(entry.frees),
                entry.id,
            )
            for entry in entries
        ],
    )
    total = size_text(sum(entry.frees for entry in entries))
    say(
        click.style(
            f"\nmodelkeep trash empty frees {total}; modelkeep trash restore ID puts one back.", dim=True
        )
    )


def _name(entry: TrashEntry) -> str:
    if entry.what == "leftover":
        return "left of an emptying"
    if entry.what == "files":
        return f"{'1 file' if entry.files == 1 else f'{entry.files:,} files'} of {entry.key}"
    return str(entry.key)


@trash.command("restore")
@click.argument("names", nargs=-1, required=True, metavar="ID|KEY...")
@dry_run_option
@common_options
@pass_session
def restore(session: Session, names: tuple[str, ...], dry_run: bool) -> None:
    """Put back what was deleted, exactly as it was.

    ID is one of `modelkeep trash list`, or its unambiguous beginning; KEY is what was deleted, of which the last
    deletion is undone.
    """
    require_roots(session)
    with session.library() as library:
        entries = _chosen(library, names)
        if dry_run:
            if session.json:
                print_json({"executed": False, "items": [_planned(entry) for entry in entries]})
            for entry in () if session.json else entries:
                say(f"Would put back {_name(entry)} in {readable(entry.root)}.")
            return
        with progress(session) as report:
            restored = library.restore([(entry.root, entry.id) for entry in entries], report=report)
        left = {entry.id for entry in library.trash()}
    by_id = {done.id: done for done in restored}
    pairs = [(entry, by_id[entry.id]) for entry in entries]
    if session.json:
        print_json({"executed": True, "items": [_restored(entry, done, left) for entry, done in pairs]})
    failures = []
    for entry, done in pairs:
        if done.error:
            failures.append((done.error, done.hint))
        elif entry.id in left:
            failures.append(
                (
                    f"{done.kept[0]} is there again with other content, so the trash keeps its own.",
                    "Delete the new one first, or move it away.",
                )
            )
        elif not session.json:
            say(f"Put back {_name(entry)} in {readable(entry.root)}.")
    if failures:
        raise Failure(*failures)


def _planned(entry: TrashEntry) -> dict[str, object]:
    return shapes.trash_entry(entry) | {"status": "planned"}


def _restored(entry: TrashEntry, done: Restored, left: set[str]) -> dict[str, object]:
    status = "failed" if done.error else "partly" if entry.id in left else "restored"
    return shapes.trash_entry(entry) | {
        "status": status,
        "kept": list(done.kept),
        "error": done.error or None,
        "hint": done.hint or None,
    }


@trash.command("empty")
@click.argument("names", nargs=-1, metavar="[ID|KEY]...")
@click.option(
    "--force", is_flag=True, help="Also what a process still has open; its space comes back when it ends."
)
@dry_run_option
@yes_option
@common_options
@pass_session
def empty(session: Session, names: tuple[str, ...], force: bool, dry_run: bool, yes: bool) -> None:
    """Remove for good what is in the trash, or some of it, and free its space."""
    require_roots(session)
    with session.library() as library:
        entries = _chosen(library, names) if names else list(library.trash())
        lines = [
            f"  - {_name(entry)} in {readable(entry.root)}, {size_text(entry.frees)}" for entry in entries
        ]
        if dry_run:
            _show_emptied(session, entries, (), executed=False)
            for line in () if session.json else lines:
                say(line)
            return
        if entries:
            if not yes and can_ask():
                tell("\n".join(lines))
            total = size_text(sum(entry.frees for entry in entries))
            count = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
            ask(f"Remove {count} for good and free {total}? There is no undo.", yes=yes)
        with progress(session) as report:
            emptied = library.empty_trash(
                [(entry.root, entry.id) for entry in entries], force=force, report=report
            )
    _show_emptied(session, entries, emptied, executed=True)
    if failures := [(done.error, done.hint) for done in emptied if done.error]:
        raise Failure(*failures)


def _show_emptied(
    session: Session, entries: Sequence[TrashEntry], emptied: Sequence[Emptied], *, executed: bool
) -> None:
    by_id = {done.id: done for done in emptied}
    freed = sum(done.freed for done in emptied)
    if session.json:
        items = [_emptied(entry, by_id.get(entry.id)) for entry in entries]
        frees = sum(entry.frees for entry in entries)
        print_json({"executed": executed, "frees": frees, "freed": freed, "items": items})
    elif not entries:
        say("The trash is empty.")
    elif executed:
        say(f"{size_text(freed)} freed.")


def _emptied(entry: TrashEntry, done: Emptied | None) -> dict[str, object]:
    status = "planned" if done is None else "failed" if done.error else "removed"
    return shapes.trash_entry(entry) | {
        "status": status,
        "freed": done.freed if done else 0,
        "error": (done.error or None) if done else None,
        "hint": (done.hint or None) if done else None,
    }


def _chosen(library: Library, names: Sequence[str]) -> list[TrashEntry]:
    """The entries that names mean, each once."""
    entries = library.trash()
    return list({entry.id: entry for name in names for entry in [_entry(entries, name)]}.values())


def _entry(entries: Sequence[TrashEntry], name: str) -> TrashEntry:
    found = [entry for entry in entries if entry.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    try:
        key = ModelKey.parse(name)
    except InvalidKey:
        key = None
    for entry in entries:  # the newest first
        if key in (entry.key, entry.key.at(None)):
            return entry
    if found:
        raise ModelNotFound(
            f"{name} is the beginning of {len(found)} ids in the trash.", hint="Write more of it."
        )
    raise ModelNotFound(f"{name} is not in the trash.", hint="`modelkeep trash list` shows what is.")

"""`modelkeep transfers`: the queue of downloads, of this process and all others; pause, resume, cancel, order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import transfer_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import complete_profile
from modelkeep.cli.looking import require_roots
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.rates import RATE
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import ModelKeepError, ModelNotFound
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.transfer import Transfer
    from modelkeep.library import Library

__all__ = ["transfers"]

_WORDS = {"queued": "waits", "running": "runs now", "paused": "paused", "failed": "stopped"}


@click.group("transfers")
@common_options
def transfers() -> None:
    """The queue of downloads: list, resume, cancel or reorder it."""


@transfers.command("list")
@common_options
@pass_session
def list_transfers(session: Session) -> None:
    """List the transfers in the order of the queue.

    In a pipe there is a line for each, with tabs between: id, root, key, state, bytes done, bytes in all.
    """
    require_roots(session)
    with session.library() as library:
        found = library.hubs.transfers()
    if session.json:
        print_json([shapes.transfer(one) for one in found])
    elif not on_terminal():
        print_plain((one.id, one.root, one.key, one.state, one.bytes_done, one.bytes_total) for one in found)
    elif found:
        _print_table(found)
    else:
        say("Nothing is being downloaded, and no download was interrupted.")


def _print_table(found: Sequence[Transfer]) -> None:
    from modelkeep.cli.tables import Column, print_table

    columns = [Column("Name"), Column("Done", right=True), Column("Of", right=True), Column("State")]
    print_table(
        [*columns, Column("Id", style="dim")],
        [
            (
                readable(str(one.key)),
                size_text(one.bytes_done),
                size_text(one.bytes_total),
                _WORDS[one.state],
                one.id,
            )
            for one in found
        ],
    )
    for one in found:
        if one.error:
            say(f"\n{click.style(readable(str(one.key)), bold=True)}: {readable(one.error)}")
            if one.hint:
                say(click.style(f"  {readable(one.hint)}", dim=True))
    say(click.style("\nmodelkeep transfers resume goes on where they stopped.", dim=True))


@transfers.command("pause")
@click.argument("ids", nargs=-1, metavar="[ID|KEY]...")
@common_options
@pass_session
def pause(session: Session, ids: tuple[str, ...]) -> None:
    """Stop transfers, all or those that are named, in whichever program they run; what came is kept."""
    with session.library() as library:
        chosen = [one for one in _chosen(library, ids) if ids or one.state in ("queued", "running")]
        done = [library.hubs.pause_transfer(one.root, one.id) for one in chosen]
    _print(session, done, "Paused")


@transfers.command("resume")
@click.argument("ids", nargs=-1, metavar="[ID|KEY]...")
@click.option(
    "--profile",
    default="",
    shell_complete=complete_profile,
    metavar="NAME",
    help="Go on from another hub that has the same content.",
)
@click.option("--limit-rate", type=RATE, default=0, metavar="RATE", help="At most so much a second: 10MB.")
@common_options
@pass_session
def resume(session: Session, ids: tuple[str, ...], profile: str, limit_rate: int) -> None:
    """Go on with transfers, all that no program runs or those that are named, one after another, in their order."""
    done: list[dict[str, object]] = []
    failures: list[tuple[str, str]] = []
    running = 0
    require_roots(session)
    with session.library() as library:
        hubs = library.hubs
        hubs.limit_rate(limit_rate)
        for one in _chosen(library, ids):
            if one.state == "running" and not ids:
                running += 1
                continue
            try:
                hubs.resume_transfer(one.root, one.id)
                with progress(session) as report:
                    result = hubs.run_transfer(one.root, one.id, profile=profile, report=report)
                error = result.error
            except ModelKeepError as caught:
                error = caught
            done.append(
                {
                    "id": one.id,
                    "key": str(one.key),
                    "root": one.root,
                    "status": "failed" if error else "downloaded",
                    "error": str(error) if error else None,
                    "hint": (error.hint or None) if error else None,
                }
            )
            if error:
                failures.append((f"{one.key}: {error}", error.hint))
            elif not session.json:
                say(f"Downloaded {one.key}.")
    if session.json:
        print_json(done)
    elif not done:
        say("Nothing to resume: what there is runs already." if running else "No download was interrupted.")
    if failures:
        raise Failure(*failures)


@transfers.command("cancel")
@click.argument("ids", nargs=-1, required=True, metavar="ID|KEY...")
@dry_run_option
@yes_option
@common_options
@pass_session
def cancel(session: Session, ids: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Stop transfers for good and remove what they staged. Files that were complete stay in the cache."""
    with session.library() as library:
        chosen = _chosen(library, ids)
        lines = [
            f"  - {readable(str(one.key))}, {size_text(one.bytes_done)} of {size_text(one.bytes_total)}"
            for one in chosen
        ]
        if not dry_run:
            if not yes and can_ask():
                tell("\n".join(lines))
            ask(f"Cancel {'it' if len(chosen) == 1 else 'them'} and remove what came?", yes=yes)
        freed = 0 if dry_run else sum(library.hubs.cancel_transfer(one.root, one.id) for one in chosen)
    if session.json:
        items = [{"id": one.id, "key": str(one.key), "root": one.root} for one in chosen]
        print_json({"executed": not dry_run, "freed": freed, "items": items})
    elif dry_run:
        say("\n".join(lines))
    else:
        say(f"{size_text(freed)} freed.")


@transfers.command("move", context_settings={"ignore_unknown_options": True})  # -1 is no option
@click.argument("id", metavar="ID|KEY")
@click.argument("by", type=int, metavar="PLACES")
@common_options
@pass_session
def move(session: Session, id: str, by: int) -> None:
    """Change the place of a transfer in the queue: -1 lets it run before the one in front of it."""
    with session.library() as library:
        [one] = _chosen(library, (id,))
        queue = library.hubs.move_transfer(one.root, one.id, by)
    if session.json:
        print_json([shapes.transfer(one) for one in queue])
    else:
        for number, one in enumerate(queue, 1):
            say(f"{number}. {readable(str(one.key))}")


def _print(session: Session, done: Sequence[Transfer], word: str) -> None:
    if session.json:
        print_json([shapes.transfer(one) for one in done])
        return
    for one in done:
        say(f"{word} {one.key}.")
    if not done:
        say("Nothing is being downloaded.")


def _chosen(library: Library, ids: Sequence[str]) -> list[Transfer]:
    """What the ids, or the names of models, mean; all transfers without any."""
    found = library.hubs.transfers()
    if not ids:
        return list(found)
    chosen = []
    for text in ids:
        by_id = [one for one in found if one.id.startswith(text)]
        matching = by_id or [one for one in found if text in (str(one.key), one.key.repo_id)]
        if len(matching) != 1:
            raise ModelNotFound(
                f"{len(matching)} transfers are called {text}."
                if matching
                else f"There is no transfer {text}.",
                hint="`modelkeep transfers list` shows their ids; --root DIR says of which cache."
                if matching
                else "`modelkeep transfers list` shows them.",
            )
        chosen += matching
    return list({(one.root, one.id): one for one in chosen}.values())

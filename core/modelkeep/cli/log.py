"""`modelkeep log`: what was done on this machine, to be searched and exported."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.amounts import seconds_of
from modelkeep.cli.keys import KEY
from modelkeep.cli.output import Failure, on_terminal, print_json, print_plain, say
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.text import size_text, time_text

if TYPE_CHECKING:
    from modelkeep.cache.catalog import Event
    from modelkeep.keys import ModelKey

__all__ = ["log"]


class _Moment(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """A time as seconds since the epoch. Of a day alone it is the beginning, or the `end`."""

    name = "moment"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip()
        if (age := seconds_of(text)) is not None:
            return time.time() - age
        try:
            moment = datetime.fromisoformat(text)
            if self._end and len(text) <= len("2026-03-01"):
                moment += timedelta(days=1)
            return moment.timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(f"“{text}” is neither an age such as 7d nor a date such as 2026-03-01.", param, ctx)


@click.command("log")
@click.argument("words", nargs=-1)
@click.option(
    "--verb", "verbs", multiple=True, metavar="VERB", help="Only this, such as delete (repeatable)."
)
@click.option("--failed", is_flag=True, help="Only what failed.")
@click.option("--model", "key", type=KEY, metavar="KEY", help="Only of this model.")
@click.option("--since", type=_Moment(), metavar="AGE|DATE", help="Only later than 7d ago, or a date.")
@click.option("--until", type=_Moment(end=True), metavar="AGE|DATE", help="Only earlier.")
@click.option("--limit", type=click.IntRange(1), default=100, metavar="N", help="The last N (default 100).")
@click.option(
    "--export",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all of it to a file as JSON lines, the oldest first.",
)
@common_options
@pass_session
def log(
    session: Session,
    words: tuple[str, ...],
    verbs: tuple[str, ...],
    failed: bool,
    key: ModelKey | None,
    since: float | None,
    until: float | None,
    limit: int,
    target: Path | None,
) -> None:
    """Show what was done: who, what, when, how many bytes.

    The newest comes first. WORDS have to be in the model, the user, the verb, the cache or the detail; case does not
    matter. --root shows what was done in that cache.

    In a pipe there is a line for each event, with tabs between: time, by whom, verb, key, root, bytes, outcome,
    detail.
    """
    from modelkeep.activity import VERBS, ActivityQuery
    from modelkeep.cache.activity_log import as_json

    for verb in verbs:
        if verb not in VERBS:
            raise click.BadParameter(f"“{verb}” is none of {', '.join(VERBS)}.", param_hint="--verb")
    query = ActivityQuery(
        " ".join(words),
        verbs,
        ("failed",) if failed else (),
        str(key or ""),
        since or 0.0,
        until or 0.0,
        limit=limit,
        roots=tuple(_resolved(root) for root in session.roots),
    )
    if target is not None:
        _check_target(target)
    with session.library() as library:
        if target is not None:
            count = library.activity.export(query, target)
            if session.json:
                print_json({"file": str(target.absolute()), "events": count})
            else:
                say(f"Wrote {count:,} {'event' if count == 1 else 'events'} to {target}.")
            return
        page = library.activity.find(query)
    events = [event for _, event in page.events]
    if session.json:
        print_json([as_json(event) for event in events])
    elif not on_terminal():
        print_plain(as_json(event).values() for event in events)
    elif events:
        _print_table(events)
        if page.total > len(events):
            say(click.style(f"\n{len(events):,} of {page.total:,}; --limit shows more.", dim=True))
    else:
        say("Nothing was found." if query != ActivityQuery(limit=limit) else "Nothing was done yet.")


def _check_target(target: Path) -> None:
    """The file is replaced as a whole, so that it has to be one: a device or a pipe would be gone."""
    place = target.expanduser()
    if not place.parent.is_dir():
        raise Failure((f"There is no folder {place.parent}.", "Name a file in a folder that is there."))
    if place.is_symlink() or (place.exists() and not place.is_file()):
        raise Failure(
            (f"{target} is no file that could be replaced.", "Name another one; --json prints the events.")
        )


def _resolved(root: Path) -> str:
    from modelkeep.views import resolved

    return resolved(root)


def _print_table(events: Sequence[Event]) -> None:
    from rich.text import Text

    from modelkeep.cli.tables import Column, print_table

    columns = [Column("Model"), Column("What"), Column("When"), Column("By", rank=2)]
    columns += [Column("Bytes", right=True, rank=1), Column("Result"), Column("Detail", rank=3)]
    styles = {"failed": "bold red", "cancelled": "yellow"}
    print_table(
        columns,
        [
            (
                event.key.removeprefix("hf@"),
                event.verb,
                time_text(event.at),
                event.by,
                size_text(event.bytes) if event.bytes else "",
                Text(event.outcome, style=styles.get(event.outcome, "")),
                event.detail,
            )
            for event in events
        ],
    )

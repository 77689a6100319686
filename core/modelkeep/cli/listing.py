"""`modelkeep list`: every model of every cache, also what is damaged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import shapes
from modelkeep.cli.keys import short_name
from modelkeep.cli.looking import cached, check_roots, look
from modelkeep.cli.output import on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.text import age_text, count_text, size_text

if TYPE_CHECKING:
    from modelkeep.cli.tables import Cell
    from modelkeep.library import Library
    from modelkeep.rows import ModelRow, RevisionRow, RootView

__all__ = ["STATE_STYLES", "list_models", "row_filter"]

STATE_STYLES = {"whole": "green", "unproven": "", "incomplete": "yellow", "damaged": "bold red"}

_ORDERS: dict[str, Callable[[ModelRow], tuple[object, ...]]] = {
    "name": lambda row: (),
    "size": lambda row: (-row.size,),
    "frees": lambda row: (-row.frees,),
    "used": lambda row: (-row.last_used,),
}


@click.command("list")
@click.option(
    "--filter",
    "text",
    metavar="TEXT",
    default="",
    help="Only what this finds: words, and terms such as size>1GB, task:ner, unused>90d, is:damaged.",
)
@click.option(
    "--sort",
    type=click.Choice(list(_ORDERS)),
    default="name",
    help="By name; or first what is largest, what frees most, what was used last.",
)
@click.option("--revisions", is_flag=True, help="Also list the revisions of each model.")
@click.option("--problems", is_flag=True, help="Only list what is wrong, and where.")
@common_options
@pass_session
def list_models(session: Session, text: str, sort: str, revisions: bool, problems: bool) -> None:
    """List the models, what they cost and how whole they are.

    "Size" is what the files hold, "frees" what deleting the model gives back. In a pipe there is a line for each
    model, with tabs between: key, root, state, size, frees, last use, task, library, pinned.
    """
    passes = row_filter(text)
    with session.library() as library:
        views = look(session, library)
        found = library.rows()
        if not session.roots:
            library.remember_rows()
        rows = [row for row in found if passes(row) and (row.problems or not problems)]
        rows.sort(key=lambda row: (*_ORDERS[sort](row), row.repo_id.casefold(), row.repo_type, row.root))
        if session.json:
            print_json([shapes.model(row, cached(library, row)) for row in rows])
        elif problems:
            _print_problems(rows, views, library)
        elif on_terminal():
            _print_table(rows, len(found), views, revisions)
            if any(view.staging for view in views):
                _print_unfinished(library)
        elif revisions:
            print_plain(_revision_line(row, revision) for row in rows for revision in row.revisions)
        else:
            print_plain(map(_line, rows))
    check_roots(session, views)


def row_filter(text: str, where: str = "--filter") -> Callable[[ModelRow], bool]:
    """Whether a row passes what was typed. Raises `click.BadParameter`, naming `where` it was."""
    from modelkeep.filter import parse_filter

    parsed = parse_filter(text)
    if parsed.errors:
        error = parsed.errors[0]
        term = text[error.start : error.end]
        raise click.BadParameter(f"“{term}”: {error.message}", param_hint=where)
    now = time.time()
    return lambda row: parsed.matches(row, now)


# ---- in a pipe


def _line(row: ModelRow) -> tuple[object, ...]:
    used = shapes.iso_time(row.last_used) or ""
    pinned = "pinned" if row.pinned else ""
    return row.key, row.root, row.condition, row.size, row.frees, used, row.task, row.library, pinned


def _revision_line(row: ModelRow, revision: RevisionRow) -> tuple[object, ...]:
    refs = ",".join(revision.refs)
    return row.key, row.root, revision.state, revision.size, revision.frees, revision.commit, refs


# ---- what is wrong


def _print_problems(rows: Sequence[ModelRow], views: Sequence[RootView], library: Library) -> None:
    """Every problem, of models and of roots; on a terminal beneath the name of what has it."""
    groups = [(row.key, row.root, cached(library, row).problems) for row in rows]
    groups += [("", view.path, view.problems) for view in views]  # type: ignore[misc]
    if not on_terminal():
        print_plain(
            (kind, key, root, path, message)
            for key, root, problems in groups
            for kind, path, message in problems
        )
        return
    for key, root, problems in groups:
        if problems:
            say(click.style(readable(f"{key} in {root}" if key else root), bold=True))
        for kind, path, message in problems:
            say(f"  {click.style(kind, fg='yellow')}  {readable(message)}\n    {readable(path)}")
    if not any(problems for *_, problems in groups):
        say("Nothing is wrong with them." if rows else "Nothing is wrong.")


# ---- on a terminal


def _print_table(rows: Sequence[ModelRow], total: int, views: Sequence[RootView], revisions: bool) -> None:
    from modelkeep.cli.tables import Column, print_table

    if not rows:
        say("Nothing passes the filter." if total else _nothing_yet(views))
        return
    columns = [
        Column("Name"),
        Column("Cache", rank=1, style="dim"),
        Column("Task", rank=3),
        Column("Library", rank=4),
        Column("Params", right=True, rank=5),
        Column("Size", right=True),
        Column("Frees", right=True),
        Column("Used", right=True, rank=2),
        Column("State"),
    ]
    names = {view.path: view.name if len(views) > 1 else "" for view in views}
    now = time.time()
    print_table(columns, list(_cells(rows, names, now, revisions)))
    say(click.style(f"\n{_summary(rows, total)}", dim=True))


def _print_unfinished(library: Library) -> None:
    """What lies in staging folders, and the command that goes on with it."""
    if library.archives.leftovers():
        say(click.style("There are unfinished imports: modelkeep staging list", dim=True))
    if library.hubs.transfers():
        say(click.style("There are unfinished downloads: modelkeep transfers list", dim=True))


def _cells(
    rows: Sequence[ModelRow], names: dict[str, str], now: float, revisions: bool
) -> Iterator[list[Cell]]:
    from rich.text import Text

    for row in rows:
        state = Text(row.condition, style=STATE_STYLES[row.condition])
        if row.pinned:
            state.append(", pinned", style="cyan")
        yield [
            Text(readable(short_name(row.repo_id, row.repo_type)), style="bold"),
            names[row.root],
            row.task,
            row.library,
            count_text(row.parameters) if row.parameters else "",
            size_text(row.size),
            size_text(row.frees),
            _used(row, now),
            state,
        ]
        for revision in row.revisions if revisions else ():
            refs = ", ".join(revision.refs)
            name = f"  {revision.commit[:8]} {refs}"
            mark = Text(revision.state, style=STATE_STYLES[revision.state])
            size, frees = size_text(revision.size), size_text(revision.frees)
            yield [name, "", "", "", "", size, frees, "", mark]


def _used(row: ModelRow, now: float) -> str:
    """How long ago it was used; with "?" where the disk does not keep such times."""
    if not row.last_used:
        return ""
    doubt = "?" if row.last_used_source == "atime-unreliable" else ""
    return f"{age_text(max(0.0, now - row.last_used))}{doubt}"


def _summary(rows: Sequence[ModelRow], total: int) -> str:
    count = f"{len(rows):,} of {total:,}" if len(rows) < total else f"{total:,}"
    size = size_text(sum(row.on_disk for row in rows))
    sentence = f"{count} {'model' if count == '1' else 'models'}, {size} on disk."
    if any(row.problems for row in rows):
        sentence += " Something is wrong with some: modelkeep list --problems"
    return sentence


def _nothing_yet(views: Sequence[RootView]) -> str:
    places = ", ".join(readable(view.path) for view in views)
    return (
        f"There is no model in {places} yet.\n\n"
        "Bring one with `modelkeep import ARCHIVE`, or look at another cache with `modelkeep roots add DIR`."
    )

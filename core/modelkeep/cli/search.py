"""`modelkeep search`: models of a hub, by words of their names."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import click

from modelkeep.cli import hub_shapes as shapes
from modelkeep.cli.keys import complete_profile
from modelkeep.cli.output import on_terminal, print_json, print_plain, say, tell
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.text import age_text, count_text, size_text

if TYPE_CHECKING:
    from modelkeep.cli.tables import Cell
    from modelkeep.hub.replies import HubModel

__all__ = ["search"]

_SORTS = ("downloads", "likes", "trending", "created", "modified")


@click.command("search")
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option("--task", default="", metavar="TASK", help="Only models for this task: text-generation, ner, …")
@click.option(
    "--library", "made_for", default="", metavar="NAME", help="Only models that this library loads."
)
@click.option("--author", default="", metavar="NAME", help="Only models of this user or organization.")
@click.option(
    "--sort",
    type=click.Choice(_SORTS),
    default="downloads",
    help="What comes first: the most, or the newest.",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=30, metavar="N", help="At most so many (30).")
@click.option("--page", default="", metavar="NEXT", help="Go on where an answer ended, by its `next`.")
@click.option(
    "--profile",
    default="",
    shell_complete=complete_profile,
    metavar="NAME",
    help="The hub to ask (`profile list`).",
)
@common_options
@pass_session
def search(
    session: Session,
    words: tuple[str, ...],
    task: str,
    made_for: str,
    author: str,
    sort: str,
    limit: int,
    page: str,
    profile: str,
) -> None:
    """Search a hub for models.

    TEXT are words of their names. In a pipe there is a line for each model, with tabs between: key, downloads, likes,
    last change, task, library, licence, gated.
    """
    with session.library() as library:
        found = library.hubs.search(
            " ".join(words),
            profile=profile,
            task=task,
            library=made_for,
            author=author,
            sort=sort,
            limit=limit,
            page=page,
        )
    if session.json:
        print_json(shapes.search_page(found))
    elif not on_terminal():
        print_plain(map(_line, found.models))
    elif not found.models:
        say("Nothing was found.")
    else:
        _print_table(found.models)
    if found.next and not session.json:
        tell("There is more: ask for it with a larger --limit.")


def _line(model: HubModel) -> tuple[object, ...]:
    return (
        str(model.key),
        model.downloads,
        model.likes,
        model.last_modified,
        model.task,
        model.library,
        model.licence,
        model.gated,
    )


def _print_table(models: Sequence[HubModel]) -> None:
    from modelkeep.cli.tables import Column, print_table

    columns = [
        Column("Name"),
        Column("Downloads", right=True),
        Column("Likes", right=True, rank=5),
        Column("Params", right=True, rank=2),
        Column("Size", right=True, rank=1),
        Column("Changed", right=True, rank=3),
        Column("Task", rank=4),
        Column("Library", rank=6),
        Column("Licence", rank=7),
        Column("", style="yellow"),
    ]
    now = time.time()
    print_table(columns, [list(_cells(model, now)) for model in models])


def _cells(model: HubModel, now: float) -> Iterator[Cell]:
    yield model.repo_id
    yield count_text(model.downloads)
    yield count_text(model.likes)
    yield count_text(model.parameters) if model.parameters else ""
    yield size_text(model.used_storage) if model.used_storage else ""
    yield _age(model.last_modified, now)
    yield model.task
    yield model.library
    yield model.licence
    yield "gated" if model.gated else "private" if model.private else ""


def _age(date: str, now: float) -> str:
    with suppress(ValueError, OverflowError):
        return age_text(max(0.0, now - datetime.fromisoformat(date).timestamp()))
    return ""

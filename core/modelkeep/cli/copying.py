"""`modelkeep copy` and `move`: one revision from one place to another, with what it sends and deletes shown first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from modelkeep.cli import between_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.output import can_ask, print_json, readable, say, tell
from modelkeep.cli.places import PLACE
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import Cancelled
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.remote.plans import Copied, CopyPlan

__all__ = ["copy", "move"]

_origin = click.option(
    "--from", "origin", default="here", type=PLACE, help="A remote, or a cache; your first cache by default."
)
_destination = click.option(
    "--to", "destination", required=True, type=PLACE, help="A remote, or a cache (“here” for your first one)."
)


@click.command("copy")
@click.argument("key", type=KEY, metavar="KEY")
@_origin
@_destination
@dry_run_option
@common_options
@pass_session
def copy(session: Session, key: ModelKey, origin: str, destination: str, dry_run: bool) -> None:
    """Copy a model from one remote or cache to another.

    Contents go straight from one to the other, and only those that the other lacks. When it is stopped, the same
    command goes on.
    """
    _run(session, key, origin, destination, move=False, dry_run=dry_run, yes=True)


@click.command("move")
@click.argument("key", type=KEY, metavar="KEY")
@_origin
@_destination
@dry_run_option
@yes_option
@common_options
@pass_session
def move(session: Session, key: ModelKey, origin: str, destination: str, dry_run: bool, yes: bool) -> None:
    """Copy a model to another place, then delete it where it was.

    A place is a remote or a cache. It is deleted only after all of the copy was read back and is right; from a cache
    it goes to the trash, in a store it can be restored until garbage is collected.
    """
    _run(session, key, origin, destination, move=True, dry_run=dry_run, yes=yes)


def _run(
    session: Session, key: ModelKey, origin: str, destination: str, *, move: bool, dry_run: bool, yes: bool
) -> None:
    with session.library() as library:
        with progress(session) as report:
            plan = library.remotes.plan_copy(str(key), origin, destination, move=move, report=report)
        result = None
        if not dry_run:
            if move and not yes:
                if can_ask():
                    for line in _lines(plan):
                        tell(line)
                ask(readable(f"Move it to {plan.destination}, and delete it from {plan.origin}?"), yes=yes)
            try:
                with progress(session) as report:
                    result = library.remotes.copy(plan, report=report)
            except Cancelled:
                tell("What has arrived is kept: the same command goes on from there.")
                raise
    if session.json:
        print_json(shapes.copied(plan, result))
    elif result is None:
        for line in _lines(plan):
            say(line)
    else:
        _tell(result)


def _lines(plan: CopyPlan) -> Iterator[str]:
    commit = (plan.key.revision or "")[:12]
    yield f"{click.style(readable(str(plan.key.at(None))), bold=True)}  {commit}"
    yield f"  from {readable(plan.origin)} to {readable(plan.destination)}"
    if plan.refs:
        yield f"  there {', '.join(map(readable, plan.refs))} will lead to it"
    if plan.is_there:
        yield "  all of it is there already"
    else:
        yield f"  sends {click.style(size_text(plan.sends), bold=True)} of {size_text(plan.size)}"
    if plan.deletion:
        count = len(plan.deletion.commits)
        what = "its revision" if count == 1 else f"all {count} revisions"
        yield click.style(f"  then deletes {what} from {readable(plan.origin)}", fg="yellow")
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")


def _tell(result: Copied) -> None:
    plan = result.plan
    name = readable(str(plan.key.at(None)))
    if plan.is_there and not result.sent:
        say(f"{name} is in {readable(plan.destination)} already.")
    else:
        say(f"Copied {name} to {readable(plan.destination)}: {size_text(result.sent)} sent.")
    if result.deleted:
        files = "1 file" if result.verified == 1 else f"{result.verified:,} files"
        say(f"{files} read back and right; deleted from {readable(plan.origin)}.")

"""`modelkeep sync`: make one place have what another has; or bring what is followed, once or again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import between_shapes as shapes
from modelkeep.cli.amounts import Age
from modelkeep.cli.consent import ask
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell, warn
from modelkeep.cli.places import PLACE
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import ModelKeepError
from modelkeep.text import age_text, size_text

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.remote.plans import Followed, FollowPlan, SyncItem, SyncPlan

__all__ = ["sync"]

_SIGNS = {"copy": "+", "move-ref": "→", "delete": "-", "keep": "!"}
_MOST = 20  # items that a person sees before being asked
_LOOK = 0.2  # seconds between two looks at whether somebody wants it to end
_EVERY = 3600.0


@click.command("sync")
@click.argument("origin", required=False, type=PLACE, metavar="[FROM")
@click.argument("destination", required=False, type=PLACE, metavar="TO]")
@click.option("--delete", is_flag=True, help="Delete what only the destination has.")
@click.option("--watch", is_flag=True, help="Bring what is followed again and again, until it is stopped.")
@click.option("--every", type=Age(), default=_EVERY, metavar="TIME", help="How often, with --watch; 1h.")
@dry_run_option
@yes_option
@common_options
@pass_session
def sync(
    session: Session,
    origin: str | None,
    destination: str | None,
    delete: bool,
    watch: bool,
    every: float,
    dry_run: bool,
    yes: bool,
) -> None:
    """Copy what one place lacks of another, or what is followed.

    From one remote or cache to another, one way: nothing at FROM changes. What only TO has stays unless --delete says
    otherwise, and what has gone on there by itself stays in any case. Without FROM and TO it brings what `modelkeep
    follow` keeps here. When it is stopped, the same command goes on.
    """
    if origin is None:
        if delete:
            raise click.UsageError("--delete goes with FROM and TO.")
        if watch and not every:
            raise click.UsageError("--every is a minute at least.")
        _follow(session, every if watch else 0.0, dry_run=dry_run)
        return
    if destination is None or watch:
        raise click.UsageError("Say FROM and TO, or neither of them; --watch goes without.")
    with session.library() as library:
        with progress(session) as report:
            plan = library.remotes.plan_sync(origin, destination, delete=delete, report=report)
        result = None
        if plan.todo and not dry_run:
            if any(item.action == "delete" for item in plan.todo) and not yes:
                if can_ask():
                    for line in _lines(plan):
                        tell(line)
                ask(_question(plan), yes=yes)
            with progress(session) as report:
                result = library.remotes.sync(plan, report=report)
    if session.json:
        print_json(shapes.synced(plan, result))
    elif result is None:
        for line in _lines(plan):
            say(line)
    else:
        say(
            f"{_things(len(result.done))} done, {size_text(result.sent)} sent to {readable(plan.destination)}."
        )
    if result and result.failures:
        raise Failure(*((failure, "") for failure in result.failures))


def _lines(plan: SyncPlan) -> Iterator[str]:
    yield f"From {readable(plan.origin)} to {readable(plan.destination)}:"
    if not plan.todo:
        yield "  Nothing is missing there."
    yield from _listed(plan.todo)
    kept = [item for item in plan.items if item.action == "keep"]
    yield from _listed(kept)
    if plan.todo:
        yield f"  sends {click.style(size_text(plan.sends), bold=True)}"


def _listed(items: Sequence[SyncItem]) -> Iterator[str]:
    for item in items[:_MOST]:
        what = f"{readable(str(item.key.at(None)))} {(item.key.revision or '')[:8]}"
        refs = f" ({readable(', '.join(item.refs))})" if item.refs else ""
        size = size_text(item.sends) if item.action == "copy" else ""
        line = f"  {_SIGNS.get(item.action, ' ')} {size:>9}  {what}{refs}  {readable(item.why)}"
        yield click.style(line, fg="red") if item.action == "delete" else line
    if len(items) > _MOST:
        yield f"    and {len(items) - _MOST:,} more (--json has all)"


def _question(plan: SyncPlan) -> str:
    gone = sum(item.action == "delete" for item in plan.todo)
    others = len(plan.todo) - gone
    first = f"Bring {_things(others)} to {plan.destination}, and delete" if others else "Delete"
    return readable(f"{first} {_things(gone)} from {plan.destination}?")


def _things(count: int) -> str:
    return "1 revision" if count == 1 else f"{count:,} revisions"


# ---- what is followed


def _follow(session: Session, every: float, *, dry_run: bool) -> None:
    """Bring what is followed: once, or every so many seconds until somebody stops it."""
    while True:
        failures = _bring(session, dry_run=dry_run)
        if not every:
            if failures:
                raise Failure(*failures)
            return
        for sentence, _ in failures:
            warn(sentence)
        tell(click.style(f"Looking again in {age_text(every)}; Ctrl-C ends it.", dim=True))
        with progress(session):
            until = time.monotonic() + every
            while time.monotonic() < until and not session.interrupted.is_set():
                time.sleep(_LOOK)
        if session.interrupted.is_set():
            raise KeyboardInterrupt


def _bring(session: Session, *, dry_run: bool) -> list[tuple[str, str]]:
    """Bring it once; what failed, each with a hint."""
    failures: list[tuple[str, str]] = []
    results: list[Followed] = []
    plans: tuple[FollowPlan, ...] = ()
    with session.library() as library:
        for name in _remotes(library):
            try:
                with progress(session) as report:
                    planned = library.remotes.plan_follow(name, report=report)
                plans += planned
                for plan in planned if not dry_run else ():
                    with progress(session) as report:
                        results.append(library.remotes.run_follow(plan, report=report))
            except ModelKeepError as error:
                failures.append((f"{name}: {error}", error.hint))
    failures += [(failure, "") for result in results for failure in result.failures]
    if session.json:
        print_json(shapes.follow_run(plans, results))
    elif not plans and not failures:
        say("Nothing is followed. `modelkeep follow REMOTE KEY` keeps models here.")
    for plan in plans if not session.json else ():
        _tell(plan, next((one for one in results if one.plan is plan), None))
    return failures


def _remotes(library: Library) -> list[str]:
    return [view.name for view in library.remotes.all() if view.follows]


def _tell(plan: FollowPlan, result: Followed | None) -> None:
    for problem in plan.problems if result is None else ():  # else it is among the failures
        warn(problem)
    for key in plan.gone:
        warn(f"{plan.remote} has no {key}.")
    if result is None:
        say(f"From {readable(plan.remote)} to {readable(plan.root)}:")
        for line in _listed(plan.todo) if plan.todo else ("  All that is followed is here.",):
            say(line)
    elif not plan.todo:
        say(f"All that is followed of {readable(plan.remote)} is in {readable(plan.root)}.")
    else:
        brought = (
            f"{_things(len(result.fetched))} of {readable(plan.remote)} brought to {readable(plan.root)}"
        )
        say(f"{brought}, {size_text(result.bytes)}.")

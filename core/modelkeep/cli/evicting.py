"""`modelkeep evict`: makes a cache smaller, what was used least first; what goes and why is shown before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from modelkeep.cache.policy import CachePolicy, Order
from modelkeep.cli import evicting_shapes as shapes
from modelkeep.cli.amounts import Age, Size
from modelkeep.cli.consent import ask
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import ModelKeepError
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.cache.deletion import DeletionResult
    from modelkeep.cache.eviction import EvictionPlan
    from modelkeep.library import Library

__all__ = ["evict", "limit_options", "with_limits"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_MOST = 12  # models that stay and are named to a person


def limit_options(command: _Command) -> _Command:
    """The options that say how large a cache may be."""
    for option in (
        click.option(
            "--grace",
            type=Age(),
            metavar="AGE",
            help="What arrived within this time stays: 1h by default, 0min for none.",
        ),
        click.option(
            "--policy",
            "--order",
            "order",
            type=click.Choice([order.value for order in Order]),
            help="Which model goes first.",
        ),
        click.option(
            "--older-than", type=Age(), metavar="AGE", help="What was not used for so long goes: 90d."
        ),
        click.option("--max-size", type=Size(), metavar="SIZE", help="What the models of a cache may take."),
    ):
        command = option(command)
    return command


@click.command("evict")
@limit_options
@click.option("--free", type=Size(), metavar="SIZE", help="Free so much, however large the cache is.")
@click.option("--permanently", is_flag=True, help="Not into the trash: free the space now, with no undo.")
@dry_run_option
@yes_option
@common_options
@pass_session
def evict(
    session: Session,
    max_size: int | None,
    older_than: float | None,
    order: str | None,
    grace: float | None,
    free: int | None,
    permanently: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Make caches smaller: what was not used for longest goes first.

    Without limits of its own it goes by those that `modelkeep roots limit` keeps for each cache. Pinned models stay,
    and so does what is in use, being downloaded, or has just arrived. In a pipe there is a line for each model that
    goes, with tabs between: root, key, bytes that it frees, and why.
    """
    with session.library() as library:
        plans = []
        for root in library.roots:
            policy = with_limits(library.space.policy(root), max_size, older_than, order, grace)
            plans.append(library.space.plan(root, policy, free=free or 0, permanently=permanently))
        if not free and not any(plan.policy.limits for plan in plans):
            raise click.UsageError(
                "Nothing says how large a cache may be: say --max-size, --older-than or --free."
            )
        work = [plan for plan in plans if plan.chosen]
        results: list[DeletionResult] = []
        failures: list[tuple[str, str]] = []
        if work and not dry_run:
            if not yes and can_ask():
                for line in _lines(plans):
                    tell(line)
            ask(_question(work, permanently), yes=yes)
            results, failures = _carry_out(session, library, work)
    _show(session, plans, results, executed=bool(results))
    failures += [(item.error, item.hint) for result in results for item in result.items if item.error]
    failures += [
        (
            f"{size_text(plan.missing)} more would have to go from {readable(plan.root)}, and nothing else may.",
            "Why each model stays is in the list of --dry-run; unpin one, close what uses it, or lower --grace.",
        )
        for plan in plans
        if plan.missing
    ]
    if failures:
        raise Failure(*failures)


def with_limits(
    kept: CachePolicy,
    max_size: int | None,
    older_than: float | None,
    order: str | None,
    grace: float | None,
    *,
    together: bool = True,
) -> CachePolicy:
    """The kept policy with what was said in place of its parts; `together`: one limit takes the place of both."""
    if together and (max_size is not None or older_than is not None):
        kept = replace(kept, max_size=0, expiry=0.0)
    if max_size is not None:
        kept = replace(kept, max_size=max_size)
    if older_than is not None:
        kept = replace(kept, expiry=older_than)
    if order is not None:
        kept = replace(kept, order=Order(order))
    return kept if grace is None else replace(kept, grace=grace)


def _carry_out(
    session: Session, library: Library, plans: Sequence[EvictionPlan]
) -> tuple[list[DeletionResult], list[tuple[str, str]]]:
    results, failures = [], []
    for plan in plans:
        try:
            with progress(session) as report:
                result = library.space.evict(plan, report=report)
        except ModelKeepError as error:
            failures.append((str(error), error.hint))
            continue
        if result:
            results.append(result)
    return results, failures


def _lines(plans: Sequence[EvictionPlan]) -> Iterator[str]:
    for plan in plans:
        if not (plan.chosen or plan.spared):
            continue
        yield click.style(f"From {readable(plan.root)}:", bold=True)
        for one in plan.chosen:
            yield f"  - {readable(str(one.key))}  frees {size_text(one.frees)}"
            yield click.style(f"      {one.why}", dim=True)
        for stays in plan.spared[:_MOST]:
            yield click.style(f"    {readable(str(stays.key))} stays: {readable(stays.why)}", dim=True)
        if len(plan.spared) > _MOST:
            yield click.style(f"    and {len(plan.spared) - _MOST} more stay (--json has all)", dim=True)


def _question(plans: Sequence[EvictionPlan], permanently: bool) -> str:
    count, frees = sum(len(plan.chosen) for plan in plans), size_text(sum(plan.frees for plan in plans))
    what = "1 model" if count == 1 else f"{count} models"
    if permanently:
        return f"Delete {what} for good and free {frees}? There is no undo."
    return f"Move {what} to the trash? Emptying it will free {frees}."


def _show(
    session: Session, plans: Sequence[EvictionPlan], results: Sequence[DeletionResult], *, executed: bool
) -> None:
    if session.json:
        print_json(shapes.evictions(plans, results, executed=executed))
        return
    if not any(plan.chosen for plan in plans):
        if not any(plan.missing for plan in plans):
            say("Nothing has to go.")
        for line in _lines(plans) if on_terminal() else ():
            say(line)
    elif not executed and not on_terminal():
        print_plain((plan.root, one.key, one.frees, one.why) for plan in plans for one in plan.chosen)
    elif not executed:
        for line in _lines(plans):
            say(line)
    for result in results:
        gone = [item for item in result.items if not item.error]
        what = "1 model" if len(gone) == 1 else f"{len(gone)} models"
        if result.permanently:
            say(f"Deleted {what} from {readable(result.root)}: {size_text(result.freed)} freed.")
        else:
            say(
                f"Moved {what} of {readable(result.root)} to the trash; emptying it frees {size_text(result.freed)}."
            )
        if result.entries and not result.permanently:
            tell(click.style(f"Undo: modelkeep trash restore {' '.join(result.entries)}", dim=True))

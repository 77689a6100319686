"""`modelkeep doctor`: what is wrong with the caches and what it costs; and its repair, as a plan shown first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from modelkeep.cli import doctor_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.looking import require_roots
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import InvalidKey, ModelKeepError
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.doctor.examine import Examination
    from modelkeep.doctor.findings import Finding, RepairPlan
    from modelkeep.doctor.repair import Repaired, RepairResult
    from modelkeep.library import Library

__all__ = ["doctor"]

_MOST = 8  # findings of one problem that are shown to a person


@click.command("doctor")
@click.option(
    "--repair",
    "problems",
    multiple=True,
    metavar="PROBLEM",
    help="Repair this: a problem by name, or a single one by its id (repeatable).",
)
@click.option("--repair-all", "everything", is_flag=True, help="Repair all but what has to be named.")
@dry_run_option
@yes_option
@common_options
@pass_session
def doctor(session: Session, problems: tuple[str, ...], everything: bool, dry_run: bool, yes: bool) -> None:
    """Say what is wrong with your caches, and repair it.

    Without --repair nothing is changed. What a repair removes goes to the trash where that is possible. Nothing is
    touched that another program is downloading or has open.

    In a pipe there is a line for each finding, with tabs between: id, problem, weight, root, key, path, bytes on
    disk, bytes that its repair frees, and what it is.
    """
    require_roots(session)
    wanted = bool(problems) or everything
    with session.library() as library:
        looked, own = _examine(session, library), library.trust.own_files()
        plans = _plans(looked, own, problems, everything) if wanted else []
        work = [plan for plan in plans if plan.findings]
        results: list[RepairResult] = []
        failures: list[tuple[str, str]] = []
        if work and not dry_run:
            if not yes and can_ask():
                for line in _plan_lines(work):
                    tell(line)
            ask(_question(work), yes=yes, default=False)
            for plan in work:
                try:
                    with progress(session) as report:
                        results.append(library.trust.repair(plan, report=report))
                except ModelKeepError as error:
                    failures.append((str(error), error.hint))
    findings = [*(one for examination in looked for one in examination.findings), *own]
    if session.json:
        _print(findings, plans, results, executed=bool(work) and not dry_run)
    elif wanted:
        for one in findings:
            if one.refusal and (everything or one.problem in problems or one.id in problems):
                tell(f"Not now: {readable(one.message)} {readable(one.refusal)}")
        _show_repair(work, results, dry_run=dry_run)
    elif not on_terminal():
        print_plain(map(_line, findings))
    else:
        for line in _report_lines(findings):
            say(line)
    failures += [
        (f"{one.finding.message} {one.error}", one.hint) for r in results for one in r.items if one.error
    ]
    if failures:
        raise Failure(*failures)


def _examine(session: Session, library: Library) -> list[Examination]:
    with progress(session) as report:
        looked = library.trust.examine(report=report)
    # Who has no cache yet, or whose disk is away, has nothing wrong.
    return [one for one in looked if session.roots or one.inventory.state not in ("missing", "not-mounted")]


def _plans(
    looked: Sequence[Examination], own: Sequence[Finding], problems: Sequence[str], everything: bool
) -> list[RepairPlan]:
    """A plan for each root, and each folder of our own. An id is of one of them; it has to be known in any."""
    from modelkeep.doctor.findings import PROBLEMS, plan_repair
    from modelkeep.doctor.own_files import plan_own_repairs

    ids = {one.id for one in (*(one for examination in looked for one in examination.findings), *own)}
    plans = []
    for problem in problems:
        if problem not in PROBLEMS and problem not in ids:
            raise InvalidKey(
                f"There is no problem “{problem}”.", hint=f"The problems are {', '.join(PROBLEMS)}."
            )
    for examination in looked:
        here = {one.id for one in examination.findings}
        asked = [problem for problem in problems if problem in PROBLEMS or problem in here]
        plans.append(plan_repair(examination.inventory, examination.findings, asked, everything=everything))
    return [*plans, *plan_own_repairs(own, problems)]


# ---- what was found


def _line(one: Finding) -> tuple[object, ...]:
    weight = one.known.weight.value
    return one.id, one.problem, weight, one.root, one.key or "", one.path, one.on_disk, one.frees, one.message


def _report_lines(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        yield "Nothing is wrong."
        return
    for problem, group in groupby(sorted(findings, key=_by_problem), key=lambda one: one.problem):
        found = list(group)
        cost = sum(one.on_disk for one in found)
        known = found[0].known
        colour = {"damage": "red", "waste": "yellow"}.get(known.weight.value, "cyan")
        title = click.style(known.title, fg=colour, bold=True)
        yield f"{title}  {problem}, {len(found)}{f', {size_text(cost)}' if cost else ''}"
        for one in found[:_MOST]:
            yield f"  {readable(one.message)}  {click.style(one.id, dim=True)}"
            if one.refusal:
                yield click.style(f"      Not now: {readable(one.refusal)}", fg="yellow")
        if len(found) > _MOST:
            yield f"  and {len(found) - _MOST} more (--json has all)"
        label = "What to do" if known.repair == "none" else "Repair"
        for repair in dict.fromkeys(one.repair for one in found[:_MOST]):
            yield click.style(f"  {label}: {readable(repair)}", dim=True)
    if any(one.can_be_repaired for one in findings):
        yield click.style(
            "\nmodelkeep doctor --repair-all mends what is safe to; --repair PROBLEM just that. "
            "--dry-run shows it first.",
            dim=True,
        )


def _by_problem(one: Finding) -> tuple[int, int]:
    from modelkeep.doctor.findings import PROBLEMS, Weight

    weights = list(Weight)
    return weights.index(one.known.weight), list(PROBLEMS).index(one.problem)


# ---- the repair


def _plan_lines(plans: Sequence[RepairPlan]) -> Iterator[str]:
    for plan in plans:
        yield click.style(f"In {readable(plan.root)}:", bold=True)
        for one in plan.findings:
            yield f"  - {readable(one.message)}"
            frees = f" Frees {size_text(one.frees)}." if one.frees else ""
            undo = "" if one.known.undo or not one.frees else " There is no undo."
            yield click.style(f"      {readable(one.repair)}{frees}{undo}", dim=True)


def _question(plans: Sequence[RepairPlan]) -> str:
    count, frees = sum(len(plan.findings) for plan in plans), sum(plan.frees for plan in plans)
    what = "1 problem" if count == 1 else f"{count} problems"
    gain = f" Once the trash is empty too, that frees {size_text(frees)}." if frees else ""
    return f"Repair {what}?{gain}"


def _show_repair(plans: Sequence[RepairPlan], results: Sequence[RepairResult], *, dry_run: bool) -> None:
    if not plans:
        say("There is nothing to repair.")
    elif dry_run:
        for line in _plan_lines(plans):
            say(line)
        say(f"Frees {size_text(sum(plan.frees for plan in plans))}, once the trash is empty too.")
    for result in results:
        mended = [one for one in result.items if not one.error and not one.gone]
        what = "1 problem" if len(mended) == 1 else f"{len(mended)} problems"
        gain = f", {size_text(result.freed)} freed once the trash is empty too" if result.freed else ""
        say(f"Repaired {what} in {readable(result.root)}{gain}.")
        if result.entries:
            tell(click.style(f"Undo: modelkeep trash restore {' '.join(result.entries)}", dim=True))


def _print(
    findings: Sequence[Finding],
    plans: Sequence[RepairPlan],
    results: Sequence[RepairResult],
    *,
    executed: bool,
) -> None:
    planned = {(one.root, one.id) for plan in plans for one in plan.findings}
    done: dict[tuple[str, str], Repaired] = {
        (one.finding.root, one.finding.id): one for result in results for one in result.items
    }
    print_json(
        {
            "executed": executed,
            "frees": sum(plan.frees for plan in plans),
            "freed": sum(result.freed for result in results),
            "findings": [
                shapes.finding(one, (one.root, one.id) in planned, done.get((one.root, one.id)))
                for one in findings
            ],
        }
    )

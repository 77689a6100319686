"""`modelkeep download`: what would come and whether it fits; then bringing it, to be resumed at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import transfer_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY, complete_profile
from modelkeep.cli.output import can_ask, print_json, readable, say, tell, warn
from modelkeep.cli.progress import progress
from modelkeep.cli.rates import RATE
from modelkeep.cli.safety_lines import tell_findings
from modelkeep.cli.session import Session, common_options, pass_session, yes_option
from modelkeep.errors import Cancelled, ModelKeepError, NotEnoughSpace, NotOnRemote
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan, PlannedFile
    from modelkeep.hub.transfer import DownloadResult
    from modelkeep.library import Library
    from modelkeep.safety.verdict import ModelVerdict

__all__ = ["download", "file_lines", "tell_safety"]

_MOST_FILES = 12  # of the plan that a person sees before being asked


@click.command("download")
@click.argument("name", shell_complete=KEY.shell_complete, metavar="KEY")
@click.option("--revision", metavar="REV", help="The branch, tag or commit, as in KEY@REV.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only files like this (repeatable).")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No files like this (repeatable).")
@click.option("--all", "everything", is_flag=True, help="All files, not only those of the best format.")
@click.option(
    "--profile",
    default="",
    shell_complete=complete_profile,
    metavar="NAME",
    help="The hub to take it from (`profile list`).",
)
@click.option("--limit-rate", type=RATE, default=0, metavar="RATE", help="At most so much a second: 10MB.")
@click.option(
    "--plan", "--dry-run", "plan_only", is_flag=True, help="Show what would be done, and change nothing."
)
@yes_option
@common_options
@pass_session
def download(
    session: Session,
    name: str,
    revision: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    everything: bool,
    profile: str,
    limit_rate: int,
    plan_only: bool,
    yes: bool,
) -> None:
    """Download a model from a hub into a cache.

    KEY is org/name, org/name@revision, or the address of the model's page. Of several formats the best is taken:
    safetensors before pickles, one framework's weights, one quantisation; --include, --exclude and --all say
    otherwise. What is here already, in any of your caches, is not fetched; --root names the one that it goes into.
    When it is stopped, or the machine is, the same command goes on where it was.
    """
    if len(session.roots) > 1:
        raise click.UsageError("A download goes into one cache: name one --root.")
    with session.library(all_roots=True) as library:
        hubs = library.hubs
        hubs.limit_rate(limit_rate)
        with progress(session) as report:
            plan = hubs.plan_download(
                f"{name}@{revision}" if revision else name,
                root=library.roots[0],
                profile=profile,
                include=include,
                exclude=exclude,
                everything=everything,
                report=report,
            )
        if plan_only:
            _show(session, plan)
            _check(plan)
            return
        _check(plan)
        if not yes and can_ask() and not plan.is_complete:
            for line in _lines(plan):
                tell(line)
            ask(_question(plan), yes=yes, default=True)
        elif not (session.json or plan.is_complete):
            for note in plan.notes:  # which nobody has seen, as what goes to make room for it
                warn(note)
        result = _carry_out(session, library, plan)
    if session.json:
        print_json(shapes.download(plan, result))
    else:
        _tell_result(plan, result)


def _check(plan: DownloadPlan) -> None:
    if plan.files and not plan.chosen:
        raise NotOnRemote(
            f"{plan.key} has no file that is like what --include and --exclude say.",
            hint=f"modelkeep download {plan.key} --all --plan shows its files.",
        )
    if not plan.fits_disk:
        raise NotEnoughSpace(
            f"{size_text(plan.reserve - plan.free_after)} more are needed on the disk of {plan.root}.",
            hint="Free some space, choose fewer files with --include, or name another cache with --root DIR.",
        )


def _carry_out(session: Session, library: Library, plan: DownloadPlan) -> DownloadResult:
    try:
        with progress(session) as report:
            return library.hubs.download(plan, report=report)
    except Cancelled:
        root = f" --root {readable(plan.root)}" if session.roots else ""
        tell(f"What came is kept: modelkeep download {plan.key}{root} goes on from there.")
        raise
    except ModelKeepError:
        if session.json:
            print_json(shapes.download(plan, None))
        raise


# ---- the plan


def _show(session: Session, plan: DownloadPlan) -> None:
    if session.json:
        print_json(shapes.download(plan, None))
        return
    for line in _lines(plan, every_file=True):
        say(line)


def _lines(plan: DownloadPlan, *, every_file: bool = False) -> Iterator[str]:
    model = plan.model
    yield f"{click.style(readable(str(plan.key)), bold=True)} from {readable(plan.endpoint)}"
    facts = [model.task, model.library, f"licence {model.licence}" if model.licence else ""]
    facts += ["private" if model.private else "", "gated" if model.gated else ""]
    if said := ", ".join(filter(None, facts)):
        yield f"  {readable(said)}"
    yield click.style(f"  commit {plan.commit[:12]}, into {readable(plan.root)}", dim=True)
    yield from file_lines(plan.chosen, every_file=every_file)
    left_out = [file for file in plan.files if not file.chosen]
    if left_out:
        size = size_text(sum(file.size for file in left_out))
        yield click.style(f"  {_files(len(left_out))} left out, {size} (--all takes them)", dim=True)
    have = plan.bytes_total - plan.bytes_missing
    here = f", {size_text(have)} of it here" if have else ""
    yield f"  {size_text(plan.bytes_total)} in {_files(len(plan.chosen))}{here}"
    fetched = click.style(size_text(plan.bytes_missing), bold=True)
    yield f"  fetches {fetched}, leaves {size_text(plan.free_after)} free"
    if plan.fit and plan.fit.run:
        fits = "fits" if plan.fit.fits_ram else "does not fit"
        yield (
            f"  takes about {size_text(plan.fit.run)} of memory to run: {fits} the {size_text(plan.fit.ram_free)}"
            f" that are free ({readable(plan.fit.formula)})"
        )
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")


def file_lines(files: Sequence[PlannedFile], *, every_file: bool) -> Iterator[str]:
    """A line for each file that comes or is here, the most that a person wants to see unless all are wanted."""
    shown = files if every_file or len(files) <= _MOST_FILES else files[: _MOST_FILES - 1]
    for file in shown:
        sign = {"fetch": "+", "link": "~", "present": "="}[file.action]
        flags = f"  {click.style(', '.join(file.flags), fg='yellow')}" if file.flags else ""
        yield f"  {sign} {size_text(file.size):>9}  {readable(file.path)}{flags}"
    if len(shown) < len(files):
        rest = files[len(shown) :]
        yield f"    {size_text(sum(file.size for file in rest)):>9}  in {_files(len(rest))} more"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _question(plan: DownloadPlan) -> str:
    what = f"Fetch {size_text(plan.bytes_missing)}" if plan.bytes_missing else "Use what is here"
    return f"{what} into {plan.root}?"


# ---- the result


def _tell_result(plan: DownloadPlan, result: DownloadResult) -> None:
    if result.fetched or result.linked:
        linked = f", {size_text(result.linked)} from your caches" if result.linked else ""
        say(f"Downloaded {result.key}: {size_text(result.fetched)} fetched{linked}.")
    else:
        say(f"{result.key} is in {readable(plan.root)} already.")
    say(readable(result.snapshot))
    for sentence in (result.ref_kept, *result.notes):
        warn(sentence)
    if result.safety:
        tell_safety(result.safety)


def tell_safety(verdict: ModelVerdict) -> None:
    """Say what was found in what came."""
    from modelkeep.safety import Verdict

    tell_findings(verdict)
    if verdict.verdict is Verdict.DANGEROUS:
        warn("It has something dangerous in it: do not load it before you know what that is.")

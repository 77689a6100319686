"""`modelkeep fetch`: what would come from a remote; then bringing it, to be resumed at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from modelkeep.cli import transfer_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.download import file_lines, tell_safety
from modelkeep.cli.keys import KEY
from modelkeep.cli.output import can_ask, print_json, readable, say, tell, warn
from modelkeep.cli.places import REMOTE
from modelkeep.cli.progress import progress
from modelkeep.cli.rates import RATE
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import Cancelled, ModelKeepError, NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.hub.transfer import DownloadResult
    from modelkeep.library import Library

__all__ = ["fetch"]


@click.command("fetch")
@click.argument("key", type=KEY, metavar="KEY")
@click.option("--remote", required=True, type=REMOTE, metavar="NAME|URL", help="Where from (`remote list`).")
@click.option("--file", "files", multiple=True, metavar="PATH", help="Only this file (repeatable).")
@click.option("--limit-rate", type=RATE, default=0, metavar="RATE", help="At most so much a second: 10MB.")
@dry_run_option
@yes_option
@common_options
@pass_session
def fetch(
    session: Session,
    key: ModelKey,
    remote: str,
    files: tuple[str, ...],
    limit_rate: int,
    dry_run: bool,
    yes: bool,
) -> None:
    """Fetch a model from a remote into a cache.

    It goes into the cache of that remote, or your first one; --root names another. What is here already, in any of
    your caches, is not fetched. When it is stopped, or the machine is, the same command goes on where it was.
    """
    if len(session.roots) > 1:
        raise click.UsageError("What is fetched goes into one cache: name one --root.")
    with session.library(all_roots=True) as library:
        library.hubs.limit_rate(limit_rate)
        root = library.roots[0] if session.roots else None
        with progress(session) as report:
            plan = library.remotes.plan_fetch(str(key), remote, root=root, files=files or None, report=report)
        if dry_run:
            _show(session, plan, remote)
            _check(plan)
            return
        _check(plan)
        if not yes and can_ask() and not plan.is_complete:
            for line in _lines(plan, remote):
                tell(line)
            ask(f"Fetch {size_text(plan.bytes_missing)} into {readable(plan.root)}?", yes=yes, default=True)
        elif not (session.json or plan.is_complete):
            for note in plan.notes:  # which nobody has seen, as what goes to make room for it
                warn(note)
        result = _carry_out(session, library, plan, remote)
    if session.json:
        print_json(shapes.download(plan, result))
    else:
        _tell_result(plan, result)


def _check(plan: DownloadPlan) -> None:
    if not plan.fits_disk:
        raise NotEnoughSpace(
            f"{size_text(plan.reserve - plan.free_after)} more are needed on the disk of {plan.root}.",
            hint="Free some space, choose fewer files with --file, or name another cache with --root DIR.",
        )


def _carry_out(session: Session, library: Library, plan: DownloadPlan, remote: str) -> DownloadResult:
    try:
        with progress(session) as report:
            return library.remotes.fetch(plan, report=report)
    except Cancelled:
        root = f" --root {plan.root}" if session.roots else ""
        again = readable(f"modelkeep fetch {plan.key} --remote {remote}{root}")
        tell(f"What came is kept: {again} goes on from there.")
        raise
    except ModelKeepError:
        if session.json:
            print_json(shapes.download(plan, None))
        raise


def _show(session: Session, plan: DownloadPlan, remote: str) -> None:
    if session.json:
        print_json(shapes.download(plan, None))
        return
    for line in _lines(plan, remote, every_file=True):
        say(line)


def _lines(plan: DownloadPlan, remote: str, *, every_file: bool = False) -> Iterator[str]:
    yield f"{click.style(readable(str(plan.key)), bold=True)} from {readable(remote)}"
    yield click.style(f"  commit {plan.commit[:12]}, into {readable(plan.root)}", dim=True)
    yield from file_lines(plan.chosen, every_file=every_file)
    have = plan.bytes_total - plan.bytes_missing
    here = f", {size_text(have)} of it here" if have else ""
    files = "1 file" if len(plan.chosen) == 1 else f"{len(plan.chosen):,} files"
    yield f"  {size_text(plan.bytes_total)} in {files}{here}"
    fetched = click.style(size_text(plan.bytes_missing), bold=True)
    yield f"  fetches {fetched}, leaves {size_text(plan.free_after)} free"
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")


def _tell_result(plan: DownloadPlan, result: DownloadResult) -> None:
    if result.fetched or result.linked:
        linked = f", {size_text(result.linked)} from your caches" if result.linked else ""
        say(f"Fetched {result.key}: {size_text(result.fetched)} came{linked}.")
    elif plan.is_complete:
        say(f"{result.key} is in {readable(plan.root)} already.")
    else:
        say(f"{result.key} was in {readable(plan.root)} already; {readable(plan.ref)} leads to it now.")
    say(readable(result.snapshot))
    for sentence in (result.ref_kept, *result.notes):
        warn(sentence)
    if result.safety:
        tell_safety(result.safety)

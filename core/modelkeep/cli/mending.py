"""`modelkeep mend`: brings back single files that are bad or missing, from wherever a good copy is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli import mending_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose, require_roots, scan_roots
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell
from modelkeep.cli.places import REMOTE
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import ModelNotFound, NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verification
    from modelkeep.library import Library
    from modelkeep.mending.mend import MendResult
    from modelkeep.mending.plan import MendItem, MendPlan

__all__ = ["mend"]


@click.command("mend")
@click.argument("keys", type=KEY, nargs=-1, metavar="[KEY]...")
@click.option("--all", "everything", is_flag=True, help="All that is in the caches.")
@click.option(
    "--from",
    "archives",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="ARCHIVE",
    help="Take good copies also from this archive, folder or bundle (repeatable).",
)
@click.option(
    "--remote",
    "remotes",
    multiple=True,
    type=REMOTE,
    metavar="NAME",
    help="Take good copies also from this remote (repeatable).",
)
@click.option("--hub", is_flag=True, help="Fetch from a hub what is nowhere else.")
@click.option("--profile", default="", metavar="NAME", help="The hub to fetch from; says --hub too.")
@click.option("--deep", is_flag=True, help="Read also what has not changed since it was verified.")
@dry_run_option
@yes_option
@common_options
@pass_session
def mend(
    session: Session,
    keys: tuple[ModelKey, ...],
    everything: bool,
    archives: tuple[Path, ...],
    remotes: tuple[str, ...],
    hub: bool,
    profile: str,
    deep: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Bring back bad and missing files from where a good copy is.

    Models are verified first. A good copy comes from another cache of yours, from an archive that you name or that
    the model was imported from, from a remote that you name, or from a hub, if you say so. Whatever comes is checked.
    What was bad goes to the trash; restored from there it comes beside the good copy, never in its place.
    """
    if bool(keys) == everything:
        raise click.UsageError("Name the models to mend, or say --all.")
    # Caches that were not chosen are not mended, but may have a good copy.
    with session.library(all_roots=True) as library:
        chosen = _chosen(session, library, keys)
        found = _verify(session, library, chosen, deep)
        with progress(session) as report:
            plan = library.trust.plan_mending(
                found, archives=archives, remotes=remotes, hub=hub, profile=profile, report=report
            )
        result, left = None, found
        if plan.mendable and not dry_run:
            _check_space(plan)
            if not yes and can_ask():
                for line in _plan_lines(plan):
                    tell(line)
            ask(_question(plan), yes=yes)
            with progress(session) as report:
                result = library.trust.mend(plan, report=report)
            mended = {(one.root, str(one.key.at(one.commit))) for one in plan.mendable}
            left = _verify(session, library, [Selection(root, key) for root, key in sorted(mended)], False)
    if session.json:
        print_json(shapes.mending(plan, result, left if result else None))
    else:
        for line in _lines(plan, result, found):
            say(line)
        if result and result.entries:
            entries = " ".join(entry for _, entry in result.entries)
            tell(click.style(f"What was bad is in the trash: {entries}", dim=True))
    _fail(plan, result, left)


def _chosen(session: Session, library: Library, keys: Sequence[ModelKey]) -> list[Selection]:
    """What is meant, in the roots that were named. Raises `ModelNotFound`."""
    from modelkeep.views import resolved

    require_roots(session)
    named = {resolved(root) for root in session.roots} or set(library.roots)
    if keys:
        chosen = choose(session, library, keys)
        for key in keys:
            if not any(one.root in named and one.key == str(key) for one in chosen):
                raise ModelNotFound(
                    f"{key} is not in the caches that were named.", hint="Name its own with --root DIR."
                )
        return [one for one in chosen if one.root in named]
    scan_roots(session, library)
    return [
        Selection(root, str(model.key))
        for root in library.roots
        if root in named
        for model in library.inventory(root).models
    ]


def _verify(session: Session, library: Library, chosen: Sequence[Selection], deep: bool) -> Verification:
    with progress(session) as report:
        return library.trust.check(chosen, deep=deep, report=report)


def _check_space(plan: MendPlan) -> None:
    if not plan.fits:
        missing = plan.bytes_needed + plan.reserve - plan.free
        raise NotEnoughSpace(
            f"{size_text(missing)} more are needed on the disk.",
            hint="Free some space, or mend one model after another.",
        )


# ---- what is told


def _lines(plan: MendPlan, result: MendResult | None, found: Verification) -> Iterator[str]:
    if not plan.items:
        bad = sum(check.verdict.is_bad for check in found.revisions)
        yield "There is nothing to mend." if not bad else "Nothing of it can be mended file by file."
    elif result is None:
        yield from _plan_lines(plan)
    else:
        for one in result.items:
            if not one.error:
                yield f"{_name(one.item)}  {click.style('mended', fg='green')}, {_from(one.item)}"


def _plan_lines(plan: MendPlan) -> Iterator[str]:
    for item in plan.items:
        yield f"{_name(item)}  {click.style(item.outcome, fg='red')}"
        if item.origin:
            size = f", {size_text(item.size)}" if item.size >= 0 else ""
            yield f"  {_from(item)}{size}"
        else:
            yield f"  {readable(f'{item.problem} {item.hint}'.rstrip())}"
        if item.others:
            yield f"  with it: {readable(', '.join(item.others))}"


def _from(item: MendItem) -> str:
    assert item.origin
    kind = {
        "cache": "from the cache at",
        "archive": "from the archive",
        "remote": "from the remote",
        "hub": "from the hub",
    }
    return readable(f"{kind[item.origin.where]} {item.origin.place}")


def _name(item: MendItem) -> str:
    name = item.key.repo_id if item.key.repo_type == "model" else str(item.key)
    return click.style(readable(f"{name}@{item.commit[:8]} {item.name}"), bold=True)


def _question(plan: MendPlan) -> str:
    count = len(plan.mendable)
    return f"Mend {'1 file' if count == 1 else f'{count:,} files'}, {size_text(plan.bytes_needed)}?"


def _fail(plan: MendPlan, result: MendResult | None, left: Verification) -> None:
    """Status 1 when anything stays bad, or would, with a sentence for each thing."""
    if result is None:
        problems = [(f"{_plain(item)}: {item.problem}", item.hint) for item in plan.items if item.problem]
    else:
        problems = [(f"{_plain(one.item)}: {one.error}", one.hint) for one in result.items if one.error]
    if not problems and (result or not plan.items):
        problems = [(sentence, "") for sentence in left.failures]
    if problems:
        raise Failure(*problems)


def _plain(item: MendItem) -> str:
    return f"{item.key.repo_id} {item.name}"

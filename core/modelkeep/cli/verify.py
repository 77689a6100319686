"""`modelkeep verify`: reads what is in the caches and tells whether it is what it should be.

It changes nothing, unless what is damaged is to go to the trash.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import verify_shapes as shapes
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import check_roots, choose, require_roots, scan_roots
from modelkeep.cli.output import Failure, print_json, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.quarantining import Quarantined, check_can_ask, quarantine
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import Cancelled
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.checking.outcome import RevisionCheck, Verification
    from modelkeep.checking.plan import VerificationPlan
    from modelkeep.library import Library
    from modelkeep.rows import RootView, Selection

__all__ = ["verify"]

_COMMAND = re.compile(r"modelkeep (?=(?:mend|download|delete) )")
_COLOURS = {"good": "green", "unproven": "yellow", "incomplete": "red", "damaged": "red"}


@click.command("verify")
@click.argument("keys", type=KEY, nargs=-1, metavar="[KEY]...")
@click.option("--all", "everything", is_flag=True, help="All that is in the caches.")
@click.option("--deep", is_flag=True, help="Read also what has not changed since it was read.")
@click.option(
    "--quarantine", "to_trash", is_flag=True, help="Move damaged files to the trash, after a question."
)
@dry_run_option
@yes_option
@common_options
@pass_session
def verify(
    session: Session,
    keys: tuple[ModelKey, ...],
    everything: bool,
    deep: bool,
    to_trash: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Tell whether models are what they should be, without a network.

    Every file of a revision has to be here, to have its size, and to be what its checksum says. What has not changed
    since it was read is not read again, unless it is to be --deep. When it is stopped, the same command goes on.

    `modelkeep mend` brings back what is bad or missing.
    """
    if bool(keys) == everything:
        raise click.UsageError("Name the models to verify, or say --all.")
    if (dry_run or yes) and not to_trash:
        raise click.UsageError("--dry-run and --yes go with --quarantine.")
    if to_trash and not (dry_run or yes):
        check_can_ask()
    with session.library() as library:
        views: Sequence[RootView] = ()
        if everything:
            require_roots(session)
            views = scan_roots(session, library)
        chosen = None if everything else choose(session, library, keys)
        plan, result = _carry_out(session, library, chosen, deep)
        lacks = [_lacks(library, check) for check in result.revisions]
        for line in () if session.json else _lines(result, lacks, with_root=bool(session.roots)):
            say(line)
        moved: tuple[Quarantined, ...] = ()
        if to_trash:
            moved = quarantine(library, result, quiet=session.json, yes=yes, dry_run=dry_run)
    if session.json:
        print_json(shapes.verification(result, lacks, moved))
    elif not result.revisions:
        tell("There is nothing to verify.")
    check_roots(session, views)
    if bad := [check for check in result.revisions if check.verdict.is_bad]:
        raise Failure((_summary(len(bad), len(plan.revisions)), ""))


def _carry_out(
    session: Session, library: Library, chosen: list[Selection] | None, deep: bool
) -> tuple[VerificationPlan, Verification]:
    try:
        with progress(session) as report:
            plan = library.trust.plan_verification(chosen, deep=deep, report=report)
            return plan, library.trust.verify(plan, report=report)
    except Cancelled:
        again = "" if deep else "; the same command goes on from there"
        tell(f"What was read is remembered{again}.")
        raise


def _lacks(library: Library, check: RevisionCheck) -> tuple[str, ...] | None:
    """What a revision lacks to be loaded offline; None for what is no model."""
    from modelkeep.checking.offline_ready import offline_ready

    inventory = library.inventory(check.root)
    model = inventory.by_key[check.key]
    revision = model.revision(check.commit) if check.commit else None
    if check.key.repo_type != "model" or revision is None:
        return None
    return offline_ready(inventory, model, revision).lacks


def _lines(
    result: Verification, lacks: Sequence[tuple[str, ...] | None], *, with_root: bool
) -> Iterator[str]:
    """What was found. Commands in hints name the cache `with_root`: a plain one might not find the model there."""
    for check, lack in zip(result.revisions, lacks, strict=True):
        yield _line(check)
        for file in check.bad:
            yield f"  {click.style(readable(file.name), fg='red')}: {readable(file.message)}"
        command = f"modelkeep --root {shlex.quote(check.root)} " if with_root else "modelkeep "
        for hint in dict.fromkeys(file.hint for file in check.bad):
            yield f"  {readable(command.join(_COMMAND.split(hint)))}"
        # What is bad has been named; the rest would say it again in other words.
        for sentence in () if check.verdict.is_bad else lack or ():
            yield click.style(f"  To load it offline: {readable(sentence)}", fg="yellow")


def _line(check: RevisionCheck) -> str:
    name = check.key.repo_id if check.key.repo_type == "model" else str(check.key)
    revision = f"@{check.refs[0] if check.refs else check.commit[:8]}" if check.commit else ""
    verdict = click.style(check.verdict, fg=_COLOURS[check.verdict])
    return f"{click.style(readable(name + revision), bold=True)}  {verdict}  {_checked(check)}"


def _checked(check: RevisionCheck) -> str:
    """What was checked, in a few words."""
    if not check.commit:
        return "nothing but its folder is here"
    counts = {
        "read": sum(file.outcome == "good" for file in check.files),
        "unchanged since they were read": sum(file.outcome == "remembered" for file in check.files),
        "with nothing to compare": sum(file.outcome == "unproven" for file in check.files),
        "bad": len(check.bad),
    }
    said = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    files = "1 file" if len(check.files) == 1 else f"{len(check.files):,} files"
    listed = "" if check.is_listed else "; no listing says whether these are all"
    return f"{files}, {size_text(check.size)}: {said or 'nothing'}{listed}"


def _summary(bad: int, total: int) -> str:
    if total == 1:
        return "The revision is not what it should be."
    are = "is not what it should be" if bad == 1 else "are not what they should be"
    return f"{bad:,} of {total:,} revisions {are}."

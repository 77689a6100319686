"""`modelkeep push`: what would be sent, and what in it looks like a secret; then sending it, and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli import push_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import complete_profile, complete_source
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell, warn
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, pass_session, yes_option
from modelkeep.errors import Cancelled, ModelKeepError, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.push_plan import PushPlan, PushResult
    from modelkeep.library import Library
    from modelkeep.rows import Selection

__all__ = ["push"]

_MOST_FILES = 12  # of the plan that a person sees before being asked
_SIGNS = {"new": "+", "changed": "~", "same": "=", "deleted": "-"}


@click.command("push")
@click.argument("source", shell_complete=complete_source, metavar="KEY|FOLDER")
@click.option("--to", default="", metavar="ORG/NAME", help="Its name there; by default the model's own.")
@click.option(
    "--profile",
    default="",
    shell_complete=complete_profile,
    metavar="NAME",
    help="The hub to send it to (`profile list`).",
)
@click.option("--private/--public", default=True, help="What a new repository is; private by default.")
@click.option("--branch", default="main", metavar="NAME", help="The branch; made where it is missing.")
@click.option("--pull-request", is_flag=True, help="Propose it to the branch instead.")
@click.option("-m", "--message", default="", metavar="TEXT", help="What the commit says.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only files like this (repeatable).")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No files like this (repeatable).")
@click.option("--file", "files", multiple=True, metavar="PATH", help="Exactly this file (repeatable).")
@click.option("--delete", is_flag=True, help="Remove there what is not here.")
@click.option(
    "--allow-secret", multiple=True, metavar="PATH", help="Send this file although it looks like a secret."
)
@click.option(
    "--plan", "--dry-run", "plan_only", is_flag=True, help="Show what would be done, and change nothing."
)
@yes_option
@common_options
@pass_session
def push(
    session: Session,
    source: str,
    to: str,
    profile: str,
    private: bool,
    branch: str,
    pull_request: bool,
    message: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    files: tuple[str, ...],
    delete: bool,
    allow_secret: tuple[str, ...],
    plan_only: bool,
    yes: bool,
) -> None:
    """Send a model or a folder to a hub.

    Only what the hub does not have is sent, and it is compared afterwards. What looks like a password, a key or a
    token is not sent. When it is stopped, the same command goes on: what came is not sent again.
    """
    if files and (include or exclude):
        raise click.UsageError("--file does not go with --include and --exclude.")
    with session.library() as library:
        what = _source(session, library, source)
        if isinstance(what, Path) and not to:
            raise click.UsageError("A folder needs a name there: --to ORG/NAME.")
        with progress(session) as report:
            plan = library.hubs.plan_push(
                what,
                to,
                profile=profile,
                files=files or None,
                include=include,
                exclude=exclude,
                branch=branch,
                pull_request=pull_request,
                private=private,
                message=message,
                delete=delete,
                report=report,
            )
        if plan_only:
            _show(session, plan)
            return
        _check_secrets(session, plan, allow_secret)
        if not plan.is_nothing:
            if not yes and can_ask():
                for line in _lines(plan):
                    tell(line)
            ask(_question(plan), yes=yes, default=not plan.creates or plan.private)
        result = _carry_out(session, library, plan, allow_secret)
    if session.json:
        print_json(shapes.push(plan, result))
    else:
        _tell_result(result)
    if result.differs:
        raise Failure(
            (
                f"The hub has {', '.join(result.differs[:5])} otherwise than it was sent.",
                "Look at the commit there, and push again.",
            )
        )


def _source(session: Session, library: Library, text: str) -> Selection | Path:
    """A model of the caches, else a folder; what begins like a path is one."""
    place = Path(text).expanduser()
    if text.startswith((".", "/", "~")) or place.is_absolute():
        return place
    try:
        found = choose(session, library, [ModelKey.parse(text)])
    except ModelKeepError:
        if place.is_dir():
            return place
        raise
    if len(found) > 1:
        caches = ", ".join(selection.root for selection in found)
        raise ModelNotFound(
            f"{text} is in {len(found)} caches: {caches}.",
            hint="Say from which it is pushed with --root DIR.",
        )
    return found[0]


def _check_secrets(session: Session, plan: PushPlan, allowed: tuple[str, ...]) -> None:
    from modelkeep.hub.push import check_secrets

    try:
        check_secrets(plan, allowed)
    except ModelKeepError as error:
        if session.json:
            print_json(shapes.push(plan, None))
        raise Failure(
            (str(error), "Leave it out with --exclude; if it is no secret, say --allow-secret PATH.")
        ) from error


def _carry_out(session: Session, library: Library, plan: PushPlan, allowed: tuple[str, ...]) -> PushResult:
    try:
        with progress(session) as report:
            return library.hubs.push(plan, allow_secrets=allowed, report=report)
    except Cancelled:
        tell("What was sent is kept there for a while: the same command goes on from there.")
        raise
    except ModelKeepError:
        if session.json:
            print_json(shapes.push(plan, None))
        raise


# ---- the plan


def _show(session: Session, plan: PushPlan) -> None:
    if session.json:
        print_json(shapes.push(plan, None))
        return
    for line in _lines(plan, every_file=True):
        say(line)


def _lines(plan: PushPlan, *, every_file: bool = False) -> Iterator[str]:
    who = f" as {plan.who}" if plan.who else ""
    yield f"{click.style(readable(plan.to.repo_id), bold=True)} on {readable(plan.endpoint)}{readable(who)}"
    yield click.style(f"  from {readable(plan.source)}", dim=True)
    if plan.creates:
        yield f"  a new repository, {'private' if plan.private else click.style('public', fg='yellow')}"
    if plan.creates_branch:
        yield f"  a new branch {readable(plan.branch)}"
    moving = [file for file in plan.files if file.action != "same"]
    shown = moving if every_file or len(moving) <= _MOST_FILES else moving[: _MOST_FILES - 1]
    for file in shown:
        there = "" if file.sends or not file.size or file.action == "deleted" else "  (content is there)"
        yield f"  {_SIGNS[file.action]} {size_text(file.size):>9}  {readable(file.path)}{there}"
    if len(shown) < len(moving):
        yield f"    and {_files(len(moving) - len(shown))} more"
    if same := len(plan.files) - len(moving):
        yield click.style(f"  {_files(same)} there already", dim=True)
    if plan.ignored:
        yield click.style(
            f"  left out: {readable(', '.join(plan.ignored[:5]))}{_more(len(plan.ignored))}", dim=True
        )
    yield f"  sends {click.style(size_text(plan.bytes_to_send), bold=True)}"
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")
    for secret in plan.secrets:
        line = f", line {secret.line}" if secret.line else ""
        yield click.style(f"  looks like a secret: {readable(secret.path)}{line} ({secret.kind})", fg="red")


def _more(count: int) -> str:
    return f" and {count - 5} more" if count > 5 else ""


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _question(plan: PushPlan) -> str:
    place = f"{plan.to.repo_id}, {plan.branch}"
    if plan.creates and not plan.private:
        place = f"{plan.to.repo_id}, where everybody can see it"
    elif plan.pull_request:
        place = f"{plan.to.repo_id}, as a pull request"
    return f"Send {size_text(plan.bytes_to_send)} to {place}?"


# ---- the result


def _tell_result(result: PushResult) -> None:
    plan = result.plan
    if plan.is_nothing and not plan.creates_branch:
        say(f"{plan.to.repo_id} has all of it already.")
    else:
        say(
            f"Pushed to {plan.to.repo_id}: {size_text(result.sent)} sent, "
            f"{_files(result.verified)} there as {'it is' if result.verified == 1 else 'they are'} here."
        )
    say(readable(result.pull_request_url or result.url))
    for note in plan.notes:
        warn(note)

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
from modelkeep.cli.places import REMOTE
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, pass_session, yes_option
from modelkeep.errors import Cancelled, ModelKeepError, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.push_plan import PushPlan, PushResult
    from modelkeep.library import Library
    from modelkeep.remote.plans import RemotePush
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
@click.option(
    "--remote", default="", type=REMOTE, metavar="NAME|URL", help="Send it to this remote (`remote list`)."
)
@click.option("--private/--public", default=True, help="What a new repository is; private by default.")
@click.option(
    "--branch",
    "--ref",
    "branch",
    default="main",
    metavar="NAME",
    help="The branch; made where it is missing.",
)
@click.option(
    "--tag", "tags", multiple=True, metavar="NAME", help="A tag that is to lead to it (repeatable)."
)
@click.option(
    "--parent", default="", metavar="KEY", help="What it was made from; by default, what its card says."
)
@click.option("--describe", default="", metavar="TEXT", help="What is kept with this revision on the remote.")
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
    remote: str,
    private: bool,
    branch: str,
    tags: tuple[str, ...],
    parent: str,
    describe: str,
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
    """Send a model or a folder to a hub, or to a remote.

    Only what is not there is sent, and it is compared afterwards. What looks like a password, a key or a token is not
    sent. When it is stopped, the same command goes on: what came is not sent again. A remote has all files of a
    revision or none, so that nothing can be left out there.
    """
    if files and (include or exclude):
        raise click.UsageError("--file does not go with --include and --exclude.")
    if remote and (profile or pull_request or include or exclude or files or delete):
        raise click.UsageError(
            "--remote goes with none of --profile, --pull-request, --delete, --file and globs."
        )
    if not remote and (tags or parent or describe):
        raise click.UsageError("--tag, --parent and --describe go with --remote NAME.")
    with session.library() as library:
        what = _source(session, library, source)
        if isinstance(what, Path) and not to:
            raise click.UsageError("A folder needs a name there: --to ORG/NAME.")
        if remote:
            with progress(session) as report:
                wanted = library.remotes.plan_push(
                    what,
                    remote,
                    to=to,
                    ref=branch,
                    tags=tags,
                    message=message,
                    description=describe,
                    parent=parent,
                    private=private,
                    report=report,
                )
            _push_to_remote(session, library, wanted, allow_secret, plan_only=plan_only, yes=yes)
            return
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
        _check_secrets(session, plan, allow_secret, shapes.push(plan, None))
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


def _push_to_remote(
    session: Session,
    library: Library,
    wanted: RemotePush,
    allow_secret: tuple[str, ...],
    *,
    plan_only: bool,
    yes: bool,
) -> None:
    """Show, ask, send, and tell what came of it."""
    plan = wanted.plan
    if plan_only:
        if session.json:
            print_json(shapes.remote_push(wanted, None))
        else:
            for line in _remote_lines(wanted, every_file=True):
                say(line)
        return
    _check_secrets(session, plan, allow_secret, shapes.remote_push(wanted, None))
    leads = wanted.manifest is not None and plan.base == wanted.manifest.commit
    is_there = plan.is_nothing and leads and not wanted.tags
    if not is_there:
        if not yes and can_ask():
            for line in _remote_lines(wanted):
                tell(line)
        question = f"Send {size_text(plan.bytes_to_send)} to {plan.to.repo_id} on {wanted.remote}?"
        ask(readable(question), yes=yes, default=True)
    try:
        with progress(session) as report:
            result = library.remotes.push(wanted, allow_secrets=allow_secret, report=report)
    except Cancelled:
        tell("What was sent is kept: the same command goes on from there.")
        raise
    except ModelKeepError:
        if session.json:
            print_json(shapes.remote_push(wanted, None))
        raise
    if session.json:
        print_json(shapes.remote_push(wanted, result))
    elif is_there:
        say(f"{readable(wanted.remote)} has all of {readable(plan.to.repo_id)} already.")
    else:
        commit = f" as {result.commit[:12]}" if result.commit else ""
        say(
            f"Pushed {readable(plan.to.repo_id)} to {readable(wanted.remote)}{commit}: "
            f"{size_text(result.sent)} sent, {_files(result.verified)} there."
        )
        for note in plan.notes if result.sent else ():
            warn(note)
    if result.differs:
        raise Failure(
            (
                f"{wanted.remote} has {', '.join(result.differs[:5])} otherwise than it was sent.",
                "Look at what is there, and push again.",
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


def _check_secrets(
    session: Session, plan: PushPlan, allowed: tuple[str, ...], shown: dict[str, object]
) -> None:
    from modelkeep.hub.push import check_secrets

    try:
        check_secrets(plan, allowed)
    except ModelKeepError as error:
        if session.json:
            print_json(shown)
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


def _remote_lines(push: RemotePush, *, every_file: bool = False) -> Iterator[str]:
    plan, manifest = push.plan, push.manifest
    yield f"{click.style(readable(plan.to.repo_id), bold=True)} on {readable(push.remote)}"
    yield click.style(f"  from {readable(plan.source)}", dim=True)
    if manifest is None:
        yield from _new_lines(plan)
    else:
        refs = ", ".join(filter(None, (plan.branch, *push.tags)))
        was = f"; {readable(plan.branch)} leads to {plan.base[:12]} now" if plan.base else ""
        yield f"  {readable(refs)} will lead to {manifest.commit[:12]}{was}"
        if manifest.lineage.parent:
            yield click.style(f"  made from {readable(manifest.lineage.parent)}", dim=True)
    yield from _file_lines(plan, every_file=every_file)


def _lines(plan: PushPlan, *, every_file: bool = False) -> Iterator[str]:
    who = f" as {plan.who}" if plan.who else ""
    yield f"{click.style(readable(plan.to.repo_id), bold=True)} on {readable(plan.endpoint)}{readable(who)}"
    yield click.style(f"  from {readable(plan.source)}", dim=True)
    yield from _new_lines(plan)
    yield from _file_lines(plan, every_file=every_file)


def _new_lines(plan: PushPlan) -> Iterator[str]:
    if plan.creates:
        yield f"  a new repository, {'private' if plan.private else click.style('public', fg='yellow')}"
    if plan.creates_branch:
        yield f"  a new branch {readable(plan.branch)}"


def _file_lines(plan: PushPlan, *, every_file: bool) -> Iterator[str]:
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

"""`modelkeep remote delete`, `restore`, `tag`, `untag` and `gc`: what changes a remote, shown before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import remote_shapes as shapes
from modelkeep.cli.amounts import Age
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.places import REMOTE
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.keys import ModelKey
from modelkeep.text import age_text, size_text

if TYPE_CHECKING:
    from modelkeep.remote.values import Collected, Collection, RemoteDeletion, RemoteModel

__all__ = ["delete", "gc", "restore", "tag", "untag"]

_MOST = 12  # things that go of which a person sees the names


@click.command("delete")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, metavar="KEY")
@dry_run_option
@yes_option
@common_options
@pass_session
def delete(session: Session, name: str, key: ModelKey, dry_run: bool, yes: bool) -> None:
    """Delete a model, or KEY@REVISION of it, from a remote. What is here stays.

    In a folder or an S3 store it can be restored until garbage is collected; from a hub it goes for good.
    """
    with session.library() as library:
        with progress(session) as report:
            plan = library.remotes.plan_deletion(name, str(key), report=report)
        if not dry_run:
            if not yes and can_ask():
                for line in _deletion_lines(plan):
                    tell(line)
            ask(f"Delete {readable(str(plan.key.at(None)))} from {readable(name)}?", yes=yes)
            with progress(session) as report:
                library.remotes.delete(plan, report=report)
    if session.json:
        print_json(shapes.deletion(plan, executed=not dry_run))
    elif dry_run:
        for line in _deletion_lines(plan):
            say(line)
    else:
        say(f"Deleted {_what(plan)} of {readable(str(plan.key.at(None)))} from {readable(name)}.")
        if plan.kept_for:
            undo = f"modelkeep remote restore {name} {key}"
            tell(click.style(f"Undo, within {age_text(plan.kept_for)}: {readable(undo)}", dim=True))


def _deletion_lines(plan: RemoteDeletion) -> Iterator[str]:
    name = click.style(readable(str(plan.key.at(None))), bold=True)
    yield f"{name} on {readable(plan.remote)}: {_what(plan)}"
    for commit in plan.commits[:_MOST]:
        yield f"  - {commit[:12]}"
    if len(plan.commits) > _MOST:
        yield f"    and {len(plan.commits) - _MOST} more"
    if plan.refs:
        yield f"  refs that go: {readable(', '.join(plan.refs))}"
    if plan.derived:
        yield click.style(f"  made from it, and staying: {readable(', '.join(plan.derived))}", fg="yellow")
    if plan.kept_for:
        kept = age_text(plan.kept_for)
        yield f"  can be restored for {kept}; collecting garbage then frees {size_text(plan.frees)}"
    else:
        yield click.style("  goes for good: there is no undo", fg="red")


def _what(plan: RemoteDeletion) -> str:
    return "1 revision" if len(plan.commits) == 1 else f"{len(plan.commits):,} revisions"


@click.command("restore")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, required=False, metavar="[KEY]")
@common_options
@pass_session
def restore(session: Session, name: str, key: ModelKey | None) -> None:
    """Bring back what was deleted from a store, with its refs.

    Without a KEY it lists what can be brought back. In a pipe there is a line for each revision that can be brought
    back, with tabs between: key, commit, size.
    """
    with session.library() as library:
        if key is None:
            _print_deleted(session, name, library.remotes.deleted(name))
            return
        with progress(session) as report:
            commits = library.remotes.restore(name, str(key), report=report)
    if session.json:
        print_json({"executed": True, "remote": name, "key": str(key.at(None)), "commits": list(commits)})
    else:
        count = "1 revision" if len(commits) == 1 else f"{len(commits):,} revisions"
        say(f"Restored {count} of {readable(str(key.at(None)))} on {readable(name)}.")


def _print_deleted(session: Session, name: str, models: Sequence[RemoteModel]) -> None:
    if session.json:
        print_json(shapes.deleted(models))
    elif not on_terminal():
        print_plain((one.key, rev.commit, rev.size) for one in models for rev in one.revisions)
    elif models:
        for one in models:
            for rev in one.revisions:
                say(f"{readable(str(one.key))}@{rev.commit[:12]}  {size_text(rev.size)}")
    else:
        say(f"Nothing can be restored on {readable(name)}.")


@click.command("tag")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, metavar="KEY")
@click.argument("ref", metavar="TAG")
@click.option("-m", "--message", default="", metavar="TEXT", help="Why.")
@common_options
@pass_session
def tag(session: Session, name: str, key: ModelKey, ref: str, message: str) -> None:
    """Let a tag of a store, as “production”, lead to KEY.

    The tag is made where it is missing; it may have led elsewhere, which its history keeps.
    """
    with session.library() as library:
        entry = library.remotes.set_ref(name, str(key), ref, message=message)
    if session.json:
        print_json(shapes.entry(entry))
    else:
        was = f"; it led to {entry.was[:12]}" if entry.was and entry.was != entry.commit else ""
        say(
            f"{readable(ref)} of {readable(str(key.at(None)))} leads to {entry.commit[:12]} on {readable(name)}{was}."
        )


@click.command("untag")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, metavar="KEY")
@click.argument("ref", metavar="TAG")
@click.option("-m", "--message", default="", metavar="TEXT", help="Why.")
@common_options
@pass_session
def untag(session: Session, name: str, key: ModelKey, ref: str, message: str) -> None:
    """Remove a tag or branch of a store's model. The revision stays."""
    with session.library() as library:
        library.remotes.remove_ref(name, str(key), ref, message=message)
    if session.json:
        print_json({"executed": True, "remote": name, "key": str(key.at(None)), "ref": ref})
    else:
        say(f"{readable(ref)} of {readable(str(key.at(None)))} leads nowhere on {readable(name)} now.")


@click.command("gc")
@click.argument("name", type=REMOTE)
@click.option(
    "--grace",
    type=Age(),
    default=None,
    metavar="AGE",
    help="Spare what is younger: 14d. Less than a push takes endangers the pushes of others.",
)
@dry_run_option
@yes_option
@common_options
@pass_session
def gc(session: Session, name: str, grace: float | None, dry_run: bool, yes: bool) -> None:
    """Remove from a store what nothing needs any more.

    Deleted models are among it when their time to be restored is over. In a pipe there is a line for each thing that
    goes, with tabs between: name, bytes, and why.
    """
    with session.library() as library:
        with progress(session) as report:
            plan = library.remotes.plan_collection(name, grace=grace, report=report)
        done = None
        if not dry_run and (plan.garbage or plan.unfinished):
            if not yes and can_ask():
                for line in _garbage_lines(plan):
                    tell(line)
            ask(f"Remove it for good and free {size_text(plan.frees)}? There is no undo.", yes=yes)
            with progress(session) as report:
                done = library.remotes.collect(plan, report=report)
    _show_collection(session, plan, done)
    if done and done.failures:
        raise Failure(*((sentence, "") for sentence in done.failures))


def _show_collection(session: Session, plan: Collection, done: Collected | None) -> None:
    if session.json:
        print_json(shapes.collection(plan, done))
    elif done:
        what = "1 object" if done.removed == 1 else f"{done.removed:,} objects"
        say(f"Removed {what}: {size_text(done.freed)} freed.")
        if done.spared:
            say(f"{len(done.spared):,} were needed again meanwhile, and stay.")
    elif not (plan.garbage or plan.unfinished):
        kept = f"; {size_text(plan.kept)} are too young to go" if plan.kept else ""
        say(f"There is nothing to collect{kept}.")
    elif not on_terminal():
        print_plain((one.name, one.size, one.reason) for one in plan.garbage)
    else:
        for line in _garbage_lines(plan):
            say(line)


def _garbage_lines(plan: Collection) -> Iterator[str]:
    age = f", older than {age_text(plan.grace)}" if plan.grace >= 60 else ""
    yield f"On {readable(plan.remote)}{age}:"
    reasons: dict[str, list[int]] = {}
    for one in plan.garbage:
        reasons.setdefault(one.reason, []).append(one.size)
    for reason, sizes in sorted(reasons.items()):
        yield f"  - {len(sizes):,} × {readable(reason)}, {size_text(sum(sizes))}"
    if plan.unfinished:
        yield f"  - {plan.unfinished:,} uploads that broke off"
    if plan.kept:
        yield click.style(f"    {size_text(plan.kept)} are too young to go", dim=True)

"""`modelkeep jobs`: trainings and predictions, of this program and all others; cancel, order, forget."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.consent import ask
from modelkeep.cli.output import on_terminal, print_json, print_plain, readable, say, tell, warn
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.cli.shapes import iso_time
from modelkeep.errors import JobConflict, JobNotFound
from modelkeep.jobs.values import Job, JobStatus
from modelkeep.text import age_text, size_text

if TYPE_CHECKING:
    from modelkeep.jobs.jobs import Jobs

__all__ = ["jobs"]

_WORDS = {
    JobStatus.QUEUED: "waits",
    JobStatus.RUNNING: "runs now",
    JobStatus.COMPLETED: "done",
    JobStatus.CANCELED: "cancelled",
    JobStatus.ERRORED: "failed",
}
_STYLES = {JobStatus.RUNNING: "green", JobStatus.ERRORED: "red"}
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


@click.group("jobs", invoke_without_command=True)
@common_options
@click.pass_context
def jobs(context: click.Context) -> None:
    """Trainings and predictions: list, show, cancel or reorder them."""
    if context.invoked_subcommand is None:
        context.invoke(list_jobs)


@contextmanager
def _opened() -> Iterator[Jobs]:
    from modelkeep.jobs.jobs import Jobs

    opened = Jobs()
    try:
        warn(opened.problem)
        yield opened
    finally:
        opened.close()


@jobs.command("list")
@click.option("--kind", type=click.Choice(["training", "prediction"]), help="Only of this kind.")
@click.option("--active", is_flag=True, help="Only what waits or runs.")
@common_options
@pass_session
def list_jobs(session: Session, kind: str | None = None, active: bool = False) -> None:
    """List the jobs, the latest first.

    In a pipe there is a line for each, with tabs between: id, kind, status, device, place in the queue, submitted,
    ended, title, error.
    """
    with _opened() as opened:
        found = opened.list(kind or "", active=True if active else None)
        beginnings = _beginnings([job.id for job in opened.list()])
    if session.json:
        print_json([_shape(job) for job in found])
    elif not on_terminal():
        print_plain(map(_line, found))
    elif found:
        _print_table(found, beginnings)
    else:
        say("There are no jobs.")


def _line(job: Job) -> tuple[object, ...]:
    times = iso_time(job.submitted) or "", iso_time(job.ended) or ""
    return job.id, job.kind, job.status.name, job.device, job.place, *times, job.title, job.error


def _print_table(found: Sequence[Job], beginnings: Mapping[str, str]) -> None:
    from rich.text import Text

    from modelkeep.cli.tables import Column, print_table

    now = time.time()
    columns = [Column("What"), Column("State"), Column("How far", right=True, rank=1), Column("On", rank=3)]
    columns += [Column("Asked for", right=True, rank=2), Column("Id", style="dim")]
    print_table(
        columns,
        [
            (
                job.title,
                Text(_state(job), style=_STYLES.get(job.status, "")),
                _how_far(job),
                job.device,
                f"{age_text(max(0.0, now - job.submitted))}",
                beginnings[job.id],
            )
            for job in found
        ],
    )
    say(click.style("\nmodelkeep jobs show ID tells more; modelkeep jobs log ID what it said.", dim=True))


def _beginnings(ids: Sequence[str]) -> dict[str, str]:
    """So much of each id that it is the only one which begins so."""
    ordered = sorted(ids)
    beginnings = {}
    for before, id, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        length = 8
        while id[:length] in (before[:length], after[:length]):
            length += 1
        beginnings[id] = id[:length]
    return beginnings


def _state(job: Job) -> str:
    if job.place:
        return f"waits ({job.place})"
    return f"{_WORDS[job.status]}{', can go on' if job.can_resume else ''}"


def _how_far(job: Job) -> str:
    progress = job.progress
    if progress is None or not progress.total or job.status is JobStatus.COMPLETED:
        return ""
    return f"{progress.done * 100 // progress.total} %"


@jobs.command("show")
@click.argument("id")
@common_options
@pass_session
def show(session: Session, id: str) -> None:
    """Show all that is known of a job. ID may be an unambiguous beginning."""
    with _opened() as opened:
        job = _chosen(opened, id)
        log = opened.log_file(job.id)
    if session.json:
        print_json(_shape(job) | {"log": str(log)})
        return
    lines = [
        ("What", job.title),
        ("Id", job.id),
        ("Kind", f"{job.kind}, by {job.owner}"),
        ("State", _state(job)),
        ("Device", job.device),
        ("Asked for", iso_time(job.submitted)),
        ("Started", iso_time(job.started)),
        ("Ended", iso_time(job.ended)),
        ("Progress", _progress_text(job)),
        ("Error", job.error),
        ("Hint", job.hint),
        ("Process", str(job.pid) if not job.status.is_terminal else ""),
        *((name.replace("_", " "), _value_text(name, value)) for name, value in job.result.items()),
        ("Folder", job.folder),
    ]
    said = [(readable(name), readable(value)) for name, value in lines if value and name != "id"]
    width = max(len(name) for name, _ in said)
    for name, value in said:
        say(f"{click.style(name.ljust(width), dim=True)} {value}")


def _value_text(name: str, value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{of} {_value_text(of, one)}" for of, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value_text(name, one) for one in value)
    if isinstance(value, int) and name.endswith("memory"):
        return size_text(value)
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _progress_text(job: Job) -> str:
    if job.progress is None:
        return ""
    parts = [job.progress.step, _how_far(job), job.progress.item]
    return ", ".join(part for part in parts if part)


@jobs.command("log")
@click.argument("id")
@click.option("--lines", type=click.IntRange(1), default=200, show_default=True, help="The last so many.")
@common_options
@pass_session
def log(session: Session, id: str, lines: int) -> None:
    """Print what a job said."""
    with _opened() as opened:
        said = _last_lines(opened.log_file(_chosen(opened, id).id), lines)
    if session.json:
        print_json(said)
        return
    for line in said:
        say(readable(line))


def _last_lines(file: Path, count: int) -> list[str]:
    from collections import deque

    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return [line.rstrip("\n") for line in deque(stream, count)]
    except FileNotFoundError:
        return []


@jobs.command("cancel")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common_options
@pass_session
def cancel(session: Session, ids: tuple[str, ...]) -> None:
    """Have jobs end, in whichever program they run.

    What a training has done by then can be gone on with where it says so.
    """
    with _opened() as opened:
        chosen = [_chosen(opened, id) for id in ids]
        done = [opened.cancel(job.id) for job in chosen]
    if session.json:
        print_json([_shape(job) for job in done])
        return
    for before, job in zip(chosen, done, strict=True):
        if before.status.is_terminal:
            say(f"{readable(job.title)} has ended already: {_WORDS[job.status]}.")
        elif job.status is JobStatus.CANCELED:
            say(f"Cancelled {readable(job.title)}.")
        else:
            say(f"{readable(job.title)} is being stopped.")


@jobs.command("move")
@click.argument("id")
@click.argument("place", type=click.IntRange(1))
@common_options
@pass_session
def move(session: Session, id: str, place: int) -> None:
    """Give a job that waits another place in its queue; 1 is next."""
    with _opened() as opened:
        job = opened.move(_chosen(opened, id).id, place)
    if session.json:
        print_json(_shape(job))
    else:
        say(f"{readable(job.title)} is number {job.place} now.")


@jobs.command("forget")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--older", default="0s", metavar="TIME", help="Only what ended so long ago: 30d, 12h.")
@dry_run_option
@yes_option
@common_options
@pass_session
def forget(session: Session, ids: tuple[str, ...], older: str, dry_run: bool, yes: bool) -> None:
    """Forget jobs that have ended, all or those that are named.

    Their logs and checkpoints go with them. Models stay.
    """
    since = time.time() - _seconds(older)
    with _opened() as opened:
        if ids:
            chosen = [_chosen(opened, id) for id in ids]
            for job in chosen:
                if not job.status.is_terminal:
                    raise JobConflict(f"Job {job.id} has not ended.", hint="Cancel it first.")
        else:
            chosen = [job for job in opened.list(active=False) if job.ended <= since]
        if dry_run or not chosen:
            _show_forgotten(session, chosen, executed=False)
            return
        if resumable := [job for job in chosen if job.can_resume]:
            if not yes:
                tell("\n".join(f"  - {readable(job.title)} ({job.id})" for job in resumable))
            count = f"{len(resumable)} {'job' if len(resumable) == 1 else 'jobs'}"
            ask(f"Forget also the checkpoints of {count} that could go on?", yes=yes)
        for job in chosen:
            opened.forget(id=job.id)
    _show_forgotten(session, chosen, executed=True)


def _show_forgotten(session: Session, chosen: Sequence[Job], *, executed: bool) -> None:
    if session.json:
        print_json({"executed": executed, "items": [job.id for job in chosen]})
        return
    count = f"{len(chosen)} {'job' if len(chosen) == 1 else 'jobs'}"
    say(
        f"Forgot {count}."
        if executed
        else f"Would forget {count}."
        if chosen
        else "There is nothing to forget."
    )


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)([dhms])", text)
    if found is None:
        raise click.BadParameter(
            f"“{text}” is no time; one looks like 30d, 12h or 45m.", param_hint="--older"
        )
    return int(found[1]) * _UNITS[found[2]]


def _chosen(opened: Jobs, id: str) -> Job:
    """The job of an id, or of the beginning of one."""
    found = opened.list()
    matching = [job for job in found if job.id == id] or [job for job in found if job.id.startswith(id)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise JobNotFound(f"{len(matching)} jobs begin with “{id}”.", hint="Write more of the id.")
    raise JobNotFound(f"There is no job “{id}”.", hint="`modelkeep jobs` shows which there are.")


def _shape(job: Job) -> dict[str, object]:
    progress = job.progress
    return {
        "id": job.id,
        "kind": job.kind,
        "owner": job.owner,
        "title": job.title,
        "status": job.status.name,
        "device": job.device,
        "place": job.place or None,
        "submitted": iso_time(job.submitted),
        "started": iso_time(job.started),
        "ended": iso_time(job.ended),
        "progress": None
        if progress is None
        else {
            "step": progress.step,
            "done": progress.done,
            "total": progress.total,
            "item": progress.item,
            "unit": progress.unit,
        },
        "error": job.error or None,
        "hint": job.hint or None,
        "parameters": dict(job.parameters),
        "result": dict(job.result),
        "folder": job.folder,
        "pid": job.pid or None,
        "can_resume": job.can_resume,
    }

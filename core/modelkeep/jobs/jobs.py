"""The jobs of this user, in a file that every program of theirs may use at once."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from modelkeep.errors import JobConflict, JobFailed, JobNotFound, SettingsError
from modelkeep.jobs import alive
from modelkeep.jobs.file import JobsFile
from modelkeep.jobs.ids import check_id, folder_name, new_id
from modelkeep.jobs.kept_errors import made_again
from modelkeep.jobs.rows import COLUMNS, as_job, as_json
from modelkeep.jobs.running import Running
from modelkeep.jobs.turns import end_lost
from modelkeep.jobs.values import Job, JobStatus
from modelkeep.paths import jobs_file
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Jobs", "slots_per_device"]

Work = Callable[[Report], Mapping[str, object]]

_LOOK = 0.1  # seconds between two looks at a job that is waited for
_LOG = "log.txt"


def slots_per_device() -> int:
    """How many jobs run at a time on a device: MODELKEEP_TRAIN_TASKS, else MLP_TRAIN_TASK_NUM, else 1.

    Raises `SettingsError` for what is no number from 1 on.
    """
    for name in ("MODELKEEP_TRAIN_TASKS", "MLP_TRAIN_TASK_NUM"):
        if text := os.environ.get(name, "").strip():
            if not (text.isascii() and text.isdigit() and int(text) > 0):
                raise SettingsError(
                    f"{name} is “{text}”, which is no number of jobs.", hint="Set it to 1 or more."
                )
            return int(text)
    return 1


class Jobs:
    """The jobs in `file` (`paths.jobs_file()` when None), each with a folder beside it.

    May be used by several threads and processes.
    """

    def __init__(self, file: str | os.PathLike[str] | None = None) -> None:
        self.file = Path(os.path.abspath(file)) if file is not None else jobs_file()
        self._file = JobsFile(self.file)
        self._submitted: set[str] = set()

    @property
    def problem(self) -> str:
        """What was wrong with the file and what was done, as a sentence for the user; "" when all is well."""
        self._file.read("SELECT 1")
        return self._file.problem

    def submit(
        self,
        kind: str,
        owner: str,
        title: str,
        parameters: Mapping[str, object],
        *,
        device: str = "cpu",
        id: str = "",
    ) -> Job:
        """Put a job into the queue of its device; it runs when somebody in this process calls `run`.

        `id` "" makes a new one. Raises `JobConflict` for an id that is there and has not ended; of one that has,
        this is another attempt, and its folder stays.
        """
        chosen = check_id(id) if id else new_id()
        kept = as_json(parameters)
        folder = self._folder(chosen)

        def insert(database: sqlite3.Connection) -> bool:
            self._check_ended(chosen)
            if not alive.is_there(folder):
                return False  # it was forgotten just now, with its folder
            (turn,) = database.execute("SELECT coalesce(max(turn), 0) + 1 FROM jobs").fetchone()
            database.execute("DELETE FROM jobs WHERE id = ?", (chosen,))
            values = (
                chosen,
                kind,
                owner,
                title,
                device,
                turn,
                time.time(),
                kept,
                os.getpid(),
                uuid.uuid4().hex,
            )
            database.execute(
                "INSERT INTO jobs (id, kind, owner, title, device, turn, submitted, parameters, pid, attempt, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                values,
            )
            return True

        # The lock before the row: a row without it would count as lost.
        while True:
            end_lost(self._file, chosen)
            self._check_ended(chosen)
            if not alive.take(folder):
                raise JobConflict(f"Job {chosen} is just ending.", hint="Do this again in a moment.")
            try:
                done = self._file.change(insert)
            except BaseException:
                alive.release(folder)
                raise
            if done:
                break
            alive.release(folder)
        self._submitted.add(chosen)
        return self.get(chosen)

    def run(self, id: str, work: Work, *, report: Report = ignore) -> Job:
        """Wait for its turn, do the work in this thread, and keep what became of it.

        The `report` that `work` gets keeps the progress and raises `Cancelled` once anyone, in whatever process,
        cancelled the job or `report` did. What `work` raises is kept as its error, then raised. Raises `JobConflict`
        for a job that does not wait, or that another process has.
        """

        def claim(database: sqlite3.Connection) -> bool:
            done = database.execute(
                "UPDATE jobs SET ready = 1 WHERE id = ? AND status = 1 AND NOT ready AND pid = ?",
                (id, os.getpid()),
            )
            return done.rowcount == 1

        try:
            job = self.get(id)
            is_ours = self._file.change(claim)
        except BaseException:
            self._let_go(id)  # nobody will run it, and who looks at it sees that
            raise
        if not is_ours:
            raise JobConflict(f"Job {id} does not wait for this program to run it.")
        self._submitted.discard(id)
        try:
            Running(self._file, job, self.log_file(id), report).run(work, slots_per_device)
        finally:
            alive.release(self._folder(id))
        return self.get(id)

    def get(self, id: str) -> Job:
        """A job; raises `JobNotFound`. One whose process is gone has ended with an error that says so."""
        end_lost(self._file, check_id(id))
        return as_job(self._row(id), self.file.parent)

    def list(self, kind: str = "", *, owner: str = "", active: bool | None = None) -> tuple[Job, ...]:
        """The jobs, the latest first; `active`: only those that have not ended, or only those that have."""
        end_lost(self._file)
        states = {None: "", True: " AND status IN (1, 2)", False: " AND status NOT IN (1, 2)"}[active]
        rows = self._file.read(
            f"SELECT {COLUMNS} FROM jobs WHERE ? IN ('', kind) AND ? IN ('', owner){states}"
            " ORDER BY submitted DESC, turn DESC",
            kind,
            owner,
        )
        return tuple(as_job(row, self.file.parent) for row in rows)

    def wait(self, id: str, timeout: float | None = None, *, report: Report = ignore) -> Job:
        """The job once it has ended, or as it is after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (job := self.get(id)).status.is_terminal:
            left = _LOOK if until is None else min(_LOOK, until - time.monotonic())
            if left <= 0:
                break
            report(job.progress or Progress("Waiting", unit="jobs"))
            time.sleep(left)
        return job

    def cancel(self, id: str) -> Job:
        """Have a job end, in whatever process it runs; one that waits ends at once. Returns it as it is now."""
        self.get(id)

        def cancel(database: sqlite3.Connection) -> None:
            database.execute(
                "UPDATE jobs SET status = 4, ended = ? WHERE id = ? AND status = 1", (time.time(), id)
            )
            database.execute("UPDATE jobs SET cancel = 1 WHERE id = ? AND status = 2", (id,))

        self._file.change(cancel)
        self._let_go(id)
        return self.get(id)

    def move(self, id: str, place: int) -> Job:
        """Let a waiting job have another place in its queue, 1 for next. Raises `JobConflict` for one that does not
        wait."""
        job = self.get(id)

        def move(database: sqlite3.Connection) -> bool:
            rows = database.execute(
                "SELECT id, turn FROM jobs WHERE status = 1 AND device = ? ORDER BY turn", (job.device,)
            ).fetchall()
            order = [row["id"] for row in rows]
            if id not in order:
                return False
            order.remove(id)
            order.insert(max(0, place - 1), id)
            for row, one in zip(rows, order, strict=True):
                database.execute("UPDATE jobs SET turn = ? WHERE id = ?", (row["turn"], one))
            return True

        if not self._file.change(move):
            raise JobConflict(f"Job {id} does not wait any more.")
        return self.get(id)

    def forget(self, *, older: float = 0.0, id: str = "", kind: str = "", owner: str = "") -> int:
        """Forget jobs that ended more than `older` seconds ago, or the one, with their folders; no model is touched.

        Returns how many. Raises `JobNotFound`, and `JobConflict` for one that has not ended.
        """
        if id and not self.get(id).status.is_terminal:
            raise JobConflict(f"Job {id} has not ended.", hint="Cancel it first.")
        end_lost(self._file)
        gone: list[Path] = []

        def forget(database: sqlite3.Connection) -> int:
            rows = database.execute(
                "SELECT id FROM jobs WHERE status NOT IN (1, 2) AND ended <= ? AND ? IN ('', id)"
                " AND ? IN ('', kind) AND ? IN ('', owner)",
                (time.time() - older, id, kind, owner),
            ).fetchall()
            for row in rows:
                database.execute("DELETE FROM jobs WHERE id = ?", (row["id"],))
                folder = self._folder(row["id"])
                aside = folder.with_name(f"gone-{uuid.uuid4().hex}")
                # Out of the way at once: whoever submits this id again gets an empty folder.
                with suppress(OSError):
                    folder.rename(aside)
                gone.append(aside if aside.exists() else folder)
            return len(rows)

        count = self._file.change(forget)
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return count

    def error_of(self, id: str) -> Exception | None:
        """What a job ended with, as it was raised where its kind allows that, else as a `JobFailed`."""
        job = self.get(id)
        if job.status is not JobStatus.ERRORED:
            return None
        raised = str(self._row(id)["raised"])
        return made_again(raised) if raised else JobFailed(job.error, hint=job.hint)

    def log_file(self, id: str) -> Path:
        """Where what it says is written, one line after another."""
        return self._folder(id) / _LOG

    def close(self) -> None:
        """Let go of the file. What was submitted here and is not run by then has lost its program."""
        while self._submitted:
            alive.release(self._folder(self._submitted.pop()))
        self._file.close()

    def _let_go(self, id: str) -> None:
        """Have it no more where it was submitted here and nobody runs it, who would let go of it in the end."""
        if id in self._submitted:
            self._submitted.discard(id)
            alive.release(self._folder(id))

    def _check_ended(self, id: str) -> None:
        if self._file.read("SELECT 1 FROM jobs WHERE id = ? AND status IN (1, 2)", id):
            raise JobConflict(f"Job {id} has not ended.", hint="Wait for it, or cancel it first.")

    def _folder(self, id: str) -> Path:
        return self.file.parent / folder_name(id)

    def _row(self, id: str) -> sqlite3.Row:
        rows = self._file.read(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", id)
        if not rows:
            raise JobNotFound(f"There is no job {id}.", hint="It may have been forgotten.")
        return rows[0]

"""A job while it waits and runs: its turn, its progress, its cancel, its end."""

from __future__ import annotations

import sqlite3
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from modelkeep.errors import Cancelled, ModelKeepError
from modelkeep.jobs import turns
from modelkeep.jobs.file import JobsFile
from modelkeep.jobs.kept_errors import keep, sentence
from modelkeep.jobs.rows import as_json, progress_text
from modelkeep.jobs.values import Job, JobStatus
from modelkeep.progress import Progress, Report

__all__ = ["Running"]

_LOOK = 0.1  # seconds between two looks whether it is its turn
_CHECK = 0.2  # seconds between two looks whether it was cancelled; its progress is kept as often


class Running:
    """Of one job, by one thread."""

    def __init__(self, file: JobsFile, job: Job, log: Path, report: Report) -> None:
        self._file = file
        self._job = job
        self._log = log
        self._report = report
        self._checked = 0.0
        self._kept: Progress | None = None

    def run(self, work: Callable[[Report], Mapping[str, object]], limit: Callable[[], int]) -> None:
        """Wait, work and keep what came of it; raises what the work raised, and `Cancelled`."""
        last: Progress | None = None

        def heard(progress: Progress) -> None:
            nonlocal last
            last = progress
            self._report(progress)
            self._keep(progress)

        try:
            self._wait(limit)
            self._say("started")
            result = as_json(work(heard))
        except (Cancelled, KeyboardInterrupt) as error:
            self._end(JobStatus.CANCELED, last)
            if isinstance(error, KeyboardInterrupt):
                raise
            raise Cancelled from error
        except BaseException as error:
            self._end(JobStatus.ERRORED, last, error=error)
            raise
        self._end(JobStatus.COMPLETED, last, result=result)

    def _wait(self, limit: Callable[[], int]) -> None:
        file, id, device = self._file, self._job.id, self._job.device
        while not (turns.may_begin(file, id, device, limit()) and turns.begin(file, id, device, limit())):
            self._check_waiting()
            self._report(Progress("Waiting for its turn", item=self._job.title, unit="jobs"))
            time.sleep(_LOOK)

    def _check_waiting(self) -> None:
        rows = self._file.read("SELECT status FROM jobs WHERE id = ?", self._job.id)
        if not rows or rows[0]["status"] != JobStatus.QUEUED.value:
            raise Cancelled  # while it waited, by somebody else

    def _keep(self, progress: Progress) -> None:
        """Keep how it goes on and see whether it is to stop, but only now and then."""
        now = time.monotonic()
        if now - self._checked < _CHECK:
            return
        self._checked = now
        with suppress(ModelKeepError):  # a full disk or a busy file is no reason to lose the work
            if self._is_cancelled():
                raise Cancelled
            if progress != self._kept:
                self._kept = progress
                text = progress_text(progress)
                self._file.change(
                    lambda database: database.execute(
                        "UPDATE jobs SET progress = ? WHERE id = ?", (text, self._job.id)
                    )
                )

    def _is_cancelled(self) -> bool:
        rows = self._file.read("SELECT cancel FROM jobs WHERE id = ? AND status = 2", self._job.id)
        return not rows or bool(rows[0]["cancel"])

    def _end(
        self,
        status: JobStatus,
        last: Progress | None,
        *,
        result: str = "{}",
        error: BaseException | None = None,
    ) -> None:
        said = sentence(error) if error is not None else ""
        if error is not None and not isinstance(error, ModelKeepError):
            self._say("".join(traceback.format_exception(error)).rstrip())
        self._say(f"{status.name.lower()}{f': {said}' if said else ''}")

        def end(database: sqlite3.Connection) -> None:
            database.execute(
                "UPDATE jobs SET status = ?, ended = ?, result = ?, error = ?, hint = ?, raised = ?,"
                " progress = coalesce(?, progress) WHERE id = ? AND status IN (1, 2)",
                (
                    status.value,
                    time.time(),
                    result,
                    said,
                    error.hint if isinstance(error, ModelKeepError) else "",
                    keep(error) if error is not None else "",
                    progress_text(last) if last is not None else None,
                    self._job.id,
                ),
            )

        # What went wrong with the work says more than that the file could not be written after it.
        with suppress(*((ModelKeepError,) if error is not None else ())):
            self._file.change(end)

    def _say(self, text: str) -> None:
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with suppress(OSError), self._log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{stamp} {text}\n")

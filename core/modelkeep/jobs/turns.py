"""Which job may run: so many at a time on a device, in their order; and which have lost the process that had them."""

from __future__ import annotations

import os
import sqlite3
import time

from modelkeep.errors import ProcessDied
from modelkeep.jobs import alive
from modelkeep.jobs.file import JobsFile
from modelkeep.jobs.ids import folder_name
from modelkeep.jobs.kept_errors import keep
from modelkeep.jobs.values import JobStatus

__all__ = ["begin", "end_lost", "may_begin"]

_QUEUED, _RUNNING, _ERRORED = (
    JobStatus.QUEUED.value,
    JobStatus.RUNNING.value,
    JobStatus.ERRORED.value,
)


def end_lost(file: JobsFile, id: str = "", device: str = "") -> None:
    """Have those end whose process is gone: all, or the one, or those of a device."""
    where = " AND id = ?" if id else " AND device = ?" if device else ""
    only = (id or device,) if where else ()
    rows = file.read(f"SELECT id, status, attempt FROM jobs WHERE status IN (1, 2){where}", *only)
    lost = [row for row in rows if not alive.has_owner(file.path.parent / folder_name(row["id"]))]
    if not lost:
        return

    def end(database: sqlite3.Connection) -> None:
        for row in lost:
            error = ProcessDied(
                "The program that ran it ended."
                if row["status"] == _RUNNING
                else "The program that was to run it ended before its turn came."
            )
            # What it was when its lock was found free: since then it may have ended as it should, or been
            # submitted again.
            database.execute(
                "UPDATE jobs SET status = ?, ended = ?, error = ?, raised = ?"
                " WHERE id = ? AND status = ? AND attempt = ?",
                (
                    _ERRORED,
                    time.time(),
                    str(error),
                    keep(error),
                    row["id"],
                    row["status"],
                    row["attempt"],
                ),
            )

    file.change(end)


def may_begin(file: JobsFile, id: str, device: str, limit: int) -> bool:
    """Whether it is a job's turn, as it looks now; changes nothing but what is lost."""
    end_lost(file, device=device)
    rows = file.read("SELECT id FROM jobs WHERE id = ?" + _ITS_TURN, id, device, device, limit)
    return bool(rows)


def begin(file: JobsFile, id: str, device: str, limit: int) -> bool:
    """Have it run if it is still its turn."""

    def change(database: sqlite3.Connection) -> bool:
        done = database.execute(
            "UPDATE jobs SET status = 2, started = ?, pid = ? WHERE id = ? AND status = 1" + _ITS_TURN,
            (time.time(), os.getpid(), id, device, device, limit),
        )
        return done.rowcount == 1

    return file.change(change)


# Those before it count only when somebody waits to run them: what was submitted and never run blocks nobody.
_ITS_TURN = """ AND status = 1 AND (SELECT count(*) FROM jobs AS other WHERE other.status = 2 AND other.device = ?)
    + (SELECT count(*) FROM jobs AS other WHERE other.status = 1 AND other.device = ? AND other.ready
       AND other.turn < jobs.turn) < ?"""

"""A job as it lies in the file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from modelkeep.jobs.ids import folder_name
from modelkeep.jobs.values import Job, JobStatus
from modelkeep.progress import Progress

__all__ = ["COLUMNS", "CHECKPOINT", "as_job", "as_json", "progress_text"]

COLUMNS = """*, CASE status WHEN 1 THEN (SELECT count(*) FROM jobs AS other WHERE other.status = 1
    AND other.device = jobs.device AND other.turn <= jobs.turn) ELSE 0 END AS place"""

CHECKPOINT = "checkpoint"
"""A file or folder of this name in the folder of a job says that what was done can be gone on with."""


def as_job(row: sqlite3.Row, jobs_folder: Path) -> Job:
    status = JobStatus(row["status"])
    folder = jobs_folder / folder_name(row["id"])
    stopped = status in (JobStatus.ERRORED, JobStatus.CANCELED)
    return Job(
        row["id"],
        row["kind"],
        row["owner"],
        row["title"],
        status,
        row["device"],
        row["place"],
        row["submitted"],
        row["started"],
        row["ended"],
        _progress(row["progress"]),
        row["error"],
        row["hint"],
        json.loads(row["parameters"]),
        json.loads(row["result"]),
        str(folder),
        row["pid"],
        stopped and (folder / CHECKPOINT).exists(),
    )


def as_json(values: Mapping[str, object]) -> str:
    """Raises `TypeError` or `ValueError` for what is no plain JSON."""
    return json.dumps(dict(values), allow_nan=False)


def progress_text(progress: Progress) -> str:
    return json.dumps(list(progress))


def _progress(text: str) -> Progress | None:
    return Progress(*json.loads(text)) if text else None

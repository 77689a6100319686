"""The file of the jobs: one SQLite database that threads and processes share.

One that is damaged is set aside and begun anew, and `JobsFile.problem` says so; one of a newer Modelkeep
is left alone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from modelkeep.cache.shared_database import NewerDatabase, SharedDatabase, error_code
from modelkeep.errors import LifecycleError, ModelKeepError

__all__ = ["JobsFile"]

_Result = TypeVar("_Result")

# Each entry leads from one version of the schema to the next. They are never changed, only added to.
_MIGRATIONS = (
    (
        """CREATE TABLE jobs (id TEXT PRIMARY KEY, kind TEXT, owner TEXT, title TEXT, device TEXT, status INTEGER,
               turn INTEGER, ready INTEGER DEFAULT 0, cancel INTEGER DEFAULT 0, submitted REAL,
               started REAL DEFAULT 0.0, ended REAL DEFAULT 0.0, progress TEXT DEFAULT '', error TEXT DEFAULT '',
               hint TEXT DEFAULT '', raised TEXT DEFAULT '', parameters TEXT DEFAULT '{}', result TEXT DEFAULT '{}',
               pid INTEGER DEFAULT 0, attempt TEXT) WITHOUT ROWID""",
        "CREATE INDEX jobs_by_status ON jobs (status, device, turn)",
    ),
)


class JobsFile(SharedDatabase):
    """A shared database that nobody else may read; where it cannot be used, there are no jobs."""

    _name = "The list of jobs"
    _mode = 0o600
    _busy_error = LifecycleError

    def __init__(self, path: Path) -> None:
        super().__init__(path, _MIGRATIONS, called=str(path))

    def read(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        bound: tuple[Any, ...] = parameters
        return self._run(lambda database: database.execute(query, bound).fetchall())

    def _run(self, action: Callable[[sqlite3.Connection], _Result]) -> _Result:
        try:
            return super()._run(action)
        except OSError as error:
            if error.filename is None or os.fspath(self.path.parent) not in str(error.filename):
                raise
            raise LifecycleError(
                f"Jobs cannot be kept in {self.path} ({error.strerror}).",
                hint="See that its folder belongs to you.",
            ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            database = super()._open()
        except NewerDatabase as error:
            raise LifecycleError(
                f"The jobs in {self.path} were written by a newer Modelkeep.",
                hint="Use that one, or move the file away.",
            ) from error
        database.row_factory = sqlite3.Row
        return database

    def _translated(self, error: sqlite3.Error) -> ModelKeepError:
        if error_code(error) == sqlite3.SQLITE_CANTOPEN:
            return self._forbidden()
        return super()._translated(error)

    def _unusable(self, error: sqlite3.Error) -> LifecycleError:
        return LifecycleError(f"The jobs in {self.path} could not be used: {error}.")

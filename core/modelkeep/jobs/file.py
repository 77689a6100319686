"""The file of the jobs: one SQLite database that threads and processes share.

One that is damaged is set aside and begun anew, and `JobsFile.problem` says so; one of a newer Modelkeep
is left alone.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from modelkeep.cache.locks import acquired
from modelkeep.errors import LifecycleError, NotEnoughSpace, ReadOnlyCache
from modelkeep.paths import set_aside

__all__ = ["JobsFile"]

_Result = TypeVar("_Result")

_PATIENCE = 10.0  # seconds; a transaction takes milliseconds, so whoever holds the file longer hangs
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

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


class _NotOurs(sqlite3.DatabaseError):
    """The database of another program."""


class JobsFile:
    """Opened when it is first needed, and again when another process has replaced it meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def read(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        bound: tuple[Any, ...] = parameters
        return self._run(lambda database: database.execute(query, bound).fetchall())

    def change(self, action: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """What `action` returns; nobody else changes the file meanwhile, and all that it did is kept, or nothing."""

        def changed(database: sqlite3.Connection) -> _Result:
            with database:
                # Not BEGIN: who reads before it writes cannot wait for another writer.
                database.execute("BEGIN IMMEDIATE")
                return action(database)

        return self._run(changed)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _run(self, action: Callable[[sqlite3.Connection], _Result]) -> _Result:
        with self._lock, _file_errors(self.path):
            try:
                return action(self._opened())
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self.close()
                self._replace()
                return action(self._opened())

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and _identity(self.path) == self._identity:
            return self._connection
        self.close()
        self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(self.path):
            self.path.touch(mode=0o600)  # says better than SQLite why it cannot be done
        # Before it is opened: who opens a file that is just being replaced sees that at its next use.
        self._identity = _identity(self.path)
        # One connection for all threads, which take turns by our lock.
        database = sqlite3.connect(
            self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            database.row_factory = sqlite3.Row
            # With a write-ahead log this is safe against everything but the loss of the last moment in a power cut.
            database.execute("PRAGMA synchronous = NORMAL")
            if _version(database) != len(_MIGRATIONS):
                with self._alone():
                    self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _migrate(self, database: sqlite3.Connection) -> None:
        version = _version(database)
        if version == len(_MIGRATIONS):
            return  # another process was first
        if version > len(_MIGRATIONS):
            raise LifecycleError(
                f"The jobs in {self.path} were written by a newer Modelkeep.",
                hint="Use that one, or move the file away.",
            )
        if version == 0 and database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise _NotOurs("This is the database of another program.")
        with suppress(sqlite3.OperationalError):  # a network disk has no shared memory, and does without
            database.execute("PRAGMA journal_mode = WAL")
        with database:
            database.execute("BEGIN IMMEDIATE")
            for migration in _MIGRATIONS[version:]:
                for statement in migration:
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")

    def _replace(self) -> None:
        """Set the file aside that was found broken, unless another process has already done so."""
        with self._alone():
            if self._identity is not None and _identity(self.path) == self._identity:
                aside = set_aside(self.path, "-wal", "-shm")
                self.problem = (
                    f"The list of jobs was damaged and is begun anew; the old one is kept as {aside}."
                )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only process that makes or replaces the file as a whole."""
        lock = acquired(Path(f"{self.path}.lock"), _PATIENCE)
        if lock is None:
            raise _busy(self.path)
        try:
            yield
        finally:
            lock.release()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _version(database: sqlite3.Connection) -> int:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return int(version)


# ---- errors


def _code(error: Exception) -> int:
    """SQLite's primary code of an error; 0 for others."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(error: Exception) -> bool:
    return isinstance(error, _NotOurs) or _code(error) in _DAMAGE


def _busy(path: Path) -> LifecycleError:
    return LifecycleError(
        f"Another program has kept {path} for {_PATIENCE:.0f} seconds.",
        hint="Wait for it to end, or close it, then do this again.",
    )


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        match _code(error):
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise _busy(path) from error
            case sqlite3.SQLITE_FULL:
                raise NotEnoughSpace(
                    f"The disk is full, so {path} could not be changed.",
                    hint="Free some space, then do this again.",
                ) from error
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN:
                raise ReadOnlyCache(
                    f"You may not change {path}.", hint="See that it and its folder belong to you."
                ) from error
            case _:
                raise LifecycleError(f"The jobs in {path} could not be used: {error}.") from error
    except OSError as error:
        if error.filename is None or os.fspath(path.parent) not in str(error.filename):
            raise
        raise LifecycleError(
            f"Jobs cannot be kept in {path} ({error.strerror}).",
            hint="See that its folder belongs to you.",
        ) from error

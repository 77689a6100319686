"""A SQLite database that threads and processes share: it is opened, brought up to date, changed, and replaced when it
is damaged.

What is done where no file can be used, and which error says so, is for each kind of database to say.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from modelkeep.cache.locks import acquired
from modelkeep.errors import ModelKeepError, NotEnoughSpace, ReadOnlyCache
from modelkeep.paths import set_aside

__all__ = ["NewerDatabase", "SharedDatabase", "error_code", "is_damage"]

_Result = TypeVar("_Result")

_PATIENCE = 10.0  # seconds; a transaction takes milliseconds, so whoever holds the file longer hangs
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class _NotOurs(sqlite3.DatabaseError):
    """Something else than a database of Modelkeep that this user may use."""


class NewerDatabase(Exception):
    """A database that a later version of Modelkeep has changed."""


class SharedDatabase(ABC):
    """Opened when it is first needed, and again when another process has replaced it meanwhile.

    `migrations` are the statements that lead from each version of the schema to the next, from none to the newest;
    the version is `PRAGMA user_version`. `called` is what errors call the file, and `patience` for how many seconds
    others may keep it.
    """

    _name: str  # where a sentence begins
    _mode = 0o666  # of a new file, less the umask
    _busy_error: type[ModelKeepError]

    def __init__(
        self, path: Path, migrations: Sequence[Sequence[str]], *, called: str, patience: float = _PATIENCE
    ) -> None:
        self.path = path
        self._migrations = migrations
        self._called = called
        self._patience = patience
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        """What is wrong with the file and what was done, as a sentence for the user; "" when all is well."""
        self._run(lambda database: None)
        return self._problem

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
        """The result of `action`, which is done again on a new file when this one turns out to be damaged."""
        with self._lock:
            try:
                try:
                    return action(self._opened())
                except sqlite3.DatabaseError as error:
                    if not self._is_mended(error):
                        raise
                    return action(self._opened())
            except sqlite3.Error as error:
                raise self._translated(error) from error

    # ---- opening

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and _identity(self.path) == self._identity:
            return self._connection
        self.close()
        self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        """The file, with the newest schema. Raises `NewerDatabase`, `OSError` and `sqlite3.Error`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(self.path):
            self.path.touch(self._mode)  # says better than SQLite why it cannot be done
        # Before it is opened: who opens a file that is just being replaced sees that at its next use.
        self._identity = _identity(self.path)
        if not self._is_usable():
            raise _NotOurs("This is no file that can be read and written.")
        # One connection for all threads, which take turns by our lock.
        database = sqlite3.connect(
            self.path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            # With a write-ahead log this is safe against everything but the loss of the last moment in a power cut.
            database.execute("PRAGMA synchronous = NORMAL")
            if _version(database) != len(self._migrations):
                with self._alone():
                    self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _is_usable(self) -> bool:
        """Whether what is there is to be opened; else it counts as damaged."""
        return True

    def _migrate(self, database: sqlite3.Connection) -> None:
        version = _version(database)
        if version == len(self._migrations):
            return  # another process was first
        if version > len(self._migrations):
            raise NewerDatabase
        if version == 0 and database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise _NotOurs("This is the database of another program.")
        with suppress(sqlite3.OperationalError):  # a network disk has no shared memory, and does without
            database.execute("PRAGMA journal_mode = WAL")
        with database:
            database.execute("BEGIN IMMEDIATE")
            for migration in self._migrations[version:]:
                for statement in migration:
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {len(self._migrations)}")

    # ---- a broken file

    def _is_mended(self, error: sqlite3.DatabaseError) -> bool:
        """Whether the file was damaged and another is in its place."""
        if not is_damage(error):
            return False
        self.close()
        self._replace()
        return True

    def _replace(self) -> None:
        """Set the file aside that was found broken, unless another process has already done so."""
        with self._alone():
            if self._identity is not None and _identity(self.path) == self._identity:
                self._problem = self._begun_anew(set_aside(self.path, "-wal", "-shm"))

    def _begun_anew(self, aside: Path) -> str:
        """What to tell the user of a file that was just set aside."""
        return f"{self._name} was damaged and is begun anew; the old one is kept as {aside}."

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only process that makes, changes or replaces the file as a whole."""
        place = Path(f"{self.path}.lock")
        try:
            lock = acquired(place, self._patience)
        except PermissionError:
            # Another user left it in a folder of ours, as after one call as the superuser.
            place.unlink()
            lock = acquired(place, self._patience)
        if lock is None:
            raise self._busy()
        try:
            yield
        finally:
            lock.release()

    # ---- errors

    def _translated(self, error: sqlite3.Error) -> ModelKeepError:
        match error_code(error):
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return self._busy()
            case sqlite3.SQLITE_FULL:
                return NotEnoughSpace(
                    f"The disk is full, so {self._called} could not be changed.",
                    hint="Free some space, then do this again.",
                )
            case sqlite3.SQLITE_READONLY:
                return self._forbidden()
            case _:
                return self._unusable(error)

    def _busy(self) -> ModelKeepError:
        return self._busy_error(
            f"Another program has kept {self._called} for {self._patience:.0f} seconds.",
            hint="Wait for it to end, or close it, then do this again.",
        )

    def _forbidden(self) -> ModelKeepError:
        return ReadOnlyCache(
            f"You may not change {self._called}.", hint="See that it and its folder belong to you."
        )

    @abstractmethod
    def _unusable(self, error: sqlite3.Error) -> ModelKeepError:
        """What to raise for any other error."""


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _version(database: sqlite3.Connection) -> int:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return int(version)


def error_code(error: Exception) -> int:
    """SQLite's primary code of an error; 0 for others."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: Exception) -> bool:
    return isinstance(error, _NotOurs) or error_code(error) in _DAMAGE

"""The file of the catalog: one SQLite database that threads and processes share, and what is done when it is broken.

A lost or broken catalog loses comfort, never a model, so nothing here stops the work: a file that is damaged, or that
may not be written, is set aside and begun anew; where no file can be kept, the catalog lives in memory; and one
of a newer Modelkeep is left alone. `CatalogFile.problem` tells the user.

Text is kept as bytes of UTF-8 with surrogates, because a name on a disk need not be valid Unicode.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from modelkeep.cache.locks import acquired
from modelkeep.errors import CacheBusy, CacheError, NotEnoughSpace, ReadOnlyCache
from modelkeep.paths import set_aside

__all__ = ["CatalogFile"]

_Row = tuple[Any, ...]
_Result = TypeVar("_Result")

_PATIENCE = 10.0  # seconds; a transaction takes milliseconds, so whoever holds the file longer hangs
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_JOURNALS = ("-wal", "-shm")


class _NoCatalog(sqlite3.DatabaseError):
    """Something else than a catalog that this user may change."""


class _Newer(Exception):
    """A catalog that a later version of Modelkeep has changed."""


class CatalogFile:
    """Opened when it is first needed, and again when another process has replaced it meanwhile.

    `migrations` are the statements that lead from each version of the schema to the next, from none to the newest;
    the version is `PRAGMA user_version`.
    """

    def __init__(self, path: Path, migrations: Sequence[Sequence[str]]) -> None:
        self.path = path
        self._migrations = migrations
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._in_memory = False
        self._replaced = False
        self._problem = ""

    @property
    def problem(self) -> str:
        """What is wrong with the catalog and what was done, as a sentence for the user; "" when all is well."""
        with self._lock, _catalog_errors(self.path):
            self._opened()
        return self._problem

    def read(self, query: str, *parameters: object) -> list[_Row]:
        """All rows of a query."""
        bound = _bound(parameters)
        rows = self._run(lambda database: database.execute(query, bound).fetchall())
        return [tuple(map(_unbound, row)) for row in rows]

    def write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement for each row, all in one transaction."""
        bound = list(map(_bound, rows))

        def execute(database: sqlite3.Connection) -> None:
            with database:
                # Not BEGIN: who reads before it writes cannot wait for another writer.
                database.execute("BEGIN IMMEDIATE")
                database.executemany(statement, bound)

        self._run(execute)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed again. What was only in memory is gone."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _run(self, action: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """The result of `action`, which is done again on a new file when this one turns out to be damaged."""
        with self._lock, _catalog_errors(self.path):
            database = self._opened()
            try:
                return action(database)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error) or self._replaced:
                    raise
                self.close()
                with suppress(OSError):
                    self._replace()
                return action(self._opened())

    # ---- opening

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None:
            if self._in_memory or _identity(self.path) == self._identity:
                return self._connection
            self.close()
        self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if self._in_memory:
            self._in_memory, self._problem = False, ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return self._connect()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._replace()
                return self._connect()
        except _Newer:
            return self._remember_only(
                f"The catalog {self.path} was written by a newer Modelkeep and is left as it is"
            )
        except (OSError, sqlite3.DatabaseError) as error:
            if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            reason = (isinstance(error, OSError) and error.strerror) or error
            return self._remember_only(f"The catalog cannot be kept in {self.path} ({reason})")

    def _connect(self) -> sqlite3.Connection:
        """The file, with the newest schema."""
        if not os.path.lexists(self.path):
            self.path.touch()  # says better than SQLite why it cannot be done
        # Before it is opened: who opens a file that is just being replaced sees that at its next use.
        self._identity = _identity(self.path)
        if not (self.path.is_file() and os.access(self.path, os.R_OK | os.W_OK)):
            raise _NoCatalog("This is no file that can be read and written.")
        # One connection for all threads, which take turns by our lock.
        database = sqlite3.connect(
            self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
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

    def _migrate(self, database: sqlite3.Connection) -> None:
        version = _version(database)
        if version == len(self._migrations):
            return  # another process was first
        if version > len(self._migrations):
            raise _Newer
        if version == 0 and database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise _NoCatalog("This is the database of another program.")
        database.execute("PRAGMA journal_mode = WAL")
        with database:
            database.execute("BEGIN IMMEDIATE")
            for migration in self._migrations[version:]:
                for statement in migration:
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {len(self._migrations)}")

    def _remember_only(self, reason: str) -> sqlite3.Connection:
        """A catalog in memory, which is better than none."""
        self._in_memory = True
        self._problem = f"{reason}; pins, notes and the like are forgotten when Modelkeep is closed."
        database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for migration in self._migrations:
            for statement in migration:
                database.execute(statement)
        return database

    # ---- a broken file

    def _replace(self) -> None:
        """Set the file aside that was found broken, unless another process has already done so."""
        with self._alone():
            self._replaced = True
            if self._identity is None or _identity(self.path) != self._identity:
                return
            readable = self.path.is_file() and os.access(self.path, os.R_OK)
            writable = os.access(self.path, os.W_OK)
            aside = set_aside(self.path, *_JOURNALS)
            if readable and not writable and _copied(aside, self.path):
                self._problem = (
                    f"The catalog could not be changed and was copied; the old one is kept as {aside}."
                )
            else:
                self._problem = f"The catalog was damaged and is begun anew; the old one is kept as {aside}."

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only process that makes, changes or replaces the file as a whole."""
        place = Path(f"{self.path}.lock")
        try:
            lock = acquired(place, _PATIENCE)
        except PermissionError:
            # Another user left it in a folder of ours, as after one call as the superuser.
            place.unlink()
            lock = acquired(place, _PATIENCE)
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


def _copied(source: Path, target: Path) -> bool:
    """Whether the catalog in `source`, which can be read, is now in `target` too."""
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error:
        target.unlink(missing_ok=True)
        return False
    return True


def _bound(values: Iterable[object]) -> list[Any]:
    return [value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value for value in values]


def _unbound(value: object) -> object:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


# ---- errors


def _code(error: Exception) -> int:
    """SQLite's primary code of an error; 0 for others."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(error: Exception) -> bool:
    return isinstance(error, _NoCatalog) or _code(error) in _DAMAGE


def _busy(path: Path) -> CacheBusy:
    return CacheBusy(
        f"Another program has kept the catalog {path} for {_PATIENCE:.0f} seconds.",
        hint="Wait for it to end, or close it, then do this again.",
    )


@contextmanager
def _catalog_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        match _code(error):
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise _busy(path) from error
            case sqlite3.SQLITE_FULL:
                raise NotEnoughSpace(
                    f"The disk is full, so the catalog {path} could not be changed.",
                    hint="Free some space, then do this again.",
                ) from error
            case sqlite3.SQLITE_READONLY:
                raise ReadOnlyCache(
                    f"You may not change the catalog {path}.",
                    hint="See that it and its folder belong to you.",
                ) from error
            case _:
                raise CacheError(
                    f"The catalog {path} could not be used: {error}.",
                    hint="Close Modelkeep and start it again.",
                ) from error

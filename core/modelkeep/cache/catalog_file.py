"""The file of the catalog, and what is done when it is broken.

A lost or broken catalog loses comfort, never a model, so nothing here stops the work: a file that is damaged, or that
may not be written, is set aside and begun anew; where no file can be kept, the catalog lives in memory; and one
of a newer Modelkeep is left alone. `CatalogFile.problem` tells the user.

Text is kept as bytes of UTF-8 with surrogates, because a name on a disk need not be valid Unicode.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from modelkeep.cache.shared_database import NewerDatabase, SharedDatabase, error_code, is_damage
from modelkeep.errors import CacheBusy, CacheError

__all__ = ["CatalogFile"]

_Row = tuple[Any, ...]

_PATIENCE = 10.0  # seconds; a transaction takes milliseconds, so whoever holds the file longer hangs


class CatalogFile(SharedDatabase):
    """A shared database that is always there: see the module."""

    _name = "The catalog"
    _busy_error = CacheBusy

    def __init__(self, path: Path, migrations: Sequence[Sequence[str]]) -> None:
        super().__init__(path, migrations, called=f"the catalog {path}", patience=_PATIENCE)
        self._in_memory = False
        self._replaced = False

    def read(self, query: str, *parameters: object) -> list[_Row]:
        """All rows of a query."""
        bound = _bound(parameters)
        rows = self._run(lambda database: database.execute(query, bound).fetchall())
        return [tuple(map(_unbound, row)) for row in rows]

    def write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement for each row, all in one transaction."""
        self.write_all((statement, rows))

    def write_all(self, *changes: tuple[str, Iterable[Sequence[object]]]) -> None:
        """Execute several statements, each for each of its rows, all in one transaction."""
        bound = [(statement, list(map(_bound, rows))) for statement, rows in changes]

        def execute(database: sqlite3.Connection) -> None:
            for statement, rows in bound:
                database.executemany(statement, rows)

        self.change(execute)

    # ---- opening

    def _opened(self) -> sqlite3.Connection:
        if self._in_memory and self._connection is not None:
            return self._connection
        return super()._opened()

    def _open(self) -> sqlite3.Connection:
        if self._in_memory:
            self._in_memory, self._problem = False, ""
        try:
            try:
                return super()._open()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._replace()
                self._replaced = True
                return super()._open()
        except NewerDatabase:
            return self._remember_only(
                f"The catalog {self.path} was written by a newer Modelkeep and is left as it is"
            )
        except (OSError, sqlite3.DatabaseError) as error:
            if error_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            reason = (isinstance(error, OSError) and error.strerror) or error
            return self._remember_only(f"The catalog cannot be kept in {self.path} ({reason})")

    def _is_usable(self) -> bool:
        return self.path.is_file() and os.access(self.path, os.R_OK | os.W_OK)

    def _remember_only(self, reason: str) -> sqlite3.Connection:
        """A catalog in memory, which is better than none; it is gone when it is closed."""
        self._in_memory = True
        self._problem = f"{reason}; pins, notes and the like are forgotten when Modelkeep is closed."
        database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for migration in self._migrations:
            for statement in migration:
                database.execute(statement)
        return database

    # ---- a broken file

    def _is_mended(self, error: sqlite3.DatabaseError) -> bool:
        # Once: a disk that damages one after the other is not helped by more of them.
        if self._replaced or not is_damage(error):
            return False
        self.close()
        with suppress(OSError):
            self._replace()
        self._replaced = True
        return True

    def _begun_anew(self, aside: Path) -> str:
        is_readable = aside.is_file() and os.access(aside, os.R_OK)
        if is_readable and not os.access(aside, os.W_OK) and _copied(aside, self.path):
            return f"The catalog could not be changed and was copied; the old one is kept as {aside}."
        return super()._begun_anew(aside)

    def _unusable(self, error: sqlite3.Error) -> CacheError:
        return CacheError(
            f"The catalog {self.path} could not be used: {error}.",
            hint="Close Modelkeep and start it again.",
        )


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

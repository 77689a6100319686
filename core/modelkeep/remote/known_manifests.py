"""What was read of stores before: manifests and entries of refs, which never change and need be read only once.

A file of SQLite in the user's cache folder, shared by all processes. It may be deleted at any moment, and nothing
that goes wrong with it stops anything: then all is read again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from modelkeep import paths
from modelkeep.remote.objects import ObjectInfo

__all__ = ["KnownObjects"]

_FILE = "stores.sqlite"
_PATIENCE = 2.0  # seconds; reading an object again is soon done, too
_LARGEST = 16 << 20  # bytes of one object that are kept
_MOST = 512 << 20  # bytes of the file; a larger one is begun anew
_SCHEMA = """CREATE TABLE IF NOT EXISTS objects (
    store TEXT, name TEXT, size INTEGER, modified REAL, content BLOB, PRIMARY KEY (store, name)
) WITHOUT ROWID"""


class KnownObjects:
    """What is known of one store, by its URL. May be used by several threads."""

    def __init__(self, url: str, path: Path | None = None) -> None:
        self._url = url
        self._path = path if path is not None else paths.rows_file().with_name(_FILE)
        self._lock = threading.Lock()

    def recall(self, prefix: str, infos: Iterable[ObjectInfo]) -> dict[str, bytes]:
        """The contents of those objects that were read before and have not changed since.

        `infos` are all that the store has below `prefix`: what else is known of it is forgotten.
        """
        listed = {info.name: info for info in infos}
        known: dict[str, bytes] = {}
        gone: list[str] = []
        with self._lock, suppress(sqlite3.Error, OSError), closing(self._open()) as database:
            rows = database.execute(
                "SELECT name, size, modified, content FROM objects WHERE store = ? AND name >= ? AND name < ?",
                (self._url, prefix, f"{prefix}\U0010ffff"),
            )
            for name, size, modified, content in rows:
                if (info := listed.get(name)) is not None and (info.size, info.modified) == (size, modified):
                    known[name] = content
                else:
                    gone.append(name)
            if gone:
                with database:
                    database.executemany(
                        "DELETE FROM objects WHERE store = ? AND name = ?",
                        [(self._url, name) for name in gone],
                    )
        return known

    def remember(self, contents: Mapping[ObjectInfo, bytes]) -> None:
        """Keep what was read."""
        rows = [
            (self._url, info.name, info.size, info.modified, content)
            for info, content in contents.items()
            if len(content) == info.size <= _LARGEST
        ]
        if not rows:
            return
        with self._lock, suppress(sqlite3.Error, OSError), closing(self._open()) as database, database:
            database.executemany("REPLACE INTO objects VALUES (?, ?, ?, ?, ?)", rows)

    def is_remembered(self) -> bool:
        """Whether anything was ever read there: then it was a store, whatever it is now."""
        with self._lock, suppress(sqlite3.Error, OSError), closing(self._open()) as database:
            query = "SELECT 1 FROM objects WHERE store = ? LIMIT 1"
            return database.execute(query, (self._url,)).fetchone() is not None
        return False

    def forget(self) -> None:
        """Know nothing of it any more, as of a store that was emptied on purpose."""
        with self._lock, suppress(sqlite3.Error, OSError), closing(self._open()) as database, database:
            database.execute("DELETE FROM objects WHERE store = ?", (self._url,))

    def _open(self) -> sqlite3.Connection:
        """The file, begun anew where it is none of ours or has grown too large."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            if self._path.stat().st_size > _MOST:
                self._path.unlink()
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            self._path.unlink(missing_ok=True)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_PATIENCE)
        try:
            # Lost in a power cut is no harm, so nothing is waited for.
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_SCHEMA)
        except BaseException:
            database.close()
            raise
        return database

"""The registry of a den in a folder: which models it has, in the SQLite file of medcat-den.

Its table `models` is medcat-den's own. What only we remember, the SHA-256 of each pack, is in a table beside it,
which medcat-den does not look at. A connection is made for each call, so that any thread and any process may call.

Source: medcat-den 0.6.0, `backend_impl/file_den.py`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from modelkeep.disk import disk_errors
from modelkeep.errors import CacheBusy, CacheError, ReadOnlyCache

__all__ = ["Registry", "Row"]

_PATIENCE = 30.0  # seconds; whoever changes a registry holds it for a rename or two
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS models(
        id TEXT PRIMARY KEY,
        root_id TEXT REFERENCES models(id),
        model_card JSON NOT NULL,
        created_at TIMESTAMP
    )""",
    "CREATE TABLE IF NOT EXISTS modelkeep_packs(id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL)",
)


class Row(NamedTuple):
    """A model of the registry. `created_at` is local time without a zone, as medcat-den writes it."""

    id: str
    root_id: str | None
    card: dict[str, Any] | None
    created_at: str = ""


class Registry:
    """See the module."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self) -> list[Row]:
        """All models; none where there is no registry."""
        return [
            _row(*found) for found in self._read("SELECT id, root_id, model_card, created_at FROM models")
        ]

    def row(self, model_id: str) -> Row | None:
        """A model by its id."""
        query = "SELECT id, root_id, model_card, created_at FROM models WHERE id = ?"
        return next((_row(*found) for found in self._read(query, model_id)), None)

    def sha256(self, model_id: str) -> str:
        """What is remembered of a pack; "" for one that medcat-den put there."""
        found = self._read("SELECT sha256 FROM modelkeep_packs WHERE id = ?", model_id)
        return str(found[0][0]) if found else ""

    def remember(self, model_id: str, sha256: str, size: int) -> None:
        """Keep the SHA-256 of a pack that was found sound."""
        with self.changing() as changes:
            changes.remember(model_id, sha256, size)

    @contextmanager
    def changing(self) -> Iterator[Changes]:
        """Be the only one who changes the den; what was changed counts when this ends, not if it raises."""
        with disk_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement in _SCHEMA:
                    connection.execute(statement)
                yield Changes(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _read(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with self._connected() as connection:
            table = query.split(" FROM ")[1].split()[0]
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone()
            return connection.execute(query, values).fetchall() if known else []

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        writable = os.access(self.path if self.path.exists() else self.path.parent, os.W_OK)
        address = f"{self.path.absolute().as_uri()}?mode={'rwc' if writable else 'ro'}"
        try:
            connection = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
            try:
                yield connection
            finally:
                connection.close()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise CacheBusy(
                    f"Another program has been changing {self.path} for {_PATIENCE:.0f} seconds.",
                    hint="Wait for it to end, or close it, then do this again.",
                ) from error
            if not writable:
                raise ReadOnlyCache(
                    f"You may not change {self.path}.", hint="Ask its owner, or use a den of your own."
                ) from error
            raise CacheError(f"The registry {self.path} cannot be used: {error}.") from error
        # The second: what SQLite says of it quotes it.
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            said = error if isinstance(error, sqlite3.Error) else "it has what is no text"
            raise CacheError(
                f"The registry {self.path} is damaged: {said}.",
                hint="The packs are beside it, in “models”, and can be pushed into another den.",
            ) from error


class Changes:
    """What can be changed in a registry."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def has(self, model_id: str) -> bool:
        """Whether it has a model, as the others see it."""
        found = self._connection.execute("SELECT 1 FROM models WHERE id = ?", [model_id])
        return found.fetchone() is not None

    def row(self, model_id: str) -> Row | None:
        """A model by its id."""
        query = "SELECT id, root_id, model_card, created_at FROM models WHERE id = ?"
        return next((_row(*found) for found in self._connection.execute(query, [model_id])), None)

    def insert(self, row: Row) -> None:
        """Add a model. A root that is not here is left out, as medcat-den does."""
        root = row.root_id if row.root_id and self.has(row.root_id) else None
        # As medcat-den writes it.
        at = row.created_at or datetime.now().isoformat()  # noqa: DTZ005
        self._connection.execute(
            "INSERT INTO models (id, root_id, model_card, created_at) VALUES (?, ?, ?, ?)",
            [row.id, root, json.dumps(row.card), at],
        )

    def remember(self, model_id: str, sha256: str, size: int) -> None:
        """Keep the SHA-256 of a pack."""
        self._connection.execute(
            "INSERT OR REPLACE INTO modelkeep_packs VALUES (?, ?, ?)", [model_id, sha256, size]
        )

    def delete(self, model_id: str) -> None:
        """Remove a model, and what is remembered of its pack."""
        self._connection.execute("DELETE FROM models WHERE id = ?", [model_id])
        self._connection.execute("DELETE FROM modelkeep_packs WHERE id = ?", [model_id])


def _row(model_id: object, root_id: object, card: object, created_at: object) -> Row:
    try:
        said = json.loads(str(card))
    except (ValueError, RecursionError):
        said = None
    return Row(
        str(model_id),
        str(root_id) if root_id else None,
        said if isinstance(said, dict) else None,
        str(created_at or ""),
    )

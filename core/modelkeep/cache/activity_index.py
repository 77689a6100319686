"""What the catalog knows of the log of what was done, so that among a hundred thousand events some are found at once.

The log's files are what counts: whatever they have and the catalog has not is taken in before anything is looked for,
and what they have no more is forgotten. Each event is known by its file and the place in it, so that any number of
processes may do this at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from modelkeep.cache.activity_log import ActivityLog, Event
from modelkeep.cache.catalog_file import CatalogFile
from modelkeep.disk import disk_errors

__all__ = ["MIGRATION", "ActivityIndex"]

_BATCH = 20_000  # events that are taken in together
_PAGE = 5_000  # events that are read together
_COLUMNS = "done_at, done_by, verb, model, root, bytes, outcome, detail"

MIGRATION = (
    # Before, an error's sentence was written in place of the outcome.
    """UPDATE events SET detail = outcome, outcome = CAST('failed' AS BLOB)
           WHERE CAST(outcome AS TEXT) NOT IN ('done', 'failed', 'cancelled')""",
    "ALTER TABLE events ADD COLUMN log",
    "ALTER TABLE events ADD COLUMN place",
    "ALTER TABLE events ADD COLUMN words",
    """UPDATE events SET words = CAST(lower(model || char(10) || done_by || char(10) || verb || char(10) || root
           || char(10) || detail) AS BLOB)""",
    "CREATE UNIQUE INDEX event_places ON events (log, place)",
)
"""What the table of events lacked: where in the log each is (none for those of before), and its words in small."""

Condition = tuple[str, tuple[object, ...]]


class ActivityIndex:
    """The events of a log, found by SQL. Raises what `CatalogFile` and `disk_errors` raise."""

    def __init__(self, file: CatalogFile, log: ActivityLog) -> None:
        self._file = file
        self._log = log

    @property
    def folder(self) -> Path:
        """Where the files of the log are."""
        return self._log.folder

    def record(self, event: Event) -> None:
        """Write an event down."""
        try:
            self._log.append(event)
        except OSError:
            self._insert([(event, None, None)])  # no log can be kept: better here than nowhere

    def find(self, where: Sequence[Condition], limit: int) -> list[tuple[int, Event]]:
        """The newest events for which all conditions hold, with their ids."""
        self._take_in()
        return self._select(where, "DESC", limit)

    def count(self, where: Sequence[Condition]) -> int:
        """How many events there are for which all conditions hold."""
        self._take_in()
        clause, parameters = _clause(where)
        [(count,)] = self._file.read(f"SELECT COUNT(*) FROM events {clause}", *parameters)
        return int(count)

    def oldest_first(self, where: Sequence[Condition]) -> Iterator[Event]:
        """All events for which the conditions hold."""
        self._take_in()
        last = 0
        while found := self._select([*where, ("id > ?", (last,))], "ASC", _PAGE):
            yield from (event for _, event in found)
            last = found[-1][0]

    def _select(self, where: Sequence[Condition], order: str, limit: int) -> list[tuple[int, Event]]:
        clause, parameters = _clause(where)
        query = f"SELECT id, {_COLUMNS} FROM events {clause} ORDER BY id {order} LIMIT ?"
        return [(id, Event(*row)) for id, *row in self._file.read(query, *parameters, limit)]

    def _take_in(self) -> None:
        with disk_errors(self._log.folder):
            known: dict[str, int] = dict(
                self._file.read("SELECT log, MAX(place) FROM events WHERE log IS NOT NULL GROUP BY log")
            )
            files = self._log.files()
            for name in known.keys() - set(files):
                self._forget(name)
            for name in files:
                start, size = known.get(name, 0), self._log.size(name)
                if size < start:  # another file of the same name
                    self._forget(name)
                    start = 0
                if size == start:
                    continue
                found = self._log.read(name, start)
                while read := [(event, name, place) for place, event in islice(found, _BATCH)]:
                    self._insert(read)

    def _forget(self, name: str) -> None:
        self._file.write("DELETE FROM events WHERE log = ?", [(name,)])

    def _insert(self, found: Sequence[tuple[Event, str | None, int | None]]) -> None:
        self._file.write(
            f"INSERT OR IGNORE INTO events ({_COLUMNS}, log, place, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*event, log, place, _words(event)) for event, log, place in found],
        )


def _words(event: Event) -> str:
    texts = (event.key, event.by, event.verb, os.fspath(event.root), event.detail)
    return "\n".join(texts).casefold()


def _clause(where: Sequence[Condition]) -> tuple[str, list[Any]]:
    conditions = " AND ".join(f"({text})" for text, _ in where)
    parameters = [value for _, values in where for value in values]
    return f"WHERE {conditions}" if conditions else "", parameters

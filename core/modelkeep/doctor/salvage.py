"""What can still be read of a broken catalog: what the user said of models, and where they came from.

A damaged page ends a read; so each table is read from both of its ends.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast, get_args

from modelkeep.cache.catalog import Catalog, Origin, Use
from modelkeep.keys import ModelKey, RepoType

__all__ = ["Salvaged", "missing_in", "read_what_can_be", "take_back"]


class _Place(NamedTuple):
    root: str
    key: ModelKey


@dataclass(frozen=True)
class Salvaged:
    """Pins, notes, uses and origins, by their models; an origin is of a commit."""

    pins: frozenset[_Place] = frozenset()
    notes: tuple[tuple[_Place, str], ...] = ()
    uses: tuple[tuple[_Place, Use], ...] = ()
    origins: tuple[tuple[_Place, str, Origin], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pins or self.notes or self.uses or self.origins)

    @property
    def text(self) -> str:
        """How many of each, in words."""
        counts = (
            (len(self.pins), "pin"),
            (len(self.notes), "note"),
            (len(self.uses), "last use"),
            (len(self.origins), "origin"),
        )
        return ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts if count)


def read_what_can_be(path: Path) -> Salvaged:
    """What a catalog says that may be damaged. It is copied first: reading a journal changes the file."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "catalog.sqlite")
        with suppress(OSError, sqlite3.Error):
            for ending in ("", "-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
            with closing(sqlite3.connect(copy)) as database:
                return _read(database)
    return Salvaged()


def missing_in(catalog: Catalog, old: Salvaged) -> Salvaged:
    """What an old catalog says and this one does not, nor anything else of the same."""
    roots = {place.root for place in old.pins} | {place.root for place, _ in old.notes}
    pins = {root: catalog.pins(root) for root in roots}
    notes = {root: catalog.notes(root) for root in roots}
    return Salvaged(
        frozenset(place for place in old.pins if place.key not in pins[place.root]),
        tuple(one for one in old.notes if one[0].key not in notes[one[0].root]),
        tuple(one for one in old.uses if catalog.last_use(*one[0]) is None),
        tuple(one for one in old.origins if catalog.origin(*one[0], one[1]) is None),
    )


def take_back(old: Salvaged, catalog: Catalog) -> str:
    """Let the catalog say what the old one said where it says nothing; returns a sentence of what that was."""
    lost = missing_in(catalog, old)
    for place in lost.pins:
        catalog.pin(*place)
    for place, note in lost.notes:
        catalog.set_note(*place, note)
    for place, use in lost.uses:
        catalog.record_use(*place, at=use.at, by=use.by, source=use.source)
    for place, commit, origin in lost.origins:
        catalog.record_origin(*place, commit, origin)
    return f"Taken back: {lost.text}." if lost else ""


def _read(database: sqlite3.Connection) -> Salvaged:
    pins = frozenset(place for place, _ in _rows(database, "pins", 0))
    notes = tuple((place, str(note)) for place, (note,) in _rows(database, "notes", 1))
    uses, origins = [], []
    for place, (at, by, source) in _rows(database, "uses", 3):
        if isinstance(at, float):
            uses.append((place, Use(at, str(by), str(source))))
    for place, (commit, said) in _rows(database, "origins", 2):
        with suppress(ValueError, TypeError, KeyError):
            values = json.loads(str(said))
            values |= {"languages": tuple(values["languages"]), "tags": tuple(values["tags"])}
            origins.append((place, str(commit), Origin(**values)))
    return Salvaged(pins, notes, tuple(uses), tuple(origins))


def _rows(
    database: sqlite3.Connection, table: str, columns: int
) -> Iterator[tuple[_Place, list[float | str]]]:
    """The rows of a table that can be read, each once: the model, and the first columns after it."""
    found: dict[tuple[bytes | float, ...], None] = {}
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for row in database.execute(f"SELECT * FROM {table} ORDER BY root {order}, repo_type {order}"):
                found[row[: 3 + columns]] = None
    for row in found:
        with suppress(UnicodeDecodeError, AttributeError):
            values = [one if isinstance(one, float) else one.decode("utf-8", "surrogatepass") for one in row]
            root, repo_type, repo_id, *rest = values
            if repo_type in get_args(RepoType):
                yield _Place(str(root), ModelKey(str(repo_id), None, cast(RepoType, repo_type))), rest

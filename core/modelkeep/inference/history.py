"""What models were asked last, kept for each model and task in a database of this user that nobody else may read."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from modelkeep.cache.catalog_file import CatalogFile
from modelkeep.inference.outcome import RememberedInputs
from modelkeep.inference.plain import from_plain, to_plain
from modelkeep.inference.values import Task, TryInputs, TryOptions
from modelkeep.keys import ModelKey

__all__ = ["InputHistory"]

_KEPT = 20  # of each model and task
_LONGEST = 100_000  # characters of all texts together; what is longer was not typed, and is in a file

_MIGRATIONS = (
    (
        """CREATE TABLE asked (id INTEGER PRIMARY KEY, root, repo_type, repo_id, task, inputs, options, at)""",
        "CREATE INDEX asked_by_model ON asked (root, repo_type, repo_id, task)",
    ),
)


class InputHistory:
    """See the module. Every method raises what those of the catalog do."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = CatalogFile(path, _MIGRATIONS)
        self._lock = threading.Lock()

    def remember(self, root: str, key: ModelKey, task: Task, inputs: TryInputs, options: TryOptions) -> None:
        """Keep what was asked, as the latest; the same once. Longer texts than 100,000 characters are not kept."""
        if (
            len(inputs.context) + sum(map(len, inputs.texts)) + sum(len(m.content) for m in inputs.messages)
            > _LONGEST
        ):
            return
        place = (root, key.repo_type, key.repo_id, str(task))
        asked = (json.dumps(to_plain(inputs)), json.dumps(to_plain(options)))
        with self._lock:
            self._make()
            self._file.write_all(
                (
                    "DELETE FROM asked WHERE (root, repo_type, repo_id, task, inputs, options) = (?, ?, ?, ?, ?, ?)",
                    [(*place, *asked)],
                ),
                (
                    "INSERT INTO asked VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                    [(*place, *asked, time.time())],
                ),
                (
                    """DELETE FROM asked WHERE (root, repo_type, repo_id, task) = (?, ?, ?, ?) AND id NOT IN
                           (SELECT id FROM asked WHERE (root, repo_type, repo_id, task) = (?, ?, ?, ?)
                                ORDER BY id DESC LIMIT ?)""",
                    [(*place, *place, _KEPT)],
                ),
            )

    def last(self, root: str, key: ModelKey) -> tuple[RememberedInputs, ...]:
        """What a model was asked, the latest first."""
        if not self._path.exists():
            return ()
        rows = self._file.read(
            """SELECT task, inputs, options, at FROM asked
                   WHERE (root, repo_type, repo_id) = (?, ?, ?) ORDER BY id DESC""",
            root,
            key.repo_type,
            key.repo_id,
        )
        return tuple(_remembered(rows))

    def forget(self, root: str = "", key: ModelKey | None = None) -> int:
        """Forget what a model was asked, or all; returns how many were forgotten."""
        if not self._path.exists():
            return 0
        with self._lock:
            if key is None:
                [(count,)] = self._file.read("SELECT count(*) FROM asked")
                self._file.write("DELETE FROM asked", [()])
            else:
                place = (root, key.repo_type, key.repo_id)
                where = "(root, repo_type, repo_id) = (?, ?, ?)"
                [(count,)] = self._file.read(f"SELECT count(*) FROM asked WHERE {where}", *place)
                self._file.write(f"DELETE FROM asked WHERE {where}", [place])
            # Deleted rows stay in the file until others take their place; what was asked may be a patient's letter.
            self._file.read("VACUUM")
            self._file.read("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(count)

    def close(self) -> None:
        self._file.close()

    def _make(self) -> None:
        """Make the file, so that nobody else could read it at any time."""
        with suppress(OSError):  # then it lives in memory
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            os.chmod(self._path, 0o600)


def _remembered(rows: list[tuple[object, ...]]) -> Iterator[RememberedInputs]:
    for task, inputs, options, at in rows:
        with suppress(ValueError, TypeError):  # of another version of Modelkeep
            yield RememberedInputs(
                Task(str(task)),
                from_plain(TryInputs, json.loads(str(inputs))),
                from_plain(TryOptions, json.loads(str(options))),
                float(str(at)),
            )

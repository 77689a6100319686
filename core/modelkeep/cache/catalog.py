"""What is known of models beyond their files: where they came from, who used them, pins, notes, what was checked.

It lies in the user's data folder, never in a cache, which may be read-only or somebody else's. A repository is known
by its root and its key without a revision; roots are resolved, so that all names of a root are one. Times are seconds
since the epoch (UTC).

What was said about a model stays when the model goes: it may come back from the trash, or be downloaded again.
"""

from __future__ import annotations

import getpass
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from modelkeep.cache import activity_index
from modelkeep.cache.activity_index import ActivityIndex
from modelkeep.cache.activity_log import ActivityLog, Event
from modelkeep.cache.catalog_file import CatalogFile
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.paths import catalog_file

__all__ = ["Catalog", "Checksums", "Event", "ManifestFile", "Origin", "Use", "content_key", "user_name"]

_BATCH = 500  # facts that are written in one transaction, which takes a few milliseconds

# Each entry leads from one version of the schema to the next. They are never changed, only added to.
_MIGRATIONS = (
    (
        """CREATE TABLE origins (root, repo_type, repo_id, commit_id, origin,
               PRIMARY KEY (root, repo_type, repo_id, commit_id)) WITHOUT ROWID""",
        """CREATE TABLE uses (root, repo_type, repo_id, used_at, used_by, source,
               PRIMARY KEY (root, repo_type, repo_id)) WITHOUT ROWID""",
        "CREATE TABLE pins (root, repo_type, repo_id, PRIMARY KEY (root, repo_type, repo_id)) WITHOUT ROWID",
        "CREATE TABLE notes (root, repo_type, repo_id, note, PRIMARY KEY (root, repo_type, repo_id)) WITHOUT ROWID",
        """CREATE TABLE checksums (path PRIMARY KEY, size, mtime_ns, inode, sha256, git_sha1, crc32, checked)
               WITHOUT ROWID""",
        "CREATE TABLE facts (path, kind, size, modified, facts, PRIMARY KEY (path, kind)) WITHOUT ROWID",
        """CREATE TABLE events (id INTEGER PRIMARY KEY, done_at, done_by, verb, model, root, bytes, outcome,
               detail)""",
    ),
    activity_index.MIGRATION,
    (
        """CREATE TABLE manifests (root, repo_type, repo_id, commit_id, files,
               PRIMARY KEY (root, repo_type, repo_id, commit_id)) WITHOUT ROWID""",
        "CREATE INDEX facts_by_kind ON facts (kind, path)",
    ),
    ("ALTER TABLE uses ADD COLUMN times DEFAULT 1",),
)


@dataclass(frozen=True)
class Origin:
    """Where a revision came from. What is not known is "", empty or None.

    `source` is "download", "import" or "local"; `archive` names what it was imported from. `last_modified` is ISO
    8601, as the Hub gives it. `metadata` are the fields of an imported `model_metadata.json` that we do not know, to
    be written back on export.
    """

    url: str = ""
    downloaded_at: float | None = None
    downloaded_by: str = ""
    last_modified: str = ""
    source: str = ""
    archive: str = ""
    library: str = ""
    pipeline: str = ""
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)


class ManifestFile(NamedTuple):
    """A file as it was imported: its bytes, what its blob is called, and its SHA-256, "" where that is not known."""

    size: int
    etag: str
    sha256: str


class Use(NamedTuple):
    """A use of a model: when, by whom, and who told us ("journal" when we saw it ourselves)."""

    at: float
    by: str
    source: str


class Checksums(NamedTuple):
    """What reading a file gave, in hex; what was not worked out is "" or None. `checked` is when it was read."""

    sha256: str
    git_sha1: str
    crc32: int | None
    checked: float


class Catalog:
    """The catalog of a user, for any number of threads and processes at once.

    Every method raises `CacheBusy`, `NotEnoughSpace` or `CacheError` when the catalog cannot be used now; `problem`
    says what was wrong with it when it was opened.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = CatalogFile(path or catalog_file(), _MIGRATIONS)
        self.activity = ActivityIndex(self._file, ActivityLog(self._file.path.with_name("activity")))
        """What was done: see `modelkeep.activity`, which looks for things in it."""
        self._lock = threading.Lock()
        self._batches = 0
        self._pending: dict[tuple[str, str], tuple[int, float, str]] = {}

    def __enter__(self) -> Catalog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def problem(self) -> str:
        """What is wrong with the catalog and what was done, as a sentence for the user; "" when all is well."""
        return self._file.problem

    def close(self) -> None:
        """Write what is pending and close the file; it is opened again when it is needed again."""
        self._write_facts()
        self._file.close()

    # ---- where a revision came from

    def origin(self, root: str | os.PathLike[str], key: ModelKey, commit: str) -> Origin | None:
        rows = self._file.read(
            "SELECT origin FROM origins WHERE (root, repo_type, repo_id, commit_id) = (?, ?, ?, ?)",
            *_place(root, key),
            commit,
        )
        return _origin(rows[0][0]) if rows else None

    def record_origin(self, root: str | os.PathLike[str], key: ModelKey, commit: str, origin: Origin) -> None:
        """Keep where a revision came from; it replaces what was known."""
        said = {item.name: getattr(origin, item.name) for item in fields(Origin)}
        text = json.dumps(said | {"metadata": dict(origin.metadata)})
        self._file.write("REPLACE INTO origins VALUES (?, ?, ?, ?, ?)", [(*_place(root, key), commit, text)])

    # ---- what an import brought

    def manifest(
        self, root: str | os.PathLike[str], key: ModelKey, commit: str
    ) -> dict[str, ManifestFile] | None:
        """The files that were imported of a revision, by name."""
        rows = self._file.read(
            "SELECT files FROM manifests WHERE (root, repo_type, repo_id, commit_id) = (?, ?, ?, ?)",
            *_place(root, key),
            commit,
        )
        return {name: ManifestFile(*said) for name, said in json.loads(rows[0][0]).items()} if rows else None

    def record_manifest(
        self, root: str | os.PathLike[str], key: ModelKey, commit: str, files: Mapping[str, ManifestFile]
    ) -> None:
        """Keep what was imported of a revision; it replaces what was known."""
        self._file.write(
            "REPLACE INTO manifests VALUES (?, ?, ?, ?, ?)",
            [(*_place(root, key), commit, json.dumps(files))],
        )

    # ---- who used a model when

    def last_use(self, root: str | os.PathLike[str], key: ModelKey) -> Use | None:
        rows = self._file.read(
            "SELECT used_at, used_by, source FROM uses WHERE (root, repo_type, repo_id) = (?, ?, ?)",
            *_place(root, key),
        )
        return Use(*rows[0]) if rows else None

    def last_uses(self, root: str | os.PathLike[str]) -> dict[ModelKey, Use]:
        """The last use of every model of a root that has one."""
        rows = self._file.read(
            "SELECT repo_id, repo_type, used_at, used_by, source FROM uses WHERE root = ?", _resolved(root)
        )
        return {ModelKey(repo_id, None, repo_type): Use(*use) for repo_id, repo_type, *use in rows}

    def record_use(
        self, root: str | os.PathLike[str], key: ModelKey, *, at: float, by: str, source: str = "journal"
    ) -> None:
        """Keep a use, unless a later one is known: of a model the last one is kept, and how many there were."""
        self._file.write(
            """INSERT INTO uses VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (root, repo_type, repo_id) DO UPDATE
                   SET used_at = excluded.used_at, used_by = excluded.used_by, source = excluded.source,
                       times = times + 1
                   WHERE excluded.used_at >= used_at""",
            [(*_place(root, key), at, by, source)],
        )

    def use_counts(self, root: str | os.PathLike[str]) -> dict[ModelKey, int]:
        """How many uses of each model of a root were kept."""
        rows = self._file.read("SELECT repo_id, repo_type, times FROM uses WHERE root = ?", _resolved(root))
        return {ModelKey(repo_id, None, repo_type): times for repo_id, repo_type, times in rows}

    # ---- pins and notes, which belong to a repository with all its revisions

    def pins(self, root: str | os.PathLike[str]) -> frozenset[ModelKey]:
        rows = self._file.read("SELECT repo_id, repo_type FROM pins WHERE root = ?", _resolved(root))
        return frozenset(ModelKey(repo_id, None, repo_type) for repo_id, repo_type in rows)

    def pin(self, root: str | os.PathLike[str], key: ModelKey) -> None:
        self._file.write("REPLACE INTO pins VALUES (?, ?, ?)", [_place(root, key)])

    def unpin(self, root: str | os.PathLike[str], key: ModelKey) -> None:
        self._file.write("DELETE FROM pins WHERE (root, repo_type, repo_id) = (?, ?, ?)", [_place(root, key)])

    def notes(self, root: str | os.PathLike[str]) -> dict[ModelKey, str]:
        rows = self._file.read("SELECT repo_id, repo_type, note FROM notes WHERE root = ?", _resolved(root))
        return {ModelKey(repo_id, None, repo_type): note for repo_id, repo_type, note in rows}

    def set_note(self, root: str | os.PathLike[str], key: ModelKey, note: str) -> None:
        """Keep a note in place of the one before; "" removes it."""
        if note:
            self._file.write("REPLACE INTO notes VALUES (?, ?, ?, ?)", [(*_place(root, key), note)])
        else:
            self._file.write(
                "DELETE FROM notes WHERE (root, repo_type, repo_id) = (?, ?, ?)", [_place(root, key)]
            )

    # ---- check sums

    def checksums(self, path: str | os.PathLike[str], status: os.stat_result) -> Checksums | None:
        """The check sums of the file at `path`, if it is still the file that was read: `status` is its own now."""
        rows = self._file.read(
            """SELECT sha256, git_sha1, crc32, checked FROM checksums
                   WHERE path = ? AND size = ? AND mtime_ns = ? AND inode = ?""",
            *content_key(path, status),
        )
        return Checksums(*rows[0]) if rows else None

    def all_checksums(self, under: str | os.PathLike[str]) -> dict[tuple[str, int, int, str], Checksums]:
        """All check sums of what is below a folder, by `content_key`: a query for each of many files takes long."""
        rows = self._file.read(
            """SELECT path, size, mtime_ns, inode, sha256, git_sha1, crc32, checked FROM checksums
                   WHERE path > ? AND path < ?""",
            *_below(under),
        )
        return {(path, size, mtime, inode): Checksums(*sums) for path, size, mtime, inode, *sums in rows}

    def remember_checksums(
        self, checked: Iterable[tuple[str | os.PathLike[str], os.stat_result, Checksums]]
    ) -> None:
        """Keep the check sums of files, each with its status from before it was read; they replace what was known."""
        self._file.write(
            "REPLACE INTO checksums VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(*content_key(path, status), *checksums) for path, status, checksums in checked],
        )

    # ---- facts about files, as `metadata.describe` remembers them

    def recall(self, kind: str, path: str, size: int, modified: float) -> object | None:
        """The facts of that kind about the file at `path`, if it still had this size and time then; else None."""
        with self._lock:
            pending = self._pending.get((path, kind))
        if pending is None:
            rows = self._file.read(
                "SELECT size, modified, facts FROM facts WHERE path = ? AND kind = ?", path, kind
            )
            pending = rows[0] if rows else (-1, 0.0, "")
        facts: object = json.loads(pending[2]) if pending[:2] == (size, modified) else None
        return facts

    def recall_all(self, kind: str, under: str | os.PathLike[str]) -> dict[str, tuple[int, float, object]]:
        """All facts of that kind about what is below a folder, by path, with the size and time that it had then."""
        folder, end = _below(under)
        rows = self._file.read(
            "SELECT path, size, modified, facts FROM facts WHERE kind = ? AND path > ? AND path < ?",
            kind,
            folder,
            end,
        )
        with self._lock:
            rows += [
                (path, *facts)
                for (path, one), facts in self._pending.items()
                if one == kind and path.startswith(folder)
            ]
        said = json.loads(f"[{','.join(facts for *_, facts in rows)}]")  # much faster than each by itself
        return {
            path: (size, modified, facts) for (path, size, modified, _), facts in zip(rows, said, strict=True)
        }

    def remember(self, kind: str, path: str, size: int, modified: float, facts: object) -> None:
        """Keep facts about a file; they replace what was known of that kind.

        Facts that cannot be written now are not missed: they are read from the file again.
        """
        with self._lock:
            self._pending[path, kind] = (size, modified, json.dumps(facts))
            waits = self._batches > 0 and len(self._pending) < _BATCH
        if not waits:
            self._write_facts()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Within it, facts are written many at a time, the last of them at its end."""
        with self._lock:
            self._batches += 1
        try:
            yield
        finally:
            with self._lock:
                self._batches -= 1
            self._write_facts()

    def _write_facts(self) -> None:
        with self._lock:
            rows = [(path, kind, *facts) for (path, kind), facts in self._pending.items()]
            self._pending.clear()
        if rows:
            with suppress(ModelKeepError):
                self._file.write("REPLACE INTO facts VALUES (?, ?, ?, ?, ?)", rows)

    # ---- what was done

    def events(self, limit: int = 100) -> tuple[Event, ...]:
        """The last things that were done, the newest first."""
        return tuple(event for _, event in self.activity.find((), limit))

    def record_event(self, event: Event) -> None:
        """Keep that something was done, whatever becomes of the catalog."""
        self.activity.record(event)


def content_key(path: str | os.PathLike[str], status: os.stat_result) -> tuple[str, int, int, str]:
    """What a content is known by: its place, and what changes when it is written to."""
    # The inode as text: it may be larger than the 63 bits of SQLite's integers.
    return os.fspath(path), status.st_size, status.st_mtime_ns, str(status.st_ino)


def user_name() -> str:
    """Who does it: the name that goes with a use, a download or an event. "" where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _resolved(root: str | os.PathLike[str]) -> str:
    """A root as `scan` names it."""
    return Path(os.path.realpath(Path(root).expanduser())).as_posix()


def _below(folder: str | os.PathLike[str]) -> tuple[str, str]:
    """What the paths of all that is below a folder lie between."""
    start = f"{os.fspath(folder).rstrip('/')}/"
    return start, f"{start[:-1]}0"  # the character after the slash


def _place(root: str | os.PathLike[str], key: ModelKey) -> tuple[str, str, str]:
    return _resolved(root), key.repo_type, key.repo_id


def _origin(text: str) -> Origin:
    said = json.loads(text)
    return Origin(**said | {"languages": tuple(said["languages"]), "tags": tuple(said["tags"])})

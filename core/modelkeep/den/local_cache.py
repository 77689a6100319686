"""The cache in front of a backend: models that were fetched, unpacked, each once for all processes of this machine.

::

    <path>/modelkeep-den.db       what is here: size, when it came and was used, how often, its files
    <path>/packs/<key>-<random>/  a model
    <path>/incoming/<key>-…/      one that is coming, or that a kill left
    <path>/locks/<key>.lock       held by who brings or evicts it; `<key>.<random>.use` by who uses it

Every file was checked while it came, and is compared by size and time of change when it is used again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import BaseFileLock

from modelkeep.cache.locks import acquired, is_held
from modelkeep.cache.policy import Order
from modelkeep.den.config import LocalCacheConfig
from modelkeep.den.failures import DenConfigError
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import CacheError
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Bring", "CacheEntry", "LocalCache"]

Bring = Callable[[Path, Report], None]
"""Puts the checked files of a model into a folder that it makes."""

_SCHEMA = """CREATE TABLE IF NOT EXISTS packs(
    key TEXT PRIMARY KEY, folder TEXT NOT NULL, size INTEGER NOT NULL, files TEXT NOT NULL,
    stored REAL NOT NULL, used REAL NOT NULL, uses INTEGER NOT NULL)"""
_POLL = 0.2  # seconds between two tries to get a lock; a report may raise to stop meanwhile


class CacheEntry(NamedTuple):
    """A model in the cache. `size` is in bytes, `stored` and `used` are seconds since the epoch."""

    key: str
    folder: str
    size: int
    stored: float
    used: float
    uses: int


class LocalCache:
    """See the module. May be used by several threads and processes."""

    def __init__(self, config: LocalCacheConfig) -> None:
        try:
            self.order = Order(str(config.eviction_policy).strip().lower())
        except ValueError as error:
            raise DenConfigError(
                f"“{config.eviction_policy}” is no order of eviction.",
                hint=f"There are {', '.join(Order)}.",
            ) from error
        self.config = config
        self.path = Path(config.path).expanduser().absolute()

    def __contains__(self, key: object) -> bool:
        return any(one.key == key and not self._is_expired(one) for one in self.entries())

    def entries(self) -> tuple[CacheEntry, ...]:
        """What is in the cache, by when it came."""
        if not self._database.exists():
            return ()
        with self._connected() as connection:
            found = connection.execute(
                "SELECT key, folder, size, stored, used, uses FROM packs ORDER BY stored"
            )
            return tuple(CacheEntry(*row) for row in found)

    @contextmanager
    def using(
        self, key: str, bring: Bring, *, size: Callable[[], int] = int, report: Report = ignore
    ) -> Iterator[Path]:
        """The folder of a model, which is brought first if it is not here; it stays while this lasts.

        `size` says about how many bytes it will take, for what has to go before.
        """
        with disk_errors(self.path):
            for name in ("packs", "incoming", "locks"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
        use = self._locks / f"{key}.{secrets.token_hex(4)}.use"
        with disk_errors(use):
            held = acquired(use, 0)
        if held is None:
            raise CacheError(f"{use} is held by somebody else.")
        try:
            with self._only_one(key, report):
                folder = self._hit(key) or self._land(key, bring, size, report)
            yield folder
        finally:
            held.release()
            with suppress(OSError):
                use.unlink()

    def remove(self, key: str) -> bool:
        """Remove a model that nobody uses; whether it is gone."""
        lock = self._lock(key)
        if lock is None:
            return False
        try:
            if self._is_used(key):
                return False
            self._drop(key)
            return True
        finally:
            lock.release()

    def plan(self, needed: int = 0) -> tuple[CacheEntry, ...]:
        """What has to go so that `needed` more bytes are within the limit: first what expired, then by the order.

        What was used just now, or is being used, stays; so the cache may be larger than its limit for a while.
        """
        now = time.time()
        entries = [one for one in self.entries() if now - one.used >= self.config.grace]
        going = [one for one in entries if self._is_expired(one)]
        if self.order is Order.NONE or self.config.max_size <= 0:
            return tuple(going)
        total = sum(one.size for one in self.entries()) - sum(one.size for one in going) + needed
        for one in sorted((one for one in entries if one not in going), key=self._rank):
            if total <= self.config.max_size:
                break
            if not self._is_used(one.key):
                going.append(one)
                total -= one.size
        return tuple(going)

    def evict(self, needed: int = 0) -> tuple[CacheEntry, ...]:
        """Carry out what `plan` says; returns what went."""
        self._clear_dead()
        return tuple(one for one in self.plan(needed) if self.remove(one.key))

    # ---- within

    def _rank(self, entry: CacheEntry) -> tuple[float, float]:
        match self.order:
            case Order.LEAST_RECENTLY_STORED:
                return entry.stored, entry.used
            case Order.LEAST_FREQUENTLY_USED:
                return entry.uses, entry.used
            case _:
                return entry.used, entry.stored

    def _is_expired(self, entry: CacheEntry) -> bool:
        age = time.time() - entry.used
        return age > self.config.grace and 0 < self.config.expiration_time < age

    def _hit(self, key: str) -> Path | None:
        """The folder of a model that is here as it came; what is expired, or was changed, is dropped."""
        with self._connected() as connection:
            row = connection.execute(
                "SELECT folder, files, size, stored, used, uses FROM packs WHERE key = ?", [key]
            ).fetchone()
            if row is None:
                return None
            folder = Path(self.path, "packs", row[0])
            expired = self._is_expired(CacheEntry(key, row[0], *row[2:]))
            if not expired and json.loads(row[1]) == _state(folder):
                connection.execute(
                    "UPDATE packs SET used = ?, uses = uses + 1 WHERE key = ?", [time.time(), key]
                )
                return folder
        if not self._is_used(key, but=1):
            self._drop(key)
        return None

    def _land(self, key: str, bring: Bring, size: Callable[[], int], report: Report) -> Path:
        incoming = self.path / "incoming"
        # Whoever brought it before is dead: we hold its lock.
        for left in incoming.glob(f"{key}-*"):
            shutil.rmtree(left, ignore_errors=True)
        self.evict(size())
        name = f"{key}-{secrets.token_hex(4)}"
        staged = incoming / name
        try:
            bring(staged, report)
            files = _state(staged)
            total = sum(int(one[1]) for one in files)
            self.evict(total)
            with disk_errors(staged):
                os.rename(staged, self.path / "packs" / name)
                sync_folder(self.path / "packs")
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        now = time.time()
        with self._connected() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO packs VALUES (?, ?, ?, ?, ?, ?, 1)",
                [key, name, total, json.dumps(files), now, now],
            )
        return self.path / "packs" / name

    def _drop(self, key: str) -> None:
        """Forget a model, then remove it: one that is known is always whole."""
        with self._connected() as connection:
            found = connection.execute("SELECT folder FROM packs WHERE key = ?", [key]).fetchone()
            connection.execute("DELETE FROM packs WHERE key = ?", [key])
        if found:
            shutil.rmtree(self.path / "packs" / found[0], ignore_errors=True)

    def _clear_dead(self) -> None:
        """Remove what kills left: folders that nobody knows or brings, and locks of uses."""
        known = {one.folder for one in self.entries()}
        for place in ("packs", "incoming"):
            for folder in (self.path / place).glob("*"):
                key = folder.name.rpartition("-")[0]
                if folder.name in known or (lock := self._lock(key)) is None:
                    continue
                try:
                    # It may have become known while we waited for its lock.
                    if folder.name not in {one.folder for one in self.entries()} and not self._is_used(key):
                        shutil.rmtree(folder, ignore_errors=True)
                finally:
                    lock.release()
        for use in self._locks.glob("*.use"):
            if not is_held(use):
                with suppress(OSError):
                    use.unlink()

    def _is_used(self, key: str, *, but: int = 0) -> bool:
        """Whether more than `but` processes or threads use a model now."""
        return sum(is_held(use) for use in self._locks.glob(f"{key}.*.use")) > but

    @contextmanager
    def _only_one(self, key: str, report: Report) -> Iterator[None]:
        while (lock := self._lock(key, _POLL)) is None:
            report(Progress("Waiting for another fetch of the same model", item=key))
        try:
            yield
        finally:
            lock.release()

    def _lock(self, key: str, patience: float = 0) -> BaseFileLock | None:
        with disk_errors(self._locks):
            return acquired(self._locks / f"{key}.lock", patience)

    @property
    def _locks(self) -> Path:
        return self.path / "locks"

    @property
    def _database(self) -> Path:
        return self.path / "modelkeep-den.db"

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._database, timeout=30, isolation_level=None)
            try:
                connection.execute(_SCHEMA)
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise CacheError(
                f"The cache {self.path} cannot be used: {error}.", hint="Remove it; it fills again."
            ) from error


def _state(folder: Path) -> list[list[str | int]]:
    """Path, size and time of change of each file, as JSON gives them back."""
    found: list[list[str | int]] = []
    with suppress(OSError):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                status = path.stat()
                found.append([path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns])
    return found

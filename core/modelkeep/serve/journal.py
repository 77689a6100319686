"""Who fetched and pushed what: a line each for a person, an event each for a program, and counters for a monitor.

The lines go to standard error or a file. The events, of `serve --json`, are described in docs/serve.md.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.catalog import Event as Done
from modelkeep.errors import ModelKeepError
from modelkeep.serve.access import Identity
from modelkeep.serve.shelf import ServedRepo
from modelkeep.text import size_text

__all__ = ["Journal", "Lines", "Sending"]

Event = dict[str, object]

_GONE_AFTER = 60.0  # seconds after its last transfer a client is no longer named


class Lines(Protocol):
    """Where lines are written: a file, or what does not wait for its readers."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...


@dataclass
class _Client:
    address: str
    name: str
    since: float
    last: float
    bytes: int = 0
    files: int = 0
    now: list[str] = field(default_factory=list)


class Journal:
    """Writes down what happens; for all threads. `emit` gets the events, a dictionary each.

    `catalog` gets what changes the caches: pushes that were taken in.
    """

    def __init__(
        self,
        out: Lines | None = None,
        *,
        emit: Callable[[Event], None] | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self._out = out
        self._emit = emit
        self._catalog = catalog
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], _Client] = {}
        self._told: Event = {}
        self.counts: Counter[str] = Counter()
        """Totals since the start, by the names of `metrics`."""
        self.answers: Counter[int] = Counter()
        """How many requests were answered with each status."""

    def note(self, sentence: str) -> None:
        """Write a line."""
        line = "".join(c if c.isprintable() else "�" for c in sentence)
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        # A full disk, or a terminal that was closed, keeps nobody from fetching models.
        with self._lock, suppress(OSError, ValueError):
            if self._out is not None:
                self._out.write(f"{stamp} {line}\n")
                self._out.flush()

    def event(self, event: Event) -> None:
        with self._lock:
            if self._emit is not None:
                self._emit(event)

    # ---- what happened

    def fetched(self, identity: Identity, repo: ServedRepo, path: str, bytes: int) -> None:
        """A file, or the part of it that was asked for, went out whole."""
        self.counts["files_sent"] += 1
        self.note(f"{_who(identity)} fetched {_key(repo)} {path} ({size_text(bytes)})")
        self.event(_event("fetched", identity, repo, path=path, bytes=bytes))

    def broke_off(self, identity: Identity, repo: ServedRepo, path: str, bytes: int, why: str) -> None:
        """A file went out in part; `why` is the end of a sentence: “the client broke off”."""
        self.counts["broken_transfers"] += 1
        self.note(f"{_who(identity)} got {size_text(bytes)} of {_key(repo)} {path}: {why}")

    def pushed(self, identity: Identity, repo: ServedRepo, commit: str, bytes: int) -> None:
        """A commit was made; `bytes` is what was sent for it."""
        with self._lock:
            self.counts["pushes"] += 1
            self.counts["bytes_received"] += bytes
        self.note(f"{_who(identity)} pushed {_key(repo)}@{commit[:8]} ({size_text(bytes)})")
        self.event(_event("pushed", identity, repo, commit=commit, bytes=bytes))
        if self._catalog is not None:
            key = str(repo.model.key.at(commit))
            came = Done(
                time.time(),
                identity.name or identity.address,
                "receive",
                key,
                repo.root,
                bytes,
                "done",
                f"from {identity.address}",
            )
            with suppress(ModelKeepError):  # it is done, whether or not that can be kept
                self._catalog.record_event(came)

    def sending(self, identity: Identity, repo: ServedRepo, path: str) -> Sending:
        """Count a file that is about to go out; to be closed by `ended`."""
        with self._lock:
            now = time.time()
            client = self._clients.setdefault(
                (identity.address, identity.name), _Client(identity.address, identity.name, now, now)
            )
            client.now.append(f"{repo.repo_id}/{path}")
        return Sending(self, identity, repo, path, client)

    # ---- who is there

    def clients(self) -> list[Event]:
        """Who fetches now or did a moment ago."""
        with self._lock:
            now = time.time()
            for key, client in list(self._clients.items()):
                if not client.now and now - client.last > _GONE_AFTER:
                    del self._clients[key]
            return [
                {
                    "address": client.address,
                    "name": client.name,
                    "since": _iso(client.since),
                    "bytes": client.bytes,
                    "files": client.files,
                    "now": client.now[-1] if client.now else "",
                }
                for client in self._clients.values()
            ]

    def active(self) -> int:
        """How many files are going out."""
        with self._lock:
            return sum(len(client.now) for client in self._clients.values())

    async def tick(self) -> None:
        """Tell of the clients, if there is something new; called about once a second."""
        event: Event = {"event": "clients", "clients": self.clients()}
        if event != self._told and (self._told or event["clients"]):
            self._told = event
            self.event(event)


class Sending:
    """One file on its way out."""

    def __init__(
        self, journal: Journal, identity: Identity, repo: ServedRepo, path: str, client: _Client
    ) -> None:
        self._journal = journal
        self._to = (identity, repo, path)
        self._client = client
        self.bytes = 0

    def sent(self, count: int) -> None:
        self.bytes += count
        self._client.bytes += count
        self._client.last = time.time()
        self._journal.counts["bytes_sent"] += count

    def ended(self, why: str = "") -> None:
        """All of it went out, or it broke off; `why` says so."""
        identity, repo, path = self._to
        with self._journal._lock:
            self._client.now.remove(f"{repo.repo_id}/{path}")
            self._client.last = time.time()
            self._client.files += not why
        if why:
            self._journal.broke_off(identity, repo, path, self.bytes, why)
        else:
            self._journal.fetched(identity, repo, path, self.bytes)


def _event(kind: str, identity: Identity, repo: ServedRepo, **more: object) -> Event:
    who: Event = {"event": kind, "at": _iso(time.time()), "address": identity.address, "name": identity.name}
    return who | {"repo_type": repo.repo_type, "repo_id": repo.repo_id} | more


def _who(identity: Identity) -> str:
    return f"{identity.address} ({identity.name})" if identity.name else identity.address


def _key(repo: ServedRepo) -> str:
    return repo.repo_id if repo.repo_type == "model" else f"{repo.repo_type}s/{repo.repo_id}"


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

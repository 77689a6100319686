"""What the routes have in common: which repository is meant, JSON from a client, threads, errors as answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar
from weakref import WeakValueDictionary

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from modelkeep.errors import (
    CacheBusy,
    CacheNotFound,
    ModelInUse,
    ModelKeepError,
    ModelNotFound,
    ModelPinned,
    NotEnoughSpace,
    ReadOnlyCache,
)
from modelkeep.keys import ModelKey
from modelkeep.serve.access import Access, Identity
from modelkeep.serve.addresses import KINDS, api_address
from modelkeep.serve.answers import HubError, repo_not_found
from modelkeep.serve.bodies import body_of, chunks_of
from modelkeep.serve.journal import Journal
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.pushing.store import PushStore
from modelkeep.serve.shelf import Shelf

__all__ = ["Desk", "Pieces", "in_thread", "json_of", "receive", "repo_url"]

_LONGEST_JSON = 16 << 20
_PIECE = 1 << 20  # bytes that are written at once; the client is kept waiting meanwhile

_STATUS: tuple[tuple[type[ModelKeepError], int], ...] = (
    (NotEnoughSpace, 507),
    (CacheBusy, 503),
    (CacheNotFound, 503),
    (ModelInUse, 409),
    (ModelPinned, 409),
    (ReadOnlyCache, 403),
    (ModelNotFound, 404),
)

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """Where pushes arrive. `store` is None until the server runs, and where nothing is taken."""

    def __init__(self, shelf: Shelf, options: ServeOptions, access: Access, journal: Journal) -> None:
        self.shelf = shelf
        self.options = options
        self.access = access
        self.journal = journal
        self.open_store: PushStore | None = None
        self._turns: WeakValueDictionary[ModelKey, asyncio.Lock] = WeakValueDictionary()

    @property
    def store(self) -> PushStore:
        if self.open_store is None:
            raise HubError(403, "", "This server has no cache that takes pushes.")
        return self.open_store

    def turn(self, key: ModelKey) -> asyncio.Lock:
        """Held by the one who changes a repository: who waits for it must not keep a thread from all others."""
        return self._turns.setdefault(key, asyncio.Lock())

    async def changed(self, who: Identity, what: str) -> None:
        """Let readers see a change, and write it down; `what` is the end of a sentence."""
        await in_thread(self.shelf.changed, self.store.root)
        self.journal.note(f"{who.address} ({who.name}) {what}")

    def address(self, request: Request, *verbs: str) -> tuple[ModelKey, str]:
        """The repository and the revision of an API call. Raises `HubError` 404 when the URL is another call's."""
        found = api_address(
            request.scope["raw_path"], lambda kind, name: self.shelf.repo(kind, name) is not None
        )
        if found is None or found.verb not in verbs:
            raise HubError(404, "", "This server has nothing at this address.")
        return ModelKey(found.repo_id, None, found.repo_type), "/".join(filter(None, found[3:]))

    def check_is_here(self, key: ModelKey) -> None:
        """Raise `HubError` 404 for a repository that is not here, and 403 for one in a cache that takes no pushes."""
        served = self.shelf.repo(key.repo_type, key.repo_id)
        if served is not None and Path(served.root) != self.store.root:
            raise HubError(403, "", f"{key.repo_id} lies in a cache of this server that takes no pushes.")
        if not self.store.path(key).is_dir():
            raise repo_not_found(key.repo_id)


class Pieces(Protocol):
    def write(self, data: bytes, /) -> object: ...


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do what blocks, and turn our errors into a hub's."""
    try:
        return await run_in_threadpool(function, *args, **kwargs)
    except ModelKeepError as error:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        raise HubError(status, "", f"{error} {error.hint}".rstrip()) from error


async def receive(request: Request, to: Pieces, stall: float) -> None:
    """Write a request's body as it comes. Raises `HubError` 400 when the client goes, 408 after `stall` seconds."""
    pending = bytearray()
    async for chunk in chunks_of(request, stall):
        pending += chunk
        if len(pending) >= _PIECE:
            await in_thread(to.write, bytes(pending))
            pending.clear()
    if pending:
        await in_thread(to.write, bytes(pending))


async def json_of(request: Request, stall: float) -> dict[str, object]:
    """The JSON object in a request's body."""
    body = await body_of(request, stall, _LONGEST_JSON)
    try:
        said = await run_in_threadpool(json.loads, body or b"{}")
    except (ValueError, RecursionError) as error:
        raise HubError(400, "", "The request is not JSON.") from error
    if not isinstance(said, dict):
        raise HubError(400, "", "The request is not a JSON object.")
    return said


def repo_url(request: Request, key: ModelKey) -> str:
    """Where a person or a client finds a repository."""
    kind = next(kind for kind, repo_type in KINDS.items() if repo_type == key.repo_type)
    prefix = "" if key.repo_type == "model" else f"{kind}/"
    return f"{str(request.base_url).rstrip('/')}/{prefix}{key.repo_id}"

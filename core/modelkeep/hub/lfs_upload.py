"""Sends contents to a hub's store of large files: from the disk, several at a time, again where that may help."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import (
    AccessDenied,
    BadReply,
    Cancelled,
    ContentConflict,
    RemoteBusy,
    RemoteUnreachable,
)
from modelkeep.hub.pace import wait_before
from modelkeep.hub.push_calls import LFS_TYPE, LfsActions
from modelkeep.hub.push_plan import PushFile
from modelkeep.progress import Progress, Report

if TYPE_CHECKING:
    from modelkeep.hub.client import HubClient

__all__ = ["AskActions", "changed", "upload_contents"]

_AT_ONCE = 4  # contents
_TICK = 0.1  # seconds; how soon a cancel is heard
_PIECE = 1 << 20
_PUT = (200, 201, 202, 204)

AskActions = Callable[[PushFile], LfsActions]
"""Asks the hub anew how a content gets into its store: where it said so before, that may be out of date."""


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...
    def copy(self) -> _Digest: ...


def upload_contents(
    client: HubClient,
    files: Sequence[tuple[PushFile, LfsActions]],
    ask: AskActions,
    *,
    total: int,
    report: Report,
) -> int:
    """Send the contents of these files, each read from its `source`; returns their bytes.

    `total` is what the whole push sends. When a report raises, or a content fails for good, all others stop.
    Raises `ContentConflict` for a file that is not what the plan saw, and `RemoteError`.
    """
    going = _Going()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="push") as pool:
        waiting: set[Future[None]] = set()
        try:
            for file, actions in files:
                waiting.add(pool.submit(_Upload(client, file, ask, going).run, actions))
            while waiting:
                report(Progress("Sending", going.done, total, going.item))
                ended, waiting = wait(waiting, _TICK, FIRST_COMPLETED)
                for future in ended:
                    future.result()
        except BaseException:
            going.stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    report(Progress("Sending", going.done, total, going.item))
    return going.done


def changed(file: PushFile) -> ContentConflict:
    """What to raise for a file that is not what the plan saw."""
    return ContentConflict(
        f"{file.path} changed while it was pushed; no commit was made.", hint="Push again, when it is ready."
    )


class _Going:
    """What the threads of all contents share."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.item = ""
        self.done = 0
        self._lock = threading.Lock()

    def count(self, path: str, size: int) -> None:
        """Bytes that went, or, below zero, that have to go again."""
        with self._lock:
            self.item, self.done = path, self.done + size

    def check(self) -> None:
        if self.stopped.is_set():
            raise Cancelled


class _Slice:
    """Part of a file as requests sends it: with a length, piece by piece, hashed and counted as it goes.

    Not seekable: what is sent again is opened again, so that the hash is of what was sent.
    """

    def __init__(self, file: BinaryIO, size: int, digest: _Digest, count: Callable[[int], None]) -> None:
        self._file = file
        self._left = size
        self._digest = digest
        self._count = count

    def __len__(self) -> int:
        return self._left

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(_PIECE):
            yield piece

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        with disk_errors(self._file.name):
            data = self._file.read(wanted)
        self._left -= len(data)
        self._digest.update(data)
        self._count(len(data))
        return data


class _Upload:
    """One content on its way."""

    def __init__(self, client: HubClient, file: PushFile, ask: AskActions, going: _Going) -> None:
        self._client = client
        self._file = file
        self._ask = ask
        self._going = going

    def run(self, actions: LfsActions) -> None:
        attempt = 0
        while True:
            if not actions.upload:
                return  # somebody else has brought it meanwhile
            counted = _Counted(self._going, self._file.path)
            try:
                self._going.check()
                self._send(actions, counted)
                return
            except (RemoteUnreachable, RemoteBusy, AccessDenied) as error:
                counted.take_back()
                attempt += 1
                # An address may have expired that the hub signed: once it is asked for a new one.
                retry = RemoteBusy("") if isinstance(error, AccessDenied) and attempt == 1 else error
                pause = None if isinstance(retry, AccessDenied) else wait_before(attempt, retry)
                if pause is None:
                    raise
                if self._going.stopped.wait(pause):
                    raise Cancelled from error
            except BaseException:
                counted.take_back()
                raise
            actions = self._ask(self._file)

    def _send(self, actions: LfsActions, counted: _Counted) -> None:
        place = self._file.source
        with disk_errors(place), open(place, "rb", opener=keeping_atime) as file:
            if os.fstat(file.fileno()).st_size != self._file.size:
                raise changed(self._file)
            if actions.parts:
                self._send_parts(actions, file, counted)
            else:
                self._send_whole(actions, file, counted)
        if actions.verify:
            self._client.request(
                "POST",
                actions.verify,
                json={"oid": self._file.etag, "size": self._file.size},
                headers={"Accept": LFS_TYPE, "Content-Type": LFS_TYPE, **actions.verify_headers},
            )

    def _send_whole(self, actions: LfsActions, file: BinaryIO, counted: _Counted) -> None:
        digest: _Digest = hashlib.sha256()
        self._put(actions.upload, _Slice(file, self._file.size, digest, counted), digest, actions.headers)
        if digest.hexdigest() != self._file.etag:
            raise changed(self._file)

    def _send_parts(self, actions: LfsActions, file: BinaryIO, counted: _Counted) -> None:
        """One part after another; a part that fails is sent again, not those before it."""
        digest: _Digest = hashlib.sha256()
        etags = []
        for number, url in enumerate(actions.parts):
            start = number * actions.chunk
            size = min(actions.chunk, self._file.size - start)
            digest, etag = self._send_part(url, file, start, size, digest, counted)
            etags.append({"partNumber": number + 1, "etag": etag})
        if digest.hexdigest() != self._file.etag:
            raise changed(self._file)
        self._client.request(
            "POST",
            actions.upload,
            json={"oid": self._file.etag, "parts": etags},
            headers={"Accept": LFS_TYPE, "Content-Type": LFS_TYPE},
            ok=_PUT,
        )

    def _send_part(
        self, url: str, file: BinaryIO, start: int, size: int, before: _Digest, counted: _Counted
    ) -> tuple[_Digest, str]:
        attempt = 0
        while True:
            digest = before.copy()
            file.seek(start)
            mark = counted.size
            try:
                response = self._put(url, _Slice(file, size, digest, counted), digest, {})
            except (RemoteUnreachable, RemoteBusy) as error:
                counted.take_back(mark)
                attempt += 1
                pause = wait_before(attempt, error)
                if pause is None:
                    raise
                if self._going.stopped.wait(pause):
                    raise Cancelled from error
                continue
            etag = response.headers.get("ETag", "")
            if not etag:
                raise BadReply("The hub's store does not say what it calls the part that it got.")
            return digest, etag

    def _put(self, url: str, body: _Slice, digest: _Digest, headers: Any) -> Any:
        try:
            # Addresses in the store are signed; the token is nobody's business there.
            return self._client.request(
                "PUT",
                url,
                authorize=False,
                data=body,
                headers={"Content-Type": "application/octet-stream", **headers},
                ok=_PUT,
            )
        except BadReply:
            # A store may notice a wrong content before we say so.
            if not len(body) and self._is_changed(digest):
                raise changed(self._file) from None
            raise

    def _is_changed(self, digest: _Digest) -> bool:
        return digest.hexdigest() != self._file.etag


class _Counted:
    """Counts what one attempt sent, so that it can be taken back."""

    def __init__(self, going: _Going, path: str) -> None:
        self._going = going
        self._path = path
        self.size = 0

    def __call__(self, size: int) -> None:
        self._going.check()
        self._going.count(self._path, size)
        self.size += size

    def take_back(self, to: int = 0) -> None:
        """Uncount what came after the first `to` bytes."""
        self._going.count(self._path, to - self.size)
        self.size = to

"""Bringing contents to a bucket: small ones at once, large ones in parts, several at a time.

An upload in parts that broke off, in whatever way, lies open on the server until it is completed or aborted. Any
process that uploads to the same key finds it there by its list, and sends only the parts that it lacks.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from modelkeep.errors import AccessDenied, BadReply, Cancelled, NotOnRemote, RemoteConflict, WrongContent
from modelkeep.remote.objects import Content
from modelkeep.remote.s3.answers import OpenUpload, SentPart, completion_of
from modelkeep.remote.s3.connecting import Body, Connection
from modelkeep.remote.s3.refusals import NotSupported, UploadGone
from modelkeep.remote.s3.signing import UNSIGNED
from modelkeep.streams import Stream

__all__ = [
    "IN_PARTS_FROM",
    "Hands",
    "abort",
    "begin",
    "complete",
    "open_uploads",
    "part_size",
    "sent_parts",
    "upload",
]

IN_PARTS_FROM = 64 << 20
"""Bytes; what is smaller goes at once, and has to go again from its start when it breaks off."""

_PART = 8 << 20
_MOST_PARTS = 10_000
_PIECE = 1 << 18  # bytes that go before the caller hears of them
_AT_ONCE = 8  # parts, of all contents together
_READ_AHEAD = 4
_ANEW = 3  # how often an upload may be ended by somebody else
_TO_COMPLETE = 600.0  # seconds; a server may copy all of it together
_TICK = 0.2


class Hands:
    """Threads that send parts, for all uploads of a store together; `slots` bound the parts in memory."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="s3-part")
        self.slots = threading.BoundedSemaphore(_AT_ONCE + _READ_AHEAD)

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)


def part_size(size: int) -> int:
    """Bytes of a part of a content of `size`: the same in every process, so that one goes on where another ended."""
    least = -(-size // _MOST_PARTS)
    return max(_PART, -(-least // (1 << 20)) << 20)


def upload(connection: Connection, key: str, content: Content, hands: Hands) -> None:
    """See `Objects.upload`."""
    if content.size < IN_PARTS_FROM:
        _upload_at_once(connection, key, content)
    else:
        _upload_in_parts(connection, key, content, hands)


def open_uploads(connection: Connection, prefix: str) -> Iterator[OpenUpload]:
    """The uploads in parts to keys that begin with `prefix` that were neither completed nor aborted."""
    query = {"uploads": "", "prefix": prefix}
    while True:
        try:
            answer = connection.ask("GET", query=query)
        except UploadGone:
            return  # rclone's word for none
        said = connection.xml(answer, "ListMultipartUploadsResult")
        yield from (one for one in said.uploads() if one.key.startswith(prefix))
        following = said.following("NextKeyMarker")
        if not following:
            return
        query = query | {"key-marker": following, "upload-id-marker": said.text("NextUploadIdMarker")}


def sent_parts(connection: Connection, upload: OpenUpload) -> Iterator[SentPart]:
    """The parts of an upload that the server has."""
    query = {"uploadId": upload.id}
    while True:
        said = connection.xml(connection.ask("GET", upload.key, query=query), "ListPartsResult")
        yield from said.parts()
        following = said.following("NextPartNumberMarker")
        if not following:
            return
        query = query | {"part-number-marker": following}


def begin(connection: Connection, key: str) -> str:
    """Begin an upload in parts; returns its id."""
    answer = connection.ask("POST", key, query={"uploads": ""})
    # The second is what rclone's server calls it.
    said = connection.xml(answer, "InitiateMultipartUploadResult", "InitiateMultipartUpload")
    return said.text("UploadId")


def abort(connection: Connection, key: str, upload_id: str) -> None:
    """Forget an upload in parts, and the parts with it."""
    connection.ask("DELETE", key, query={"uploadId": upload_id}, also=(404,))


def complete(connection: Connection, key: str, upload_id: str, etags: Sequence[str]) -> None:
    """Make an object of the parts of an upload, all at once."""
    answer = connection.ask(
        "POST",
        key,
        query={"uploadId": upload_id},
        headers={"Content-Type": "application/xml"},
        body=completion_of(etags),
        patience=_TO_COMPLETE,
    )
    connection.xml(answer, "CompleteMultipartUploadResult")


def _upload_at_once(connection: Connection, key: str, content: Content) -> None:
    told = _Told(content)

    def pieces() -> Iterator[bytearray]:
        told.take_back()
        left, digest = content.size, hashlib.sha256()
        with content.read(0, None) as stream:
            while left:
                piece = _read(stream, min(_PIECE, left))
                digest.update(piece)
                left -= len(piece)
                if not left and digest.hexdigest() != content.sha256:
                    # Without its last piece it is never whole, so nobody sees it.
                    raise _wrong()
                yield piece
                told.of(len(piece))

    if not content.size and content.sha256 != hashlib.sha256().hexdigest():
        raise _wrong()
    body = Body(content.size, content.sha256, pieces)
    answer = connection.ask("PUT", key, body=body, still=lambda: content.told(0))
    _etag_of(answer.headers, connection)


def _upload_in_parts(connection: Connection, key: str, content: Content, hands: Hands) -> None:
    told = _Told(content)
    for _ in range(_ANEW):
        told.take_back()
        ours = _InParts(connection, key, content, hands, told)
        try:
            ours.run()
            return
        except UploadGone:
            # Another process that brought the same content was first, or somebody cleared up.
            if ours.is_there():
                told.of(content.size - told.size)
                return
        except NotSupported:
            # A part of another content under the same name, which not every server lets be replaced.
            if not ours.goes_on:
                raise
            abort(connection, key, ours.id)
    raise RemoteConflict(
        f"Somebody else keeps ending the uploads to {connection.host}.",
        hint="Try again when nobody clears up there.",
    )


class _Told:
    """Counts what was told of a content, so that it can be taken back."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._lock = threading.Lock()
        self.size = 0

    def of(self, size: int) -> None:
        with self._lock:
            self.size += size
        self._content.told(size)

    def take_back(self) -> None:
        if self.size:
            self.of(-self.size)


class _InParts:
    """One upload in parts: read once, from its start to its end, and sent by several threads. `goes_on`: it was begun
    before, by whomever.
    """

    def __init__(self, connection: Connection, key: str, content: Content, hands: Hands, told: _Told) -> None:
        self._connection = connection
        self._key = key
        self._content = content
        self._hands = hands
        self._told = told
        self._stopped = threading.Event()
        self._sending: list[Future[str]] = []
        self.id = ""
        self.goes_on = False
        self._there: Mapping[int, SentPart] = {}

    def run(self) -> None:
        """Raises `UploadGone` when somebody else ended it. Whatever else is raised but `WrongContent` leaves it
        open, to be gone on with."""
        found = self._find()
        self.goes_on = found is not None
        self.id, self._there = found or (begin(self._connection, self._key), {})
        try:
            self._send_all()
            etags = [future.result() for future in self._sending]
        except BaseException as error:
            self._stop()
            if isinstance(error, WrongContent):
                abort(self._connection, self._key, self.id)
            raise
        complete(self._connection, self._key, self.id, etags)

    def is_there(self) -> bool:
        """Whether the object is there as the parts together make it; the content is read for that."""
        answer = self._connection.ask("HEAD", self._key, also=(404,))
        if answer.status != 200 or answer.headers.get("Content-Length") != str(self._content.size):
            return False
        sums = b"".join(_md5(part) for part in self._parts())
        etag = f"{hashlib.md5(sums, usedforsecurity=False).hexdigest()}-{len(sums) // 16}"
        return answer.headers.get("ETag", "").strip('"') == etag

    def _find(self) -> tuple[str, Mapping[int, SentPart]] | None:
        """An upload to this key that broke off, and its parts; None where the server has none, or lists none."""
        try:
            found = [one for one in open_uploads(self._connection, self._key) if one.key == self._key]
            for one in sorted(found, key=lambda one: one.begun, reverse=True):
                if parts := {part.number: part for part in sent_parts(self._connection, one)}:
                    return one.id, parts
        except (AccessDenied, BadReply, NotOnRemote):
            return None
        return None

    def _parts(self) -> Iterator[bytearray]:
        size, left = part_size(self._content.size), self._content.size
        with self._content.read(0, None) as stream:
            while left:
                part = _read(stream, min(size, left))
                left -= len(part)
                yield part

    def _send_all(self) -> None:
        """Hand all parts to the threads, and wait until they are there."""
        digest = hashlib.sha256()
        parts = self._parts()
        while True:
            while not self._hands.slots.acquire(timeout=_TICK):
                self._look()
            try:
                part = next(parts, None)
                if part is not None:
                    digest.update(part)
                    self._sending.append(self._hands.pool.submit(self._send, len(self._sending) + 1, part))
            except BaseException:
                self._hands.slots.release()
                raise
            if part is None:
                self._hands.slots.release()
                break
            self._sending[-1].add_done_callback(lambda _: self._hands.slots.release())
            self._look()
        if digest.hexdigest() != self._content.sha256:
            raise _wrong()
        waiting = {future for future in self._sending if not future.done()}
        while waiting:
            _, waiting = wait(waiting, _TICK, FIRST_COMPLETED)
            self._look()

    def _look(self) -> None:
        """Raise what went wrong with a part, or what the caller says."""
        for future in self._sending:
            if future.done() and (error := future.exception()) is not None:
                raise error
        self._told.of(0)

    def _stop(self) -> None:
        """Return when no thread sends any more."""
        self._stopped.set()
        wait([future for future in self._sending if not future.cancel()])

    def _send(self, number: int, part: bytearray) -> str:
        """Bring a part there, unless it is; returns its ETag. Called by the threads."""
        md5 = _md5(part)
        there = self._there.get(number)
        if there is not None and there.size == len(part) and there.etag == md5.hex():
            self._told.of(len(part))
            return there.etag
        sent = 0

        def pieces() -> Iterator[memoryview]:
            nonlocal sent
            self._told.of(-sent)
            sent = 0
            view = memoryview(part)
            for start in range(0, len(part), _PIECE):
                self._check()
                piece = view[start : start + _PIECE]
                yield piece
                sent += len(piece)
                self._told.of(len(piece))

        answer = self._connection.ask(
            "PUT",
            self._key,
            query={"partNumber": str(number), "uploadId": self.id},
            headers={"Content-MD5": base64.b64encode(md5).decode()},
            body=Body(len(part), UNSIGNED, pieces),
            still=self._check,
        )
        return _etag_of(answer.headers, self._connection)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise Cancelled


def _md5(part: bytes | bytearray) -> bytes:
    return hashlib.md5(part, usedforsecurity=False).digest()


def _read(stream: Stream, size: int) -> bytearray:
    """So many bytes of a content. Raises `WrongContent` when it has no more."""
    content = bytearray(size)
    view, filled = memoryview(content), 0
    while filled < size:
        count = stream.readinto(view[filled:])
        if not count:
            raise _wrong()
        filled += count
    return content


def _etag_of(headers: Mapping[str, str], connection: Connection) -> str:
    """What the server calls what it got: each S3 server says so, and nothing else that may answer."""
    etag = headers.get("ETag", "").strip('"')
    if not etag:
        raise BadReply(
            f"{connection.host} takes what is sent, but does not answer as an S3 server does.",
            hint="See that the endpoint in the address is that of the store.",
        )
    return etag


def _wrong() -> WrongContent:
    return WrongContent(
        "A content is not what its name says, so it was not sent.",
        hint="Verify the model; it may have changed meanwhile.",
    )

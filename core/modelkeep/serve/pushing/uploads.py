"""Contents on their way to the server: where a client may send which one, and the bytes as they come.

A content goes into one file of the staging folder, in parts: one for the `basic` transfer, several for `multipart`.
It counts only when all of it is there and is what its SHA-256 says. What is whole stays in the staging folder until
a commit takes it, so that a client that was interrupted is not asked for it again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.archive.lfs import LFS_FROM
from modelkeep.cache.staging import Staging
from modelkeep.disk import disk_errors, free_space, reserve, sync_folder
from modelkeep.errors import NotEnoughSpace
from modelkeep.serve.answers import HubError
from modelkeep.text import size_text

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Limits", "Receiver", "Upload", "Uploads", "check_space"]

_SPACE_STEP = 64 << 20  # bytes written between two looks at the free space
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    A content larger than `part_size` comes in parts. `link_life`: how long a URL to send it to is good, counted anew
    from each part. `staged_life`: how long a whole content waits for its commit; looked at when the server starts.
    `in_commit`: what a file inside of a commit may have; `commit`, all of a commit's lines.
    """

    part_size: int = 64 << 20
    most_parts: int = 1000
    link_life: float = 6 * 3600.0
    staged_life: float = 24 * 3600.0
    in_commit: int = LFS_FROM
    commit: int = 2 << 30


@dataclass
class Upload:
    """A content that a client was told where to send. `id` is unguessable: whoever knows it may send."""

    id: str
    oid: str
    size: int
    part_size: int
    path: Path
    expires: float
    """Of the monotonic clock."""
    done: dict[int, str] = field(default_factory=dict)
    """The etags of the parts that are there, by their numbers, which begin with 1."""
    writers: dict[int, object] = field(default_factory=dict)
    hashes: list[_Hash] = field(default_factory=lambda: [hashlib.sha256()])
    """The hash of all that comes before part 1, 2, …, as far as parts came in order."""
    finished: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def parts(self) -> int:
        return max(1, -(-self.size // self.part_size))

    def length(self, number: int) -> int:
        """Bytes of a part."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


class Uploads:
    """The uploads of one root. For all threads; what writes or hashes blocks."""

    def __init__(self, root: Path, staging: Staging, limits: Limits, max_upload: int) -> None:
        self._root = root
        self._staging = staging
        self._limits = limits
        self._max = max_upload
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def has(self, oid: str, size: int | None = None) -> bool:
        """Whether a content is here whole, waiting for a commit."""
        path = self._staging.blob(oid)
        return path.is_file() if size is None else self._staging.has(oid, size)

    def begin(self, oid: str, size: int, *, in_parts: bool = True, beside: int = 0) -> Upload:
        """A place for a content; `in_parts`: the client can send it so, `beside`: bytes of others that are to come.

        Raises `HubError` 413 for one that is too large, and `NotEnoughSpace`.
        """
        if self._max and size > self._max:
            raise HubError(
                413, "", f"The file has {size_text(size)}; this server takes up to {size_text(self._max)}."
            )
        check_space(self._root, size + beside)
        self._forget_expired()
        part_size = max(self._limits.part_size, -(-size // self._limits.most_parts)) if in_parts else size
        number = secrets.token_urlsafe(32)
        # The name on the disk must not tell the URL.
        path = self._staging.path / f"{hashlib.sha256(number.encode()).hexdigest()[:32]}.part"
        upload = Upload(number, oid, size, max(1, part_size), path, time.monotonic() + self._limits.link_life)
        with self._lock:
            self._uploads[number] = upload
        return upload

    def find(self, number: str) -> Upload:
        """The upload of that id. Raises `HubError` 404, also when it expired."""
        with self._lock:
            upload = self._uploads.get(number)
        if upload is None or upload.expires < time.monotonic():
            raise HubError(404, "", "This upload is not known here, or it expired; push again.")
        return upload

    def receive(self, upload: Upload, number: int, announced: int | None) -> Receiver:
        """Begin a part; `announced` is the Content-Length. An earlier try at the same part can write no more."""
        if not 1 <= number <= upload.parts:
            raise HubError(404, "", f"This upload has {upload.parts} parts.")
        if announced is not None and announced != upload.length(number):
            raise HubError(
                413 if announced > upload.length(number) else 400,
                "",
                f"{announced} bytes were announced where {upload.length(number)} were to come.",
            )
        upload.expires = time.monotonic() + self._limits.link_life
        return Receiver(self._root, upload, number)

    def complete(self, upload: Upload, etags: Mapping[int, str] | None = None) -> None:
        """Check that all parts are there, and that they are the content; it waits for a commit then.

        Raises `HubError` 400 for missing parts and 422 for another content, of which nothing stays.
        """
        with upload.lock:
            if upload.finished:
                return
            missing = [number for number in range(1, upload.parts + 1) if number not in upload.done]
            if missing:
                raise HubError(400, "", f"Part {missing[0]} of {upload.parts} did not arrive.")
            if etags is not None and dict(etags) != upload.done:
                raise HubError(400, "", "The parts are not those that arrived.")
            upload.writers.clear()
            with disk_errors(upload.path):
                digest = _digest(upload)
                if not hmac.compare_digest(digest, upload.oid):
                    self._drop(upload)
                    raise HubError(
                        422, "", f"The content has the SHA-256 {digest}, not {upload.oid}; it was not kept."
                    )
                os.replace(upload.path, self._staging.blob(upload.oid))
                sync_folder(self._staging.blob(upload.oid).parent)
            upload.finished = True
            upload.hashes.clear()

    def _drop(self, upload: Upload) -> None:
        with self._lock:
            self._uploads.pop(upload.id, None)
        with suppress(OSError):
            upload.path.unlink()

    def _forget_expired(self) -> None:
        now = time.monotonic()
        with self._lock:
            expired = [upload for upload in self._uploads.values() if upload.expires < now]
        for upload in expired:
            with upload.lock:
                upload.writers.clear()
                self._drop(upload)


class Receiver:
    """The bytes of one part, as they come; `write` and `finish` block, and belong into a thread."""

    def __init__(self, root: Path, upload: Upload, number: int) -> None:
        self._root = root
        self._upload = upload
        self._number = number
        self._left = upload.length(number)
        self._unseen = 0
        self._etag = secrets.token_hex(16)
        self._hash: _Hash | None = None
        self._handle: int | None = None
        with upload.lock:
            if upload.finished:
                self._etag = upload.done[number]
                return
            with disk_errors(upload.path):
                binary = getattr(os, "O_BINARY", 0)
                self._handle = os.open(upload.path, os.O_RDWR | os.O_CREAT | binary, 0o666)
            upload.writers[number] = self
            upload.done.pop(number, None)
            del upload.hashes[number:]
            if len(upload.hashes) == number:
                self._hash = upload.hashes[-1].copy()

    def write(self, data: bytes) -> None:
        """Take the next bytes. Raises `HubError` 413 for more than were to come, and `NotEnoughSpace`."""
        if len(data) > self._left:
            raise HubError(413, "", f"More than {self._upload.length(self._number)} bytes came.")
        at = (self._number - 1) * self._upload.part_size + self._upload.length(self._number) - self._left
        self._left -= len(data)
        if self._handle is None:
            return  # it is here already; the client has to be heard out
        self._unseen += len(data)
        if self._unseen >= _SPACE_STEP:
            self._unseen = 0
            check_space(self._root, self._left)
        with self._upload.lock:
            self._check_turn()
            with disk_errors(self._upload.path):
                os.lseek(self._handle, at, os.SEEK_SET)
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._handle, rest) :]
        if self._hash is not None:
            self._hash.update(data)

    def finish(self) -> str:
        """All bytes came: keep the part; returns its etag. Raises `HubError` 400 when they did not."""
        if self._left:
            raise HubError(400, "", f"The upload ended {self._left} bytes too early.")
        if self._handle is not None:
            with disk_errors(self._upload.path):
                os.fsync(self._handle)
            with self._upload.lock:
                self._check_turn()
                del self._upload.writers[self._number]
                self._upload.done[self._number] = self._etag
                if self._hash is not None and len(self._upload.hashes) == self._number:
                    self._upload.hashes.append(self._hash)
        return self._etag

    def close(self) -> None:
        """Let go of the file; a part that was not finished counts as not sent."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
            with self._upload.lock:
                if self._upload.writers.get(self._number) is self:
                    del self._upload.writers[self._number]
                    if not self._upload.done and not self._upload.writers:
                        with suppress(OSError):
                            self._upload.path.unlink()

    def _check_turn(self) -> None:
        # What was checked must be what is on the disk, so nobody writes beside the one who came last.
        if self._upload.writers.get(self._number) is not self:
            raise HubError(409, "", "The same part is being sent again.")


def check_space(root: Path, needed: int) -> None:
    """Raise `NotEnoughSpace` when the disk would not keep its reserve beside so many bytes more."""
    space = free_space(root)
    missing = needed + reserve(space) - space.free
    if missing > 0:
        raise NotEnoughSpace(
            f"{size_text(missing)} more are needed on the disk of this server.",
            hint="Ask its administrator to free some space, then push again.",
        )


def _digest(upload: Upload) -> str:
    """The SHA-256 of a content; only what did not come in order is read."""
    digest = upload.hashes[-1].copy()
    hashed = min((len(upload.hashes) - 1) * upload.part_size, upload.size)
    if hashed < upload.size:
        with open(upload.path, "rb") as file:
            file.seek(hashed)
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()

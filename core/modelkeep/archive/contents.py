"""The content of one cached file on its way into an archive: read once, checked, written in place."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from modelkeep.archive.parallel import Count
from modelkeep.archive.stored_zip import Entry
from modelkeep.archive.volumes import ALIGNMENT, VolumeWriter
from modelkeep.cache import layout
from modelkeep.cache.inventory import Blob, CachedFile
from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import CacheError

__all__ = ["CHUNK", "Checksums", "Content", "Known", "nothing_known"]

CHUNK = 128 << 10
"""Bytes read at once: larger ones fall out of the processor's cache between checksum and write."""


class Checksums(NamedTuple):
    """What is remembered of a content, so that it can enter an archive without being read."""

    crc32: int
    sha256: str


Known = Callable[[Blob], Checksums | None]
"""Answers what is remembered of a content that has not changed since: same file, size and time."""


def nothing_known(blob: Blob) -> Checksums | None:
    """The answer of a caller who remembers nothing."""
    return None


class Content:
    """A file's content, to be written to its place in an archive.

    `etag` is the git SHA-1 or SHA-256 that it must have, "" where the cache does not say. After `copy`, and `hash`
    where it was told to leave that out, `checksums` and `proven` are there.
    """

    def __init__(
        self, file: CachedFile, blob: Blob, entry: Entry, etag: str, known: Checksums | None
    ) -> None:
        self.file = file
        self.entry = entry
        self.crc32 = 0
        self.sha256 = ""
        self.proven = False
        """Whether it was read and is what the cache says it is."""
        self.cloned = False
        """Whether the archive shares its blocks with the cache, so that it was not read."""
        self._blob = blob
        self._etag = etag
        self.known = known

    @property
    def checksums(self) -> Checksums:
        return Checksums(self.crc32, self.sha256)

    def copy(self, writer: VolumeWriter, hashing: bool, count: Count) -> None:
        """Write it to its place; `hashing` is False when `hash` is called for the same content elsewhere."""
        if self.known and self._clone(writer, self.known, count):
            return
        hashes = _Hashes(self._etag, self._blob.size) if hashing else None
        crc, place = 0, self.entry.content_at
        for chunk in self._chunks():
            crc = zlib.crc32(chunk, crc)
            if hashes:
                hashes.update(chunk)
            writer.write_at(place, chunk)
            place += len(chunk)
            count(len(chunk))
        self.crc32 = crc
        if hashes:
            self._settle(hashes)

    def hash(self, count: Count) -> None:
        """Work out its SHA-256 while another thread copies it; what the one has read the other finds in memory."""
        hashes = _Hashes(self._etag, self._blob.size)
        for chunk in self._chunks():
            hashes.update(chunk)
            count(0)
        self._settle(hashes)

    def _settle(self, hashes: _Hashes) -> None:
        self.sha256 = hashes.sha256.hexdigest()
        if self._etag:
            expected, found = self._etag, hashes.etag
        elif self.known:
            expected, found = self.known.sha256, self.sha256
        else:
            return
        if found != expected:
            raise CacheError(
                f"{self.file.name} is damaged in the cache: its content is not what its checksum says.",
                hint="Verify the model, or download it again; nothing of it was exported.",
            )
        self.proven = True

    def _clone(self, writer: VolumeWriter, known: Checksums, count: Count) -> bool:
        blob, place = self._blob, self.entry.content_at
        shared = blob.size - blob.size % ALIGNMENT
        if place % ALIGNMENT or not shared:
            return False
        with disk_errors(blob.payload), open(blob.payload, "rb", buffering=0, opener=keeping_atime) as file:
            status = os.fstat(file.fileno())
            if (status.st_size, status.st_ino, status.st_mtime) != (blob.size, blob.inode, blob.modified):
                return False
            if not writer.clone_at(place, file.fileno(), 0, shared):
                return False
            file.seek(shared)
            writer.write_at(place + shared, file.read())
        self.crc32, self.sha256 = known
        self.cloned = True
        count(blob.size)
        return True

    def _chunks(self) -> Iterator[memoryview]:
        """The content in pieces that are valid until the next one. Raises `CacheError` when it changes meanwhile."""
        path, size = self._blob.payload, self._blob.size
        buffer = memoryview(bytearray(min(CHUNK, size)))
        done = 0
        with disk_errors(path), open(path, "rb", buffering=0, opener=keeping_atime) as file:
            before = os.fstat(file.fileno())
            while done < size and (got := file.readinto(buffer[: size - done])):
                yield buffer[:got]
                done += got
            after = os.fstat(file.fileno())
        if done != size or after.st_size != size or after.st_mtime_ns != before.st_mtime_ns:
            raise CacheError(
                f"{self.file.name} changed while it was being exported.",
                hint="Another program may be writing it. Scan again, then export again.",
            )


class _Hashes:
    """The SHA-256 of a content, and its git SHA-1 where that is its name in the cache."""

    def __init__(self, etag: str, size: int) -> None:
        self.sha256 = hashlib.sha256()
        self._sha1 = (
            hashlib.sha1(layout.git_blob_header(size), usedforsecurity=False)
            if layout.is_git_sha1(etag)
            else None
        )

    def update(self, chunk: memoryview) -> None:
        self.sha256.update(chunk)
        if self._sha1:
            self._sha1.update(chunk)

    @property
    def etag(self) -> str:
        return (self._sha1 or self.sha256).hexdigest()

"""Reading one content to its end, and saying what it is."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import NamedTuple

from modelkeep.archive.parallel import Count
from modelkeep.cache import layout
from modelkeep.cache.catalog import Checksums
from modelkeep.checking.headers import header_error
from modelkeep.checking.plan import PlannedContent
from modelkeep.disk import without_waiting

__all__ = ["ContentCheck", "check_content"]

_CHUNK = 256 << 10  # bytes read at once: larger ones fall out of the processor's cache before they are hashed


class ContentCheck(NamedTuple):
    """What a content is. `error` says why it could not be read, `header_error` what is wrong with its header.

    `status` is of the file that was read, from before. `gone`: it was removed meanwhile. `changed`: it is not what
    was read from it earlier, although nothing about the file says that it was written to.
    """

    sums: Checksums | None
    status: os.stat_result
    read: bool
    error: str = ""
    header_error: str = ""
    changed: bool = False
    gone: bool = False


def check_content(content: PlannedContent, now: float, count: Count) -> ContentCheck:
    """Check a content as planned. What is wrong with it is in what is returned."""
    path, sums, status, changed = content.paths[0], content.known, content.status, False
    try:
        if content.reads:
            sums, status = _read(path, content, now, count)
            changed = _differs(sums, content)
        error = content.header_error
        if content.header and error is None:
            error = header_error(content.header, path)
    except FileNotFoundError:
        return ContentCheck(None, content.status, content.reads, gone=True)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        return ContentCheck(None, content.status, content.reads, error=f"It cannot be read: {reason}.")
    return ContentCheck(sums, status, content.reads, header_error=error or "", changed=changed)


def _read(path: str, content: PlannedContent, now: float, count: Count) -> tuple[Checksums, os.stat_result]:
    with open(path, "rb", buffering=0, opener=without_waiting) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise OSError("it is no file any more")
        sha1 = _sha1(before.st_size) if any(map(layout.is_git_sha1, content.names)) else None
        # Where git's name is all that is asked, and no earlier SHA-256 is to be compared, one sum is enough.
        sha256 = hashlib.sha256() if _needs_sha256(content) else None
        buffer = memoryview(bytearray(min(_CHUNK, max(before.st_size, 1))))
        done = 0
        while got := file.readinto(buffer):
            for digest in (sha256, sha1):
                if digest:
                    digest.update(buffer[:got])
            done += got
            count(got)
        after = os.fstat(file.fileno())
    if done != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise OSError("it changed while it was read")
    found = Checksums(sha256.hexdigest() if sha256 else "", sha1.hexdigest() if sha1 else "", None, now)
    return _with_known(found, content.known), before


def _sha1(size: int) -> hashlib._Hash:
    return hashlib.sha1(layout.git_blob_header(size), usedforsecurity=False)


def _needs_sha256(content: PlannedContent) -> bool:
    known = bool(content.known and content.known.sha256)
    return known or not content.names or any(map(layout.is_sha256, content.names))


def _with_known(found: Checksums, known: Checksums | None) -> Checksums:
    """What was worked out, with what is remembered of the same content besides."""
    if known is None or (found.sha256 or known.sha256) != known.sha256:
        return found
    if not found.sha256 and found.git_sha1 != known.git_sha1:
        return found
    return found._replace(
        sha256=found.sha256 or known.sha256, git_sha1=found.git_sha1 or known.git_sha1, crc32=known.crc32
    )


def _differs(sums: Checksums, content: PlannedContent) -> bool:
    known = content.known
    return bool(known and known.sha256 and sums.sha256 and known.sha256 != sums.sha256)

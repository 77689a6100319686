"""Reading a content to its end: from where it broke off where it does, and compared with what it has to be."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import BinaryIO

from modelkeep.cache import layout
from modelkeep.errors import RemoteBusy, RemoteUnreachable, WrongContent
from modelkeep.hub.pace import wait_before
from modelkeep.progress import Progress, Report
from modelkeep.remote.values import ManifestFile
from modelkeep.streams import Stream

__all__ = ["read_whole", "write_whole"]

_PIECE = 1 << 20
_TICK = 0.1  # seconds


def read_whole(
    open_at: Callable[[int], Stream],
    file: ManifestFile,
    take: Callable[[memoryview], object],
    report: Report,
) -> str:
    """Hand on the pieces of a file, opened from a byte on, to `take`; returns its SHA-256.

    Raises `WrongContent` where the whole is not what its SHA-256 and its etag say, those of them that are not "",
    after all of it was handed on.
    """
    sha256 = hashlib.sha256()
    git = hashlib.sha1(layout.git_blob_header(file.size), usedforsecurity=False)
    buffer = memoryview(bytearray(_PIECE))
    done = failures = 0
    while done < file.size:
        before = done
        try:
            with open_at(done) as content:
                while done <= file.size and (got := content.readinto(buffer)):
                    for digest in (sha256, git):
                        digest.update(buffer[:got])
                    take(buffer[:got])
                    done += got
        except (RemoteBusy, RemoteUnreachable) as error:
            failures = 1 if done > before else failures + 1
            if (seconds := wait_before(failures, error)) is None:
                raise
            _wait(seconds, report)
        else:
            break
    found = sha256.hexdigest()
    right = file.sha256 in ("", found) and file.etag in ("", found, git.hexdigest())
    if done != file.size or not right:
        raise WrongContent(
            f"{file.path} came with wrong content: its blob {file.sha256 or file.etag} is damaged there.",
            hint="Verify the place that it came from.",
        )
    return found


def write_whole(
    open_at: Callable[[int], Stream], file: ManifestFile, target: BinaryIO, step: str, report: Report
) -> None:
    """Write what `read_whole` reads, and say of this file how far it is."""
    done = 0

    def take(piece: memoryview) -> None:
        nonlocal done
        target.write(piece)
        done += len(piece)
        report(Progress(step, done, file.size, file.path))

    read_whole(open_at, file, take, report)


def _wait(seconds: float, report: Report) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        report(Progress("Waiting for the remote"))
        time.sleep(min(_TICK, left))

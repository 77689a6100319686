"""One file as an answer: whole or a range of it, sent by the kernel where it can."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO, NamedTuple
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from modelkeep.serve.answers import HubError
from modelkeep.serve.etags import open_plain
from modelkeep.serve.journal import Sending
from modelkeep.serve.sendfile import EXTENSION, BrokenOff
from modelkeep.serve.shelf import ServedFile

__all__ = ["FileAnswer", "Part", "open_served", "part_asked_for"]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z", re.ASCII)


class Part(NamedTuple):
    """A range of a file. `whole`: it is all of it, and was not asked for as a range."""

    offset: int
    length: int
    whole: bool


def part_asked_for(headers: Mapping[str, str], size: int, etag: str) -> Part:
    """What of a file is asked for. Several ranges at once, and what is no range, are taken as all of it.

    Raises `HubError` 416 for a range that begins after the end. Source: RFC 9110, section 14.
    """
    everything = Part(0, size, True)
    asked = _RANGE.match(headers.get("range", "").strip())
    if asked is None or headers.get("if-range", f'"{etag}"').strip() != f'"{etag}"':
        return everything
    first, last = asked.groups()
    if len(first) > 19 or len(last) > 19 or not (first or last):  # more than any file has bytes
        return everything
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return everything
    if start >= size:
        message = f"The file has {size} bytes; the range begins after its end."
        raise HubError(416, "", message, headers={"Content-Range": f"bytes */{size}"})
    return Part(start, end - start, False)


def open_served(file: ServedFile) -> BinaryIO:
    """The file, open for reading, its access time as it was. Raises `OSError`, also when it has changed."""
    opened = open_plain(file.place)
    if os.fstat(opened.fileno()).st_size != file.size:
        opened.close()
        raise OSError(0, "it has changed")
    return opened


class FileAnswer(Response):
    """A part of an open file, which it closes; without `sending` only its headers, as for HEAD."""

    def __init__(
        self, file: ServedFile, commit: str, part: Part, opened: BinaryIO | None, sending: Sending | None
    ) -> None:
        self._part = part
        self._opened = opened
        self._sending = sending
        headers = {
            "Content-Length": str(part.length),
            "Content-Type": "application/octet-stream",
            "Content-Disposition": _disposition(file.path),
            "Accept-Ranges": "bytes",
            "ETag": f'"{file.etag}"',
            "X-Repo-Commit": commit,
            "X-Content-Type-Options": "nosniff",
        }
        if file.is_lfs:
            headers |= {"X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": str(file.size)}
        if not part.whole:
            headers["Content-Range"] = f"bytes {part.offset}-{part.offset + part.length - 1}/{file.size}"
        super().__init__(status_code=200 if part.whole else 206, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if self._opened is None or self._sending is None:
            await send(start)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        sender = scope["extensions"][EXTENSION]
        why = "something unexpected happened"
        try:
            await send(start)
            await sender.send(self._opened, self._part.offset, self._part.length, self._sending.sent)
            why = ""
        except BrokenOff as error:
            why = str(error)
            return
        except asyncio.CancelledError:
            # The server is at its end, and nobody waits for this task but to see it end.
            why = "the server stopped"
            return
        finally:
            with suppress(OSError):
                self._opened.close()
            self._sending.ended(why)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _disposition(path: str) -> str:
    name = path.rpartition("/")[2]
    plain = re.sub(r"[^\x20-\x7e]|[\"\\;]", "_", name)
    return f"inline; filename*=UTF-8''{quote(name, safe='')}; filename=\"{plain}\""

"""What an answer of the tests' hub is, and everything that can go wrong with one.

server.fault("*/model.safetensors", Cut(5000))              # the first GET of it breaks off after 5,000 bytes
server.fault("GET /api/*", TooMany("2"), times=3)           # the next three such requests
server.fault("* */resolve/*", Status(500), times=None)      # always
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.hub_content import Content


@dataclass
class Request:
    """What arrived, and what became of it. `path` is decoded and without its query; header names are lower case.

    `bytes_sent` counts bytes of the body alone, as they leave.
    """

    method: str
    path: str
    target: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""
    on_cdn: bool = False
    status: int = 0
    bytes_sent: int = 0

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


@dataclass
class Answer:
    """What is sent: `length` bytes of `content` from `start` on, or `body`; and how it is sent."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content: Content | None = None
    start: int = 0
    length: int = 0
    rate: int = 0
    stall_at: int | None = None
    cut_at: int | None = None
    reset: bool = False
    flip_at: int | None = None
    """The offset in the file of the byte that gets a wrong bit."""
    close: bool = False


class Fault:
    """Changes an answer before it is sent. One with `of_content` waits for an answer that sends a file."""

    of_content = False

    def change(self, request: Request, answer: Answer) -> Answer:
        raise NotImplementedError


@dataclass
class Slow(Fault):
    """So many bytes a second."""

    rate: int
    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.rate = self.rate
        return answer


@dataclass
class Stalled(Fault):
    """After so many bytes nothing more, until `server.release()` or the end."""

    after: int = 0
    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.stall_at = self.after
        return answer


@dataclass
class Cut(Fault):
    """After so many bytes the connection is closed, or reset."""

    after: int = 0
    reset: bool = False
    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.cut_at, answer.reset = self.after, self.reset
        return answer


@dataclass
class Dropped(Fault):
    """The connection is closed before any answer."""

    reset: bool = False

    def change(self, request: Request, answer: Answer) -> Answer:
        return Answer(status=0, reset=self.reset, close=True)


@dataclass
class RangeIgnored(Fault):
    """All of the file with status 200, whatever part was asked for."""

    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        assert answer.content is not None
        answer.status, answer.start, answer.length = 200, 0, answer.content.size
        answer.headers.pop("Content-Range", None)
        return answer


@dataclass
class WrongLength(Fault):
    """Content-Length says so many bytes more (or fewer) than come."""

    by: int
    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.headers["Content-Length"] = str(answer.length + self.by)
        answer.close = True
        return answer


@dataclass
class Flipped(Fault):
    """One bit of the file is wrong, at this offset."""

    at: int = 0
    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.flip_at = self.at
        return answer


@dataclass
class Truncated(Fault):
    """The file ends after so many bytes; Content-Length agrees with what comes."""

    to: int
    of_content = True

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.length = max(0, min(answer.length, self.to - answer.start))
        return answer


@dataclass
class Headers(Fault):
    """Some headers are missing, others say something else."""

    drop: tuple[str, ...] = ()
    put: Mapping[str, str] = field(default_factory=dict)

    def change(self, request: Request, answer: Answer) -> Answer:
        dropped = {name.lower() for name in self.drop}
        answer.headers = {name: v for name, v in answer.headers.items() if name.lower() not in dropped}
        answer.headers |= self.put
        return answer


@dataclass
class Status(Fault):
    """An error, as the Hub words it."""

    status: int
    code: str = ""
    message: str = "Something is wrong here."
    headers: Mapping[str, str] = field(default_factory=dict)

    def change(self, request: Request, answer: Answer) -> Answer:
        return error(self.status, self.message, self.code, self.headers)


def too_many(retry_after: str = "") -> Status:
    """429; `retry_after` is seconds or an HTTP date."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Status(429, message="We had to rate limit you.", headers=headers)


@dataclass
class RedirectLoop(Fault):
    """A redirect to the same address."""

    def change(self, request: Request, answer: Answer) -> Answer:
        return Answer(302, {"Location": request.target, **_kept(answer)})


@dataclass
class RedirectTo(Fault):
    """A redirect to somewhere else; "{target}" stands for the path and query that were asked for."""

    url: str
    status: int = 302

    def change(self, request: Request, answer: Answer) -> Answer:
        return Answer(self.status, {"Location": self.url.format(target=request.target), **_kept(answer)})


@dataclass
class Html(Fault):
    """A page, as a captive portal shows it, in place of what was asked for."""

    status: int = 200
    page: bytes = b"<!DOCTYPE html><html><title>Please sign in</title><body>Please sign in.</body></html>"

    def change(self, request: Request, answer: Answer) -> Answer:
        return Answer(self.status, {"Content-Type": "text/html; charset=utf-8"}, self.page)


@dataclass
class Expired(Fault):
    """What a store of objects says of a link that has ended."""

    status: int = 403

    def change(self, request: Request, answer: Answer) -> Answer:
        said = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
        return Answer(self.status, {"Content-Type": "application/xml"}, said)


@dataclass
class Rewritten(Fault):
    """JSON in which something is said otherwise; it has to be in there."""

    old: str
    new: str

    def change(self, request: Request, answer: Answer) -> Answer:
        assert self.old.encode() in answer.body, answer.body
        answer.body = answer.body.replace(self.old.encode(), self.new.encode())
        return answer


def _kept(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("X-")}


def error(status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """An answer of the Hub that says what is wrong: in headers, and in its body for GET."""
    said = {"Content-Type": "application/json; charset=utf-8", "X-Error-Message": message}
    if code:
        said["X-Error-Code"] = code
    return Answer(status, said | dict(headers or {}), json.dumps({"error": message}).encode())

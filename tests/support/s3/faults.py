"""A proxy before an S3 server that makes it fail: real sockets, real answers, and one thing wrong with some of them.

with FaultProxy(server.endpoint) as proxy:
    proxy.faults.append(Fault("status", status=503, method="PUT", times=2))
    ... use proxy.url as the endpoint ...
assert [request.method for request in proxy.requests] == ["PUT", "PUT", "PUT"]

===========  ================================================================================================
`status`     answers `status` with S3's XML (`code`), without asking the server
`drop`       breaks off the answer's body (of a PUT: the request's) after `after` bytes
`stall`      says nothing more after `after` bytes of the answer's body, until `proxy.go_on.set()`
`corrupt`    changes the byte at `after` of the answer's body
`mute`       lets the server answer, and breaks off without a word of it
`wait`       says nothing until `proxy.go_on.set()`, then passes everything on
`reply`      answers with `body` and `status`, as something that is no S3 server
===========  ================================================================================================
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from support.hub_proxy import Proxy

__all__ = ["Fault", "FaultProxy", "Request"]

_CODES = {403: "AccessDenied", 404: "NoSuchKey", 500: "InternalError", 503: "SlowDown"}
_PIECE = 1 << 16


@dataclass
class Fault:
    """What goes wrong with requests of `method` ("" for all) whose path and query contain `part`, `times` times."""

    kind: str
    method: str = ""
    part: str = ""
    times: int = 1 << 30
    after: int = 0
    status: int = 503
    code: str = ""
    body: bytes = b""
    headers: tuple[str, ...] = ()


class Request(NamedTuple):
    """A request as it came: `path` with its query, unquoted; `length` bytes of body."""

    method: str
    path: str
    length: int
    head: str


class FaultProxy(Proxy):
    """Passes everything on to `endpoint`, but for `faults`, of which the first that fits counts. With `tls` it is
    spoken to by TLS.

    `requests` are all that came, `answered` those that the server has answered.
    """

    def __init__(self, endpoint: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._tls = tls
        place = urlsplit(endpoint)
        self._to = (str(place.hostname), int(place.port or 80))
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.answered: list[Request] = []
        self.go_on = threading.Event()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_on.set()
        super().__exit__(kind, error, trace)

    def wait_for(self, method: str, part: str = "", count: int = 1) -> None:
        """Until so many such requests were answered."""

        def is_so() -> bool:
            return sum(one.method == method and part in one.path for one in self.answered) >= count

        with self.changed:
            assert self.changed.wait_for(is_so, 60)

    def count(self, method: str, part: str = "") -> int:
        """How many such requests have come."""
        return sum(one.method == method and part in one.path for one in list(self.requests))

    def __enter__(self) -> Self:
        super().__enter__()
        if self._tls is not None:
            self.url = f"https://127.0.0.1:{self.port}"
        return self

    def serve(self, client: socket.socket) -> None:
        if self._tls is not None:
            with self._tls.wrap_socket(client, server_side=True) as secure:
                self._serve_plain(secure)
        else:
            self._serve_plain(client)

    def _serve_plain(self, client: socket.socket) -> None:
        upstream = self.connect(*self._to)
        with (
            closing(upstream),
            client.makefile("rb") as asked,
            upstream.makefile("rb") as answered,
        ):
            while self._pass(client, upstream, asked, answered):
                pass

    def _pass(
        self, client: socket.socket, upstream: socket.socket, asked: BinaryIO, answered: BinaryIO
    ) -> bool:
        """One request and its answer; whether there may be another on this connection."""
        head = _head(asked)
        if not head:
            return False
        method, target, _ = head[0].split(" ")
        request = Request(method, unquote(target), int(_field(head, "content-length") or 0), "\n".join(head))
        with self.changed:
            self.requests.append(request)
            fault = self._fault(request)
            self.changed.notify_all()
        if _field(head, "expect"):
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = [line for line in head if not line.lower().startswith("expect:")]
        if fault and fault.kind in ("status", "reply"):
            _copy(asked, None, request.length)
            self._answer(client, request, fault)
            return True
        if fault and fault.kind == "wait":
            self.go_on.wait(60)
        upstream.sendall(_bytes(head))
        if fault and fault.kind == "drop" and request.length:
            _copy(asked, upstream, min(fault.after, request.length))
            return False
        _copy(asked, upstream, request.length)
        goes_on = self._reply(client, answered, request, fault)
        with self.changed:
            self.answered.append(request)
            self.changed.notify_all()
        return goes_on

    def _reply(
        self, client: socket.socket, answered: BinaryIO, request: Request, fault: Fault | None
    ) -> bool:
        head = _head(answered)
        while head and head[0].split(" ")[1] == "100":
            head = _head(answered)
        if not head:
            return False
        if fault and fault.kind == "mute":
            return False
        client.sendall(_bytes(head))
        status = head[0].split(" ")[1]
        if request.method == "HEAD" or status in ("204", "304"):
            return True
        if _field(head, "transfer-encoding").lower() == "chunked":
            while size := int(line := answered.readline().split(b";")[0].strip() or b"0", 16):
                client.sendall(line + b"\r\n")
                _copy(answered, client, size + 2)
            client.sendall(b"0\r\n" + answered.readline())
            return True
        length = int(_field(head, "content-length") or 0)
        if fault and fault.kind in ("drop", "stall"):
            _copy(answered, client, min(fault.after, length))
            if fault.kind == "stall":
                self.go_on.wait(60)
            return False
        if fault and fault.kind == "corrupt" and fault.after < length:
            _copy(answered, client, fault.after)
            [byte] = answered.read(1)
            client.sendall(bytes([byte ^ 0xFF]))
            length -= fault.after + 1
        _copy(answered, client, length)
        return _field(head, "connection").lower() != "close"

    def _fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method in ("", request.method) and fault.part in request.path:
                fault.times -= 1
                return fault
        return None

    def _answer(self, client: socket.socket, request: Request, fault: Fault) -> None:
        body, kind = fault.body, "text/html"
        if fault.kind == "status":
            code = fault.code or _CODES.get(fault.status, "InternalError")
            body = f"<Error><Code>{code}</Code><Message>by the proxy</Message></Error>".encode()
            kind = "application/xml"
        fields = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", *fault.headers)
        client.sendall(_bytes([f"HTTP/1.1 {fault.status} Fault", *fields]))
        if request.method != "HEAD":
            client.sendall(body)


def _head(stream: BinaryIO) -> list[str]:
    """The lines before the body, [] at the end."""
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.decode("latin-1").rstrip("\r\n"))
    return lines


def _field(head: list[str], name: str) -> str:
    for line in head[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return ""


def _bytes(head: list[str]) -> bytes:
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")


def _copy(source: BinaryIO, target: socket.socket | None, length: int) -> None:
    while length:
        piece = source.read(min(length, _PIECE))
        if not piece:
            raise ConnectionError("it ended too early")
        length -= len(piece)
        if target is not None:
            target.sendall(piece)

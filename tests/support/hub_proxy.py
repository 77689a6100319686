"""What can stand between a client and a hub: an HTTP proxy and a SOCKS5 proxy, which record where they were asked to.

with HubServer() as server, Proxy(hosts={"hub.example": "127.0.0.1"}) as proxy:
    ...
assert proxy.asked == [("hub.example", 80)]
"""

from __future__ import annotations

import base64
import select
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class _Middle:
    """Takes connections, each in a thread of its own, until it is left. `asked` are hosts and ports, as named."""

    scheme = ""

    def __init__(
        self,
        *,
        auth: tuple[str, str] | None = None,
        hosts: Mapping[str, str] | None = None,
        hang: bool = False,
    ) -> None:
        self.auth = auth
        self.hosts = dict(hosts or {})
        self.hang = hang
        self.asked: list[tuple[str, int]] = []
        self.changed = threading.Condition()
        self._closing = False
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket()

    def __enter__(self) -> Self:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.changed:
            self._closing = True
            self.changed.notify_all()
            for opened in self._open:
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def serve(self, client: socket.socket) -> None:
        raise NotImplementedError

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to where a client wants to, whose name may lead elsewhere by `hosts`."""
        with self.changed:
            self.asked.append((host, port))
            self.changed.notify_all()
        upstream = socket.create_connection((self.hosts.get(host, host), port), timeout=10)
        upstream.settimeout(None)
        self._keep(upstream)
        return upstream

    def join(self, client: socket.socket, upstream: socket.socket) -> None:
        """Pass on what either says, until one has nothing more to say."""
        other = {client: upstream, upstream: client}
        while True:
            for speaker in select.select([client, upstream], [], [])[0]:
                said = speaker.recv(1 << 16)
                if not said:
                    return
                other[speaker].sendall(said)

    def wait(self) -> None:
        """Say nothing until the end."""
        with self.changed:
            self.changed.wait_for(lambda: self._closing)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._keep(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with closing(client), suppress(OSError):
            if self.hang:
                self.wait()
            else:
                self.serve(client)
        with self.changed:
            self._open.discard(client)

    def _keep(self, opened: socket.socket) -> None:
        with self.changed:
            if self._closing:
                opened.close()
                raise OSError("the proxy is closed")
            self._open.add(opened)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


class Proxy(_Middle):
    """An HTTP proxy, for plain requests and for CONNECT. `answer`: a status that it gives to all, as 407 or 502.

    `heads` are the heads of all requests, as they came.
    """

    scheme = "http"

    def __init__(
        self,
        *,
        auth: tuple[str, str] | None = None,
        hosts: Mapping[str, str] | None = None,
        hang: bool = False,
        answer: int = 0,
    ) -> None:
        super().__init__(auth=auth, hosts=hosts, hang=hang)
        self.answer = answer
        self.heads: list[str] = []

    def serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            said = client.recv(1 << 16)
            if not said:
                return
            head += said
        head, rest = head.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.heads.append("\n".join(lines))
        method, target, version = lines[0].split(" ")
        fields = [line for line in lines[1:] if not line.lower().startswith(("proxy-", "connection:"))]
        if self.answer or not self._knows(lines):
            self._refuse(client, self.answer or 407)
            return
        try:
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                upstream = self.connect(host, int(port))
            else:
                url = urlsplit(target)
                upstream = self.connect(str(url.hostname), url.port or 80)
        except OSError:
            self._refuse(client, 502)
            return
        with closing(upstream):
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                place = url.path + (f"?{url.query}" if url.query else "")
                lines = [f"{method} {place} {version}", *fields, "Connection: close"]
                upstream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + rest)
            self.join(client, upstream)

    def _knows(self, lines: list[str]) -> bool:
        if self.auth is None:
            return True
        secret = base64.b64encode(":".join(self.auth).encode()).decode()
        fields = [line.partition(": ") for line in lines[1:]]
        return any(
            name.lower() == "proxy-authorization" and value == f"Basic {secret}" for name, _, value in fields
        )

    def _refuse(self, client: socket.socket, status: int) -> None:
        said = f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n"
        if status == 407:
            said += 'Proxy-Authenticate: Basic realm="proxy"\r\n'
        client.sendall((said + "\r\n").encode())


class SocksProxy(_Middle):
    """A SOCKS5 proxy (RFC 1928, 1929). `asked` shows whether a name came to it, or what the client made of it."""

    scheme = "socks5h"

    def serve(self, client: socket.socket) -> None:
        stream = client.makefile("rb")
        with closing(stream):
            methods = stream.read(stream.read(2)[1])
            if self.auth is None:
                client.sendall(b"\5\0")
            elif 2 not in methods:
                client.sendall(b"\5\xff")
                return
            else:
                client.sendall(b"\5\2")
                user = stream.read(stream.read(2)[1]).decode()
                password = stream.read(stream.read(1)[0]).decode()
                known = (user, password) == self.auth
                client.sendall(b"\1\0" if known else b"\1\1")
                if not known:
                    return
            kind = stream.read(4)[3]
            if kind == 3:
                host = stream.read(stream.read(1)[0]).decode()
            else:
                family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
                host = socket.inet_ntop(family, stream.read(size))
            [port] = struct.unpack("!H", stream.read(2))
            try:
                upstream = self.connect(host, port)
            except OSError:
                client.sendall(b"\5\5\0\1\0\0\0\0\0\0")
                return
            with closing(upstream):
                client.sendall(b"\5\0\0\1\x7f\0\0\1\0\0")
                self.join(client, upstream)

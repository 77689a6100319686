"""A hub on this machine, which answers as the real one does, records what arrives, and misbehaves when told to.

    with HubServer() as server:
        commit = server.add("org/name", {"config.json": b"{}", "model.safetensors": weights})
        server.fault("*/model.safetensors", Cut(5000))
        snapshot_download("org/name", endpoint=server.endpoint, cache_dir=cache)

What goes wrong is in `support.hub_faults`; what is between (`Proxy`, `SocksProxy`) in `support.hub_proxy`.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote

from support.hub_answers import Answers, matches
from support.hub_content import LFS, Content, Repository
from support.hub_faults import Answer, Fault, Request
from support.hub_tls import server_context, write_authority

__all__ = ["HubServer"]

Match = str | Callable[[Request], bool]
PIECE = 1 << 20


@dataclass
class _Rule:
    """What happens to some of the requests: the first `after` that match are spared, the next `times` are not."""

    match: Match
    what: Fault | Callable[[], object]
    times: int | None
    after: int

    def takes(self, request: Request) -> bool:
        if self.times == 0 or not matches(self.match, request):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class HubServer(Answers):
    """See the module. A match is a glob of a path ("*/model.safetensors"), or of method and path ("GET /api/*").

    `cdn`: large files come from another origin, by redirect; may be turned on later. `tls`: "good", "wrong host",
    "expired" or "untrusted"; `ca_file` then names the authority to trust.
    """

    def __init__(self, *, token: str = "", cdn: bool = False, tls: str = "", page_size: int = 1000) -> None:
        super().__init__()
        self.token = token
        self.page_size = page_size
        self.requests: list[Request] = []
        self.failures: list[BaseException] = []
        self.ca_file = ""
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self._rules: list[_Rule] = []
        self._callbacks: list[_Rule] = []
        self._tls = tls
        self._place = ""
        self._listeners: list[_Listener] = []
        self._released = 0
        self._cdn_place = ""
        self._cdn = cdn

    def __enter__(self) -> HubServer:
        context = None
        if self._tls:
            self._place = tempfile.mkdtemp(prefix="hub-")
            self.ca_file = os.path.join(self._place, "authority.pem")
            authority = write_authority(self.ca_file)
            context = server_context(self._tls, authority)
        scheme = "https" if context else "http"
        for on_cdn in (False, True):
            self._listeners.append(_Listener(self, on_cdn, context))
        own, cdn = (listener.server_address[1] for listener in self._listeners)
        self.endpoint = f"{scheme}://127.0.0.1:{own}"
        self._cdn_place = f"{scheme}://localhost:{cdn}"
        self.cdn = self._cdn
        for listener in self._listeners:
            listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        with self.changed:
            self.changed.notify_all()
        for listener in self._listeners:
            listener.stop()
        if self._place:
            shutil.rmtree(self._place)
        if self.failures and error is None:
            raise self.failures[0]

    # ---- what it has

    @property
    def cdn(self) -> bool:
        return bool(self.cdn_endpoint)

    @cdn.setter
    def cdn(self, on: bool) -> None:
        self.cdn_endpoint = self._cdn_place if on else ""

    def repository(self, id: str, *, repo_type: str = "model") -> Repository:
        return self.repositories[repo_type, id]

    def add(
        self,
        id: str,
        files: Mapping[str, bytes | Path],
        *,
        lfs: Sequence[str] = LFS,
        branch: str = "main",
        repo_type: str = "model",
        title: str = "Add files",
        date: str = "2026-11-21T02:44:14.000Z",
        **about: object,
    ) -> str:
        """A new commit with just these files, which the branch then leads to; large ones may be named by their path.

        `about` adds to the description: `downloads=5, pipeline_tag="fill-mask", tags=[…]`.
        """
        repository = self.repositories.get((repo_type, id)) or Repository(id, repo_type)
        commit = repository.add(files, lfs, branch, title, date)
        repository.about |= about
        self.repositories[repo_type, id] = repository
        return commit

    def set_branch(self, id: str, branch: str, commit: str, *, repo_type: str = "model") -> None:
        self.repository(id, repo_type=repo_type).branches[branch] = commit

    def tag(self, id: str, tag: str, commit: str, *, repo_type: str = "model") -> None:
        self.repository(id, repo_type=repo_type).tags[tag] = commit

    def gate(self, id: str, kind: str = "auto", *, accepted: bool = False, repo_type: str = "model") -> None:
        """Its files need terms to be accepted ("auto", or "manual": by its owner)."""
        repository = self.repository(id, repo_type=repo_type)
        repository.gated, repository.accepted = kind, accepted

    def rename(self, old: str, new: str, *, repo_type: str = "model") -> None:
        """The old name then leads to the new one, everywhere."""
        repository = self.repositories.pop((repo_type, old))
        repository.id = new
        self.repositories[repo_type, new] = repository
        self.moved[repo_type, old] = new

    def remove(self, id: str, *, repo_type: str = "model") -> None:
        del self.repositories[repo_type, id]

    def remove_file(self, id: str, path: str, *, repo_type: str = "model") -> None:
        """A file is gone from every commit, whose names stay."""
        for commit in self.repository(id, repo_type=repo_type).commits.values():
            commit.files.pop(path, None)

    # ---- what goes wrong

    def fault(self, match: Match, fault: Fault, *, times: int | None = 1, after: int = 0) -> None:
        """Have the next `times` such requests (None: all) go wrong, but for the first `after` of them."""
        with self.changed:
            self._rules.append(_Rule(match, fault, times, after))

    def on(
        self, match: Match, callback: Callable[[], object], *, times: int | None = 1, after: int = 0
    ) -> None:
        """Have something called before such a request is answered."""
        with self.changed:
            self._callbacks.append(_Rule(match, callback, times, after))

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        with self.changed:
            self._rules.clear()
            self._callbacks.clear()
        self.release()

    def release(self) -> None:
        """What is stalled goes on."""
        with self.changed:
            self._released += 1
            self.changed.notify_all()

    # ---- what happened

    def bytes_sent(self, match: Match = "*") -> int:
        """Bytes of all bodies that left, or of those of such requests."""
        with self.changed:
            return sum(request.bytes_sent for request in self.requests if matches(match, request))

    def seen(self, match: Match) -> list[Request]:
        """The requests that match, in the order of their arrival."""
        with self.changed:
            return [request for request in self.requests if matches(match, request)]

    def forget(self) -> None:
        """Forget all requests so far, to count anew."""
        with self.changed:
            self.requests = []

    def wait_for(self, condition: Callable[[HubServer], bool], patience: float = 120.0) -> None:
        """Wait until it is so; looked at whenever a request arrives or bytes leave."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self), patience):
                raise AssertionError("the server waited for it in vain")

    # ---- answering, in the threads of the connections

    def answer_to(self, request: Request) -> Answer:
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
            callbacks = [rule.what for rule in self._callbacks if rule.takes(request)]
        for callback in callbacks:
            assert not isinstance(callback, Fault)
            callback()
        answer = self.answer(request)
        with self.changed:
            for rule in self._rules:
                fault = rule.what
                assert isinstance(fault, Fault)
                sends = answer.content is not None and request.method == "GET"
                if (sends or not fault.of_content) and rule.takes(request):
                    answer = fault.change(request, answer)
            request.status = answer.status
        return answer

    def count(self, request: Request, sent: int) -> None:
        with self.changed:
            request.bytes_sent += sent
            self.changed.notify_all()

    def stall(self) -> None:
        with self.changed:
            before = self._released
            self.changed.wait_for(lambda: self._released > before or self.closing.is_set())


class _Listener(ThreadingHTTPServer):
    """The hub itself, or where its large files come from."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, hub: HubServer, on_cdn: bool, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.hub = hub
        self.on_cdn = on_cdn
        self._open: dict[socket.socket, threading.Thread | None] = {}
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        with self.hub.changed:
            left = dict(self._open)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in left.values():
            if thread is not None:
                thread.join(10)
        self.server_close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self.hub.changed:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.hub.changed:
                self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        # Whoever asked went away, or does not trust the certificate: that is not ours.
        if error is not None and not isinstance(error, (OSError, ValueError)):
            self.hub.failures.append(error)


class _Connection(BaseHTTPRequestHandler):
    """One connection, on which any number of requests come."""

    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().handle()

    def do_GET(self) -> None:
        hub = self.server.hub
        place, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command,
            unquote(place),
            self.path,
            parse_qs(query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
            self.server.on_cdn,
        )
        answer = hub.answer_to(request)
        if answer.close:
            self.close_connection = True
        if answer.status == 0:
            self._hang_up(answer)
            return
        size = answer.length if answer.content else len(answer.body)
        headers = {"Content-Length": str(size)} | answer.headers
        if answer.close:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if self.command == "HEAD":
            self.request.sendall(head)
        elif answer.content is None:
            self.request.sendall(head + answer.body)
            hub.count(request, len(answer.body))
        else:
            self.request.sendall(head)
            with answer.content.open() as file:
                self._send(request, answer, answer.content, file)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def _send(self, request: Request, answer: Answer, content: Content, file: BinaryIO) -> None:
        hub = self.server.hub
        on_disk = not isinstance(content.source, bytes) and hasattr(os, "sendfile")
        plain = on_disk and not isinstance(self.request, ssl.SSLSocket)
        sent = 0
        while sent < answer.length and not hub.closing.is_set():
            offset = answer.start + sent
            if sent == answer.cut_at:
                self._hang_up(answer)
                return
            if sent == answer.stall_at:
                hub.stall()
                answer.stall_at = None
                continue
            stops = [stop for stop in (answer.cut_at, answer.stall_at) if stop is not None and stop > sent]
            size = min([answer.length, *stops]) - sent
            size = min(size, max(1, answer.rate // 400) if answer.rate else PIECE)
            flip = answer.flip_at
            if plain and not (flip is not None and offset <= flip < offset + size):
                size = os.sendfile(self.request.fileno(), file.fileno(), offset, size)
                if not size:
                    raise EOFError("the file has become shorter")
            else:
                file.seek(offset)
                piece = bytearray(file.read(size))
                if flip is not None and offset <= flip < offset + size:
                    piece[flip - offset] ^= 1
                self.request.sendall(piece)
            sent += size
            hub.count(request, size)
            if answer.rate:
                hub.closing.wait(size / answer.rate)
        if sent == answer.cut_at:
            self._hang_up(answer)

    def _hang_up(self, answer: Answer) -> None:
        self.close_connection = True
        if answer.reset:
            # With no time to linger, a close is a reset. The reader holds the socket open until it is closed itself.
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

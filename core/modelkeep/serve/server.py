"""The server itself: it listens, and it stops without breaking off what can still end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.server import HANDLED_SIGNALS

from modelkeep.errors import ModelKeepError
from modelkeep.serve.journal import Journal
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.sendfile import SendfileProtocol

__all__ = ["HubServer", "listen", "server_url", "stop_when_closed"]

_BACKLOG = 512
_CUT = 5.0  # seconds that a request has to notice that it was cut
_FILES_A_CLIENT = 4  # its socket twice, its file, and the socket of one that is told that it is too much
_OTHER_FILES = 256
_KEEP_ALIVE = 30  # seconds; the Hub's client makes its next request long before


def listen(options: ServeOptions) -> socket.socket:
    """The socket, bound. Raises `ModelKeepError` with what to do."""
    try:
        found = socket.getaddrinfo(
            options.host.strip("[]"), options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        both = address[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(
            address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both and family == socket.AF_INET6
        )
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ModelKeepError(
            f"The server cannot listen at {options.host}, port {options.port} ({reason}).",
            hint="Choose another with --host and --port; a port below 1024 needs special rights.",
        ) from error


def server_url(options: ServeOptions, bound: socket.socket | None = None) -> str:
    """How clients reach a server; the port is that of the socket where there is one."""
    port = bound.getsockname()[1] if bound else options.port
    address = options.host.strip("[]")
    if address in ("0.0.0.0", "::", ""):  # every address of this machine: one has to be told
        address = socket.getfqdn() if options.certfile else _own_address()
    return f"{options.scheme}://{f'[{address}]' if ':' in address else address}:{port}"


def _own_address() -> str:
    """The address from which this machine reaches others; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _unusable(options: ServeOptions, error: OSError) -> ModelKeepError:
    """What is wrong with the files for TLS; OpenSSL says it in its own words."""
    hint = "--certfile takes a PEM file with the certificate and those above it, --keyfile its key."
    reason = getattr(error, "reason", "") or ""
    if reason == "KEY_VALUES_MISMATCH":
        return ModelKeepError(f"The key {options.keyfile} is not that of {options.certfile}.", hint=hint)
    for file in filter(None, (options.certfile, options.keyfile)):
        try:
            file.open("rb").close()
        except OSError as unread:
            return ModelKeepError(f"{file} cannot be used ({unread.strerror}).", hint=hint)
    files = f"{options.certfile} and {options.keyfile}" if options.keyfile else f"{options.certfile} alone"
    return ModelKeepError(f"{files} cannot be used as a certificate and its key ({error}).", hint=hint)


class HubServer(uvicorn.Server):
    """Serves an application until it is told to stop: by `stop`, or by a signal where it runs in the main thread.

    At the first signal it listens no more and lets transfers end, for as long as `grace` says; the second one cuts
    them. `run` then returns, as after any other good end.
    """

    def __init__(self, app: FastAPI, options: ServeOptions, journal: Journal) -> None:
        self._options = options
        self._journal = journal
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: Callable[[], None] = lambda: None
        protocol = type("Protocol", (SendfileProtocol,), {"stall": options.stall})
        try:
            config = uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level=logging.CRITICAL,
                access_log=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
                limit_concurrency=options.max_connections + 1,
                callback_notify=journal.tick,
                timeout_notify=0,
                ssl_certfile=options.certfile,
                ssl_keyfile=options.keyfile,
            )
            config.load()
        except (OSError, ssl.SSLError) as error:
            raise _unusable(options, error) from error
        super().__init__(config)

    def serve_at(self, bound: socket.socket, listening: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop; `listening` is called once requests are answered."""
        self._listening = listening
        _allow_files(_FILES_A_CLIENT * self._options.max_connections + _OTHER_FILES)
        with bound:
            self.run(sockets=[bound])

    def stop(self, *, at_once: bool = False) -> None:
        """Stop, from any thread; `at_once`: without waiting for transfers."""
        self.should_exit = True
        if at_once and self._loop is not None:
            self._loop.call_soon_threadsafe(self._cut)

    # ---- uvicorn's own

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        late = asyncio.get_running_loop().call_later(self._options.grace, self._cut)
        try:
            await super().shutdown(sockets)
        finally:
            late.cancel()
        if self.force_exit:
            # What uvicorn then leaves out: the end of what was cut, and that the application hears of its own.
            if self.server_state.tasks:
                await asyncio.wait(self.server_state.tasks, timeout=_CUT)
            await self.lifespan.shutdown()
        await self._journal.tick()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """As uvicorn's, but a signal that was obeyed does not end the process afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stop(at_once=self.should_exit)

    def _cut(self) -> None:
        """End all connections now; what was sent in part, the client knows by its length."""
        self.should_exit = self.force_exit = True
        if tasks := list(self.server_state.tasks):
            self._journal.note(f"{len(tasks)} requests under way are broken off")
        for task in tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _allow_files(wanted: int) -> None:
    """Let this process have so many files open, if the system lets it; many give it 1,024 at first."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def stop_when_closed(descriptor: int, server: HubServer) -> None:
    """Stop the server when nobody holds the other end of a pipe any more."""

    def wait() -> None:
        try:
            while os.read(descriptor, 4096):
                pass
        except OSError:
            pass
        server.stop()

    threading.Thread(target=wait, name="until stdin closes", daemon=True).start()

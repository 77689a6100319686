"""Files out of the kernel's own cache into a connection, without a byte passing through Python.

ASGI has `http.response.pathsend` for this, which uvicorn does not answer and which knows no ranges. So the protocol
here offers an extension of its own, `modelkeep.sendfile`: after `http.response.start`, a response awaits its `send`.
Where the kernel cannot do it (TLS, Windows), pieces are read and written.

A client that reads no more costs a socket and nothing else, until `stall` seconds went by without one byte; one that
is slow is served for as long as it takes.
"""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Any, BinaryIO

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

__all__ = ["EXTENSION", "BrokenOff", "FileSender", "SendfileProtocol"]

EXTENSION = "modelkeep.sendfile"

_AT_ONCE = 1 << 20  # bytes: what one client gets before it is the next one's turn
_PIECE = 256 << 10  # bytes that are read and written where the kernel does not send
_REQUEST_WITHIN = 30.0  # seconds that a client has to say what it wants
_LONGEST_REQUEST = 64 << 10  # bytes that it may need for that


class BrokenOff(Exception):
    """The rest cannot be sent; says why, as the end of a sentence."""


class FileSender:
    """Sends one file as the body of one response."""

    def __init__(self, protocol: SendfileProtocol, cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._cycle = cycle

    async def send(self, file: BinaryIO, offset: int, count: int, sent: Callable[[int], None]) -> None:
        """Send `count` bytes from `offset`; `sent` is told of each piece. Raises `BrokenOff`.

        The headers must have gone out, with this `Content-Length`; the end of the body is still to be sent.
        """
        transport, cycle = self._protocol.transport, self._cycle
        kernel = hasattr(os, "sendfile") and transport.get_extra_info("sslcontext") is None
        try:
            if kernel:
                await self._from_kernel(file, offset, count, sent)
            else:
                await self._in_pieces(file, offset, count, sent)
        except TimeoutError as error:
            transport.abort()
            raise BrokenOff("the client stopped reading") from error
        except (ConnectionError, OSError) as error:
            transport.abort()
            raise BrokenOff("the client broke off") from error
        # What the protocol counts, to check that a body is as long as was said.
        cycle.expected_content_length -= count

    async def _from_kernel(
        self, file: BinaryIO, offset: int, count: int, sent: Callable[[int], None]
    ) -> None:
        transport = self._protocol.transport
        transport.set_write_buffer_limits(0)
        await asyncio.wait_for(self._protocol.flow.drain(), self._protocol.stall)  # the headers are gone
        # A descriptor of our own: the loop watches the transport's for the transport alone.
        out = os.dup(transport.get_extra_info("socket").fileno())
        try:
            while count:
                self._check()
                try:
                    done = os.sendfile(out, file.fileno(), offset, min(count, _AT_ONCE))
                except BlockingIOError:
                    await self._writable(out)
                    continue
                if not done:
                    transport.abort()
                    raise BrokenOff("the file became shorter meanwhile")
                offset += done
                count -= done
                sent(done)
                await asyncio.sleep(0)
        finally:
            os.close(out)
            transport.set_write_buffer_limits()

    async def _writable(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_writer(descriptor, _done, ready)
        try:
            await asyncio.wait_for(ready, self._protocol.stall)
        finally:
            loop.remove_writer(descriptor)

    async def _in_pieces(self, file: BinaryIO, offset: int, count: int, sent: Callable[[int], None]) -> None:
        file.seek(offset)
        while count:
            self._check()
            piece = await asyncio.to_thread(file.read, min(count, _PIECE))
            if not piece:
                self._protocol.transport.abort()
                raise BrokenOff("the file became shorter meanwhile")
            self._protocol.transport.write(piece)
            await asyncio.wait_for(self._protocol.flow.drain(), self._protocol.stall)
            count -= len(piece)
            sent(len(piece))

    def _check(self) -> None:
        if self._cycle.disconnected or self._protocol.transport.is_closing():
            raise BrokenOff("the client broke off")


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class SendfileProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with the extension."""

    stall = 60.0
    """Seconds without a byte after which a client is given up."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._asking: TimerHandle | None = None
        self._asked = 0  # bytes of a request that is not complete
        self._heard_out = True  # whether the body of the last request came to its end
        self._watching: TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        if self.limit_concurrency and len(self.connections) > 2 * self.limit_concurrency:
            transport.abort()  # those before it were told that it is too much
            return
        # asyncio sets this only where the listening socket names its protocol. Without it the headers wait for the
        # client's delayed acknowledgement, 40 ms, before the first byte of a file follows.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        if self._watching is not None:
            self._watching.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._asking is not None and self._heard_out:
            self._asked += len(data)
            if self._asked > _LONGEST_REQUEST:
                self.transport.abort()
        if self.cycle is not None and self.cycle.response_complete and self.timeout_keep_alive_task is None:
            # Whatever came ended the wait for a next request: an empty line, or the rest of a body that was refused.
            self._begin()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._end()
        self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        self._heard_out = False
        super().on_headers_complete()
        # Its task was made just now and has not begun, so that the application finds this.
        extensions: dict[str, Any] = self.scope.setdefault("extensions", {})
        extensions[EXTENSION] = FileSender(self, self.cycle)

    def on_message_complete(self) -> None:
        self._heard_out = True
        if self.cycle.response_complete:
            self._end()
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # What is still to be sent keeps it open, and a client that does not read would for ever.
        self._watch(self.transport.get_write_buffer_size())

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def _watch(self, unsent: int) -> None:
        """Give the client up if it takes nothing of what is to be sent."""
        if self._watching is not None:
            self._watching.cancel()
        self._watching = self.loop.call_later(self.stall, self._look, unsent) if unsent else None

    def _look(self, before: int) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent >= before:
            self.transport.abort()
        else:
            self._watch(unsent)

    def _begin(self) -> None:
        """A request comes, or should: its headers have to be complete before long."""
        if self._asking is None:
            self._asked = 0
            self._asking = self.loop.call_later(_REQUEST_WITHIN, self.transport.abort)

    def _end(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

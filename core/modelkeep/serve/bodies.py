"""The body of a request, from a client that may send it slowly, never to the end, or without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from modelkeep.serve.answers import HubError

__all__ = ["body_of", "chunks_of"]

_SLOWEST = 64 << 10  # bytes a second: what is small has to come in a time that follows from it


async def body_of(request: Request, stall: float, longest: int) -> bytes:
    """All of a body that is small. Raises `HubError` 413, 408 when it takes too long, 400 when the client goes."""
    body = bytearray()
    try:
        async with asyncio.timeout(stall + longest / _SLOWEST if stall else None):
            async for chunk in chunks_of(request, stall):
                body += chunk
                if len(body) > longest:
                    raise HubError(413, "", "The request is too long.")
    except TimeoutError as error:
        raise HubError(408, "", "The request took too long to come.") from error
    return bytes(body)


async def chunks_of(request: Request, stall: float) -> AsyncIterator[bytes]:
    """A body as it comes. Raises `HubError` 400 when the client goes, 408 after `stall` seconds without a byte."""
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(stall or None):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise HubError(408, "", f"Nothing came for {stall:.0f} seconds.") from error
        except ClientDisconnect as error:
            raise HubError(400, "", "The client broke off.") from error
        yield chunk

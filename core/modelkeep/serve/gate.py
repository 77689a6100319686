"""What every request passes before anything else: is its path one that can be, and does its client ask too often?"""

from __future__ import annotations

import asyncio
import time
from math import ceil
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelkeep.serve.addresses import is_safe
from modelkeep.serve.answers import HubError, render
from modelkeep.serve.journal import Journal

__all__ = ["Gate"]

_MOST_CLIENTS = 10_000  # that are remembered by their addresses
_UNLIMITED = frozenset({"/health", "/metrics"})


class Gate:
    """Around the application. `rate` is requests a minute and client, 0 for any number.

    A client that was quiet has a minute's requests at once: a download begins with many.
    """

    def __init__(self, app: ASGIApp, *, rate: int, journal: Journal) -> None:
        self._app = app
        self._rate = rate
        self._journal = journal
        self._left: dict[str, tuple[float, float]] = {}  # requests, and when that was so

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def counted(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._journal.answers[message["status"]] += 1
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, counted)
        except HubError as error:
            await (await render(Request(scope), error))(scope, receive, counted)
        except asyncio.CancelledError:
            # Only the end of the server cancels; its protocol would show a traceback.
            return
        except Exception as error:  # noqa: BLE001 - the last one who can say it in a sentence
            # The last part of the URL of an upload is as good as a token.
            path = "/lfs-uploads/…" if scope["path"].startswith("/lfs-uploads/") else scope["path"]
            self._journal.note(f"{scope['method']} {path} failed: {type(error).__name__}: {error}")
            if not started:
                failed = HubError(
                    500, "", "Something unexpected happened here; the log of the server says more."
                )
                await (await render(Request(scope), failed))(scope, receive, counted)

    def _check(self, scope: Scope) -> None:
        path = unquote(scope["raw_path"].decode("ascii", "replace"))
        if not is_safe(path.removeprefix("/")):
            raise HubError(400, "", "This path leads nowhere.")
        address = scope["client"][0] if scope["client"] else ""
        if self._rate and path not in _UNLIMITED:
            wait = self._wait(address)
            if wait > 0:
                self._journal.counts["rate_limited"] += 1
                raise HubError(
                    429,
                    "",
                    f"More than {self._rate} requests a minute; go on in {wait:.0f} s.",
                    headers={"Retry-After": str(max(1, ceil(wait)))},
                )

    def _wait(self, address: str) -> float:
        """Seconds that this client should wait; 0.0 when it may ask now, which then counts.

        Not only for one request: the Hub's client asks in eight threads, which all come back at the same time, and
        gives up when they find too little too often.
        """
        now = time.monotonic()
        left, since = self._left.get(address, (float(self._rate), now))
        left = min(float(self._rate), left + (now - since) * self._rate / 60)
        if left < 1:
            self._left[address] = (left, now)
            return (max(1.0, self._rate / 2) - left) * 60 / self._rate
        if len(self._left) >= _MOST_CLIENTS:
            self._left.clear()
        self._left[address] = (left - 1, now)
        return 0.0

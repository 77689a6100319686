"""What an administrator chose for a server, and which of it would be unsafe."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ServeOptions", "is_loopback"]


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How a cache is served. The defaults are safe: only this machine, only reading.

    `into` is the root that takes what is pushed. `token_required`: reading needs a token too. `max_upload` is bytes a
    file and `rate` requests a minute and client, each 0 for no limit. `grace` and `stall` are seconds: what transfers
    get to end in when the server stops, and how long one may make no progress at all.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    allow_push: bool = False
    into: Path | None = None
    token_required: bool = False
    certfile: Path | None = None
    keyfile: Path | None = None
    log: Path | None = None
    max_upload: int = 0
    rate: int = 0
    max_connections: int = 512
    grace: float = 30.0
    stall: float = 60.0

    @property
    def scheme(self) -> str:
        return "https" if self.certfile else "http"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server at `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

"""Connections on which short answers come at once.

A server that sends the head of an answer by itself, as Ceph's does unless it is told otherwise, may send the body
only when the head was acknowledged; Linux puts that off by 40 ms, to have something to send along. It is asked not to
before each answer, for it forgets.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

__all__ = ["make_prompt"]

_AT_ONCE: int | None = getattr(socket, "TCP_QUICKACK", None)


def make_prompt(session: requests.Session) -> None:
    """Have the connections of a session, of which it has none yet, acknowledge at once."""
    for adapter in session.adapters.values():
        pools: Any = adapter
        pools.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _Connection(HTTPConnection):
    def getresponse(self) -> Any:
        _acknowledge_at_once(self.sock)
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _acknowledge_at_once(self.sock)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _acknowledge_at_once(sock: socket.socket | None) -> None:
    if _AT_ONCE is not None and sock is not None:
        with suppress(OSError):  # it is closed, which whoever reads from it says
            sock.setsockopt(socket.IPPROTO_TCP, _AT_ONCE, 1)

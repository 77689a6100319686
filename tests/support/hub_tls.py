"""Certificates for the servers of the tests: good ones, and each kind of bad one."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import trustme

NAMES = ("127.0.0.1", "localhost")


def write_authority(path: str) -> trustme.CA:
    """An authority, whose certificate is written where a client finds it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(path)
    return authority


def server_context(kind: str, authority: trustme.CA) -> ssl.SSLContext:
    """What a server shows: "good", "wrong host", "expired" or "untrusted" for a client that trusts `authority`."""
    match kind:
        case "good":
            certificate = authority.issue_cert(*NAMES)
        case "wrong host":
            certificate = authority.issue_cert("elsewhere.example")
        case "expired":
            certificate = authority.issue_cert(*NAMES, not_after=datetime.now(UTC) - timedelta(days=1))
        case "untrusted":
            certificate = trustme.CA().issue_cert(*NAMES)
        case _:
            raise ValueError(kind)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context

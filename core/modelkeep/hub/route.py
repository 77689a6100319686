"""The way to a hub, a step at a time, as a test of it looks at it: name, connection, proxy, TLS."""

from __future__ import annotations

import base64
import http.client
import os
import socket
import ssl
import tempfile
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

import socks
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import ConnectTimeoutError

from modelkeep.hub.profile import Profile
from modelkeep.hub.transport import ca_file_of, origin

__all__ = ["Certificate", "addresses", "connect", "shown_certificate", "start_tls", "tunnel"]

_PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class Certificate(NamedTuple):
    """What a server shows: who issued it, for which names, until when (UTC; None when that cannot be read)."""

    issuer: str
    names: tuple[str, ...]
    until: datetime | None


def addresses(url: str) -> list[str]:
    """The addresses of the machine that a URL names, each once. Raises `OSError`."""
    host, port = _place(url)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def connect(url: str, timeout: float) -> socket.socket:
    """A connection to the machine that a URL names, a proxy's or a hub's.

    Raises `OSError`, and urllib3's `ConnectTimeoutError` when it takes too long.
    """
    try:
        return socket.create_connection(_place(url), timeout)
    except TimeoutError as error:
        raise ConnectTimeoutError(str(error)) from error


def tunnel(url: str, proxy: str, timeout: float) -> socket.socket:
    """A connection through a proxy, as far as the hub. Raises `OSError`, also for what the proxy refuses."""
    host, port = _place(url)
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme in ("socks5", "socks5h"):
        return socks.create_connection(  # type: ignore[no-any-return]
            (host, port),
            timeout=timeout,
            proxy_type=socks.SOCKS5,
            proxy_addr=parts.hostname,
            proxy_port=_place(proxy)[1],
            proxy_rdns=parts.scheme == "socks5h",
            proxy_username=user or None,
            proxy_password=password or None,
        )
    connection = http.client.HTTPConnection(*_place(proxy), timeout=timeout)
    headers = {}
    if parts.username is not None:
        known = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers["Proxy-Authorization"] = f"Basic {known}"
    connection.set_tunnel(host, port, headers)
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    return connection.sock


def start_tls(connection: socket.socket, profile: Profile) -> Certificate:
    """Speak TLS over a connection, which is closed afterwards. Raises `ssl.SSLError`."""
    trusted = ca_file_of(profile) or DEFAULT_CA_BUNDLE_PATH
    is_folder = os.path.isdir(trusted)
    context = ssl.create_default_context(
        cafile=None if is_folder else trusted, capath=trusted if is_folder else None
    )
    host, _ = _place(profile.endpoint)
    with context.wrap_socket(connection, server_hostname=host) as secure:
        return _read(secure.getpeercert() or {})


def shown_certificate(connection: socket.socket, profile: Profile) -> Certificate | None:
    """What a server shows that is not trusted, None when it cannot be read. The connection is closed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Of what it has not verified, Python decodes nothing but a file, and that by a function of its own tests.
    decode = getattr(getattr(ssl, "_ssl", None), "_test_decode_cert", None)
    try:
        with context.wrap_socket(connection, server_hostname=_place(profile.endpoint)[0]) as secure:
            content = secure.getpeercert(binary_form=True)
        if decode is None or content is None:
            return None
        with tempfile.TemporaryDirectory(prefix="modelkeep-") as folder:
            path = os.path.join(folder, "certificate.pem")
            with open(path, "w") as file:
                file.write(ssl.DER_cert_to_PEM_cert(content))
            return _read(decode(path))
    except (OSError, ValueError):
        return None


def _read(said: dict[str, Any]) -> Certificate:
    issuer = {name: value for part in said.get("issuer", ()) for name, value in part}
    until = None
    if date := said.get("notAfter"):
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(date), UTC)
    names = tuple(value for _, value in said.get("subjectAltName", ()))
    who = issuer.get("organizationName") or issuer.get("commonName") or "somebody unnamed"
    return Certificate(who, names, until)


def _place(url: str) -> tuple[str, int]:
    parts: SplitResult = urlsplit(url)
    return parts.hostname or "", parts.port or _PROXY_PORTS.get(parts.scheme, origin(url)[2])

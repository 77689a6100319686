"""Why no answer came, in words: the errors of sockets, TLS, proxies and of requests become one of ours."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as pool

from modelkeep.errors import BadReply, RemoteError, RemoteUnreachable

__all__ = ["ConnectionDropped", "connection_errors", "failure", "tls_reason"]

Kind = TypeVar("Kind", bound=BaseException)

# OpenSSL's numbers of what is wrong with a certificate (x509_vfy.h), in words.
_CERTIFICATE = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is signed by itself",
    19: "its certificate comes from an authority that is not trusted",
    20: "its certificate comes from an authority that is not trusted",
    21: "its certificate comes from an authority that is not trusted",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
_CLOCK = "See that the clock of this machine is right; else the hub's owner has to renew the certificate."
_AUTHORITY = "If it is your company's own authority, give its file (PEM) to the profile."
_NAME = "See that the address of the profile is right; a proxy or a portal may answer in the hub's place."


class ConnectionDropped(RemoteUnreachable):
    """There was a connection, and it broke. A kept one may just have been too old: worth another try at once."""


@contextmanager
def connection_errors(url: str, proxy: str = "") -> Iterator[None]:
    """Turn what goes wrong between here and `url` into ours. `proxy` is the one on the way, "" for none."""
    try:
        yield
    except (requests.RequestException, pool.HTTPError, OSError) as error:
        raise failure(error, url, proxy) from error


def failure(error: BaseException, url: str, proxy: str = "") -> RemoteError:
    """What an error of the connection means."""
    host = _host(url)
    via = f" through the proxy {_host(proxy)}" if proxy else ""
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return BadReply(f"“{host or url}” is no address that can be asked.")
    if _any(error, ssl.SSLError, requests.exceptions.SSLError) and not _any(error, ssl.SSLEOFError):
        reason, hint = tls_reason(error)
        return RemoteUnreachable(f"{host} cannot be trusted{via}: {reason}.", hint=hint)
    if (refusal := _of_proxy(error, proxy)) is not None:
        return refusal
    if name := _any(error, socket.gaierror, pool.NameResolutionError):
        return _unknown_name(name, proxy or url)
    if _any(error, ConnectionRefusedError):
        return RemoteUnreachable(
            f"{_host(proxy) if proxy else host} refused the connection.",
            hint="Nothing listens there: see that address and port are right, and that it runs.",
        )
    if _is_slow_to_connect(error):
        return RemoteUnreachable(
            f"{host} did not answer in time{via}: no connection.",
            hint="A firewall may be in the way, which a proxy gets through; or give it more time in the profile.",
        )
    if _any(error, requests.ReadTimeout, pool.ReadTimeoutError, TimeoutError):
        return RemoteUnreachable(
            f"{host} said nothing any more{via}: it took too long.",
            hint="Try again, or give it more time in the profile.",
        )
    if _any(error, ConnectionResetError, BrokenPipeError, ConnectionAbortedError, ssl.SSLEOFError):
        return ConnectionDropped(f"{host} broke off the connection{via}.", hint="Try again.")
    if _any(error, pool.ProtocolError, requests.exceptions.ChunkedEncodingError):
        return ConnectionDropped(f"The answer of {host} was cut off{via}.", hint="Try again.")
    if (cause := _any(error, OSError)) and isinstance(cause, OSError) and cause.strerror:
        return RemoteUnreachable(
            f"{host} cannot be reached{via}: {cause.strerror}.", hint="See to the network."
        )
    return RemoteUnreachable(f"{host} cannot be reached{via}.", hint="See to the network and the profile.")


def tls_reason(error: BaseException) -> tuple[str, str]:
    """What is wrong with a TLS connection, and what to do about it."""
    cause = _any(error, ssl.SSLCertVerificationError)
    if isinstance(cause, ssl.SSLCertVerificationError):
        code = cause.verify_code
        reason = _CERTIFICATE.get(code, cause.verify_message or "its certificate is not right")
        hint = _CLOCK if code in (9, 10) else _NAME if code in (62, 64) else _AUTHORITY
        return reason.rstrip("."), hint
    cause = _any(error, ssl.SSLError)
    reason = getattr(cause, "reason", None) or ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "it does not speak TLS", "See that the address should begin with https, and its port."
    return f"TLS fails ({reason.lower().replace('_', ' ') or 'no reason given'})", _NAME


def _of_proxy(error: BaseException, proxy: str) -> RemoteUnreachable | None:
    import socks

    texts = " ".join(str(one) for one in _chain(error))
    name = _host(proxy) or "The proxy"
    if proxy and (_any(error, socks.SOCKS5AuthError) or "407" in texts):
        return RemoteUnreachable(
            f"The proxy {name} wants a user name and a password, or does not take these.",
            hint="Give them in the proxy's address: http://user:password@proxy:port.",
        )
    if not _any(error, pool.ProxyError, requests.exceptions.ProxyError, socks.ProxyError):
        return None
    if cause := _any(error, socks.GeneralProxyError, socks.SOCKS5Error, socks.HTTPError):
        words = str(getattr(cause, "msg", "") or cause).rpartition(": ")[2].rstrip(".").lower()
        return RemoteUnreachable(f"The proxy {name} does not lead there: {words}.", hint="See to the proxy.")
    if "Tunnel connection failed" in texts:
        words = texts.partition("Tunnel connection failed: ")[2][:60].partition("'")[0].partition(")")[0]
        return RemoteUnreachable(
            f"The proxy {name} does not lead there: it answers {words.strip()}.", hint="See to the proxy."
        )
    if found := _any(error, socket.gaierror, pool.NameResolutionError):
        return _unknown_name(found, proxy)
    if _any(error, ConnectionRefusedError):
        return RemoteUnreachable(
            f"The proxy {name} refused the connection.",
            hint="Nothing listens there: see that its address and port are right, and that it runs.",
        )
    if _is_slow_to_connect(error) or _any(error, TimeoutError):
        return RemoteUnreachable(
            f"The proxy {name} did not answer in time.",
            hint="See that its address is right, or give it more time in the profile.",
        )
    if _any(error, ConnectionResetError, BrokenPipeError, ConnectionAbortedError):
        return ConnectionDropped(f"The proxy {name} broke off the connection.", hint="Try again.")
    return RemoteUnreachable(f"The proxy {name} cannot be reached.", hint="See that its address is right.")


def _unknown_name(error: BaseException, url: str) -> RemoteUnreachable:
    host = urlsplit(url).hostname or url
    lasting = not isinstance(error, socket.gaierror) or error.errno != socket.EAI_AGAIN
    return RemoteUnreachable(
        f"There is no address for the name {host}" + ("." if lasting else ": no name server answers."),
        hint="See that the name is right and that this machine is connected; some networks need a proxy.",
    )


def _is_slow_to_connect(error: BaseException) -> bool:
    # urllib3's NewConnectionError, for any reason at all, is one of these by its class.
    return any(
        isinstance(one, (requests.ConnectTimeout, pool.ConnectTimeoutError))
        and not isinstance(one, pool.NewConnectionError)
        for one in _chain(error)
    )


def _host(url: str) -> str:
    """Host and port of a URL, without a user and a password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _any(error: BaseException, *kinds: type[BaseException]) -> BaseException | None:
    """The first of such a kind among an error and all that led to it."""
    return next((one for one in _chain(error) if isinstance(one, kinds)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and what it was made of: requests and urllib3 wrap in three ways."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        one = pending.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        pending += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]

"""One way to one hub: connections, TLS, proxies, redirects, and who is told the token.

Redirects are followed here and not by requests: the token belongs to the profile's own address (scheme, host and
port) and is shown to no other, whoever redirects there.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers, get_environ_proxies, select_proxy

from modelkeep import __version__
from modelkeep.errors import BadReply
from modelkeep.hub.failures import connection_errors
from modelkeep.hub.offline import require_network
from modelkeep.hub.profile import NO_PROXY, Profile, Token

__all__ = ["USER_AGENT", "Transport", "ca_file_of", "make_session", "origin", "proxy_for"]

USER_AGENT = f"modelkeep/{__version__}"
_REDIRECTS = (301, 302, 303, 307, 308)
_HOPS = 10
_CONNECTIONS = 32
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOK_EVERY = 0.1  # seconds between two looks at whether nothing may leave the machine, while files come
_AS_IT_IS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/-]*")
"""An address that needs no quoting."""


class Transport:
    """Sends requests to a hub; safe for many threads."""

    def __init__(
        self, profile: Profile, token: Token | None, session: requests.Session | None = None
    ) -> None:
        require_network()
        self.profile = profile
        self.has_token = token is not None
        self._token = token
        self._origin = origin(profile.endpoint)
        self._home = f"{profile.endpoint.rstrip('/')}/"
        self._looked = 0.0
        self._session = session or make_session()
        self._ca_file = ca_file_of(profile)
        self._proxies: dict[tuple[str, str, int], dict[str, str]] = {}

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        authorize: bool = True,
        follow_away: bool = True,
        **kwargs: Any,
    ) -> requests.Response:
        """The answer after redirects, its body not read yet; `.history` are the redirects, in order.

        `follow_away` False: a redirect to another host is the answer, for the caller to look at. Raises `Offline`,
        `RemoteUnreachable`, and `BadReply` for redirects that lead nowhere.
        """
        history: list[requests.Response] = []
        seen = {url}
        while True:
            response = self._once(method, url, headers, authorize, kwargs)
            target = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not target:
                response.history = history
                return response
            try:
                after = urljoin(response.url, target)
                leads_away = origin(after) != origin(url)
            except ValueError as error:
                response.close()
                raise _no_address(url) from error
            if not follow_away and leads_away:
                response.history = history
                return response
            history.append(response)
            response.close()
            self._check_redirect(method, url, after, response.status_code, kwargs)
            if after in seen or len(history) > _HOPS:
                raise BadReply(
                    f"{urlsplit(url).hostname} redirects in a circle.",
                    hint="See that the address of the profile is that of a hub.",
                )
            seen.add(after)
            url = after
            kwargs.pop("params", None)  # they are in the address that we were sent to, or were left out of it

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        authorize: bool,
        kwargs: dict[str, Any],
    ) -> requests.Response:
        is_plain = method in ("GET", "HEAD") and not kwargs
        self._require_network(_LOOK_EVERY if is_plain else 0.0)
        sent = dict(headers or {})
        place = self._origin if url.startswith(self._home) else origin(url)
        if authorize and self._token is not None and place == self._origin:
            sent["Authorization"] = f"Bearer {self._token.value}"
        if place not in self._proxies:
            # Looked up once: to go through the environment takes as long as to fetch a small file.
            self._proxies[place] = proxies_for(self.profile, url)
        proxies = self._proxies[place]
        if is_plain and _AS_IT_IS.fullmatch(url):
            with connection_errors(url, (select_proxy(url, proxies) or "") if proxies else ""):
                return self._send_plain(method, url, sent, proxies)
        with connection_errors(url, select_proxy(url, proxies) or ""):
            try:
                return self._session.request(
                    method,
                    url,
                    headers=sent,
                    allow_redirects=False,
                    stream=True,
                    timeout=(self.profile.connect_timeout, self.profile.read_timeout),
                    proxies=proxies,
                    verify=self._ca_file or True,
                    **kwargs,
                )
            except ValueError as error:
                if isinstance(error, requests.RequestException):
                    raise
                # requests looks at where a redirect leads, whoever follows it.
                raise _no_address(url) from error

    def _send_plain(
        self, method: str, url: str, headers: Mapping[str, str], proxies: dict[str, str]
    ) -> requests.Response:
        """As the session would send it, which takes longer to prepare it than a small file takes to come."""
        request = requests.PreparedRequest()
        request.method, request.url = method, url
        request.headers = CaseInsensitiveDict({**self._session.headers, **headers})  # type: ignore[arg-type]
        return self._session.get_adapter(url).send(
            request,
            stream=True,
            timeout=(self.profile.connect_timeout, self.profile.read_timeout),
            verify=self._ca_file or True,
            proxies=proxies,
        )

    def _require_network(self, every: float) -> None:
        now = time.monotonic()
        if now - self._looked >= every:
            require_network()
            self._looked = now

    def _check_redirect(self, method: str, url: str, after: str, status: int, kwargs: dict[str, Any]) -> None:
        if urlsplit(after).scheme not in ("http", "https"):
            raise BadReply(f"{urlsplit(url).hostname} redirects to what is no web address.")
        body = kwargs.get("data")
        can_repeat = body is None or isinstance(body, (bytes, str, dict))
        if method not in ("GET", "HEAD") and (status not in (307, 308) or not can_repeat):
            raise BadReply(
                f"{urlsplit(url).hostname} redirects what was to be changed there, to {urlsplit(after).hostname}.",
                hint="Use the new name, or the new address of the hub.",
            )


def _no_address(url: str) -> BadReply:
    return BadReply(
        f"{urlsplit(url).hostname} redirects to what is no web address.",
        hint="See that the address of the profile is that of a hub.",
    )


class _Adapter(HTTPAdapter):
    """One that finds the connections to a place at once, and reads no cookies: none is kept."""

    def __init__(self) -> None:
        super().__init__(pool_connections=8, pool_maxsize=_CONNECTIONS)
        self._pools: dict[tuple[object, ...], Any] = {}

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        url = str(request.url)
        place = (url[: url.find("/", 8)], verify, tuple((proxies or {}).items()))
        pool = self._pools.get(place)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            self._pools[place] = pool
        return pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        url = str(request.url)
        if proxies or not _AS_IT_IS.fullmatch(url):
            return super().request_url(request, proxies)
        return url[url.find("/", 8) :]

    def close(self) -> None:
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()
        super().close()

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw, response.reason, response.url = resp, resp.reason, str(req.url)
        response.request, response.connection = req, self
        return response


def make_session() -> requests.Session:
    """A session that keeps connections alive and remembers nothing else: no cookies, no .netrc."""
    session = requests.Session()
    session.trust_env = False  # what the environment says of proxies and authorities is read here
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    adapter = _Adapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what a token belongs to."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), port or _DEFAULT_PORTS.get(scheme, 0)


def proxies_for(profile: Profile, url: str) -> dict[str, str]:
    """What requests is told about proxies for one address."""
    if profile.proxy == NO_PROXY:
        return {}
    if profile.proxy:
        return {"http": profile.proxy, "https": profile.proxy}
    return dict(get_environ_proxies(url, no_proxy=None))


def proxy_for(profile: Profile, url: str) -> str:
    """The proxy that an address is asked through, "" for none."""
    return select_proxy(url, proxies_for(profile, url)) or ""


def ca_file_of(profile: Profile) -> str:
    """The authorities to trust: the profile's file, else what the environment names, "" for the usual ones."""
    if profile.ca_file:
        return os.path.expanduser(profile.ca_file)
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    return next((value for name in names if (value := os.environ.get(name))), "")

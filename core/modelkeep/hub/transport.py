"""One way to one hub: connections, TLS, proxies, redirects, and who is told the token.

Redirects are followed here and not by requests: the token belongs to the profile's own address (scheme, host and
port) and is shown to no other, whoever redirects there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy

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
            after = urljoin(response.url, target)
            if not follow_away and origin(after) != origin(url):
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
        require_network()
        sent = dict(headers or {})
        place = origin(url)
        if authorize and self._token is not None and place == self._origin:
            sent["Authorization"] = f"Bearer {self._token.value}"
        if place not in self._proxies:
            # Looked up once: to go through the environment takes as long as to fetch a small file.
            self._proxies[place] = proxies_for(self.profile, url)
        proxies = self._proxies[place]
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
                raise BadReply(
                    f"{urlsplit(url).hostname} redirects to what is no web address.",
                    hint="See that the address of the profile is that of a hub.",
                ) from error

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


def make_session() -> requests.Session:
    """A session that keeps connections alive and remembers nothing else: no cookies, no .netrc."""
    session = requests.Session()
    session.trust_env = False  # what the environment says of proxies and authorities is read here
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    adapter = HTTPAdapter(pool_connections=8, pool_maxsize=_CONNECTIONS)
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

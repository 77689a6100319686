"""What of the way to a hub works, a check at a time, each with a sentence that says what was found."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from modelkeep.errors import AccessDenied, BadReply, ModelKeepError, NotOnRemote, RemoteUnreachable
from modelkeep.hub.client import HubClient
from modelkeep.hub.failures import connection_errors, failure
from modelkeep.hub.offline import require_network
from modelkeep.hub.profile import Profile, Token
from modelkeep.hub.profiles import checked_profile
from modelkeep.hub.replies import HubFile, HubModel
from modelkeep.hub.route import addresses, connect, shown_certificate, start_tls, tunnel
from modelkeep.hub.transport import proxy_for
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["CHECKS", "Check", "Diagnosis", "Outcome", "diagnose"]

Outcome = Literal["good", "warn", "bad", "skipped"]
CHECKS = ("address", "dns", "tcp", "proxy", "tls", "hub", "token", "file", "range")
_SOON = timedelta(days=14)


class Check(NamedTuple):
    """One step on the way; `seconds` is how long it took. `name` is one of `CHECKS`."""

    name: str
    outcome: Outcome
    sentence: str
    hint: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, in their order. After the first bad one the rest are skipped."""

    profile: Profile
    checks: tuple[Check, ...]

    @property
    def works(self) -> bool:
        return not any(check.outcome == "bad" for check in self.checks)


def diagnose(
    profile: Profile,
    token: Token | None = None,
    *,
    repo: str = "",
    report: Report = ignore,
    emit: Callable[[Check], None] = lambda check: None,
) -> Diagnosis:
    """Test the way to a hub, up to a part of a file of the model `repo` (else of some model that it has).

    Each check is passed on as it ends. Raises `Offline`; whatever else is wrong is in the checks.
    """
    require_network()
    run = _Run(profile, token, repo, report)
    steps = (
        run.address,
        run.dns,
        run.tcp,
        run.proxy,
        run.tls,
        run.hub,
        run.token,
        run.file,
        run.range,
    )
    checks: list[Check] = []
    is_broken = False
    try:
        for done, (name, step) in enumerate(zip(CHECKS, steps, strict=True)):
            if is_broken:
                check = Check(name, "skipped", "Not tried, because of what came before.")
            else:
                report(Progress("Test the way", done, len(CHECKS), name, unit="checks"))
                check = _checked(name, step)
            is_broken |= check.outcome == "bad"
            checks.append(check)
            emit(check)
    finally:
        run.close()
    return Diagnosis(profile, tuple(checks))


class _Found(NamedTuple):
    outcome: Outcome
    sentence: str
    hint: str = ""


def _checked(name: str, step: Callable[[], _Found]) -> Check:
    began = time.monotonic()
    try:
        found = step()
    except ModelKeepError as error:
        found = _Found("bad", str(error), error.hint)
    return Check(name, *found, seconds=time.monotonic() - began)


class _Run:
    """A test under way: what the next step needs of the one before."""

    def __init__(self, profile: Profile, token: Token | None, repo: str, report: Report) -> None:
        self._profile = profile
        self._token = token
        self._repo = repo
        self._report = report
        self._proxy = ""
        self._client: HubClient | None = None
        self._connection: socket.socket | None = None
        self._model: HubModel | None = None
        self._small: HubFile | None = None
        self._large: HubFile | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._client is not None:
            self._client.close()

    # ---- the way there

    def address(self) -> _Found:
        self._profile = checked_profile(self._profile)
        endpoint = self._profile.endpoint
        self._proxy = proxy_for(self._profile, endpoint)
        via = f", through the proxy {_host(self._proxy)}" if self._proxy else ""
        if self._token and endpoint.startswith("http://") and not _is_here(endpoint):
            return _Found(
                "warn",
                f"{endpoint}{via}: your token travels where others can read it.",
                "Use an address that begins with https, if the hub has one.",
            )
        return _Found("good", f"{endpoint}{via}.")

    def dns(self) -> _Found:
        place = self._proxy or self._profile.endpoint
        with connection_errors(self._profile.endpoint, self._proxy):
            found = addresses(place)
        more = f" and {len(found) - 2} more" if len(found) > 2 else ""
        return _Found("good", f"{urlsplit(place).hostname} is at {', '.join(found[:2])}{more}.")

    def tcp(self) -> _Found:
        with connection_errors(self._profile.endpoint, self._proxy):
            self._connection = connect(self._proxy or self._profile.endpoint, self._profile.connect_timeout)
        return _Found("good", f"{_host(self._proxy or self._profile.endpoint)} takes connections.")

    def proxy(self) -> _Found:
        if not self._proxy:
            return _Found("skipped", "No proxy is used.")
        self._drop_connection()
        if self._is_asked_by_url:
            return _Found("skipped", "The proxy is asked for each address, which the next checks do.")
        with connection_errors(self._profile.endpoint, self._proxy):
            self._connection = tunnel(self._profile.endpoint, self._proxy, self._profile.connect_timeout)
        return _Found("good", f"The proxy {_host(self._proxy)} leads to {_host(self._profile.endpoint)}.")

    def tls(self) -> _Found:
        if not self._profile.endpoint.startswith("https://"):
            self._drop_connection()
            return _Found("skipped", "Plain HTTP is spoken, which nothing protects.")
        if self._connection is None:
            return _Found("skipped", "The proxy is spoken to by TLS itself; the next check tells.")
        connection, self._connection = self._connection, None
        try:
            with connection:
                certificate = start_tls(connection, self._profile)
        except OSError as error:
            raise self._untrusted(error) from error
        by = f"The certificate comes from {certificate.issuer}"
        if certificate.until is None:
            return _Found("good", f"{by}.")
        until = f"{certificate.until:%Y-%m-%d}"
        if certificate.until - datetime.now(UTC) < _SOON:
            return _Found(
                "warn", f"{by} and is valid only until {until}.", "The hub's owner should renew it."
            )
        return _Found("good", f"{by} and is valid until {until}.")

    def _untrusted(self, error: OSError) -> RemoteUnreachable:
        """What is wrong with TLS, with what the certificate says of itself, if there is one."""
        found = failure(error, self._profile.endpoint, self._proxy)
        certificate = None
        try:
            with self._reconnected() as connection:
                certificate = shown_certificate(connection, self._profile)
        except OSError:
            pass  # it was there a moment ago; what went wrong then is what counts
        if certificate is None:
            return RemoteUnreachable(str(found), hint=found.hint)
        until = f", until {certificate.until:%Y-%m-%d}" if certificate.until else ""
        names = f", for {', '.join(certificate.names[:3])}" if certificate.names else ""
        return RemoteUnreachable(
            f"{found} It shows a certificate from {certificate.issuer}{names}{until}.", hint=found.hint
        )

    def _reconnected(self) -> socket.socket:
        profile = self._profile
        if self._proxy:
            return tunnel(profile.endpoint, self._proxy, profile.connect_timeout)
        return connect(profile.endpoint, profile.connect_timeout)

    # ---- what answers there

    def hub(self) -> _Found:
        self._client = HubClient(self._profile, self._token, report=self._report)
        host = _host(self._profile.endpoint)
        try:
            found = self._client.search(limit=5).models
        except AccessDenied as error:
            if self._token is not None:
                return _Found("warn", f"{host} does not show its models to this token.", error.hint)
            return _Found("bad", f"{host} shows nothing to those without a token.", error.hint)
        except (BadReply, NotOnRemote) as error:
            if not self._repo or not self._answers_for_repo():
                raise
            return _Found("warn", f"{host} cannot be searched, but has models. ({error})")
        self._model = next((model for model in found if not model.gated and not model.private), None)
        return _Found("good", f"{host} answers as a hub does.")

    def _answers_for_repo(self) -> bool:
        try:
            self._model = self._asked.model(ModelKey.parse(self._repo))
        except ModelKeepError:
            return False
        return True

    def token(self) -> _Found:
        if self._token is None:
            return _Found("skipped", "There is no token: only what is public is shown.")
        try:
            who = self._asked.whoami()
        except (BadReply, NotOnRemote):
            return _Found("warn", "The hub does not tell whose token this is.", "Mirrors often do not.")
        role = {"read": ", to read", "write": ", to read and write", "fineGrained": ", with chosen rights"}
        return _Found("good", f"The token ({self._token.source}) is {who.name}'s{role.get(who.role, '')}.")

    def file(self) -> _Found:
        client = self._asked
        if self._repo:
            self._model = client.model(ModelKey.parse(self._repo))
        elif self._model is not None:
            self._model = client.model(self._model.key)
        if self._model is None:
            return _Found("skipped", "The hub has no model to try this with.", "Name one that you may read.")
        key, commit = self._model.key, self._model.commit
        files = sorted(client.files(key, commit), key=lambda file: file.size)
        usable = [file for file in files if file.size > 1]
        if not usable:
            return _Found("skipped", f"{key.repo_id} has no file to try this with.")
        self._small = usable[0]
        self._large = next((file for file in usable if file.is_lfs), self._small)
        head = client.head(key, commit, self._small.path)
        if head.commit != commit or head.etag != self._small.etag:
            return _Found(
                "bad",
                f"What the hub says of {self._small.path} of {key.repo_id} is not what it listed.",
                "It may be a mirror that is not complete. Try another hub.",
            )
        return _Found("good", f"It describes {self._small.path} of {key.repo_id} as a hub does.")

    def range(self) -> _Found:
        if self._model is None or self._large is None:
            return _Found("skipped", "There was no file to try this with.")
        file = self._large
        with self._asked.open(
            self._model.key, self._model.commit, file.path, start=1, stop=2, etag=file.etag
        ) as content:
            if content.status != 206:
                return _Found(
                    "warn",
                    f"{content.host} sends files only as a whole.",
                    "A download that is interrupted starts each unfinished file anew.",
                )
            if content.readinto(memoryview(bytearray(1))) != 1:
                return _Found("bad", f"{content.host} sends nothing of {file.path}.")
            return _Found(
                "good", f"Files come from {content.host}, also in parts: downloads can be gone on with."
            )

    # ---- within

    @property
    def _asked(self) -> HubClient:
        assert self._client is not None  # the check of the hub made it
        return self._client

    @property
    def _is_asked_by_url(self) -> bool:
        """Whether the proxy gets whole addresses, or TLS comes before: there is no tunnel to try alone."""
        if self._proxy.startswith("socks"):
            return False
        return self._proxy.startswith("https://") or self._profile.endpoint.startswith("http://")

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")

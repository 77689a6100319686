"""The way to a store by S3: each request signed, sent, asked again where that may help, and answered or refused.

Connections, proxies and authorities are those of the ways to hubs (`modelkeep.hub.transport`), which keep nothing of
one request for the next.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple, NoReturn
from urllib.parse import quote, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import select_proxy

from modelkeep.errors import BadReply, RemoteBusy, RemoteError, RemoteUnreachable
from modelkeep.hub.content import Content
from modelkeep.hub.failures import ConnectionDropped, connection_errors
from modelkeep.hub.offline import require_network
from modelkeep.hub.pace import wait_before
from modelkeep.hub.profile import Profile
from modelkeep.hub.transport import USER_AGENT, ca_file_of, make_session, proxies_for
from modelkeep.named_remotes import Credentials
from modelkeep.remote.objects import SMALL
from modelkeep.remote.s3.address import S3Address, is_region
from modelkeep.remote.s3.answers import Fault, Xml, fault_in
from modelkeep.remote.s3.prompt import make_prompt
from modelkeep.remote.s3.refusals import Answer, refusal
from modelkeep.remote.s3.signing import Signer, make_signer

__all__ = ["Body", "Connection"]

_TRIES = 5
_TIMEOUTS = (10.0, 60.0)  # seconds: to connect, and until something comes
_LOOK_EVERY = 0.1  # seconds between two looks at whether nothing may leave the machine
_OK = (200, 201, 202, 204, 206)
_HEAR = 0.2  # seconds; how soon a wait hears that it is over
_NOTHING = hashlib.sha256(b"").hexdigest()


class Body(NamedTuple):
    """What is sent: `pieces` are read anew for each attempt. `payload` is its SHA-256, or `UNSIGNED`."""

    size: int
    payload: str
    pieces: Callable[[], Iterable[bytes | bytearray | memoryview]]


class Connection:
    """Asks one bucket, by the keys given or those that botocore finds. Safe for many threads.

    Reaches nothing until it is asked for something. `host` is the store in words.
    """

    def __init__(self, address: S3Address, credentials: Credentials | None) -> None:
        self.address = address
        self.host = urlsplit(address.endpoint).netloc or "Amazon S3"
        self._credentials = credentials
        self._way = Profile("", proxy=address.proxy, ca_file=address.ca)
        self._ca_file = ca_file_of(self._way)
        self._session = make_session()
        make_prompt(self._session)
        self._lock = threading.Lock()
        self._signer: Signer | None = None
        self._base = ""
        self._proxies: dict[str, str] = {}
        self._looked = 0.0
        self._closing = threading.Event()

    def __repr__(self) -> str:
        return f"Connection({self.address.url!r})"

    def close(self) -> None:
        """Let go of the connections; whoever waits for another attempt gives up."""
        self._closing.set()
        self._session.close()

    def ask(
        self,
        method: str,
        key: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body | bytes = b"",
        also: Collection[int] = (),
        patience: float = 0.0,
        still: Callable[[], object] = lambda: None,
    ) -> Answer:
        """An answer, read to its end; asked again where that may help. No key: about the bucket.

        `also` are statuses that are no errors here. `patience`: seconds until something has to come, when more than
        usual. `still` is called now and then while nothing is sent, and raises to stop.
        """
        tries = 0
        while True:
            still()
            tries += 1
            try:
                return self._ask(method, key, query, headers, body, also, patience)._replace(tries=tries)
            except (RemoteBusy, ConnectionDropped) as error:
                self._wait(tries, error, still)

    def open(self, key: str, headers: Mapping[str, str]) -> Content:
        """An object on its way."""
        tries = 0
        while True:
            tries += 1
            try:
                response = self._send("GET", key, None, headers, b"", 0.0)
                if response.status_code not in _OK:
                    self._refuse(response, self._read(response, "GET", key))
                if "Content-Range" in response.headers:
                    response.status_code = 206  # rclone's server says 200, whatever it sends
                return Content(response)
            except (RemoteBusy, ConnectionDropped) as error:
                self._wait(tries, error, lambda: None)

    def xml(self, answer: Answer, *roots: str) -> Xml:
        """What an answer says in XML; see `Xml`."""
        return Xml(answer.body, self.host, *roots)

    def refusal(self, answer: Answer, fault: Fault, signed_at: str = "") -> RemoteError:
        """The error that an answer stands for; see `modelkeep.remote.s3.refusals`."""
        return refusal(answer, fault, host=self.host, bucket=self.address.bucket, signed_at=signed_at)

    # ---- within

    def _ask(
        self,
        method: str,
        key: str | None,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: Body | bytes,
        also: Collection[int],
        patience: float,
    ) -> Answer:
        response = self._send(method, key, query, headers, body, patience)
        answer = self._read(response, method, key)._replace(of_upload=bool(query and "uploadId" in query))
        if answer.status not in _OK and answer.status not in also:
            self._refuse(response, answer)
        if method in ("POST", "PUT") and answer.status == 200 and fault_in(answer.body).code:
            # What takes long begins with “good” and may end otherwise.
            self._refuse(response, answer._replace(status=500))
        return answer

    def _send(
        self,
        method: str,
        key: str | None,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: Body | bytes,
        patience: float,
    ) -> requests.Response:
        self._require_network()
        signer = self._signer or self._ready()
        url = self._base + (quote(key, safe="/~") if key is not None else "")
        if query:
            url += "?" + "&".join(f"{name}={quote(value, safe='~')}" for name, value in sorted(query.items()))
        request = requests.PreparedRequest()
        request.method, request.url = method, url
        if isinstance(body, Body):
            size, payload, request.body = body.size, body.payload, body.pieces()  # type: ignore[assignment]
        else:
            size, payload = len(body), hashlib.sha256(body).hexdigest() if body else _NOTHING
            request.body = body or None
        sent = dict(headers or {})
        sent["User-Agent"] = USER_AGENT
        if method in ("PUT", "POST"):
            sent["Content-Length"] = str(size)
        request.headers = CaseInsensitiveDict(signer.sign(method, url, sent, payload))
        connect, read = _TIMEOUTS
        with connection_errors(url, select_proxy(url, self._proxies) or ""):
            return self._session.get_adapter(url).send(
                request,
                stream=True,
                timeout=(connect, max(read, patience)),
                verify=self._ca_file or True,
                proxies=self._proxies,
            )

    def _read(self, response: requests.Response, method: str, key: str | None) -> Answer:
        with connection_errors(str(response.url)), response:
            body = bytearray()
            for piece in response.iter_content(1 << 20):
                body += piece
                if len(body) > SMALL:
                    raise BadReply(
                        f"{self.host} answers with more than {SMALL >> 20} MiB where little was asked for."
                    )
        asked = "" if key is None else key.removeprefix(self.address.prefix)
        return Answer(response.status_code, response.headers, bytes(body), method, asked)

    def _refuse(self, response: requests.Response, answer: Answer) -> NoReturn:
        """Raise what an answer stands for. A bucket that says where it is, is asked there."""
        fault = fault_in(answer.body)
        region = answer.headers.get("x-amz-bucket-region", "") or fault.region
        if answer.status in (301, 307, 400) and region and self._move(region):
            raise ConnectionDropped(f"The bucket is in the region {region}.")
        if not answer.body and answer.method == "HEAD" and answer.status in (400, 403):
            # The answer to HEAD has no room for the reason; that to a list has.
            self._ask("GET", None, {"list-type": "2", "max-keys": "1"}, None, b"", (), 0.0)
        raise self.refusal(answer, fault, response.request.headers.get("X-Amz-Date", ""))

    def _ready(self) -> Signer:
        with self._lock:
            if self._signer is None:
                signer = make_signer(self.address, self._credentials)
                self._settle(signer)
            assert self._signer is not None
            return self._signer

    def _move(self, region: str) -> bool:
        """Ask another region from now on; False when it is none, or the one that was asked."""
        signer = self._ready()
        with self._lock:
            if region == signer.region or not is_region(region):
                return False
            self._settle(signer.moved(region))
            return True

    def _settle(self, signer: Signer) -> None:
        self._base = self.address.base(signer.endpoint, signer.region)
        self._proxies = proxies_for(self._way, self._base)
        self.host = urlsplit(self._base).netloc
        self._signer = signer

    def _require_network(self) -> None:
        if self._closing.is_set():
            raise RemoteUnreachable("The connection to the store was closed.")
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            require_network()
            self._looked = now

    def _wait(self, tries: int, error: RemoteError, still: Callable[[], object]) -> None:
        """Wait before another attempt; raises the error when that makes no sense any more."""
        pause = wait_before(tries, error) if tries < _TRIES else None
        if pause is None:
            raise error
        if tries == 1 and isinstance(error, ConnectionDropped):
            return  # a connection that was kept may just have been too old
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0:
            still()
            if self._closing.wait(min(left, _HEAR)):
                raise error

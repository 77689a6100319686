"""What can be asked of a hub, each question a method; its answers are the values of `modelkeep.hub.replies`.

    with open_client(find_profile()) as client:
        model = client.model(ModelKey("org/name"))
        for file in client.files(model.key, model.commit):
            print(file.path, file.size)

Source of paths and fields: huggingface_hub 2.4.0, `hf_api.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import requests

from modelkeep.errors import BadReply, RemoteBusy
from modelkeep.hub.content import Content, commit_of, etag_of, linked_size_of
from modelkeep.hub.failures import ConnectionDropped, connection_errors
from modelkeep.hub.profile import Profile, Token
from modelkeep.hub.reading import read_commits, read_files, read_model, read_refs, read_whoami
from modelkeep.hub.refusals import Asked, is_page, refusal
from modelkeep.hub.replies import HubCommit, HubFile, HubModel, HubRefs, SearchPage, Whoami
from modelkeep.hub.transport import Transport, origin
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Asked", "Content", "FileHead", "HubClient", "SORTS", "open_client"]

Answer = TypeVar("Answer")

SORTS = {
    "downloads": "downloads",
    "likes": "likes",
    "trending": "trendingScore",
    "created": "createdAt",
    "modified": "lastModified",
}
"""How a search may be sorted, and the hub's names for it."""

_EXPANDED = (
    "author", "createdAt", "disabled", "downloads", "gated", "lastModified", "library_name", "likes",
    "pipeline_tag", "private", "safetensors", "sha", "tags", "usedStorage",
)  # fmt: skip
_ANYTHING = Asked()
_AS_IT_IS = {"Accept-Encoding": "identity"}
_TRIES = 3
_PATIENCE = 10.0  # seconds that a question is put off at most
_MAX_PAGES = 10_000


class FileHead(NamedTuple):
    """What a hub says of a file. `size` is None where it does not say; `linked`: it is a large one, stored apart."""

    size: int | None
    etag: str
    commit: str
    linked: bool


def open_client(profile: Profile, *, report: Report = ignore) -> HubClient:
    """A client with the profile's token, where there is one. Raises `Offline`."""
    from modelkeep.hub.offline import require_network
    from modelkeep.hub.tokens import token_for

    require_network()
    return HubClient(profile, token_for(profile), report=report)


class HubClient:
    """See the module. Safe for many threads; a context manager.

    Every method raises the `RemoteError`s that `modelkeep.hub.refusals` and `modelkeep.hub.failures` name. `report`
    is called while a question waits to be put again, and may raise `Cancelled`.
    """

    def __init__(
        self,
        profile: Profile,
        token: Token | None = None,
        *,
        session: requests.Session | None = None,
        report: Report = ignore,
    ) -> None:
        self.profile = profile
        self.endpoint = profile.endpoint.rstrip("/")
        self._report = report
        self._transport = Transport(profile, token, session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"HubClient({self.endpoint!r})"

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    # ---- repositories

    def model(self, key: ModelKey) -> HubModel:
        """A repository at `key.revision`, or where its default branch leads; its name may be a new one."""
        revision = f"/revision/{_quoted(key.revision)}" if key.revision else ""
        said = self._json(f"{_api(key)}{revision}", Asked(key, key.revision or ""))
        model = read_model(said, key.repo_type)
        if not model.commit:
            raise BadReply(f"The hub names no commit of {key.repo_id}.", hint="Is the address that of a hub?")
        return model

    def files(self, key: ModelKey, commit: str) -> tuple[HubFile, ...]:
        """All files at a commit or another revision, in all folders."""
        pages = self._pages(
            f"{_api(key)}/tree/{_quoted(commit)}",
            Asked(key, commit),
            params={"recursive": "true", "expand": "false"},
        )
        return tuple(file for page in pages for file in read_files(page))

    def refs(self, key: ModelKey) -> HubRefs:
        """Branches and tags."""
        return read_refs(self._json(f"{_api(key)}/refs", Asked(key)))

    def commits(self, key: ModelKey, revision: str, *, limit: int = 100) -> tuple[HubCommit, ...]:
        """The history that leads to a revision, newest first, at most `limit` commits of it."""
        commits: list[HubCommit] = []
        for page in self._pages(f"{_api(key)}/commits/{_quoted(revision)}", Asked(key, revision)):
            commits += read_commits(page)
            if len(commits) >= limit:
                break
        return tuple(commits[:limit])

    def search(
        self,
        text: str = "",
        *,
        task: str = "",
        library: str = "",
        author: str = "",
        sort: str = "downloads",
        limit: int = 30,
        page: str = "",
    ) -> SearchPage:
        """Models by words of their names; `sort` is one of `SORTS`. `page` is the `next` of an earlier answer."""
        if page:
            response = self._get(self._at_home(page), Asked())
        else:
            asked = {
                "search": text,
                "pipeline_tag": task,
                "filter": library,
                "author": author,
                "sort": SORTS.get(sort, sort),
                "limit": str(limit),
            }
            params = [(name, value) for name, value in asked.items() if value]
            params += [("expand", name) for name in _EXPANDED]
            response = self._get("/api/models", Asked(), params=params)
        listed = _value(response, list)
        return SearchPage(tuple(read_model(item) for item in listed), self._next(response))

    def whoami(self) -> Whoami:
        """Whom the token belongs to. Raises `AccessDenied` when it is wrong, or there is none."""
        return read_whoami(self._json("/api/whoami-v2", Asked()))

    # ---- files

    def head(self, key: ModelKey, revision: str, path: str) -> FileHead:
        """What the hub says of one file, without its content."""
        asked = Asked(key, revision, path)
        return self._patiently(lambda: self._head(self._url(_file(key, revision, path)), asked))

    def _head(self, url: str, asked: Asked, *, moves: int = 3) -> FileHead:
        with self._transport.send("HEAD", url, headers=_AS_IT_IS, follow_away=False) as response:
            if response.status_code >= 400:
                raise self._refusal(response, asked)
            if response.is_redirect and moves and not (commit_of(response) and etag_of(response)):
                # Not a large file in its store: the whole hub is elsewhere, and what is said there counts.
                return self._head(urljoin(response.url, response.headers["Location"]), asked, moves=moves - 1)
            return _described(response)

    def open(
        self,
        key: ModelKey,
        commit: str,
        path: str,
        *,
        start: int = 0,
        stop: int | None = None,
        etag: str = "",
    ) -> Content:
        """A file's bytes from `start` up to `stop` (None: its end); all of them where the hub ignores that.

        Raises `BadReply` when the hub says that its content is another than `etag`.
        """
        headers = dict(_AS_IT_IS)
        if start or stop is not None:
            headers["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        asked = Asked(key, commit, path)
        url = self._url(_file(key, commit, path))
        try:
            response = self._transport.send("GET", url, headers=headers)
        except ConnectionDropped:
            response = self._transport.send("GET", url, headers=headers)
        try:
            if response.status_code not in (200, 206):
                raise self._refusal(response, asked)
            _check_body(response)
            content = Content(response)
            _check_content(content, path, start, etag)
        except BaseException:
            response.close()
            raise
        return content

    # ---- whatever else

    def request(
        self,
        method: str,
        path_or_url: str,
        *,
        authorize: bool = True,
        ok: Collection[int] = (200,),
        asked: Asked = _ANYTHING,
        **kwargs: Any,
    ) -> requests.Response:
        """Any request, its answer read; `asked` names in errors what it is about. The token goes to this hub alone.

        `kwargs` are those of requests: `json`, `data`, `headers`, `params`. Nothing is tried again.
        """
        response = self._transport.send(method, self._url(path_or_url), authorize=authorize, **kwargs)
        with response:
            self._read(response)
            if response.status_code not in ok:
                raise self._refusal(response, asked)
            return response

    # ---- asking

    def _json(self, path: str, asked: Asked) -> dict[str, Any]:
        said: dict[str, Any] = _value(self._get(path, asked), dict)
        return said

    def _pages(self, path: str, asked: Asked, params: dict[str, str] | None = None) -> Iterator[list[object]]:
        """All pages of a list, each as the one before leads to it."""
        response = self._get(path, asked, params=params)
        seen: set[str] = set()
        while True:
            yield _value(response, list)
            after = self._next(response)
            if not after:
                return
            if after in seen or len(seen) > _MAX_PAGES:
                raise BadReply("The hub's list has no end: its pages lead in a circle.")
            seen.add(after)
            response = self._get(after, asked)

    def _get(self, path_or_url: str, asked: Asked, params: Any = None) -> requests.Response:
        return self._patiently(
            lambda: self.request(
                "GET", path_or_url, asked=asked, params=params, headers={"Accept": "application/json"}
            )
        )

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """An answer to a question that changes nothing, put again when what stopped it may be gone in a moment."""
        for attempt in range(1, _TRIES):
            try:
                return ask()
            except (RemoteBusy, ConnectionDropped) as error:
                pause = getattr(error, "retry_after", 0.0) or 0.1 * 2**attempt
                if pause > _PATIENCE:
                    raise
                self._wait(pause)
        return ask()

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._report(Progress("Wait for the hub"))
            time.sleep(min(0.1, left))

    def _read(self, response: requests.Response) -> None:
        """Read the body, as long as it takes."""
        with connection_errors(response.url):
            _ = response.content

    def _refusal(self, response: requests.Response, asked: Asked) -> Exception:
        self._read(response)
        return refusal(response, asked, has_token=self._transport.has_token)

    # ---- addresses

    def _url(self, path_or_url: str) -> str:
        return path_or_url if "://" in path_or_url else f"{self.endpoint}/{path_or_url.lstrip('/')}"

    def _next(self, response: requests.Response) -> str:
        """Where the next page is, "" after the last."""
        return self._at_home(response.links.get("next", {}).get("url", ""))

    def _at_home(self, url: str) -> str:
        """A page's address at this hub: a mirror may pass on addresses of the hub that it mirrors."""
        if not url or origin(self._url(url)) == origin(self.endpoint):
            return url
        parts = urlsplit(url)
        path = parts.path[parts.path.find("/api/") :] if "/api/" in parts.path else parts.path
        return f"{self.endpoint}{path}?{parts.query}"


def _api(key: ModelKey) -> str:
    return f"/api/{key.repo_type}s/{key.repo_id}"


def _file(key: ModelKey, revision: str, path: str) -> str:
    prefix = "" if key.repo_type == "model" else f"{key.repo_type}s/"
    return f"/{prefix}{key.repo_id}/resolve/{_quoted(revision)}/{quote(path)}"


def _quoted(revision: str) -> str:
    return quote(revision, safe="")


def _value(response: requests.Response, kind: type) -> Any:
    """The JSON of an answer, which has to be of a kind. Raises `BadReply`."""
    host = urlsplit(response.url).netloc
    if is_page(response):
        raise BadReply(
            f"{host} answers with a web page instead of as a hub.",
            hint="Does this network want you to sign in first? Open any page in a browser. "
            "Else the address of the profile is not that of a hub.",
        )
    try:
        value = response.json()
    except (ValueError, RecursionError):
        raise BadReply(
            f"{host} answers with what is not JSON.", hint="See that the address is that of a hub."
        ) from None
    if not isinstance(value, kind):
        raise BadReply(
            f"{host} answers, but not as a hub does.", hint="See that the address is that of a hub."
        )
    return value


def _described(response: requests.Response) -> FileHead:
    commit, etag = commit_of(response), etag_of(response)
    if not commit or not etag:
        raise _no_hub("X-Repo-Commit" if not commit else "ETag")
    size = linked_size_of(response)
    if size is None and not response.is_redirect:
        said = response.headers.get("Content-Length", "")
        size = int(said) if said.isdecimal() and len(said) < 19 else None
    linked = any("X-Linked-Etag" in one.headers for one in (*response.history, response))
    return FileHead(size, etag, commit, linked)


def _check_content(content: Content, path: str, start: int, etag: str) -> None:
    if not content.commit:
        raise _no_hub("X-Repo-Commit")
    if content.status == 206 and content.start != start:
        raise BadReply(f"The hub sends {path} from byte {content.start} on, not from {start}.")
    if etag and content.etag and content.etag != etag:
        raise BadReply(
            f"The hub's {path} has another content than it listed.",
            hint="Plan the download again; a mirror may not have all of it yet.",
        )


def _check_body(response: requests.Response) -> None:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() not in ("", "identity"):
        raise BadReply(
            f"The file comes packed ({encoding}), though it was asked for as it is.",
            hint="A proxy on the way may do that.",
        )


def _no_hub(header: str) -> BadReply:
    return BadReply(
        f"The answer has no {header}, as a hub's has.",
        hint="Does this network want you to sign in first? Else the address is not that of a hub.",
    )

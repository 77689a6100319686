"""The read side of the Hub, as answers to requests: descriptions, trees, refs, searches, files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from urllib.parse import parse_qs, quote, unquote, urlencode

from support.hub_content import Commit, Content, Repository
from support.hub_faults import Answer, Request, error

TYPES = {"models": "model", "datasets": "dataset", "spaces": "space"}
_VERBS = ("revision", "tree", "paths-info", "refs", "commits", "resolve")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class Answers:
    """What a hub says. `repositories` by (type, id), `moved` from old to new ids, `token` needed unless ""."""

    def __init__(self) -> None:
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.moved: dict[tuple[str, str], str] = {}
        self.token = ""
        self.endpoint = ""
        self.cdn_endpoint = ""
        self.page_size = 1000
        self.hides = False
        """Whether a repository that is not there is answered as one that may not be seen, as the Hub does."""

    def answer(self, request: Request) -> Answer:
        """The answer without any fault. A hub that can do more extends this."""
        if request.on_cdn:
            return self._from_cdn(request)
        if refused := self._refused(request):
            return refused
        parts = [unquote(part) for part in request.target.partition("?")[0].split("/")[1:]]
        match parts:
            case ["api", "whoami-v2"]:
                return self._whoami(request)
            case ["api", kind] if kind in TYPES:
                return self._search(request, TYPES[kind])
            case ["api", kind, *rest] if kind in TYPES:
                return self._of_repository(request, TYPES[kind], f"/api/{kind}/", rest)
            case ["datasets" | "spaces" as kind, *rest] if "resolve" in rest:
                return self._of_repository(request, TYPES[kind], f"/{kind}/", rest)
            case rest if "resolve" in rest:
                return self._of_repository(request, "model", "/", rest)
        return error(404, "Sorry, we can't find the page you are looking for.")

    # ---- who asks

    def _refused(self, request: Request) -> Answer | None:
        if not self.token or request.authorization == f"Bearer {self.token}":
            return None
        if request.authorization:
            return error(401, "Invalid credentials in Authorization header")
        if request.path == "/api/whoami-v2":
            return error(401, "Invalid username or password.")
        return error(401, "Invalid username or password.", "RepoNotFound")

    def _whoami(self, request: Request) -> Answer:
        if not request.authorization:
            return error(401, "Invalid username or password.")
        access = {"displayName": "tests", "role": "read"}
        return _json(
            {
                "type": "user",
                "name": "tester",
                "fullname": "A Tester",
                "orgs": [{"name": "org"}],
                "auth": {"type": "access_token", "accessToken": access},
            }
        )

    # ---- one repository

    def _of_repository(self, request: Request, kind: str, prefix: str, parts: list[str]) -> Answer:
        size = 1 if len(parts) == 1 or parts[1] in _VERBS else 2
        id, rest = "/".join(parts[:size]), parts[size:]
        if new := self.moved.get((kind, id)):
            place = request.target.removeprefix(f"{prefix}{id}")
            body = f"Temporary Redirect. Redirecting to {prefix}{new}{place}".encode()
            return Answer(307, {"Location": f"{prefix}{new}{place}"}, body)
        repository = self.repositories.get((kind, id))
        if repository is None:
            if self.hides and not request.authorization:
                return error(401, "Invalid username or password.", "RepoNotFound")
            return error(404, "Repository not found", "RepoNotFound")
        verb, after = (rest[0], rest[1:]) if rest else ("revision", [])
        if verb == "refs":
            return self._refs(repository)
        revision, path = _split(after) if verb in ("tree", "resolve") else ("/".join(after), "")
        commit = repository.commit(revision or "main")
        if commit is None:
            return error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        match verb:
            case "revision":
                return self._info(request, repository, commit)
            case "commits":
                return self._commits(request, repository, commit)
            case "tree":
                return self._tree(request, commit, path)
            case "paths-info" if request.method == "POST":
                return _paths_info(request, commit)
            case "resolve":
                return self._file(request, repository, commit, path)
        return error(404, "Sorry, we can't find the page you are looking for.")

    def _info(self, request: Request, repository: Repository, commit: Commit) -> Answer:
        described = _described(repository, commit)
        with_blobs = request.query.get("blobs") == ["true"]
        described["siblings"] = [
            {"rfilename": path} | (_blob(content) if with_blobs else {})
            for path, content in sorted(commit.files.items())
        ]
        wanted = request.query.get("expand")
        if wanted:
            described = {
                name: value for name, value in described.items() if name in {"_id", "id", "modelId", *wanted}
            }
        return _json(described, {"X-Repo-Commit": commit.id})

    def _refs(self, repository: Repository) -> Answer:
        def listed(refs: dict[str, str], folder: str) -> list[dict[str, str]]:
            return [
                {"name": name, "ref": f"refs/{folder}/{name}", "targetCommit": commit}
                for name, commit in refs.items()
            ]

        return _json(
            {
                "branches": listed(repository.branches, "heads"),
                "tags": listed(repository.tags, "tags"),
                "converts": [],
            }
        )

    def _commits(self, request: Request, repository: Repository, commit: Commit) -> Answer:
        history: list[dict[str, object]] = [
            {"id": c.id, "title": c.title, "message": "", "authors": [{"user": "tester"}], "date": c.date}
            for c in repository.history(commit)
        ]
        return self._page(request, history)

    def _tree(self, request: Request, commit: Commit, path: str) -> Answer:
        inside = f"{path}/" if path else ""
        if inside and not any(name.startswith(inside) for name in commit.files):
            return error(404, f"{path} does not exist on {commit.id}", "EntryNotFound")
        recursive = request.query.get("recursive", [""])[0].lower() in ("true", "1")
        items = []
        for item in _items(commit):
            name = str(item["path"])
            if name.startswith(inside) and (recursive or "/" not in name.removeprefix(inside)):
                items.append(item)
        return self._page(request, items)

    def _page(self, request: Request, items: list[dict[str, object]]) -> Answer:
        """Some of the items, and where the next are."""
        first = int(request.query.get("cursor", ["0"])[0])
        size = min(self.page_size, int(request.query.get("limit", [str(self.page_size)])[0]))
        headers = {}
        if first + size < len(items):
            query = urlencode(request.query | {"cursor": [str(first + size)]}, doseq=True)
            address = request.target.partition("?")[0]
            headers["Link"] = f'<{self.endpoint}{address}?{query}>; rel="next"'
        return _json(items[first : first + size], headers)

    # ---- files

    def _file(self, request: Request, repository: Repository, commit: Commit, path: str) -> Answer:
        if repository.gated and not repository.accepted:
            return self._gated(request, repository)
        of_commit = {"X-Repo-Commit": commit.id}
        content = commit.files.get(path)
        if content is None:
            return error(404, "Entry not found", "EntryNotFound", of_commit)
        if not content.is_lfs:
            return _part(request, content, of_commit | {"ETag": f'"{content.etag}"'})
        of_commit |= {"X-Linked-Etag": f'"{content.sha256}"', "X-Linked-Size": str(content.size)}
        if self.cdn_endpoint:
            name = quote(path.rpartition("/")[2])
            place = f"{self.cdn_endpoint}/cdn/{content.sha256}/{name}?Expires=9999999999&Signature=s1gned"
            return Answer(302, of_commit | {"Location": place, "Accept-Ranges": "bytes"}, b"Found.")
        return _part(request, content, of_commit | {"ETag": f'"{content.sha256}"'})

    def _gated(self, request: Request, repository: Repository) -> Answer:
        said = f"Access to model {repository.id} is restricted"
        if not request.authorization:
            return error(
                401,
                f"{said}. You must have access to it and be authenticated to access it. Please log in.",
                "GatedRepo",
            )
        page = f"{self.endpoint}/{repository.id}"
        return error(
            403,
            f"{said} and you are not in the authorized list. Visit {page} to ask for access.",
            "GatedRepo",
        )

    def _from_cdn(self, request: Request) -> Answer:
        parts = request.path.split("/")
        if request.authorization:  # as stores of objects do: one way to sign in, not two
            return Answer(
                400, {"Content-Type": "application/xml"}, b"<Error><Code>InvalidArgument</Code></Error>"
            )
        for content in self.contents():
            if parts[1:3] == ["cdn", content.sha256]:
                return _part(request, content, {"ETag": '"7215ee9c7d9dc229d2921a40e899ec5f-2"'})
        return Answer(404, {"Content-Type": "application/xml"}, b"<Error><Code>NoSuchKey</Code></Error>")

    def contents(self) -> Iterable[Content]:
        """Every file of every commit."""
        for repository in self.repositories.values():
            for commit in repository.commits.values():
                yield from commit.files.values()

    # ---- many repositories

    def _search(self, request: Request, kind: str) -> Answer:
        def asked(name: str) -> str:
            return request.query.get(name, [""])[0]

        found = []
        for repository in self.repositories.values():
            commit = repository.commit("main")
            if repository.type != kind or commit is None:
                continue
            about = _described(repository, commit)
            tags = about["tags"]
            assert isinstance(tags, list)
            library = asked("library")
            if (
                asked("search").lower() in repository.id.lower()
                and asked("author") in ("", repository.id.partition("/")[0])
                and asked("pipeline_tag") in ("", about.get("pipeline_tag"))
                and library in ("", about.get("library_name"), *tags)
                and all(tag in [*tags, about.get("library_name")] for tag in request.query.get("filter", []))
            ):
                if asked("full") not in ("true", "True"):
                    about.pop("sha")
                found.append(about)
        if sort := asked("sort"):
            found.sort(key=lambda about: str(about.get(sort, "")).zfill(30), reverse=True)
        return self._page(request, found)


def _described(repository: Repository, commit: Commit) -> dict[str, object]:
    return {
        "_id": commit.id[:24],
        "id": repository.id,
        "modelId": repository.id,
        "sha": commit.id,
        "author": repository.id.partition("/")[0],
        "createdAt": min(c.date for c in repository.commits.values()),
        "lastModified": commit.date,
        "private": False,
        "gated": repository.gated or False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "usedStorage": sum({c.etag: c.size for c in commit.files.values()}.values()),
        **repository.about,
    }


def _blob(content: Content) -> dict[str, object]:
    said: dict[str, object] = {"blobId": content.oid, "size": content.size}
    if content.is_lfs:
        said["lfs"] = {
            "sha256": content.sha256,
            "size": content.size,
            "pointerSize": len(content.pointer),
        }
    return said


def _items(commit: Commit) -> list[dict[str, object]]:
    items: dict[str, dict[str, object]] = {}
    for path, content in sorted(commit.files.items()):
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            items[folder] = {"type": "directory", "oid": "d" * 40, "size": 0, "path": folder}
        items[path] = {"type": "file", "oid": content.oid, "size": content.size, "path": path}
        if content.is_lfs:
            items[path]["lfs"] = {
                "oid": content.sha256,
                "size": content.size,
                "pointerSize": len(content.pointer),
            }
    return [items[path] for path in sorted(items)]


def _paths_info(request: Request, commit: Commit) -> Answer:
    asked = set(parse_qs(request.body.decode()).get("paths", []))
    return _json([item for item in _items(commit) if item["path"] in asked])


def _split(parts: list[str]) -> tuple[str, str]:
    """Revision and path; `refs/pr/1` may come with its slashes bare."""
    size = 3 if parts[:1] == ["refs"] and len(parts) > 2 else 1
    return "/".join(parts[:size]), "/".join(parts[size:])


def _json(value: object, headers: dict[str, str] | None = None) -> Answer:
    said = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(200, said | (headers or {}), json.dumps(value).encode())


def _part(request: Request, content: Content, headers: dict[str, str]) -> Answer:
    """The file or the part of it that was asked for, as RFC 9110 says."""
    headers |= {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    asked = _RANGE.match(request.headers.get("range", ""))
    unchanged = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    if asked and unchanged and asked[0] != "bytes=-":
        if asked[1]:
            start, end = int(asked[1]), min(int(asked[2] or content.size), content.size - 1)
        else:
            start, end = max(0, content.size - int(asked[2])), content.size - 1
        if start > end:
            return Answer(416, headers | {"Content-Range": f"bytes */{content.size}"})
        headers["Content-Range"] = f"bytes {start}-{end}/{content.size}"
        return Answer(206, headers, content=content, start=start, length=end - start + 1)
    return Answer(200, headers, content=content, length=content.size)


def matches(pattern: str | Callable[[Request], bool], request: Request) -> bool:
    """Whether a request is meant: by a glob of its path, or of "METHOD path"; or as a function says."""
    if callable(pattern):
        return pattern(request)
    line = request.path if pattern.startswith(("/", "*/")) else f"{request.method} {request.path}"
    return fnmatch(line, pattern)

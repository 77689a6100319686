"""A hub on this machine that can be pushed to, over plain HTTP and LFS, as the real one: see `support.hub`.

with PushHub(token="hf_write") as hub:
    api.upload_folder(repo_id="tester/model", folder_path=folder)
    assert hub.content("tester/model", "config.json") == b"{}"
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from urllib.parse import unquote

from support.hub import HubServer
from support.hub_answers import TYPES
from support.hub_content import LFS, Commit, Content, Repository
from support.hub_faults import Answer, Request, error

_ATTRIBUTES = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in LFS).encode()


class PushHub(HubServer):
    """`role` is that of the token; `chunk` bytes make uploads multipart.

    `stored` is what its store has, by SHA-256. `spoiled` are answers to the next uploads ("PUT") or commits
    ("commit"), of which nothing is kept then; a fault comes after it was kept. `checks`: the store compares what came
    with its name.
    """

    def __init__(self, *, token: str = "hf_write", role: str = "write", chunk: int = 0) -> None:
        super().__init__(token=token)
        self.role = role
        self.chunk = chunk
        self.stored: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.spoiled: dict[str, list[Answer]] = {"PUT": [], "commit": []}
        self.checks = True
        self.ignores: tuple[str, ...] = ()
        self.lies: Callable[[str, bytes], bytes] = lambda path, content: content
        """What it keeps in place of what it gets."""

    def __enter__(self) -> PushHub:
        super().__enter__()
        return self

    def content(self, id: str, path: str, *, revision: str = "main") -> bytes:
        commit = self.repository(id).commit(revision)
        assert commit is not None
        source = commit.files[path].source
        return source if isinstance(source, bytes) else source.read_bytes()

    def paths(self, id: str, revision: str = "main") -> set[str]:
        commit = self.repository(id).commit(revision)
        assert commit is not None
        return set(commit.files)

    def uploads(self) -> list[str]:
        """Where contents were sent, in order."""
        return [request.path for request in self.seen("PUT *")]

    # ---- answering

    def answer(self, request: Request) -> Answer:
        parts = [unquote(part) for part in request.target.partition("?")[0].split("/")[1:]]
        verb = "commit" if "commit" in parts[4:5] else request.method
        with self.changed:
            if spoiled := self.spoiled.get(verb):
                return spoiled.pop(0)
        match [request.method, *parts]:
            case ["PUT", "store", oid]:
                return self._stored(oid, request.body)
            case ["PUT", "store", oid, number]:
                self.parts.setdefault(oid, {})[int(number)] = request.body
                return Answer(200, {"ETag": f'"{hashlib.md5(request.body).hexdigest()}"'})
        if refused := self._refused(request):
            return refused
        match [request.method, *parts]:
            case ["GET", "api", "whoami-v2"]:
                return self._whoami(request)
            case ["POST", "api", "validate-yaml"]:
                return _json({"errors": [], "warnings": []})
            case ["POST", *_] if self.role != "write":
                return error(403, "Forbidden: you must use a write token to upload to a repository.")
            case ["POST", "api", "repos", "create"]:
                return self._create(json.loads(request.body))
            case ["POST", "complete", oid]:
                listed = json.loads(request.body)["parts"]
                assert all(part["etag"] for part in listed)
                came = self.parts.pop(oid)
                return self._stored(oid, b"".join(came[part["partNumber"]] for part in listed))
            case ["POST", "verify"]:
                said = json.loads(request.body)
                here = len(self.stored.get(said["oid"], b"")) == said["size"]
                return _json({}) if here else error(404, "Object not found")
            case ["POST", space, name, "info", "lfs", "objects", "batch"]:
                return self._batch(f"{space}/{name.removesuffix('.git')}", json.loads(request.body))
            case ["POST", "api", kind, space, name, verb, revision] if kind in TYPES:
                repository = self.repositories.get((TYPES[kind], f"{space}/{name}"))
                if repository is None:
                    return error(404, "Repository not found", "RepoNotFound")
                if verb == "branch":
                    return self._branch(repository, revision, json.loads(request.body or b"{}"))
                commit = repository.commit(revision)
                if commit is None:
                    return error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
                if verb == "preupload":
                    return self._preupload(commit, json.loads(request.body))
                if verb == "commit":
                    return self._commit(request, repository, revision, commit)
        return super().answer(request)

    def _whoami(self, request: Request) -> Answer:
        answer = super()._whoami(request)
        if answer.status == 200:
            said = json.loads(answer.body)
            said["auth"]["accessToken"]["role"] = self.role
            answer.body = json.dumps(said).encode()
        return answer

    def _create(self, said: Mapping[str, str | None]) -> Answer:
        id = f"{said['organization'] or 'tester'}/{said['name']}"
        kind = said.get("type") or "model"
        if (kind, id) in self.repositories:
            return Answer(409, {}, json.dumps({"url": f"{self.endpoint}/{id}"}).encode())
        self.add(
            id, {".gitattributes": _ATTRIBUTES}, repo_type=kind, private=said.get("visibility") == "private"
        )
        return _json({"url": f"{self.endpoint}/{id}"})

    def _branch(self, repository: Repository, name: str, said: Mapping[str, str]) -> Answer:
        if name in repository.branches:
            return error(409, "Reference already exists")
        start = repository.commit(said.get("startingPoint") or "main")
        if start is None:
            return error(404, "Invalid rev id", "RevisionNotFound")
        repository.branches[name] = start.id
        return Answer(201, {}, b"Created")

    def _preupload(self, commit: Commit, said: Mapping[str, list[dict[str, str]]]) -> Answer:
        assert len(said["files"]) <= 256
        listed = []
        for file in said["files"]:
            there = commit.files.get(file["path"])
            listed.append(
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if any(fnmatch(file["path"], glob) for glob in LFS) else "regular",
                    "shouldIgnore": any(fnmatch(file["path"], glob) for glob in self.ignores),
                    "oid": there.etag if there else None,
                }
            )
        return _json({"files": listed})

    def _batch(self, id: str, said: Mapping[str, list[dict[str, object]]]) -> Answer:
        if ("model", id) not in self.repositories:
            return error(404, "Repository not found", "RepoNotFound")
        listed = []
        for item in said["objects"]:
            oid, size = str(item["oid"]), int(str(item["size"]))
            answer: dict[str, object] = {"oid": oid, "size": size}
            if oid not in self.stored:
                answer["actions"] = self._actions(oid, size)
            listed.append(answer)
        return Answer(
            200,
            {"Content-Type": "application/vnd.git-lfs+json"},
            json.dumps({"transfer": "multipart" if self.chunk else "basic", "objects": listed}).encode(),
        )

    def _actions(self, oid: str, size: int) -> dict[str, object]:
        verify = {"href": f"{self.endpoint}/verify"}
        if not self.chunk:
            return {"upload": {"href": f"{self.endpoint}/store/{oid}"}, "verify": verify}
        count = -(-size // self.chunk)
        header = {str(n): f"{self.endpoint}/store/{oid}/{n}" for n in range(1, count + 1)}
        upload = {
            "href": f"{self.endpoint}/complete/{oid}",
            "header": header | {"chunk_size": str(self.chunk)},
        }
        return {"upload": upload, "verify": verify}

    def _stored(self, oid: str, body: bytes) -> Answer:
        if self.checks and hashlib.sha256(body).hexdigest() != oid:
            return error(400, "The content is not what its name says.")
        self.stored[oid] = body
        return Answer(200)

    def _commit(self, request: Request, repository: Repository, branch: str, head: Commit) -> Answer:
        operations = [json.loads(line) for line in request.body.splitlines()]
        header = operations[0]["value"]
        if header.get("parentCommit") not in (None, head.id):
            return error(412, "A commit has happened since. Please refresh and try again.")
        files = dict(head.files)
        for operation in operations[1:]:
            value = operation["value"]
            path = value["path"]
            match operation["key"]:
                case "file":
                    content = self.lies(path, base64.b64decode(value["content"]))
                    files[path] = Content(content, lfs=False)
                case "lfsFile":
                    if value["oid"] not in self.stored:
                        return error(400, f"{path}: its content was not uploaded")
                    files[path] = Content(self.lies(path, self.stored[value["oid"]]), lfs=True)
                case "deletedFile":
                    if files.pop(path, None) is None:
                        return error(404, f"{path} does not exist", "EntryNotFound")
                case "deletedFolder":
                    files = {name: file for name, file in files.items() if not name.startswith(f"{path}/")}
        named = repr((head.id, header["summary"], sorted((path, file.etag) for path, file in files.items())))
        made = hashlib.sha1(named.encode()).hexdigest()
        repository.commits[made] = Commit(made, header["summary"], "2026-11-21T03:00:00.000Z", files, head.id)
        said = {
            "success": True,
            "commitOid": made,
            "commitUrl": f"{self.endpoint}/{repository.id}/commit/{made}",
        }
        if request.query.get("create_pr") == ["1"]:
            number = 1 + sum(name.startswith("refs/pr/") for name in repository.branches)
            repository.branches[f"refs/pr/{number}"] = made
            said["pullRequestUrl"] = f"{self.endpoint}/{repository.id}/discussions/{number}"
        else:
            repository.branches[branch] = made
        return _json(said)


def _json(value: object) -> Answer:
    return Answer(200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode())

"""The routes of the Hub's protocol that change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from modelkeep.keys import RepoType
from modelkeep.serve import infos
from modelkeep.serve.access import Access, Identity
from modelkeep.serve.addresses import KINDS, Address, api_address, file_address, is_safe
from modelkeep.serve.answers import (
    ENTRY_NOT_FOUND,
    OVERLOADED,
    HubError,
    entry_not_found,
    overloaded,
    repo_not_found,
    revision_not_found,
)
from modelkeep.serve.bodies import body_of
from modelkeep.serve.files import FileAnswer, open_served, part_asked_for
from modelkeep.serve.infos import Descriptions
from modelkeep.serve.journal import Journal
from modelkeep.serve.search import Question, page, search
from modelkeep.serve.shelf import BUSY, ServedFile, ServedRepo, Shelf

__all__ = ["Reading"]

Json = dict[str, object]

_LONGEST_FORM = 4 << 20
_XET = (
    "This server does not speak Xet. Set HF_HUB_DISABLE_XET=1 in the environment before huggingface_hub is imported, "
    "then do it again."
)
_XET_PLACE = "set-HF_HUB_DISABLE_XET=1-before-huggingface_hub-is-imported"


class Reading:
    """Answers what asks for repositories, lists and files."""

    def __init__(
        self, shelf: Shelf, access: Access, journal: Journal, descriptions: Descriptions, *, stall: float
    ) -> None:
        self._shelf = shelf
        self._access = access
        self._journal = journal
        self._descriptions = descriptions
        self._stall = stall

    def router(self) -> APIRouter:
        """Routes of fixed paths first: the last one takes whatever looks like a file."""
        router = APIRouter()
        router.add_api_route("/api/whoami-v2", self.whoami, methods=["GET"])
        for kind in KINDS:
            router.add_api_route(f"/api/{kind}", self.search, methods=["GET"])
            router.add_api_route(
                f"/api/{kind}/{{rest:path}}/paths-info/{{revision:path}}", self.paths_info, methods=["POST"]
            )
            router.add_api_route(f"/api/{kind}/{{rest:path}}", self.api, methods=["GET"])
        router.add_api_route(f"/{_XET_PLACE}", self.xet, methods=["GET"])
        router.add_api_route("/api/{rest:path}", self.unknown, methods=["GET", "HEAD"])
        router.add_api_route("/{rest:path}", self.file, methods=["GET", "HEAD"], response_model=None)
        return router

    # ---- the routes

    async def whoami(self, request: Request) -> Response:
        who = self._access.known(request)
        if who is None:
            raise HubError(401, "", "Invalid user token.")
        role = "write" if who.can_write else "read"
        return JSONResponse(
            {
                "type": "user",
                "id": who.name,
                "name": who.name,
                "fullname": who.name,
                "orgs": [],
                "auth": {"type": "access_token", "accessToken": {"displayName": who.name, "role": role}},
            }
        )

    async def search(self, request: Request) -> Response:
        who = await self._access.identity(request)
        return await run_in_threadpool(self._search, request, who)

    async def api(self, request: Request) -> Response:
        who = await self._access.identity(request)
        return await run_in_threadpool(self._api, request, who)

    async def paths_info(self, request: Request) -> Response:
        who = await self._access.identity(request)
        body = await body_of(request, self._stall, _LONGEST_FORM)
        asked = await run_in_threadpool(_paths, request, body)
        return await run_in_threadpool(self._paths_info, request, who, asked)

    async def file(self, request: Request) -> Response:
        who = await self._access.identity(request)
        return await run_in_threadpool(self._file, request, who)

    async def xet(self, request: Request) -> Response:
        self._journal.note(
            f"{request.client.host if request.client else ''} tried Xet, which is not spoken here"
        )
        raise HubError(400, "", _XET)

    async def unknown(self, request: Request) -> Response:
        raise HubError(404, "", "This server does not answer that.")

    # ---- lists

    def _search(self, request: Request, who: Identity) -> Response:
        kind = KINDS[request.scope["path"].split("/")[2]]
        query = request.query_params
        repos = [repo for repo in self._shelf.repos() if repo.repo_type == kind and _may_read(who, repo)]
        found = search(repos, Question.of(query), self._descriptions)
        part, cursor = page(query, len(found))
        with_files = "full" in query or "siblings" in query.getlist("expand")
        answer = []
        for one in found[part]:
            info = dict(one.info)
            if not with_files and "cardData" not in query and "cardData" not in query.getlist("expand"):
                info.pop("cardData", None)
            if with_files:
                files = self._shelf.tree(one.repo, one.commit).values()
                info["siblings"] = [infos.sibling(file, blobs=False) for file in files]
            answer.append(info)
        return _paged(request, answer, cursor)

    def _api(self, request: Request, who: Identity) -> Response:
        address, repo = self._repo(request, who, api_address)
        match address.verb:
            case "" | "revision":
                return self._info(request, repo, self._commit(repo, address.revision or "main"))
            case "tree":
                return self._tree(request, repo, address)
            case "refs":
                return JSONResponse(
                    infos.refs(repo, pull_requests=request.query_params.get("include_prs") in ("1", "true"))
                )
            case "commits":
                commits = infos.commits(repo, self._commit(repo, address.revision or "main"))
                part, cursor = page(request.query_params, len(commits))
                return _paged(request, commits[part], cursor)
            case "xet-read-token" | "xet-write-token":
                # Of an answer its client shows the status and the URL alone: so the URL says it.
                return RedirectResponse(f"{request.base_url}{_XET_PLACE}")
            case _:
                raise HubError(404, "", "This server does not answer that.")

    def _check_all_here(self, repo: ServedRepo, commit: str) -> None:
        """Raise `HubError` 503 while files of a commit are still on their way into the cache.

        The client keeps a list of files for ever: with one of a part, it would never fetch the rest.
        """
        if self._shelf.is_coming(repo, commit):
            message = f"{repo.repo_id} is being downloaded to this server; try again when it is here."
            raise HubError(503, "", message, headers={"Retry-After": "10"})

    def _info(self, request: Request, repo: ServedRepo, commit: str) -> Response:
        self._check_all_here(repo, commit)
        blobs = request.query_params.get("blobs", "").lower() in ("true", "1")
        info = infos.repo_info(repo, commit, self._descriptions.of(repo, commit))
        files = self._shelf.tree(repo, commit).values()
        return JSONResponse(info | {"siblings": [infos.sibling(file, blobs=blobs) for file in files]})

    def _tree(self, request: Request, repo: ServedRepo, address: Address) -> Response:
        commit = self._commit(repo, address.revision or "main")
        self._check_all_here(repo, commit)
        folder = address.path.strip("/")
        tree = self._shelf.tree(repo, commit)
        query = request.query_params
        last = infos.last_commit(repo, commit) if _is_on(query.get("expand")) else None
        items = infos.folder_items(tree, folder, recursive=_is_on(query.get("recursive")), last=last)
        if folder and not items:
            raise entry_not_found(folder, commit)
        part, cursor = page(query, len(items))
        return _paged(request, items[part], cursor)

    def _paths_info(self, request: Request, who: Identity, asked: tuple[list[str], bool]) -> Response:
        address, repo = self._repo(request, who, api_address)
        commit = self._commit(repo, address.revision)
        tree = self._shelf.tree(repo, commit)
        folders = infos.directories(tree)
        paths, expand = asked
        last = infos.last_commit(repo, commit) if expand else None
        items: list[Json] = []
        for path in dict.fromkeys(path.strip("/") for path in paths):
            if path in tree:
                items.append(infos.file_item(tree[path], last))
            elif path in folders:
                items.append({"type": "directory", "path": path, "oid": folders[path], "size": 0})
        return JSONResponse(items)

    # ---- files

    def _file(self, request: Request, who: Identity) -> Response:
        address, repo = self._repo(request, who, file_address)
        commit = self._commit(repo, address.revision)
        file = self._shelf.tree(repo, commit).get(address.path) if is_safe(address.path) else None
        if file is None:
            if address.path in self._shelf.lacks(repo, commit):
                self._check_all_here(repo, commit)
                raise _not_given(address.path, "is not in this cache, though the repository has it.")
            raise entry_not_found(address.path, commit)
        if file.problem == BUSY:
            raise overloaded()
        if file.problem:
            raise self._broken(repo, commit, file, file.problem)
        part = part_asked_for(request.headers, file.size, file.etag)
        try:
            opened = open_served(file)
        except OSError as error:
            if error.errno in OVERLOADED:
                raise overloaded() from error
            reason = f"{file.path} cannot be given out: {error.strerror}."
            raise self._broken(repo, commit, file, reason) from error
        if request.method == "HEAD":
            opened.close()
            return FileAnswer(file, commit, part, None, None)
        return FileAnswer(file, commit, part, opened, self._journal.sending(who, repo, file.path))

    def _broken(self, repo: ServedRepo, commit: str, file: ServedFile, reason: str) -> HubError:
        self._journal.note(f"{repo.repo_id}@{commit[:8]} is asked for a file it cannot give: {reason}")
        return _not_given(file.path, "cannot be given out by this server; its log says why.")

    # ---- what is asked for

    def _repo(
        self,
        request: Request,
        who: Identity,
        understand: Callable[[bytes, Callable[[RepoType, str], bool]], Address | None],
    ) -> tuple[Address, ServedRepo]:
        address = understand(
            request.scope["raw_path"], lambda kind, name: self._shelf.repo(kind, name) is not None
        )
        if address is None:
            raise HubError(404, "", "There is nothing at this path.")
        repo = self._shelf.repo(address.repo_type, address.repo_id)
        if repo is None or not _may_read(who, repo):
            raise repo_not_found(address.repo_id)
        return address, repo

    def _commit(self, repo: ServedRepo, revision: str) -> str:
        commit = self._shelf.resolve(repo, revision)
        if commit is None:
            raise revision_not_found(repo.repo_id, revision)
        return commit


def _not_given(path: str, why: str) -> HubError:
    """Without the commit, so that the client does not remember for ever that the file does not exist."""
    return HubError(404, ENTRY_NOT_FOUND, f"“{path}” {why}")


def _may_read(who: Identity, repo: ServedRepo) -> bool:
    return not repo.private or who.name != ""


def _is_on(value: str | None) -> bool:
    return (value or "").lower() in ("true", "1")


def _paths(request: Request, body: bytes) -> tuple[list[str], bool]:
    """The paths that are asked for, as a form or as JSON, and whether to say more of them."""
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            data = json.loads(body)
            paths = data["paths"]
            return [str(path) for path in ([paths] if isinstance(paths, str) else paths)], bool(
                data.get("expand")
            )
        fields = parse_qs(body.decode())
        return fields.get("paths", []), _is_on(fields.get("expand", [""])[0])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HubError(400, "", "The paths cannot be understood.") from error


def _paged(request: Request, items: Sequence[Json], cursor: str) -> Response:
    headers = {}
    if cursor:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        path = request.scope["raw_path"].decode("ascii", "replace")
        origin = f"{request.base_url.scheme}://{request.base_url.netloc}"
        headers["Link"] = f'<{origin}{path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'
    return JSONResponse(items, headers=headers)

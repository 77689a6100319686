"""The calls by which clients push: repositories, commits, branches and tags.

Source: huggingface_hub 2.4.0, `hf_api.py` and `_commit_api.py`.
"""

from __future__ import annotations

import atexit
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from io import FileIO
from typing import cast

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from modelkeep.disk import disk_errors
from modelkeep.keys import ModelKey, RepoType, is_valid_repo_id
from modelkeep.serve.access import Access, Identity
from modelkeep.serve.addresses import api_address
from modelkeep.serve.answers import HubError
from modelkeep.serve.journal import Journal
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.pushing import refs
from modelkeep.serve.pushing.asking import Desk, in_thread, json_of, receive, repo_url
from modelkeep.serve.pushing.cards import check_card
from modelkeep.serve.pushing.committing import Committed, commit
from modelkeep.serve.pushing.lfs_routes import add_lfs_routes
from modelkeep.serve.pushing.modes import modes
from modelkeep.serve.pushing.store import PushStore
from modelkeep.serve.pushing.uploads import Limits
from modelkeep.serve.shelf import Shelf

__all__ = ["router"]

_OF_REPOSITORY = "/api/{kind}/{repo:path}/"
_TYPES = ("model", "dataset", "space")


def router(
    shelf: Shelf, options: ServeOptions, access: Access, journal: Journal, *, limits: Limits | None = None
) -> APIRouter:
    """All routes of pushing. They hold the staging folder of the cache that takes pushes until the application, or
    where it is not told of its end the process, ends. Raises `CacheBusy` when another server has it.
    """
    desk = Desk(shelf, options, access, journal)
    if options.allow_push and options.into is not None:
        store = desk.open_store = PushStore(options.into, limits=limits, max_upload=options.max_upload)
        store.open()
        atexit.register(store.close)

    @asynccontextmanager
    async def running(app: object) -> AsyncIterator[None]:
        yield
        if desk.open_store is not None:
            atexit.unregister(desk.open_store.close)
            desk.open_store.close()
            desk.open_store = None

    routes = APIRouter(lifespan=running, route_class=_Call)
    _add_repository_routes(routes, desk)
    _add_commit_routes(routes, desk)
    _add_ref_routes(routes, desk)
    add_lfs_routes(routes, desk)
    return routes


class _Call(APIRoute):
    """A route that takes only its own calls: a repository may be called like a verb, `org/tag`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        if match is not Match.NONE and self.path.startswith(_OF_REPOSITORY):
            verb = self.path.removeprefix(_OF_REPOSITORY).partition("/")[0]
            found = api_address(scope["raw_path"], lambda kind, name: False)
            if found is not None and found.verb and found.verb != verb:
                return Match.NONE, {}
        return match, child


def _add_repository_routes(routes: APIRouter, desk: Desk) -> None:
    stall = desk.options.stall

    @routes.post("/api/repos/create")
    async def create(request: Request) -> Response:
        who = await desk.access.writer(request)
        said = await json_of(request, stall)
        key = await in_thread(_named, desk, who, said)
        url = {"url": repo_url(request, key)}
        if await in_thread(desk.shelf.repo, key.repo_type, key.repo_id) is not None:
            raise HubError(
                409,
                "",
                "You already created this repo",
                body={"error": "You already created this repo", **url},
            )
        private = _is_private(said)
        mark = partial(_set_private, desk, private=bool(private))
        try:
            made = await in_thread(desk.store.create, key, who.name, first=mark)
        except HubError as error:
            if error.status == 409:
                error.body = {"error": error.message, **url}
            raise
        await _tell(desk, who, key, made, 0)
        return JSONResponse({**url, "name": key.repo_id, "id": key.repo_id})

    @routes.delete("/api/repos/delete")
    async def delete(request: Request) -> Response:
        who = await desk.access.writer(request)
        key = await in_thread(_named, desk, who, await json_of(request, stall))
        await in_thread(desk.check_is_here, key)
        async with desk.turn(key):
            await in_thread(desk.store.delete, key)
        await desk.changed(who, f"deleted {key.repo_id}")
        return JSONResponse({})

    @routes.put("/api/{kind}/{repo:path}/settings")
    async def settings(request: Request) -> Response:
        await desk.access.writer(request)
        key, _ = await in_thread(desk.address, request, "settings")
        said = await json_of(request, stall)
        await in_thread(desk.check_is_here, key)
        if said.get("gated"):
            raise HubError(501, "", "This server does not gate repositories.")
        private = _is_private(said)
        if private is not None:
            await in_thread(_set_private, desk, desk.store.folder(key), private=private)
        return JSONResponse({"private": private, "gated": False})

    @routes.post("/api/{kind}/{repo:path}/super-squash/{branch:path}")
    async def super_squash(request: Request) -> Response:
        await desk.access.writer(request)
        raise HubError(501, "", "This server does not squash histories.")

    @routes.post("/api/repos/move")
    async def move(request: Request) -> Response:
        await desk.access.writer(request)
        raise HubError(501, "", "This server does not rename repositories.")

    @routes.post("/api/{kind}/{repo:path}/lfs-files/duplicate")
    async def duplicate(request: Request) -> Response:
        await desk.access.writer(request)
        raise HubError(
            501, "", "This server does not copy between repositories; upload the file, which sends nothing."
        )


def _add_commit_routes(routes: APIRouter, desk: Desk) -> None:
    stall = desk.options.stall

    @routes.post("/api/validate-yaml")
    async def validate(request: Request) -> Response:
        await desk.access.writer(request)
        content = (await json_of(request, stall)).get("content")
        verdict = await in_thread(check_card, content if isinstance(content, str) else "")
        body = {
            "errors": [{"message": message} for message in verdict.errors],
            "warnings": [{"message": message} for message in verdict.warnings],
        }
        return JSONResponse(body, 400 if verdict.errors else 200)

    @routes.post("/api/{kind}/{repo:path}/preupload/{revision:path}")
    async def preupload(request: Request) -> Response:
        await desk.access.writer(request)
        key, revision = await in_thread(desk.address, request, "preupload")
        said = await json_of(request, stall)
        await in_thread(desk.check_is_here, key)
        return JSONResponse({"files": await in_thread(modes, desk.store, key, revision or "main", said)})

    @routes.post("/api/{kind}/{repo:path}/commit/{revision:path}")
    async def make_commit(request: Request) -> Response:
        who = await desk.access.writer(request)
        key, branch = await in_thread(desk.address, request, "commit")
        await in_thread(desk.check_is_here, key)
        as_request = request.query_params.get("create_pr") in ("1", "true")
        stack = ExitStack()
        try:
            lines = await in_thread(stack.enter_context, desk.store.workshop()) / "lines"
            with open(lines, "wb", buffering=0) as file:
                await receive(request, _Capped(file, desk.store.limits.commit), stall)
            async with desk.turn(key):
                made = await in_thread(
                    commit, desk.store, key, branch or "main", lines, who.name, pull_request=as_request
                )
        finally:
            await in_thread(stack.close)
        if made.is_new:
            await _tell(desk, who, key, made.commit, made.new_bytes)
        return JSONResponse(_commit_answer(repo_url(request, key), made, as_request))


def _add_ref_routes(routes: APIRouter, desk: Desk) -> None:
    stall = desk.options.stall

    async def asked(request: Request, verb: str) -> tuple[Identity, ModelKey, str]:
        who = await desk.access.writer(request)
        key, name = await in_thread(desk.address, request, verb)
        await in_thread(desk.check_is_here, key)
        return who, key, name

    @routes.post("/api/{kind}/{repo:path}/branch/{name:path}")
    async def create_branch(request: Request) -> Response:
        who, key, name = await asked(request, "branch")
        start = str((await json_of(request, stall)).get("startingPoint") or "main")
        async with desk.turn(key):
            await in_thread(refs.create_branch, desk.store, key, name, start)
        await desk.changed(who, f"made the branch {name} of {key.repo_id}")
        return JSONResponse({})

    @routes.delete("/api/{kind}/{repo:path}/branch/{name:path}")
    async def delete_branch(request: Request) -> Response:
        who, key, name = await asked(request, "branch")
        async with desk.turn(key):
            await in_thread(refs.delete_branch, desk.store, key, name)
        await desk.changed(who, f"deleted the branch {name} of {key.repo_id}")
        return JSONResponse({})

    @routes.post("/api/{kind}/{repo:path}/tag/{revision:path}")
    async def create_tag(request: Request) -> Response:
        who, key, revision = await asked(request, "tag")
        said = await json_of(request, stall)
        tag, message = str(said.get("tag") or ""), str(said.get("message") or "")
        async with desk.turn(key):
            await in_thread(refs.create_tag, desk.store, key, tag, revision, message)
        await desk.changed(who, f"made the tag {tag} of {key.repo_id}")
        return JSONResponse({})

    @routes.delete("/api/{kind}/{repo:path}/tag/{name:path}")
    async def delete_tag(request: Request) -> Response:
        who, key, name = await asked(request, "tag")
        async with desk.turn(key):
            await in_thread(refs.delete_tag, desk.store, key, name)
        await desk.changed(who, f"deleted the tag {name} of {key.repo_id}")
        return JSONResponse({})


class _Capped:
    """A file that takes only so many bytes."""

    def __init__(self, file: FileIO, most: int) -> None:
        self._file = file
        self._left = most

    def write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise HubError(413, "", "The commit is too large; send its large files as LFS.")
        rest = memoryview(data)
        with disk_errors(self._file.name):
            while rest:
                rest = rest[self._file.write(rest) :]


async def _tell(desk: Desk, who: Identity, key: ModelKey, made: str, size: int) -> None:
    """Let readers see a commit, and write it down."""
    await in_thread(desk.shelf.changed, desk.store.root)
    repo = await in_thread(desk.shelf.repo, key.repo_type, key.repo_id)
    if repo is not None:
        desk.journal.pushed(who, repo, made, size)


def _named(desk: Desk, who: Identity, said: dict[str, object]) -> ModelKey:
    """The repository that a client calls by name and namespace; without one it is the client's own, as at the Hub."""
    name, space = said.get("name"), said.get("organization")
    repo_type = said.get("type") or "model"
    if repo_type not in _TYPES:
        raise HubError(400, "", f"This server keeps no repositories of the type “{str(repo_type)[:50]}”.")
    kind = cast(RepoType, repo_type)
    repo_id = f"{space}/{name}" if space else str(name or "")
    if not space and desk.shelf.repo(kind, repo_id) is None and is_valid_repo_id(f"{who.name}/{name}"):
        repo_id = f"{who.name}/{name}"
    if not is_valid_repo_id(repo_id):
        raise HubError(400, "", f"“{repo_id[:200]}” cannot be the name of a repository.")
    return ModelKey(repo_id, None, kind)


def _is_private(said: dict[str, object]) -> bool | None:
    """What a client wants; older ones send `private`. None when it does not say."""
    if "visibility" in said:
        return said["visibility"] != "public"
    return bool(said["private"]) if isinstance(said.get("private"), bool) else None


def _set_private(desk: Desk, folder: str, *, private: bool) -> None:
    with disk_errors(desk.store.root):
        desk.shelf.set_private(desk.store.root, folder, private)


def _commit_answer(url: str, made: Committed, as_request: bool) -> dict[str, object]:
    answer: dict[str, object] = {
        "success": True,
        "commitOid": made.commit,
        "commitUrl": f"{url}/commit/{made.commit}",
        "hookOutput": "",
    }
    if as_request:
        answer["pullRequestUrl"] = f"{url}/discussions/{made.pull_request}"
    return answer

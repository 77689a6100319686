"""Contents by the protocol of git-lfs: which ones are wanted, where they go, and whether they arrived.

Source: the batch API of git-lfs 3 with its transfers `basic` and the Hub's `multipart`; huggingface_hub 2.4.0,
`lfs.py`. The URLs that take contents carry an unguessable id, because clients send there without their token.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from modelkeep.cache import layout
from modelkeep.cache.existing import Blobs
from modelkeep.errors import NotEnoughSpace
from modelkeep.keys import ModelKey, RepoType, is_valid_repo_id
from modelkeep.serve.answers import HubError
from modelkeep.serve.pushing.asking import Desk, in_thread, json_of, receive
from modelkeep.serve.pushing.uploads import Upload

__all__ = ["add_lfs_routes"]

_JSON = "application/vnd.git-lfs+json"
_MOST_OBJECTS = 10_000


def add_lfs_routes(routes: APIRouter, desk: Desk) -> None:
    stall = desk.options.stall

    @routes.post("/{repo:path}.git/info/lfs/objects/batch")
    async def batch(request: Request, repo: str) -> Response:
        await desk.access.writer(request)
        key = _key(repo)
        said = await json_of(request, stall)
        await in_thread(desk.check_is_here, key)
        if said.get("operation") != "upload":
            raise HubError(501, "", "Only uploads are served by LFS; download files by their URLs.")
        transfers = said.get("transfers")
        in_parts = isinstance(transfers, list) and "multipart" in transfers
        base = str(request.base_url).rstrip("/")
        verify = f"{base}/{repo}.git/info/lfs/objects/verify"
        objects = await in_thread(
            lambda: list(_answers(desk, key, said.get("objects"), in_parts, base, verify))
        )
        return JSONResponse(
            {"transfer": "basic", "objects": objects, "hash_algo": "sha256"}, media_type=_JSON
        )

    @routes.post("/{repo:path}.git/info/lfs/objects/verify")
    async def verify(request: Request, repo: str) -> Response:
        await desk.access.writer(request)
        key = _key(repo)
        said = await json_of(request, stall)
        oid, size = _object(said)
        store = desk.store
        if not store.uploads.has(oid, size) and await in_thread(store.has, key, oid, size) is None:
            raise HubError(404, "", f"The content {oid} is not here.")
        return JSONResponse({"oid": oid, "size": size}, media_type=_JSON)

    @routes.put("/lfs-uploads/{number}")
    async def whole(request: Request, number: str) -> Response:
        upload = desk.store.uploads.find(number)
        if upload.parts != 1:
            raise HubError(400, "", f"This content is to come in {upload.parts} parts.")
        etag = await _take(request, upload, 1)
        await in_thread(desk.store.uploads.complete, upload)
        return Response(headers={"ETag": f'"{etag}"'})

    @routes.put("/lfs-uploads/{number}/{part}")
    async def one_part(request: Request, number: str, part: int) -> Response:
        etag = await _take(request, desk.store.uploads.find(number), part)
        return Response(headers={"ETag": f'"{etag}"'})

    @routes.post("/lfs-uploads/{number}")
    async def complete(request: Request, number: str) -> Response:
        upload = desk.store.uploads.find(number)
        said = await json_of(request, stall)
        if said.get("oid") != upload.oid:
            raise HubError(400, "", "This upload is of another content.")
        await in_thread(desk.store.uploads.complete, upload, _parts(said.get("parts")))
        return JSONResponse({"oid": upload.oid, "size": upload.size}, media_type=_JSON)

    # git-lfs asks for locks before it pushes; nobody locks files here.
    @routes.get("/{repo:path}.git/info/lfs/locks")
    async def locks(request: Request, repo: str) -> Response:
        await desk.access.identity(request)
        return JSONResponse({"locks": []}, media_type=_JSON)

    @routes.post("/{repo:path}.git/info/lfs/locks/verify")
    async def verify_locks(request: Request, repo: str) -> Response:
        await desk.access.writer(request)
        return JSONResponse({"ours": [], "theirs": []}, media_type=_JSON)

    @routes.post("/{repo:path}.git/info/lfs/locks")
    async def lock(request: Request, repo: str) -> Response:
        await desk.access.writer(request)
        raise HubError(501, "", "This server does not lock files.")

    async def _take(request: Request, upload: Upload, part: int) -> str:
        length = request.headers.get("content-length", "")
        announced = int(length) if length.isdecimal() else None
        receiver = await in_thread(desk.store.uploads.receive, upload, part, announced)
        try:
            await receive(request, receiver, stall)
            return await in_thread(receiver.finish)
        finally:
            await in_thread(receiver.close)


def _answers(
    desk: Desk, key: ModelKey, objects: object, in_parts: bool, base: str, verify: str
) -> Iterator[dict[str, object]]:
    """What to do for each content; no `actions` for one that is here."""
    if not isinstance(objects, list) or len(objects) > _MOST_OBJECTS:
        raise HubError(400, "", "The request names no objects, or too many at once.")
    store, blobs, coming = desk.store, Blobs(desk.store.root), 0
    for one in objects:
        oid, size = _object(one)
        answer: dict[str, object] = {"oid": oid, "size": size}
        if store.uploads.has(oid, size) or blobs.find(oid, size, store.path(key)):
            yield answer
            continue
        try:
            upload = store.uploads.begin(oid, size, in_parts=in_parts, beside=coming)
        except HubError as error:
            yield answer | {"error": {"code": error.status, "message": error.message}}
            continue
        except NotEnoughSpace as error:
            yield answer | {"error": {"code": 507, "message": f"{error} {error.hint}"}}
            continue
        coming += size
        href = f"{base}/lfs-uploads/{upload.id}"
        action: dict[str, object] = {"href": href}
        if upload.parts > 1:
            urls = {str(number): f"{href}/{number}" for number in range(1, upload.parts + 1)}
            action["header"] = {"chunk_size": str(upload.part_size), **urls}
        yield answer | {"authenticated": True, "actions": {"upload": action, "verify": {"href": verify}}}


def _object(said: object) -> tuple[str, int]:
    oid, size = (said.get("oid"), said.get("size")) if isinstance(said, dict) else (None, None)
    if not isinstance(oid, str) or not layout.is_sha256(oid) or not isinstance(size, int) or size < 0:
        raise HubError(422, "", "An object needs its SHA-256 and its size.")
    return oid, size


def _parts(said: object) -> dict[int, str]:
    """The etags of parts by their numbers, as the client tells them."""
    try:
        assert isinstance(said, list)
        return {int(part["partNumber"]): str(part["etag"]).strip('"') for part in said}
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise HubError(400, "", "The request does not name the parts.") from error


def _key(repo: str) -> ModelKey:
    repo_type: RepoType = "model"
    prefixes: tuple[tuple[str, RepoType], ...] = (("datasets/", "dataset"), ("spaces/", "space"))
    for prefix, kind in prefixes:
        if repo.startswith(prefix):
            repo, repo_type = repo.removeprefix(prefix), kind
    if not is_valid_repo_id(repo):
        raise HubError(404, "", "This server has nothing at this address.")
    return ModelKey(repo, None, repo_type)

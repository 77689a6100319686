"""The calls that a push makes of a hub beyond those of `HubClient`, each a function.

Source: huggingface_hub 2.4.0, `_commit_api.py` and `lfs.py`; the batch API of git-lfs 3.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote

from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import AccessDenied, BadReply, NotAllowed, NotOnRemote
from modelkeep.hub.push_source import LocalFile
from modelkeep.hub.refusals import Asked
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    import requests

    from modelkeep.hub.client import HubClient

__all__ = [
    "LFS_TYPE",
    "CommitReply",
    "LfsActions",
    "Mode",
    "api",
    "card_problems",
    "commit",
    "create_branch",
    "create_repository",
    "create_tag",
    "delete_repository",
    "ignore_rules",
    "lfs_batch",
    "preupload",
]

LFS_TYPE = "application/vnd.git-lfs+json"

_AT_ONCE = 256  # files in one call; the Hub takes no more
_SAMPLE = 512  # bytes that the hub sees of a file to tell whether it is text
_MAY_ONLY_READ = (
    "A token that may write is needed: make one in your settings on the hub, and give it to the profile."
)

Item = TypeVar("Item")


class Mode(NamedTuple):
    """How the hub wants a file. `ignored`: its `.gitignore` leaves it out."""

    is_lfs: bool
    ignored: bool


class LfsActions(NamedTuple):
    """How a content gets into the hub's store; `upload` is "" where it is there already. `parts` of a multipart one.

    `headers` go with the upload, `verify_headers` with asking afterwards whether it came.
    """

    oid: str
    upload: str = ""
    headers: Mapping[str, str] = {}
    chunk: int = 0
    parts: tuple[str, ...] = ()
    verify: str = ""
    verify_headers: Mapping[str, str] = {}


class CommitReply(NamedTuple):
    """What the hub says of a commit that it made."""

    commit: str
    url: str
    pull_request_url: str


def api(key: ModelKey) -> str:
    """Where the hub's interface has a repository."""
    return f"/api/{key.repo_type}s/{key.repo_id}"


def create_repository(client: HubClient, key: ModelKey, who: str, *, private: bool) -> None:
    """Raises `AlreadyOnRemote`, and `AccessDenied` when the token may not do that in this namespace."""
    namespace, _, name = key.repo_id.rpartition("/")
    body: dict[str, object] = {
        "name": name,
        "organization": None if namespace == who or not namespace else namespace,
        "visibility": "private" if private else "public",
    }
    if key.repo_type != "model":
        body["type"] = key.repo_type
    _post(client, "/api/repos/create", Asked(key), json=body, ok=(200, 201))


def create_branch(client: HubClient, key: ModelKey, branch: str, start: str) -> None:
    """Raises `AlreadyOnRemote`."""
    body = {"startingPoint": start} if start else {}
    _post(client, f"{api(key)}/branch/{quote(branch, safe='')}", Asked(key), json=body, ok=(200, 201))


def create_tag(client: HubClient, key: ModelKey, tag: str, commit: str) -> None:
    """Raises `AlreadyOnRemote`."""
    path = f"{api(key)}/tag/{quote(commit, safe='')}"
    _post(client, path, Asked(key), json={"tag": tag}, ok=(200, 201))


def delete_repository(client: HubClient, key: ModelKey) -> None:
    """Delete all of a repository, which is there, for good.

    Raises `AccessDenied`, and `NotAllowed` where a hub deletes nothing.
    """
    namespace, _, name = key.repo_id.rpartition("/")
    body: dict[str, object] = {"name": name, "organization": namespace or None}
    if key.repo_type != "model":
        body["type"] = key.repo_type
    try:
        client.request("DELETE", "/api/repos/delete", asked=Asked(key), json=body, ok=(200, 204))
    except AccessDenied as error:
        error.hint = _MAY_ONLY_READ
        raise
    except (BadReply, NotOnRemote) as error:  # it has no such call
        raise NotAllowed(
            f"This hub does not let {key.repo_id} be deleted.", hint="Its owner may, where it lies."
        ) from error


def ignore_rules(files: Sequence[LocalFile]) -> str | None:
    """What the `.gitignore` says that is pushed too, None where there is none."""
    return next((_text(file) for file in files if file.path == ".gitignore"), None)


def preupload(
    client: HubClient, key: ModelKey, revision: str, files: Sequence[LocalFile], *, pull_request: bool
) -> dict[str, Mode]:
    """How the hub wants each of these files."""
    ignore = ignore_rules(files)
    modes: dict[str, Mode] = {}
    for some in _batches(files):
        body: dict[str, object] = {
            "files": [{"path": file.path, "sample": _sample(file), "size": file.size} for file in some]
        }
        if ignore is not None:
            body["gitIgnore"] = ignore
        said = _post(
            client,
            f"{api(key)}/preupload/{quote(revision, safe='')}",
            Asked(key, revision),
            json=body,
            params={"create_pr": "1"} if pull_request else None,
        )
        for item in _list(said, "files"):
            modes[str(item.get("path"))] = Mode(
                item.get("uploadMode") == "lfs", bool(item.get("shouldIgnore"))
            )
    if absent := [file.path for file in files if file.path not in modes]:
        raise BadReply(f"The hub does not say how it wants {absent[0]}.")
    # What has no byte cannot be LFS, whatever the rules say.
    return {
        file.path: modes[file.path]._replace(is_lfs=modes[file.path].is_lfs and file.size > 0)
        for file in files
    }


def lfs_batch(
    client: HubClient, key: ModelKey, branch: str, contents: Iterable[tuple[str, int]]
) -> dict[str, LfsActions]:
    """How each content, its SHA-256 with its bytes, gets into the store."""
    prefix = "" if key.repo_type == "model" else f"{key.repo_type}s/"
    actions = {}
    for some in _batches(list(contents)):
        said = _post(
            client,
            f"/{prefix}{key.repo_id}.git/info/lfs/objects/batch",
            Asked(key, branch),
            json={
                "operation": "upload",
                "transfers": ["basic", "multipart"],
                "objects": [{"oid": oid, "size": size} for oid, size in some],
                "hash_algo": "sha256",
                "ref": {"name": branch},
            },
            headers={"Accept": LFS_TYPE, "Content-Type": LFS_TYPE},
        )
        for item in _list(said, "objects"):
            actions[str(item.get("oid"))] = _actions(item)
        if absent := [oid for oid, _ in some if oid not in actions]:
            raise BadReply(f"The hub's store does not say what to do with {absent[0][:12]}.")
    return actions


def commit(
    client: HubClient, key: ModelKey, branch: str, lines: IO[bytes], *, pull_request: bool
) -> CommitReply:
    """Make a commit of operations, a line of JSON each. Raises `RemoteConflict` when its parent is not the newest."""
    said = _post(
        client,
        f"{api(key)}/commit/{quote(branch, safe='')}",
        Asked(key, branch),
        data=lines,
        headers={"Content-Type": "application/x-ndjson"},
        params={"create_pr": "1"} if pull_request else None,
        ok=(200, 201),
    )
    made = said.get("commitOid")
    if not isinstance(made, str) or not made:
        raise BadReply("The hub does not say which commit it made.", hint="Push again to see what it has.")
    return CommitReply(made, str(said.get("commitUrl") or ""), str(said.get("pullRequestUrl") or ""))


def card_problems(client: HubClient, key: ModelKey, content: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the hub says of a model card: errors, with which it takes no commit, and warnings."""
    try:
        said = _post(
            client, "/api/validate-yaml", Asked(key), json={"content": content, "repoType": key.repo_type}
        )
    except (NotOnRemote, BadReply):
        return (), ()  # a hub that looks into no cards
    errors, warnings = (
        tuple(str(item.get("message", "")) for item in said.get(name) or () if isinstance(item, dict))
        for name in ("errors", "warnings")
    )
    return errors, warnings


def _post(client: HubClient, path: str, asked: Asked, **kwargs: Any) -> dict[str, Any]:
    try:
        response: requests.Response = client.request("POST", path, asked=asked, **kwargs)
    except AccessDenied as error:
        error.hint = _MAY_ONLY_READ
        raise
    if not response.content:
        return {}
    try:
        said = response.json()
    except ValueError:
        said = None
    # `POST …/branch/…` answers "Created" as plain text on some hubs.
    return said if isinstance(said, dict) else {}


def _list(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadReply("It answers, but not as a hub does that can be pushed to.")
    return found


def _actions(item: dict[str, Any]) -> LfsActions:
    oid = str(item.get("oid"))
    if fault := item.get("error"):
        raise BadReply(f"The hub's store refuses {oid[:12]}: {_message(fault)}.")
    said = item.get("actions") or {}
    upload, verify = said.get("upload") or {}, said.get("verify") or {}
    if not upload:
        return LfsActions(oid)
    headers = {str(name): str(value) for name, value in (upload.get("header") or {}).items()}
    parts = sorted((int(name), url) for name, url in headers.items() if name.isdigit())
    chunk = headers.get("chunk_size", "")
    if chunk.isdigit() and int(chunk) > 0 and parts:
        return LfsActions(
            oid,
            str(upload["href"]),
            {},
            int(chunk),
            tuple(url for _, url in parts),
            str(verify.get("href") or ""),
            dict(verify.get("header") or {}),
        )
    return LfsActions(
        oid,
        str(upload["href"]),
        headers,
        verify=str(verify.get("href") or ""),
        verify_headers=dict(verify.get("header") or {}),
    )


def _message(fault: object) -> str:
    return str(fault.get("message") or fault) if isinstance(fault, dict) else str(fault)


def _sample(file: LocalFile) -> str:
    with disk_errors(file.source), open(file.source, "rb", opener=keeping_atime) as content:
        return base64.b64encode(content.read(_SAMPLE)).decode()


def _text(file: LocalFile) -> str:
    with disk_errors(file.source), open(file.source, encoding="utf-8", errors="replace") as content:
        return content.read(1 << 20)


def _batches(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]

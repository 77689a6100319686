"""The JSON of a hub as the values of `modelkeep.hub.replies`: what is missing is empty, what is odd is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelkeep.cache import layout
from modelkeep.errors import BadReply
from modelkeep.hub.replies import HubCommit, HubFile, HubModel, HubRef, HubRefs, Whoami
from modelkeep.keys import RepoType

__all__ = ["read_commits", "read_files", "read_model", "read_refs", "read_whoami"]


def read_model(said: object, repo_type: RepoType = "model") -> HubModel:
    """A repository's description. Raises `BadReply` when it has no name."""
    about = _object(said)
    repo_id = _text(about, "id") or _text(about, "modelId")
    if not repo_id:
        raise BadReply("The hub describes a model that has no name.")
    commit = _text(about, "sha")
    safetensors = _object(about.get("safetensors"))
    dtypes = tuple(
        (name, count) for name, count in _object(safetensors.get("parameters")).items() if _is_count(count)
    )
    parameters = _count(safetensors, "total") or sum(count for _, count in dtypes)
    gated = about.get("gated")
    tags = _texts(about.get("tags"))
    return HubModel(
        repo_id=repo_id,
        commit=commit if layout.is_commit(commit) else "",
        repo_type=repo_type,
        author=_text(about, "author") or (repo_id.partition("/")[0] if "/" in repo_id else ""),
        created=_text(about, "createdAt"),
        last_modified=_text(about, "lastModified"),
        private=about.get("private") is True,
        gated=gated if isinstance(gated, str) else "auto" if gated is True else "",
        disabled=about.get("disabled") is True,
        downloads=_count(about, "downloads"),
        likes=_count(about, "likes"),
        tags=tags,
        task=_text(about, "pipeline_tag"),
        library=_text(about, "library_name"),
        licence=_licence(about, tags),
        parameters=parameters,
        dtypes=dtypes,
        used_storage=_count(about, "usedStorage"),
    )


def read_files(said: Iterable[object]) -> list[HubFile]:
    """The files of a tree's listing; folders are left out. Raises `BadReply` for one without name, size or hash."""
    files = []
    for item in map(_object, said):
        if item.get("type") != "file":
            continue
        path, oid = _text(item, "path"), _text(item, "oid")
        lfs = _object(item.get("lfs"))
        etag = _text(lfs, "oid") or _text(lfs, "sha256") or oid
        size = lfs.get("size", item.get("size"))
        if (
            not path
            or not isinstance(size, int)
            or not _is_count(size)
            or size >= 1 << 63
            or not (layout.is_git_sha1(etag) or layout.is_sha256(etag))
        ):
            raise BadReply(f"The hub lists a file that it does not describe: “{path[:200]}”.")
        files.append(HubFile(path, size, etag, oid, _text(item, "xetHash")))
    return files


def read_refs(said: object) -> HubRefs:
    """Branches and tags."""
    about = _object(said)
    return HubRefs(_refs(about.get("branches")), _refs(about.get("tags")))


def _refs(said: object) -> tuple[HubRef, ...]:
    listed = [
        HubRef(_text(item, "name"), _text(item, "ref"), _text(item, "targetCommit"))
        for item in map(_object, said if isinstance(said, list) else [])
    ]
    return tuple(ref for ref in listed if ref.name and layout.is_commit(ref.commit))


def read_commits(said: Iterable[object]) -> list[HubCommit]:
    """A part of a history, newest first."""
    commits = []
    for item in map(_object, said):
        authors = item.get("authors")
        names = [
            _text(author, "user") or _text(author, "name")
            for author in map(_object, authors if isinstance(authors, list) else [])
        ]
        commit = HubCommit(
            _text(item, "id"),
            _text(item, "title"),
            _text(item, "message"),
            tuple(filter(None, names)),
            _text(item, "date"),
        )
        if commit.commit:
            commits.append(commit)
    return commits


def read_whoami(said: object) -> Whoami:
    """Whom a token belongs to. Raises `BadReply` when it is nobody."""
    about = _object(said)
    name = _text(about, "name")
    if not name:
        raise BadReply("The hub does not say whose token it is.")
    listed = about.get("orgs")
    organizations = [_text(item, "name") for item in map(_object, listed if isinstance(listed, list) else [])]
    access = _object(_object(about.get("auth")).get("accessToken"))
    return Whoami(name, tuple(filter(None, organizations)), _text(access, "role"))


def _licence(about: dict[str, Any], tags: tuple[str, ...]) -> str:
    card = _object(about.get("cardData"))
    named = card.get("license")
    if isinstance(named, list):
        named = next((one for one in named if isinstance(one, str)), "")
    if isinstance(named, str) and named:
        return named
    return next((tag.partition(":")[2] for tag in tags if tag.startswith("license:")), "")


def _object(said: object) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _texts(said: object) -> tuple[str, ...]:
    return tuple(one for one in said if isinstance(one, str)) if isinstance(said, list) else ()


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _count(said: dict[str, Any], name: str) -> int:
    value = said.get(name)
    return value if isinstance(value, int) and _is_count(value) else 0

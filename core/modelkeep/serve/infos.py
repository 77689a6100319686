"""What is said of repositories and files: the Hub's JSON.

Source of the fields: huggingface_hub 2.4.0, `hf_api.py`, what its values read.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.inventory import CachedModel
from modelkeep.metadata.describe import Description, describe
from modelkeep.serve.pushing import history
from modelkeep.serve.pushing.tags import read_tags
from modelkeep.serve.shelf import ServedFile, ServedRepo

__all__ = ["Descriptions", "commits", "directories", "file_item", "folder_items", "refs", "repo_info", "tags"]

Json = dict[str, object]

_POINTER_OVERHEAD = 125  # bytes of an LFS pointer without the digits of its size
_DESCRIPTIONS = 20_000  # that are kept


class Descriptions:
    """What the repositories say about themselves, each read once while it does not change. For all threads."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[CachedModel, Description]] = {}

    def of(self, repo: ServedRepo, commit: str) -> Description | None:
        return self.of_all([(repo, commit)])[0]

    def of_all(self, asked: Iterable[tuple[ServedRepo, str]]) -> list[Description | None]:
        """Of many at once; None where a revision is gone."""
        with self._lock, self._catalog.batch() if self._catalog else nullcontext():
            return [self._read(repo, commit) for repo, commit in asked]

    def _read(self, repo: ServedRepo, commit: str) -> Description | None:
        model, description = self._known.get((repo.path, commit), (None, None))
        if model is repo.model:
            return description
        revision = repo.revision(commit)
        if revision is None:
            return None
        description = describe(revision, memory=self._catalog)
        if len(self._known) >= _DESCRIPTIONS:
            self._known.clear()
        self._known[repo.path, commit] = (repo.model, description)
        return description


def repo_info(repo: ServedRepo, commit: str, description: Description | None) -> Json:
    """What is said of a repository at a commit, without its files."""
    author, slash, _ = repo.repo_id.partition("/")
    revisions = repo.model.revisions
    info: Json = {
        "_id": hashlib.sha256(f"{repo.repo_type} {repo.repo_id}".encode()).hexdigest()[:24],
        "id": repo.repo_id,
        "author": author if slash else None,
        "sha": commit,
        "lastModified": _date(next((r.modified for r in revisions if r.commit == commit), 0.0)),
        "createdAt": _date(min((r.modified for r in revisions), default=0.0)),
        "private": repo.private,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "usedStorage": repo.model.size,
        "tags": [],
    }
    if repo.repo_type == "model":
        info["modelId"] = repo.repo_id
    if description is not None:
        info |= _said(description)
    return info


def _said(description: Description) -> Json:
    said: Json = {"tags": tags(description)}
    if description.task:
        said["pipeline_tag"] = description.task
    if description.library:
        said["library_name"] = description.library
    if description.architecture:
        said["config"] = {"architectures": [description.architecture]}
    if description.parameters and "safetensors" in description.formats:
        said["safetensors"] = {
            "parameters": dict(description.parameters_by_dtype),
            "total": description.parameters,
        }
    card: Json = {
        "license": description.licence,
        "language": list(description.languages),
        "library_name": description.library,
        "pipeline_tag": description.task,
        "tags": list(description.tags),
        "base_model": list(description.base_models),
        "datasets": list(description.datasets),
    }
    said["cardData"] = {name: value for name, value in card.items() if value}
    return said


def tags(description: Description) -> list[str]:
    """What a search may filter by, as the Hub puts it together."""
    found = [
        description.library,
        *(("safetensors",) if "safetensors" in description.formats else ()),
        *description.tags,
        *description.languages,
        *(f"dataset:{name}" for name in description.datasets),
        *(f"base_model:{name}" for name in description.base_models),
        f"license:{description.licence}" if description.licence else "",
        description.task,
    ]
    return list(dict.fromkeys(tag for tag in found if tag))


def sibling(file: ServedFile, *, blobs: bool) -> Json:
    if not blobs:
        return {"rfilename": file.path}
    said: Json = {"rfilename": file.path, "size": file.size, "blobId": file.git_sha1}
    if file.is_lfs:
        said["lfs"] = {"sha256": file.etag, "size": file.size, "pointerSize": _pointer_size(file)}
    return said


# ---- files and folders


def file_item(file: ServedFile, last: Json | None = None) -> Json:
    """A file of a tree; `last` is the commit it is of, where that was asked for."""
    item: Json = {"type": "file", "path": file.path, "size": file.size, "oid": file.git_sha1}
    if file.is_lfs:
        item["lfs"] = {"oid": file.etag, "size": file.size, "pointerSize": _pointer_size(file)}
    if last is not None:
        item["lastCommit"] = last
    return item


def directories(tree: Mapping[str, ServedFile]) -> dict[str, str]:
    """The folders of a tree, each with an id that its content gives."""
    inside: dict[str, list[str]] = {}
    for path, file in sorted(tree.items()):
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            inside.setdefault(folder, []).append(f"{path} {file.git_sha1}")
    return {
        folder: hashlib.sha1("\n".join(names).encode(), usedforsecurity=False).hexdigest()
        for folder, names in inside.items()
    }


def folder_items(
    tree: Mapping[str, ServedFile], folder: str, *, recursive: bool, last: Json | None
) -> list[Json]:
    """What is in a folder ("": the top), with its folders; `recursive`: and in those."""
    prefix = f"{folder}/" if folder else ""

    def is_meant(path: str) -> bool:
        return path.startswith(prefix) and (recursive or "/" not in path[len(prefix) :])

    more = {"lastCommit": last} if last is not None else {}
    items = [
        {"type": "directory", "path": path, "oid": oid, "size": 0} | more
        for path, oid in directories(tree).items()
        if is_meant(path)
    ]
    items += [file_item(file, last) for path, file in tree.items() if is_meant(path)]
    return sorted(items, key=lambda item: str(item["path"]))


# ---- refs and commits


def refs(repo: ServedRepo, *, pull_requests: bool) -> Json:
    """The refs of a repository. A cache does not tell tags from branches: tags are those that were pushed as such."""
    named = dict(repo.refs)
    if repo.main:
        named.setdefault("main", repo.main)
    known_tags = read_tags(repo.root, repo.model.folder)
    found: dict[str, list[Json]] = {"branches": [], "tags": [], "converts": [], "pullRequests": []}
    for name, commit in sorted(named.items()):
        if name.startswith("refs/convert/"):
            kind, name, ref = "converts", name.removeprefix("refs/convert/"), name
        elif name.startswith("refs/pr/"):
            kind, name, ref = "pullRequests", name.removeprefix("refs/pr/"), name
        elif name in known_tags:
            kind, ref = "tags", f"refs/tags/{name}"
        else:
            kind, ref = "branches", f"refs/heads/{name}"
        found[kind].append({"name": name, "ref": ref, "targetCommit": commit})
    if not pull_requests:
        del found["pullRequests"]
    return dict(found)


def commits(repo: ServedRepo, head: str) -> list[Json]:
    """A commit and those before it that are known, the newest first.

    Of a commit that was not pushed here, a cache knows only the id and when it came.
    """
    pushed = history.commits(repo.root, repo.model.folder, head)
    found: list[Json] = [
        {
            "id": commit.id,
            "title": commit.title,
            "message": commit.message,
            "authors": [{"user": commit.author}],
            "date": _date(commit.date),
        }
        for commit in pushed
    ]
    before = pushed[-1].parent if pushed else head
    if before in repo.commits:
        # What lies on the disk from before that one is its past, as far as anybody can tell.
        older = repo.commits[repo.commits.index(before) :]
        shown = {commit.id for commit in pushed}
        found += [
            last_commit(repo, one) | {"message": "", "authors": []} for one in older if one not in shown
        ]
    return found


def last_commit(repo: ServedRepo, commit: str) -> Json:
    revision = repo.revision(commit)
    return {"id": commit, "title": "", "date": _date(revision.modified if revision else 0.0)}


def _pointer_size(file: ServedFile) -> int:
    return _POINTER_OVERHEAD + len(str(file.size))


def _date(when: float) -> str:
    """Seconds since the epoch as the Hub writes them: "2026-11-21T02:44:14.000Z"."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

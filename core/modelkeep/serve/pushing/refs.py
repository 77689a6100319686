"""The branches and tags of a repository that is pushed to."""

from __future__ import annotations

from contextlib import suppress

from modelkeep.archive.names import check_no_clashes
from modelkeep.cache import layout
from modelkeep.cache.existing import read_ref
from modelkeep.cache.locks import changing
from modelkeep.cache.publish import publish
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import UnsafeArchive
from modelkeep.keys import ModelKey
from modelkeep.serve.answers import HubError, repo_not_found, revision_not_found
from modelkeep.serve.pushing.store import PushStore, is_ref_name
from modelkeep.serve.pushing.tags import read_tags, write_tags

__all__ = ["create_branch", "create_tag", "delete_branch", "delete_tag"]


def create_branch(store: PushStore, key: ModelKey, name: str, start: str = "main") -> str:
    """Make a branch; returns its commit. Raises `HubError` 409 when there is such a ref, 404 for its start."""
    with store.locked(key):
        return _create_ref(store, key, name, start, None)


def create_tag(store: PushStore, key: ModelKey, name: str, revision: str, message: str = "") -> str:
    """Make a tag; returns its commit. Raises as `create_branch` does."""
    with store.locked(key):
        return _create_ref(store, key, name, revision, message)


def delete_branch(store: PushStore, key: ModelKey, name: str) -> None:
    """Remove a branch; its commits stay. Raises `HubError` 403 for `main`, 404 when there is none."""
    if name == "main":
        raise HubError(403, "", "The branch “main” cannot be deleted.")
    _delete_ref(store, key, name, is_tag=False)


def delete_tag(store: PushStore, key: ModelKey, name: str) -> None:
    """Remove a tag. Raises `HubError` 404 when there is none."""
    _delete_ref(store, key, name, is_tag=True)


def _check_new_ref(store: PushStore, key: ModelKey, name: str) -> None:
    if not store.path(key).is_dir():
        raise repo_not_found(key.repo_id)
    # Below refs/ are pull requests, which are numbered.
    if not is_ref_name(name) or layout.is_commit(name) or name.startswith("refs/"):
        raise HubError(400, "", f"“{name}” cannot be the name of a branch or a tag.")
    refs = store.refs(key)
    if name in refs:
        raise HubError(409, "", f"“{name}” is here already.")
    try:
        check_no_clashes([*refs, name])
    except UnsafeArchive as error:
        raise HubError(409, "", f"“{name}” is too much like a ref that is here already.") from error


def _create_ref(store: PushStore, key: ModelKey, name: str, start: str, message: str | None) -> str:
    """Make a tag with a message, a branch without."""
    _check_new_ref(store, key, name)
    commit = store.head(key, start)
    if commit is None:
        raise revision_not_found(key.repo_id, start)
    # Known as what it is before it is there. A tag of that name may be known whose ref another program removed.
    others = {tag: said for tag, said in read_tags(store.root, store.folder(key)).items() if tag != name}
    write_tags(store.root, store.folder(key), others if message is None else {**others, name: message})
    with store.workshop() as workshop:
        publish(store.root, key.at(None), commit, [], staging=workshop, refs={name: commit}, complete=False)
    return commit


def _delete_ref(store: PushStore, key: ModelKey, name: str, *, is_tag: bool) -> None:
    with store.locked(key) as repo:
        if not repo.is_dir():
            raise repo_not_found(key.repo_id)
        tags = read_tags(store.root, store.folder(key))
        if not is_ref_name(name) or read_ref(repo, name) is None or is_tag != (name in tags):
            raise revision_not_found(key.repo_id, name)
        path = repo / "refs" / name
        with changing(store.root), disk_errors(path):
            path.unlink()
            sync_folder(path.parent)
            with suppress(OSError):
                for parent in path.parents:
                    if parent == repo / "refs":
                        break
                    parent.rmdir()
        if is_tag:
            del tags[name]
            write_tags(store.root, store.folder(key), tags)

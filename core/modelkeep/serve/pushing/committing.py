"""A commit: what the client sent, applied to the newest tree of a branch, published as a new revision.

What takes long is done before the repository is locked: reading the operations and fetching contents from other
repositories. Under the lock the base is read, the operations applied and the ref moved, so that of two pushers
neither loses the other's work.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.names import check_no_clashes
from modelkeep.cache.publish import StagedFile
from modelkeep.cache.trees import TreeFile
from modelkeep.disk import disk_errors
from modelkeep.errors import UnsafeArchive
from modelkeep.keys import ModelKey
from modelkeep.serve.answers import ENTRY_NOT_FOUND, HubError, repo_not_found, revision_not_found
from modelkeep.serve.pushing.operations import Add, Header, Operation, Remove, read_operations
from modelkeep.serve.pushing.store import PushStore
from modelkeep.serve.pushing.tags import read_tags
from modelkeep.serve.pushing.uploads import check_space

__all__ = ["Committed", "commit"]

_PIECE = 1 << 20
_PULL_REQUEST = re.compile(r"refs/pr/(\d+)")


class Committed(NamedTuple):
    """A commit, the ref that leads to it, and the bytes of contents that are new in the repository.

    `is_new` is False where nothing changed, so that the commit is the one that was there.
    """

    commit: str
    ref: str
    new_bytes: int = 0
    is_new: bool = True

    @property
    def pull_request(self) -> int:
        """The number of its pull request; 0 for a commit to a branch."""
        found = _PULL_REQUEST.fullmatch(self.ref)
        return int(found[1]) if found else 0


def commit(
    store: PushStore, key: ModelKey, branch: str, lines: Path, author: str, *, pull_request: bool = False
) -> Committed:
    """Make a commit of the lines in a file, to a branch or to a new pull request of it.

    Where the files stay as they are no commit is made, as the Hub's client makes none then: so a client that did not
    hear of its success, and sends the same again, makes one commit and not two.
    Raises `NotEnoughSpace` where the cache cannot keep its limit, and `HubError`: 400 for what is no commit, 404 for
    what is not there, 409 for names that clash, 412 when the branch moved on since the commit that the client saw.
    """
    with store.workshop() as workshop:
        header, operations = read_operations(lines, workshop, store.limits)
        contents = _Contents(store, key, workshop)
        operations = tuple(contents.found(operation) for operation in operations)
        store.make_room(key, sum(one.size or 0 for one in operations if isinstance(one, Add) and one.source))
        with store.locked(key) as repo:
            if not repo.is_dir():
                raise repo_not_found(key.repo_id)
            parent = _base(store, key, branch, header)
            before = store.files(key, parent) if parent else {}
            after = _applied(operations, before)
            _check_names(after)
            if parent and not pull_request and _is_same(after, before):
                contents.release()
                return Committed(parent, branch, is_new=False)
            ref = _next_pull_request(store, key) if pull_request else branch
            files = contents.staged(after, repo, parent)
            made = store.publish(
                key, files, workshop, parent or "", ref, author, header.summary, header.description
            )
        contents.release()
        return Committed(made, ref, contents.new_bytes)


def _base(store: PushStore, key: ModelKey, branch: str, header: Header) -> str | None:
    """The commit to build on; None for the first one of an empty repository."""
    if branch in read_tags(store.root, store.folder(key)):
        raise HubError(400, "", f"“{branch}” is a tag; only a branch can be pushed to.")
    refs = store.refs(key)
    head = refs.get(branch)
    if head is None and (refs or branch != "main"):
        if store.head(key, branch):
            raise HubError(400, "", f"“{branch}” is a commit; only a branch can be pushed to.")
        raise revision_not_found(key.repo_id, branch)
    if header.parent and not (head or "").startswith(header.parent):
        raise HubError(412, "", "A commit has happened since. Please refresh and try again.")
    return head


def _applied(operations: Iterable[Operation], before: dict[str, TreeFile]) -> dict[str, Add | TreeFile]:
    """The files after the operations, one after another."""
    files: dict[str, Add | TreeFile] = dict(before)
    for operation in operations:
        if isinstance(operation, Add):
            files[operation.path] = operation
            continue
        path = operation.path
        gone = [name for name in files if name.startswith(f"{path}/")] if operation.is_folder else [path]
        if not gone or any(name not in files for name in gone):
            kind = "folder" if operation.is_folder else "file"
            raise HubError(404, ENTRY_NOT_FOUND, f"A {kind} with this name doesn't exist: {path}")
        for name in gone:
            del files[name]
    return files


def _is_same(after: Mapping[str, Add | TreeFile], before: Mapping[str, TreeFile]) -> bool:
    return {name: file.etag for name, file in after.items()} == {
        name: file.etag for name, file in before.items()
    }


def _check_names(after: Iterable[str]) -> None:
    """Refuse names that would be the same file on some systems."""
    try:
        check_no_clashes(after)
    except UnsafeArchive as error:
        message = str(error).replace("The entry", "The path").replace("The entries", "The paths")
        raise HubError(409, "", message.replace("in the archive", "in the repository")) from error


def _next_pull_request(store: PushStore, key: ModelKey) -> str:
    numbers = [int(found[1]) for ref in store.refs(key) if (found := _PULL_REQUEST.fullmatch(ref))]
    return f"refs/pr/{max(numbers, default=0) + 1}"


class _Contents:
    """The contents of a commit: each found where it is, and put into the workshop when the repository lacks it."""

    def __init__(self, store: PushStore, key: ModelKey, workshop: Path) -> None:
        self._store = store
        self._key = key
        self._workshop = workshop
        self._blobs = store.path(key) / "blobs"
        self._uploaded: set[str] = set()
        self.new_bytes = 0

    def found(self, operation: Operation) -> Operation:
        """The operation with the content at hand. Raises `HubError` 400 for one that nobody sent."""
        if isinstance(operation, Remove) or operation.source is not None:
            return operation
        oid = operation.etag
        mine = self._workshop / oid
        if not mine.exists():
            # A second name: another commit, to another repository, may want the same content.
            with disk_errors(mine):
                if self._linked(self._store.staged(oid), mine):
                    self._uploaded.add(oid)
                else:
                    self._copy(operation, mine)
        there = mine if mine.exists() else self._blobs / oid
        with disk_errors(there):
            size = there.stat().st_size
        if operation.size not in (None, size):
            raise HubError(
                400, "", f"{operation.path}: the content {oid} has {size} bytes, not {operation.size}."
            )
        return operation._replace(size=size, source=mine if mine.exists() else None)

    def staged(self, after: dict[str, Add | TreeFile], repo: Path, parent: str | None) -> list[StagedFile]:
        """All files of the new revision, for `publish`."""
        snapshot = repo / "snapshots" / (parent or "none")
        files = []
        for name, file in sorted(after.items()):
            size, source = file.size or 0, file.source if isinstance(file, Add) else None
            there = self._blobs / file.etag
            if source is None and not there.is_file():
                # A cache without links has its contents in the snapshots alone.
                source = self._workshop / file.etag
                if not source.exists():
                    with disk_errors(source):
                        _copied(snapshot / name, source)
            elif source is not None and not there.is_file():
                self.new_bytes += size
            files.append(StagedFile(name, file.etag, size, source))
        return files

    def release(self) -> None:
        """The repository has them: nothing waits any more."""
        for oid in self._uploaded:
            self._store.drop_staged(oid)

    def _linked(self, uploaded: Path, mine: Path) -> bool:
        try:
            os.link(uploaded, mine)
        except FileNotFoundError:
            return False
        except OSError:  # no hard links on this disk
            try:
                _copied(uploaded, mine)
            except FileNotFoundError:
                return False
        return True

    def _copy(self, wanted: Add, mine: Path) -> None:
        """Take a content from where another repository has it; what is in this one stays where it is."""
        found = self._store.has(self._key, wanted.etag, wanted.size)
        if found is None:
            raise HubError(400, "", f"{wanted.path}: nobody uploaded the content {wanted.etag}.")
        if found.parent == self._blobs:
            return
        check_space(self._store.root, found.stat().st_size)
        if _copied(found, mine) != wanted.etag:
            mine.unlink()
            raise HubError(400, "", f"{wanted.path}: the content {wanted.etag} is damaged on this server.")


def _copied(source: Path, target: Path) -> str:
    """Copy a content, flushed to the disk; returns its SHA-256."""
    digest = hashlib.sha256()
    with open(source, "rb") as file, open(target, "xb") as copy:
        while piece := file.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()

"""One cache that takes pushes: new repositories, their branches and tags, and what is on its way to them.

Every change is made under the lock of its repository, which other servers on the same cache wait for too, and goes
through `cache.publish`. A kill at any instant leaves a cache that loads, and a staging folder that the next start
goes on with.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from modelkeep.archive.names import check_entry_name
from modelkeep.cache import layout
from modelkeep.cache.existing import Blobs, content_name, read_ref, read_revision
from modelkeep.cache.locks import acquired
from modelkeep.cache.publish import StagedFile, conclude, publish
from modelkeep.cache.staging import Work, open_staging
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheBusy, CacheNotFound, InvalidKey, UnsafeArchive
from modelkeep.keys import ModelKey, is_valid_repo_id
from modelkeep.serve.answers import HubError, repo_not_found
from modelkeep.serve.pushing import history
from modelkeep.serve.pushing.git_names import commit_name, tree_name
from modelkeep.serve.pushing.rules import first_attributes
from modelkeep.serve.pushing.uploads import Limits, Uploads

__all__ = ["PushStore", "is_ref_name"]

_PATIENCE = 60.0  # seconds; a commit takes less than one, but several may wait for their turn
_WORK = Work((), "pushed by clients", "", None)


class PushStore:
    """What is pushed to `root`. To be opened before use, or entered.

    For all threads. Everything may block. `max_upload` is bytes a file, 0 for any number.
    """

    def __init__(
        self, root: str | os.PathLike[str], *, limits: Limits | None = None, max_upload: int = 0
    ) -> None:
        self.root = Path(os.path.realpath(root))
        self.limits = limits or Limits()
        self._max_upload = max_upload
        self._open = ExitStack()

    def open(self) -> None:
        """Take the cache for this server, and clear what died in it. Raises `CacheBusy` while another one has it."""
        if not self.root.is_dir():
            raise CacheNotFound(f"{self.root} is not there.", hint="Make it first, or mount its disk.")
        try:
            self._staging = self._open.enter_context(open_staging(self.root, _WORK))
        except CacheBusy as error:
            raise CacheBusy(
                f"Another server takes what is pushed to {self.root}.",
                hint="Stop it, or choose another cache with --into.",
            ) from error
        with disk_errors(self.root):
            self._clear_dead()
        self.uploads = Uploads(self.root, self._staging, self.limits, self._max_upload)

    def close(self) -> None:
        """Let go of the cache; what waits for a commit stays."""
        with self._open:
            blobs = self._staging.path / "blobs"
            if blobs.is_dir() and not any(blobs.iterdir()):
                self._staging.clear()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _clear_dead(self) -> None:
        """Remove what no commit came for, and what a kill left of commits."""
        oldest = time.time() - self.limits.staged_life
        for folder in self._staging.path.glob("commit-*"):
            shutil.rmtree(folder)
        for content in (self._staging.path / "blobs").iterdir():
            if not layout.is_sha256(content.name) or content.stat().st_mtime < oldest:
                content.unlink()

    # ---- places

    def path(self, key: ModelKey) -> Path:
        return self.root / self.folder(key)

    def folder(self, key: ModelKey) -> str:
        return layout.repo_folder(key.repo_type, key.repo_id)

    @contextmanager
    def locked(self, key: ModelKey) -> Iterator[Path]:
        """Be the only one who changes a repository; gives its folder. Raises `CacheBusy`, `CacheNotFound`."""
        self._check_here()
        with disk_errors(self.root):
            lock = acquired(self.root / layout.LOCKS / "modelkeep" / f"{self.folder(key)}.lock", _PATIENCE)
        if lock is None:
            raise CacheBusy(f"Others have been pushing to {key.repo_id} for too long.", hint="Push again.")
        try:
            yield self.path(key)
        finally:
            lock.release()

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """A folder of one's own in the staging folder, for the making of one commit. Raises `CacheNotFound`."""
        self._check_here()
        with disk_errors(self.root):
            folder = Path(tempfile.mkdtemp(prefix="commit-", dir=self._staging.path))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _check_here(self) -> None:
        # Where a disk is not mounted, nothing is to be made in its place.
        if not self._staging.path.is_dir():
            raise CacheNotFound(
                "The cache of this server is away.", hint="Ask its administrator to mount it."
            )

    def staged(self, oid: str) -> Path:
        """Where a content lies that was uploaded, and waits for its commit."""
        return self._staging.blob(oid)

    def drop_staged(self, oid: str) -> None:
        """A commit has it."""
        with suppress(OSError):
            self.staged(oid).unlink()

    # ---- what is there

    def head(self, key: ModelKey, revision: str) -> str | None:
        """The commit of a branch or tag, or a commit itself when its snapshot is here."""
        repo = self.path(key)
        if is_ref_name(revision) and (commit := read_ref(repo, revision)):
            return commit
        if layout.is_commit(revision) and (repo / "snapshots" / revision).is_dir():
            return revision
        return None

    def refs(self, key: ModelKey) -> dict[str, str]:
        """All refs of a repository with their commits."""
        folder = self.path(key) / "refs"
        names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        return {name: commit for name in names if (commit := read_ref(self.path(key), name))}

    def files(self, key: ModelKey, commit: str) -> dict[str, TreeFile]:
        """All files of the repository at a commit, with the names of their contents.

        Raises `HubError` 409 where only a part of them is in this cache: on a part nothing can be built.
        """
        repo = self.path(key)
        listed, there = read_tree(repo, commit), read_revision(repo, commit)
        snapshot = repo / "snapshots" / commit
        names = listed or [
            path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if not path.is_dir()
        ]
        missing = [name for name in names if name not in there]
        if missing:
            raise HubError(
                409,
                "",
                f"This server has only a part of {key.repo_id} at {commit[:8]}: {missing[0]} is missing.",
            )
        if listed is not None:
            return listed
        return {
            name: TreeFile(file.size, file.etag or _etag_of(name, file.path)) for name, file in there.items()
        }

    def has(self, key: ModelKey, oid: str, size: int | None) -> Path | None:
        """A content that a repository of this cache has, or None."""
        if size is not None:
            return Blobs(self.root).find(oid, size, self.path(key))
        found = [self.path(key) / "blobs" / oid, *self.root.glob(f"*--*/blobs/{oid}")]
        return next((path for path in found if path.is_file()), None)

    # ---- repositories

    def create(
        self, key: ModelKey, author: str, *, first: Callable[[str], None] = lambda folder: None
    ) -> str:
        """Make a repository, with the `.gitattributes` that the Hub gives a new one; returns its first commit.

        `first` is called with the name of its folder before it is there. Raises `HubError` 409 when it is there.
        """
        if not is_valid_repo_id(key.repo_id):
            raise HubError(400, "", f"“{key.repo_id}” cannot be the name of a repository.")
        content = first_attributes(key.repo_type)
        etag = hashlib.sha1(layout.git_blob_header(len(content)) + content).hexdigest()
        with self.locked(key) as repo, self.workshop() as workshop:
            self._check_new(repo)
            source = workshop / etag
            with disk_errors(source), open(source, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            first(repo.name)
            files = [StagedFile(".gitattributes", etag, len(content), source)]
            return self.publish(key, files, workshop, "", "main", author, "initial commit", "")

    def _check_new(self, repo: Path) -> None:
        """Raise `HubError` 409 when a repository is there, or one that only systems that mind case tell from it."""
        with disk_errors(self.root):
            names = os.listdir(self.root)
        for name in names:
            if name.casefold() == repo.name.casefold() and layout.parse_repo_folder(name):
                said = layout.parse_repo_folder(name)
                raise HubError(409, "", f"“{said[1] if said else name}” is here already.")

    def make_room(self, key: ModelKey, size: int) -> None:
        """Keep the cache within the limits that its owner gave it. Raises `NotEnoughSpace`."""
        from modelkeep.library import open_library

        with open_library([self.root]) as library:
            library.space.make_room(os.fspath(self.root), size, keep=[key])

    def delete(self, key: ModelKey) -> None:
        """Take a repository into the trash of its cache. Raises `HubError` 404, `ModelPinned`, `ModelInUse`."""
        from modelkeep.cache.catalog import Catalog
        from modelkeep.cache.deletion import Target, execute_deletion, plan_deletion
        from modelkeep.cache.scan import scan

        with self.locked(key) as repo:
            if not repo.is_dir():
                raise repo_not_found(key.repo_id)
            with Catalog() as catalog:
                pins = catalog.pins(self.root)
            plan = plan_deletion(scan(self.root), [Target(key)], pinned=pins)
            [item] = execute_deletion(plan).items
            if item.error:
                # Whoever pushes cannot unpin or close: no hint.
                raise HubError(409, "", item.error)

    def publish(
        self,
        key: ModelKey,
        files: list[StagedFile],
        workshop: Path,
        parent: str,
        ref: str,
        author: str,
        title: str,
        message: str,
    ) -> str:
        """Make a commit of all these files and point a ref to it; returns its id. The caller holds the lock."""
        date = int(time.time())
        text = f"{title}\n\n{message}" if message else title
        tree = tree_name({file.name: TreeFile(file.size, file.etag) for file in files})
        commit = commit_name(tree, parent, author, date, text)
        history.remember(
            self.root, self.folder(key), history.PushedCommit(commit, parent, title, message, author, date)
        )
        if not parent:
            # It may be all of a new repository, which comes into the cache at once.
            publish(
                self.root, key.at(None), commit, files, staging=workshop, refs={ref: commit}, complete=True
            )
            return commit
        publish(self.root, key.at(None), commit, files, staging=workshop, refs={}, complete=True)
        sizes = {file.name: file.size for file in files}
        # Other programs move refs too, without our lock of the repository.
        done = conclude(self.root, key, commit, sizes, ref=ref, was=parent, staging=workshop)
        if done.leads_to:
            raise HubError(412, "", f"“{ref}” has moved on since. Please refresh and try again.")
        if done.missing:
            raise HubError(409, "", f"{done.missing[0]} was removed from the cache meanwhile; push again.")
        return commit


def is_ref_name(name: str) -> bool:
    """Whether a branch or a tag may be called so, by git and by the disk."""
    try:
        ModelKey.parse(f"any@{name}")
        check_entry_name(name)
    except (InvalidKey, UnsafeArchive):
        return False
    return name.strip() == name


def _etag_of(name: str, path: Path) -> str:
    """The name of a content that only its bytes tell, in a cache without links and listings."""
    from modelkeep.archive.lfs import LfsRules

    is_lfs = LfsRules({}).is_lfs(name, path.stat().st_size)
    return content_name(path, "0" * (64 if is_lfs else 40))

"""The one way a model gets into a cache: from a staging folder, in an order that a kill or a power cut cannot break.

Blobs first, then the snapshot, the tree listing, and the refs last, each flushed to the disk before the next: what
leads somewhere is never there before what it leads to. A repository that is new is built beside the cache and comes
in by one rename. Nothing temporary is ever written inside a repository, where another program could see it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.existing import read_ref
from modelkeep.cache.locks import blob_locks, changing
from modelkeep.cache.trees import TreeFile, contradicts, read_tree, tree_json, tree_path
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import CacheError
from modelkeep.keys import ModelKey

__all__ = ["Concluded", "StagedFile", "check_same_disk", "conclude", "links_work", "publish"]

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by huggingface_hub.\n"
    "# For information about cache directory tags, see:\n"
    "#\thttps://bford.info/cachedir/\n"
)


class StagedFile(NamedTuple):
    """A file of a revision: its path in the repository, and the content that it is to have.

    `source` is the content in the staging folder, whole and flushed to the disk; it is moved. None means that the
    repository has the content already, as a blob, or as the file itself where there are no links.
    """

    name: str
    etag: str
    size: int
    source: Path | None


def publish(
    root: str | os.PathLike[str],
    key: ModelKey,
    commit: str,
    files: Sequence[StagedFile],
    *,
    staging: Path,
    refs: Mapping[str, str],
    complete: bool,
    listing: Mapping[str, TreeFile] | None = None,
    held: Collection[str] = (),
) -> Path:
    """Make `files` part of the revision `commit` of a repository, then point `refs` to theirs; returns the snapshot.

    Files that the revision has besides stay. `complete` means that these are all files of the repository at this
    commit, so that its tree listing can be written; `listing` are all files where `files` are only some of them.
    `staging` is a folder of the caller's in the same root. `held` are etags whose locks the caller holds.
    Raises `CacheBusy`, `ModelInUse` while another program downloads one of the blobs, `CacheError`.
    """
    folder = layout.repo_folder(key.repo_type, key.repo_id)
    repo = Path(root) / folder
    check_same_disk(root, key)
    with (
        changing(root),
        blob_locks(root, folder, ((file.etag, file.size) for file in files if file.etag not in held)),
        disk_errors(repo),
    ):
        _write_tag(Path(root))
        revision = _Revision(staging, commit, files, refs, complete, listing)
        if os.path.lexists(repo):
            revision.put_into(repo)
        else:
            built = staging / folder
            shutil.rmtree(built, ignore_errors=True)
            revision.put_into(built)
            try:
                os.rename(built, repo)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                # Another program has begun the same repository in this instant.
                revision.moved_to(built).put_into(repo)
            sync_folder(root)
    return repo / "snapshots" / commit


class Concluded(NamedTuple):
    """What became of a ref: it leads to the commit, unless files are `missing`, or it `leads_to` another.

    It was moved only if it led where the caller thought, or nowhere.
    """

    missing: tuple[str, ...] = ()
    leads_to: str = ""


def conclude(
    root: str | os.PathLike[str],
    key: ModelKey,
    commit: str,
    files: Mapping[str, int],
    *,
    ref: str,
    was: str,
    staging: Path,
    suffices: bool = False,
) -> Concluded:
    """Point a ref to a published revision when all `files` (bytes by name) are there, and nobody moved it meanwhile.

    `was` is where it led when this was planned, "" for nowhere; `ref` "" looks after the files alone. `suffices`:
    though not all files of the repository, these are all that loading it takes. Then the listing of all goes, with
    which the Hub's client would refuse, offline, to give out what is there. Raises `CacheBusy`, `CacheError`.
    """
    repo = Path(root) / layout.repo_folder(key.repo_type, key.repo_id)
    snapshot = repo / "snapshots" / commit
    with changing(root), disk_errors(repo):
        missing = tuple(name for name, size in files.items() if not _has(f"{snapshot}/{name}", size))
        if missing:
            return Concluded(missing)
        listing = read_tree(repo, commit) or {}
        if suffices and not all(_has(f"{snapshot}/{name}", file.size) for name, file in listing.items()):
            tree_path(repo, commit).unlink()
        if not ref:
            return Concluded()
        now = read_ref(repo, ref) or ""
        if now not in ("", was, commit):
            return Concluded(leads_to=now)
        _put(repo / "refs" / ref, commit.encode(), staging)
        sync_folder(repo)
        # The Hub's client asks nobody before it prunes what no ref led to.
        return Concluded(tuple(name for name, size in files.items() if not _has(f"{snapshot}/{name}", size)))


def check_same_disk(root: str | os.PathLike[str], key: ModelKey) -> None:
    """Raise `CacheError` when a repository's folder is a link to another disk: nothing can be renamed into it."""
    repo = Path(root) / layout.repo_folder(key.repo_type, key.repo_id)
    with disk_errors(repo):
        if repo.exists() and repo.stat().st_dev != os.stat(root).st_dev:
            raise CacheError(
                f"{repo} leads to another disk, so that nothing can be put into it safely.",
                hint="Use a cache on that disk, or move the folder back into this one.",
            )


def links_work(folder: Path) -> bool:
    """Whether the cache has links or copies, by the rules of the Hub's client."""
    if os.environ.get("HF_HUB_DISABLE_SYMLINKS", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return False
    probe = folder / "link"
    try:
        probe.unlink(missing_ok=True)
        probe.symlink_to("nowhere")
        probe.unlink()
    except (OSError, NotImplementedError):
        return False
    return True


class _Revision:
    """What is to be published, and the steps of it."""

    def __init__(
        self,
        staging: Path,
        commit: str,
        files: Sequence[StagedFile],
        refs: Mapping[str, str],
        complete: bool,
        listing: Mapping[str, TreeFile] | None,
    ) -> None:
        self.staging = staging
        self.commit = commit
        self.files = files
        self.refs = refs
        self.complete = complete
        self.listing = listing
        self.linked = links_work(staging)

    def put_into(self, repo: Path) -> None:
        """All steps, in the order that keeps every instant loadable."""
        for name in ("blobs", "snapshots", "refs"):
            (repo / name).mkdir(parents=True, exist_ok=True)
        if self.linked:
            self._put_blobs(repo / "blobs")
        if self.listing is not None:
            # Before the snapshot: without a listing the Hub's client takes some of the files for all of them.
            self._put_tree(repo)
        snapshot = repo / "snapshots" / self.commit
        if snapshot.is_dir():
            self._put_files(repo, snapshot)
            _sync_folders(snapshot, (file.name for file in self.files))
        else:
            built = self.staging / "snapshot"
            shutil.rmtree(built, ignore_errors=True)
            built.mkdir()
            self._put_files(repo, built)
            _sync_folders(built, (file.name for file in self.files))
            try:
                os.rename(built, snapshot)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                # Another program has begun the same snapshot in this instant.
                if not self.linked:
                    self.files = [file._replace(source=built / file.name) for file in self.files]
                self._put_files(repo, snapshot)
                _sync_folders(snapshot, (file.name for file in self.files))
        sync_folder(snapshot.parent)
        if self.listing is None:
            self._put_tree(repo)
        for ref, commit in self.refs.items():
            _put(repo / "refs" / ref, commit.encode(), self.staging)
        sync_folder(repo)

    def moved_to(self, repo: Path) -> _Revision:
        """The same revision, whose contents were put into another folder by now."""
        snapshot = repo / "snapshots" / self.commit
        files = [
            file._replace(source=repo / "blobs" / file.etag if self.linked else snapshot / file.name)
            for file in self.files
        ]
        return _Revision(self.staging, self.commit, files, self.refs, self.complete, self.listing)

    # ---- the steps

    def _put_blobs(self, blobs: Path) -> None:
        for etag, file in {file.etag: file for file in self.files}.items():
            if file.source is not None:
                # Over what may be there: this content is known to be what its name says.
                os.replace(file.source, f"{blobs}/{etag}")
        sync_folder(blobs)

    def _put_files(self, repo: Path, snapshot: Path) -> None:
        """Make every file in `snapshot`, which is the revision's own, or one to be renamed to it."""
        uses = {file.source: number for number, file in enumerate(self.files)}
        for folder in sorted({file.name.rpartition("/")[0] for file in self.files}):
            (snapshot / folder).mkdir(parents=True, exist_ok=True)
        forgets = (repo / ".no_exist" / self.commit).is_dir()
        for number, file in enumerate(self.files):
            # Plain texts: of many small files, to put paths together takes longer than what is done with them.
            path, blob = f"{snapshot}/{file.name}", f"{repo}/blobs/{file.etag}"
            if file.source is None and not os.path.isfile(blob) and not os.path.isfile(path):
                raise CacheError(f"{file.name} was removed from the cache meanwhile.", hint="Do it again.")
            if self.linked and (file.source is not None or os.path.lexists(blob)):
                self._put_link(path, file)
            elif file.source is not None:
                self._put_content(path, file.source, last=uses[file.source] == number)
            elif not os.path.isfile(path):
                self._put_content(path, blob, last=False)
            if forgets:
                self._forget_absence(repo, file.name)

    def _put_link(self, path: str, file: StagedFile) -> None:
        up = "../" * (file.name.count("/") + 2)
        target = f"{up}blobs/{file.etag}"
        try:
            os.symlink(target, path)
            return
        except FileExistsError:
            pass
        try:
            if os.readlink(path) == target:
                return
        except OSError:
            pass
        link = self.staging / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        os.replace(link, path)

    def _put_content(self, path: str, source: Path | str, *, last: bool) -> None:
        """The content itself, where links do not work: moved by its last user, copied for the others."""
        if not last:
            copy = self.staging / "copy"
            shutil.copyfile(source, copy)
            _flush(copy)
            source = copy
        os.replace(source, path)

    def _forget_absence(self, repo: Path, name: str) -> None:
        """Remove the Hub client's mark that the repository has no such file at this commit."""
        (repo / ".no_exist" / self.commit / name).unlink(missing_ok=True)

    def _put_tree(self, repo: Path) -> None:
        entries = {file.name: TreeFile(file.size, file.etag) for file in self.files}
        if self.listing is not None:
            entries = dict(self.listing)
        known = read_tree(repo, self.commit)
        if known is not None and not contradicts(known, entries.items()):
            return
        path = tree_path(repo, self.commit)
        if self.complete or self.listing is not None:
            _put(path, tree_json(entries), self.staging)
        elif known is not None:
            path.unlink()


def _put(path: Path, content: bytes, staging: Path) -> None:
    """Write a small file: in the staging folder, then renamed, so that a reader sees the old one or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        pass
    new = staging / "new"
    new.write_bytes(content)
    _flush(new)
    os.replace(new, path)
    sync_folder(path.parent)


def _has(path: str, size: int) -> bool:
    try:
        return os.stat(path).st_size == size
    except OSError:
        return False


def _write_tag(root: Path) -> None:
    """Mark the folder as a cache, so that backup programs skip it, as the Hub's client does."""
    tag = root / layout.CACHEDIR_TAG
    if not tag.exists():
        tag.write_text(_TAG)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folders(top: Path, names: Iterable[str]) -> None:
    """Flush every folder that has one of these files."""
    folders = {""}
    for folder in {name.rpartition("/")[0] for name in names}:
        while folder:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for folder in sorted(folders, reverse=True):
        sync_folder(top / folder)

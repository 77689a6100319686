"""Reads one repository of a cache: a folder like `models--org--name`, in whatever state it is.

The hot path of a scan: strings and `os.scandir`, no `pathlib`; each directory is listed once, each inode asked once.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from sys import intern
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.inventory import (
    Blob,
    CachedFile,
    CachedModel,
    CachedRevision,
    IncompleteFile,
    Problem,
    ProblemKind,
    State,
)
from modelkeep.cache.sharing import blob_at
from modelkeep.disk import allocated, measure
from modelkeep.keys import RepoType

__all__ = ["DAMAGE", "read_repository"]


DAMAGE = frozenset(
    {
        ProblemKind.BROKEN_LINK,
        ProblemKind.DANGLING_REF,
        ProblemKind.UNREADABLE_REF,
        ProblemKind.NO_SNAPSHOTS,
        ProblemKind.WRONG_SIZE,
        ProblemKind.UNREADABLE,
    }
)
"""What keeps a load from working. The rest costs space, or says that something is not known."""


_PARTS = frozenset({"blobs", "refs", "trees", ".no_exist", "snapshots"})
# A named pipe in place of a ref would be waited for.
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
_TREE_LIMIT = 64 << 20  # bytes; a listing takes about 200 a file


class Snapshot(NamedTuple):
    """A snapshot folder as it was walked, with the contents that it leads to, by path.

    `on_disk` is its links and folders, without the contents.
    """

    commit: str
    path: str
    files: list[CachedFile]
    contents: dict[str, Blob]
    on_disk: int
    problems: list[Problem]


def read_repository(
    root: str, folder: str, repo_type: RepoType, repo_id: str, link_blocks: dict[int, int]
) -> CachedModel:
    """What is in `<root>/<folder>`. Never fails: what cannot be read is a problem of the model.

    `frees` and `on_disk` are as if no content were shared with another repository; `scan` corrects those that are.
    `link_blocks` is kept by the caller for one root: what a link takes on the disk depends on its file system and
    the length of its text alone, so one link of each length is asked.
    """
    return _Repository(root, folder, repo_type, repo_id, link_blocks).read()


class _Repository:
    """The state of one reading."""

    def __init__(
        self, root: str, folder: str, repo_type: RepoType, repo_id: str, link_blocks: dict[int, int]
    ) -> None:
        self.root = root
        self.path = f"{root}/{folder}"
        self.repo_type = repo_type
        self.repo_id = repo_id
        self.blobs: dict[str, Blob] = {}
        self.stored: dict[str, int] = {}  # what each link into the shared store takes itself, by its path
        self.incomplete: list[IncompleteFile] = []
        self.refs: dict[str, str] = {}
        self.ref_sizes: dict[str, int] = {}
        self.trees: dict[str, int] = {}
        self.absent: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.link_blocks = link_blocks
        self.on_disk = 0  # everything in the folder but the contents

    def read(self) -> CachedModel:
        self.on_disk += _own_size(self.path)
        entries = {entry.name: entry for entry in self._entries(self.path)}
        readable = not self.problems
        if "blobs" in entries:
            self._read_blobs(f"{self.path}/blobs")
        if "refs" in entries:
            self._read_refs(f"{self.path}/refs", "")
        if "trees" in entries:
            self.trees = self._read_sizes("trees", cut=".json")
        if ".no_exist" in entries:
            self.absent = self._read_sizes(".no_exist")
        snapshots = self._read_snapshots(entries.get("snapshots")) if readable else []
        for name in sorted(entries.keys() - _PARTS):
            self.on_disk += measure(f"{self.path}/{name}")
            if name not in layout.IGNORED_FILES:
                self._stray(f"{self.path}/{name}", f"{name} does not belong in a repository's folder.")
        return _model(self, snapshots)

    # ---- the parts of the folder

    def _entries(self, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(path) as found:
                return list(found)
        except FileNotFoundError:
            return []  # gone since it was listed: another program deletes; the next scan sees the rest
        except OSError as error:
            self._add(ProblemKind.UNREADABLE, path, f"This folder cannot be read: {error.strerror}.")
            return []

    def _read_blobs(self, folder: str) -> None:
        self.on_disk += _own_size(folder)
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}"
            try:
                status = _status(entry, path)
                if stat.S_ISREG(status.st_mode) and not layout.is_incomplete(path):
                    self.blobs[path] = blob_at(path, path, status)
                else:
                    self._read_unusual(path, status)
            except OSError:
                self._add(
                    ProblemKind.BROKEN_LINK, path, f"The content {entry.name[:12]} is not there any more."
                )

    def _read_unusual(self, path: str, status: os.stat_result) -> None:
        """What lies in `blobs/` and is no file with a whole content."""
        folder, _, name = path.rpartition("/")
        payload = path
        if stat.S_ISLNK(status.st_mode):
            # Into the shared store: the link is this repository's, the payload may not be.
            self.stored[path] = allocated(status)
            self.on_disk += self.stored[path]
            payload = _joined(folder, os.readlink(path))
            status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            self.on_disk += measure(path)
            self._stray(path, f"{name} does not belong among the contents.")
        elif layout.is_incomplete(name):
            self.on_disk += allocated(status)
            self.incomplete.append(IncompleteFile(path, status.st_size, allocated(status), status.st_mtime))
        else:
            self.blobs[path] = blob_at(path, payload, status)

    def _read_refs(self, folder: str, prefix: str) -> None:
        self.on_disk += _own_size(folder)
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}"
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                self._read_refs(path, f"{name}/")
                continue
            try:
                content, size = _read(path, 256)
                raw = content.decode("ascii")
            except (OSError, UnicodeDecodeError):
                self.on_disk += _own_size(path)
                if entry.name not in layout.IGNORED_FILES:
                    self._add(ProblemKind.UNREADABLE_REF, path, f"The ref {name} cannot be read.")
                continue
            self.on_disk += size
            if entry.name in layout.IGNORED_FILES:
                continue
            self.ref_sizes[name] = size
            commit = raw.strip()
            if raw != commit and layout.is_commit(commit):
                # Other tools take the content as it is and look for a folder with a line break in its name.
                self._add(ProblemKind.UNREADABLE_REF, path, f"The ref {name} has blanks after its commit.")
            self.refs[name] = commit

    def _read_sizes(self, name: str, cut: str = "") -> dict[str, int]:
        """What each entry of a folder takes on the disk, by the commit it is named for."""
        folder = f"{self.path}/{name}"
        self.on_disk += _own_size(folder)
        sizes: dict[str, int] = {}
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}"
            size = measure(path) if entry.is_dir(follow_symlinks=False) else _own_size(path)
            sizes[entry.name.removesuffix(cut)] = size
            self.on_disk += size
        return sizes

    def _read_snapshots(self, found: os.DirEntry[str] | None) -> list[Snapshot]:
        folder = f"{self.path}/snapshots"
        if found is None or not found.is_dir():
            self._add(
                ProblemKind.NO_SNAPSHOTS,
                folder,
                "Nothing of this model is here but its folder: no snapshot was ever completed.",
            )
            return []
        self.on_disk += _own_size(folder)
        snapshots = []
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}"
            if entry.is_dir():
                snapshots.append(self._walk(path))
            else:
                self.on_disk += _own_size(path)
                if entry.name not in layout.IGNORED_FILES:
                    self._stray(path, f"{entry.name} lies among the snapshots.")
        return sorted(snapshots)

    def _walk(self, snapshot: str) -> Snapshot:
        """All files of a snapshot. Links to `../../blobs/<etag>` are resolved by their text alone."""
        files: list[CachedFile] = []
        contents: dict[str, Blob] = {}
        before, on_disk, links = len(self.problems), self.on_disk, 0
        # Each pending folder: its path, its files' name prefix, and how a link from it to a blob begins.
        pending = [(snapshot, "", "../../blobs/")]
        blobs = f"{self.path}/blobs/"
        known, link_blocks = self.blobs.get, self.link_blocks
        while pending:
            folder, prefix, climb = pending.pop()
            self.on_disk += _own_size(folder)
            start = len(climb)
            for entry in self._entries(folder):
                path = f"{folder}/{entry.name}"
                name = intern(prefix + entry.name)  # thousands of models have a config.json
                try:
                    if entry.is_symlink():
                        target = os.readlink(path)
                        if (length := len(target)) not in link_blocks:
                            link_blocks[length] = allocated(os.lstat(path))
                        links += link_blocks[length]
                        blob = known(blobs + target[start:]) if target.startswith(climb) else None
                        if blob is None:
                            blob = self._resolve(folder, path, target)
                        if blob is not None:
                            contents[blob.path] = blob
                        elif os.path.isdir(path):
                            continue
                        files.append(CachedFile(name, path, blob, True))
                    elif entry.is_dir(follow_symlinks=False):
                        pending.append((path, f"{name}/", f"../{climb}"))
                    else:
                        blob = contents[path] = blob_at(path, path, _status(entry, path))
                        files.append(CachedFile(name, path, blob, False))
                except FileNotFoundError:
                    continue
                except OSError as error:
                    self._add(ProblemKind.UNREADABLE, path, f"{name} cannot be read: {error.strerror}.")
        files.sort(key=itemgetter(0))
        problems = self.problems[before:]
        del self.problems[before:]
        self.on_disk += links
        commit = snapshot.rpartition("/")[2]
        return Snapshot(commit, snapshot, files, contents, self.on_disk - on_disk, problems)

    def _resolve(self, folder: str, path: str, target: str) -> Blob | None:
        """The content of an unusual link: one that leads elsewhere, or nowhere."""
        name = path.rpartition("/")[2]
        place = _joined(folder, target)
        if found := self.blobs.get(place):
            return found
        try:
            status = os.stat(place)
        except OSError:
            self._add(ProblemKind.BROKEN_LINK, path, f"{name} leads to a content that is not here.")
            return None
        if stat.S_ISDIR(status.st_mode):
            self._stray(path, f"{name} is a link to a folder.")
            return None
        found = blob_at(place, _joined("", os.path.realpath(place)), status)
        # What lies elsewhere costs nothing here, and deleting the link gives nothing back.
        return found if place.startswith(f"{self.path}/") else found._replace(on_disk=0)

    def _add(self, kind: ProblemKind, path: str, message: str) -> None:
        self.problems.append(Problem(kind, path, message))

    def _stray(self, path: str, message: str) -> None:
        self._add(ProblemKind.STRAY_FILE, path, message)


def _model(repo: _Repository, snapshots: list[Snapshot]) -> CachedModel:
    """Put together what was read."""
    problems = repo.problems
    here = {snapshot.commit for snapshot in snapshots}
    for ref, commit in sorted(repo.refs.items()):
        if commit not in here:
            what = f"the commit {commit[:8]}" if layout.is_commit(commit) else "no commit"
            message = f"The ref {ref} names {what}, of which no snapshot is here."
            problems.append(Problem(ProblemKind.DANGLING_REF, f"{repo.path}/refs/{ref}", message))
    blobs = repo.blobs
    for snapshot in snapshots:
        blobs.update(snapshot.contents)
    users = Counter(path for snapshot in snapshots for path in snapshot.contents)
    orphans = tuple(sorted(blobs[path] for path in blobs.keys() - users.keys()))
    for blob in orphans:
        message = f"No snapshot leads to the content {blob.name[:12]}."
        problems.append(Problem(ProblemKind.ORPHAN_BLOB, blob.path, message))
    used = _total([blobs[path] for path in users])
    everything = _total(list(blobs.values())) if orphans else used
    on_disk = repo.on_disk + everything.on_disk
    if everything.sharing:
        inside = f"{repo.path}/"
        own = [blob for blob in blobs.values() if blob.payload.startswith(inside)]
        on_disk = repo.on_disk + _total(own).on_disk
    revisions = tuple(_revision(repo, snapshot, users) for snapshot in snapshots)
    state = max((revision.state for revision in revisions), key=lambda s: s.rank, default=State.DAMAGED)
    if any(problem.kind in DAMAGE for problem in problems):
        state = State.DAMAGED
    return CachedModel(
        repo_id=repo.repo_id,
        repo_type=repo.repo_type,
        path=repo.path,
        root=repo.root,
        revisions=revisions,
        refs=tuple(sorted(repo.refs.items())),
        size=used.size,
        on_disk=on_disk,
        frees=on_disk,
        accessed=used.accessed or _times(repo.path)[0],
        modified=used.modified or _times(repo.path)[1],
        state=state,
        file_count=len(users),
        sharing=everything.sharing,
        incomplete=tuple(sorted(repo.incomplete)),
        orphans=orphans,
        problems=(*problems, *(problem for revision in revisions for problem in revision.problems)),
    )


def _revision(repo: _Repository, snapshot: Snapshot, users: Mapping[str, int]) -> CachedRevision:
    """`users` is how many snapshots lead to each content of the model, by its path."""
    state, missing = _compare(repo, snapshot)
    if any(problem.kind in DAMAGE for problem in snapshot.problems):
        state = State.DAMAGED
    commit = snapshot.commit
    refs = tuple(sorted(ref for ref, named in repo.refs.items() if named == commit))
    around = (
        snapshot.on_disk
        + repo.trees.get(commit, 0)
        + repo.absent.get(commit, 0)
        + sum(repo.ref_sizes[ref] for ref in refs)
    )
    alone = [blob for path, blob in snapshot.contents.items() if users[path] == 1]
    total = _total(list(snapshot.contents.values()))
    freed = total if len(alone) == len(snapshot.contents) else _total(alone)
    stored = repo.stored
    return CachedRevision(
        commit=commit,
        path=snapshot.path,
        refs=refs,
        files=tuple(snapshot.files),
        size=total.size,
        on_disk=around + total.on_disk + sum(stored.get(path, 0) for path in snapshot.contents),
        frees=around + freed.on_disk + sum(stored.get(blob.path, 0) for blob in alone),
        modified=total.modified or _times(snapshot.path)[1],
        state=state,
        missing=missing,
        problems=tuple(snapshot.problems),
    )


def _compare(repo: _Repository, snapshot: Snapshot) -> tuple[State, tuple[str, ...]]:
    """How whole a snapshot is by the tree listing of its commit, and what it lacks; adds the problems it finds."""
    listing = _read_tree(repo, snapshot) if snapshot.commit in repo.trees else None
    if listing is None and snapshot.files:
        return State.UNPROVEN, ()
    sizes = {name: blob.size for name, _, blob, _ in snapshot.files if blob is not None}
    if sizes and sizes == listing:
        return State.WHOLE, ()
    listing = listing or {}
    for name, size in listing.items():
        if sizes.get(name, size) != size:
            message = f"{name} has {sizes[name]:,} bytes; the repository says {size:,}."
            snapshot.problems.append(Problem(ProblemKind.WRONG_SIZE, f"{snapshot.path}/{name}", message))
    missing = tuple(name for name in listing if name not in sizes)
    if not missing and snapshot.files:
        return State.WHOLE, ()
    broken = {file.name for file in snapshot.files if file.blob is None}
    absent = [name for name in missing if name not in broken]
    if missing and not absent:
        return State.INCOMPLETE, missing  # each of them is a broken link, and was named as one
    match len(absent):
        case 0:
            message = "The snapshot has no files."
        case 1:
            message = f"{absent[0]} of the repository is not here."
        case count:
            message = f"{count} of the repository's {len(listing)} files are not here."
    snapshot.problems.append(Problem(ProblemKind.MISSING_FILES, snapshot.path, message))
    return State.INCOMPLETE, missing


def _read_tree(repo: _Repository, snapshot: Snapshot) -> dict[str, int] | None:
    """The size of each file that the repository has at a commit, or None when that is not known."""
    path = f"{repo.path}/trees/{snapshot.commit}.json"
    try:
        data = json.loads(_read(path, _TREE_LIMIT)[0])
        if data["format_version"] != layout.TREE_FORMAT:
            return None  # written by a newer client: says nothing to us, and is no damage
        return {name: int(entry["size"]) for name, entry in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        message = "The list of the repository's files is broken."
        snapshot.problems.append(Problem(ProblemKind.UNREADABLE_TREE, path, message))
        return None


class _Total(NamedTuple):
    """What contents are together. `on_disk` has each inode once; `sharing`: one of them may have other names too."""

    size: int = 0
    on_disk: int = 0
    accessed: float = 0.0
    modified: float = 0.0
    sharing: bool = False


def _total(blobs: Sequence[Blob]) -> _Total:
    if not blobs:
        return _Total()
    # By columns: each sum is then one call of C, several times faster than a loop over fields.
    paths, payloads, sizes, on_disk, devices, inodes, links, accessed, modified = zip(*blobs)
    sharing = max(links) > 1 or paths != payloads
    blocks = dict(zip(zip(devices, inodes), on_disk)).values() if sharing else on_disk
    return _Total(sum(sizes), sum(blocks), max(accessed), max(modified), sharing)


def _status(entry: os.DirEntry[str], path: str) -> os.stat_result:
    # Windows lists no inode and link count with a folder's entries.
    return os.lstat(path) if os.name == "nt" else entry.stat(follow_symlinks=False)


def _times(path: str) -> tuple[float, float]:
    """When a folder was last read and changed: what counts where it has no contents."""
    try:
        status = os.stat(path)
    except OSError:
        return 0.0, 0.0
    return status.st_atime, status.st_mtime


def _read(path: str, limit: int) -> tuple[bytes, int]:
    """A small file's content and what it takes on the disk, in as few system calls as there can be."""
    handle = os.open(path, _READING)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "Not a file", path)
        # Not `limit` at once: a buffer of that size would be made, and cost more than the reading.
        return os.read(handle, min(status.st_size, limit)), allocated(status)
    finally:
        os.close(handle)


def _own_size(path: str) -> int:
    try:
        return allocated(os.lstat(path))
    except OSError:
        return 0


def _joined(folder: str, target: str) -> str:
    path = os.path.normpath(os.path.join(folder, target))
    return path if os.sep == "/" else path.replace(os.sep, "/")

"""Putting a good content in the place of a bad one, which is kept in the trash.

The bad content gets a second name in the trash before the good one takes its place by a rename, so that a kill at
any moment leaves the one or the other. What is put back from the trash later comes beside, as `<etag>.damaged`:
under a name that promises a content it would be taken for that content, by any program.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from modelkeep.archive.names import check_entry_name
from modelkeep.cache import layout
from modelkeep.cache.catalog import user_name
from modelkeep.cache.locks import blob_locks, changing
from modelkeep.cache.publish import StagedFile, check_same_disk, publish
from modelkeep.cache.shared_store import drop_references, store_lock
from modelkeep.cache.trash_journal import Journal, entry_folder, new_entry, tidy
from modelkeep.cache.trees import read_tree
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import CacheError, ModelKeepError, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.mending.plan import MendItem
from modelkeep.mending.wanted import blob_of

__all__ = ["Placing"]


class Placing:
    """The good contents of one model take their places. `entry` is the bad ones' id in the trash, "" for none yet."""

    def __init__(self, root: str, key: ModelKey, staging: Path) -> None:
        self.root = root
        self.key = key
        self.staging = staging
        self.folder = layout.repo_folder(key.repo_type, key.repo_id)
        self.repo = Path(root) / self.folder
        self._quarantine = _Quarantine(root, key, self.folder)

    def blob(self, item: MendItem) -> Path:
        """Where the content of an item belongs, where the cache has links."""
        return self.repo / "blobs" / item.etag

    def is_copy(self, item: MendItem) -> bool:
        """Whether the file is there, and no link."""
        return os.path.lexists(item.path) and not os.path.islink(item.path)

    def put(self, item: MendItem, good: Path | None) -> tuple[str, str]:
        """Have an item's file lead to `good`, which is moved, or to the blob that is there when None.

        Returns the path of the content, and the id in the trash of what was there, "" for nothing.
        """
        size = good.stat().st_size if good else self.blob(item).stat().st_size
        check_same_disk(self.root, self.key)
        if good:
            with (
                changing(self.root),
                blob_locks(self.root, self.folder, [(item.etag, size)]),
                disk_errors(self.repo),
            ):
                self._check(item)
                if place := self._occupied(item):
                    return os.fspath(place), self._replace(place, item, good)
        else:
            self._check(item)
        publish(
            self.root,
            self.key,
            item.commit,
            [StagedFile(item.name, item.etag, size, good)],
            staging=self.staging,
            refs={},
            complete=False,
            # As it is: one file says nothing of the others.
            listing=read_tree(self.repo, item.commit),
        )
        blob = self.blob(item)
        return os.fspath(blob if blob.exists() else item.path), ""

    def _check(self, item: MendItem) -> None:
        """What was deleted meanwhile is not brought back by one of its files."""
        snapshot = self.repo / "snapshots" / item.commit
        if not snapshot.is_dir():
            raise ModelNotFound(f"{item.key.at(item.commit[:8])} is not there any more.", hint="Scan again.")
        folder = os.path.realpath((snapshot / check_entry_name(item.name)).parent)
        if os.path.commonpath([folder, os.path.realpath(snapshot)]) != os.path.realpath(snapshot):
            raise CacheError(
                f"{item.name} lies in a folder that is a link out of the model.",
                hint="No client makes such a folder: delete the model, and download it again.",
            )

    def _occupied(self, item: MendItem) -> Path | None:
        """What the good content is to be renamed over; None where nothing is, or a link that leads elsewhere."""
        blob = self.blob(item)
        if self.is_copy(item):
            return Path(item.path)
        return blob if blob_of(item.path) == os.fspath(blob) and os.path.lexists(blob) else None

    def _replace(self, place: Path, item: MendItem, good: Path) -> str:
        payload = os.path.realpath(place) if place.is_symlink() else ""
        if not payload:
            self._quarantine.take(place, item.etag)
        try:
            os.replace(good, place)
        except OSError:
            if not payload:
                self._quarantine.give_back(place)
            raise
        sync_folder(place.parent)
        if payload:
            self._sign_off(payload, f"{self.folder}/blobs/{item.etag}")
            return ""
        return self._quarantine.entry

    def _sign_off(self, payload: str, link: str) -> None:
        """Tell the shared store that a link is gone. Its contents are not ours to remove: others may lead there."""
        with suppress(ModelKeepError, OSError):  # a hint that every reader checks
            if os.path.exists(f"{payload}.refs"):
                with store_lock(payload):
                    drop_references(payload, [link])


class _Quarantine:
    """The bad contents of one model in the trash: one entry. The caller holds the lock of the root."""

    def __init__(self, root: str, key: ModelKey, folder: str) -> None:
        self.entry = ""
        self._root = root
        self._key = key
        self._folder = folder
        self._moves: list[str] = []
        self._sizes: list[int] = []

    def take(self, bad: Path, etag: str) -> None:
        """Give a content a second name in the trash, which is the only one as soon as another takes its place."""
        if not self.entry or not entry_folder(self._root, self.entry).is_dir():
            # None yet, or the trash was emptied since.
            self.entry = new_entry()
            self._moves, self._sizes = [], []
        move = f"{self._folder}/blobs/{etag}.damaged"
        if move in self._moves:
            move = f"{self._folder}/blobs/{etag}.{len(self._moves)}.damaged"
        target = self._place(move)
        self._sizes.append(bad.stat().st_size)
        self._moves.append(move)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write()
            _link(bad, target)
        except OSError:
            self.give_back(bad)
            raise
        sync_folder(target.parent)

    def give_back(self, bad: Path) -> None:
        """Undo the last `take`."""
        target = self._place(self._moves.pop())
        self._sizes.pop()
        with suppress(OSError):
            if os.path.lexists(bad):
                target.unlink(missing_ok=True)
            else:
                os.rename(target, bad)
            if self._moves:
                self._write()
                return
            shutil.rmtree(entry_folder(self._root, self.entry))
            self.entry = ""
            tidy(self._root)

    def _place(self, move: str) -> Path:
        return entry_folder(self._root, self.entry) / "content" / move

    def _write(self) -> None:
        Journal(
            repo_id=self._key.repo_id,
            repo_type=self._key.repo_type,
            revision=None,
            what="files",
            deleted_at=time.time(),
            deleted_by=user_name(),
            size=sum(self._sizes),
            files=len(self._moves),
            moves=tuple(self._moves),
            links={},
            manifests={},
            parents={},
            # Finished from the first: nothing has to be put back after a kill. The time is that of no folder.
            parents_after={self._folder: 0},
        ).write(entry_folder(self._root, self.entry))


def _link(bad: Path, target: Path) -> None:
    try:
        os.link(bad, target)
    except OSError:
        # A file system without hard links, or somebody else's file: for a moment it has no name in the cache.
        os.rename(bad, target)

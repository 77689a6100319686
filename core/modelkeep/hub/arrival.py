"""Contents that are whole on their way into the cache: published in batches, so that a kill loses none of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import BaseFileLock

from modelkeep.cache import layout
from modelkeep.cache.existing import content_name
from modelkeep.cache.locks import acquired, lock_path
from modelkeep.cache.publish import StagedFile, conclude, publish
from modelkeep.cache.trees import TreeFile
from modelkeep.disk import disk_errors
from modelkeep.errors import ModelInUse
from modelkeep.hub.choice import choose_by_format
from modelkeep.hub.flushing import flush
from modelkeep.hub.transfer_folder import Download, Folder

__all__ = ["Arrival"]

_INTERVAL = 1.0  # seconds between two batches, at least
_SHARE = 2  # and at least so many times what the last one took


class Arrival:
    """Publishes the files of a download as their contents become whole, by a thread of its own.

    What was published stays in the staging folder too, under a second name that costs nothing, until the ref leads to
    it: the Hub's client prunes what no ref leads to, also while it is still coming.
    """

    def __init__(self, folder: Folder, download: Download) -> None:
        self.failure: BaseException | None = None
        self._folder = folder
        self._download = download
        self._repo_folder = layout.repo_folder(download.key.repo_type, download.key.repo_id)
        self._repo = folder.root / self._repo_folder
        self._listing = {file.path: TreeFile(file.size, file.etag) for file in download.files}
        self._paths: dict[str, list[str]] = {}
        for file in download.wanted:
            self._paths.setdefault(file.etag, []).append(file.path)
        self._waiting: dict[str, bool] = {}
        """The contents to be published, each with whether it has reached the disk."""
        self._held: dict[str, BaseFileLock] = {}
        self._changed = threading.Condition()
        self._is_stopped = False
        self._is_busy = False
        self._ended = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    # ---- the Hub's locks

    def hold(self, etag: str) -> bool:
        """Hold the lock by which the Hub's client knows that a blob is coming; False while it has it itself."""
        with self._changed:
            if etag in self._held:
                return True
        with disk_errors(self._folder.root):
            lock = acquired(lock_path(self._folder.root, self._repo_folder, etag), 0)
        if lock is None:
            return False
        with self._changed:
            if not self._ended:
                self._held[etag] = lock
                return True
        lock.release()
        return False

    def has_blob(self, etag: str, size: int) -> bool:
        """Whether the repository has the blob by now, from whomever."""
        try:
            return os.stat(f"{self._repo}/blobs/{etag}").st_size == size
        except OSError:
            return False

    # ---- publishing

    def start(self) -> None:
        self._thread.start()

    def add(self, etag: str, *, is_flushed: bool = True) -> None:
        """The content is whole: in the staging folder, or as a blob of the repository."""
        with self._changed:
            self._waiting[etag] = is_flushed
            if len(self._waiting) == 1:
                self._changed.notify_all()

    @property
    def is_idle(self) -> bool:
        """Whether all that was added is published, or it failed."""
        with self._changed:
            return self.failure is not None or not (self._waiting or self._is_busy)

    def hurry(self, seconds: float) -> None:
        """Nothing more will come: publish what is there, and wait for that, at most so long."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self.failure is not None or not (self._waiting or self._is_busy), seconds
            )

    def more_comes(self) -> None:
        """Go on after a `hurry`."""
        with self._changed:
            self._is_stopped = False

    def stop(self) -> None:
        """End it, after the batch that is being published."""
        with self._changed:
            self._waiting.clear()
            self._is_stopped = True
            self._ended = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        with self._changed:
            held, self._held = self._held, {}
        for lock in held.values():
            lock.release()

    def _work(self) -> None:
        pause = _INTERVAL
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting or self._ended)
                    if not self._is_stopped:
                        self._changed.wait_for(lambda: self._is_stopped, pause)
                    if self._ended:
                        return
                    batch, self._waiting = self._waiting, {}
                    self._is_busy = True
                began = time.monotonic()
                try:
                    self._publish(batch)
                    pause = max(_INTERVAL, _SHARE * (time.monotonic() - began))
                except ModelInUse:
                    # The Hub's client fetches one of them now: small ones, so it takes a moment.
                    with self._changed:
                        self._waiting = batch | self._waiting
                        self._is_busy = False
                        self._changed.wait_for(lambda: self._ended, _INTERVAL / 2)
                finally:
                    with self._changed:
                        self._is_busy = False
                        self._changed.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever watches
            with self._changed:
                self.failure = error
                self._changed.notify_all()

    def _publish(self, batch: Mapping[str, bool]) -> None:
        with disk_errors(self._folder.path):
            new = [etag for etag, is_flushed in batch.items() if not is_flushed]
            if not self._flush(new):
                return
        files = [file for etag in batch for file in self._staged(etag)]
        if files:
            publish(
                self._folder.root,
                self._download.key,
                self._download.commit,
                files,
                staging=self._folder.path,
                refs={},
                complete=False,
                # A listing of some files only would make the Hub's client think that there are no others.
                listing=self._listing if self._download.lists_all else None,
                held=self._held.keys(),
            )
        for etag in batch:
            with self._changed:
                lock = self._held.pop(etag, None)
            if lock is not None:
                lock.release()

    def recover(self) -> None:
        """Take up what an earlier run had not yet flushed; after a power cut it may be anything."""
        with disk_errors(self._folder.path), suppress(FileNotFoundError):
            left = os.listdir(self._folder.path / "unflushed")
            right = []
            for etag in left:
                path = Path(self._folder.unflushed(etag))
                if etag in self._paths and content_name(path, etag) == etag:
                    right.append(etag)
                else:
                    path.unlink()
            self._flush(right)

    def _flush(self, etags: Sequence[str]) -> bool:
        """Bring small contents to the disk, and where whole ones lie; False when it was told to end."""
        names = [(self._folder.unflushed(etag), f"{self._folder.path}/blobs/{etag}") for etag in etags]
        # What is not there was put there by a batch that was broken off.
        names = [(new, blob) for new, blob in names if os.path.exists(new)]
        if not flush([new for new, _ in names], lambda: self._ended):
            return False
        for new, blob in names:
            os.replace(new, blob)
        return True

    def _staged(self, etag: str) -> list[StagedFile]:
        """The files of a content; none when it vanished from the cache, which `missing` tells."""
        size = self._listing[self._paths[etag][0]].size
        source = self._second_name(etag, size)
        if source is None and not self.has_blob(etag, size):
            return []
        return [StagedFile(path, etag, size, source) for path in self._paths[etag]]

    def _second_name(self, etag: str, size: int) -> Path | None:
        """What of the staging folder is to be moved into the cache; None when it has not got that content."""
        if not self._folder.has(etag, size):
            return None
        blob, name = self._folder.blob(etag), self._folder.path / "out" / etag
        with disk_errors(name):
            try:
                os.link(blob, name)
            except FileExistsError:
                name.unlink()
                return self._second_name(etag, size)
            except OSError:
                return blob  # no hard links here: it goes itself
        return name

    # ---- the end

    def conclude(self) -> tuple[tuple[str, ...], str]:
        """Point the ref to the commit when all is there; returns what is missing, and where the ref leads instead."""
        sizes = {file.path: file.size for file in self._download.files}
        best = choose_by_format(sizes, self._download.key.repo_type)
        wanted = {file.path for file in self._download.wanted}
        done = conclude(
            self._folder.root,
            self._download.key,
            self._download.commit,
            {file.path: file.size for file in self._download.wanted},
            ref=self._download.ref,
            was=self._download.ref_was,
            staging=self._folder.path,
            suffices=all(path in wanted for path, choice in best.items() if choice.chosen),
        )
        return done.missing, done.leads_to

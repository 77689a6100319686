"""Keeps the table true to the disks: scans in the work process, passes rows on, and follows changes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from modelkeep.remembered import load_rows
from modelkeep.rows import ModelRow, RootRows, RootView
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.table_model import LibraryTableModel

if TYPE_CHECKING:
    from modelkeep.cache.trash import TrashEntry

__all__ = ["LibraryFeed"]

_QUIET = 400  # milliseconds after a change on the disk, for the rest of it to come
_PAUSE = 3000  # milliseconds between two looks at the least
_SHARE = 20  # a look takes at most one part in so many of the time


class LibraryFeed(QObject):
    """Fills a `LibraryTableModel`.

    A look at the disks is quick where nothing changed, so it is repeated every few seconds; a change of a root itself
    (a model that comes or goes) is seen at once.

    Signals:
        views_changed: tuple of `RootView`, after every look.
        rows_changed: the root whose rows are others now.
        trash_changed: tuple of `TrashEntry`.
        failed: the `ModelKeepError` of a look that could not be made.
        remembered: that the rows are kept for the next window.
        scanning_changed: whether a first look, or one that was asked for, is under way.
    """

    views_changed = Signal(object)
    rows_changed = Signal(object)
    trash_changed = Signal(object)
    failed = Signal(object)
    remembered = Signal(object)
    scanning_changed = Signal(object)

    def __init__(self, runner: JobRunner, table: LibraryTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._table = table
        self._incoming: dict[str, list[ModelRow]] = {}
        self._job: Job | None = None
        self._again = False
        self._describing = False
        self._is_new = False  # rows have come that the next window does not know yet
        self._began = 0.0
        self.views: tuple[RootView, ...] = ()
        self.trash: tuple[TrashEntry, ...] = ()
        self._watcher = QFileSystemWatcher(self)
        self._soon = QTimer(self, singleShot=True, interval=_QUIET)
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._watcher.directoryChanged.connect(lambda _: self._soon.start())
        self._soon.timeout.connect(self.refresh)
        self._later.timeout.connect(self.refresh)

    @property
    def is_scanning(self) -> bool:
        return self._job is not None

    def show_remembered(self) -> None:
        """Show what the last window saw, before anything was looked at."""
        for root, rows in load_rows().items():
            self._table.replace_rows(root, rows)

    def set_roots(self, roots: Sequence[str]) -> None:
        """Look at these roots from now on."""
        self._runner.run("", "set_roots", list(roots), visible=False)
        self.refresh()

    def refresh(self) -> None:
        """Look at the disks; again afterwards, when a look is under way."""
        if self._job is not None:
            self._again = True
            return
        self._later.stop()
        self._began = time.monotonic()
        self._job = self._runner.run(
            self.tr("Look at the caches"),
            "refresh",
            lane="scan",
            visible=False,
            on_batch=self._take,
            on_done=self._finish,
            on_failed=self._fail,
        )
        self.scanning_changed.emit(True)

    def stop(self) -> None:
        """Look no more."""
        self._soon.stop()
        self._later.stop()

    # Within

    def _take(self, batch: RootRows) -> None:
        if batch.first:
            self._incoming[batch.root] = []
        if batch.root in self._incoming:
            self._incoming[batch.root].extend(batch.rows)
            if not batch.last:
                return
            self._table.replace_rows(batch.root, self._incoming.pop(batch.root))
        else:
            self._table.add_rows(batch.root, batch.rows)
        self._is_new = True
        self.rows_changed.emit(batch.root)

    def _finish(self, views: tuple[RootView, ...]) -> None:
        for gone in {row.root for row in self._table.rows} - {view.path for view in views}:
            self._table.remove_root(gone)
            self.rows_changed.emit(gone)
        self.views = views
        self.views_changed.emit(views)
        self._runner.run("", "trash", visible=False, on_done=self._take_trash, on_failed=self._fail_quietly)
        self._describe()
        self._watch([view.path for view in views if view.disk_total])
        self._end()

    def _fail(self, error: object) -> None:
        self.failed.emit(error)
        self._end()

    def _fail_quietly(self, error: object) -> None:
        """The next look tries again, and says what is wrong if it is."""

    def _end(self) -> None:
        self._job = None
        self.scanning_changed.emit(False)
        took = (time.monotonic() - self._began) * 1000
        if self._again:
            self._again = False
            self.refresh()
        else:
            self._later.start(max(_PAUSE, int(took * _SHARE)))

    def _describe(self) -> None:
        """Have read what new models say of themselves; it goes on beside everything else."""
        if self._describing:
            return
        self._describing = True
        self._runner.run(
            self.tr("Read model cards"),
            "describe_new",
            lane="describe",
            visible=False,
            on_batch=self._take,
            on_done=self._described,
            on_failed=self._described,
        )

    def _described(self, _: object) -> None:
        self._describing = False
        if self._is_new:
            self._is_new = False
            self._runner.run(
                "",
                "remember_rows",
                lane="describe",
                visible=False,
                on_done=self.remembered.emit,
                on_failed=self._fail_quietly,
            )

    def _take_trash(self, entries: tuple[TrashEntry, ...]) -> None:
        if entries != self.trash:
            self.trash = entries
            self.trash_changed.emit(entries)

    def _watch(self, roots: list[str]) -> None:
        watched = set(self._watcher.directories())
        if gone := sorted(watched - set(roots)):
            self._watcher.removePaths(gone)
        if new := sorted(set(roots) - watched):
            self._watcher.addPaths(new)

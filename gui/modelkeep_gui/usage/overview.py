"""Keeps the sidebar and the disk bar at what the table and the last look at the disks say."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from modelkeep.hub.transfer import TransferState
from modelkeep.rows import ModelRow, RootView
from modelkeep_gui.library.scopes import TRASH, Scope, count_rows
from modelkeep_gui.library.sidebar import RemoteEntry, RootEntry, Sidebar, SidebarData
from modelkeep_gui.session import Session
from modelkeep_gui.usage.disk_bar import DiskBar
from modelkeep_gui.usage.shares import DiskUsage, Grouping, Share, disk_usage, filter_for

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView

__all__ = ["Overview"]

_PAUSE = 50  # milliseconds, in which the batches of a scan come


class Overview(QObject):
    """What there is, by cache, by smart list and by share of the disk.

    Signals:
        counted: that the sidebar and the disk bar are up to date.
        term_chosen: the filter text (str) for the share of the disk that was chosen.
        grouping_changed: by what the disk bar is divided, a `Grouping`.
    """

    counted = Signal()
    term_chosen = Signal(object)
    grouping_changed = Signal(object)

    def __init__(self, session: Session, sidebar: Sidebar, disk_bar: DiskBar) -> None:
        super().__init__(disk_bar)
        self._session = session
        self._sidebar = sidebar
        self._disk_bar = disk_bar
        self._grouping: Grouping = "library"
        self._problems = 0
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._count)
        disk_bar.segment_chosen.connect(self._show_share)
        disk_bar.grouping_chosen.connect(self.group_by)
        feed = session.feed
        remotes = session.remotes
        for changed in (
            *(feed.views_changed, feed.rows_changed, feed.trash_changed, session.transfers.changed),
            *(remotes.views_changed, remotes.listed, session.trainings.changed),
        ):
            changed.connect(lambda _: self._soon.start())

    def group_by(self, grouping: Grouping) -> None:
        """Divide the disk bar by library, by cache or by owner."""
        self._grouping = grouping
        self._count()
        self.grouping_changed.emit(grouping)

    def set_problems(self, count: int) -> None:
        """Say how many problems the doctor found."""
        self._problems = count
        self._soon.start()

    def _count(self) -> None:
        rows, views = self._session.table.rows, self._session.feed.views
        counts = count_rows(rows, time.time())
        # Rows that were remembered are there before anybody looked at their roots.
        roots = [_entry(view) for view in views] or [
            RootEntry(root, Path(root).name, size) for root, size in counts.size_by_root.items()
        ]
        transfers = self._session.transfers.transfers
        self._sidebar.set_data(
            SidebarData(
                tuple(roots),
                counts,
                sum(view.trash for view in views),
                len(transfers),
                sum(one.state is TransferState.FAILED for one in transfers),
                self._problems,
                tuple(map(self._remote, self._session.remotes.views)),
                sum(one.is_active for one in self._session.trainings.trainings),
            )
        )
        names = {view.path: view.name for view in views}
        self._disk_bar.set_usage(_usage(rows, views, self._grouping), self._grouping, names)
        self.counted.emit()

    def _remote(self, view: RemoteView) -> RemoteEntry:
        listing = self._session.remotes.listing(view.name)
        follows = sum(max(1, len(one.keys)) for one in view.follows)
        problem = view.problem or (str(listing.error) if listing.error else "")
        return RemoteEntry(view.name, view.kind, view.url, listing.there, follows, problem)

    def _show_share(self, share: Share) -> None:
        if share.kind == "trash":
            self._sidebar.choose(TRASH)
        elif share.kind == "cache":
            self._sidebar.choose(Scope(root=share.name))
        elif (term := filter_for(share)) is not None:
            self.term_chosen.emit(term)


def _entry(view: RootView) -> RootEntry:
    return RootEntry(view.path, view.name, view.models_on_disk, is_here=not view.message)


def _usage(rows: Sequence[ModelRow], views: Sequence[RootView], grouping: Grouping) -> DiskUsage:
    # Two caches on one disk share its free space: each disk counts once.
    disks = {view.device: view for view in views if view.disk_total}.values()
    return disk_usage(
        rows,
        grouping,
        total=sum(view.disk_total for view in disks),
        free=sum(view.disk_free for view in disks),
        trash=sum(view.trash for view in views),
    )

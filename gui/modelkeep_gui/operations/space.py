"""Freeing up space: what goes is chosen in a dialog, goes as a job, and comes back with Undo."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from modelkeep.cache.inventory import RootState
from modelkeep.cache.policy import CachePolicy
from modelkeep.rows import ModelRow, RootView
from modelkeep.text import size_text
from modelkeep_gui.dialogs.space_text import count_text
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.operations.undo import Undo
from modelkeep_gui.session import Session
from modelkeep_gui.widgets.message_bar import Message

if TYPE_CHECKING:
    from modelkeep.cache.deletion import DeletionResult
    from modelkeep.cache.eviction import EvictionPlan
    from modelkeep_gui.dialogs.space_dialog import SpaceDialog, SpaceWish

__all__ = ["free_up", "tell_of_limits"]

_SECONDS = 30.0  # that the message about a limit stays


def free_up(session: Session, parent: QWidget, root: str = "") -> None:
    """Let the user choose what goes, from `root` or at first from the cache on the fullest disk."""
    from modelkeep_gui.dialogs.space_dialog import SpaceDialog

    dialog = SpaceDialog(session.feed.views, parent, root=root)
    _Counter(session, dialog)
    dialog.confirmed.connect(partial(_evict, session, parent))
    dialog.begin()
    dialog.open()


def tell_of_limits(session: Session, parent: QWidget) -> None:
    """Say once, when the caches have been looked at, that one of them is over the limit that was set for it."""
    _Watch(session, parent)


class _Counter(QObject):
    """Asks the work process what a dialog wants to know; what comes after the dialog is gone is not heard."""

    def __init__(self, session: Session, dialog: SpaceDialog) -> None:
        super().__init__(dialog)
        self._session = session
        self._dialog = dialog
        dialog.ranking_requested.connect(self._rank)
        dialog.plan_requested.connect(self._plan)

    def _rank(self, asked: tuple[str, CachePolicy | None]) -> None:
        self._session.runner.run(
            _tr("Look what could go"),
            "space.ranking",
            *asked,
            lane="space",
            visible=False,
            on_done=self._dialog.show_ranking,
            on_failed=self._dialog.show_error,
        )

    def _plan(self, wish: SpaceWish) -> None:
        self._session.runner.run(
            _tr("Plan what goes"),
            "space.plan",
            wish.root,
            wish.policy,
            free=wish.free,
            keep=wish.keep,
            lane="space",
            visible=False,
            on_done=self._dialog.show_plan,
            on_failed=self._dialog.show_error,
        )


class _Watch(QObject):
    """Waits for the first look at the caches."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._window = parent
        session.feed.views_changed.connect(self._look)

    def _look(self, views: Sequence[RootView]) -> None:
        rows = self._session.table.rows
        for view in views:
            policy = self._session.settings.policies.get(view.path, CachePolicy())
            if view.state == RootState.READY and (text := _over_text(view, policy, rows)):
                about = partial(free_up, self._session, self._window, view.path)
                action = _tr("Free up space…")
                self._session.told.emit(
                    Message(text, action=action, tone="warn", about=about, seconds=_SECONDS)
                )
                break  # one message at a time is shown
        self.deleteLater()


def _over_text(view: RootView, policy: CachePolicy, rows: Sequence[ModelRow]) -> str:
    """That a cache is over a limit, by what was seen of it already; "" when it is not."""
    if policy.max_size and view.models_on_disk > policy.max_size:
        over = size_text(view.models_on_disk - policy.max_size)
        return _tr("{} is {} over its limit of {}.").format(view.name, over, size_text(policy.max_size))
    if policy.expiry:
        oldest = time.time() - policy.expiry
        count = sum(row.root == view.path and not row.pinned and _last_sign(row) < oldest for row in rows)
        days = f"{round(policy.expiry / 86400):,}"
        if count:
            return _tr("In {}, {} were not used for {} days.").format(view.name, count_text(count), days)
    return ""


def _last_sign(row: ModelRow) -> float:
    stored = max((revision.modified for revision in row.revisions), default=row.modified)
    return max(row.last_used, stored)


def _evict(session: Session, parent: QWidget, plan: EvictionPlan) -> None:
    title = _title(len(plan.chosen), plan.chosen[0].key.repo_id)
    job = session.runner.run(
        _tr("Free up space: {}").format(title), "space.evict", plan, lane=plan.root, retry=False
    )
    job.succeeded.connect(partial(_tell, session, parent, job))
    job.ended.connect(lambda _: session.feed.refresh())


def _tell(session: Session, parent: QWidget, job: Job, result: DeletionResult | None) -> None:
    if result is None:
        return
    gone = [item for item in result.items if not item.error]
    bad = [item for item in result.items if item.error]
    entries = tuple((result.root, entry) for entry in result.entries)
    freed = size_text(result.freed)
    if entries:
        session.deleted.emit(Undo(entries))
    if bad:
        text = _tr("{} of {} went").format(f"{len(gone):,}", count_text(len(result.items)))
        tell_failures(session, parent, job, text, [item.error for item in bad], bad[0].hint)
        return
    title = _title(len(gone), gone[0].key.repo_id)
    if entries:
        text = _tr("Moved {} to the trash: {} are free when it is emptied.").format(title, freed)
        session.tell(text, action=_tr("Undo"), about=Undo(entries), tone="good")
    else:
        session.tell(_tr("Deleted {} for good: {} freed.").format(title, freed), tone="good")


def _title(count: int, name: str) -> str:
    return name if count == 1 else count_text(count)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

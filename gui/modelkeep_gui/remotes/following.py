"""Keeps followed models up to date while the window is open: looks when it is time, and brings what is new."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.remotes.listings import RemoteListings

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep.remote.plans import FollowPlan

__all__ = ["Following"]

_MINUTE = 60_000  # milliseconds between two looks at the clock
_GROUP = "follow"


class Following(QObject):
    """How often the window looks for what is followed of each remote, and the looking itself.

    Signals:
        followed: a `Followed` that brought something, or failed in part.
        failed: the name of a remote and the `ModelKeepError` why nothing could be looked for, as a tuple.
    """

    followed = Signal(object)
    failed = Signal(object)

    def __init__(self, runner: JobRunner, listings: RemoteListings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._listings = listings
        self._looked: dict[str, float] = {}
        self._busy: set[str] = set()
        self._clock = QTimer(self, interval=_MINUTE)
        self._clock.timeout.connect(self.look_if_due)
        listings.views_changed.connect(lambda _: self._start_or_rest())

    def minutes(self, name: str) -> int:
        """Every how many minutes the window looks; 0 for only when it is asked."""
        value = QSettings().value(f"{_GROUP}/{name}", 0)
        return int(str(value)) if str(value).isdecimal() else 0

    def set_minutes(self, name: str, minutes: int) -> None:
        """Look every so many minutes from now on."""
        QSettings().setValue(f"{_GROUP}/{name}", minutes)
        self._start_or_rest()

    def look_if_due(self) -> None:
        """Look for what is followed wherever it is time."""
        now = time.monotonic()
        for view in self._listings.views:
            every = 60 * self.minutes(view.name)
            if view.follows and every and now - self._looked.get(view.name, now - every) >= every:
                self.look(view.name)

    def look(self, name: str) -> None:
        """Look now, and bring what is new."""
        if name in self._busy:
            return
        self._busy.add(name)
        self._looked[name] = time.monotonic()
        self._runner.run(
            self.tr("See what is new on {}").format(name),
            "remotes.plan_follow",
            name,
            lane=f"follow {name}",
            visible=False,
            on_done=partial(self._bring, name),
            on_failed=partial(self._fail, name),
        )

    def stop(self) -> None:
        """Look no more."""
        self._clock.stop()

    # ---- within

    def _start_or_rest(self) -> None:
        if any(view.follows and self.minutes(view.name) for view in self._listings.views):
            if not self._clock.isActive():
                self._clock.start()
                self.look_if_due()
        else:
            self._clock.stop()

    def _bring(self, name: str, plans: Sequence[FollowPlan]) -> None:
        self._busy.discard(name)
        for plan in plans:
            if plan.todo:
                self._runner.run(
                    self.tr("Bring what is new on {}").format(name),
                    "remotes.run_follow",
                    plan,
                    lane=f"follow {name}",
                    visible=False,
                    on_done=self.followed.emit,
                    on_failed=partial(self._fail, name),
                )

    def _fail(self, name: str, error: ModelKeepError) -> None:
        self._busy.discard(name)
        self.failed.emit((name, error))

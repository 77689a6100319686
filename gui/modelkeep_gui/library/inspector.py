"""Fetches the details of what is selected, the latest selection alone."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from modelkeep.details import ModelDetails
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.view import Selected

__all__ = ["Inspector"]

_PAUSE = 40  # milliseconds; a person who holds the arrow key is not asking about each row


class Inspector(QObject):
    """Asks the work process for details of one model at a time.

    Signals:
        loaded: the `ModelDetails` that were asked for last.
        failed: the `ModelKeepError` why they are not to be had.
    """

    loaded = Signal(object)
    failed = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._wanted: Selected | None = None
        self._job: Job | None = None
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._ask)

    @property
    def wanted(self) -> Selected | None:
        """What is looked at."""
        return self._wanted

    def look_at(self, wanted: Selected | None) -> None:
        """Fetch the details of a model, or of one of its revisions."""
        self._wanted = wanted
        if wanted is None:
            self._soon.stop()
        else:
            self._soon.start()

    def look_again(self) -> None:
        """Fetch the same once more, because something about it may have changed."""
        if self._wanted is not None and not self._soon.isActive():
            self._soon.start()

    def _ask(self) -> None:
        if self._wanted is None or self._job is not None:
            return
        root, key, commit = asked = self._wanted
        self._job = self._runner.run(
            self.tr("Look at {}").format(key),
            "details",
            root,
            key,
            commit,
            lane="details",
            visible=False,
            on_done=lambda details: self._take(asked, details),
            on_failed=lambda error: self._fail(asked, error),
        )

    def _take(self, asked: Selected, details: ModelDetails) -> None:
        self._job = None
        if asked == self._wanted:
            self.loaded.emit(details)
        else:
            self._ask()

    def _fail(self, asked: Selected, error: object) -> None:
        self._job = None
        if asked == self._wanted:
            self.failed.emit(error)
        else:
            self._ask()

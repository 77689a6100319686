"""Asks before a window closes while others can fetch from it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from modelkeep_gui.session import Session
from modelkeep_gui.sharing.sharing import Sharing

__all__ = ["AsksBeforeClosing"]


class AsksBeforeClosing(QObject):
    """Watches `window`: closing it ends the sharing, and that is said first."""

    def __init__(self, session: Session, sharing: Sharing, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._sharing = sharing
        self._window = window
        self._is_agreed = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Close or watched is not self._window:
            return False
        if self._is_agreed or self._session.is_closing or not self._sharing.is_on:
            return False
        event.ignore()
        self._ask()
        return True

    def _ask(self) -> None:
        from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
        from modelkeep_gui.operations.help import what_stops

        fetching = self._sharing.fetching
        text = self.tr("Other programs cannot fetch models from here any more.")
        if fetching:
            text = self.tr("1 client is fetching a model now and is cut off.")
        if fetching > 1:
            text = self.tr("{} clients are fetching models now and are cut off.").format(f"{fetching:,}")
        running = sum(job.visible for job in self._session.runner.running())
        if running:  # else the window would ask about them in its turn
            text = f"{text}\n{what_stops(running)}"
        dialog = ConfirmDialog(
            self.tr("Sharing ends with this window"), text, self.tr("Stop sharing and close"), self._window
        )
        dialog.accepted.connect(lambda: self._close(with_jobs=bool(running)))
        dialog.open()

    def _close(self, *, with_jobs: bool) -> None:
        # A job that began meanwhile makes the window ask in its turn, and stay; then it is asked anew.
        self._session.is_closing = with_jobs
        self._is_agreed = True
        self._window.close()
        self._is_agreed = False

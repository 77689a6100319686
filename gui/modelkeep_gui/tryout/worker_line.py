"""What became of the process that has the model: in memory, leaving soon, gone."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from modelkeep.inference.outcome import WorkerView
from modelkeep.text import size_text
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.text import worker_text
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.link_button import LinkButton
from modelkeep_gui.widgets.sign import Sign

__all__ = ["WorkerLine"]

_LOOKS = 1000  # milliseconds between two, while there is a worker and somebody who sees this


class WorkerLine(QWidget):
    """Follows the worker of one model. It asks nobody while there is none.

    Signals:
        left: the worker is gone, and its memory is back.
    """

    left = Signal()

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._named = ("", "")
        self._worker: WorkerView | None = None
        self._is_asking = False
        self._is_closed = False
        self._sign = Sign()
        self._text = ElidedLabel(muted=True)
        self.unload = LinkButton(self.tr("Unload"))
        self.unload.clicked.connect(lambda _: self._unload())
        self._timer = QTimer(self, interval=_LOOKS)
        self._timer.timeout.connect(self.look)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GRID)
        line.addWidget(self._sign)
        line.addWidget(self._text)
        line.addWidget(self.unload)
        line.addStretch()
        self._say_none(self.tr("Not loaded"))

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def follow(self, root: str, key: str) -> None:
        """Look for the worker of this revision, `hf@org/name@commit`, from now on."""
        if (root, key) != self._named:
            self._named, self._worker = (root, key), None
            self._say_none(self.tr("Not loaded"))
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Ask how it is, unless that is being asked."""
        if self._is_asking or self._is_closed or not self.isVisible():
            return
        self._is_asking = True
        self._runner.run(
            self.tr("Look at what is loaded"),
            "tryouts.workers",
            lane="try-workers",
            visible=False,
            on_done=self._take,
            on_failed=lambda _: self._let_be(),
        )

    def close_line(self) -> None:
        """Ask nobody any more."""
        self._is_closed = True
        self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._worker is not None:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _take(self, workers: Sequence[WorkerView]) -> None:
        self._is_asking = False
        if self._is_closed:
            return
        before = self._worker
        self._worker = next((one for one in workers if (one.root, one.key) == self._named), None)
        if self._worker is not None:
            self._sign.show_icon("memory", "accent" if self._worker.state == "running" else "muted")
            self._text.setText(worker_text(self._worker, time.time()))
            self.unload.setVisible(self._worker.state == "idle")
            return
        self._timer.stop()
        if before is not None:
            self.left.emit()
        if before is not None and before.memory:
            self._say_none(self.tr("Not loaded. {} are free again.").format(size_text(before.memory)))
        elif before is not None:
            self._say_none(self.tr("Not loaded"))

    def _let_be(self) -> None:
        self._is_asking = False

    def _say_none(self, text: str) -> None:
        self._sign.show_icon("memory", "muted")
        self._text.setText(text)
        self.unload.hide()

    def _unload(self) -> None:
        if self._worker is None:
            return
        self._runner.run(
            self.tr("Unload"),
            "tryouts.end",
            self._worker.pid,
            lane="try-stop",
            visible=False,
            on_done=lambda _: self.look(),
        )

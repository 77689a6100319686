"""What a dialog says while there is no plan yet: how far the looking is, or why it came to nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["PlanWait"]


class PlanWait(QWidget):
    """Takes no room while there is nothing to say.

    Signals:
        again_requested: the user wants it to be looked at once more.
    """

    again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = TonedNotice()
        self.again = QPushButton(self.tr("&Look again"))
        self.again.setAutoDefault(False)
        self.again.clicked.connect(lambda _: self.again_requested.emit())
        self._line = ProgressLine()
        self._line.setAccessibleName(self.tr("Looking"))
        self._step = remark("")
        looking = QHBoxLayout()
        looking.setSpacing(3 * GRID)
        looking.addWidget(self._line)
        looking.addWidget(self._step, 1)
        failure = QHBoxLayout()
        failure.setSpacing(3 * GRID)
        failure.addWidget(self.notice, 1)
        failure.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(looking)
        layout.addLayout(failure)
        self.end()

    @property
    def is_waiting(self) -> bool:
        """Whether a plan is on its way."""
        return self._line.isVisibleTo(self)

    def begin(self, step: str) -> None:
        """A plan is on its way."""
        self.end()
        self.show_progress(Progress(step))
        for part in (self._line, self._step):
            part.show()
        self.show()

    def show_progress(self, progress: Progress) -> None:
        """Say how far it is."""
        self._line.show_share(progress.done, progress.total)
        self._step.setText(" · ".join(filter(None, (progress.step, progress.item))))

    def fail(self, error: ModelKeepError) -> None:
        """Say why there is none."""
        self.end()
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        for part in (self.notice, self.again):
            part.show()
        self.show()

    def end(self) -> None:
        """There is a plan, or nobody wants one."""
        for part in (self.notice, self.again, self._line, self._step):
            part.hide()
        self.hide()

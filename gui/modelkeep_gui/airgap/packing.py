"""The pages after the last step of the connected side: that it is being packed, and what lies where then."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.progress import Progress
from modelkeep.text import size_text
from modelkeep_gui.airgap.said_line import SaidLines
from modelkeep_gui.airgap.text import Bundled, bundle_lines
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import heading, remark
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["BundledPage", "PackingPage"]

_HIGH = 2 * GRID


class PackingPage(QWidget):
    """How far it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ProgressLine()
        self._line.setMinimumWidth(0)
        self._line.setMaximumWidth(16777215)
        self._line.setFixedHeight(_HIGH)
        self._line.setAccessibleName(self.tr("Packed so far"))
        self._step = ElidedLabel()
        self._figures = remark("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addStretch(1)
        for part in (self._step, self._line, self._figures):
            layout.addWidget(part)
        layout.addStretch(2)
        layout.addWidget(
            remark(self.tr("You can close this: packing goes on, and the list of jobs shows how far it is."))
        )

    def begin(self) -> None:
        self._line.show_share(0, 0)
        self._step.setText(self.tr("Packing…"))
        self._figures.setText("")

    def show_progress(self, progress: Progress) -> None:
        self._line.show_share(progress.done, progress.total)
        self._step.setText(" · ".join(filter(None, (progress.step, progress.item))))
        if progress.unit == "bytes" and progress.total:
            text = self.tr("{} of {}")
            self._figures.setText(text.format(size_text(progress.done), size_text(progress.total)))
        else:
            self._figures.setText("")


class BundledPage(QWidget):
    """What lies where, and what one reads out by phone so that the other side knows that it is this.

    Signals:
        folder_requested: the folder of the bundle is to be opened.
    """

    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = heading("")
        self.lines = SaidLines()
        self.spoken = SaidLines()
        self._why = remark("")
        self._failed = TonedNotice()
        self._failures = LineList(self.tr("What was not packed"))
        self._folded = Folded("", self._failures)
        self.open = QPushButton(icon("folder"), self.tr("&Open folder"))
        self.open.setAutoDefault(False)
        self.open.clicked.connect(self.folder_requested)
        button = QHBoxLayout()
        button.addWidget(self.open)
        button.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        for part in (self.title, self._failed, self._folded, self.lines):
            layout.addWidget(part)
        layout.addLayout(button)
        layout.addSpacing(2 * GRID)
        layout.addWidget(self._why)
        layout.addWidget(self.spoken)
        layout.addStretch()
        self.setFocusProxy(self.open)

    def show_bundle(self, done: Bundled) -> None:
        """Show what was packed."""
        self.title.setText(
            self.tr("The bundle is ready to be carried") if done.archives else self.tr("Nothing was packed")
        )
        self.lines.show_lines(list(bundle_lines(done)))
        key, sums = self.tr("Key"), self.tr("SHA-256")
        spoken = [(key, done.key_id)] if done.key_id else []
        if done.sums:
            spoken.append((sums, done.sums))
        self.spoken.show_lines(spoken, codes=(key, sums))
        if done.key_id:
            text = self.tr(
                "It is signed: who imports it with your public key is told so. By phone you can say which key it is, "
                "or compare the SHA-256 of SHA256SUMS in the folder."
            )
        else:
            text = self.tr(
                "It is not signed. To compare it by phone, read out the SHA-256 of SHA256SUMS in the folder: on the "
                "other side, `sha256sum SHA256SUMS` says it too."
            )
        self._why.setText(text)
        for part in (self._why, self.spoken):
            part.setVisible(bool(spoken))
        self._show_failures(done.failures)
        self.open.setEnabled(bool(done.archives))

    def _show_failures(self, failures: tuple[str, ...]) -> None:
        count = len(failures)
        self._failed.say(failures[0] if failures else "", "damaged", "bad")
        self._failed.setVisible(bool(failures))
        self._failures.set_lines([(sentence, "") for sentence in failures[1:]])
        self._folded.set_title(self.tr("and {} more").format(f"{count - 1:,}"))
        self._folded.setVisible(count > 1)

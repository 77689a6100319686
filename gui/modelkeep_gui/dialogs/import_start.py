"""The import dialog before there is a plan: where to drop archives, how to choose them, and that they are read."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.labels import heading, remark
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.sign import Sign

__all__ = ["ImportReading", "ImportStart", "centred", "paint_frame"]

_SIGN = 12 * GRID


class ImportStart(QWidget):
    """Asks for files or a folder.

    Signals:
        files_wanted, folder_wanted: a button was pressed.
    """

    files_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text = self.tr(
            "Zip and tar archives, also split or compressed ones, a clone, a folder with a model's files, a bundle."
        )
        self.files = QPushButton(icon("model"), self.tr("Choose &files…"))
        self.folder = QPushButton(icon("folder"), self.tr("Choose a f&older…"))
        self.files.clicked.connect(self.files_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        buttons.addStretch()
        for button in (self.files, self.folder):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        layout = centred(self, "import", heading(self.tr("Drop archives or folders here")), remark(text))
        layout.addSpacing(2 * GRID)
        layout.addLayout(buttons)
        layout.addStretch(3)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_frame(self, Qt.PenStyle.DashLine)


class ImportReading(QWidget):
    """Says that archives are being read, which takes long for a compressed one: all of it has to be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = remark("")
        self._figures = remark("")
        self._bar = ProgressLine()
        self._bar.show_share(0, 0)
        layout = centred(self, "import", heading(self.tr("Reading archives…")), self._name)
        layout.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        self._figures.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._figures)
        layout.addStretch(3)

    def show_progress(self, name: str, figures: str) -> None:
        """Say which archive it is, and how far that is."""
        self._name.setText(name)
        self._figures.setText(figures)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_frame(self, Qt.PenStyle.SolidLine)


def centred(page: QWidget, name: str, *labels: QLabel) -> QVBoxLayout:
    """A layout with a large sign, the icon `name`, and these beneath it."""
    sign = Sign()
    sign.setFixedSize(_SIGN, _SIGN)
    sign.show_icon(name, "muted")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(6 * GRID, 6 * GRID, 6 * GRID, 6 * GRID)
    layout.setSpacing(2 * GRID)
    layout.addStretch(2)
    layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignHCenter)
    for label in labels:
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(label)
    return layout


def paint_frame(page: QWidget, line: Qt.PenStyle) -> None:
    """Paint what can be dropped on as what it is: a framed area, dashed while it waits."""
    colours = colours_of(page.palette())
    painter = QPainter(page)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colours.strong_line), 1.5 if line == Qt.PenStyle.DashLine else 1, line))
    painter.setBrush(QColor(colours.base))
    painter.drawRoundedRect(QRectF(page.rect()).adjusted(1, 1, -1, -1), GRID, GRID)
    painter.end()

"""The first start, when there is no model yet: three large choices, each with a line of help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from modelkeep_gui.icons import paint_icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.drops import local_files

__all__ = ["BigChoice", "EmptyState"]


@dataclass(frozen=True)
class BigChoice:
    """A command offered at the first start: its action, the name of its icon, and what it does in one line."""

    action: QAction
    icon: str
    help: str


class EmptyState(QWidget):
    """What is shown in place of the table while there is nothing to list.

    Signals:
        files_dropped: list of paths (str).
    """

    files_dropped = Signal(object)

    def __init__(
        self, title: str, text: str, choices: Sequence[BigChoice], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        heading = QLabel(title)
        font = QFont(heading.font())
        font.setPointSizeF(font.pointSizeF() * 1.7)
        heading.setFont(font)
        explanation = QLabel(text)
        explanation.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        explanation.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(4 * GRID)
        buttons.addStretch()
        for choice in choices:
            buttons.addWidget(_BigButton(choice))
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 6 * GRID, 6 * GRID, 6 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addStretch(2)
        for label in (heading, explanation):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addSpacing(4 * GRID)
        layout.addLayout(buttons)
        layout.addStretch(3)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.files_dropped.emit(files)


class _BigButton(QAbstractButton):
    """A card that triggers an action, and can be used when the action can."""

    def __init__(self, choice: BigChoice) -> None:
        super().__init__()
        self._choice = choice
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(choice.action.trigger)
        choice.action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        action = self._choice.action
        self.setText(action.text())
        self.setEnabled(action.isEnabled())
        self.setAccessibleName(action.text().replace("&", ""))
        self.setAccessibleDescription(self._choice.help)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(34 * metrics.averageCharWidth(), 5 * metrics.height() + 18 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * self.fontMetrics().averageCharWidth(), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        lively = self.isEnabled() and (self.underMouse() or self.hasFocus())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.accent if lively else colours.line))
        painter.setBrush(QColor(colours.hovered if self.isDown() else colours.alternate))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 2 * GRID, 2 * GRID)
        area = self.rect().adjusted(4 * GRID, 5 * GRID, -4 * GRID, -4 * GRID)
        tone = colours.accent if self.isEnabled() else colours.disabled
        paint_icon(painter, QRect(area.left(), area.top(), area.width(), 8 * GRID), self._choice.icon, tone)
        area.setTop(area.top() + 11 * GRID)
        centred = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        title = QFont(self.font())
        title.setBold(True)
        painter.setFont(title)
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.disabled))
        painter.drawText(area, centred | int(Qt.TextFlag.TextShowMnemonic), self.text().rstrip("…."))
        area.setTop(area.top() + QFontMetrics(title).height() + GRID)
        painter.setFont(self.font())
        painter.setPen(QColor(colours.muted if self.isEnabled() else colours.disabled))
        painter.drawText(area, centred | int(Qt.TextFlag.TextWordWrap), self._choice.help)
        painter.end()

"""A line of text that is elided in the middle until one goes into it, and then can be selected and copied."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

__all__ = ["ElidedField"]

_MARGIN = 2  # a line edit's own


class ElidedField(QLineEdit):
    """A name, a path or an address: as narrow as one likes, all of it in the tooltip, all of it copied."""

    def __init__(self, text: str = "", name: str = "") -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFrame(False)
        self.setTextMargins(-_MARGIN, 0, 0, 0)  # as flush as the labels around it
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._explain)
        self.setText(text)

    def setText(self, text: str | None) -> None:
        super().setText(text)
        self.setCursorPosition(0)

    def minimumSizeHint(self) -> QSize:
        return QSize(8 * self.fontMetrics().averageCharWidth(), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus() or self._fits():
            super().paintEvent(event)
            return
        area = self.rect().adjusted(0, 0, -_MARGIN, 0)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def _fits(self) -> bool:
        return self.fontMetrics().horizontalAdvance(self.text()) <= self.width() - _MARGIN

    def _explain(self) -> None:
        self.setToolTip("" if self._fits() else self.text())

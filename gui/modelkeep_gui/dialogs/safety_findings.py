"""What a scan found, as a list: a sign, the file and the place in it, and beneath it a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from modelkeep_gui.dialogs.safety_text import Said, sign, verdict_text
from modelkeep_gui.icons import icon, paint_icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.placeholder import paint_placeholder

__all__ = ["FindingsList"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_SAID = int(Qt.ItemDataRole.UserRole)
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
_SIDE, _ABOVE = 3 * GRID, 2 * GRID  # around a finding
_SIGN = 6 * GRID  # of the sign with the space after it
_TALLEST = 2_000  # pixels; no sentence is as long


class FindingsList(QListView):
    """Shows findings in the order in which they are given, of which several can be chosen and copied."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placeholder = ""
        self._findings = _FindingsModel(self)
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setModel(self._findings)
        self.setItemDelegate(_FindingDelegate(self))
        self.copy = OwnKeys(self).add(icon("copy"), self.tr("Copy"), QKeySequence.StandardKey.Copy)
        self.copy.triggered.connect(self._copy_selected)

    @property
    def findings(self) -> list[Said]:
        """What is shown."""
        return self._findings.findings

    def set_findings(self, findings: Sequence[Said]) -> None:
        """Show these, unless they are what is shown."""
        self._findings.set_findings(findings)

    def set_placeholder(self, text: str) -> None:
        """What is written in the middle while there is nothing."""
        self._placeholder = text
        self.viewport().update()

    def _copy_selected(self) -> None:
        chosen = sorted(self.selectedIndexes(), key=lambda index: index.row())
        texts = [said.text for index in chosen if isinstance(said := index.data(_SAID), Said)]
        QGuiApplication.clipboard().setText("\n".join(texts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.scheduleDelayedItemsLayout()  # other lines, other heights

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._placeholder and not self._findings.rowCount():
            paint_placeholder(self, self._placeholder)


class _FindingsModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.findings: list[Said] = []

    def set_findings(self, findings: Sequence[Said]) -> None:
        if list(findings) != self.findings:
            self.beginResetModel()
            self.findings = list(findings)
            self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.findings)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        said = self.findings[index.row()]
        if role == _SAID:
            return said
        if role == _DISPLAY:  # what a screen reader says
            return said.text
        if role == _TOOLTIP:
            return "\n".join((said.place, verdict_text(said.verdict), said.sentence))
        return None


class _FindingDelegate(QStyledItemDelegate):
    """Paints a finding: its sign and verdict, the file with the place in it, and beneath it the sentence."""

    def __init__(self, view: FindingsList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        # Not of the option, which Qt does not tell how wide the view is.
        width = self._view.viewport().width() - 2 * _SIDE - _SIGN
        said: Said = index.data(_SAID)
        line = option.fontMetrics.height()
        sentence = _height(said.sentence, max(20 * GRID, width), option.font)
        return QSize(0, line + GRID + sentence + 2 * _ABOVE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        said: Said = index.data(_SAID)
        colours, metrics = colours_of(option.palette), option.fontMetrics
        area = option.rect.adjusted(_SIDE, _ABOVE, -_SIDE, -_ABOVE)
        name, tone = sign(said.verdict)
        painter.save()
        painter.setFont(option.font)
        place = QRect(area.left(), area.top(), 4 * GRID, metrics.height())
        paint_icon(painter, place, name, getattr(colours, tone))
        area.setLeft(area.left() + _SIGN)
        upper = QRect(area.left(), area.top(), area.width(), metrics.height())
        word = verdict_text(said.verdict)
        painter.setPen(QColor(getattr(colours, tone)))
        painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
        upper.setRight(upper.right() - metrics.horizontalAdvance(word) - 3 * GRID)
        painter.setPen(QColor(colours.text))
        shown = metrics.elidedText(said.place, Qt.TextElideMode.ElideMiddle, upper.width())
        painter.drawText(upper, _LEFT, shown)
        lower = area.adjusted(0, metrics.height() + GRID, 0, 0)
        painter.setPen(QColor(colours.muted))
        painter.drawText(lower, _WRAPPED, said.sentence)
        painter.restore()


@lru_cache(maxsize=4096)
def _height_of(sentence: str, width: int, font: str) -> int:
    described = QFont()
    described.fromString(font)
    return QFontMetrics(described).boundingRect(0, 0, width, _TALLEST, _WRAPPED, sentence).height()


def _height(sentence: str, width: int, font: QFont) -> int:
    """How high a sentence is when it is broken to a width. Most of many findings say the same."""
    return _height_of(sentence, width, font.toString())

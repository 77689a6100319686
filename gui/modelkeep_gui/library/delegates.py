"""How two cells of the library table are painted: the name, and the state with its sign.

All other columns are left to Qt, which paints them without calling Python.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from modelkeep.rows import ModelRow, RevisionRow
from modelkeep_gui.icons import paint_icon
from modelkeep_gui.library.columns import state_sign, state_text
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.theme import GRID, Colours, colours_of
from modelkeep_gui.widgets.cell_panel import paint_panel
from modelkeep_gui.widgets.chips import paint_chip

__all__ = ["NameDelegate", "StateDelegate"]

_ICON = 16
_LEAST_OWNER = 32  # pixels: a few letters of it
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle
_MARGIN = 3  # where Qt begins the text of the other cells

_Index = QModelIndex | QPersistentModelIndex


class NameDelegate(QStyledItemDelegate):
    """Paints the icon that is named as the repository's type, `org/` quietly and the name strongly.

    Of a revision it paints the refs as chips and the commit beside them.
    """

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        # All rows are as high as the first; a finger's breadth would be too sparse for a table of 5,000.
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 3 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        paint_panel(painter, option)
        model = cast(LibraryTableModel, index.model())
        colours = colours_of(option.palette)
        area = option.rect.adjusted(GRID // 2, 0, -2 * GRID, 0)
        painter.save()
        painter.setFont(option.font)
        if revision := model.revision_at(index):
            _paint_revision(painter, area, revision, option.fontMetrics, colours)
        elif row := model.row_at(index):
            _paint_model(painter, area, row, model.is_newer_elsewhere(row), option.fontMetrics, colours)
        painter.restore()


class StateDelegate(QStyledItemDelegate):
    """Paints the sign of a state in its colour, and its word: quietly when all is well."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = cast(LibraryTableModel, index.model())
        row = model.revision_at(index) or model.row_at(index)
        if row is None:
            return
        paint_panel(painter, option)
        colours, sign = colours_of(option.palette), state_sign(row)
        tone = getattr(colours, sign.tone)
        area = option.rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        paint_icon(painter, QRect(area.x(), area.y(), 14, area.height()), sign.icon, tone)
        area.setLeft(area.left() + 14 + GRID)
        text = option.fontMetrics.elidedText(state_text(row), _MIDDLE, area.width())
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(tone if sign.is_trouble else colours.muted))
        painter.drawText(area, _LEFT, text)
        painter.restore()


def _paint_model(
    painter: QPainter, area: QRect, row: ModelRow, is_newer: bool, metrics: QFontMetrics, colours: Colours
) -> None:
    paint_icon(painter, QRect(area.x(), area.y(), _ICON, area.height()), row.repo_type, colours.muted)
    area.setLeft(area.left() + _ICON + 2 * GRID - 2)
    for is_marked, mark in ((row.pinned, "pin"), (is_newer, "update")):
        if is_marked:
            paint_icon(painter, QRect(area.right() - 13, area.y(), 14, area.height()), mark, colours.accent)
            area.setRight(area.right() - _ICON - GRID)
    owner, name = _fitted(row.repo_id, area.width(), metrics)
    if owner:
        painter.setPen(QColor(colours.muted))
        painter.drawText(area, _LEFT, owner)
        area.setLeft(area.left() + metrics.horizontalAdvance(owner))
    painter.setPen(QColor(colours.text))
    painter.drawText(area, _LEFT, name)


def _fitted(repo_id: str, width: int, metrics: QFontMetrics) -> tuple[str, str]:
    """`org/` and the name, shortened to `width` pixels: first the owner, for the name says more."""
    owner, slash, name = repo_id.rpartition("/")
    if metrics.horizontalAdvance(repo_id) <= width:
        return owner + slash, name
    left = width - metrics.horizontalAdvance(slash + name)
    if slash and left >= _LEAST_OWNER:
        return metrics.elidedText(owner, Qt.TextElideMode.ElideRight, left) + slash, name
    return "", metrics.elidedText(repo_id, _MIDDLE, width)


def _paint_revision(
    painter: QPainter, area: QRect, revision: RevisionRow, metrics: QFontMetrics, colours: Colours
) -> None:
    for ref in revision.refs:
        if area.width() < 8 * GRID:
            break
        area = paint_chip(painter, area, ref.removeprefix("refs/"), metrics, colours)
    painter.setPen(QColor(colours.muted))
    painter.drawText(area, _LEFT, metrics.elidedText(revision.commit[:7], _MIDDLE, area.width()))

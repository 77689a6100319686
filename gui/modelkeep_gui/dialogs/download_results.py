"""The models that a search found, two lines each; more of them come as one scrolls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from modelkeep.hub.replies import HubModel
from modelkeep.text import count_text
from modelkeep_gui.dialogs.download_text import ago_text, gated_text, parameters_text, updated_text
from modelkeep_gui.icons import paint_icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.cell_panel import paint_panel
from modelkeep_gui.widgets.placeholder import paint_placeholder

__all__ = ["ResultList", "ResultRows"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle
_ICON = 14
_LEAST_OWNER = 32  # pixels: a few letters of it; with less room the name alone says more

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class ResultRows(QAbstractListModel):
    """The models found so far.

    Signals:
        more_wanted: the place of the next page (str), once for each.
    """

    more_wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models: list[HubModel] = []
        self.here: Collection[str] = ()
        self._next = ""
        self._asked = ""

    @property
    def here_text(self) -> str:
        """What is said of a model that a cache has."""
        return self.tr("here")

    def replace(self, models: Sequence[HubModel], next: str) -> None:
        """Show the first page of a search."""
        self.beginResetModel()
        self.models = list(models)
        self._next, self._asked = next, ""
        self.endResetModel()

    def append(self, models: Sequence[HubModel], next: str) -> None:
        """Show one more page."""
        # A hub that changed meanwhile lists a model twice.
        known = {model.repo_id for model in self.models}
        new = [model for model in models if model.repo_id not in known]
        self._next = next
        if new:
            first = len(self.models)
            self.beginInsertRows(_NOWHERE, first, first + len(new) - 1)
            self.models += new
            self.endInsertRows()

    def stop(self) -> None:
        """There is no more to come."""
        self._next = ""

    def set_here(self, here: Collection[str]) -> None:
        """Mark the models of these names as being in a cache."""
        self.here = here
        if self.models:
            self.dataChanged.emit(self.index(0), self.index(len(self.models) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.models)

    def canFetchMore(self, parent: _Index) -> bool:
        return bool(self._next) and self._next != self._asked

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._asked = self._next
            self.more_wanted.emit(self._next)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        model = self.models[index.row()]
        if role == _DISPLAY:
            return model.repo_id
        if role == _TOOLTIP:
            return "\n".join(filter(None, (model.repo_id, *self._words(model))))
        if role == _ACCESSIBLE:
            return ", ".join(filter(None, (model.repo_id, *self._words(model))))
        return None

    def _words(self, model: HubModel) -> tuple[str, ...]:
        updated = ago_text(model.last_modified)
        parameters = parameters_text(model)
        return (
            model.task,
            self.tr("{} parameters").format(parameters) if parameters else "",
            self.tr("{} downloads").format(f"{model.downloads:,}"),
            self.tr("{} likes").format(f"{model.likes:,}"),
            self.tr("updated {}").format(updated) if updated else "",
            gated_text(model),
            self.tr("in a cache here") if model.repo_id in self.here else "",
        )


class ResultList(QListView):
    """The list, in which one is chosen.

    Signals:
        chosen: the `HubModel` that is current now.
        opened: None; Enter was pressed, to go on to what is known of it.
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ResultRows(self)
        self._placeholder = ""
        self.setAccessibleName(self.tr("Models found"))
        self.setUniformItemSizes(True)
        self.setMinimumWidth(64 * GRID)
        self.setAlternatingRowColors(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(self.rows)
        self.setItemDelegate(_ResultDelegate(self))
        self.selectionModel().currentChanged.connect(lambda index, _: self._tell(index))

    @property
    def current(self) -> HubModel | None:
        index = self.currentIndex()
        return self.rows.models[index.row()] if index.isValid() else None

    def choose(self, repo_id: str) -> bool:
        """Choose the model of that name; false when it is not in the list."""
        for row, model in enumerate(self.rows.models):
            if model.repo_id.casefold() == repo_id.casefold():
                self.setCurrentIndex(self.rows.index(row))
                return True
        return False

    def enter(self) -> None:
        """Go into the list, to what is chosen or to the first."""
        if self.rows.models:
            # Before the focus comes, which makes the first current without choosing it.
            if not self.currentIndex().isValid():
                self.setCurrentIndex(self.rows.index(0))
            self.setFocus()

    def set_placeholder(self, text: str) -> None:
        """What is written in the middle while there is no row."""
        self._placeholder = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    @property
    def placeholder(self) -> str:
        return self._placeholder

    def _tell(self, index: _Index) -> None:
        if index.isValid():
            self.chosen.emit(self.rows.models[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(None)  # and not the dialog's default button
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._placeholder and not self.rows.models:
            paint_placeholder(self, self._placeholder)


class _ResultDelegate(QStyledItemDelegate):
    """Paints the name with its marks, and beneath it what it is for and how well known."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60 * GRID, 2 * option.fontMetrics.height() + 4 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rows = index.model()
        assert isinstance(rows, ResultRows)
        model = rows.models[index.row()]
        colours, metrics = colours_of(option.palette), option.fontMetrics
        painter.save()
        if index.row() % 2:
            painter.fillRect(option.rect, QColor(colours.alternate))
        paint_panel(painter, option)
        painter.setFont(option.font)
        area = option.rect.adjusted(2 * GRID, 2 * GRID - 1, -2 * GRID, 0)
        area.setHeight(metrics.height())
        marks = [("done", colours.good)] if model.repo_id in rows.here else []
        marks += [("lock", colours.warn)] if model.gated else []
        marks += [("eye-off", colours.muted)] if model.private else []
        name = area.adjusted(0, 0, 0, 0)
        for mark, colour in marks:
            place = name.adjusted(name.width() - _ICON, 0, 0, 0)
            paint_icon(painter, place, mark, colour)
            name.setRight(name.right() - _ICON - GRID)
            if mark == "done":
                word = rows.here_text
                painter.setPen(QColor(colours.good))
                painter.drawText(name, _RIGHT, word)
                name.setRight(name.right() - metrics.horizontalAdvance(word) - 2 * GRID)
        owner, slash, own = model.repo_id.rpartition("/")
        wide = metrics.horizontalAdvance(slash + own)
        if owner and name.width() - wide >= _LEAST_OWNER:
            shown = metrics.elidedText(owner, _MIDDLE, name.width() - wide) + slash
            painter.setPen(QColor(colours.muted))
            painter.drawText(name, _LEFT, shown)
            name.setLeft(name.left() + metrics.horizontalAdvance(shown))
        painter.setPen(QColor(colours.text))
        painter.drawText(name, _LEFT, metrics.elidedText(own, _MIDDLE, name.width()))
        area.translate(0, metrics.height() + 2)
        painter.setPen(QColor(colours.muted))
        # Hubs of one's own count neither downloads nor likes: a 0 would say that nobody wants it.
        counts = [
            (name, number) for name, number in (("like", model.likes), ("down", model.downloads)) if number
        ]
        figures = [("", updated_text(model.last_modified))] + [
            (n, count_text(number)) for n, number in counts
        ]
        for icon, text in figures:
            painter.drawText(area, _RIGHT, text)
            area.setRight(area.right() - max(metrics.horizontalAdvance(text), 7 * GRID) - GRID // 2)
            if icon:
                paint_icon(painter, area.adjusted(area.width() - _ICON, 0, 0, 0), icon, colours.muted)
                area.setRight(area.right() - _ICON)
            area.setRight(area.right() - 2 * GRID)
        line = " · ".join(filter(None, (parameters_text(model), model.task)))
        painter.drawText(area, _LEFT, metrics.elidedText(line, Qt.TextElideMode.ElideRight, area.width()))
        painter.restore()

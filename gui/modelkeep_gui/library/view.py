"""The library table on the screen."""

from __future__ import annotations

from typing import NamedTuple, cast

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSettings,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from modelkeep_gui.library.columns import NAME, STATE
from modelkeep_gui.library.delegates import NameDelegate, StateDelegate
from modelkeep_gui.library.layout import ColumnLayout
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.drops import local_files

__all__ = ["LibraryView", "Selected"]


class Selected(NamedTuple):
    """A selected line: a model, or its revision `commit`."""

    root: str
    key: str
    commit: str | None


class LibraryView(QTreeView):
    """A table of models with their revisions beneath, which keeps its place while the rows change.

    Signals:
        selection_changed: list of `Selected`, in the order of the table.
        opened: the `Selected` that was double-clicked or entered.
        space_pressed, delete_pressed: list of `Selected`.
        menu_requested: where on the screen (QPoint) a context menu for the selection belongs.
        files_dropped: list of paths (str).
    """

    selection_changed = Signal(object)
    opened = Signal(object)
    space_pressed = Signal(object)
    delete_pressed = Signal(object)
    menu_requested = Signal(object)
    files_dropped = Signal(object)

    def __init__(self, model: LibraryTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selected: list[Selected] = []
        self._expanded: set[tuple[str, str]] = set()
        self._anchor = (QPersistentModelIndex(), 0)
        self._placeholder = ""
        self._has_drag_over = False
        self.setAccessibleName(self.tr("Models"))
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # of a path both ends say something
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAcceptDrops(True)
        self.setIndentation(5 * GRID)
        self.setModel(model)
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        if model.columns[STATE].id == "state":
            self.setItemDelegateForColumn(STATE, StateDelegate(self))
        self.columns = ColumnLayout(self, model.columns)
        self._connect(model)

    def _connect(self, model: LibraryTableModel) -> None:
        model.layoutAboutToBeChanged.connect(self._note_anchor)
        model.layoutChanged.connect(self._restore_place)
        # Two caches may have the same model, and its lines would look alike.
        model.layoutChanged.connect(lambda *_: self.columns.suggest("cache", len(model.roots) > 1))
        self.expanded.connect(self._remember_expanded)
        self.collapsed.connect(self._forget_expanded)
        self.doubleClicked.connect(self._open)

    # What the window asks and tells -----------------------------------------------------------------------------

    @property
    def selected(self) -> list[Selected]:
        """What is selected, in the order of the table."""
        places = set()
        for area in self.selectionModel().selection().toList():
            above = area.parent().row()
            for row in range(area.top(), area.bottom() + 1):
                places.add((row, -1) if above < 0 else (above, row))
        found = []
        for row, below in sorted(places):
            index = self._table.index(row, 0)
            found.append(self._selected_at(self._table.index(below, 0, index) if below >= 0 else index))
        return found

    def select(self, wanted: list[Selected]) -> None:
        """Select these lines, as far as they are shown, and bring the first into view."""
        indexes = [index for line in wanted if (index := self._table.index_of(*line)).isValid()]
        selection = QItemSelection()
        for index in indexes:
            selection.select(index, index)
        flag = QItemSelectionModel.SelectionFlag
        if indexes:
            self.selectionModel().setCurrentIndex(indexes[0], flag.NoUpdate)
            self.scrollTo(indexes[0])
        self.selectionModel().select(selection, flag.ClearAndSelect | flag.Rows)

    def select_first(self) -> None:
        """Select the line at the top, if there is one."""
        if (first := self._table.index(0, 0)).isValid():
            flag = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(first, flag.ClearAndSelect | flag.Rows)

    def set_placeholder(self, text: str) -> None:
        """What is written in the middle while no row is shown, such as why."""
        self._placeholder = text
        self.viewport().update()

    def save_layout(self, settings: QSettings) -> None:
        """Keep which columns are shown, where, how wide, and the order of the rows."""
        self.columns.save(settings)

    def restore_layout(self, settings: QSettings) -> None:
        """Show the columns as `save_layout` kept them; what it does not know stays as it is."""
        self.columns.restore(settings)

    # The place: selection, what is expanded, what is at the top --------------------------------------------------

    @property
    def _table(self) -> LibraryTableModel:
        return cast(LibraryTableModel, self.model())

    def _selected_at(self, index: QModelIndex) -> Selected:
        row, revision = self._table.row_at(index), self._table.revision_at(index)
        assert row is not None
        return Selected(row.root, row.key, revision.commit if revision else None)

    def _tell_selection(self) -> None:
        selected = self.selected
        if selected != self._selected:
            self._selected = selected
            self.selection_changed.emit(selected)

    def _note_anchor(self) -> None:
        top = self.indexAt(QPoint(0, 0))
        # At the very top one wants to see what is first, not what was.
        if self._table.is_sorting or not top.isValid() or not self.verticalScrollBar().value():
            top = QModelIndex()
        self._anchor = (QPersistentModelIndex(top), self.visualRect(top).top() if top.isValid() else 0)

    def _restore_place(self) -> None:
        for root, key in self._expanded:
            index = self._table.index_of(root, key)
            if index.isValid() and not self.isExpanded(index):
                self.setExpanded(index, True)
        anchor, top = self._anchor
        if anchor.isValid():
            bar = self.verticalScrollBar()
            self.executeDelayedItemsLayout()
            bar.setValue(bar.value() + self.visualRect(anchor).top() - top)
        # A row that went takes its selection with it, and Qt does not say so.
        self._tell_selection()

    def _remember_expanded(self, index: QModelIndex) -> None:
        if row := self._table.row_at(index):
            self._expanded.add((row.root, row.key))

    def _forget_expanded(self, index: QModelIndex) -> None:
        if row := self._table.row_at(index):
            self._expanded.discard((row.root, row.key))

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self._selected_at(index))

    # QTreeView --------------------------------------------------------------------------------------------------

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._tell_selection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if plain:
                self._open(self.currentIndex())
            case Qt.Key.Key_Space if plain:
                self.space_pressed.emit(self.selected)
            case Qt.Key.Key_Delete if plain:
                self.delete_pressed.emit(self.selected)
            case _:
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_requested.emit(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._has_drag_over or (self._placeholder and not self._table.rowCount()):
            self._paint_over()

    def _paint_over(self) -> None:
        colours = colours_of(self.palette())
        area = self.viewport().rect()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._has_drag_over:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRoundedRect(area.adjusted(3, 3, -3, -3), 2 * GRID, 2 * GRID)
        else:
            painter.setPen(QColor(colours.muted))
            wide = area.adjusted(6 * GRID, 0, -6 * GRID, 0)
            painter.drawText(
                wide, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._placeholder
            )
        painter.end()

    # Files dropped from elsewhere ---------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            self._show_drag(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_drag(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_drag(False)
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.files_dropped.emit(files)

    def _show_drag(self, is_over: bool) -> None:
        self._has_drag_over = is_over
        self.viewport().update()

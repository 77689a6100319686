"""Which columns of the library table are shown, where and how wide: the header's menu, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, QPoint, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTreeView

from modelkeep_gui.library.columns import NAME, Column
from modelkeep_gui.theme import GRID

__all__ = ["ColumnLayout"]

_COLUMNS, _SORT, _NAME_FITS = "library/columns", "library/sort", "library/name_fits"
_NAME_LEAST = 200
_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class ColumnLayout(QObject):
    """The columns of `view`. The name takes what the others leave, until its width is changed by hand.

    What is remembered goes by the names of columns, so it survives versions with more columns or fewer.
    """

    def __init__(self, view: QTreeView, columns: Sequence[Column]) -> None:
        super().__init__(view)
        self._view = view
        self._columns = columns
        self._name_fits = True
        self._is_ours = False
        self._header = view.header()
        self._header.setStretchLastSection(False)
        self._header.setSectionsMovable(True)
        self._header.setHighlightSections(False)
        self._header.setMinimumSectionSize(10 * GRID)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.customContextMenuRequested.connect(self._open_menu)
        self._header.sectionResized.connect(self._resized)
        view.setSortingEnabled(True)
        self.reset()

    def reset(self) -> None:
        """Show the columns as they are in the beginning, the rows by name."""
        self._place([(number, 0 if column.shown else -1) for number, column in enumerate(self._columns)])
        self._view.sortByColumn(NAME, _UP)
        self._name_fits = True
        self.fit()

    def show_column(self, number: int, shown: bool) -> None:
        """Show or hide a column."""
        self._header.setSectionHidden(number, not shown)
        self.fit()

    def fill(self, menu: QMenu) -> None:
        """Make `menu` the one that shows and hides columns: for the header and for the window's own menu."""
        menu.clear()
        for number, column in enumerate(self._columns):
            if column.hideable:
                action = QAction(column.title, menu)
                action.setCheckable(True)
                action.setChecked(not self._header.isSectionHidden(number))
                action.toggled.connect(lambda shown, number=number: self.show_column(number, shown))
                menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self.tr("Reset columns")).triggered.connect(self.reset)

    def fit(self) -> None:
        """Give the name what the other columns leave of the width."""
        if not self._name_fits:
            return
        others = sum(
            self._header.sectionSize(number) for number in range(len(self._columns)) if number != NAME
        )
        with self._by_us():
            width = self._view.viewport().width() - others - 2 * GRID
            self._header.resizeSection(NAME, max(_NAME_LEAST, width))

    def save(self, settings: QSettings) -> None:
        """Write the layout down: an entry `id:width` for each column, in the order of the table, -1 if hidden."""
        numbers = sorted(range(len(self._columns)), key=self._header.visualIndex)
        settings.setValue(
            _COLUMNS, [f"{self._columns[number].id}:{self._width(number)}" for number in numbers]
        )
        direction = "down" if self._header.sortIndicatorOrder() == _DOWN else "up"
        settings.setValue(_SORT, f"{self._columns[self._header.sortIndicatorSection()].id}:{direction}")
        settings.setValue(_NAME_FITS, "yes" if self._name_fits else "no")

    def restore(self, settings: QSettings) -> None:
        """Bring back what `save` wrote; entries that are missing or make no sense change nothing."""
        by_id = {column.id: number for number, column in enumerate(self._columns)}
        written = settings.value(_COLUMNS)
        places = []
        for entry in written if isinstance(written, list) else ():
            id, _, width = str(entry).partition(":")
            if id in by_id and width.removeprefix("-").isdecimal():
                places.append((by_id.pop(id), int(width)))
        self._place(places)
        id, _, direction = str(settings.value(_SORT, "")).partition(":")
        for number, column in enumerate(self._columns):
            if column.id == id:
                self._view.sortByColumn(number, _DOWN if direction == "down" else _UP)
        self._name_fits = settings.value(_NAME_FITS) != "no"
        self.fit()

    def _place(self, places: list[tuple[int, int]]) -> None:
        """Columns from the left, each with its width: 0 for the usual one, -1 to hide it."""
        character = self._view.fontMetrics().averageCharWidth()
        with self._by_us():
            for place, (number, width) in enumerate(places):
                self._header.moveSection(self._header.visualIndex(number), place)
                hidden = width < 0 and self._columns[number].hideable
                if not hidden:
                    usual = self._columns[number].width * character + 4 * GRID
                    self._header.resizeSection(number, min(width, 4000) if width > 0 else usual)
                self._header.setSectionHidden(number, hidden)

    def _width(self, number: int) -> int:
        return -1 if self._header.isSectionHidden(number) else self._header.sectionSize(number)

    def _resized(self, number: int, before: int, after: int) -> None:
        if self._is_ours:
            return
        if number == NAME:
            self._name_fits = False
        self.fit()

    @contextmanager
    def _by_us(self) -> Iterator[None]:
        """Within, a new width is not a wish of the user."""
        self._is_ours = True
        yield
        self._is_ours = False

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu)
        menu.popup(self._header.mapToGlobal(place))

"""Which columns of the library table are shown, where and how wide: the header's menu, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, QPoint, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTreeView

from modelkeep_gui.library.columns import LEFT, NAME, STATE, Column
from modelkeep_gui.theme import GRID

__all__ = ["ColumnLayout"]

_COLUMNS, _SORT, _NAME_FITS = "library/columns", "library/sort", "library/name_fits"
_CHOSEN = "library/chosen_columns"
_NAME_LEAST = 200
_TRIES = 3  # to share the width out: columns that fit make a scroll bar go, and so more room
_NARROWEST = 0.45  # of their usual width that columns of words have where the table is narrow
_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class ColumnLayout(QObject):
    """The columns of `view`. The name takes what the others leave, until its width is changed by hand; before it
    becomes too narrow, columns of words do, unless they have a width of the user's.

    What is remembered goes by the names of columns, so it survives versions with more columns or fewer.
    """

    def __init__(self, view: QTreeView, columns: Sequence[Column]) -> None:
        super().__init__(view)
        self._view = view
        self._columns = columns
        self._name_fits = True
        self._is_ours = False
        self._sized: set[int] = set()  # whose width the user chose
        self._chosen: set[int] = set()  # which the user chose to see or not to see
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
        self._sized.clear()
        self._chosen.clear()
        self._place([(number, 0 if column.shown else -1) for number, column in enumerate(self._columns)])
        self._view.sortByColumn(NAME, _UP)
        self._name_fits = True
        self.fit()

    def show_column(self, number: int, shown: bool) -> None:
        """Show or hide a column, as the user wants it."""
        self._chosen.add(number)
        self._show(number, shown)

    def suggest(self, id: str, shown: bool) -> None:
        """Show a column while it is of use, unless the user said what is to become of it."""
        for number, column in enumerate(self._columns):
            is_theirs = column.id != id or number in self._chosen
            if not is_theirs and self._header.isSectionHidden(number) == shown:
                self._show(number, shown)

    def _show(self, number: int, shown: bool) -> None:
        with self._by_us():
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
        # While a section is being hidden, it is neither shown nor hidden, and a size would stay with it.
        if not self._name_fits or self._is_ours:
            return
        for _ in range(_TRIES):
            width = self._view.viewport().width()
            self._share_out(width)
            if self._view.viewport().width() == width:
                break

    def _share_out(self, width: int) -> None:
        words = {
            number: self._usual_width(number)
            for number, column in enumerate(self._columns)
            if column.alignment == LEFT and number not in (NAME, STATE, *self._sized)
            if not self._header.isSectionHidden(number)
        }
        others = sum(
            self._header.sectionSize(number)
            for number in range(len(self._columns))
            if number != NAME and number not in words
        )
        room = width - others - 2 * GRID
        wanted = sum(words.values())
        share = min(1.0, max(_NARROWEST, (room - _NAME_LEAST) / wanted)) if wanted else 1.0
        with self._by_us():
            for number, usual in words.items():
                self._header.resizeSection(number, int(usual * share))
                room -= self._header.sectionSize(number)
            self._header.resizeSection(NAME, max(_NAME_LEAST, room))

    def save(self, settings: QSettings) -> None:
        """Write the layout down: an entry `id:width` for each column, in the order of the table, -1 if hidden."""
        numbers = sorted(range(len(self._columns)), key=self._header.visualIndex)
        settings.setValue(
            _COLUMNS, [f"{self._columns[number].id}:{self._width(number)}" for number in numbers]
        )
        direction = "down" if self._header.sortIndicatorOrder() == _DOWN else "up"
        settings.setValue(_SORT, f"{self._columns[self._header.sortIndicatorSection()].id}:{direction}")
        settings.setValue(_NAME_FITS, "yes" if self._name_fits else "no")
        settings.setValue(_CHOSEN, [self._columns[number].id for number in sorted(self._chosen)])

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
        chosen = settings.value(_CHOSEN)
        ids = {str(id) for id in chosen} if isinstance(chosen, list) else {chosen}
        self._chosen = {number for number, column in enumerate(self._columns) if column.id in ids}
        id, _, direction = str(settings.value(_SORT, "")).partition(":")
        for number, column in enumerate(self._columns):
            if column.id == id:
                self._view.sortByColumn(number, _DOWN if direction == "down" else _UP)
        self._name_fits = settings.value(_NAME_FITS) != "no"
        self.fit()

    def _place(self, places: list[tuple[int, int]]) -> None:
        """Columns from the left, each with its width: 0 for the usual one, -1 to hide it."""
        with self._by_us():
            for place, (number, width) in enumerate(places):
                self._header.moveSection(self._header.visualIndex(number), place)
                hidden = width < 0 and self._columns[number].hideable
                if not hidden:
                    usual = self._usual_width(number)
                    self._header.resizeSection(number, min(width, 4000) if width > 0 else usual)
                    if width > 0 and width != usual:
                        self._sized.add(number)
                self._header.setSectionHidden(number, hidden)

    def _usual_width(self, number: int) -> int:
        return self._columns[number].width * self._view.fontMetrics().averageCharWidth() + 4 * GRID

    def _width(self, number: int) -> int:
        """A width as `_place` takes it."""
        if self._header.isSectionHidden(number):
            return -1
        is_own = number in self._sized or (number == NAME and not self._name_fits)
        return self._header.sectionSize(number) if is_own else 0

    def _resized(self, number: int, before: int, after: int) -> None:
        if self._is_ours:
            return
        if number == NAME:
            self._name_fits = False
        else:
            self._sized.add(number)
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

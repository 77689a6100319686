"""The map as a list of another kind: one selects in it and walks through it, with the mouse or the keyboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from modelkeep.rows import ModelRow
from modelkeep_gui.library.view import Selected
from modelkeep_gui.usage.map_canvas import RING, MapCanvas
from modelkeep_gui.usage.map_text import describe
from modelkeep_gui.usage.tiles import Area, Direction, Tile
from modelkeep_gui.widgets.drops import local_files

__all__ = ["Treemap"]

_DIRECTIONS: dict[int, Direction] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_NO_KEYS = Qt.KeyboardModifier.NoModifier


class Treemap(MapCanvas):
    """A map in which one selects.

    A click or the space bar selects a tile: with Shift beside what is selected, with Ctrl too, or no longer. The
    arrows go to the nearest tile, Enter selects and opens it.

    Signals:
        selection_changed: list of `Selected`, when the user selected something.
        opened: the `Selected` that was double-clicked or entered.
        area_chosen: "on_disk" or "frees", from the context menu.
        menu_requested: where on the screen (QPoint) a context menu for the selection belongs.
        files_dropped: list of paths (str).
    """

    selection_changed = Signal(object)
    opened = Signal(object)
    area_chosen = Signal(object)
    menu_requested = Signal(object)
    files_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selected: list[Selected] = []
        self._current: tuple[str, str] | None = None
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Map of the models"))
        self.laid_out.connect(self._describe_current)

    # What the window asks and tells -----------------------------------------------------------------------------

    @property
    def selected(self) -> list[Selected]:
        """What is selected, whether it has a tile or not."""
        return self._selected.copy()

    def select(self, selected: Sequence[Selected]) -> None:
        """Outline what is selected: a model also for one of its revisions. Nothing is emitted."""
        names = [_name(line) for line in selected]
        if names and self._current not in names:
            self._current = names[0]
        self._selected = list(selected)
        self.update()
        self._describe_current()

    @property
    def current(self) -> Tile | None:
        """The tile that the keyboard is at."""
        number = self._current_number()
        return None if number is None else self.tiles.tiles[number]

    def fill(self, menu: QMenu) -> None:
        """Add the choices of what the areas show to `menu`."""
        group = QActionGroup(menu)
        names: dict[Area, str] = {
            "on_disk": self.tr("Areas show the si&ze on disk"),
            "frees": self.tr("Areas show what deleting &frees"),
        }
        for area, name in names.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(area == self._area)
            action.triggered.connect(lambda _, area=area: self._choose_area(area))
            group.addAction(action)

    # Selecting --------------------------------------------------------------------------------------------------

    def _choose(self, number: int, keys: Qt.KeyboardModifier = _NO_KEYS) -> None:
        """Select a tile, as the user does who holds `keys`."""
        chosen = _lines(self.tiles.tiles[number].rows)
        names = set(map(_name, chosen))
        others = [line for line in self._selected if _name(line) not in names]
        if not keys & (_CONTROL | _SHIFT):
            wanted = chosen
        elif not names <= set(map(_name, self._selected)):
            wanted = others + chosen
        else:
            wanted = others if keys & _CONTROL else self._selected
        self._go_to(number)
        self._select_by_hand(wanted)

    def _select_by_hand(self, wanted: list[Selected]) -> None:
        if wanted != self._selected:
            self.update_tiles(self._numbers_of(self._selected) ^ self._numbers_of(wanted))
            self._selected = wanted
            self._describe_current()
            self.selection_changed.emit(wanted.copy())

    def _go_to(self, number: int) -> None:
        before = self._current_number()
        self._current = _name(_lines(self.tiles.tiles[number].rows)[0])
        self.update_tiles({number} if before is None else {number, before})
        self._describe_current()

    def _open(self, number: int) -> None:
        self.opened.emit(_lines(self.tiles.tiles[number].rows)[0])

    def _choose_area(self, area: Area) -> None:
        if area != self._area:
            self.set_area(area)
            self.area_chosen.emit(area)

    def _numbers_of(self, selected: Iterable[Selected]) -> set[int]:
        """The tiles of models, as far as they have one."""
        numbers = self.tiles.numbers
        return {numbers[name] for name in map(_name, selected) if name in numbers}

    def _current_number(self) -> int | None:
        """Where the keyboard is: at the first tile until one goes elsewhere, and when that is gone."""
        first = 0 if self.tiles.tiles else None
        return self.tiles.numbers.get(self._current, first) if self._current else first

    def _describe_current(self) -> None:
        if not self.is_laid_out:
            return  # it will be said then
        tile = self.current
        said = describe(tile, self._area).replace("\n", ", ") if tile else ""
        if tile and not {(row.root, row.key) for row in tile.rows}.isdisjoint(map(_name, self._selected)):
            said = self.tr("{}, selected").format(said)
        self.setAccessibleDescription(said)

    # QWidget ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tiles, current = self.tiles.tiles, self._current_number()
        near = event.rect().adjusted(-RING, -RING, RING, RING)
        chosen = [n for n in self._numbers_of(self._selected) if tiles[n].rect.intersects(near)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.picture.paint_selected(painter, chosen)
        if self.hasFocus() and current is not None:
            self.picture.paint_focus(painter, current)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.tiles.at(event.position().toPoint())
        if number is None:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(number, event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton and number not in self._numbers_of(self._selected):
            self._choose(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self.tiles.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self._open(number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and (tile := self.current):
            place = self.mapToGlobal(tile.rect.center())
        self.menu_requested.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number, key = self._current_number(), event.key()
        if number is None:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._select_by_hand(_lines(self._rows))
        elif direction := _DIRECTIONS.get(key):
            self._go_to(self.tiles.next_to(number, direction))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go_to(0 if key == Qt.Key.Key_Home else len(self.tiles.tiles) - 1)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(number, event.modifiers())
            if key != Qt.Key.Key_Space:
                self._open(number)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.files_dropped.emit(files)


def _lines(rows: Iterable[ModelRow]) -> list[Selected]:
    return [Selected(row.root, row.key, None) for row in rows]


def _name(selected: Selected) -> tuple[str, str]:
    return selected.root, selected.key

"""The files of a download as a tree with ticks: kinds of files, and the files beneath them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QTreeView, QWidget

from modelkeep.hub.download_plan import DownloadPlan, FileFlag, PlannedFile
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.download_text import file_remark, file_sign, file_state, file_tooltip, group_text
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.row_delegate import RowDelegate

__all__ = ["FileTree", "FileTreeModel"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_EDIT = int(Qt.ItemDataRole.EditRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_UNTICKED, _PARTLY, _TICKED = (int(state.value) for state in Qt.CheckState)
_NAME, _SIZE, _STATE, _REMARK = range(4)
_OPEN_UP_TO = (
    60  # files; a tree of more opens with its groups closed, but for those in which something is chosen
)
_ORDER = ("weights", "tokenizer", "config", "code", "card", "other")

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class _Group(NamedTuple):
    """Files of a kind, by their places in the plan."""

    name: str
    places: tuple[int, ...]
    size: int


class FileTreeModel(QAbstractItemModel):
    """Groups, and files beneath them. An index with `internalId` 0 is a group, else it is that of the group + 1.

    Signals:
        toggled: the paths (a frozenset) that are to be chosen now that a tick was turned.
    """

    toggled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.files: tuple[PlannedFile, ...] = ()
        self.groups: list[_Group] = []
        self._chosen: list[tuple[int, int]] = []  # of each group: how many files, how many bytes
        self.titles = (self.tr("File"), self.tr("Size"), self.tr("State"), self.tr("To know"))

    def show_plan(self, plan: DownloadPlan | None) -> bool:
        """Show the files of a plan; whether they are others than before, and not only chosen otherwise."""
        files = plan.files if plan else ()
        is_new = len(files) != len(self.files) or any(
            new.path != old.path or new.group != old.group for new, old in zip(files, self.files)
        )
        if is_new:
            self.beginResetModel()
        self.files = files
        if is_new:
            self.groups = _groups(files)
        self._count()
        if is_new:
            self.endResetModel()
        elif self.groups:
            self._say_changed()
        return is_new

    def file_at(self, index: _Index) -> PlannedFile | None:
        """The file of a row, None for a group."""
        if not index.isValid() or not index.internalId():
            return None
        return self.files[self.groups[index.internalId() - 1].places[index.row()]]

    def turn(self, index: _Index) -> None:
        """Choose what was not chosen, all of a group unless all of it was."""
        if not index.isValid():
            return
        chosen = {file.path for file in self.files if file.chosen}
        if file := self.file_at(index):
            self.toggled.emit(frozenset(chosen ^ {file.path}))
            return
        group = self.groups[index.row()]
        paths = {self.files[place].path for place in group.places}
        is_all = self._chosen[index.row()][0] == len(group.places)
        self.toggled.emit(frozenset(chosen - paths if is_all else chosen | paths))

    # QAbstractItemModel

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        if row < 0 or not 0 <= column < len(self.titles) or row >= self.rowCount(parent):
            return _NOWHERE
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: _Index = _NOWHERE) -> Any:  # QObject.parent() shares the name
        owner = index.internalId() if index.isValid() else 0
        return self.createIndex(owner - 1, 0, 0) if owner else _NOWHERE

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        if not parent.isValid():
            return len(self.groups)
        if parent.internalId() or parent.column():
            return 0
        return len(self.groups[parent.row()].places)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return len(self.titles)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == _NAME else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.titles):
            return None
        if role == _DISPLAY:
            return self.titles[section]
        return _RIGHT if role == _ALIGNMENT and section == _SIZE else None

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        if role == _ALIGNMENT:
            return _RIGHT if index.column() == _SIZE else None
        if role == _ACCESSIBLE:
            text = self.data(index, _DISPLAY)
            return f"{self.titles[index.column()]}: {text}" if index.column() and text else text
        file = self.file_at(index)
        if file is None:
            return self._group_data(index.row(), index.column(), role)
        return self._file_data(file, index.column(), role)

    def setData(self, index: _Index, value: Any, role: int = _EDIT) -> bool:
        if role != _CHECK:
            return False
        self.turn(index)
        return True

    # Within

    def _file_data(self, file: PlannedFile, column: int, role: int) -> Any:
        if role == _DISPLAY:
            if column == _NAME:
                return file.path
            if column == _SIZE:
                return size_text(file.size)
            return file_state(file) if column == _STATE else file_remark(file)
        if role == _CHECK and column == _NAME:
            return _TICKED if file.chosen else _UNTICKED
        if role == _TOOLTIP:
            return file_tooltip(file)
        sign = _file_icon(file, column)
        if role == _DECORATION and sign:
            return icon(*sign)
        if role == _FOREGROUND:
            if column == _REMARK and sign:
                return QColor(getattr(colours_of(QGuiApplication.palette()), sign[1]))
            if column == _STATE or not file.chosen:
                return QGuiApplication.palette().placeholderText()
        return None

    def _group_data(self, row: int, column: int, role: int) -> Any:
        group, (count, size) = self.groups[row], self._chosen[row]
        if role == _CHECK and column == _NAME:
            return _TICKED if count == len(group.places) else _PARTLY if count else _UNTICKED
        if role == _DISPLAY:
            if column == _NAME:
                return group_text(group.name)
            if column == _SIZE:
                return size_text(size if count else group.size)
            if column == _STATE:
                return self.tr("{} of {}").format(f"{count:,}", f"{len(group.places):,}")
            return self._group_remark(group)
        if role == _TOOLTIP and column == _SIZE:
            return self.tr("{} of {} chosen").format(exact_size_text(size), exact_size_text(group.size))
        if role == _TOOLTIP:
            return group_text(group.name)
        if role == _FOREGROUND and (column in (_STATE, _REMARK) or not count):
            return QGuiApplication.palette().placeholderText()
        return None

    def _group_remark(self, group: _Group) -> str:
        """Why a group was taken or left out by default, where it is the same for all of it."""
        reasons = {self.files[place].reason for place in group.places[:20]}
        [reason] = reasons if len(reasons) == 1 else [""]
        return reason if " " in reason else ""  # a single word is the group's own name again

    def _count(self) -> None:
        self._chosen = []
        for group in self.groups:
            sizes = [self.files[place].size for place in group.places if self.files[place].chosen]
            self._chosen.append((len(sizes), sum(sizes)))

    def _say_changed(self) -> None:
        last = len(self.titles) - 1
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.groups) - 1, last))
        for row, group in enumerate(self.groups):
            top = self.index(row, 0)
            self.dataChanged.emit(self.index(0, 0, top), self.index(len(group.places) - 1, last, top))


class FileTree(QTreeView):
    """The tree. The space bar turns the tick of the row one is in, in whichever column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FileTreeModel(self)
        self.setAccessibleName(self.tr("Files to download"))
        self.setMinimumHeight(36 * GRID)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setIndentation(4 * GRID)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(self.rows)
        self.setItemDelegate(_RowDelegate(self))
        header = self.header()
        header.setStretchLastSection(False)
        header.setHighlightSections(False)
        character = self.fontMetrics().averageCharWidth()
        for column, width in ((_SIZE, 9), (_STATE, 17), (_REMARK, 30)):
            header.resizeSection(column, width * character + 4 * GRID)
        header.sectionResized.connect(lambda number, *_: self._fit() if number else None)

    def show_plan(self, plan: DownloadPlan | None) -> None:
        """Show the files of a plan; what is open stays open while they are the same."""
        if self.rows.show_plan(plan):
            for row, group in enumerate(self.rows.groups):
                is_chosen = any(self.rows.files[place].chosen for place in group.places)
                few = len(self.rows.files) <= _OPEN_UP_TO or len(group.places) <= _OPEN_UP_TO
                self.setExpanded(self.rows.index(row, 0), few and is_chosen)
            if self.rows.groups:
                self.setCurrentIndex(self.rows.index(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.rows.turn(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        header = self.header()
        others = sum(header.sectionSize(number) for number in range(1, header.count()))
        header.resizeSection(_NAME, max(40 * GRID, self.viewport().width() - others))


class _RowDelegate(RowDelegate):
    """Rows of the library's height; groups in bold."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        if index.column() == _NAME and not index.parent().isValid():
            font = QFont(option.font)
            font.setBold(True)
            option.font = font


def _groups(files: Collection[PlannedFile]) -> list[_Group]:
    by_name: dict[str, list[int]] = {}
    sizes: dict[str, int] = {}
    chosen: set[str] = set()
    for place, file in enumerate(files):
        by_name.setdefault(file.group, []).append(place)
        sizes[file.group] = sizes.get(file.group, 0) + file.size
        if file.chosen:
            chosen.add(file.group)

    def order(name: str) -> tuple[int, bool, int, str]:
        kind = name.partition(":")[0]
        # Of several formats of the weights first the one that is taken.
        return _ORDER.index(kind) if kind in _ORDER else len(_ORDER), name not in chosen, sizes[name], name

    return [_Group(name, tuple(by_name[name]), sizes[name]) for name in sorted(by_name, key=order)]


_FLAG_SIGNS: dict[FileFlag, tuple[str, str]] = {
    FileFlag.PICKLE: ("pickle", "warn"),
    FileFlag.CODE: ("code", "warn"),
    FileFlag.EXECUTABLE: ("warning", "bad"),
}


def _file_icon(file: PlannedFile, column: int) -> tuple[str, str] | None:
    if column == _STATE:
        return file_sign(file)
    if column == _REMARK and file.flags:
        return _FLAG_SIGNS[file.flags[0]]
    return None

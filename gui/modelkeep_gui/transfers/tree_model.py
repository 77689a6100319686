"""The transfers as a tree: each a line, its files beneath it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from modelkeep.hub.transfer import FileState, Transfer, TransferFile, TransferState
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.widgets.two_levels import TwoLevelModel

__all__ = ["PROGRESS", "TransferTreeModel", "state_sign"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

PROGRESS = 1
"""The column that is painted as a bar."""

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_Line = Transfer | TransferFile


@dataclass(frozen=True)
class _Column:
    title: str
    text: Callable[[_Line], str]
    tooltip: Callable[[_Line], str]
    is_figure: bool = False


class TransferTreeModel(TwoLevelModel):
    """Holds the transfers in the order of the queue. The lines of one are kept while its figures change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transfers: list[Transfer] = []
        self._columns = (
            _Column(self.tr("Name"), _name, _where),
            _Column(self.tr("Done"), _percent, _bytes),
            _Column(self.tr("Size"), lambda line: size_text(_total(line)), _exact, is_figure=True),
            _Column(self.tr("Speed"), _speed, lambda _: "", is_figure=True),
            _Column(self.tr("Time left"), _time_left, lambda _: "", is_figure=True),
            _Column(self.tr("State"), _state, _why),
        )

    @property
    def transfers(self) -> list[Transfer]:
        return self._transfers.copy()

    def set_transfers(self, transfers: Sequence[Transfer]) -> None:
        """Show these; lines stay where the same transfers with the same files are shown."""
        if [_shape(one) for one in transfers] != [_shape(one) for one in self._transfers]:
            self.beginResetModel()
            self._transfers = list(transfers)
            self.endResetModel()
            return
        for one in transfers:
            self.advance(one)

    def advance(self, one: Transfer) -> None:
        """Show how far a transfer is now."""
        for row, old in enumerate(self._transfers):
            if (old.root, old.id) != (one.root, one.id):
                continue
            if _shape(old) != _shape(one):
                # Its rows are others now, as when a large one passes on only those that move.
                top = self.index(row, 0)
                self.beginRemoveRows(top, 0, max(0, len(old.files) - 1))
                self._transfers[row] = replace(old, files=())
                self.endRemoveRows()
                self.beginInsertRows(top, 0, max(0, len(one.files) - 1))
                self._transfers[row] = one
                self.endInsertRows()
            self._transfers[row] = one
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(row, 0), self.index(row, last))
            changed = [n for n, (a, b) in enumerate(zip(old.files, one.files)) if a != b]
            if changed:
                top = self.index(row, 0)
                self.dataChanged.emit(self.index(changed[0], 0, top), self.index(changed[-1], last, top))

    def line_at(self, index: _Index) -> _Line | None:
        """The transfer or the file of a line."""
        if not index.isValid():
            return None
        owner = index.internalId()
        if not owner:
            return self._transfers[index.row()]
        return self._transfers[owner - 1].files[index.row()]

    def transfer_at(self, index: _Index) -> Transfer | None:
        """The transfer of a line, also of a file's."""
        if not index.isValid():
            return None
        owner = index.internalId()
        return self._transfers[owner - 1 if owner else index.row()]

    # ---- what Qt asks

    def top_count(self) -> int:
        return len(self._transfers)

    def count_beneath(self, row: int) -> int:
        return len(self._transfers[row].files)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return len(self._columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        line = self.line_at(index)
        if line is None:
            return None
        column = self._columns[index.column()]
        if role == _DISPLAY:
            return column.text(line)
        if role == _TOOLTIP:
            return column.tooltip(line) or None
        if role == _ALIGNMENT and column.is_figure:
            return _RIGHT
        if role == _ACCESSIBLE:
            text = column.text(line)
            return f"{column.title}: {text}" if index.column() and text else text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == _DISPLAY:
            return self._columns[section].title
        if role == _ALIGNMENT and self._columns[section].is_figure:
            return _RIGHT
        return None


def state_sign(line: _Line) -> tuple[str, str]:
    """The icon and the tone of a line's state."""
    return {
        TransferState.QUEUED: ("list", "muted"),
        TransferState.RUNNING: ("download", "accent"),
        TransferState.PAUSED: ("pause", "muted"),
        TransferState.FAILED: ("warning", "bad"),
        FileState.WAITING: ("list", "muted"),
        FileState.FETCHING: ("download", "accent"),
        FileState.CHECKING: ("verify", "accent"),
        FileState.DONE: ("done", "good"),
        FileState.FAILED: ("warning", "bad"),
    }[line.state]


def _shape(one: Transfer) -> tuple[str, str, tuple[str, ...]]:
    return one.root, one.id, tuple(file.path for file in one.files)


def _total(line: _Line) -> int:
    return line.bytes_total if isinstance(line, Transfer) else line.size


def _done(line: _Line) -> int:
    return line.bytes_done if isinstance(line, Transfer) else line.done


def _name(line: _Line) -> str:
    if isinstance(line, TransferFile):
        return line.path
    return f"{line.key.repo_id}@{line.key.revision}" if line.key.revision else line.key.repo_id


def _where(line: _Line) -> str:
    if isinstance(line, TransferFile):
        return line.path
    return _tr("{} at {}\nfrom {}\ninto {}").format(line.key, line.commit[:12], line.endpoint, line.root)


def _percent(line: _Line) -> str:
    total = _total(line)
    return f"{100 * _done(line) // total} %" if total else "100 %"


def _bytes(line: _Line) -> str:
    return _tr("{} of {}").format(exact_size_text(_done(line)), exact_size_text(_total(line)))


def _exact(line: _Line) -> str:
    return exact_size_text(_total(line))


def _speed(line: _Line) -> str:
    if isinstance(line, TransferFile) or line.state is not TransferState.RUNNING or not line.rate:
        return ""
    return _tr("{}/s").format(size_text(round(line.rate)))


def _time_left(line: _Line) -> str:
    if isinstance(line, TransferFile) or line.state is not TransferState.RUNNING or not line.rate:
        return ""
    from modelkeep_gui.jobs.row import clock_text

    return clock_text((line.bytes_total - line.bytes_done) / line.rate)


def _state(line: _Line) -> str:
    if isinstance(line, Transfer):
        word, note = _transfer_word(line.state), line.error
    else:
        word, note = _file_word(line.state), line.note
    return f"{word}: {note}" if note else word


def _transfer_word(state: TransferState) -> str:
    match state:
        case TransferState.QUEUED:
            return _tr("waits")
        case TransferState.RUNNING:
            return _tr("downloading")
        case TransferState.PAUSED:
            return _tr("paused")
        case TransferState.FAILED:
            return _tr("stopped")


def _file_word(state: FileState) -> str:
    match state:
        case FileState.WAITING:
            return _tr("waits")
        case FileState.FETCHING:
            return _tr("downloading")
        case FileState.CHECKING:
            return _tr("checking")
        case FileState.DONE:
            return _tr("done")
        case FileState.FAILED:
            return _tr("failed")


def _why(line: _Line) -> str:
    if isinstance(line, TransferFile):
        return line.note
    return f"{line.error}\n{line.hint}".strip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("transfers", text)

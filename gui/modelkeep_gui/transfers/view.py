"""The page of downloads: the queue with a line for each file, how fast it goes, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from modelkeep.hub.transfer import Transfer, TransferFile, TransferState
from modelkeep.text import size_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon, paint_icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.transfers.graph import SpeedGraph
from modelkeep_gui.transfers.tree_model import PROGRESS, TransferTreeModel, state_sign
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.cell_panel import paint_panel
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.placeholder import paint_placeholder
from modelkeep_gui.widgets.row_delegate import RowDelegate

__all__ = ["TransfersView"]

_STATE = 5
_WIDTHS = (34, 18, 9, 11, 9, 34)  # of the columns, in average characters; the first takes what is left
_LIMITS = (0, 1_000_000, 5_000_000, 10_000_000, 50_000_000)  # bytes a second that are offered

_NOTES = 3  # on files, that are said of one download

_Index = QModelIndex | QPersistentModelIndex


class TransfersView(QWidget):
    """Shows a list of `Transfer`; `rate` says how many bytes a second come now.

    Signals:
        pause_requested, resume_requested, cancel_requested: lists of `Transfer`.
        move_requested: a `Transfer` and by how many places, as a tuple.
        limit_chosen: bytes a second, 0 for no limit.
    """

    pause_requested = Signal(object)
    resume_requested = Signal(object)
    cancel_requested = Signal(object)
    move_requested = Signal(object)
    limit_chosen = Signal(object)

    def __init__(self, rate: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.tree = _Tree()
        self.graph = SpeedGraph(rate)
        self.limit = self._make_limit()
        self.trouble = TonedNotice()
        self._summary = ElidedLabel(muted=True)
        self._make_commands()
        self._lay_out()
        self.tree.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.tree.lines.modelReset.connect(self._enable)
        self.limit.activated.connect(lambda _: self.limit_chosen.emit(self.limit.currentData()))
        self.set_transfers([])

    def set_transfers(self, transfers: Sequence[Transfer]) -> None:
        """Show the queue as it is now; what is selected and unfolded stays so."""
        self.tree.set_transfers(transfers)
        self._sum_up()
        self._enable()

    def advance(self, one: Transfer) -> None:
        """Show how far one is now."""
        self.tree.lines.advance(one)
        self._sum_up()
        self._say_trouble(self.tree.selected)

    @property
    def summary(self) -> str:
        """How much is to come, in words."""
        return self._summary.text()

    # ---- its parts

    def _make_commands(self) -> None:
        keys = OwnKeys(self.tree)
        self.pause = keys.add(icon("pause"), self.tr("&Pause"))
        self.resume = keys.add(icon("resume"), self.tr("&Resume"))
        self.up = keys.add(icon("up"), self.tr("Move &up"))
        self.down = keys.add(icon("down"), self.tr("Move &down"))
        self.cancel = keys.add(icon("cancel"), self.tr("&Cancel…"), QKeySequence.StandardKey.Delete)
        self.pause_all = QAction(icon("pause"), self.tr("Pause &all"), self)
        self.resume_all = QAction(icon("resume"), self.tr("R&esume all"), self)
        chosen: list[tuple[QAction, Callable[[], object]]] = [
            (self.pause, lambda: self.pause_requested.emit(self._of_selected(_can_pause))),
            (self.resume, lambda: self.resume_requested.emit(self._of_selected(_can_resume))),
            (self.cancel, lambda: self.cancel_requested.emit(self.tree.selected)),
            (self.up, lambda: self.move_requested.emit((self.tree.selected[0], -1))),
            (self.down, lambda: self.move_requested.emit((self.tree.selected[0], 1))),
            (self.pause_all, lambda: self.pause_requested.emit(self._of_all(_can_pause))),
            (self.resume_all, lambda: self.resume_requested.emit(self._of_all(_can_resume))),
        ]
        for action, begin in chosen:
            action.triggered.connect(lambda _=False, begin=begin: begin())

    def _make_limit(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("Speed limit"))
        for limit in _LIMITS:
            text = self.tr("{}/s").format(size_text(limit)) if limit else self.tr("none")
            box.addItem(text, limit)
        return box

    def _lay_out(self) -> None:
        limit = QLabel(self.tr("&Limit"))
        limit.setBuddy(self.limit)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        for action in (self.pause_all, self.resume_all, self.cancel):
            buttons.addWidget(ActionButton(action))
        buttons.addWidget(limit)
        buttons.addWidget(self.limit)
        buttons.addStretch(1)
        head = QVBoxLayout()
        head.setSpacing(GRID)
        head.addLayout(buttons)
        head.addWidget(self._summary)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        line.setSpacing(4 * GRID)
        line.addLayout(head, 1)
        line.addWidget(self.graph)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.tree, 1)
        beneath = QHBoxLayout()
        beneath.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        beneath.addWidget(self.trouble)
        layout.addLayout(beneath)

    def _of_selected(self, test: Callable[[Transfer], bool]) -> list[Transfer]:
        return list(filter(test, self.tree.selected))

    def _of_all(self, test: Callable[[Transfer], bool]) -> list[Transfer]:
        return list(filter(test, self.tree.lines.transfers))

    def _enable(self) -> None:
        selected, everyone = self.tree.selected, self.tree.lines.transfers
        self.pause.setEnabled(any(map(_can_pause, selected)))
        self.resume.setEnabled(any(map(_can_resume, selected)))
        self.cancel.setEnabled(bool(selected))
        self.up.setEnabled(len(selected) == 1 and everyone.index(selected[0]) > 0)
        self.down.setEnabled(len(selected) == 1 and everyone.index(selected[0]) < len(everyone) - 1)
        self.pause_all.setEnabled(any(map(_can_pause, everyone)))
        self.resume_all.setEnabled(any(map(_can_resume, everyone)))
        self._say_trouble(selected)

    def _say_trouble(self, selected: Sequence[Transfer]) -> None:
        """Say in full what stopped the selected one, or the only one that stopped, and what there is to do."""
        stopped = [one for one in self.tree.lines.transfers if one.error]
        shown = selected or stopped
        one = shown[0] if len(shown) == 1 else None
        text = " ".join(filter(None, (one.error, one.hint))) if one else ""
        if text and one and not selected:
            text = f"{one.key.repo_id}: {text}"
        notes = [f"{file.path}: {file.note}" for file in one.files if file.note] if one else []
        self.trouble.setVisible(bool(text or notes))
        if text:
            self.trouble.say("\n".join((text, *notes[:_NOTES])), "warning", "bad")
        elif notes:
            self.trouble.say("\n".join(notes[:_NOTES]), "info", "muted")

    def _sum_up(self) -> None:
        everyone = self.tree.lines.transfers
        if not everyone:
            self._summary.setText("")
            return
        left = sum(one.bytes_total - one.bytes_done for one in everyone)
        stopped = sum(one.state is TransferState.FAILED for one in everyone)
        if len(everyone) == 1:
            text = self.tr("{} to come in 1 download").format(size_text(left))
        else:
            text = self.tr("{} to come in {} downloads").format(size_text(left), f"{len(everyone):,}")
        if stopped:
            text += " · " + self.tr("%n stopped", "", stopped)
        self._summary.setText(text)


class _Tree(QTreeView):
    """The lines, with bars where they say how far something is."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = TransferTreeModel(self)
        self.setAccessibleName(self.tr("Downloads"))
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setModel(self.lines)
        self.setItemDelegateForColumn(PROGRESS, _BarDelegate(self))
        self.setItemDelegateForColumn(_STATE, _StateDelegate(self))
        header = self.header()
        header.setStretchLastSection(False)
        character = self.fontMetrics().averageCharWidth()
        for number, width in enumerate(_WIDTHS):
            header.resizeSection(number, width * character + 4 * GRID)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    @property
    def selected(self) -> list[Transfer]:
        """The selected transfers, in the order of the queue; a selected file stands for its own."""
        found = {}
        for index in self.selectionModel().selectedRows():
            one = self.lines.transfer_at(index)
            if one is not None:
                found[one.root, one.id] = one
        order = [(one.root, one.id) for one in self.lines.transfers]
        return [found[place] for place in order if place in found]

    def choose(self, wanted: Transfer) -> None:
        """Select a transfer, if it is there, and go to it."""
        for row, one in enumerate(self.lines.transfers):
            if (one.root, one.id) == (wanted.root, wanted.id):
                # Not by the view itself, which does as with a click: while Ctrl is held, that adds to a selection.
                flags = self.selectionModel().SelectionFlag
                self.selectionModel().setCurrentIndex(
                    self.lines.index(row, 0), flags.ClearAndSelect | flags.Rows
                )
        self.setFocus()

    def set_transfers(self, transfers: Sequence[Transfer]) -> None:
        """Show these, keeping what is selected and unfolded."""
        chosen = {(one.root, one.id) for one in self.selected}
        lines = self.lines
        unfolded = {
            (one.root, one.id)
            for row, one in enumerate(lines.transfers)
            if self.isExpanded(lines.index(row, 0))
        }
        lines.set_transfers(transfers)
        flags = self.selectionModel().SelectionFlag
        for row, one in enumerate(transfers):
            index = lines.index(row, 0)
            if (one.root, one.id) in unfolded:
                self.expand(index)
            if (one.root, one.id) in chosen:
                self.selectionModel().select(index, flags.Select | flags.Rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.lines.rowCount():
            paint_placeholder(self, self.tr("Nothing is being downloaded. Ctrl+D finds a model on a hub."))


class _BarDelegate(RowDelegate):
    """Paints how far a line is as a bar with its figure beside it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = cast(TransferTreeModel, index.model()).line_at(index)
        if line is None:
            return
        paint_panel(painter, option)
        colours = colours_of(option.palette)
        done, total = (
            (line.done, line.size) if isinstance(line, TransferFile) else (line.bytes_done, line.bytes_total)
        )
        share = done / total if total else 1.0
        text = str(index.data())
        figure = option.fontMetrics.horizontalAdvance("100 %") + GRID
        area = option.rect.adjusted(GRID, 0, -GRID, 0)
        bar = QRect(area.left(), area.center().y() - 2, area.width() - figure - GRID, 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.free))
        painter.drawRoundedRect(bar, 3, 3)
        if share > 0:
            filled = QRect(bar)
            filled.setWidth(max(6, round(bar.width() * share)))
            _, tone = state_sign(line)
            painter.setBrush(QColor(getattr(colours, tone)))
            painter.drawRoundedRect(filled, 3, 3)
        painter.setPen(QColor(colours.text))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class _StateDelegate(QStyledItemDelegate):
    """Paints the sign of a state in its colour, and its words."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = cast(TransferTreeModel, index.model()).line_at(index)
        if line is None:
            return
        paint_panel(painter, option)
        name, tone = state_sign(line)
        colours = colours_of(option.palette)
        colour = getattr(colours, tone)
        area = option.rect.adjusted(GRID, 0, -GRID, 0)
        paint_icon(painter, QRect(area.x(), area.y(), 14, area.height()), name, colour)
        area.setLeft(area.left() + 14 + GRID)
        text = option.fontMetrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, area.width())
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(colour if tone == "bad" else colours.text))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


def _can_pause(one: Transfer) -> bool:
    return one.state in (TransferState.QUEUED, TransferState.RUNNING)


def _can_resume(one: Transfer) -> bool:
    return one.state in (TransferState.PAUSED, TransferState.FAILED)

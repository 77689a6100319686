"""The fourth tab: the revisions of the model that are here, with the refs that name them."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from modelkeep.details import ModelDetails
from modelkeep.rows import RevisionRow
from modelkeep.text import exact_size_text, size_text, time_text
from modelkeep_gui.icons import icon, paint_icon
from modelkeep_gui.library.columns import state_sign, state_text
from modelkeep_gui.library.view import Selected
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.chips import paint_chip
from modelkeep_gui.widgets.line_model import LINE, LineModel
from modelkeep_gui.widgets.own_keys import OwnKeys

__all__ = ["Revisions"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Revisions(QListView):
    """A line for each revision; the one that the pane is about is the current one.

    Signals:
        revision_chosen: the `Selected` revision, which the pane should be about.
        delete_requested: the `Selected` revision.
        main_requested: the `Selected` revision that `main` is to lead to.
    """

    revision_chosen = Signal(object)
    delete_requested = Signal(object)
    main_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = ("", "")
        self._commit = ""
        self._revisions = LineModel(_spoken, self._tooltip, self)
        self.setAccessibleName(self.tr("Revisions"))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_RevisionDelegate(self))
        keys = OwnKeys(self)
        self.copy_commit = keys.add(icon("copy"), self.tr("Copy commit"), QKeySequence.StandardKey.Copy)
        self.copy_commit.triggered.connect(self._copy)
        self.make_main = keys.add(icon("undo"), self.tr("Make this main…"))
        self.make_main.triggered.connect(self._request_main)
        self.delete = keys.add(icon("delete"), self.tr("Delete revision…"), QKeySequence.StandardKey.Delete)
        self.delete.triggered.connect(self._request_deletion)
        self.setModel(self._revisions)

    def set_details(self, details: ModelDetails) -> None:
        """Show the revisions of a model, and which of them the details are of."""
        self._place = (details.row.root, details.row.key)
        self._commit = details.commit
        self._revisions.set_lines(details.row.revisions)
        for row, revision in enumerate(details.row.revisions):
            if revision.commit == details.commit:
                self.setCurrentIndex(self._revisions.index(row))
        self._enable()

    @property
    def current(self) -> RevisionRow | None:
        """The revision that is marked."""
        found = self.currentIndex().data(LINE)
        return found if isinstance(found, RevisionRow) else None

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self._enable()
        # What the details are of was not chosen here.
        if (revision := self.current) and revision.commit != self._commit:
            self._commit = revision.commit
            self.revision_chosen.emit(Selected(*self._place, revision.commit))

    def _enable(self) -> None:
        for action in self.actions():
            action.setEnabled(self.current is not None)
        self.make_main.setEnabled(self.current is not None and "main" not in self.current.refs)

    def _copy(self) -> None:
        if revision := self.current:
            QGuiApplication.clipboard().setText(revision.commit)

    def _request_main(self) -> None:
        if revision := self.current:
            self.main_requested.emit(Selected(*self._place, revision.commit))

    def _request_deletion(self) -> None:
        if revision := self.current:
            self.delete_requested.emit(Selected(*self._place, revision.commit))

    def _tooltip(self, revision: RevisionRow) -> str:
        exact = self.tr("Changed here {}").format(time_text(revision.modified))
        return "\n".join((revision.commit, *revision.refs, exact_size_text(revision.size), exact))


def _spoken(revision: RevisionRow) -> str:
    return ", ".join((*revision.refs, revision.commit[:7], state_text(revision), *_figures(revision)))


class _RevisionDelegate(QStyledItemDelegate):
    """Paints a revision in two lines: its names and size, and quieter its state and the rest."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, 2 * option.fontMetrics.height() + 6 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        revision: RevisionRow = index.data(LINE)
        colours, metrics = colours_of(option.palette), option.fontMetrics
        area = option.rect.adjusted(4 * GRID, 2 * GRID, -4 * GRID, -2 * GRID)
        upper = QRect(area.left(), area.top(), area.width(), metrics.height() + GRID)
        lower = QRect(area.left(), area.bottom() - metrics.height(), area.width(), metrics.height())
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(colours.text))
        painter.drawText(upper, _RIGHT, size_text(revision.size))
        upper.setRight(upper.right() - metrics.horizontalAdvance(size_text(revision.size)) - 3 * GRID)
        for ref in revision.refs:
            if upper.width() < 20 * GRID:
                break
            upper = paint_chip(painter, upper, ref.removeprefix("refs/"), metrics, colours)
        painter.setPen(QColor(colours.muted if revision.refs else colours.text))
        painter.drawText(upper, _LEFT, revision.commit[:7])
        sign = state_sign(revision)
        place = QRect(lower.left(), lower.top(), 4 * GRID, lower.height())
        paint_icon(painter, place, sign.icon, getattr(colours, sign.tone))
        lower.setLeft(place.right() + 2 * GRID)
        painter.setPen(QColor(colours.muted))
        words = " · ".join((state_text(revision), *_figures(revision)[1:]))
        painter.drawText(lower, _LEFT, metrics.elidedText(words, Qt.TextElideMode.ElideRight, lower.width()))
        painter.restore()


def _figures(revision: RevisionRow) -> tuple[str, str, str]:
    tr = QApplication.translate
    files = tr("Revisions", "1 file") if revision.files == 1 else tr("Revisions", "{} files")
    return (
        size_text(revision.size),
        tr("Revisions", "frees {}").format(size_text(revision.frees)),
        files.format(f"{revision.files:,}"),
    )

"""The page of a remote: its models in a table as those of caches are, and beside it what it says of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.filter import Filter
from modelkeep.remote.values import Where
from modelkeep.rows import ModelRow
from modelkeep.text import path_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.library.sidebar import KIND_ICONS
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView
from modelkeep_gui.remotes.columns import remote_columns
from modelkeep_gui.remotes.facts import kind_text
from modelkeep_gui.remotes.listings import Listing, root_of
from modelkeep_gui.remotes.pane import RemotePane
from modelkeep_gui.remotes.state import RemoteState
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.link_button import LinkButton
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.sign import Sign

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView

__all__ = ["RemotePage"]

_LAYOUT, _SPLITTER = "remote/table", "remote/splitter"
_PATIENCE = 150  # milliseconds in which a listing mostly comes; until then nothing moves


class RemotePage(QSplitter):
    """Shows one remote at a time.

    Signals:
        shown: other rows are shown, or another state.
        retry_requested: the remote is to be asked again.
        push_requested: nothing is there yet, and something is to be pushed.
        online_requested: the offline switch is to be turned off.
        test_requested: it is to be found out what does not work.
    """

    shown = Signal()
    retry_requested = Signal()
    push_requested = Signal()
    online_requested = Signal()
    test_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.view_of: RemoteView | None = None
        self._filter_text = ""
        self._listing = Listing()
        self._has_details = True
        self._shows_here = False  # what is only here, of a remote that has nothing
        self.table = LibraryTableModel(self, shown=remote_columns())
        self.view = LibraryView(self.table)
        self.view.setAcceptDrops(False)
        self.pane = RemotePane()
        self.state = RemoteState()
        self._sign = Sign()
        self._title = ElidedLabel()
        self._counts = ElidedLabel(muted=True, elide=Qt.TextElideMode.ElideRight)
        self._motion = ProgressLine()
        self._motion.show_share(0, 0)
        self._late = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._late.timeout.connect(self._motion.show)
        self.notice = TonedNotice()
        self.again = LinkButton(self.tr("Try again"))
        self.state.retry_requested.connect(self.retry_requested)
        self.state.test_requested.connect(self.test_requested)
        self.state.push_requested.connect(self.push_requested)
        self.state.online_requested.connect(self.online_requested)
        self.state.here_requested.connect(self._show_here)
        self.again.clicked.connect(self.retry_requested)
        self._lay_out()

    @property
    def chosen(self) -> list[ModelRow]:
        """The models that are chosen, each once, also where a revision of them is."""
        found = (self.table.row_at(self.table.index_of(one.root, one.key)) for one in self.view.selected)
        return list(dict.fromkeys(row for row in found if row is not None))

    def show_remote(self, view: RemoteView, listing: Listing) -> None:
        """Show a remote as far as it is known."""
        is_other = self.view_of is None or self.view_of.name != view.name
        self.view_of = view
        if is_other:
            for root in self.table.roots:
                self.table.remove_root(root)
            self._shows_here = False
            self.pane.show_nothing()
        self._sign.show_icon(KIND_ICONS.get(view.kind, "cloud"), "muted")
        self._title.setText(f"{view.name} · {path_text(view.url)}")
        self._title.setToolTip("\n".join((kind_text(view.kind), view.url)))
        if is_other or listing.rows is not self._listing.rows:
            self.table.replace_rows(root_of(view.name), listing.rows or ())
        self._show_state(listing)
        self.shown.emit()

    def set_filter(self, wanted: Filter, text: str) -> None:
        """Show only what passes."""
        self._filter_text = text
        self.table.set_filter(wanted)
        self._say_why_empty()

    def set_details_shown(self, shown: bool) -> None:
        """Show what the remote says of a model beside the table, or not."""
        self._has_details = shown
        self.pane.setVisible(shown and self._pages.currentWidget() is self.view)

    def save_layout(self, store: QSettings) -> None:
        """Keep which columns are shown, and how wide the parts are."""
        store.beginGroup(_LAYOUT)
        self.view.save_layout(store)
        store.endGroup()
        store.setValue(_SPLITTER, self.saveState())

    def restore_layout(self, store: QSettings) -> None:
        """Bring back what `save_layout` kept."""
        store.beginGroup(_LAYOUT)
        self.view.restore_layout(store)
        store.endGroup()
        state = store.value(_SPLITTER)
        if state is not None:
            self.restoreState(state)

    # ---- what is said

    def _show_state(self, listing: Listing) -> None:
        rows, error = listing.rows, listing.error
        self._listing = listing
        if listing.is_loading and rows:
            if not self._motion.isVisible():
                self._late.start()
        else:
            self._late.stop()
            self._motion.hide()
        has_rows = bool(rows and (listing.there or self._shows_here))
        self._counts.setText(self._counts_text(listing) if rows else "")
        self._show_notice(listing, has_rows=has_rows)
        self._pages.setCurrentWidget(self.view if has_rows else self.state)
        self.pane.setVisible(self._has_details and has_rows)
        if has_rows:
            self._say_why_empty()
        elif listing.is_loading and (rows is None or error):
            self.state.say_asking(self._icon)
        elif error is not None:
            self.state.say_failure(error)
        elif rows is not None:
            self.state.say_empty(self._icon, has_here=bool(rows))

    def _show_here(self) -> None:
        """Show what is here of a remote that has nothing, to choose from it."""
        self._shows_here = True
        self._show_state(self._listing)
        self.view.select_first()
        self.view.setFocus()

    def _counts_text(self, listing: Listing) -> str:
        there, newer = listing.there or 0, listing.counts[Where.NEWER]
        parts = [self.tr("1 model there") if there == 1 else self.tr("{} models there").format(f"{there:,}")]
        if newer:
            parts.append(self.tr("{} newer").format(f"{newer:,}"))
        return " · ".join(parts)

    def _show_notice(self, listing: Listing, *, has_rows: bool) -> None:
        """Say above the rows what one should know of them."""
        error = listing.error
        if error is not None:
            text = self.tr("{} This is what it held before.").format(error)
            self.notice.say(text, "warning", "warn", tooltip=error.hint)
        else:
            text = self.tr(
                "Nothing is there yet. Push a model that is here, and everyone who can reach it has it."
            )
            self.notice.say(text, "info", "muted")
        self.again.setVisible(error is not None and not listing.is_loading)
        is_to_say = error is not None or not listing.there
        self._warning.setVisible(has_rows and is_to_say)

    @property
    def _icon(self) -> str:
        return KIND_ICONS.get(self.view_of.kind, "cloud") if self.view_of else "cloud"

    def _say_why_empty(self) -> None:
        if self._filter_text:
            self.view.set_placeholder(self.tr("No model is shown. Clear the filter to see all."))
        else:
            self.view.set_placeholder(self.tr("No model is in this list."))

    # ---- where things are

    def _lay_out(self) -> None:
        head = QWidget()
        line = QHBoxLayout(head)
        line.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        line.setSpacing(2 * GRID)
        line.addWidget(self._sign)
        line.addWidget(self._title, 2)
        line.addWidget(self._motion)
        line.addWidget(self._counts, 1, Qt.AlignmentFlag.AlignRight)
        self._warning = QWidget()
        beneath = QHBoxLayout(self._warning)
        beneath.setContentsMargins(3 * GRID, 0, 3 * GRID, 2 * GRID)
        beneath.addWidget(self.notice, 1)
        beneath.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        self._motion.hide()
        self._warning.hide()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.state)
        self._pages.addWidget(self.view)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._warning)
        column.addWidget(self._pages, 1)
        for side, stretch in ((left, 1), (self.pane, 0)):
            self.addWidget(side)
            self.setStretchFactor(self.indexOf(side), stretch)
        left.setMinimumWidth(80 * GRID)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.setSizes([190 * GRID, 88 * GRID])

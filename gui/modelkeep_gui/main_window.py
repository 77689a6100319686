"""The window: where things are, what of them is shown, and what is selected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from modelkeep.rows import ModelRow, Selection
from modelkeep_gui import window_state
from modelkeep_gui.actions import Actions
from modelkeep_gui.commands import connect_commands, connect_details, selection_of
from modelkeep_gui.details.pane import DetailsPane
from modelkeep_gui.jobs.panel import JobPanel
from modelkeep_gui.library.inspector import Inspector
from modelkeep_gui.library.scopes import ALL, DOWNLOADS, TRAININGS, Scope
from modelkeep_gui.library.sidebar import Sidebar
from modelkeep_gui.library.view import LibraryView, Selected
from modelkeep_gui.menus import add_menus, show_context_menu
from modelkeep_gui.operations import help, import_, notes, push, share, space, transfers, trying, undo
from modelkeep_gui.pages import Pages, empty_state
from modelkeep_gui.remotes.scope import RemoteScope
from modelkeep_gui.session import Revealed, Session
from modelkeep_gui.theme import GRID
from modelkeep_gui.toolbar import CommandBar
from modelkeep_gui.usage.disk_bar import DiskBar
from modelkeep_gui.usage.map_link import MapLink
from modelkeep_gui.usage.overview import Overview
from modelkeep_gui.usage.treemap import Treemap
from modelkeep_gui.widgets.message_bar import Message, MessageBar
from modelkeep_gui.widgets.search_field import SearchField

if TYPE_CHECKING:
    from modelkeep.cache.trash import TrashEntry
    from modelkeep.hub.transfer import Transfer

__all__ = ["MainWindow"]


class MainWindow(QMainWindow):
    """Shows the library of a session. Decides nothing: what can be done is the core's to say."""

    def __init__(self, session: Session, actions: Actions, store: QSettings) -> None:
        super().__init__()
        self.session = session
        self.actions_ = actions
        self.search = SearchField()
        self.sidebar = Sidebar()
        self.view = LibraryView(session.table)
        self.map = Treemap()
        self.empty = empty_state(actions)
        self.center = Pages(session)
        self.trash = self.center.trash
        self.details = DetailsPane()
        self.inspector = Inspector(session.runner, self)
        self.message_bar = MessageBar()
        self.disk_bar = DiskBar()
        self.overview = Overview(session, self.sidebar, self.disk_bar)
        self.map_link = MapLink(self.map, self.view, session.table, self.disk_bar)
        self.jobs = JobPanel(session.runner)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._store = store
        self._undos = undo.UndoStack(session, self)
        self._lay_out()
        self.commands = CommandBar(actions, self.search)
        self.addToolBar(self.commands)
        add_menus(self, actions, self.view.columns)
        self.remotes = RemoteScope(self, store)
        self._connect_library()
        connect_commands(self)
        connect_details(self)
        window_state.restore(self, store)

    # ---- where things are

    def _lay_out(self) -> None:
        self.setWindowTitle("Modelkeep")
        for page in (self.view, self.map, self.empty):
            self.center.addWidget(page)
        self.center.setCurrentWidget(self.view)
        for part, stretch in ((self.sidebar, 0), (self.center, 1), (self.details, 0)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.indexOf(part), stretch)
        # Else the widest of its pages, seen or not, would push the others aside and the window wider.
        self.center.setMinimumWidth(80 * GRID)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([50 * GRID, 190 * GRID, 88 * GRID])
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        for strip in (self.message_bar, self.disk_bar, self.jobs):
            layout.addWidget(strip)
        self.setCentralWidget(middle)

    def _connect_library(self) -> None:
        session = self.session
        self.search.filter_changed.connect(session.table.set_filter)
        self.search.filter_changed.connect(lambda _: self._say_why_empty())
        self.search.left_downwards.connect(lambda _: self._go_to_models())
        self.overview.term_chosen.connect(self.search.set_filter_text)
        self.center.problems_counted.connect(self.overview.set_problems)
        self.overview.counted.connect(self.show_page)
        self.overview.counted.connect(self.map_link.refresh)
        self.sidebar.scope_chosen.connect(self._show_scope)
        self.view.selection_changed.connect(self._show_selection)
        for models in (self.view, self.map):
            models.opened.connect(lambda _: self.actions_.show_details.setChecked(True))
        self.view.space_pressed.connect(lambda _: self._toggle_pin())
        self.view.menu_requested.connect(lambda place: show_context_menu(self, self.actions_, place))
        self.map.menu_requested.connect(
            lambda place: show_context_menu(self, self.actions_, place, self.map.fill)
        )
        for page in (self.view, self.map, self.empty):
            page.files_dropped.connect(lambda files: import_.import_files(session, self, files))
        self.trash.restore_requested.connect(
            lambda entries: undo.restore(session, [(entry.root, entry.id) for entry in entries])
        )
        self.trash.removal_requested.connect(lambda entries: undo.remove_for_good(session, self, entries))
        self.trash.emptying_requested.connect(self.actions_.empty_trash.trigger)
        self.message_bar.action_chosen.connect(self._follow_message)
        session.told.connect(self.message_bar.show_message)
        self._undos.changed.connect(self.enable)
        session.revealed.connect(self._reveal)
        session.transfer_revealed.connect(self._reveal_transfer)
        session.trainings.wanted.connect(self._reveal_training)
        space.tell_of_limits(session, self)
        transfers.follow(session, self.details.show_safety)
        session.feed.rows_changed.connect(lambda _: self.inspector.look_again())
        session.feed.rows_changed.connect(lambda _: self.enable())
        session.feed.trash_changed.connect(self._show_trash)
        session.feed.failed.connect(lambda error: session.tell(f"{error} {error.hint}", tone="bad"))

    # ---- what is shown

    def _show_scope(self, scope: Scope) -> None:
        if scope.has_models:
            self.session.table.set_scope(scope.test(time.time()))
            self._say_why_empty()
        elif scope.remote:
            self.remotes.show()
        self.commands.show_for(is_remote=bool(scope.remote))
        self.show_page()
        self.enable()

    def _say_why_empty(self) -> None:
        for models in (self.view, self.map):
            models.set_placeholder(self._why_empty(self.sidebar.scope))

    def show_page(self) -> None:
        """Show what is chosen in the sidebar, as models or as another page."""
        scope, feed = self.sidebar.scope, self.session.feed
        is_empty = not self.session.table.rows and bool(feed.views) and scope == ALL
        models = self._models_page()
        if scope.page is not None:
            self.center.setCurrentWidget(self.center.page(scope.page))
        else:
            self.center.setCurrentWidget(self.empty if is_empty else models)
        self.details.setVisible(
            self.actions_.show_details.isChecked() and self.center.currentWidget() is models
        )
        if scope.remote:
            self.center.remote.set_details_shown(self.actions_.show_details.isChecked())

    def _models_page(self) -> LibraryView | Treemap:
        return self.map if self.actions_.show_map.isChecked() else self.view

    def _why_empty(self, scope: Scope) -> str:
        for view in self.session.feed.views:
            if view.path == scope.root and view.message:
                return view.message
        if self.search.text():
            return self.tr("No model is shown. Clear the filter to see all.")
        return self.tr("No model is in this list.")

    def _show_trash(self, entries: Sequence[TrashEntry]) -> None:
        self.trash.set_entries(entries)
        self.enable()

    def _show_selection(self, selected: Sequence[Selected]) -> None:
        self.session.selected = list(selected)
        self.enable()
        self.inspector.look_at(selected[0] if len(selected) == 1 else None)
        if len(selected) > 1:
            self.details.set_selection_summary(self._rows_of(selected))
        elif not selected:
            self.details.set_details(None)

    def _reveal(self, revealed: Revealed) -> None:
        models = revealed.models
        if revealed.is_wanted:
            table = self.session.table
            self.sidebar.choose(self.sidebar.scope if self.sidebar.scope.has_models else ALL)
            if not all(table.index_of(*one).isValid() for one in models):
                self.sidebar.choose(ALL)
                self.search.set_filter_text("")
        self.view.select(list(models))
        if revealed.is_wanted:
            self._models_page().setFocus()

    def _reveal_transfer(self, one: Transfer) -> None:
        self.sidebar.choose(DOWNLOADS)
        self.center.downloads.tree.choose(one)

    def _reveal_training(self, id: str) -> None:
        self.sidebar.choose(TRAININGS)
        self.center.trainings.choose(id)

    def _rows_of(self, selected: Sequence[Selected]) -> list[ModelRow]:
        table = self.session.table
        found = (table.row_at(table.index_of(root, key)) for root, key, _ in selected)
        return list(dict.fromkeys(row for row in found if row is not None))

    def enable(self) -> None:
        """Allow the commands that can be used now."""
        selected, actions = self.selected, self.actions_
        rows = self._rows_of(selected)
        actions.enable_for(
            selected,
            pinned=[row.pinned for row in rows],
            has_pickles=any("pickle" in row.formats for row in rows),
            can_undo=self._undos.last(self.remotes.name) is not None,
            has_trash=bool(self.session.feed.trash),
            is_remote=bool(self.remotes.name),
        )
        actions.remote.enable_for(self.remotes.situation(len(selected)))
        if self.remotes.name:
            actions.copy_name.setEnabled(bool(self.remotes.selected))
            actions.push.setEnabled(len(self.remotes.here()) == 1)

    # ---- what the user does

    @property
    def selected(self) -> list[Selected]:
        """The lines of caches that are selected and seen."""
        return self.view.selected if self.sidebar.scope.has_models else []

    def selection(self) -> list[Selection]:
        """What is selected of the caches, without revisions of models that are selected as a whole.

        Nothing while something else is shown: what one does not see should not be deleted, or exported.
        """
        return self.chosen_of_caches() if self.sidebar.scope.has_models else []

    def chosen_of_caches(self) -> list[Selection]:
        """The same, also while something else is shown."""
        selected = self.view.selected
        whole = {(root, key) for root, key, commit in selected if commit is None}
        return [selection_of(s) for s in selected if s.commit is None or (s.root, s.key) not in whole]

    def push(self) -> None:
        """Push what is selected, to the remote that is shown where one is."""
        if name := self.remotes.name:
            push.push(self.session, self, self.remotes.here(), remote=name)
        else:
            push.push(self.session, self, self.selection())

    def try_it(self) -> None:
        """Try what is selected."""
        if len(chosen := self.selection()) == 1:
            trying.try_it(self.session, self, chosen[0])

    def refresh(self) -> None:
        """Look again at what is shown: the disks, or a remote."""
        if self.remotes.name:
            self.remotes.refresh()
        self.session.feed.refresh()

    def undo_last(self) -> None:
        """Put back what was deleted last from what is shown: the caches, or a remote."""
        if (last := self._undos.last(self.remotes.name)) is not None:
            self._undos.undo(last)
            self.message_bar.close_message()

    def _follow_message(self, message: Message) -> None:
        if isinstance(message.about, undo.Undo):
            self._undos.undo(message.about)
        elif callable(message.about):
            message.about()

    def share(self) -> None:
        """Show how this cache is shared, and begin it."""
        if self.menuBar().cornerWidget() is None:
            self.menuBar().setCornerWidget(share.indicator(self.session, self))
        share.show(self.session, self)

    def _toggle_pin(self) -> None:
        if rows := self._rows_of(self.selected):
            notes.set_pinned(self.session, self.selection(), not all(row.pinned for row in rows))

    def _go_to_models(self) -> None:
        view = self.center.remote.view if self.remotes.name else self.view
        if not view.selected:
            view.select_first()
        (view if self.remotes.name else self._models_page()).setFocus()

    def go_to_filter(self) -> None:
        """Go to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # ---- the end of the window

    def closeEvent(self, event: QCloseEvent) -> None:
        running = [job for job in self.session.runner.running() if job.visible]
        if running and not self.session.is_closing:
            event.ignore()
            help.ask_to_close(self, len(running), self._close_anyway)
            return
        window_state.keep(self, self._store)
        self.session.feed.stop()
        event.accept()
        QApplication.quit()

    def _close_anyway(self) -> None:
        self.session.is_closing = True
        self.close()

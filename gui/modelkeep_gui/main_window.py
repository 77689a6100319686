"""The window: where things are, and which operation a command begins."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from modelkeep.rows import ModelRow, RootView, Selection
from modelkeep_gui.actions import Actions
from modelkeep_gui.details.pane import DetailsPane
from modelkeep_gui.jobs.panel import JobPanel
from modelkeep_gui.library.inspector import Inspector
from modelkeep_gui.library.scopes import ALL, TRASH, Scope, count_rows
from modelkeep_gui.library.sidebar import RootEntry, Sidebar, SidebarData
from modelkeep_gui.library.trash_view import TrashView
from modelkeep_gui.library.view import LibraryView, Selected
from modelkeep_gui.operations import delete, export, import_, notes, roots, undo
from modelkeep_gui.session import Session
from modelkeep_gui.theme import GRID
from modelkeep_gui.usage.disk_bar import DiskBar
from modelkeep_gui.usage.shares import Grouping, Share, disk_usage, filter_for
from modelkeep_gui.widgets.empty_state import BigChoice, EmptyState
from modelkeep_gui.widgets.message_bar import Message, MessageBar
from modelkeep_gui.widgets.search_field import SearchField

__all__ = ["MainWindow"]


class MainWindow(QMainWindow):
    """Shows the library of a session. Decides nothing: what can be done is the core's to say."""

    def __init__(self, session: Session, actions: Actions, store: QSettings) -> None:
        super().__init__()
        self.session = session
        self.actions_ = actions
        self._store = store
        self._undos: list[undo.Undo] = []
        self._grouping: Grouping = "library"
        self.search = SearchField()
        self.sidebar = Sidebar()
        self.view = LibraryView(session.table)
        self.trash = TrashView()
        self.empty = self._make_empty_state()
        self.center = QStackedWidget()
        self.details = DetailsPane()
        self.inspector = Inspector(session.runner, self)
        self.message_bar = MessageBar()
        self.disk_bar = DiskBar()
        self.jobs = JobPanel(session.runner)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._recount = QTimer(self, singleShot=True, interval=50)
        self._lay_out()
        self._make_toolbar()
        self._make_menus()
        self._connect_actions()
        self._connect_parts()
        self._restore_state()

    # ---- where things are

    def _lay_out(self) -> None:
        self.setWindowTitle("Modelkeep")
        for page in (self.view, self.trash, self.empty):
            self.center.addWidget(page)
        for part, stretch in ((self.sidebar, 0), (self.center, 1), (self.details, 0)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.indexOf(part), stretch)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([50 * GRID, 190 * GRID, 88 * GRID])
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        for part in (self.message_bar, self.disk_bar, self.jobs):
            layout.addWidget(part)
        self.setCentralWidget(middle)

    def _make_empty_state(self) -> EmptyState:
        return EmptyState(
            self.tr("No models yet"),
            self.tr("Modelkeep shows what lies in the model caches of this machine."),
            [
                BigChoice(
                    self.actions_.import_,
                    "import",
                    self.tr("Bring models from an archive, a folder or a clone."),
                ),
                BigChoice(
                    self.actions_.add_cache, "folder", self.tr("Show a cache on another disk or share.")
                ),
            ],
        )

    def _make_toolbar(self) -> None:
        bar = QToolBar(self.tr("Commands"))
        bar.setObjectName("commands")
        bar.setMovable(False)
        bar.setIconSize(QSize(5 * GRID, 5 * GRID))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        actions = self.actions_
        bar.addActions([actions.import_, actions.export, actions.delete])
        bar.addSeparator()
        bar.addAction(actions.refresh)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(space)
        self.search.setMaximumWidth(110 * GRID)
        bar.addWidget(self.search)
        self.addToolBar(bar)

    def _make_menus(self) -> None:
        actions, tr = self.actions_, self.tr
        menus: list[tuple[str, list[object]]] = [
            (
                tr("&File"),
                [actions.import_, actions.export, None, actions.add_cache, actions.preferences, None],
            ),
            (tr("&Model"), self._model_commands()),
            (tr("&View"), [actions.refresh, actions.find, None, *self._panes(), None]),
            (tr("&Help"), [actions.shortcuts, actions.about]),
        ]
        for title, entries in menus:
            _fill(self.menuBar().addMenu(title), entries)
        file_menu, _, view_menu, _ = (action.menu() for action in self.menuBar().actions())
        if isinstance(file_menu, QMenu) and isinstance(view_menu, QMenu):
            file_menu.addAction(actions.quit)
            columns = view_menu.addMenu(tr("&Columns"))
            columns.aboutToShow.connect(lambda: self.view.columns.fill(columns))

    def _model_commands(self) -> list[object]:
        actions = self.actions_
        return [
            actions.export,
            actions.pin,
            actions.unpin,
            None,
            actions.copy_name,
            actions.copy_path,
            actions.open_folder,
            None,
            actions.delete,
            actions.undo,
            actions.empty_trash,
        ]

    def _panes(self) -> list[object]:
        return [self.actions_.show_sidebar, self.actions_.show_details, self.actions_.show_jobs]

    # ---- which operation a command begins

    def _connect_actions(self) -> None:
        actions, session = self.actions_, self.session
        actions.import_.triggered.connect(lambda: import_.choose_files(session, self))
        actions.export.triggered.connect(lambda: export.export(session, self, self._selection()))
        actions.delete.triggered.connect(self._delete)
        actions.undo.triggered.connect(self._undo)
        actions.pin.triggered.connect(lambda: notes.set_pinned(session, self._selection(), True))
        actions.unpin.triggered.connect(lambda: notes.set_pinned(session, self._selection(), False))
        actions.copy_name.triggered.connect(self._copy_names)
        actions.copy_path.triggered.connect(self._copy_paths)
        actions.open_folder.triggered.connect(self._open_folder)
        actions.refresh.triggered.connect(session.feed.refresh)
        actions.add_cache.triggered.connect(lambda: roots.choose_folder(session, self))
        actions.find.triggered.connect(self._find)
        actions.empty_trash.triggered.connect(self._empty_trash)
        actions.preferences.triggered.connect(lambda: roots.show_preferences(session, self))
        actions.quit.triggered.connect(self.close)
        actions.shortcuts.triggered.connect(self._show_shortcuts)
        actions.about.triggered.connect(self._show_about)
        for action, part in (
            (actions.show_sidebar, self.sidebar),
            (actions.show_details, self.details),
            (actions.show_jobs, self.jobs),
        ):
            action.setChecked(True)
            action.toggled.connect(part.setVisible)

    def _connect_parts(self) -> None:
        session = self.session
        self._recount.timeout.connect(self._show_counts)
        self.search.filter_changed.connect(session.table.set_filter)
        self.search.left_downwards.connect(lambda _: self.view.setFocus())
        self.sidebar.scope_chosen.connect(self._show_scope)
        self.view.selection_changed.connect(self._show_selection)
        self.view.opened.connect(lambda _: self.actions_.show_details.setChecked(True))
        self.view.space_pressed.connect(lambda _: self._toggle_pin())
        self.view.menu_requested.connect(self._show_menu)
        for page in (self.view, self.empty):
            page.files_dropped.connect(lambda files: import_.import_files(session, self, files))
        self.trash.restore_requested.connect(
            lambda entries: undo.restore(session, [(entry.root, entry.id) for entry in entries])
        )
        self.trash.removal_requested.connect(lambda entries: undo.remove_for_good(session, self, entries))
        self.trash.emptying_requested.connect(self._empty_trash)
        self.disk_bar.segment_chosen.connect(self._narrow_to)
        self.disk_bar.grouping_chosen.connect(self._group_by)
        self.message_bar.action_chosen.connect(self._follow_message)
        session.told.connect(self.message_bar.show_message)
        session.deleted.connect(self._remember_undo)
        session.feed.views_changed.connect(lambda _: self._recount.start())
        session.feed.rows_changed.connect(self._rows_changed)
        session.feed.trash_changed.connect(self._trash_changed)
        session.feed.failed.connect(lambda error: session.tell(f"{error} {error.hint}", tone="bad"))
        self.inspector.loaded.connect(self.details.set_details)
        self.inspector.failed.connect(lambda _: self.details.set_details(None))
        self._connect_details()

    def _connect_details(self) -> None:
        session, details = self.session, self.details
        details.note_changed.connect(lambda said: notes.set_note(session, *said))
        details.pin_toggled.connect(
            lambda said: notes.set_pinned(session, [Selection(said[0], said[1])], said[2])
        )
        details.folder_requested.connect(_open)
        details.revision_chosen.connect(lambda chosen: self.inspector.look_at(Selected(*chosen)))
        details.files_delete_requested.connect(
            lambda chosen: delete.delete(session, self, [Selection(*chosen)])
        )
        details.revision_delete_requested.connect(
            lambda chosen: delete.delete(session, self, [_selection(Selected(*chosen))])
        )

    # ---- what is shown

    def _show_scope(self, scope: Scope) -> None:
        if scope.trash:
            self.center.setCurrentWidget(self.trash)
        else:
            self.session.table.set_scope(scope.test(time.time()))
            self.view.set_placeholder(self._why_empty(scope))
            self._show_page()
        self._enable()

    def _why_empty(self, scope: Scope) -> str:
        for view in self.session.feed.views:
            if view.path == scope.root and view.message:
                return view.message
        return self.tr("No model is shown. Clear the filter to see all.") if self.search.text() else ""

    def _show_page(self) -> None:
        if self.sidebar.scope.trash:
            return
        is_empty = not self.session.table.rows and bool(self.session.feed.views) and self.sidebar.scope == ALL
        self.center.setCurrentWidget(self.empty if is_empty else self.view)
        self.details.setVisible(self.actions_.show_details.isChecked() and not is_empty)

    def _rows_changed(self, _: str) -> None:
        self._recount.start()
        self.inspector.look_again()

    def _trash_changed(self, entries: Sequence[object]) -> None:
        self.trash.set_entries(entries)
        self._recount.start()
        self._enable()

    def _show_counts(self) -> None:
        """Bring the sidebar and the disk bar to what the table and the last look say."""
        rows, views = self.session.table.rows, self.session.feed.views
        counts = count_rows(rows, time.time())
        trash = sum(view.trash for view in views)
        known = {view.path: view for view in views}
        paths = [*known, *(path for path in counts.size_by_root if path not in known and not views)]
        entries = tuple(
            _root_entry(path, known.get(path), counts.size_by_root.get(path, 0)) for path in paths
        )
        self.sidebar.set_data(SidebarData(entries, counts, trash))
        disks = {view.device: view for view in views if view.disk_total}.values()
        usage = disk_usage(
            rows,
            self._grouping,
            total=sum(view.disk_total for view in disks),
            free=sum(view.disk_free for view in disks),
            trash=trash,
        )
        self.disk_bar.set_usage(usage, self._grouping, {view.path: view.name for view in views})
        self._show_page()

    def _show_selection(self, selected: Sequence[Selected]) -> None:
        self._enable()
        if len(selected) == 1:
            self.inspector.look_at(selected[0])
            return
        self.inspector.look_at(None)
        if selected:
            self.details.set_selection_summary(self._selected_rows(selected))
        else:
            self.details.set_details(None)

    def _selected_rows(self, selected: Sequence[Selected]) -> list[ModelRow]:
        table = self.session.table
        found = (table.row_at(table.index_of(root, key)) for root, key, _ in selected)
        return list(dict.fromkeys(row for row in found if row is not None))

    def _enable(self) -> None:
        in_trash = self.center.currentWidget() is self.trash
        selected = [] if in_trash else self.view.selected
        self.actions_.enable_for(
            selected, can_undo=bool(self._undos), has_trash=bool(self.session.feed.trash)
        )

    # ---- what the user does

    def _selection(self) -> list[Selection]:
        """What is selected, without revisions of models that are selected as a whole."""
        selected = self.view.selected
        whole = {(root, key) for root, key, commit in selected if commit is None}
        return [_selection(s) for s in selected if s.commit is None or (s.root, s.key) not in whole]

    def _delete(self) -> None:
        delete.delete(self.session, self, self._selection())

    def _remember_undo(self, undone: undo.Undo) -> None:
        self._undos.append(undone)
        self._enable()

    def _undo(self) -> None:
        if self._undos:
            undo.restore(self.session, self._undos.pop().entries)
            self.message_bar.close_message()
            self._enable()

    def _follow_message(self, message: Message) -> None:
        if isinstance(message.about, undo.Undo):
            if message.about in self._undos:
                self._undos.remove(message.about)
            undo.restore(self.session, message.about.entries)
            self._enable()
        elif callable(message.about):
            message.about()

    def _empty_trash(self) -> None:
        undo.remove_for_good(self.session, self, self.session.feed.trash)

    def _toggle_pin(self) -> None:
        rows = self._selected_rows(self.view.selected)
        if rows:
            notes.set_pinned(self.session, self._selection(), not all(row.pinned for row in rows))

    def _copy_names(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(s.key.removeprefix("hf@") for s in self._selection()))

    def _copy_paths(self) -> None:
        paths = [f"{s.root}/{_folder_of(s.key)}" for s in self.view.selected]
        QGuiApplication.clipboard().setText("\n".join(dict.fromkeys(paths)))

    def _open_folder(self) -> None:
        for chosen in self.view.selected[:1]:
            _open(f"{chosen.root}/{_folder_of(chosen.key)}")

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _narrow_to(self, share: Share) -> None:
        if share.kind == "trash":
            self.sidebar.choose(TRASH)
        elif share.kind == "cache":
            self.sidebar.choose(Scope(root=share.name))
        elif (term := filter_for(share)) is not None:
            self.search.set_filter_text(term)

    def _group_by(self, grouping: Grouping) -> None:
        self._grouping = grouping
        self._store.setValue("disk_bar/grouping", grouping)
        self._show_counts()

    def _show_menu(self, place: object) -> None:
        menu = QMenu(self)
        _fill(menu, self._model_commands()[:-1])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)  # type: ignore[arg-type]

    def _show_shortcuts(self) -> None:
        from modelkeep_gui.dialogs.shortcuts_dialog import ShortcutsDialog

        ShortcutsDialog(self.actions_.all(), self).open()

    def _show_about(self) -> None:
        from modelkeep_gui.dialogs.about_dialog import AboutDialog

        AboutDialog(self).open()

    # ---- its state between sessions

    def _restore_state(self) -> None:
        self.resize(1280, 800)
        for name, restore in (
            ("window/geometry", self.restoreGeometry),
            ("window/splitter", self.splitter.restoreState),
        ):
            state = self._store.value(name)
            if isinstance(state, QByteArray):
                restore(state)
        self.view.restore_layout(self._store)
        grouping = self._store.value("disk_bar/grouping")
        if grouping in ("library", "cache", "owner"):
            self._grouping = grouping

    def closeEvent(self, event: QCloseEvent) -> None:
        if running := [job for job in self.session.runner.running() if job.visible]:
            event.ignore()
            self._ask_to_close(len(running))
            return
        self._store.setValue("window/geometry", self.saveGeometry())
        self._store.setValue("window/splitter", self.splitter.saveState())
        self.view.save_layout(self._store)
        self.session.feed.stop()
        event.accept()
        QApplication.quit()

    def _ask_to_close(self, running: int) -> None:
        from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog

        dialog = ConfirmDialog(
            self.tr("Jobs are running"),
            self.tr(
                "%n job(s) would be stopped. Nothing is lost: what was not finished is offered again.",
                "",
                running,
            ),
            self.tr("Stop them and close"),
            self,
        )
        dialog.accepted.connect(self._stop_and_close)
        dialog.open()

    def _stop_and_close(self) -> None:
        self.session.runner.shutdown()
        for job in self.session.runner.running():
            job.visible = False
        self.close()


def _fill(menu: QMenu, entries: Sequence[object]) -> None:
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        else:
            menu.addAction(entry)  # type: ignore[arg-type]


def _selection(selected: Selected) -> Selection:
    return Selection(selected.root, f"{selected.key}@{selected.commit}" if selected.commit else selected.key)


def _root_entry(path: str, view: RootView | None, size: int) -> RootEntry:
    if view is None:
        return RootEntry(path, Path(path).name, size)
    return RootEntry(path, view.name, view.models_on_disk, is_here=not view.message)


def _folder_of(key: str) -> str:
    from modelkeep.cache.layout import repo_folder
    from modelkeep.keys import ModelKey

    parsed = ModelKey.parse(key)
    return repo_folder(parsed.repo_type, parsed.repo_id)


def _open(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))

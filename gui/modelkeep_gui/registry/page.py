"""The page of the registered models: which there are, whether they are here, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeyEvent, QKeySequence, QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.registrations.finding import RegisteredModel
from modelkeep.registrations.values import snippet
from modelkeep_gui.icons import icon
from modelkeep_gui.registry.about import AboutRegistered
from modelkeep_gui.registry.problems import ProblemTable
from modelkeep_gui.registry.table import RegisteredTable
from modelkeep_gui.registry.text import can_download, searched_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.state_page import StatePage

if TYPE_CHECKING:
    from modelkeep.registered import RegisteredView

__all__ = ["RegistryPage"]


class RegistryPage(QWidget):
    """Shows a `RegisteredView`; asks for one whenever it is shown.

    Signals:
        look_requested: what is registered is to be looked at.
        download_requested: list of `RegisteredModel` that are not here, or not all of them.
        show_requested, try_requested: the `RegisteredModel` of a cache that the user wants to see, or to try.
        register_requested: a model is to be registered.
        unregister_requested: the `RegisteredModel` that is to be forgotten.
        check_requested: a file is to be checked.
        folder_requested: a path whose folder the user wants to see (str).
    """

    look_requested = Signal()
    download_requested = Signal(object)
    show_requested = Signal(object)
    try_requested = Signal(object)
    register_requested = Signal()
    unregister_requested = Signal(object)
    check_requested = Signal()
    folder_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._view: RegisteredView | None = None
        self._wanted: set[str] = set()
        self.table = RegisteredTable()
        self.problems = ProblemTable()
        self.search = QLineEdit()
        self.register = self._action("plus", self.tr("Re&gister…"))
        self.check = self._action("verify", self.tr("&Check a file…"))
        keys = OwnKeys(self.table)
        self.download = keys.add(icon("download"), self.tr("Do&wnload…"))
        self.show_model = keys.add(icon("library"), self.tr("Show in the &library"))
        self.try_it = keys.add(icon("tryout"), self.tr("Tr&y it…"))
        self.open_folder = keys.add(icon("folder"), self.tr("&Open the folder"))
        self.copy_code = keys.add(
            icon("copy"), self.tr("Copy the &Python code"), QKeySequence.StandardKey.Copy
        )
        self.unregister = keys.add(icon("cancel"), self.tr("&Unregister"), QKeySequence.StandardKey.Delete)
        self.about = AboutRegistered(self.download, self.show_model, self.try_it, self.unregister)
        self.state = StatePage()
        self.again = self.state.add_button(self.tr("&Look again"), self.look_requested.emit)
        self._summary = ElidedLabel(muted=True, elide=Qt.TextElideMode.ElideRight)
        self._wrong = Notice("", "warning", "warn")
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.state.say(self.tr("Looking at what is registered"), is_busy=True)
        self._enable()

    @property
    def summary(self) -> str:
        """How many there are, in words."""
        return self._summary.text()

    @property
    def view(self) -> RegisteredView | None:
        """What is shown, None as long as nobody looked."""
        return self._view

    @property
    def is_large(self) -> bool:
        """Whether one thing is said in place of the models."""
        return self._stack.currentWidget() is self.state

    def set_view(self, view: RegisteredView) -> None:
        """Show what is registered."""
        self._view = view
        self._stack.setCurrentWidget(self._found)
        self.problems.show_problems(view.problems)
        count = len(view.problems)
        self._wrong.say(
            self.tr("1 thing is wrong in the files that register models; what it is about is left out.")
            if count == 1
            else self.tr(
                "{} things are wrong in the files that register models; what they are about is left out."
            ).format(f"{count:,}"),
            "warning",
            "warn",
        )
        self._trouble.setVisible(bool(count))
        self._filter()
        if self._wanted:
            self.table.clearSelection()
            self.table.select_names(self._wanted)
            self._wanted = set()
        self._follow()

    def show_error(self, error: ModelKeepError) -> None:
        """Say why nobody could look."""
        self._view = None
        self.table.show_models([])
        self.state.say(
            self.tr("What is registered could not be read"),
            f"{error} {error.hint}".strip(),
            name="damaged",
            tone="bad",
            buttons=(self.again,),
        )
        self._stack.setCurrentWidget(self.state)
        self._summary.setText("")
        self._enable()

    def select(self, name: str) -> None:
        """Have the model of this name selected once it is shown."""
        self.search.clear()
        self._wanted = {name}

    def event(self, event: QEvent) -> bool:
        # The window's own filter is for the models of caches; among these, Ctrl+F means this one.
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Find):
            if event.type() == QEvent.Type.KeyPress:
                self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
                self.search.selectAll()
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.table.go_to_first()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_requested.emit()

    # ---- what follows

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        models = self._view.models if self._view else ()
        found = [one for one in models if all(word in searched_text(one) for word in words)]
        self.table.show_models(found)
        self.table.set_placeholder(
            self.tr("No registered model has these words. Clear the filter to see all.")
            if words
            else self.tr("No model is registered.")
        )
        self._sum_up(len(found), len(models))
        self._follow()

    def _sum_up(self, found: int, count: int) -> None:
        if found != count:
            self._summary.setText(self.tr("{} of {}").format(f"{found:,}", f"{count:,}"))
            return
        here = sum(one.is_here for one in self._view.models) if self._view else 0
        self._summary.setText(self.tr("{} of {} are here").format(f"{here:,}", f"{count:,}"))

    def _follow(self) -> None:
        selected, current = self.table.selected, self.table.current
        if current is not None:
            self.about.show_model(current)
        else:
            self.about.show_nothing(len(selected))
        self._enable()

    def _enable(self) -> None:
        current = self.table.current
        is_cached = current is not None and bool(current.key)
        self.download.setEnabled(bool(self._missing()))
        for action in (self.show_model, self.try_it):
            action.setEnabled(is_cached)
        self.open_folder.setEnabled(current is not None and current.is_here)
        self.copy_code.setEnabled(bool(self.table.selected))
        self.unregister.setEnabled(self._is_ours(current))
        self.unregister.setToolTip(
            ""
            if self._is_ours(current)
            else self.tr("Only what was registered here can be unregistered here.")
        )

    def _is_ours(self, one: RegisteredModel | None) -> bool:
        view = self._view
        return one is not None and view is not None and one.registration.file == view.own_file

    def _missing(self) -> list[RegisteredModel]:
        return [one for one in self.table.selected if can_download(one)]

    def _open(self, one: RegisteredModel) -> None:
        if one.key and one.state != "incomplete":
            self.show_requested.emit(one)
        elif can_download(one):
            self.download_requested.emit([one])
        elif one.is_here:
            self.folder_requested.emit(one.path)

    def _copy(self) -> None:
        texts = dict.fromkeys(line for one in self.table.selected for line in _lines(one))
        QGuiApplication.clipboard().setText("\n".join(texts))

    # ---- where things are

    def _connect(self) -> None:
        self.search.installEventFilter(self)
        self.search.textChanged.connect(lambda _: self._filter())
        self.table.selection_changed.connect(lambda _: self._follow())
        self.table.opened.connect(self._open)
        self.problems.folder_requested.connect(self.folder_requested)
        self.register.triggered.connect(self.register_requested)
        self.check.triggered.connect(self.check_requested)
        self.download.triggered.connect(lambda: self.download_requested.emit(self._missing()))
        self.show_model.triggered.connect(lambda: self.show_requested.emit(self.table.current))
        self.try_it.triggered.connect(lambda: self.try_requested.emit(self.table.current))
        self.unregister.triggered.connect(lambda: self.unregister_requested.emit(self.table.current))
        self.open_folder.triggered.connect(self._request_folder)
        self.copy_code.triggered.connect(self._copy)

    def _request_folder(self) -> None:
        if current := self.table.current:
            self.folder_requested.emit(current.path)

    def _action(self, name: str, text: str) -> QAction:
        return QAction(icon(name) if name else QIcon(), text, self)

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(self.tr("Filter names, types, tags"))
        self.search.setAccessibleName(self.tr("Filter the registered models"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(40 * GRID)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        line.setSpacing(2 * GRID)
        for button in (ActionButton(self.register), ActionButton(self.check)):
            line.addWidget(button)
        line.addWidget(self.search, 1)
        self._summary.setMinimumWidth(self.fontMetrics().horizontalAdvance(" 99 of 99 are here "))
        line.addWidget(self._summary, 1)
        self._found = QWidget()
        found = QVBoxLayout(self._found)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(0)
        table = QHBoxLayout()
        table.setContentsMargins(2 * GRID, 0, GRID, 0)
        table.addWidget(self.table)
        found.addLayout(table, 1)
        found.addWidget(self._lay_out_trouble())
        found.addWidget(_rule())
        found.addWidget(self.about)
        for page in (self.state, self._found):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self._stack, 1)

    def _lay_out_trouble(self) -> QWidget:
        self._trouble = QWidget()
        trouble = QVBoxLayout(self._trouble)
        trouble.setContentsMargins(3 * GRID, 2 * GRID, GRID, 0)
        trouble.setSpacing(GRID)
        self.problems.horizontalHeader().hide()
        self.problems.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        trouble.addWidget(self._wrong)
        trouble.addWidget(self.problems)
        self._trouble.hide()
        return self._trouble

    def minimumSizeHint(self) -> QSize:
        return QSize(80 * GRID, super().minimumSizeHint().height())


def _rule() -> QWidget:
    rule = QWidget()
    rule.setFixedHeight(1)
    rule.setAutoFillBackground(True)
    rule.setBackgroundRole(QPalette.ColorRole.Mid)
    return rule


def _lines(one: RegisteredModel) -> list[str]:
    return snippet(one.registration).splitlines()

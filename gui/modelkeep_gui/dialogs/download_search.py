"""The search of the download dialog: words, a hub, a task, an order, and the models that were found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from modelkeep.hub.profile import ProfileView
from modelkeep.hub.replies import SearchPage
from modelkeep_gui.dialogs.download_choice import named_model
from modelkeep_gui.dialogs.download_picker import QuietField
from modelkeep_gui.dialogs.download_results import ResultList
from modelkeep_gui.dialogs.download_text import sortings, tasks
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["ModelSearch", "SearchRequest"]

_PAUSE = 250  # milliseconds after the last key
_PASTED = 3  # characters at once: no key does that


@dataclass(frozen=True)
class SearchRequest:
    """What to search for; `page` is the place of a further page, "" for the first."""

    text: str
    profile: str
    task: str
    sort: str
    page: str = ""


class _Field(QuietField):
    """Where words and names are typed. Down goes on to the results.

    Signals:
        left_downwards: None.
    """

    left_downwards = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit(None)
            return
        super().keyPressEvent(event)


class ModelSearch(QWidget):
    """The list of results. The line to search in stands above it and what is beside it: see `bar`.

    Signals:
        search_requested: the `SearchRequest` whose page `show_page` is to bring.
        model_named: a `NamedModel`, to go straight to.
        profile_chosen: the name of another hub than before.
    """

    search_requested = Signal(object)
    model_named = Signal(object)
    profile_chosen = Signal(object)

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _Field(text)
        self.hub = QComboBox()
        self.task = QComboBox()
        self.sort = QComboBox()
        self.results = ResultList()
        self.bar = QHBoxLayout()
        self.is_searching = False
        self._title = caption("")
        self._line = ProgressLine()
        self._before = text
        self._shown: SearchRequest | None = None
        self._profile = ""
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._lay_out()
        self._connect()

    @property
    def profile(self) -> str:
        """The name of the chosen hub, "" for the default one."""
        return self._profile

    @property
    def request(self) -> SearchRequest:
        """What is to be searched for as it stands now."""
        text = self.field.text().strip()
        named = named_model(text)
        words = named.key.repo_id if named else text
        return SearchRequest(words, self.profile, self.task.currentData(), self.sort.currentData())

    @property
    def title(self) -> str:
        return self._title.text()

    def set_profiles(self, views: Sequence[ProfileView], chosen: str = "") -> None:
        """Offer these hubs; `chosen` is used if it is still there, else the default one."""
        self.hub.blockSignals(True)
        self.hub.clear()
        for view in views:
            host = view.profile.endpoint.partition("://")[2].rstrip("/")
            name = view.profile.name
            self.hub.addItem(name if name == host else f"{name} · {host}", name)
        names = [view.profile.name for view in views]
        default = next((view.profile.name for view in views if view.is_default), names[0] if names else "")
        self._profile = chosen if chosen in names else default
        self.hub.setCurrentIndex(self.hub.findData(self._profile))
        self.hub.blockSignals(False)
        self._hub_label.setVisible(len(names) > 1)
        self.hub.setVisible(len(names) > 1)

    def set_here(self, here: Collection[str]) -> None:
        self.results.rows.set_here(here)

    def begin(self) -> None:
        """Search, or go to what is named."""
        self._go()

    def search(self) -> None:
        """Search for what stands in the field, now."""
        self._later.stop()
        self._show_searching(True)
        self.search_requested.emit(self.request)

    def show_page(self, request: SearchRequest, page: SearchPage) -> None:
        """Show what was found."""
        self._show_searching(False)
        rows = self.results.rows
        if request.page:
            rows.append(page.models, page.next)
            return
        self._shown = request
        rows.replace(page.models, page.next)
        order = next(one for one in sortings() if one.key == request.sort)
        self._title.setText(self.tr("Found") if request.text else order.title)
        if request.text or request.task:
            text = self.tr("No model matches “{}”.").format(request.text or request.task)
            hint = self.tr(
                "Try fewer words or part of the name, or any task. A full name, org/name, is looked up."
            )
            self.results.set_placeholder(f"{text}\n\n{hint}")
        else:
            self.results.set_placeholder(self.tr("This hub lists no model."))

    def show_failure(self, request: SearchRequest, text: str) -> None:
        """Say why nothing could be searched for. What was found before stays, when it was a further page."""
        self._show_searching(False)
        if request.page:
            self.results.rows.stop()
        else:
            self.results.rows.replace((), "")
            self.results.set_placeholder(text)

    def _show_searching(self, is_searching: bool) -> None:
        self.is_searching = is_searching
        self._line.setVisible(is_searching)
        if is_searching and not self.results.rows.models:
            self.results.set_placeholder(self.tr("Searching…"))

    # ---- what the user does

    def _edited(self, text: str) -> None:
        is_pasted = len(text) - len(self._before) >= _PASTED
        self._before = text
        named = named_model(text)
        if named and (is_pasted or "://" in text):
            self._go()
        else:
            self._later.start()

    def _go(self) -> None:
        """Go to the model that is named, if one is, and find what is like it."""
        self._later.stop()
        if named := named_model(self.field.text()):
            self.model_named.emit(named)
        self.search()

    def _enter(self) -> None:
        if named_model(self.field.text()):
            self._go()
        elif self._later.isActive():
            self.search()
        else:
            self.results.enter()

    def _choose_hub(self) -> None:
        self._profile = str(self.hub.currentData() or "")
        self.profile_chosen.emit(self._profile)
        self.search()

    def _ask_for_more(self, place: str) -> None:
        if self._shown is not None:
            self._show_searching(True)
            self.search_requested.emit(replace(self._shown, page=place))

    # ---- where things are

    def _lay_out(self) -> None:
        self.field.setPlaceholderText(self.tr("Search, or paste a name or the address of a page"))
        self.field.setMinimumWidth(48 * GRID)
        self.field.setAccessibleName(self.tr("Search for models"))
        self.field.addAction(
            QAction(icon("search", "muted"), "", self.field), QLineEdit.ActionPosition.LeadingPosition
        )
        self.task.addItem(self.tr("Any task"), "")
        for name in tasks():
            self.task.addItem(name, name)
        for one in sortings():
            self.sort.addItem(one.text, one.key)
        self.hub.setAccessibleName(self.tr("Hub"))
        self.task.setAccessibleName(self.tr("Task"))
        self.sort.setAccessibleName(self.tr("Order"))
        self._hub_label = self._labelled(self.tr("&Hub"), self.hub)
        self._labelled(self.tr("Tas&k"), self.task)
        self._labelled(self.tr("&Order"), self.sort)
        self.bar.setSpacing(2 * GRID)
        self.bar.insertWidget(0, self.field, 1)
        self._hub_label.hide()
        self.hub.hide()
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch()
        self._line.setFixedWidth(16 * GRID)
        self._line.show_share(0, 0)
        self._line.hide()
        head.addWidget(self._line, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 3 * GRID, 0)
        layout.setSpacing(GRID)
        layout.addLayout(head)
        layout.addWidget(self.results, 1)

    def _labelled(self, text: str, field: QComboBox) -> QLabel:
        label = QLabel(text)
        label.setBuddy(field)
        self.bar.addWidget(label)
        self.bar.addWidget(field)
        return label

    def _connect(self) -> None:
        self._later.timeout.connect(self.search)
        self.field.textEdited.connect(self._edited)
        self.field.entered.connect(lambda _: self._enter())
        self.field.left_downwards.connect(lambda _: self.results.enter())
        self.results.rows.more_wanted.connect(self._ask_for_more)
        self.hub.activated.connect(lambda _: self._choose_hub())
        for field in (self.task, self.sort):
            field.activated.connect(lambda _: self.search())

"""Downloading a model: search for it or name it, choose its files, see what it costs, begin."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from modelkeep.errors import ModelKeepError, Offline
from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.hub.names import NamedModel
from modelkeep.hub.profile import OFFICIAL, ProfileView
from modelkeep.hub.replies import HubModel, HubRefs, SearchPage
from modelkeep.hub.transfer import Transfer
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.download_choice import by_format, chosen_paths, with_chosen
from modelkeep_gui.dialogs.download_model import FailurePage, ModelPane
from modelkeep_gui.dialogs.download_search import ModelSearch, SearchRequest
from modelkeep_gui.dialogs.download_target import DownloadTarget
from modelkeep_gui.dialogs.download_text import button_text, page_url
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID

__all__ = ["DownloadDialog", "PlanRequest"]

_PAUSE = 150  # milliseconds on a model of the list, before it is looked at: one may be on the way to another
_SIZE = QSize(270 * GRID, 172 * GRID)
_LEAST_HEIGHT = 140 * GRID  # with a few files, and all that there can be to say above and beneath them


@dataclass(frozen=True)
class PlanRequest:
    """What the dialog wants to know of a model. `path` is the one file that was named, "" for none."""

    name: str
    revision: str
    root: str
    profile: str
    path: str = ""

    @property
    def full_name(self) -> str:
        """The name with its revision."""
        return f"{self.name}@{self.revision}" if self.revision else self.name


class DownloadDialog(Sheet):
    """Opens before a hub was asked. Its `answer` counts once it was accepted.

    What it wants to know it asks by its signals and those of `search`, and is told by methods with what was asked,
    so that an answer to an earlier question is told from one to the last.

    Signals:
        model_requested: the `PlanRequest` of a model: `set_model` and `set_plan` are to bring what is known of it.
        plan_requested: the `PlanRequest` of the same model: only the plan is wanted.
        fit_requested: the `DownloadPlan` as it is chosen now; `set_fit` is to bring whether that fits the memory.
        online_requested: None; the offline switch is to be turned off.
        test_requested: the name of the profile whose connection is to be tested (str).
    """

    model_requested = Signal(object)
    plan_requested = Signal(object)
    fit_requested = Signal(object)
    online_requested = Signal(object)
    test_requested = Signal(object)

    def __init__(self, roots: Sequence[RootView], text: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", "download", "accent", parent)
        self._hubs: dict[str, ProfileView] = {}
        self._request: PlanRequest | None = None
        self._plan: DownloadPlan | None = None
        self._is_planning = False
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._fit_later = QTimer(self, singleShot=True, interval=_PAUSE)
        self.search = ModelSearch(text)
        self.model = ModelPane()
        self.failure = FailurePage()
        self.target = DownloadTarget()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._pages = QStackedWidget()
        self.download = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self.set_roots(roots)
        self._connect()
        self._follow()

    # ---- what the operation asks and tells

    @property
    def answer(self) -> DownloadPlan:
        """The plan with the files that the user wants."""
        assert self._plan is not None, "without a plan nothing can be accepted"
        return self._plan

    @property
    def request(self) -> PlanRequest | None:
        """The last question about a model."""
        return self._request

    @property
    def is_busy(self) -> bool:
        """Whether something is being looked at, or about to be."""
        return self._is_planning or self._later.isActive() or self.search.is_searching

    def set_roots(self, views: Sequence[RootView]) -> None:
        """Offer these caches, as far as they can be written to."""
        self.target.set_roots(views)
        self._follow()

    def set_transfers(self, transfers: Sequence[Transfer]) -> None:
        """Say of a model that is in the list of downloads that it is."""
        self.target.set_transfers(transfers)
        self._follow()

    def set_profiles(self, views: Sequence[ProfileView], chosen: str = "") -> None:
        """Offer these hubs, and begin to search in one of them."""
        self._hubs = {view.profile.name: view for view in views}
        self.search.set_profiles(views, chosen)
        self.search.begin()

    def set_here(self, here: Collection[str]) -> None:
        """Mark the models of these names as being in a cache."""
        self.search.set_here(here)

    def set_page(self, request: SearchRequest, page: SearchPage) -> None:
        """Show what a search found."""
        self.search.show_page(request, page)
        self._pages.setCurrentWidget(self.splitter)
        if self._request:
            self.search.results.choose(self._request.name)

    def set_search_failure(self, request: SearchRequest, error: ModelKeepError) -> None:
        """Say why nothing was found: on all of the dialog, unless a model is shown."""
        self.search.show_failure(request, " ".join(filter(None, (str(error), error.hint))))
        if not request.page and (self._request is None or isinstance(error, Offline)):
            self.failure.show_error(error)
            self._pages.setCurrentWidget(self.failure)

    def set_held_offline(self, reason: str) -> None:
        """Say that the switch alone does not help."""
        self.failure.say(
            reason,
            self.tr(
                "A variable of the environment says so; it counts until Modelkeep is started without it."
            ),
            name="hub",
        )

    def set_model(self, request: PlanRequest, model: HubModel, refs: HubRefs) -> None:
        """Show what a hub says of a model."""
        if request != self._request:
            return
        self._show_model(model, self._plan.notes if self._plan else ())
        self.model.about.show_revisions(refs, request.revision)
        if self._is_planning and not self.model.has_files:
            self.model.show_listing()

    def set_plan(self, request: PlanRequest, plan: DownloadPlan) -> None:
        """Show what downloading a model would do. What was chosen stays chosen, if it is of the same commit."""
        if request != self._request:
            return
        before, recommended = self._plan, by_format(plan) if request.path else chosen_paths(plan)
        self._is_planning = False
        is_same = before is not None and (before.commit, before.key.repo_id) == (
            plan.commit,
            plan.key.repo_id,
        )
        self._show_model(plan.model, plan.notes)
        if before is not None and is_same and self.model.has_files:
            self._plan = with_chosen(plan, chosen_paths(before))
            self.model.show_files(self._plan, None)
            self._fit_later.start()
        else:
            self._plan = plan
            self.model.show_files(plan, recommended)
        self.model.show_fit(plan)
        self._follow()

    def set_plan_failure(self, request: PlanRequest, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        if request == self._request:
            self._is_planning = False
            self._plan = None
            self.model.show_error(error, self._url(request.name))
            self._follow()

    def set_fit(self, plan: DownloadPlan) -> None:
        """Take from `plan` whether it fits the memory, if it is what is chosen."""
        if self._plan and plan.commit == self._plan.commit and chosen_paths(plan) == chosen_paths(self._plan):
            self._plan = replace(self._plan, fit=plan.fit)
            self.model.picker.show_plan(self._plan)
            self.model.show_fit(self._plan)

    # ---- what the user does

    def turn_to(self, name: str, revision: str = "", path: str = "") -> None:
        """Show a model, with all its files or with one that was named."""
        self._later.stop()
        self._request = PlanRequest(name, revision, self.target.root.root, self.search.profile, path)
        self._plan = None
        self._is_planning = True
        self._pages.setCurrentWidget(self.splitter)
        self.model.show_waiting(name)
        self._follow()
        self.model_requested.emit(self._request)

    def _turn_to_named(self, named: NamedModel) -> None:
        self.turn_to(named.key.repo_id, named.key.revision or "", named.path)

    def _turn_to_current(self) -> None:
        model = self.search.results.current
        if model and (self._request is None or model.repo_id != self._request.name):
            self.turn_to(model.repo_id)

    def _choose_revision(self, revision: str) -> None:
        """Plan again at another revision."""
        if self._request:
            model = self.model.about.model
            name = model.repo_id if model else self._request.name
            self._request = replace(self._request, name=name, revision=revision, path="")
            self._plan = None
            self.model.show_listing()
            self._ask_for_plan()

    def _choose_root(self) -> None:
        if self._request:
            self._request = replace(self._request, root=self.target.root.root)
            self._ask_for_plan()

    def _choose_files(self, paths: frozenset[str]) -> None:
        if self._plan is None:
            return
        include, exclude = self.model.picker.patterns
        self._plan = replace(with_chosen(self._plan, paths), include=include, exclude=exclude)
        self.model.show_files(self._plan, None)
        if not paths:
            self.model.show_fit(None)
        self._fit_later.start()
        self._follow()

    def _retry(self) -> None:
        if self._pages.currentWidget() is self.failure or self._request is None:
            self.search.begin()
        else:
            self.turn_to(self._request.name, self._request.revision, self._request.path)

    # ---- what follows from it

    def _ask_for_plan(self) -> None:
        self._is_planning = True
        self._follow()
        self.plan_requested.emit(self._request)

    def _ask_for_fit(self) -> None:
        if self._plan is not None and self._plan.chosen:
            self.fit_requested.emit(self._plan)
        else:
            self.model.show_fit(None)

    def _show_model(self, model: HubModel, notes: Sequence[str]) -> None:
        hub = self._hubs.get(self.search.profile)
        has_token = hub is None or bool(hub.token_source)
        self.model.show_model(model, self._url(model.repo_id), notes, has_token=has_token)

    def _url(self, repo_id: str) -> str:
        hub = self._hubs.get(self.search.profile)
        return page_url(hub.profile.endpoint if hub else OFFICIAL, repo_id)

    def _follow(self) -> None:
        """Bring the figures and the button to what is planned and chosen."""
        plan = self._plan
        self.target.show_plan(plan, is_planning=self._is_planning and self.model.has_files)
        why = self.target.obstacle(plan)
        self.download.setText(button_text(plan))
        self.download.setEnabled(plan is not None and not why and not self._is_planning)
        self.download.setToolTip(why)

    # ---- where things are

    def _lay_out(self) -> None:
        self.setWindowTitle(self.tr("Download a model"))
        self.heading.setText(self.tr("Download a model"))
        self.setSizeGripEnabled(True)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.resize(_SIZE)
        for part, stretch in ((self.search, 0), (self.model, 1)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.indexOf(part), stretch)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([88 * GRID, 160 * GRID])
        for page in (self.splitter, self.failure):
            self._pages.addWidget(page)
        self.body.addLayout(self.search.bar)
        self.body.addWidget(self._pages, 1)
        self.body.addWidget(self.target)
        self.set_default(self.download)
        self.search.field.setFocus()

    def _connect(self) -> None:
        search, model = self.search, self.model
        search.model_named.connect(self._turn_to_named)
        search.profile_chosen.connect(lambda _: self._forget_model())
        search.results.chosen.connect(lambda _: self._later.start())
        search.results.opened.connect(lambda _: model.picker.tree.setFocus())
        self._later.timeout.connect(self._turn_to_current)
        model.about.revision_chosen.connect(self._choose_revision)
        model.picker.chosen.connect(self._choose_files)
        self._fit_later.timeout.connect(self._ask_for_fit)
        self.target.root_chosen.connect(lambda _: self._choose_root())
        for page in (self.failure, model.page):
            page.retry_requested.connect(self._retry)
            page.online_requested.connect(lambda: self.online_requested.emit(None))
            page.test_requested.connect(lambda: self.test_requested.emit(search.profile))

    def _forget_model(self) -> None:
        """Another hub has other models."""
        self._request = self._plan = None
        self._is_planning = False
        self.model.show_nothing()
        self._follow()

"""Asks hubs what the download dialog wants to know: what a search finds, what a model is, what fetching it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject

from modelkeep_gui.dialogs.download_choice import chosen_paths
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelkeep.errors import ModelKeepError
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.hub.profile import ProfileView
    from modelkeep.hub.replies import HubModel, HubRefs
    from modelkeep_gui.dialogs.download_dialog import DownloadDialog, PlanRequest
    from modelkeep_gui.dialogs.download_search import SearchRequest

__all__ = ["DownloadPlanning"]

_LANES = 4
"""Of each kind of question. One that is out of date may hang on a slow hub, and the next must not wait for it."""


class DownloadPlanning(QObject):
    """Answers what a dialog asks: of each kind always its last question. It ends with the dialog."""

    def __init__(self, session: Session, dialog: DownloadDialog) -> None:
        super().__init__(dialog)
        self._session = session
        self._dialog = dialog
        self._jobs: dict[str, Job] = {}
        self._turns: Counter[str] = Counter()
        dialog.search.search_requested.connect(self.search)
        dialog.model_requested.connect(self.look)
        dialog.plan_requested.connect(self.plan)
        dialog.fit_requested.connect(self.choose)
        dialog.online_requested.connect(lambda _: self._go_online())
        dialog.finished.connect(self._stop)
        session.feed.views_changed.connect(dialog.set_roots)
        session.feed.rows_changed.connect(self._mark_here)
        session.transfers.changed.connect(dialog.set_transfers)
        dialog.set_transfers(session.transfers.transfers)

    def begin(self, profile: str) -> None:
        """List the hubs, of which `profile` is chosen if it is still there; then the dialog searches."""
        self._mark_here()
        self._ask(
            "profiles",
            "hubs.profiles",
            on_done=partial(self._take_profiles, profile),
            on_failed=lambda _: self._take_profiles("", ()),
        )

    def search(self, request: SearchRequest) -> None:
        self._ask(
            "search",
            "hubs.search",
            request.text,
            profile=request.profile,
            task=request.task,
            sort=request.sort,
            page=request.page,
            on_done=partial(self._dialog.set_page, request),
            on_failed=partial(self._dialog.set_search_failure, request),
        )

    def look(self, request: PlanRequest) -> None:
        """Find out what a model is, and beside it what fetching it takes."""
        self._ask(
            "look",
            "hubs.look",
            request.full_name,
            profile=request.profile,
            on_done=partial(self._take_model, request),
            on_failed=lambda _: None,  # what is wrong the plan finds out too, and says
        )
        self.plan(request)

    def plan(self, request: PlanRequest) -> None:
        self._ask(
            "plan",
            "hubs.plan_download",
            request.full_name,
            root=request.root or None,
            profile=request.profile,
            files=(request.path,) if request.path else None,
            on_done=partial(self._dialog.set_plan, request),
            on_failed=partial(self._dialog.set_plan_failure, request),
        )

    def choose(self, plan: DownloadPlan) -> None:
        """Find out whether what is chosen fits the memory."""
        self._ask(
            "fit",
            "hubs.choose",
            plan,
            tuple(chosen_paths(plan)),
            on_done=self._dialog.set_fit,
            on_failed=lambda _: self._dialog.model.show_fit(None),
        )

    # ---- within

    def _take_profiles(self, profile: str, views: Sequence[ProfileView]) -> None:
        self._dialog.set_profiles(views, profile)

    def _take_model(self, request: PlanRequest, found: tuple[HubModel, HubRefs]) -> None:
        self._dialog.set_model(request, *found)

    def _go_online(self) -> None:
        self._ask(
            "online",
            "hubs.set_offline",
            False,
            on_done=self._take_offline,
            on_failed=self._show_failure,
        )

    def _take_offline(self, reason: str) -> None:
        self._session.offline_changed.emit(reason)
        if reason:
            self._dialog.set_held_offline(reason)
        else:
            self._dialog.search.begin()

    def _show_failure(self, error: ModelKeepError) -> None:
        self._dialog.failure.show_error(error)

    def _mark_here(self, _: object = None) -> None:
        rows = self._session.table.rows
        self._dialog.set_here(
            frozenset(row.repo_id for row in rows if row.repo_type == "model" and row.state != "incomplete")
        )

    def _ask(
        self,
        kind: str,
        method: str,
        *args: object,
        on_done: Callable[[Any], object],
        on_failed: Callable[[Any], object],
        **kwargs: Any,
    ) -> None:
        """Ask the work process, and hear the answer unless something else of that kind was asked since."""
        if before := self._jobs.pop(kind, None):
            before.cancel()
        self._turns[kind] += 1
        kept: list[Job] = []

        def if_wanted(hear: Callable[[Any], object]) -> Callable[[Any], object]:
            def answer(value: Any) -> None:
                if kept and self._jobs.get(kind) is kept[0]:
                    del self._jobs[kind]
                    hear(value)

            return answer

        job = self._session.runner.run(
            QCoreApplication.translate("operations", "Ask a hub"),
            method,
            *args,
            lane=f"hub {kind} {self._turns[kind] % _LANES}",
            visible=False,
            on_done=if_wanted(on_done),
            on_failed=if_wanted(on_failed),
            **kwargs,
        )
        kept.append(job)
        self._jobs[kind] = job

    def _stop(self) -> None:
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            job.cancel()

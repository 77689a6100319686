"""Pushing: the dialog asks what and where to and shows what that sends, a job sends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QSettings
from PySide6.QtWidgets import QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.remotes.listings import root_of
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.hub.profile import ProfileView
    from modelkeep.hub.push_plan import PushResult
    from modelkeep.hub.replies import Whoami
    from modelkeep_gui.dialogs.push_dialog import PushAnswer, PushDialog, PushRequest

__all__ = ["push"]

_LANE = "network"
_PUSHES = "push"  # of their own: what is asked of a hub meanwhile must not wait for gigabytes
_PROFILE = "push/profile"
_PLAN, _WHO = "plan", "who"  # the kinds of questions, of each of which only the last counts


def push(session: Session, parent: QWidget, selections: Sequence[Selection], *, remote: str = "") -> None:
    """Ask about pushing one of `selections`, or a folder, and do what the answer says; at first to `remote`."""
    _open(session, parent, selections, remote=remote)


def _open(
    session: Session,
    parent: QWidget,
    selections: Sequence[Selection],
    begun: PushRequest | None = None,
    *,
    remote: str = "",
) -> None:
    """Open the dialog; `begun` is what was asked for when a push stopped."""
    from modelkeep_gui.dialogs.push_dialog import PushDialog

    dialog = PushDialog(selections, parent)
    if begun is not None:
        dialog.restore(begun)
    dialog.accepted.connect(lambda: _run(session, parent, selections, dialog.request, dialog.answer))
    dialog.open()
    profile = begun.profile if begun else str(QSettings().value(_PROFILE, ""))
    if remote or (begun and begun.remote):
        profile = root_of(remote or (begun.remote if begun else ""))
    _Planning(session, dialog).begin(profile, asks_who=begun is None)


class _Planning(QObject):
    """Answers what the dialog wants to know: always its last question. It ends with the dialog."""

    def __init__(self, session: Session, dialog: PushDialog) -> None:
        super().__init__(dialog)
        self._runner = session.runner
        self._remotes = session.remotes
        self._dialog = dialog
        self._asked: dict[str, Job] = {}
        dialog.replan_requested.connect(self.plan)
        dialog.who_requested.connect(self.ask_who)
        dialog.withdrawn.connect(lambda: self._stop(_PLAN))
        dialog.finished.connect(lambda _: self._stop(_PLAN, _WHO))

    def begin(self, profile: str, *, asks_who: bool) -> None:
        """List the hubs, of which `profile` is chosen if it is still there; then ask whose token it is, and plan."""
        self._ask(
            _WHO,
            _tr("List the hubs"),
            "hubs.profiles",
            on_done=partial(self._take_profiles, profile, asks_who),
            on_failed=self._dialog.show_failure,
        )

    def ask_who(self, profile: str) -> None:
        # Why nobody is known, the plan says: it asks too.
        self._ask(
            _WHO,
            _tr("Ask whose token it is"),
            "hubs.whoami",
            profile=profile,
            on_done=self._take_who,
            on_failed=lambda _: self._dialog.ask(),
        )

    def plan(self, request: PushRequest) -> None:
        if request.remote:
            self._plan_remote(request)
            return
        job = self._ask(
            _PLAN,
            _tr("Plan a push"),
            "hubs.plan_push",
            request.source,
            request.to,
            profile=request.profile,
            branch=request.branch,
            pull_request=request.pull_request,
            private=request.private,
            message=request.message,
            delete=request.delete,
            on_done=self._dialog.set_plan,
            on_failed=self._dialog.show_failure,
        )
        job.progressed.connect(self._dialog.show_progress)

    def _plan_remote(self, request: PushRequest) -> None:
        job = self._ask(
            _PLAN,
            _tr("Plan a push"),
            "remotes.plan_push",
            request.source,
            request.remote,
            to=request.to,
            ref=request.branch,
            tags=request.tags,
            message=request.message,
            private=request.private,
            on_done=self._dialog.set_plan,
            on_failed=self._dialog.show_failure,
        )
        job.progressed.connect(self._dialog.show_progress)

    def _take_profiles(self, profile: str, asks_who: bool, views: Sequence[ProfileView]) -> None:
        self._dialog.form.set_profiles(views, profile, self._remotes.views)
        if asks_who:
            self._dialog.ask_who()
        else:
            self._dialog.ask()

    def _take_who(self, who: Whoami) -> None:
        self._dialog.form.set_who(who)
        self._dialog.ask()

    def _ask(
        self,
        kind: str,
        title: str,
        method: str,
        *args: object,
        on_done: Callable[[Any], object],
        on_failed: Callable[[Any], object],
        **kwargs: Any,
    ) -> Job:
        """Ask the work process, and hear the answer unless something else of that kind was asked since."""
        self._stop(kind)

        def if_wanted(hear: Callable[[Any], object]) -> Callable[[Any], object]:
            return lambda answer: hear(answer) if self._asked.get(kind) is job else None

        job = self._runner.run(
            title,
            method,
            *args,
            lane=_LANE,
            visible=False,
            on_done=if_wanted(on_done),
            on_failed=if_wanted(on_failed),
            **kwargs,
        )
        self._asked[kind] = job
        return job

    def _stop(self, *kinds: str) -> None:
        for kind in kinds:
            if job := self._asked.pop(kind, None):
                self._runner.cancel(job)


def _run(
    session: Session,
    parent: QWidget,
    selections: Sequence[Selection],
    request: PushRequest | None,
    answer: PushAnswer,
) -> None:
    plan, remote = answer.plan, answer.remote
    if remote is None:
        QSettings().setValue(_PROFILE, plan.profile)
    job = session.runner.run(
        _tr("Push {} to {}").format(plan.to.repo_id, remote.remote)
        if remote
        else _tr("Push to {}").format(plan.to.repo_id),
        "remotes.push" if remote else "hubs.push",
        remote or plan,
        allow_secrets=answer.allow_secrets,
        lane=_PUSHES,
    )
    place = remote.remote if remote else ""
    job.succeeded.connect(lambda result: _tell(session, parent, job, result, place))
    job.failed.connect(lambda error: _tell_failure(session, parent, selections, request, error))
    if remote is not None:
        job.ended.connect(lambda _: session.remotes.look(remote.remote, again=True))


def _tell(session: Session, parent: QWidget, job: Job, result: PushResult, remote: str) -> None:
    from modelkeep_gui.dialogs.push_result_dialog import PushResultDialog
    from modelkeep_gui.dialogs.push_text import result_text

    def show() -> None:
        PushResultDialog(result, parent).open()

    name = result.plan.to.repo_id
    job.summary = _tr("Pushed {} to {}").format(name, remote) if remote else _tr("Pushed to {}").format(name)
    text = result_text(result, remote)
    if count := len(result.differs):
        files = _tr("1 file is") if count == 1 else _tr("{} files are").format(f"{count:,}")
        text = _tr("{} But {} not there as sent.").format(text, files)
    session.tell(text, action=_tr("Show"), about=show, tone="warn" if result.differs else "good")


def _tell_failure(
    session: Session,
    parent: QWidget,
    selections: Sequence[Selection],
    request: PushRequest | None,
    error: ModelKeepError,
) -> None:
    """Say why it stopped. The job can be tried again as it is; looking again makes another plan."""
    session.tell(
        " ".join(filter(None, (str(error), error.hint))),
        action=_tr("Look again"),
        about=lambda: _open(session, parent, selections, request),
        tone="bad",
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

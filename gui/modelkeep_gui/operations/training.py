"""Fine-tuning: the plan, the dialog, the job, what came of it, and going on with what was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QWidget

from modelkeep.errors import UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.text import size_text
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations import trying
from modelkeep_gui.operations.last_question import LastQuestion
from modelkeep_gui.operations.reveal import Reveal, reveal
from modelkeep_gui.operations.unsafe import ask_to_allow
from modelkeep_gui.session import Session
from modelkeep_gui.widgets.message_bar import Message

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep.inference.outcome import Interpreter
    from modelkeep.training.values import TrainingPlan, TrainingResult
    from modelkeep_gui.training.about import About
    from modelkeep_gui.training.dialog import TrainDialog
    from modelkeep_gui.training.form import TrainRequest
    from modelkeep_gui.training.page import TrainingsPage

__all__ = ["fine_tune", "make_page", "offer_interrupted"]


def fine_tune(session: Session, parent: QWidget, selected: Sequence[Selection]) -> TrainDialog | None:
    """Ask what the selected model is to learn, show what that takes, and do it after a yes."""
    if len(selected) != 1:
        return None
    from modelkeep_gui.training.dialog import TrainDialog

    [chosen] = selected
    key = ModelKey.known(chosen.key)
    rows = (row for row in session.table.rows if (row.root, row.key) == (chosen.root, key.name))
    task = next((row.task for row in rows), "") or ""
    dialog = TrainDialog(key.repo_id, task, parent)
    question = LastQuestion(session.runner, dialog)
    dialog.withdrawn.connect(question.withdraw)
    dialog.plan_requested.connect(partial(_plan, question, dialog, chosen))
    dialog.accepted.connect(lambda: _run(session, parent, dialog.answer))
    dialog.open()
    _ask_for_devices(session, dialog)
    return dialog


def make_page(session: Session, parent: QWidget) -> TrainingsPage:
    """The page of all trainings."""
    from modelkeep_gui.training.page import TrainingsPage

    page = TrainingsPage(session.trainings, parent)
    page.wished.connect(lambda wish: _do(session, parent, *wish))
    return page


def offer_interrupted(session: Session, parent: QWidget, store: QSettings) -> None:
    """Say quietly, and once, which trainings ended with the last window, and keep which will end with this one."""
    from modelkeep_gui.training.begun import Begun

    feed = session.trainings
    begun = Begun(feed, store)

    def look(trainings: Sequence[About]) -> None:
        feed.changed.disconnect(look)
        if left := begun.take(trainings):
            _offer(session, parent, left)

    feed.changed.connect(look)
    feed.refresh()


def _offer(session: Session, parent: QWidget, left: Sequence[About]) -> None:
    if len(left) == 1:
        text = _tr("The training of {} was interrupted. It can go on from where it was.").format(left[0].name)
        about: Callable[[], object] = partial(_resume, session, parent, left[0])
        action = _tr("Resume")
    else:
        text = _tr("{} trainings were interrupted. They can go on from where they were.").format(len(left))
        about, action = partial(session.trainings.wanted.emit, left[0].id), _tr("Show…")
    session.told.emit(Message(text, action=action, tone="warn", about=about, seconds=0))


# ---- the dialog


def _plan(question: LastQuestion, dialog: TrainDialog, chosen: Selection, request: TrainRequest) -> None:
    question.ask(
        _tr("Look at {}").format(ModelKey.known(chosen.key).repo_id),
        "trainings.plan",
        chosen,
        request.data,
        task=request.task,
        evaluation=request.evaluation or None,
        to=request.to,
        parameters=request.parameters,
        on_done=dialog.set_plan,
        on_failed=dialog.show_failure,
        on_progress=dialog.wait.show_progress,
    )


def _ask_for_devices(session: Session, dialog: TrainDialog) -> None:
    """Which devices there are takes seconds to say, so they are offered when they are known."""
    question = LastQuestion(session.runner, dialog)

    def take(found: Interpreter) -> None:
        dialog.form.more.set_devices(found.devices)

    question.ask(
        _tr("Look what there is to run models"),
        "tryouts.interpreter",
        on_done=take,
        on_failed=lambda _: None,
    )


# ---- the job


def _run(session: Session, parent: QWidget, plan: TrainingPlan, allow_unsafe: Sequence[str] = ()) -> None:
    id, job = session.trainings.run(plan, allow_unsafe)
    _follow(session, parent, job, id, plan.target.repo_id, plan)
    session.trainings.wanted.emit(id)


def _resume(session: Session, parent: QWidget, one: About) -> None:
    if session.trainings.is_own(one.id):
        return  # the button of a message that is older than that
    job = session.trainings.resume(one)
    _follow(session, parent, job, one.id, one.name)
    session.trainings.wanted.emit(one.id)


def _follow(
    session: Session, parent: QWidget, job: Job, id: str, name: str, plan: TrainingPlan | None = None
) -> None:
    """Say what becomes of a job that trains; `plan` where it is carried out for the first time."""
    shown = Reveal(session)
    job.succeeded.connect(lambda done: _tell(session, parent, job, done, shown))
    job.failed.connect(lambda error: _tell_failure(session, parent, id, name, error, plan))


def _tell(session: Session, parent: QWidget, job: Job, done: TrainingResult, shown: Reveal) -> None:
    from modelkeep_gui.training.curve import main_metric
    from modelkeep_gui.training.text import figure_text, metric_title

    name = done.key.repo_id
    job.summary = _tr("Trained {}").format(name)
    text = _tr("Trained {}.").format(name)
    if metric := main_metric(dict(done.metrics)):
        text = f"{text} {metric_title(metric)}: {figure_text(metric, done.metrics[metric])}."
    shown.when_listed([Selected(done.root, done.key.name, None)])
    session.feed.refresh()
    chosen = Selection(done.root, str(done.key.at(done.commit)))
    session.told.emit(
        Message(
            text,
            action=_tr("Try it"),
            tone="good",
            about=partial(trying.try_it, session, parent, chosen),
            seconds=0,
        )
    )


def _tell_failure(
    session: Session, parent: QWidget, id: str, name: str, error: ModelKeepError, plan: TrainingPlan | None
) -> None:
    if isinstance(error, UnsafeModel) and plan is not None:
        chosen = Selection(plan.root, str(plan.key.at(plan.commit)))
        again = partial(_run, session, parent, plan, [plan.key.name])
        ask_to_allow(session, parent, chosen, _tr("train"), error, again)
        return
    feed = session.trainings

    def tell(_: object) -> None:
        # Whether it can go on is known after the next look.
        one = feed.find(id)
        if one is not None and one.is_active:
            return
        feed.changed.disconnect(tell)
        said = str(error).removeprefix("hf@")
        text = " ".join(filter(None, (_tr("{} was not trained:").format(name), said, error.hint)))
        about: Callable[[], object] = partial(feed.wanted.emit, id)
        action = _tr("Show") if one is not None else ""
        if one is not None and one.can_resume:
            about, action = partial(_resume, session, parent, one), _tr("Resume")
        session.told.emit(Message(text, action=action, tone="bad", about=about if action else None))

    feed.changed.connect(tell)
    feed.refresh()


# ---- what is done with those that are there


def _do(session: Session, parent: QWidget, one: About, wish: str) -> None:
    feed = session.trainings
    result = Selection(one.target_root, f"{one.target}@{one.commit}")
    match wish:
        case "cancel":
            feed.cancel(one)
        case "resume":
            _resume(session, parent, one)
        case "up":
            feed.move(one, one.place - 1)
        case "down":
            feed.move(one, one.place + 1)
        case "discard":
            _ask_to_discard(session, parent, one)
        case "try":
            trying.try_it(session, parent, result)
        case "compare":
            window = trying.try_it(session, parent, result)
            window.compare_with([Selection(one.root, f"{one.parent}@{one.parent_commit}")])
        case "show":
            reveal(session, [Selected(one.target_root, ModelKey.known(one.target).name, one.commit)])


def _ask_to_discard(session: Session, parent: QWidget, one: About) -> None:
    from modelkeep.disk import released
    from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog

    frees = size_text(released(Path(one.folder)) if one.folder else 0)  # of a few dozen files
    if one.has_result:
        text = _tr("Its curve and its log go, which frees {}. What it published stays in the cache.")
    elif one.can_resume:
        text = _tr("Its checkpoints go, which frees {}. It cannot go on after that.")
    else:
        text = _tr("Its curve and its log go, which frees {}.")
    dialog = ConfirmDialog(
        _tr("Discard the training of {}?").format(one.name),
        text.format(frees),
        _tr("Discard, free {}").format(frees),
        parent,
    )
    dialog.accepted.connect(lambda: session.trainings.discard(one, partial(_tell_discarded, session, one)))
    dialog.open()


def _tell_discarded(session: Session, one: About, freed: int) -> None:
    session.tell(
        _tr("The training of {} was discarded: {} freed.").format(one.name, size_text(freed)), tone="good"
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

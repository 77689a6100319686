"""Making safetensors of pickled weights, as a new revision: plan, dialog, job, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.convert.plan import Conversion, ConversionPlan
from modelkeep.errors import ModelKeepError, UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.dialogs.error_dialog import show_error, show_failed_job
from modelkeep_gui.dialogs.safety_text import dangers
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.reveal import reveal
from modelkeep_gui.session import Session

__all__ = ["convert"]


def convert(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Show what converting the selected model would do, and do it after a yes."""
    if len(selected) == 1:
        [chosen] = selected
        session.runner.run(
            _tr("Look at {}").format(ModelKey.known(chosen.key).repo_id),
            "trust.plan_conversion",
            chosen,
            visible=False,
            on_done=partial(_ask, session, parent),
            on_failed=partial(show_error, parent),
        )


def _ask(session: Session, parent: QWidget, plan: ConversionPlan) -> None:
    from modelkeep_gui.dialogs.convert_dialog import ConvertDialog

    dialog = ConvertDialog(plan, parent)
    dialog.accepted.connect(lambda: _run(session, parent, dialog.answer))
    dialog.open()


def _run(session: Session, parent: QWidget, plan: ConversionPlan, allow_unsafe: Sequence[str] = ()) -> None:
    job = session.runner.run(
        _tr("Convert {}").format(plan.key.repo_id),
        "trust.convert",
        plan,
        lane=plan.root,
        allow_unsafe=list(allow_unsafe),
    )
    job.succeeded.connect(lambda done: _tell(session, parent, job, plan, done))
    job.failed.connect(lambda error: _tell_failure(session, parent, job, plan, error))
    job.ended.connect(lambda _: session.feed.refresh())


def _tell(session: Session, parent: QWidget, job: Job, plan: ConversionPlan, done: Conversion) -> None:
    from modelkeep_gui.dialogs.convert_result_dialog import ConvertResultDialog

    if done.tensors:
        job.summary = _tr("Converted {}: {} tensors compared").format(done.key.repo_id, f"{done.tensors:,}")
    else:
        job.summary = _tr("{} was converted before").format(done.key.repo_id)
    dialog = ConvertResultDialog(done, parent, has_moved_main=plan.moves_main)
    dialog.show_requested.connect(lambda _: reveal(session, [_new_revision(done)]))
    dialog.open()


def _new_revision(done: Conversion) -> Selected:
    return Selected(done.root, done.key.name, done.commit)


def _tell_failure(
    session: Session, parent: QWidget, job: Job, plan: ConversionPlan, error: ModelKeepError
) -> None:
    if not isinstance(error, UnsafeModel):
        show_failed_job(parent, job)
        return
    allow = partial(_ask_to_allow, session, parent, plan)
    session.runner.run(
        _tr("Look at {}").format(plan.key.repo_id),
        "trust.scan",  # of which the conversion has just had all remembered
        [Selection(plan.root, str(plan.key.at(plan.commit)))],
        lane="details",
        visible=False,
        on_done=lambda found: allow([text for _, verdict in found for text in dangers(verdict)]),
        on_failed=lambda _: allow([str(error)]),
    )


def _ask_to_allow(session: Session, parent: QWidget, plan: ConversionPlan, findings: Sequence[str]) -> None:
    from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog

    name = plan.key.repo_id
    dialog = AllowUnsafeDialog(name, _tr("convert"), findings, parent)
    dialog.accepted.connect(lambda: _run(session, parent, plan, [name]))
    dialog.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

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
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.reveal import reveal
from modelkeep_gui.operations.unsafe import ask_to_allow
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
    chosen = Selection(plan.root, str(plan.key.at(plan.commit)))
    again = partial(_run, session, parent, plan, [plan.key.repo_id])
    ask_to_allow(session, parent, chosen, _tr("convert"), error, again)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

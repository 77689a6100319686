"""Proving that a model loads without a network, in a child process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.errors import ModelKeepError, UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations.unsafe import ask_to_allow
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.checking.trial import TrialLoad

__all__ = ["try_loading"]

_LANE = "trial"


def try_loading(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Load the selected model for trial, after saying what that runs."""
    from modelkeep_gui.dialogs.trial_dialog import TrialDialog

    if len(selected) != 1:
        return
    [chosen] = selected
    key = ModelKey.known(chosen.key)
    row = session.table.row_at(session.table.index_of(chosen.root, str(key.at(None))))
    dialog = TrialDialog(_name(chosen), row.size if row else 0, bool(row and row.custom_code), parent)
    dialog.accepted.connect(lambda: _run(session, parent, chosen, allow_code=dialog.allow_code))
    dialog.open()


def _run(
    session: Session,
    parent: QWidget,
    chosen: Selection,
    *,
    allow_code: bool,
    allow_unsafe: Sequence[str] = (),
) -> None:
    job = session.runner.run(
        _tr("Try loading {}").format(_name(chosen)),
        "trust.try_loading",
        chosen,
        allow_code=allow_code,
        allow_unsafe=list(allow_unsafe),
        lane=_LANE,
        on_failed=lambda error: _fail(session, parent, chosen, allow_code, error),
    )
    job.succeeded.connect(lambda result: _tell(session, parent, job, result))


def _tell(session: Session, parent: QWidget, job: Job, result: TrialLoad) -> None:
    from modelkeep_gui.dialogs.trial_result_dialog import TrialResultDialog
    from modelkeep_gui.dialogs.trial_text import summary

    job.summary = summary(result)
    if not result.works:
        job.findings = " ".join(filter(None, (result.error, result.hint)))
    TrialResultDialog(result, parent).open()


def _fail(
    session: Session, parent: QWidget, chosen: Selection, allow_code: bool, error: ModelKeepError
) -> None:
    from modelkeep_gui.dialogs.error_dialog import show_error

    if not isinstance(error, UnsafeModel):
        show_error(parent, error)
        return
    allowed = [str(ModelKey.known(chosen.key).at(None))]
    again = partial(_run, session, parent, chosen, allow_code=allow_code, allow_unsafe=allowed)
    ask_to_allow(session, parent, chosen, _tr("load"), error, again)


def _name(chosen: Selection) -> str:
    return ModelKey.known(chosen.key).repo_id


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Looking whether hubs have something newer: a badge in the table, a dialog with what differs, downloads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.hub.updates import Update
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.session import Session

__all__ = ["check"]


def check(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Ask about the selected models, or about all of them when none is selected."""
    chosen = list(selected) or None
    job = session.runner.run(_tr("Check for updates"), "hubs.updates", chosen, lane="network")
    job.succeeded.connect(lambda found: _show(session, parent, job, found))


def _show(session: Session, parent: QWidget, job: Job, found: Sequence[Update]) -> None:
    from modelkeep_gui.dialogs.updates_dialog import UpdatesDialog

    newer = [one for one in found if one.is_newer]
    session.table.set_newer(
        {(one.root, one.key.name) for one in newer}, {(one.root, one.key.name) for one in found}
    )
    if not newer:
        job.summary = _tr("Nothing newer was found")
        if not any(one.error or one.note for one in found):
            session.tell(_tr("All models are up to date."), tone="good")
            return
    else:
        job.summary = _tr("{} with something newer").format(len(newer))
    dialog = UpdatesDialog(found, parent)
    dialog.fetch_requested.connect(partial(_fetch, session))
    dialog.open()


def _fetch(session: Session, chosen: Sequence[Update]) -> None:
    for one in chosen:
        session.runner.run(
            _tr("Look at {}").format(one.key.repo_id),
            "hubs.plan_update",
            one,
            lane="network",
            visible=False,
            on_done=session.transfers.add,
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

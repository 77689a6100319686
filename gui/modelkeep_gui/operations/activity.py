"""What was done on this machine, to be searched and exported."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from modelkeep.cache.catalog import Event
from modelkeep.keys import ModelKey
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.reveal import reveal
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.activity import ActivityQuery
    from modelkeep_gui.activity.view import ActivityView
    from modelkeep_gui.jobs.job import Job

__all__ = ["make_page"]


def make_page(session: Session, parent: QWidget) -> ActivityView:
    """The page, which looks whenever it is shown, and when something was done while it is."""
    from modelkeep_gui.activity.view import ActivityView

    page = ActivityView(parent)
    page.wanted.connect(partial(_look, session, page))
    page.export_requested.connect(lambda query: _choose_file(session, parent, query))
    page.opened.connect(partial(_open, session))

    def follow(job: Job) -> None:
        job.ended.connect(lambda _: page.refresh())

    for job in (*session.runner.running(), *session.runner.waiting()):
        if job.visible:
            follow(job)
    session.runner.added.connect(follow)
    session.transfers.arrived.connect(lambda _: page.refresh())
    session.transfers.failed.connect(lambda _: page.refresh())
    return page


def _look(session: Session, page: ActivityView, query: ActivityQuery) -> None:
    session.runner.run(
        _tr("Look at what was done"),
        "activity.find",
        query,
        lane="activity",
        visible=False,
        on_done=lambda found: page.show_page(query, found),
        on_failed=page.show_error,
    )


def _choose_file(session: Session, parent: QWidget, query: ActivityQuery) -> None:
    dialog = QFileDialog(parent, _tr("Export what was done"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([_tr("JSON lines (*.jsonl)"), _tr("All files (*)")])
    dialog.setDefaultSuffix("jsonl")
    dialog.selectFile("modelkeep-activity.jsonl")
    dialog.fileSelected.connect(partial(_export, session, query))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _export(session: Session, query: ActivityQuery, target: str) -> None:
    session.runner.run(
        _tr("Export what was done"),
        "activity.export",
        query,
        target,
        lane="activity export",
        on_done=lambda _: session.tell(_tr("The log was written to {}.").format(target), tone="good"),
    )


def _open(session: Session, event: Event) -> None:
    """Go to the model of an event, in its own cache if it is there."""
    if not event.key:
        return
    key = ModelKey.known(event.key).at(None)
    found = [row for row in session.table.rows if row.key == str(key)]
    for row in sorted(found, key=lambda row: row.root != event.root)[:1]:
        reveal(session, [Selected(row.root, row.key, None)])
    if not found:
        session.tell(_tr("{} is in no cache now.").format(key.repo_id))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Importing: archives are looked at, the dialog shows what they would bring, a job brings it, the table shows it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep_gui.jobs.job import Job
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.operations.reveal import Reveal, reveal
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.archive.import_plan import ImportPlan
    from modelkeep.archive.unpack import ImportResult
    from modelkeep.cache.staging import LeftStaging
    from modelkeep_gui.dialogs.import_dialog import ImportDialog

__all__ = ["choose_files", "follow_import", "import_files", "offer_leftovers"]


def choose_files(session: Session, parent: QWidget) -> None:
    """Ask for archives to import. Who wants a folder closes the list of files, and finds a button for it."""
    dialog = _open_dialog(session, parent, ())
    dialog.choose_files()


def import_files(session: Session, parent: QWidget, paths: Sequence[str]) -> None:
    """Show what importing archives or folders would do, and do what the answer says."""
    if paths:
        _open_dialog(session, parent, paths)


def follow_import(session: Session, parent: QWidget, job: Job, title: str, root: str) -> None:
    """Say what became of a job that imports into `root`, and show the models in the table."""
    shown = Reveal(session)
    job.succeeded.connect(lambda result: _tell(session, parent, job, title, root, result, shown))
    job.ended.connect(lambda _: session.feed.refresh())


def offer_leftovers(session: Session, parent: QWidget) -> None:
    """Say which imports were interrupted, if there are any, and offer to go on with them or to clear them."""
    session.runner.run(
        _tr("Look for interrupted imports"),
        "leftovers",
        visible=False,
        on_done=lambda found: _offer(session, parent, [left for left in found if not left.alive]),
    )


def _offer(session: Session, parent: QWidget, left: Sequence[LeftStaging]) -> None:
    from modelkeep_gui.operations.leftovers import offer

    if left:
        offer(session, parent, left)


def _open_dialog(session: Session, parent: QWidget, paths: Sequence[str]) -> ImportDialog:
    from modelkeep_gui.dialogs.import_dialog import ImportDialog
    from modelkeep_gui.operations.import_planning import ImportPlanning

    dialog = ImportDialog(session.feed.views, paths, parent)
    dialog.accepted.connect(lambda: _run(session, parent, dialog.answer))
    dialog.open()
    ImportPlanning(session, dialog).plan(dialog.request)
    return dialog


def _run(session: Session, parent: QWidget, plan: ImportPlan) -> None:
    names = {item.key.repo_id for item in plan.items if item.key}
    title = names.pop() if len(names) == 1 else _tr("{} models").format(len(plan.items))
    job = session.runner.run(_tr("Import {}").format(title), "run_import", plan, lane=plan.root)
    follow_import(session, parent, job, title, plan.root)


def _tell(
    session: Session, parent: QWidget, job: Job, title: str, root: str, result: ImportResult, shown: Reveal
) -> None:
    done = [item for item in result.items if item.error is None]
    models = list(dict.fromkeys(Selected(root, item.key.name, None) for item in done if item.key))
    if models:
        shown.when_listed(models)
    if result.failures:
        hint = next(item.error.hint for item in result.items if item.error)
        if len(result.items) == 1:
            text = _tr("{} was not imported").format(title)
        else:
            text = _tr("{} of {} imported").format(len(done), len(result.items))
        tell_failures(session, parent, job, text, result.failures, hint)
    else:
        job.summary = _tr("Imported {}").format(title)
        session.tell(
            _tr("Imported {}.").format(title),
            action=_tr("Show"),
            about=partial(reveal, session, models),
            tone="good",
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Deleting: plan, dialog, job, and a bar that offers the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.cache.deletion import DeletionPlan, DeletionResult
from modelkeep.errors import PartlyDone
from modelkeep.rows import Selection
from modelkeep.text import size_text
from modelkeep_gui.dialogs.delete_dialog import DeleteAnswer, DeleteDialog
from modelkeep_gui.dialogs.error_dialog import show_error
from modelkeep_gui.operations.undo import Undo
from modelkeep_gui.session import Session

__all__ = ["delete"]


def delete(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Ask about deleting `selected`, and do what the answer says."""
    if selected:
        session.runner.run(
            _tr("Plan a deletion"),
            "plan_deletion",
            list(selected),
            visible=False,
            on_done=partial(_ask, session, parent),
            on_failed=partial(show_error, parent),
        )


def _ask(session: Session, parent: QWidget, plans: tuple[DeletionPlan, ...]) -> None:
    dialog = DeleteDialog(plans, parent)
    dialog.accepted.connect(lambda: _carry_out(session, plans, dialog.answer))
    dialog.open()


def _carry_out(session: Session, plans: Sequence[DeletionPlan], answer: DeleteAnswer) -> None:
    items = [item for plan in plans for item in plan.items]
    title = str(items[0].key.repo_id) if len(items) == 1 else _tr("{} models").format(len(items))
    job = session.runner.run(
        _tr("Delete {}").format(title),
        "delete",
        answer.plans,
        lane=plans[0].root,
        force=answer.force,
        retry=False,
    )
    job.succeeded.connect(lambda results: _tell(session, results, title))
    job.ended.connect(lambda _: session.feed.refresh())


def _tell(session: Session, results: Sequence[DeletionResult], title: str) -> None:
    failures = [failure for result in results for failure in result.failures]
    freed = size_text(sum(result.freed for result in results))
    entries = tuple((result.root, entry) for result in results for entry in result.entries)
    if failures:
        error = PartlyDone(failures[0], failures=failures)
        session.tell(_tr("Not all was deleted: {}").format(error), tone="bad")
    elif entries:
        session.tell(
            _tr("Moved {} to the trash.").format(title), action=_tr("Undo"), about=Undo(entries), tone="good"
        )
    else:
        session.tell(_tr("Deleted {} for good: {} freed.").format(title, freed), tone="good")
    if entries:
        session.deleted.emit(Undo(entries))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

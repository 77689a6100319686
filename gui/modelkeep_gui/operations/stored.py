"""What can be done with what a remote holds: delete, bring back, name, verify, collect garbage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import ModelRow
from modelkeep.text import size_text
from modelkeep_gui.dialogs.error_dialog import show_error
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations import undo
from modelkeep_gui.operations.last_question import LastQuestion
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.operations.undo import Undo
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.remote.values import Collected, Collection, RefEntry, RemoteCheck, RemoteDeletion
    from modelkeep_gui.dialogs.collection_dialog import CollectionDialog
    from modelkeep_gui.dialogs.restore_dialog import RestoreDialog
    from modelkeep_gui.dialogs.tag_dialog import TagDialog

__all__ = ["bring_back", "collect", "delete", "tag", "verify"]


def delete(session: Session, parent: QWidget, remote: str, key: str) -> None:
    """Ask about deleting a model, or a revision, from a remote, and do what the answer says."""
    session.runner.run(
        _tr("Plan a deletion"),
        "remotes.plan_deletion",
        remote,
        key,
        lane=_lane(remote),
        visible=False,
        on_done=partial(_ask_to_delete, session, parent, remote),
        on_failed=partial(show_error, parent),
    )


def bring_back(session: Session, parent: QWidget, remote: str) -> RestoreDialog:
    """Show what was deleted from a remote, and bring back what is chosen."""
    from modelkeep_gui.dialogs.restore_dialog import RestoreDialog

    dialog = RestoreDialog(remote, parent)
    question = LastQuestion(session.runner, dialog)
    dialog.accepted.connect(
        lambda: undo.bring_back(session, remote, [str(one.key.at(None)) for one in dialog.chosen])
    )
    dialog.open()
    question.ask(
        _tr("See what was deleted"),
        "remotes.deleted",
        remote,
        on_done=dialog.set_models,
        on_failed=dialog.show_failure,
    )
    return dialog


def tag(session: Session, parent: QWidget, remote: str, row: ModelRow, commit: str = "") -> TagDialog:
    """Ask which name is to lead to which revision, and let it."""
    from modelkeep_gui.dialogs.tag_dialog import TagDialog

    dialog = TagDialog(row.key, row.revisions, commit, parent)
    dialog.accepted.connect(
        lambda: _tag(session, remote, f"{row.key}@{dialog.commit}", dialog.ref, dialog.message)
    )
    dialog.open()
    return dialog


def verify(session: Session, parent: QWidget, remote: str, key: str = "", *, deep: bool = False) -> None:
    """See whether all is there that should be, of one model or of all; `deep` reads every content."""
    name = ModelKey.known(key).repo_id if key else remote
    job = session.runner.run(
        _tr("Verify {}").format(name), "remotes.verify", remote, key, deep=deep, lane=f"verify {remote}"
    )
    job.succeeded.connect(partial(_tell_verified, session, parent, job, name))


def collect(session: Session, parent: QWidget, remote: str) -> CollectionDialog:
    """Show what nothing in a store needs, and remove it."""
    from modelkeep_gui.dialogs.collection_dialog import CollectionDialog

    dialog = CollectionDialog(remote, parent)
    question = LastQuestion(session.runner, dialog)

    def plan(grace: float | None) -> None:
        question.withdraw()
        question.ask(
            _tr("Look for what nothing needs"),
            "remotes.plan_collection",
            remote,
            grace=grace,
            on_done=dialog.set_plan,
            on_failed=dialog.show_failure,
            on_progress=dialog.wait.show_progress,
        )

    dialog.plan_requested.connect(plan)
    dialog.accepted.connect(lambda: _collect(session, parent, remote, dialog.plan))
    dialog.open()
    dialog.ask()
    return dialog


# ---- within


def _ask_to_delete(session: Session, parent: QWidget, remote: str, plan: RemoteDeletion) -> None:
    from modelkeep_gui.dialogs.remote_deletion_dialog import RemoteDeletionDialog

    if parent.findChild(RemoteDeletionDialog):
        return  # Del was pressed twice, and the first question is not answered yet
    dialog = RemoteDeletionDialog(plan, parent)
    dialog.accepted.connect(lambda: _delete(session, remote, plan))
    dialog.open()


def _delete(session: Session, remote: str, plan: RemoteDeletion) -> None:
    name = plan.key.repo_id
    job = session.runner.run(
        _tr("Delete {} on {}").format(name, remote), "remotes.delete", plan, lane=_lane(remote), retry=False
    )
    key = str(plan.key)

    def tell(_: object) -> None:
        if plan.kept_for:
            undone = Undo(remote=remote, keys=(key,))
            text = _tr("Deleted {} on {}.").format(name, remote)
            session.tell(text, action=_tr("Undo"), about=undone, tone="good")
            session.deleted.emit(undone)
        else:
            session.tell(_tr("Deleted {} on {} for good.").format(name, remote), tone="good")

    job.succeeded.connect(tell)
    job.ended.connect(lambda _: session.remotes.look(remote, again=True))


def _tag(session: Session, remote: str, key: str, ref: str, message: str) -> None:
    job = session.runner.run(
        _tr("Let {} lead to {}").format(ref, ModelKey.known(key).repo_id),
        "remotes.set_ref",
        remote,
        key,
        ref,
        message=message,
        lane=_lane(remote),
    )

    def tell(entry: RefEntry) -> None:
        text = _tr("{} leads to {} now.").format(entry.ref, entry.commit[:7])
        session.tell(text, tone="good")

    job.succeeded.connect(tell)
    job.failed.connect(lambda error: session.tell(f"{error} {error.hint}".strip(), tone="bad"))
    job.ended.connect(lambda _: session.remotes.look(remote, again=True))


def _tell_verified(session: Session, parent: QWidget, job: Job, name: str, found: RemoteCheck) -> None:
    count = f"{found.files:,}"
    if found.is_good:
        text = _tr("{}: all {} files are there, read and hashed.") if found.read else None
        text = text or _tr("{}: all {} files are there, by names and sizes.")
        job.summary = text.format(name, count)
        session.tell(job.summary, tone="good")
        return
    words = {
        "missing": _tr("is missing"),
        "wrong-size": _tr("has the wrong size"),
        "wrong-content": _tr("has other content than its name says"),
    }
    failures = [
        _tr("{} {}, which {} need").format(
            one.sha256[:12], words.get(one.problem, one.problem), ", ".join(one.files[:3])
        )
        for one in found.problems
    ]
    text = _tr("{}: {} of {} contents are not what they should be").format(
        name, f"{len(found.problems):,}", count
    )
    if not found.problems:
        text = _tr("{}: not all could be looked at").format(name)
    hint = _tr("Push the models again from a cache that has them: only what is not good is sent.")
    tell_failures(session, parent, job, text, [*failures, *found.left_out], hint)


def _collect(session: Session, parent: QWidget, remote: str, plan: Collection | None) -> None:
    assert plan is not None, "without a plan nothing can be accepted"
    job = session.runner.run(
        _tr("Collect the garbage of {}").format(remote), "remotes.collect", plan, lane=_lane(remote)
    )

    def tell(done: Collected) -> None:
        text = _tr("{} freed on {}").format(size_text(done.freed), remote)
        if done.failures:
            tell_failures(session, parent, job, text, done.failures, _tr("Collect it again later."))
            return
        job.summary = text
        spared = ""
        if done.spared:
            spared = _tr("{} objects were needed again meanwhile and stay.").format(f"{len(done.spared):,}")
        session.tell(" ".join(filter(None, (f"{text}.", spared))), tone="good")

    job.succeeded.connect(tell)
    job.ended.connect(lambda _: session.remotes.look(remote, again=True))


def _lane(remote: str) -> str:
    return f"change {remote}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Importing: archives are looked at, the dialog shows what they would bring, a job brings it, the table shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.archive.import_choice import choose
from modelkeep.errors import UnsafeModel
from modelkeep.leftovers import BegunBy, begun_by
from modelkeep.rows import Selection
from modelkeep.safety.verdict import ModelVerdict, Verdict
from modelkeep_gui.dialogs.safety_text import arrival_warning, dangers
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations import safety
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.operations.reveal import Reveal, reveal
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.archive.import_plan import ImportPlan
    from modelkeep.archive.unpack import ImportedItem, ImportResult
    from modelkeep.cache.staging import LeftStaging
    from modelkeep_gui.dialogs.import_dialog import ImportDialog
    from modelkeep_gui.dialogs.import_trust import TrustChoice
    from modelkeep_gui.dialogs.safety_dialog import Examined, SafetyDialog

__all__ = ["choose_files", "follow_import", "import_files", "offer_leftovers"]


def choose_files(session: Session, parent: QWidget) -> None:
    """Ask for archives to import. Who wants a folder closes the list of files, and finds a button for it."""
    dialog = _open_dialog(session, parent, ())
    dialog.choose_files()


def import_files(
    session: Session, parent: QWidget, paths: Sequence[str], trusted: TrustChoice | None = None
) -> None:
    """Show what importing archives or folders would do, and do what the answer says; `trusted` keys to begin with."""
    if paths:
        _open_dialog(session, parent, paths, trusted)


def follow_import(
    session: Session, parent: QWidget, job: Job, title: str, root: str, plan: ImportPlan | None = None
) -> None:
    """Say what became of a job that imports into `root`, and show the models in the table.

    `plan` is what it carries out, None when it goes on with an import that was interrupted.
    """
    shown = Reveal(session)
    job.succeeded.connect(lambda result: _tell(session, parent, job, title, root, result, shown))
    job.succeeded.connect(lambda result: _offer_unsafe(session, parent, root, plan, result))
    job.ended.connect(lambda _: session.feed.refresh())


def offer_leftovers(session: Session, parent: QWidget) -> None:
    """Say what was interrupted, if there is any, and offer to go on with it or to clear it.

    What clients pushed into a cache only waits for them to go on.
    """
    session.runner.run(
        _tr("Look for interrupted imports"),
        "archives.leftovers",
        visible=False,
        on_done=lambda found: _offer(session, parent, found),
    )


def _offer(session: Session, parent: QWidget, found: Sequence[LeftStaging]) -> None:
    from modelkeep_gui.operations.leftovers import offer

    if left := [one for one in found if not one.alive and begun_by(one) is not BegunBy.PUSH]:
        offer(session, parent, left)


def _open_dialog(
    session: Session, parent: QWidget, paths: Sequence[str], trusted: TrustChoice | None = None
) -> ImportDialog:
    from modelkeep_gui.dialogs.import_dialog import ImportDialog
    from modelkeep_gui.operations.import_planning import ImportPlanning

    dialog = ImportDialog(session.feed.views, paths, parent)
    if trusted is not None:
        dialog.trust.set_keys(trusted)
    dialog.accepted.connect(lambda: _run(session, parent, dialog.answer, dialog.allowed))
    dialog.open()
    ImportPlanning(session, dialog).plan(dialog.request)
    return dialog


def _run(session: Session, parent: QWidget, plan: ImportPlan, allowed: Sequence[str] = ()) -> None:
    names = {item.key.repo_id for item in plan.items if item.key}
    title = names.pop() if len(names) == 1 else _tr("{} models").format(len(plan.items))
    job = session.runner.run(
        _tr("Import {}").format(title),
        "archives.run_import",
        plan,
        lane=plan.root,
        allow_unsafe=list(allowed),
    )
    follow_import(session, parent, job, title, plan.root, plan)


def _tell(
    session: Session, parent: QWidget, job: Job, title: str, root: str, result: ImportResult, shown: Reveal
) -> None:
    done = [item for item in result.items if item.error is None]
    models = list(dict.fromkeys(Selected(root, item.key.name, None) for item in done if item.key))
    if models:
        shown.when_listed(models)
    if result.failures:
        error = next(item.error for item in result.items if item.error)
        # What helps with a dangerous model is in the dialog about it.
        hint = "" if isinstance(error, UnsafeModel) else error.hint
        if len(result.items) == 1:
            text = _tr("{} was not imported").format(title)
        else:
            text = _tr("{} of {} imported").format(len(done), len(result.items))
        tell_failures(session, parent, job, text, result.failures, hint)
    else:
        job.summary = _tr("Imported {}").format(title)
        text, warning = _tr("Imported {}.").format(title), _warning(done)
        if warning:
            about = partial(safety.show, session, parent, _found(root, done))
            session.tell(f"{text} {warning}", action=_tr("Details"), about=about, tone="warn")
        else:
            about = partial(reveal, session, models)
            session.tell(text, action=_tr("Show"), about=about, tone="good")


def _found(root: str, done: Sequence[ImportedItem]) -> list[tuple[Selection, ModelVerdict]]:
    """What was found in models that are in the cache `root` now."""
    return [
        (Selection(root, str(item.key.at(item.commit))), item.safety)
        for item in done
        if item.key and item.safety
    ]


def _warning(done: Sequence[ImportedItem]) -> str:
    """The same in a few words, "" for nothing that one should hear of."""
    found = [(item, warning) for item in done if (warning := arrival_warning(item.safety))]
    if len(done) == 1:
        return "".join(warning for _, warning in found)
    return " ".join(f"{item.key.repo_id}: {warning}" for item, warning in found if item.key)


def _offer_unsafe(
    session: Session, parent: QWidget, root: str, plan: ImportPlan | None, result: ImportResult
) -> None:
    """Show what was found in models that were not imported for it, and offer to import each all the same."""
    from modelkeep_gui.dialogs.safety_dialog import Examined, SafetyDialog

    found = [
        Examined(Selection(item.source, str(item.key)), item.safety)
        for item in result.items
        if isinstance(item.error, UnsafeModel) and item.key and item.safety
    ]
    if not found:
        return
    dialog = SafetyDialog(found, parent, advise=_advice)
    if len(found) == 1:
        title = _tr("{} was not imported: it is dangerous").format(found[0].name)
    else:
        title = _tr("{} models were not imported: they are dangerous").format(f"{len(found):,}")
    dialog.heading.setText(title)
    dialog.setWindowTitle(_tr("Import models"))
    dialog.add_remedy(
        _tr("Import it all the &same…"),
        "import",
        lambda one: _ask_to_allow(dialog, one, partial(_run_again, session, parent, root, plan, one)),
    )
    dialog.open()


def _advice(verdict: Verdict) -> str:
    """What to do about a model that was stopped on its way in."""
    return _tr("Nothing of it is in the cache. Import it all the same only if you trust who made it.")


def _ask_to_allow(above: SafetyDialog, one: Examined, run: Callable[[], object]) -> None:
    from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog

    asking = AllowUnsafeDialog(one.name, _tr("import"), dangers(one.verdict), above)
    asking.accepted.connect(lambda: run())
    asking.accepted.connect(lambda: above.keep_only(lambda other: other != one))
    asking.open()


def _run_again(session: Session, parent: QWidget, root: str, plan: ImportPlan | None, one: Examined) -> None:
    """Import a model that the user has allowed. What was staged of it is not read again."""
    source, key = one.about.root, one.about.key
    if plan is not None:
        again = choose([plan], lambda item: item.source == source and str(item.key) == key)
        _run(session, parent, again, [one.name])
        return
    session.runner.run(
        _tr("Look at an archive"),
        "archives.plan_import",
        [source],
        root,
        name=key,  # which it may have been given: its archive need not know it
        visible=False,
        on_done=lambda plan: _run_again(session, parent, root, plan, one),
        on_failed=lambda error: session.tell(f"{error} {error.hint}", tone="bad"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

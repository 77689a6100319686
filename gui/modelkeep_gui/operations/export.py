"""Exporting: the dialog asks where and how and shows what that writes, a job writes it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QSettings, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.archive.pack import ExportPlan, ExportResult
    from modelkeep_gui.dialogs.export_dialog import ExportAnswer, ExportDialog, ExportRequest

__all__ = ["export"]

_FOLDER = "export/folder"


def export(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Ask about exporting `selected`, and do what the answer says."""
    from modelkeep_gui.dialogs.export_dialog import ExportDialog

    if not selected:
        return
    folder = QSettings().value(_FOLDER, str(Path.home()))
    dialog = ExportDialog([ModelKey.known(chosen.key) for chosen in selected], str(folder), parent)
    dialog.accepted.connect(lambda: _run(session, parent, dialog.answer))
    dialog.open()
    _Planning(session, dialog, selected).plan(dialog.request)


class _Planning(QObject):
    """Answers what the dialog wants to know: always its last question. It ends with the dialog."""

    def __init__(self, session: Session, dialog: ExportDialog, selected: Sequence[Selection]) -> None:
        super().__init__(dialog)
        self._runner = session.runner
        self._dialog = dialog
        self._selected = list(selected)
        self._request: ExportRequest | None = None
        dialog.replan_requested.connect(self.plan)
        dialog.finished.connect(self._stop)

    def plan(self, request: ExportRequest) -> None:
        from modelkeep.archive.pack import ArchiveOptions

        self._request = request
        self._runner.run(
            _tr("Plan an export"),
            "archives.plan_export",
            self._selected,
            request.folder,
            options=ArchiveOptions(request.checksums, request.split, request.signer),
            allow_incomplete=request.allow_incomplete,
            visible=False,
            on_done=partial(self._take, request),
            on_failed=partial(self._fail, request),
        )

    def _take(self, request: ExportRequest, plan: ExportPlan) -> None:
        if request is self._request:
            self._dialog.set_plan(plan)

    def _fail(self, request: ExportRequest, error: ModelKeepError) -> None:
        if request is self._request:
            self._dialog.show_failure(error)

    def _stop(self) -> None:
        self._request = None


def _run(session: Session, parent: QWidget, answer: ExportAnswer) -> None:
    plan = answer.plan
    QSettings().setValue(_FOLDER, str(plan.folder))
    names = {item.key.repo_id for item in plan.items}
    title = names.pop() if len(names) == 1 else _tr("{} models").format(len(plan.items))
    job = session.runner.run(
        _tr("Export {}").format(title), "archives.export", plan, bundle=answer.bundle, lane="export"
    )
    job.succeeded.connect(lambda result: _tell(session, parent, job, title, plan.folder, result))


def _tell(
    session: Session, parent: QWidget, job: Job, title: str, folder: Path, result: ExportResult
) -> None:
    if not result.failures:
        job.summary = _tr("Exported {}").format(title)
        session.tell(
            _tr("Exported {} to {}.").format(title, folder),
            action=_tr("Open folder"),
            about=partial(_open, folder),
            tone="good",
        )
        return
    hint = next(item.hint for item in result.items if item.error)
    if len(result.items) == 1:
        text = _tr("{} was not exported").format(title)
    else:
        text = _tr("{} of {} exported").format(len(result.archives), len(result.items))
    tell_failures(session, parent, job, text, result.failures, hint)


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

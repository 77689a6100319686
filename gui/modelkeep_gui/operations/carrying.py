"""Across an air gap: saying what is here, packing what another site lacks, importing what comes back."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QSettings, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from modelkeep.disk import disk_errors, write_atomically
from modelkeep.errors import ModelKeepError
from modelkeep.rows import Selection
from modelkeep_gui.airgap.aside import aside
from modelkeep_gui.airgap.text import Bundled, count_models, site_name
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations import import_
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.archive.holdings import Holdings
    from modelkeep.archive.pack import ExportResult
    from modelkeep.carrying import BundlePlan
    from modelkeep_gui.airgap.carry_dialog import CarryDialog, CarryRequest
    from modelkeep_gui.airgap.here_choice import HereRequest
    from modelkeep_gui.airgap.site_dialog import SiteDialog, Written

__all__ = ["carry", "say_what_is_here"]

_LANE = "plan-bundle"
"""Of its own: to compare a thousand models takes a while, and meanwhile the window wants to look at some."""

_FOLDER, _NAME, _FILE = "airgap/folder", "airgap/name", "airgap/file"


# ---- the connected side


def carry(session: Session, parent: QWidget, selected: Sequence[Selection]) -> CarryDialog:
    """Ask what another site has, what to carry there (at first `selected`) and how, and pack it."""
    from modelkeep_gui.airgap.carry_dialog import CarryDialog

    folder = str(QSettings().value(_FOLDER, str(Path.home())))
    dialog = CarryDialog(session.table.rows, selected, folder, parent)
    _Carrying(session, parent, dialog)
    dialog.open()
    return dialog


class _Carrying(QObject):
    """Answers what the assistant wants to know, and packs. The packing outlives it."""

    def __init__(self, session: Session, parent: QWidget, dialog: CarryDialog) -> None:
        super().__init__(dialog)
        self._session = session
        self._parent = parent
        self._dialog = dialog
        self._planning: Job | None = None
        self._packing: Job | None = None
        self._folder = Path()
        dialog.plan_requested.connect(self._plan)
        dialog.pack_requested.connect(self._pack)
        dialog.stop_requested.connect(self._stop_packing)
        dialog.folder_requested.connect(lambda: _open(self._folder))
        dialog.finished.connect(lambda _: self._stop_planning())

    def _plan(self, request: CarryRequest) -> None:
        self._stop_planning()
        job = self._planning = self._session.runner.run(
            _tr("Plan a bundle"),
            "archives.plan_bundle",
            list(request.selected),
            request.folder,
            request.holdings,
            options=request.options,
            allow_incomplete=request.allow_incomplete,
            lane=_LANE,
            visible=False,
            on_done=lambda plan: self._take(job, plan),
            on_failed=lambda error: self._fail(job, error),
        )
        job.progressed.connect(self._dialog.models.wait.show_progress)

    def _take(self, job: Job, plan: BundlePlan) -> None:
        if job is self._planning:
            self._dialog.set_plan(plan)

    def _fail(self, job: Job, error: ModelKeepError) -> None:
        if job is self._planning:
            self._dialog.show_failure(error)

    def _stop_planning(self) -> None:
        job, self._planning = self._planning, None
        if job is not None:
            self._session.runner.cancel(job)

    def _pack(self, plan: BundlePlan) -> None:
        self._stop_planning()
        self._folder = plan.export.folder
        QSettings().setValue(_FOLDER, str(self._folder))
        title = _tr("Pack {}").format(count_models(len(plan.export.items)))
        # What the other side has was said when it was planned; it need not be sent once more.
        job = self._packing = self._session.runner.run(
            title, "archives.bundle", replace(plan, holdings=None), lane="export"
        )
        dialog, is_open = self._dialog, [True]
        dialog.finished.connect(lambda _: is_open.clear())

        def while_open(hear: Callable[[Any], object]) -> Callable[[Any], object]:
            return lambda value: hear(value) if is_open else None

        job.progressed.connect(while_open(dialog.show_progress))
        job.failed.connect(while_open(dialog.show_failure))
        job.canceled.connect(while_open(lambda _: dialog.show_stopped()))
        session, parent = self._session, self._parent

        def take(result: ExportResult) -> None:
            _tell(session, parent, job, plan, result, lambda: dialog if is_open else None)

        job.succeeded.connect(take)

    def _stop_packing(self) -> None:
        if self._packing is not None:
            self._packing.cancel()


def _tell(
    session: Session,
    parent: QWidget,
    job: Job,
    plan: BundlePlan,
    result: ExportResult,
    assistant: Callable[[], CarryDialog | None],
) -> None:
    """Say what lies where: in the assistant while it is open, else in the window."""
    title = count_models(len(plan.export.items))
    if result.failures:
        text = _tr("{} of {} packed").format(len(result.archives), len(result.items))
        hint = next(item.hint for item in result.items if item.error)
        tell_failures(session, parent, job, text, result.failures, hint)
    else:
        job.summary = _tr("Packed {}").format(title)

    def show(done: Bundled) -> None:
        if dialog := assistant():
            dialog.show_bundle(done)
        elif not result.failures:
            about = partial(_show_bundle, parent, done)
            text = _tr("Packed {} to {}.").format(title, done.folder)
            session.tell(text, action=_tr("Show"), about=about, tone="good")

    aside(parent, partial(_bundled, plan, result), show, lambda error: session.tell(str(error), tone="bad"))


def _bundled(plan: BundlePlan, result: ExportResult) -> Bundled:
    sums = plan.export.folder / "SHA256SUMS"
    signer = plan.export.options.signer
    digest = ""
    if result.archives and sums.is_file():
        with disk_errors(sums):
            digest = hashlib.sha256(sums.read_bytes()).hexdigest()
    return Bundled(
        plan.export.folder,
        site_name(plan.holdings) if plan.holdings else "",
        len(result.archives),
        sum(len(archive.paths) for archive in result.archives),
        sum(archive.size for archive in result.archives),
        plan.saved,
        signer.public.name if signer and result.archives else "",
        digest,
        result.failures,
    )


def _show_bundle(parent: QWidget, done: Bundled) -> None:
    from modelkeep_gui.airgap.bundled_dialog import BundledDialog

    dialog = BundledDialog(done, parent)
    dialog.page.folder_requested.connect(lambda: _open(done.folder))
    dialog.open()


# ---- the isolated side


def say_what_is_here(session: Session, parent: QWidget) -> SiteDialog:
    """Write down what this site has, and import what comes back for it."""
    from modelkeep_gui.airgap.site_dialog import SiteDialog

    settings = QSettings()
    name = str(settings.value(_NAME, ""))
    path = str(settings.value(_FILE, str(Path.home() / "here.json")))
    dialog = SiteDialog(session.feed.views, name, path, parent)
    dialog.write_requested.connect(lambda request: _write(session, dialog, request))
    dialog.folder_requested.connect(lambda path: _open(path.parent))
    dialog.accepted.connect(lambda: import_.import_files(session, parent, dialog.bundle, dialog.trust))
    dialog.open()
    return dialog


def _write(session: Session, dialog: SiteDialog, request: HereRequest) -> None:
    QSettings().setValue(_NAME, request.name)
    QSettings().setValue(_FILE, str(request.path))
    is_open = [True]

    def take(holdings: Holdings) -> None:
        if is_open:  # who closed it meanwhile wants no file
            aside(dialog, partial(_written, request.path, holdings), dialog.show_written, dialog.show_failure)

    job = session.runner.run(
        _tr("Look at what is here"),
        "archives.holdings",
        list(request.roots),
        name=request.name,
        lane=_LANE,
        visible=False,
        on_done=take,
        on_failed=lambda error: dialog.show_failure(error) if is_open else None,
    )

    def stop() -> None:
        is_open.clear()
        if not job.state.is_end:
            job.cancel()

    dialog.finished.connect(lambda _: stop())


def _written(path: Path, holdings: Holdings) -> Written:
    from modelkeep_gui.airgap.site_dialog import Written

    data = holdings.to_json()
    packed = gzip.compress(data, mtime=0) if path.suffix == ".gz" else data
    with disk_errors(path):
        write_atomically(path, packed)
    return Written(path, len(packed), len(holdings.models), len(holdings.contents), holdings.id)


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

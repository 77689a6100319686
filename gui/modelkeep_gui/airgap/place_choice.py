"""The third step of the connected side: where the bundle goes, in which pieces, and who signs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.airgap.key_choice import KeyChoice
from modelkeep_gui.airgap.text import total_text
from modelkeep_gui.dialogs.disk_room import DiskRoom
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.split_choice import SplitChoice
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.drops import local_files
from modelkeep_gui.widgets.plain_table import TableColumn

if TYPE_CHECKING:
    from modelkeep.archive.export_plan import ExportItem
    from modelkeep.carrying import BundlePlan

__all__ = ["PlaceChoice"]

_PAUSE = 300  # milliseconds after the last key, before a plan is asked for
_NAMED = 20  # volumes, in a tooltip


class PlaceChoice(QWidget):
    """Asks for a folder, a size of volumes and a key, and shows the archives that come of it.

    Signals:
        changed: anything that makes another plan.
        edited: something is being typed: the plan that is shown is of before.
    """

    changed = Signal()
    edited = Signal()

    def __init__(self, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.folder = QLineEdit(folder)
        self.browse = QPushButton(icon("folder"), self.tr("B&rowse…"))
        self.split = SplitChoice()
        self.key = KeyChoice()
        self.table = PlanTable(self.tr("Archives"), self._rows())
        self.warning = TonedNotice()
        self.total = TonedNotice()
        self.room = DiskRoom()
        self.wait = PlanWait()
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._lay_out()
        self._connect()

    @property
    def problem(self) -> str:
        """Why nothing can be packed as it stands, "" when it can."""
        if not self.folder.text().strip():
            return self.tr("Choose a folder.")
        return self.split.problem

    @property
    def is_ready(self) -> bool:
        """Whether the plan that is shown is of what the fields say."""
        return not self.problem and self.key.is_ready and not self._later.isActive()

    def begin(self) -> None:
        """A plan is on its way."""
        self.wait.begin(self.tr("Working out what is written"))

    def set_plan(self, plan: BundlePlan) -> None:
        """Show what would be written."""
        self.wait.end()
        export = plan.export
        going = [item for item in export.items if not item.refusal]
        self.table.set_values(going)
        self.room.show_room(export.needs, export.free, export.reserve)
        self.total.say(total_text(plan), "export", "accent")
        count = sum(bool(item.replaces) for item in going)
        if count == 1:
            self.warning.say(
                self.tr("An archive of that name is there already, and is replaced."), "warning", "warn"
            )
        elif count:
            text = self.tr("{} archives are there already, and are replaced.")
            self.warning.say(text.format(f"{count:,}"), "warning", "warn")
        self.warning.setVisible(bool(count))

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self.table.set_values(())
        self.room.hide()
        self.wait.fail(error)

    def choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Pack to"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.take_folder)
        dialog.open()

    def take_folder(self, folder: str) -> None:
        """Pack to a folder."""
        self.folder.setText(folder)
        self._change()

    def _edit(self) -> None:
        self._later.start()
        self._folder.say("" if self.folder.text().strip() else self.problem)
        self.edited.emit()

    def _change(self) -> None:
        self._later.stop()
        self._folder.say("" if self.folder.text().strip() else self.problem)
        self.changed.emit()

    # ---- where things are

    def _lay_out(self) -> None:
        self.folder.setAccessibleName(self.tr("Folder to pack to"))
        self.browse.setAutoDefault(False)
        self._folder = NotedField(self.folder, self.browse)
        self.split.setFocusProxy(self.split.choice)
        form = FieldForm()
        form.add(self.tr("&To"), self._folder)
        form.add(self.tr("&Split"), self.split)
        form.addRow("", self.key)
        self.warning.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addLayout(form)
        layout.addWidget(self.table, 1)
        for part in (self.warning, self.wait, self.total, self.room):
            layout.addWidget(part)
        self.setFocusProxy(self.folder)

    def _connect(self) -> None:
        self._later.timeout.connect(self._change)
        self.browse.clicked.connect(self.choose_folder)
        self.folder.textEdited.connect(lambda _: self._edit())
        self.split.changed.connect(self._edit)
        self.key.changed.connect(self._change)
        self.wait.again_requested.connect(self._change)

    def _rows(self) -> PlanRows[ExportItem]:
        columns: tuple[TableColumn[ExportItem], ...] = (
            TableColumn(
                self.tr("Archive"),
                lambda item: item.target.name,
                lambda item: item.target.name.casefold(),
                40,
                tooltip=lambda item: str(item.target),
            ),
            TableColumn(
                self.tr("Files"),
                lambda item: f"{len(item.paths):,}",
                lambda item: len(item.paths),
                8,
                tooltip=lambda item: "\n".join(path.name for path in item.paths[:_NAMED]),
                is_figure=True,
            ),
            TableColumn(
                self.tr("Size"),
                lambda item: size_text(item.size),
                lambda item: item.size,
                10,
                tooltip=lambda item: exact_size_text(item.size),
                is_figure=True,
            ),
        )
        return PlanRows(columns, _sign, 0, lambda item: False)

    # ---- folders dropped from elsewhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.take_folder(files[0])


def _sign(item: ExportItem) -> tuple[str, str]:
    return ("refresh", "warn") if item.replaces else ("plus", "good")

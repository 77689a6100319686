"""Where models are exported to and how, and what that will write, to the byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from modelkeep.archive.pack import ExportItem, ExportPlan
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.airgap.key_choice import KeyChoice
from modelkeep_gui.dialogs.disk_room import DiskRoom
from modelkeep_gui.dialogs.export_text import action_text, button_text, key_text, refusals, sign
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.split_choice import SplitChoice
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import field_label
from modelkeep_gui.widgets.plain_table import TableColumn

if TYPE_CHECKING:
    from modelkeep.archive.minisign import SecretKey

__all__ = ["ExportAnswer", "ExportDialog", "ExportRequest"]

_PAUSE = 300  # milliseconds after the last key, before a plan is asked for
_REFUSALS = 3  # that are seen at once
_NAMED = 20  # volumes, in a tooltip


@dataclass(frozen=True)
class ExportRequest:
    """What the dialog wants to know the plan of. `split` is the most bytes of a volume, None for one piece.

    `signer` signs the checksums, None for nobody.
    """

    folder: str
    checksums: bool = True
    split: int | None = None
    allow_incomplete: bool = False
    signer: SecretKey | None = None


@dataclass(frozen=True)
class ExportAnswer:
    """What the user decided: the plan of what is exported, and whether its folder becomes a bundle."""

    plan: ExportPlan
    bundle: bool


class ExportDialog(Sheet):
    """Asks where and how, and shows what would be written. Its `answer` counts once it was accepted.

    Signals:
        replan_requested: the `ExportRequest` whose plan `set_plan` is to bring.
    """

    replan_requested = Signal(object)

    def __init__(self, models: Sequence[ModelKey], folder: str, parent: QWidget | None = None) -> None:
        super().__init__("", "export", "accent", parent)
        self._plan: ExportPlan | None = None
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self.folder = QLineEdit(folder)
        self.browse = QPushButton(icon("folder"), self.tr("&Browse…"))
        self.checksums = QCheckBox(
            self.tr("With &checksums, which prove on the other side that nothing changed")
        )
        self.bundle = QCheckBox(self.tr("As a b&undle, with an index for a medium that is carried"))
        self.incomplete = QCheckBox(self.tr("&Incomplete models too"))
        self.key = KeyChoice()
        self.split = SplitChoice()
        rows = PlanRows[ExportItem](self._columns(), sign, 1, lambda item: False)
        self.table = PlanTable(self.tr("Archives"), rows)
        self.room = DiskRoom()
        self.notice = TonedNotice()
        self._refusals = QVBoxLayout()
        self.export = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out(models)
        self._connect()
        self._follow()

    # ---- what the operation asks and tells

    @property
    def request(self) -> ExportRequest:
        """What is to be planned as it stands now."""
        return ExportRequest(
            self.folder.text().strip(),
            self.checksums.isChecked(),
            None if self.split.problem else self.split.volume_size,
            self.incomplete.isChecked(),
            self.key.signer,
        )

    @property
    def answer(self) -> ExportAnswer:
        """The plan without what is refused, and what is made of it."""
        assert self._plan is not None, "without a plan nothing can be accepted"
        items = tuple(item for item in self._plan.items if not item.refusal)
        return ExportAnswer(replace(self._plan, items=items), self.bundle.isChecked())

    def set_plan(self, plan: ExportPlan) -> None:
        """Show what exporting would do."""
        self._plan = plan
        self.notice.hide()
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self._plan = None
        self._say(" ".join(filter(None, (str(error), error.hint))))
        self._follow()

    # ---- what the user does

    def choose_folder(self) -> None:
        """Ask for the folder."""
        dialog = QFileDialog(self, self.tr("Export to"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._take_folder)
        dialog.open()

    def _take_folder(self, folder: str) -> None:
        self.folder.setText(folder)
        self._ask()

    def _ask_later(self) -> None:
        self._later.start()
        self._follow()

    def _ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be accepted."""
        self._later.stop()
        self._plan = None
        if not self.folder.text().strip():
            self._say(self.tr("Choose a folder to export to."))
        elif not self.split.problem:
            self.notice.hide()
            self.replan_requested.emit(self.request)
        self._follow()

    # ---- what follows from it

    def _follow(self) -> None:
        plan = None if self._later.isActive() else self._plan
        self.export.setEnabled(False)
        if plan is None:
            return
        count = sum(not item.refusal for item in plan.items)
        self.table.set_values(plan.items)
        self.room.show_room(plan.needs, plan.free, plan.reserve)
        self.incomplete.setVisible(self.incomplete.isChecked() or any(item.missing for item in plan.items))
        self._show_refusals(list(refusals(plan.items)))
        self.export.setText(button_text(count, plan.total))
        self.export.setEnabled(bool(count) and plan.fits and self.key.is_ready)

    def _show_refusals(self, sentences: list[str]) -> None:
        while item := self._refusals.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for sentence in sentences[:_REFUSALS]:
            self._refusals.addWidget(TonedNotice(sentence, "damaged", "bad"))
        if more := sentences[_REFUSALS:]:
            lines = LineList(self.tr("What else cannot be exported"))
            lines.set_lines([(sentence, "") for sentence in more])
            self._refusals.addWidget(Folded(self.tr("and {} more").format(f"{len(more):,}"), lines))

    def _say(self, text: str) -> None:
        self.notice.say(text, "damaged", "bad")
        self.notice.show()

    # ---- where things are

    def _lay_out(self, models: Sequence[ModelKey]) -> None:
        title = key_text(models[0]) if len(models) == 1 else self.tr("{} models").format(f"{len(models):,}")
        self.setWindowTitle(self.tr("Export models"))
        self.heading.setText(self.tr("Export {}").format(title))
        self.resize(225 * GRID, (100 + 8 * min(len(models), 6)) * GRID)
        self.set_default(self.export)
        self.export.setText(button_text(0, 0))
        self.notice.hide()
        self.incomplete.hide()
        self.checksums.setChecked(True)
        self.checksums.setToolTip(self.tr("Without them it is a plain DSS archive. DSS reads both."))
        self.folder.setAccessibleName(self.tr("Folder to export to"))
        self.browse.setAutoDefault(False)
        form = QFormLayout()
        form.setHorizontalSpacing(3 * GRID)
        form.setVerticalSpacing(2 * GRID)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        place = QHBoxLayout()
        place.setSpacing(2 * GRID)
        place.addWidget(self.folder, 1)
        place.addWidget(self.browse)
        to = field_label(self.tr("&To"), self.folder)
        split = field_label(self.tr("&Split"), self.split.choice)
        form.addRow(to, place)
        form.addRow(split, self.split)
        for box in (self.checksums, self.key, self.bundle, self.incomplete):
            form.addRow("", box)
        self.body.addLayout(form)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.table, 1)
        self._refusals.setSpacing(2 * GRID)
        self.body.addLayout(self._refusals)
        self.body.addWidget(self.room)
        self.folder.setFocus()

    def _connect(self) -> None:
        self._later.timeout.connect(self._ask)
        self.browse.clicked.connect(self.choose_folder)
        self.folder.textEdited.connect(lambda _: self._ask_later())
        self.split.changed.connect(self._ask_later)
        # What is signed are the checksums.
        self.checksums.toggled.connect(self.key.setEnabled)
        self.key.changed.connect(self._ask)
        for box in (self.checksums, self.incomplete):
            box.clicked.connect(self._ask)

    def _columns(self) -> tuple[TableColumn[ExportItem], ...]:
        return (
            TableColumn(
                self.tr("Model"),
                lambda item: key_text(item.key),
                lambda item: str(item.key).casefold(),
                24,
                tooltip=lambda item: str(item.key),
            ),
            TableColumn(
                self.tr("What happens"),
                action_text,
                action_text,
                28,
                tooltip=lambda item: item.refusal or "\n".join(map(str, item.replaces)),
            ),
            TableColumn(
                self.tr("Archive"),
                lambda item: item.target.name,
                lambda item: item.target.name.casefold(),
                36,
                tooltip=lambda item: str(item.target),
            ),
            TableColumn(
                self.tr("Volumes"),
                lambda item: f"{len(item.paths):,}" if item.paths else "",
                lambda item: len(item.paths),
                8,
                tooltip=lambda item: "\n".join(path.name for path in item.paths[:_NAMED]),
                is_figure=True,
            ),
            TableColumn(
                self.tr("Size"),
                lambda item: "" if item.refusal else size_text(item.size),
                lambda item: item.size,
                9,
                tooltip=lambda item: exact_size_text(item.size),
                is_figure=True,
            ),
        )

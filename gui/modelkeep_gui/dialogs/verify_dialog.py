"""What verifying found to be bad: which models, which of their files, what is wrong and what to do."""

from __future__ import annotations

import os
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.checking.outcome import FileCheck, RevisionCheck, Verification
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs import verify_text
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["VerifyDialog"]

_ROWS = 5


class VerifyDialog(Sheet):
    """Shows the bad revisions of a verification, at first the files of the first one.

    Signals:
        mend_requested: a `Verification` of what is bad; the dialog closes itself.
    """

    mend_requested = Signal(object)

    def __init__(self, found: Verification, parent: QWidget | None = None) -> None:
        self._bad = tuple(check for check in found.revisions if check.verdict.is_bad)
        super().__init__(verify_text.heading(self._bad), "damaged", "bad", parent)
        self._found = found
        self.setMinimumWidth(150 * GRID)
        self.models = PlainTable(self.tr("Models"), self._model_columns())
        self.files = PlanTable(self.tr("Files that are not what they should be"), self._file_rows())
        self._why = Notice()
        self._add_models()
        self.body.addWidget(self.files, 1)
        self.body.addWidget(self._why)
        self.body.addWidget(
            remark(self.tr("Verifying changed nothing. Mending replaces these files and nothing else."))
        )
        role = QDialogButtonBox.ButtonRole
        self.mend = self.add_button(self.tr("&Mend…"), role.AcceptRole)
        self.copy = self.add_button(self.tr("C&opy"), role.ActionRole, icon_name="copy")
        self.close_button = self.add_button(self.tr("&Close"), role.RejectRole)
        self.copy.clicked.connect(self._copy)
        self.accepted.connect(lambda: self.mend_requested.emit(replace(self._found, revisions=self._bad)))
        self.mend.setEnabled(any(check.bad for check in self._bad))
        self.files.selectionModel().currentChanged.connect(lambda *_: self._explain())
        self._show_files()
        self.set_default(self.mend if self.mend.isEnabled() else self.close_button)

    def _add_models(self) -> None:
        table = self.models
        table.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        table.setFrameShape(PlainTable.Shape.StyledPanel)
        table.set_values(self._bad)
        head = table.horizontalHeader().sizeHint().height()
        table.setFixedHeight(min(len(self._bad), _ROWS) * table.row_height + head + 2 * table.frameWidth())
        self.body.addWidget(table)
        table.setVisible(len(self._bad) > 1)
        if len(self._bad) == 1:
            self.body.addWidget(remark(_where(self._bad[0])))
        else:
            table.selectRow(0)
            table.selection_changed.connect(lambda _: self._show_files())

    def _show_files(self) -> None:
        chosen = self._bad[0] if len(self._bad) == 1 else next(iter(self.models.selected), None)
        self.files.set_values(chosen.bad if chosen else ())
        if chosen and chosen.bad:
            self.files.setCurrentIndex(self.files.model().index(0, 0))
        self._explain()

    def _explain(self) -> None:
        row = self.files.currentIndex().row()
        rows = self._files.values
        self._why.setVisible(bool(rows) and row >= 0)
        if 0 <= row < len(rows):
            file = rows[row]
            text = " ".join(filter(None, (file.message, verify_text.advice(file))))
            self._why.say(text, *verify_text.outcome_sign(file.outcome), tooltip=file.path)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(verify_text.report_text(self._found))
        self.copy.setText(self.tr("Copied"))

    # ---- the tables

    def _model_columns(self) -> tuple[TableColumn[RevisionCheck], ...]:
        tr = self.tr
        return (
            TableColumn(
                tr("Name"),
                lambda check: check.key.repo_id,
                lambda check: check.key.repo_id.casefold(),
                24,
                tooltip=lambda check: str(check.key.at(check.commit or None)),
            ),
            TableColumn(tr("Revision"), _revision, _revision, 14),
            TableColumn(
                tr("What"),
                verify_text.revision_text,
                lambda check: (check.verdict != "damaged", -len(check.bad)),
                22,
            ),
            TableColumn(
                tr("Cache"),
                lambda check: os.path.basename(check.root),
                lambda check: check.root,
                10,
                tooltip=lambda check: check.root,
            ),
        )

    def _file_rows(self) -> PlanRows[FileCheck]:
        tr = self.tr
        columns = (
            TableColumn[FileCheck](
                tr("File"),
                lambda file: file.name,
                lambda file: file.name.casefold(),
                30,
                tooltip=lambda file: file.path,
            ),
            TableColumn[FileCheck](
                tr("What is wrong"),
                lambda file: verify_text.outcome_text(file.outcome),
                lambda file: file.outcome,
                22,
                tooltip=lambda file: file.message,
            ),
            TableColumn[FileCheck](
                tr("Size"),
                lambda file: size_text(file.size) if file.size else "",
                lambda file: file.size,
                9,
                tooltip=lambda file: exact_size_text(file.size) if file.size else "",
                is_figure=True,
            ),
        )
        self._files = PlanRows(
            columns, lambda file: verify_text.outcome_sign(file.outcome), 1, lambda file: False
        )
        return self._files


def _revision(check: RevisionCheck) -> str:
    refs = " ".join(ref.removeprefix("refs/") for ref in check.refs)
    return " ".join(filter(None, (refs, check.commit[:7])))


def _where(check: RevisionCheck) -> str:
    return " · ".join(filter(None, (_revision(check), verify_text.revision_text(check), check.root)))

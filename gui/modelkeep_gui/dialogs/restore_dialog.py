"""What was deleted from a remote and can still be brought back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.remote.values import RemoteModel
from modelkeep.text import size_text
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.sync_text import count_models
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["RestoreDialog"]


class RestoreDialog(Sheet):
    """A list of models to choose from. Its `chosen` count once it was accepted."""

    def __init__(self, remote: str, parent: QWidget | None = None) -> None:
        super().__init__("", "undo", "accent", parent)
        self.setWindowTitle(self.tr("Bring back deleted models"))
        self.heading.setText(self.tr("Deleted from {}").format(remote))
        self.wait = PlanWait()
        self.table = PlainTable(self.tr("Deleted models"), self._columns())
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.restore = self.add_button(self.tr("&Bring back"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self.body.addWidget(self.wait)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(
            remark(
                self.tr("They come back with their names. What garbage collection has removed is not listed.")
            )
        )
        self.resize(140 * GRID, 90 * GRID)
        self.table.selection_changed.connect(lambda _: self._follow())
        self.wait.begin(self.tr("Looking for what was deleted"))
        self.set_default(self.restore)
        self._follow()

    @property
    def chosen(self) -> list[RemoteModel]:
        return list(self.table.selected)

    def set_models(self, models: Sequence[RemoteModel]) -> None:
        """Show these."""
        self.wait.end()
        self.table.set_placeholder(self.tr("Nothing was deleted that could be brought back."))
        self.table.set_values(models)
        if models:
            self.table.selectRow(0)
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no list."""
        self.wait.fail(error)
        self.wait.again.hide()

    def _follow(self) -> None:
        chosen = self.chosen
        self.restore.setEnabled(bool(chosen))
        text = (
            self.tr("&Bring back {}").format(count_models(len(chosen))) if chosen else self.tr("&Bring back")
        )
        self.restore.setText(text)

    def _columns(self) -> tuple[TableColumn[RemoteModel], ...]:
        tr = self.tr
        return (
            TableColumn(tr("Model"), lambda one: one.key.repo_id, lambda one: one.key.repo_id.casefold(), 30),
            TableColumn(
                tr("Revisions"),
                lambda one: ", ".join(revision.commit[:7] for revision in one.revisions),
                lambda one: len(one.revisions),
                22,
                tooltip=lambda one: "\n".join(revision.commit for revision in one.revisions),
            ),
            TableColumn(
                tr("Size"),
                lambda one: size_text(sum(revision.size for revision in one.revisions)),
                lambda one: sum(revision.size for revision in one.revisions),
                9,
                is_figure=True,
            ),
        )

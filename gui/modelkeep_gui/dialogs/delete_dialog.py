"""The plan of a deletion: what goes, what stays and why, who uses it, and what the disk gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QWidget

from modelkeep.cache.deletion import DeletionItem, DeletionPlan
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.deletion_text import button_text, file_names, item_text, question, refusals
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import remark, value
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["DeleteAnswer", "DeleteDialog"]

_REFUSALS = 4  # that are seen at once
_ROWS = 7


@dataclass(frozen=True)
class DeleteAnswer:
    """What the user decided: the plans to carry out, and whether what is in use or pinned goes all the same."""

    plans: tuple[DeletionPlan, ...]
    force: bool


class DeleteDialog(Sheet):
    """Shows plans and asks whether they shall be carried out. Its `answer` counts once it was accepted."""

    def __init__(self, plans: Sequence[DeletionPlan], parent: QWidget | None = None) -> None:
        items = [item for plan in plans for item in plan.items]
        super().__init__(question(items), "delete", "bad", parent)
        self.setMinimumWidth(140 * GRID)
        self._plans = tuple(plans)
        self._items = items
        self._frees = sum(plan.frees for plan in plans)
        self._refused = [sentence for item in items for sentence in refusals(item)]
        self._gain = value("")
        self._gain.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.force = QCheckBox(self.tr("Delete &anyway"))
        self.permanently = QCheckBox(self.tr("Delete for &good, without the trash"))
        self.permanently.setChecked(any(plan.permanently for plan in plans))
        self._add_what_goes()
        self.body.addWidget(self._gain)
        self._add_what_stays()
        self._add_who_uses_it()
        self.body.addStretch()
        self.body.addWidget(self.permanently)
        self.delete = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        for box in (self.force, self.permanently):
            box.toggled.connect(self._follow)
        self._follow()
        self.set_default(self.delete if self.delete.isDefault() else self.cancel)

    @property
    def answer(self) -> DeleteAnswer:
        """What the user wants as it stands now."""
        permanently = self.permanently.isChecked()
        plans = tuple(replace(plan, permanently=permanently) for plan in self._plans)
        return DeleteAnswer(plans, force=self.force.isChecked())

    def _follow(self) -> None:
        """Bring the words and the buttons to what is ticked."""
        permanently = self.permanently.isChecked()
        self._gain.setText(self._gain_text(permanently))
        self._gain.setToolTip(exact_size_text(self._frees))
        self.delete.setText(button_text(self._items, self._frees, permanently))
        self.delete.setEnabled(self.force.isChecked() or not self._refused)
        # There is a way back from the trash; from anything else Enter should not be enough.
        is_safe = self.delete.isEnabled() and not permanently and not self._refused
        (self.delete if is_safe else self.cancel).setDefault(True)
        if not is_safe and self.focusWidget() is self.delete:
            self.cancel.setFocus()  # else Enter would still mean the other

    def _gain_text(self, permanently: bool) -> str:
        freed = size_text(self._frees)
        if not permanently:
            return self.tr(
                "The disk gains {} when the trash is emptied. Until then all of it can be restored."
            ).format(freed)
        return self.tr("The disk gains {} at once. There is no way back.").format(freed)

    def _add_what_goes(self) -> None:
        if len(self._items) > 1:
            self.body.addWidget(self._table())
            return
        (item,) = self._items
        parts = [item_text(item), size_text(item.size)]
        if item.what != "files":
            self.body.addWidget(remark(" · ".join(parts)))
            return
        names = LineList(self.tr("Files that go"), most=_ROWS)
        names.set_lines([(name, "") for name in file_names(item)])
        self.body.addWidget(names)

    def _table(self) -> PlainTable:
        table = PlainTable(self.tr("What goes"), self._columns())
        table.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setFrameShape(PlainTable.Shape.StyledPanel)
        table.set_values(self._items)
        rows = min(len(self._items), _ROWS) * table.row_height
        table.setFixedHeight(rows + table.horizontalHeader().sizeHint().height() + 2 * table.frameWidth())
        return table

    def _columns(self) -> tuple[TableColumn[DeletionItem], ...]:
        what = TableColumn[DeletionItem](self.tr("What"), item_text, item_text, 24, tooltip=item_text)
        are_whole = all(item.what == "model" for item in self._items)
        return (
            TableColumn(
                self.tr("Name"),
                lambda item: item.key.repo_id,
                lambda item: item.key.repo_id.casefold(),
                20,
                tooltip=lambda item: str(item.key),
            ),
            *(() if are_whole else (what,)),
            TableColumn(
                self.tr("Size"),
                lambda item: size_text(item.size),
                lambda item: item.size,
                9,
                tooltip=lambda item: exact_size_text(item.size),
                is_figure=True,
            ),
            TableColumn(
                self.tr("Frees"),
                lambda item: size_text(item.frees),
                lambda item: item.frees,
                9,
                tooltip=lambda item: exact_size_text(item.frees),
                is_figure=True,
            ),
        )

    def _add_what_stays(self) -> None:
        kept = [(item, one) for item in self._items for one in item.kept]
        if not kept:
            return
        size = size_text(sum(one.size for _, one in kept))
        if len(kept) == 1:
            title = self.tr("1 file stays, {}: something else needs it").format(size)
        else:
            title = self.tr("{} files stay, {}: something else needs them").format(f"{len(kept):,}", size)
        lines = LineList(self.tr("What stays"))
        lines.set_lines(
            [(f"{one.name} · {size_text(one.size)} · {one.reason}", str(item.key)) for item, one in kept]
        )
        self.body.addWidget(Folded(title, lines))

    def _add_who_uses_it(self) -> None:
        for sentence in self._refused[:_REFUSALS]:
            self.body.addWidget(Notice(sentence, "warning", "bad"))
        if more := self._refused[_REFUSALS:]:
            lines = LineList(self.tr("What else is in use or pinned"))
            lines.set_lines([(sentence, "") for sentence in more])
            self.body.addWidget(Folded(self.tr("and {} more").format(f"{len(more):,}"), lines))
        self.force.setVisible(bool(self._refused))
        self.body.addWidget(self.force)
        if unseen := max((plan.unseen_processes for plan in self._plans), default=0):
            if unseen == 1:
                text = self.tr("1 process of another user could not be looked into: it may use it.")
            else:
                text = self.tr(
                    "{} processes of other users could not be looked into: one of them may use it."
                )
            self.body.addWidget(Notice(text.format(f"{unseen:,}"), "info", "muted"))

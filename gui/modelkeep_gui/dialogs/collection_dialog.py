"""What nothing in a store needs any more: what it is, how much, and what is spared because it is young."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.remote.values import Collection, Garbage
from modelkeep.text import exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs.noted_field import FieldForm
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.plain_table import TableColumn

__all__ = ["CollectionDialog"]

_HOUR, _DAY = 3600.0, 86_400.0


class CollectionDialog(Sheet):
    """Shows the plan for a grace period. Its `plan` counts once it was accepted.

    Signals:
        plan_requested: the grace period in seconds, None for the usual one, whose plan is wanted.
    """

    plan_requested = Signal(object)

    def __init__(self, remote: str, parent: QWidget | None = None) -> None:
        super().__init__("", "trash", "accent", parent)
        self.plan: Collection | None = None
        self.setWindowTitle(self.tr("Collect garbage"))
        self.heading.setText(self.tr("Remove what nothing on {} needs any more").format(remote))
        self.grace = QComboBox()
        for text, seconds in (
            (self.tr("as long as usual"), None),
            (self.tr("an hour"), _HOUR),
            (self.tr("a day"), _DAY),
            (self.tr("a week"), 7 * _DAY),
            (self.tr("a month"), 30 * _DAY),
        ):
            self.grace.addItem(text, seconds)
        self.grace.setAccessibleName(self.tr("Spare what is younger than"))
        self.wait = PlanWait()
        self.table = PlanTable(self.tr("What is removed"), self._rows())
        self.totals = remark("")
        self.collect = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        form = FieldForm()
        form.add(self.tr("&Spare what nothing has needed for less than"), self.grace)
        self.body.addLayout(form)
        self.body.addWidget(self.wait)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.totals)
        self.body.addWidget(
            remark(self.tr("What was deleted cannot be brought back once its contents are collected."))
        )
        self.resize(180 * GRID, 115 * GRID)
        self.grace.currentIndexChanged.connect(lambda _: self.ask())
        self.wait.again_requested.connect(self.ask)
        self.set_default(self.cancel)
        self._follow()

    def ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be accepted."""
        self.plan = None
        self._follow()
        self.wait.begin(self.tr("Looking for what nothing needs"))
        self.plan_requested.emit(self.grace.currentData())

    def set_plan(self, plan: Collection) -> None:
        """Show what collecting would remove."""
        self.wait.end()
        self.plan = plan
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self.plan = None
        self._follow()
        self.wait.fail(error)

    def _follow(self) -> None:
        plan = self.plan
        has_work = plan is not None and bool(plan.garbage or plan.unfinished)
        self.table.set_values(plan.garbage if plan else ())
        self.collect.setEnabled(has_work)
        self.collect.setText(self.tr("&Collect"))
        self.totals.setText("")
        if plan is None:
            return
        if has_work:
            self.collect.setText(self.tr("&Collect, free {}").format(size_text(plan.frees)))
        parts = [self._count(len(plan.garbage)), self.tr("{} are freed").format(size_text(plan.frees))]
        if plan.unfinished:
            parts.append(self.tr("{} broken off uploads").format(f"{plan.unfinished:,}"))
        if not has_work:
            parts = [self.tr("Nothing is to be removed.")]
        if plan.kept:
            young = self.tr("{} that nothing needs are younger than {} and stay")
            parts.append(young.format(size_text(plan.kept), age_text(plan.grace)))
        self.totals.setText(" · ".join(parts))

    def _count(self, count: int) -> str:
        return self.tr("1 object") if count == 1 else self.tr("{} objects").format(f"{count:,}")

    def _rows(self) -> PlanRows[Garbage]:
        tr = self.tr
        columns = (
            TableColumn[Garbage](
                tr("Object"), lambda one: one.name, lambda one: one.name, 34, tooltip=lambda one: one.name
            ),
            TableColumn[Garbage](
                tr("Why"), lambda one: one.reason, lambda one: one.reason, 26, tooltip=lambda one: one.reason
            ),
            TableColumn[Garbage](
                tr("Age"),
                lambda one: age_text(max(0.0, time.time() - one.modified)),
                lambda one: -one.modified,
                8,
                tooltip=lambda one: time_text(one.modified),
                is_figure=True,
            ),
            TableColumn[Garbage](
                tr("Size"),
                lambda one: size_text(one.size),
                lambda one: one.size,
                9,
                tooltip=lambda one: exact_size_text(one.size),
                is_figure=True,
            ),
        )
        return PlanRows(columns, lambda _: ("trash", "muted"), 0, lambda _: False)

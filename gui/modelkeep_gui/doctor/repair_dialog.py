"""What a repair will do, before it does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.doctor.findings import PROBLEMS, Finding, RepairPlan
from modelkeep.text import size_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.doctor.text import count_text, message_text, problem_title, repair_button, titles_of
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import LineList
from modelkeep_gui.widgets.notice import Notice

__all__ = ["RepairDialog"]


class RepairDialog(Sheet):
    """Shows the plans; accepted is yes. Where something has no undo, Enter is no."""

    def __init__(self, plans: Sequence[RepairPlan], parent: QWidget | None = None) -> None:
        findings = [one for plan in plans for one in plan.findings]
        for_good = [one for one in findings if not one.known.undo and one.around]
        super().__init__("", "doctor", "warn" if for_good else "accent", parent)
        title = self.tr("Repair {}?").format(count_text(len(findings)))
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.setMinimumWidth(150 * GRID)
        self.lines = LineList(self.tr("What will be done"), most=10)
        self.lines.set_lines([_line(*group) for group in _by_problem(findings)])
        self.body.addWidget(self.lines)
        if any(one.known.undo for one in findings):
            text = self.tr(
                "What goes to the trash can be put back; its space is free once the trash is emptied."
            )
            self.body.addWidget(Notice(text, "undo", "muted"))
        if for_good:
            text = self.tr("There is no undo for: {}.").format(", ".join(titles_of(for_good)))
            self.body.addWidget(Notice(text, "warning", "warn"))
        self.body.addStretch()
        frees = sum(plan.frees for plan in plans)
        self.repair = self.add_button(
            repair_button(len(findings), frees), QDialogButtonBox.ButtonRole.AcceptRole, icon_name="doctor"
        )
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.set_default(self.cancel if for_good else self.repair)


def _by_problem(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    order = list(PROBLEMS)
    ordered = sorted(findings, key=lambda one: order.index(one.problem))
    return [(problem, list(group)) for problem, group in groupby(ordered, key=lambda one: one.problem)]


def _line(problem: str, findings: Sequence[Finding]) -> tuple[str, str]:
    """A line for a problem, and what its tooltip says: each thing that is repaired."""
    frees = sum(one.frees for one in findings)
    repair = next(iter(dict.fromkeys(one.repair for one in findings)))
    size = f" · {size_text(frees)}" if frees else ""
    return f"{problem_title(problem)} ({len(findings):,}){size}\n{repair}", message_text(findings[0])

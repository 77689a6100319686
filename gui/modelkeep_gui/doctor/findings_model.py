"""The findings as a tree: a line for each problem, what was found of it beneath, and boxes to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication

from modelkeep.doctor.findings import PROBLEMS, Finding, Repair, Weight
from modelkeep.text import exact_size_text, path_text, size_text
from modelkeep_gui.doctor.text import (
    message_text,
    problem_title,
    state_tooltip,
    state_word,
    weight_sign,
    weight_word,
)
from modelkeep_gui.icons import icon
from modelkeep_gui.widgets.two_levels import TwoLevelModel

__all__ = ["CACHE", "Choice", "FindingsModel"]

# As plain integers: looking up `Qt.DisplayRole` takes 4 microseconds.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex

CACHE = 2
_COSTS, _FREES = 3, 4

Choice = tuple[str, str]
"""The root and the id of a finding, which name it among all."""


@dataclass
class _Group:
    """What was found of one problem; `chosen` counts those that are to be repaired."""

    problem: str
    findings: list[Finding] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    can: int = 0
    chosen: int = 0
    costs: int = 0
    frees: int = 0


class FindingsModel(TwoLevelModel):
    """Holds what was found. What is repaired with all others is chosen at first.

    Signals:
        choice_changed: what is chosen is another now.
    """

    choice_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self._titles = (tr("Problem"), tr("State"), tr("Cache"), tr("Costs"), tr("Frees"))
        self._groups: list[_Group] = []
        self._chosen: set[Choice] = set()
        self._known: set[Choice] = set()

    @property
    def chosen(self) -> dict[str, list[str]]:
        """What is to be repaired: ids by root."""
        ids: dict[str, list[str]] = {}
        for group in self._groups:
            for root, id in group.choices:
                if (root, id) in self._chosen:
                    ids.setdefault(root, []).append(id)
        return ids

    @property
    def chosen_count(self) -> int:
        return len(self._chosen)

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these; what was found before stays chosen or not as it was."""
        groups: dict[str, _Group] = {}
        known, chosen = set(), set()
        for one in findings:
            group = groups.setdefault(one.problem, _Group(one.problem))
            choice = (one.root, one.id)
            known.add(choice)
            if one.can_be_repaired and (
                choice in self._chosen if choice in self._known else one.known.repair is Repair.WITH_ALL
            ):
                chosen.add(choice)
            group.findings.append(one)
            group.choices.append(choice)
            group.can += one.can_be_repaired
            group.costs += one.on_disk
            group.frees += one.frees if one.can_be_repaired else 0
        weights, problems = list(Weight), list(PROBLEMS)
        self.beginResetModel()
        self._known, self._chosen = known, chosen
        self._groups = sorted(
            groups.values(),
            key=lambda g: (weights.index(PROBLEMS[g.problem].weight), problems.index(g.problem)),
        )
        for group in self._groups:
            group.chosen = sum(choice in chosen for choice in group.choices)
        self.endResetModel()
        self.choice_changed.emit()

    def finding_at(self, index: _Index) -> Finding | None:
        """The finding of a line; None for a problem's."""
        if not index.isValid() or not index.internalId():
            return None
        return self._groups[index.internalId() - 1].findings[index.row()]

    def group_at(self, index: _Index) -> tuple[str, list[Finding]] | None:
        """The problem of a line that is one's, and what was found of it."""
        if not index.isValid() or index.internalId():
            return None
        group = self._groups[index.row()]
        return group.problem, group.findings

    def choose(self, index: _Index, wanted: bool) -> None:
        """Have a finding repaired, or all that can be of a problem, or not."""
        inside = index.internalId() > 0
        number = index.internalId() - 1 if inside else index.row()
        group = self._groups[number]
        rows: Iterable[int] = (index.row(),) if inside else range(len(group.findings))
        changed = {group.choices[row] for row in rows if group.findings[row].can_be_repaired}
        self._chosen = self._chosen | changed if wanted else self._chosen - changed
        group.chosen = sum(choice in self._chosen for choice in group.choices)
        top = self.index(number, 0)
        self.dataChanged.emit(top, top, [_CHECK])
        self.dataChanged.emit(self.index(0, 0, top), self.index(len(group.findings) - 1, 0, top), [_CHECK])
        self.choice_changed.emit()

    # ---- what Qt asks

    def top_count(self) -> int:
        return len(self._groups)

    def count_beneath(self, row: int) -> int:
        return len(self._groups[row].findings)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return len(self._titles)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == 0 and self._can_be_chosen(index):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: _Index, value: Any, role: int = _DISPLAY) -> bool:
        if role != _CHECK or not index.isValid() or not self._can_be_chosen(index):
            return False
        self.choose(index, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        if role == _ALIGNMENT:
            return _RIGHT if index.column() in (_COSTS, _FREES) else None
        if role == _ACCESSIBLE:
            text = self.data(index)
            return f"{self._titles[index.column()]}: {text}" if index.column() and text else text
        one = self.finding_at(index)
        if one is None:
            return self._of_group(self._groups[index.row()], index.column(), role)
        return self._of_finding(one, index.column(), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._titles):
            return None
        if role == _DISPLAY:
            return self._titles[section]
        return _RIGHT if role == _ALIGNMENT and section in (_COSTS, _FREES) else None

    # ---- within

    def _can_be_chosen(self, index: _Index) -> bool:
        one = self.finding_at(index)
        return self._groups[index.row()].can > 0 if one is None else one.can_be_repaired

    def _of_group(self, group: _Group, column: int, role: int) -> Any:
        weight = PROBLEMS[group.problem].weight
        if role == _DISPLAY:
            title = self.tr("{} ({})").format(problem_title(group.problem), f"{len(group.findings):,}")
            return (title, weight_word(weight), "", _size(group.costs), _size(group.frees))[column]
        if role == _DECORATION and column == 0:
            return icon(*weight_sign(weight))
        if role == _CHECK and column == 0 and group.can:
            states = Qt.CheckState
            if not group.chosen:
                return states.Unchecked
            return states.Checked if group.chosen == group.can else states.PartiallyChecked
        if role == _TOOLTIP and column in (_COSTS, _FREES):
            return exact_size_text((group.costs, group.frees)[column - _COSTS])
        return None

    def _of_finding(self, one: Finding, column: int, role: int) -> Any:
        if role == _DISPLAY:
            frees = one.frees if one.can_be_repaired else 0
            cache = path_text(one.root)
            return (message_text(one), state_word(one), cache, _size(one.on_disk), _size(frees))[column]
        if role == _CHECK and column == 0 and one.can_be_repaired:
            chosen = (one.root, one.id) in self._chosen
            return Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        if role == _TOOLTIP:
            sizes = exact_size_text(one.on_disk), exact_size_text(one.frees)
            return (f"{message_text(one)}\n{one.path}", state_tooltip(one), one.root, *sizes)[column]
        if role == _FOREGROUND and one.refusal:
            return QGuiApplication.palette().placeholderText()
        return None


def _size(size: int) -> str:
    return size_text(size) if size else ""

"""The second step of the connected side: which models are carried, and how much of each the other side has."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.filter import searched_text
from modelkeep.keys import ModelKey
from modelkeep.rows import ModelRow, Selection
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.airgap.text import count_models, held_text, packed_text, there_text, total_text
from modelkeep_gui.dialogs.export_text import key_text, refusals
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.push_table import TickRows, TickTable
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.flat_button import FlatButton
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.plain_table import TableColumn
from modelkeep_gui.widgets.search_field import SearchField

if TYPE_CHECKING:
    from modelkeep.archive.export_plan import ExportItem
    from modelkeep.archive.holdings import Holdings
    from modelkeep.carrying import BundlePlan, HeldRevision

__all__ = ["Candidate", "ModelsChoice", "candidates"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_MARKS = (int(Qt.ItemDataRole.DecorationRole), int(Qt.ItemDataRole.ForegroundRole))
_PACKED = 3  # the column

_Index = QModelIndex | QPersistentModelIndex


class Candidate(NamedTuple):
    """What could be carried: a model of a cache, or the revision `commit` of it."""

    row: ModelRow
    commit: str = ""

    @property
    def selection(self) -> Selection:
        return Selection(self.row.root, f"{self.row.key}@{self.commit}" if self.commit else self.row.key)

    @property
    def size(self) -> int:
        found = (each.size for each in self.row.revisions if each.commit == self.commit)
        return next(found, self.row.size)


def candidates(
    rows: Sequence[ModelRow], selected: Sequence[Selection]
) -> tuple[list[Candidate], set[Selection]]:
    """Every model, with the revisions among what is selected; and what of it is selected."""
    of = {(row.root, row.key): row for row in rows}
    chosen: dict[str, Candidate] = {}
    for selection in selected:
        key = ModelKey.known(selection.key)
        if row := of.get((selection.root, key.name)):
            # A model that is in several caches leaves once.
            chosen.setdefault(selection.key, Candidate(row, key.revision or ""))
    revisions = [candidate for candidate in chosen.values() if candidate.commit]
    everything = [*revisions, *map(Candidate, rows)]
    everything.sort(key=lambda one: (one.row.repo_id.casefold(), one.commit, one.row.root))
    return everything, {candidate.selection for candidate in chosen.values()}


class ModelsChoice(QWidget):
    """All models with a tick each, a filter, and what a plan says of those that are chosen.

    Signals:
        changed: what is chosen, or whether incomplete models go too.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: list[Candidate] = []
        self._tests: list[str] = []
        self.search = SearchField()
        self.only_chosen = QCheckBox(self.tr("Only what is &chosen"))
        self.choose_all = FlatButton(self.tr("Choose all shown"))
        self.choose_none = FlatButton(self.tr("Choose none"))
        self.count = QLabel()
        self.rows = _Rows()
        self.table = TickTable(self.rows.title, self.rows)
        self.incomplete = QCheckBox(self.tr("&Incomplete models too"))
        self.wait = PlanWait()
        self.total = TonedNotice()
        self._refused = LineList(self.tr("What cannot be packed"))
        self.refusals = Folded("", self._refused)
        self._lay_out()
        self._connect()
        self._follow()

    @property
    def chosen(self) -> list[Selection]:
        """What is to be carried, in the order of names."""
        return [one.selection for one in self._all if one.selection in self.rows.ticked]

    def show_models(self, models: Sequence[Candidate], chosen: set[Selection]) -> None:
        """Offer these, of which some are chosen."""
        self._all = list(models)
        self._tests = [searched_text(one.row) for one in models]
        self.rows.ticked = set(chosen)
        self.only_chosen.setChecked(bool(chosen))
        self._filter()

    def set_holdings(self, holdings: Holdings | None) -> None:
        """Say of each model what the other side has of it."""
        self.rows.holdings = holdings
        self.rows.planned = {}
        self.rows.refresh()

    def begin(self) -> None:
        """A plan is on its way, or there is nothing to plan."""
        self.refusals.hide()
        self.total.hide()
        if self.chosen:
            self.wait.begin(self.tr("Comparing with what the other side has"))
        else:
            self.wait.end()
            self._say_nothing_chosen()

    def set_plan(self, plan: BundlePlan) -> None:
        """Show what is packed of what is chosen."""
        self.wait.end()
        self.rows.planned = _planned(plan, [one for one in self._all if one.selection in self.rows.ticked])
        self.rows.refresh()
        self.incomplete.setVisible(
            self.incomplete.isChecked() or any(item.missing for item in plan.export.items)
        )
        sentences = list(refusals(plan.export.items))
        self._refused.set_lines([(sentence, "") for sentence in sentences])
        self.refusals.set_title(self.tr("{} cannot be packed").format(count_models(len(sentences))))
        self.refusals.setVisible(bool(sentences))
        if any(not item.refusal for item in plan.export.items):
            self.total.say(total_text(plan), "export", "accent")
        elif not sentences:
            self.total.say(
                self.tr("The other side has all of this: there is nothing to carry."), "done", "good"
            )
        else:
            self.total.say(self.tr("Nothing of this can be packed."), "damaged", "bad")
        self.total.show()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self.total.hide()
        self.wait.fail(error)

    # ---- within

    def _filter(self) -> None:
        passes = self.search.filter.at(time.time())
        only = self.only_chosen.isChecked()
        shown = [
            one
            for one, text in zip(self._all, self._tests)
            if passes(one.row, text) and (not only or one.selection in self.rows.ticked)
        ]
        self.table.set_values(shown)
        self._follow()

    def _toggle(self, one: Candidate) -> None:
        if one.selection in self.rows.ticked:
            # The same in another cache does not leave as well.
            others = {
                other.selection
                for other in self._all
                if other.selection.key == one.selection.key and other.selection != one.selection
            }
            self.rows.ticked -= others
        self._change()

    def _choose_all(self) -> None:
        taken = {one.selection.key for one in self._all if one.selection in self.rows.ticked}
        for one in self.rows.values:
            if one.selection.key not in taken:
                taken.add(one.selection.key)
                self.rows.ticked.add(one.selection)
        self._change()

    def _choose_none(self) -> None:
        self.rows.ticked.clear()
        self.only_chosen.setChecked(False)
        self._change()

    def _change(self) -> None:
        self.rows.refresh()
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        count = len(self.chosen)
        self.count.setText(
            self.tr("{} of {} chosen").format(f"{count:,}", count_models(len(self._all)))
            if self._all
            else self.tr("There is no model in the caches.")
        )
        self.choose_none.setEnabled(bool(count))
        self.choose_all.setEnabled(self.rows.rowCount() > 0)
        if not count:
            self._say_nothing_chosen()

    def _say_nothing_chosen(self) -> None:
        self.total.say(self.tr("Choose what is to be carried."), "info", "muted")
        self.total.show()

    # ---- where things are

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(self.tr("Find:  bert  size>1GB  task:ner  is:pinned"))
        self.count.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.incomplete.hide()
        self.refusals.hide()
        above = QHBoxLayout()
        above.setSpacing(3 * GRID)
        above.addWidget(self.search, 1)
        above.addWidget(self.only_chosen)
        beneath = QHBoxLayout()
        beneath.setSpacing(2 * GRID)
        for part in (self.count, self.choose_all, self.choose_none):
            beneath.addWidget(part)
        beneath.addStretch()
        beneath.addWidget(self.incomplete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(above)
        layout.addWidget(self.table, 1)
        layout.addLayout(beneath)
        layout.addWidget(self.refusals)
        layout.addWidget(self.wait)
        layout.addWidget(self.total)
        self.setFocusProxy(self.search)

    def _connect(self) -> None:
        self.search.filter_changed.connect(lambda _: self._filter())
        self.search.left_downwards.connect(lambda _: self._go_to_table())
        self.only_chosen.toggled.connect(lambda _: self._filter())
        self.table.toggled.connect(self._toggle)
        self.choose_all.clicked.connect(lambda _: self._choose_all())
        self.choose_none.clicked.connect(lambda _: self._choose_none())
        self.incomplete.clicked.connect(lambda _: self.changed.emit())
        self.wait.again_requested.connect(self.changed)

    def _go_to_table(self) -> None:
        if self.rows.rowCount() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.rows.index(0, 0))
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)


class _Rows(TickRows[Candidate]):
    """The rows. `planned` says what becomes of those that are chosen."""

    def __init__(self) -> None:
        self.holdings: Holdings | None = None
        self.planned: Mapping[Selection, ExportItem | HeldRevision] = {}
        super().__init__(self._sign, _PACKED, lambda one: one.selection)
        self._is_muted: Callable[[Candidate], bool] = lambda one: False
        self.ticked: set[Hashable] = set()
        self.columns = self._columns()

    @property
    def title(self) -> str:
        """What the table is called."""
        return self.tr("Models to carry")

    def refresh(self) -> None:
        """Paint all again: what is said of them is another thing now."""
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, len(self.columns) - 1))

    def item(self, one: Candidate) -> ExportItem | HeldRevision | None:
        """What the plan says of it, while it is chosen."""
        return self.planned.get(one.selection) if one.selection in self.ticked else None

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        is_mark = index.column() == _PACKED and role in _MARKS
        if is_mark and self.item(self.value_at(index.row())) is None:
            return None  # nothing is said of it, so there is no sign
        return super().data(index, role)

    def _sign(self, one: Candidate) -> tuple[str, str]:
        from modelkeep.carrying import HeldRevision

        item = self.item(one)
        if isinstance(item, HeldRevision):
            return "done", "muted"
        if item is None or item.refusal:
            return "damaged", "bad"
        return ("incomplete", "warn") if item.missing else ("plus", "good")

    def _there(self, one: Candidate) -> str:
        if self.holdings is None:
            return ""
        item = self.item(one)
        return there_text(item) if item is not None else held_text(one.row, self.holdings)

    def _packed(self, one: Candidate) -> str:
        item = self.item(one)
        return packed_text(item) if item is not None else ""

    def _explain(self, one: Candidate) -> str:
        item = self.item(one)
        return getattr(item, "refusal", "") or self._packed(one)

    def _bytes(self, one: Candidate) -> int:
        return int(getattr(self.item(one), "size", 0)) if self._packed(one) else -1

    def _columns(self) -> tuple[TableColumn[Candidate], ...]:
        return (
            TableColumn(
                self.tr("Model"),
                lambda one: key_text(ModelKey.known(one.selection.key)),
                lambda one: (one.row.repo_id.casefold(), one.commit),
                30,
                tooltip=lambda one: "\n".join(one.selection[1::-1]),
            ),
            TableColumn(
                self.tr("Size"),
                lambda one: size_text(one.size),
                lambda one: one.size,
                10,
                tooltip=lambda one: exact_size_text(one.size),
                is_figure=True,
            ),
            TableColumn(self.tr("The other side has"), self._there, self._there, 22, tooltip=self._there),
            TableColumn(self.tr("Packed"), self._packed, self._bytes, 22, tooltip=self._explain),
        )


def _planned(plan: BundlePlan, chosen: Sequence[Candidate]) -> dict[Selection, ExportItem | HeldRevision]:
    """Which candidate each item of a plan is, by its name and, where a name comes twice, by its commit."""
    by_name: dict[str, list[ExportItem | HeldRevision]] = {}
    planned: list[ExportItem | HeldRevision] = [*plan.export.items, *plan.held]
    for item in planned:
        by_name.setdefault(item.key.name, []).append(item)
    found: dict[Selection, ExportItem | HeldRevision] = {}
    for one in sorted(chosen, key=lambda one: not one.commit):
        items = by_name.get(one.row.key, [])
        matching = [item for item in items if not one.commit or item.commit == one.commit]
        if matching:
            found[one.selection] = matching[0]
            items.remove(matching[0])
    return found

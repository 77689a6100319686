"""The doctor's page: what is wrong, what it costs, what mends it, and a button that does."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from modelkeep.doctor.check_up import CheckUp
from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress
from modelkeep.text import path_text, size_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.doctor.about import AboutFinding
from modelkeep_gui.doctor.findings_model import CACHE, FindingsModel
from modelkeep_gui.doctor.state import LargeState
from modelkeep_gui.doctor.text import count_text, repair_button
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.row_delegate import RowDelegate

__all__ = ["DoctorPage"]

_PAUSE = 100  # milliseconds after a choice until it is asked what that frees
_WIDTHS = (40, 15, 18, 10, 10)  # of the columns, in average characters; the first takes what is left
_MINUTE = 60_000  # milliseconds
_FEW = 20  # findings that are all unfolded at once


class DoctorPage(QWidget):
    """Shows a `CheckUp`; begins to look when it is first shown.

    Signals:
        examination_requested: the caches are to be looked at.
        cancel_requested: the looking is to stop.
        choice_made: what is chosen, ids by root; `set_frees` says what that frees.
        repair_requested: the same, to be repaired.
        model_requested: a `Finding` of which the user wants to see the model.
        folder_requested: a `Finding` of which the user wants to see the place.
        counted: how many problems there are (int).
    """

    examination_requested = Signal()
    cancel_requested = Signal()
    choice_made = Signal(object)
    repair_requested = Signal(object)
    model_requested = Signal(object)
    folder_requested = Signal(object)
    counted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._check_up: CheckUp | None = None
        self._is_busy = self._is_repairing = self._was_shown = False
        self.examine = QAction(icon("refresh"), self.tr("&Examine again"), self)
        self.cancel = QAction(icon("cancel"), self.tr("&Cancel"), self)
        self.examine.triggered.connect(self.examination_requested)
        self.cancel.triggered.connect(self.cancel_requested)
        self._summary = ElidedLabel(muted=True, elide=Qt.TextElideMode.ElideRight)
        self._bar = ProgressLine()
        self._bar.setAccessibleName(self.tr("Progress"))
        self.findings = FindingsModel(self)
        self.tree = _Tree(self.findings)
        self.about = AboutFinding()
        self.state = LargeState()
        self.repair = QPushButton(icon("doctor"), repair_button(0, None))
        self._stack = QStackedWidget()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(lambda: self.choice_made.emit(self.findings.chosen))
        self._age = QTimer(self, interval=_MINUTE)
        self._age.timeout.connect(self._sum_up)
        self._lay_out()
        self.findings.choice_changed.connect(self._follow_choice)
        self.tree.selectionModel().currentChanged.connect(lambda *_: self._follow_line())
        self.repair.clicked.connect(lambda _: self.repair_requested.emit(self.findings.chosen))
        self.about.model_requested.connect(self.model_requested)
        self.about.folder_requested.connect(self.folder_requested)
        self._follow_choice()
        self.set_busy(False)

    @property
    def summary(self) -> str:
        """What was looked at, in words."""
        return self._summary.text()

    @property
    def is_large(self) -> bool:
        """Whether one thing is said in place of the findings."""
        return self._stack.currentWidget() is self.state

    def set_busy(self, is_busy: bool) -> None:
        """Show that the caches are looked at, or are no more."""
        self._is_busy = is_busy
        self.examine.setEnabled(not is_busy and not self._is_repairing)
        self.cancel.setVisible(is_busy)
        self._cancel.setVisible(is_busy)
        self._bar.setVisible(is_busy and self._check_up is not None)
        self._bar.show_share(0, 0)
        if is_busy and self._check_up is None:
            self.state.say(self.tr("Examining the caches"), "", "doctor", "accent")
            self.state.show_progress("", 0, 0)
            self._stack.setCurrentWidget(self.state)
        elif not is_busy and self._check_up is None:
            self.state.say(
                self.tr("Not examined yet"),
                self.tr("The doctor looks for damage and waste. Nothing is changed by that."),
                "doctor",
                "muted",
            )
        self._follow_choice()
        self._sum_up()

    def set_repairing(self, is_repairing: bool) -> None:
        """Show that a repair is under way, and nothing else can be begun; or is no more."""
        self._is_repairing = is_repairing
        self.set_busy(self._is_busy)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the looking is."""
        is_counted = progress.unit != "bytes" and progress.total > 0
        text = " · ".join(filter(None, (self.tr("Examining"), progress.item)))
        if is_counted:
            of = self.tr("{} of {}").format(f"{progress.done:,}", f"{progress.total:,}")
            text = f"{text} · {of}"
        self._bar.show_share(progress.done, progress.total if is_counted else 0)
        if self._check_up is None:
            self.state.show_progress(text, progress.done, progress.total if is_counted else 0)
        else:
            self._summary.setText(text)

    def set_check_up(self, check_up: CheckUp) -> None:
        """Show what was found."""
        self._check_up = check_up
        self.tree.set_findings(check_up)
        if check_up.findings:
            self._stack.setCurrentWidget(self._found)
        else:
            self._stack.setCurrentWidget(self.state)
        self._foot.setVisible(bool(check_up.findings))
        self._follow_line()
        self.set_busy(False)
        self.counted.emit(len(check_up.problems))

    def show_error(self, error: ModelKeepError) -> None:
        """Say why the caches could not be looked at."""
        self._check_up = None
        self.set_busy(False)
        self.state.say(
            self.tr("The caches could not be examined"), f"{error} {error.hint}".strip(), "warning", "bad"
        )
        self._stack.setCurrentWidget(self.state)
        self._foot.hide()

    def set_frees(self, frees: int) -> None:
        """Say what the repair of what is chosen frees."""
        if not self._pause.isActive():
            self.repair.setText(repair_button(self.findings.chosen_count, frees))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._age.start()
        self._sum_up()
        if not self._was_shown:
            self._was_shown = True
            self.examination_requested.emit()

    # ---- its parts

    def _lay_out(self) -> None:
        self._cancel = ActionButton(self.cancel)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        line.setSpacing(2 * GRID)
        for button in (ActionButton(self.examine), self._cancel):
            line.addWidget(button)
        line.addWidget(self._bar)
        line.addWidget(self._summary, 1)
        rule = QWidget()
        rule.setFixedHeight(1)
        rule.setAutoFillBackground(True)
        rule.setBackgroundRole(QPalette.ColorRole.Mid)
        self._found = QWidget()
        found = QVBoxLayout(self._found)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(0)
        tree = QHBoxLayout()
        tree.setContentsMargins(2 * GRID, 0, GRID, 0)
        tree.addWidget(self.tree)
        found.addLayout(tree, 1)
        found.addWidget(rule)
        found.addWidget(self.about)
        for page in (self.state, self._found):
            self._stack.addWidget(page)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        foot.addStretch(1)
        foot.addWidget(self.repair)
        self._foot.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._foot)

    def _follow_choice(self) -> None:
        count = self.findings.chosen_count
        is_free = not (self._is_busy or self._is_repairing)
        if self._is_repairing:
            self.repair.setText(self.tr("Repairing…"))
        else:
            self.repair.setText(repair_button(count, None))
        self.repair.setEnabled(count > 0 and is_free)
        if count and is_free:
            self._pause.start()
        else:
            self._pause.stop()

    def _follow_line(self) -> None:
        index = self.tree.currentIndex().siblingAtColumn(0)
        if one := self.findings.finding_at(index):
            self.about.show_finding(one)
        elif group := self.findings.group_at(index):
            self.about.show_group(*group)
        else:
            self.about.show_nothing()

    def _sum_up(self) -> None:
        if self._check_up is None or self._is_busy:
            if self._check_up is None:
                self._summary.setText("")
            return
        if self.is_large:
            self._summary.setText("")
            if any(one.is_here for one in self._check_up.roots):
                self.state.say(self.tr("Nothing is wrong"), self._looked_at(), "whole", "good")
            else:
                text = self.tr("The folders of the caches are not there, or their disks are away.")
                self.state.say(self.tr("There is nothing to examine"), text, "away", "muted")
            return
        problems = len(self._check_up.problems)
        notes = len(self._check_up.findings) - problems
        costs = sum(one.on_disk for one in self._check_up.problems)
        said = [count_text(problems) if problems else self.tr("Nothing is wrong")]
        if costs:
            said.append(self.tr("{} on disk").format(size_text(costs)))
        if notes:
            said.append(self.tr("1 note") if notes == 1 else self.tr("{} notes").format(f"{notes:,}"))
        self._summary.setText(" · ".join([*said, self._looked_at()]))

    def _looked_at(self) -> str:
        if self._check_up is None:
            return ""
        here = [one for one in self._check_up.roots if one.is_here]
        models = self.tr("1 model") if self._check_up.models == 1 else self.tr("{} models")
        caches = path_text(here[0].root) if len(here) == 1 else self.tr("{} caches").format(len(here))
        what = self.tr("{} in {}").format(models.format(f"{self._check_up.models:,}"), caches)
        age = time.time() - self._check_up.at
        when = self.tr("examined just now") if age < 60 else self.tr("examined {} ago").format(age_text(age))
        away = len(self._check_up.roots) - len(here)
        if not away:
            return f"{what}, {when}"
        missed = self.tr("1 cache is away") if away == 1 else self.tr("{} caches are away").format(away)
        return f"{what}, {when} · {missed}"


class _Tree(QTreeView):
    """The findings, a problem's beneath its title."""

    def __init__(self, findings: FindingsModel) -> None:
        super().__init__()
        self._findings = findings
        self.setAccessibleName(self.tr("What was found"))
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setModel(findings)
        self.setItemDelegateForColumn(0, RowDelegate(self))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        character = self.fontMetrics().averageCharWidth()
        for number, width in enumerate(_WIDTHS):
            header.resizeSection(number, width * character + 4 * GRID)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def set_findings(self, check_up: CheckUp) -> None:
        """Show these. Few are unfolded; problems that were unfolded stay so, and the line that was chosen."""
        model = self._findings
        unfolded, current = set(), ""
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            group = model.group_at(index)
            if group and self.isExpanded(index):
                unfolded.add(group[0])
        chosen = self.currentIndex().siblingAtColumn(0)
        if one := model.finding_at(chosen):
            current = one.id
        model.set_findings(check_up.findings)
        self.setColumnHidden(CACHE, len({one.root for one in check_up.findings}) < 2)
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            group = model.group_at(index)
            if group and (group[0] in unfolded or len(check_up.findings) <= _FEW):
                self.expand(index)
            for number, one in enumerate(group[1] if group and current else ()):
                if one.id == current:
                    self.setCurrentIndex(model.index(number, 0, index))

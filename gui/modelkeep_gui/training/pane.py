"""One training: how far it is, its curve, how good it is, what it said, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from modelkeep.jobs.values import JobStatus
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.training.about import About
from modelkeep_gui.training.facts import Facts
from modelkeep_gui.training.feed import TrainingFeed
from modelkeep_gui.training.loss_curve import LossCurve
from modelkeep_gui.training.metrics_view import MetricsView
from modelkeep_gui.training.points_table import PointsTable
from modelkeep_gui.training.text import facts_of, how_far, result_text
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import fixed_font
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["TrainingPane"]

_PAUSE = 250  # milliseconds between two states of what goes on


class TrainingPane(QWidget):
    """Shows a training of a `TrainingFeed`.

    Signals:
        wished: a tuple of the `About` and what is to be done with it: "cancel", "resume", "discard", "up", "down",
            "try", "compare" or "show".
    """

    wished = Signal(object)

    def __init__(self, feed: TrainingFeed) -> None:
        super().__init__()
        self._feed = feed
        self._one: About | None = None
        self._title = ElidedLabel()
        self._far = ElidedLabel(muted=True, elide=Qt.TextElideMode.ElideRight)
        self._bar = ProgressLine()
        self._bar.setAccessibleName(self.tr("Progress"))
        self.notice = TonedNotice()
        self.curve, self.metrics = LossCurve(), MetricsView()
        self.points, self.facts = PointsTable(), Facts()
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setFont(fixed_font())
        self.log.setAccessibleName(self.tr("What it said"))
        self.log.setTabChangesFocus(True)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._show_how_far)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.actions_ = self._make_actions()
        self._lay_out()
        self.tabs.currentChanged.connect(lambda _: self._show_how_far())
        feed.advanced.connect(self._advance)
        feed.logged.connect(lambda id: self._show_log() if self._one and id == self._one.id else None)

    @property
    def far(self) -> str:
        """How far it is, in words."""
        return self._far.text()

    def show_training(self, one: About) -> None:
        """Show this one, as it is now."""
        is_other = self._one is None or self._one.id != one.id
        was_active = not is_other and self._one is not None and self._one.is_active
        self._one = one
        self._title.setText(
            self.tr("{} from {}").format(one.name, one.parent_name) if one.parent else one.name
        )
        self.curve.show_curve(self._feed.curve(one.id))
        why_not = self.tr("It is measured when the training is done.") if one.is_active else result_text(one)
        self.metrics.show_metrics(one.metrics, one.parent_metrics, why_not)
        self.facts.show_facts(facts_of(one))
        self._say(one)
        self._enable(one)
        self._show_how_far()
        if is_other:
            self._show_log()
        if was_active and one.has_result and one.metrics and self.tabs.currentWidget() is self.curve:
            self.curve.refresh()

    # ---- its parts

    def _make_actions(self) -> dict[str, QAction]:
        made = {
            "try": QAction(icon("tryout"), self.tr("Tr&y it"), self),
            "compare": QAction(icon("compare"), self.tr("C&ompare with its parent"), self),
            "show": QAction(icon("library"), self.tr("Sho&w in the library"), self),
            "resume": QAction(icon("resume"), self.tr("R&esume"), self),
            "cancel": QAction(icon("cancel"), self.tr("&Cancel"), self),
            "up": QAction(icon("up"), self.tr("Move &up"), self),
            "down": QAction(icon("down"), self.tr("Move &down"), self),
            "discard": QAction(icon("trash"), self.tr("D&iscard…"), self),
        }
        for wish, action in made.items():
            action.triggered.connect(lambda _=False, wish=wish: self._wish(wish))
        return made

    def _lay_out(self) -> None:
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        for action in self.actions_.values():
            button = ActionButton(action)
            action.changed.connect(_follow(button, action))
            buttons.addWidget(button)
        line = QHBoxLayout()
        line.setSpacing(3 * GRID)
        line.addWidget(self._bar)
        line.addWidget(self._far, 1)
        line.addLayout(buttons)
        top = QVBoxLayout()
        top.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, GRID)
        top.setSpacing(GRID)
        top.addWidget(self._title)
        top.addLayout(line)
        top.addWidget(self.notice)
        for page, title in (
            (self.curve, self.tr("Curve")),
            (self.metrics, self.tr("How good")),
            (self.points, self.tr("Points")),
            (self.log, self.tr("Log")),
            (self.facts, self.tr("About")),
        ):
            self.tabs.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.tabs, 1)

    # ---- what follows from it

    def _enable(self, one: About) -> None:
        waits = one.status is JobStatus.QUEUED
        can = {
            "try": one.has_result,
            "compare": one.has_result and one.keeps_head,
            "show": one.has_result,
            "resume": one.can_resume,
            "cancel": one.is_active,
            "up": waits and one.place > 1,
            "down": waits
            and any(other.queue == one.queue and other.place > one.place for other in self._feed.trainings),
            "discard": not one.is_active,
        }
        focused = self.focusWidget()
        for wish, action in self.actions_.items():
            action.setVisible(can[wish] or (waits and wish in ("up", "down")))
            action.setEnabled(can[wish])
        if isinstance(focused, ActionButton) and not focused.isVisibleTo(self):
            self.tabs.tabBar().setFocus()  # else it would go to whatever comes next in the window

    def _say(self, one: About) -> None:
        if one.has_result:
            self.notice.say(result_text(one), "done", "good")
        elif one.status is JobStatus.ERRORED:
            tone = "warn" if one.is_interrupted else "bad"
            kept = self.tr("What was done is kept.") if one.can_resume else ""
            self.notice.say(" ".join(filter(None, (one.error, one.hint, kept))), "warning", tone)
        elif one.status is JobStatus.CANCELED and one.can_resume:
            self.notice.say(self.tr("It was cancelled. What was done is kept."), "info", "muted")
        self.notice.setVisible(one.has_result or one.status is JobStatus.ERRORED or one.can_resume)

    def _advance(self, id: str) -> None:
        if self._one and id == self._one.id:
            self.curve.refresh()
            if not self._soon.isActive():
                self._soon.start()

    def _show_how_far(self) -> None:
        if (one := self._one) is None:
            return
        curve, step = self._feed.curve(one.id), self._feed.step(one)
        self._far.setText(how_far(one, curve, step))
        self._bar.setVisible(one.is_active)
        self._bar.show_share(step, one.steps if step or one.status is JobStatus.QUEUED else 0)
        if self.tabs.currentWidget() is self.points:
            self.points.show_points(curve.points)

    def _show_log(self) -> None:
        if self._one:
            bar = self.log.verticalScrollBar()
            is_at_end = bar.value() == bar.maximum()
            before = bar.value()
            self.log.setPlainText("\n".join(self._feed.log(self._one.id)))
            bar.setValue(bar.maximum() if is_at_end else before)

    def _wish(self, wish: str) -> None:
        if self._one:
            self.wished.emit((self._one, wish))


def _follow(button: ActionButton, action: QAction) -> Callable[[], None]:
    return lambda: button.setVisible(action.isVisible())

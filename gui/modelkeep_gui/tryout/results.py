"""The lower part of the window of a try: nothing yet, loading, an answer, several beside each other, or an error."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.inference.outcome import Comparison
from modelkeep.inference.values import Generated, Message, TryResult
from modelkeep.keys import ModelKey
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.flowing_text import FlowingText
from modelkeep_gui.tryout.result_column import ResultColumn
from modelkeep_gui.tryout.trouble import Trouble
from modelkeep_gui.widgets.labels import heading
from modelkeep_gui.widgets.state_page import StatePage

__all__ = ["Results"]


class Results(QStackedWidget):
    """Shows one of them at a time. What was answered stays until there is something new to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = StatePage()
        self.trouble = Trouble()
        self.flow = FlowingText(self.tr("Text"))
        self.below = QVBoxLayout()
        self._scrolled = QScrollArea()
        self._scrolled.setWidgetResizable(True)
        self._scrolled.setFrameShape(QFrame.Shape.NoFrame)
        self._scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._talk = QWidget()
        self.below.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self._talk)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.flow, 1)
        layout.addLayout(self.below)
        for page in (self.state, self._scrolled, self._talk, self.trouble):
            self.addWidget(page)
        self.say_nothing()

    @property
    def is_flowing(self) -> bool:
        """Whether the text that is being made is what is shown."""
        return self.currentWidget() is self._talk

    @property
    def turns(self) -> tuple[Message, ...]:
        """The conversation so far."""
        return self.flow.turns

    @property
    def has_text(self) -> bool:
        """Whether something was said."""
        return not self.flow.document().isEmpty()

    def say_nothing(self) -> None:
        """There is no answer yet."""
        self.say(self.tr("The answer comes here."))

    def say(self, text: str) -> None:
        """There is no answer, because of this."""
        self.state.say(text, name="tryout")
        self.setCurrentWidget(self.state)

    def say_busy(self, text: str, hint: str = "") -> None:
        """It is loading, or thinking."""
        self.state.say(text, hint, name="tryout", is_busy=True)
        self.setCurrentWidget(self.state)

    def begin_text(self) -> None:
        """A text is about to come."""
        self._clear_below()
        self.flow.set_turns(())
        self.setCurrentWidget(self._talk)

    def begin_turn(self, said: str) -> None:
        """Somebody said this to the model, which is about to answer."""
        self._clear_below()
        self.flow.begin_turn("user", said)
        self.flow.begin_turn("assistant")
        self.setCurrentWidget(self._talk)

    def take_back_turn(self) -> None:
        """What was said last got no answer."""
        turns = self.flow.turns
        if len(turns) > 1 and not turns[-1].content:
            self.flow.set_turns(turns[:-2])

    def show_result(self, result: TryResult) -> None:
        """Show this; a text that has come already stays as it is, with its figures beneath."""
        if self.is_flowing and len(result.outputs) == 1 and isinstance(result.outputs[0], Generated):
            made = result.outputs[0]
            if self.flow.turns:
                self.flow.end_turn(made.text)
            else:
                self.flow.flush()
                if self.flow.toPlainText() != made.text:
                    self.flow.set_text(made.text)
            self._clear_below()
            self.below.addWidget(ResultColumn(result, shown=()))
            return
        self._scroll(ResultColumn(result))

    def show_comparison(self, comparison: Comparison) -> None:
        """Show results beside each other."""
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6 * GRID)
        for key, result, error in zip(comparison.keys, comparison.results, comparison.errors):
            title = _title(key)
            column = ResultColumn(result, title) if result else _failed(title, error)
            line.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)
        self._scroll(whole)

    def show_error(self, error: ModelKeepError, details: str = "", *, can_force: bool = False) -> None:
        """Say what went wrong; see `Trouble.say`."""
        self.trouble.say(error, details, can_force=can_force)
        self.setCurrentWidget(self.trouble)

    def _scroll(self, content: QWidget) -> None:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 2 * GRID, 0)
        layout.addWidget(content)
        layout.addStretch()
        self._scrolled.setWidget(body)
        self.setCurrentWidget(self._scrolled)

    def _clear_below(self) -> None:
        while item := self.below.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()


def _title(key: str) -> str:
    known = ModelKey.known(key)
    return " ".join(filter(None, (known.repo_id, (known.revision or "")[:7])))


def _failed(title: str, error: str) -> QWidget:
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2 * GRID)
    layout.addWidget(heading(title))
    layout.addWidget(TonedNotice(error, "damaged", "bad"))
    return whole

"""One result from top to bottom: the answers, how it went, and in a fold all that is known of that."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep.inference.values import Generated, Output, TryResult
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.answer_view import answer_view
from modelkeep_gui.tryout.text import asked, details, figures, finish_text, one_line
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import heading, remark
from modelkeep_gui.widgets.notice import Notice

__all__ = ["ResultColumn"]

_MOST = 20  # answers that are shown: more would hold up the window while they are made


class ResultColumn(QWidget):
    """Shows a result, beneath `title` if there is one. `shown` are the answers that are not to be seen elsewhere."""

    def __init__(self, result: TryResult, title: str = "", *, shown: Sequence[Output] | None = None) -> None:
        super().__init__()
        outputs = result.outputs if shown is None else shown
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2 * GRID)
        if title:
            self._lines.addWidget(heading(title))
        names = asked(result.inputs)
        named = names if 1 < len(outputs) == len(names) else [""] * len(outputs)
        for name, output in list(zip(named, outputs))[:_MOST]:
            if name:
                if self._lines.count():
                    self._lines.addSpacing(2 * GRID)
                self._lines.addWidget(_name(name))
            self._lines.addWidget(answer_view(output, result))
        self._tell(result, shown)

    def _tell(self, result: TryResult, shown: Sequence[Output] | None) -> None:
        """Say how it went, beneath the answers."""
        layout = self._lines
        if (more := len(result.outputs if shown is None else shown) - _MOST) > 0:
            layout.addWidget(
                remark(self.tr("and {} more, which copying and saving give").format(f"{more:,}"))
            )
        if shown is not None and (ended := " ".join(map(finish_text, _made(result)))):
            layout.addWidget(remark(ended))
        if result.stopped and not _made(result):
            layout.addWidget(Notice(self.tr("It was stopped; this is what it had."), "info", "muted"))
        for note in result.notes:
            layout.addWidget(Notice(note, "info", "muted"))
        layout.addSpacing(GRID)
        layout.addWidget(remark(figures(result)))
        lines = LineList(self.tr("Details"), most=12 if shown is None else 4)
        lines.set_lines([(f"{name}: {text}", "") for name, text in details(result)])
        layout.addWidget(Folded(self.tr("Details"), lines))


def _name(text: str) -> QWidget:
    label = remark(one_line(text, 160))
    label.setToolTip(one_line(text, 1000))
    return label


def _made(result: TryResult) -> list[Generated]:
    return [output for output in result.outputs if isinstance(output, Generated)]

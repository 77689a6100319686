"""What a model answered, shown in the way that fits it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from modelkeep.inference.values import (
    Answered,
    Embedded,
    Filled,
    Generated,
    Labelled,
    LoadedModel,
    Output,
    Span,
    Tagged,
    TryInputs,
    TryResult,
)
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.bars import Bar, Bars
from modelkeep_gui.tryout.flowing_text import FlowingText
from modelkeep_gui.tryout.marked_text import MarkedText
from modelkeep_gui.tryout.similarity import SimilarityTable
from modelkeep_gui.tryout.span_table import SpanTable
from modelkeep_gui.tryout.text import finish_text, share_text, vectors_text
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.labels import caption, remark, value

__all__ = ["answer_view"]


def answer_view(output: Output, result: TryResult) -> QWidget:
    """A widget for this output, one of the result's."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2 * GRID)
    for part in _parts(output, result):
        layout.addWidget(part)
    return whole


def _parts(output: Output, result: TryResult) -> list[QWidget]:
    match output:
        case Labelled():
            return _labels(output, result.model)
        case Tagged():
            return _spans(output)
        case Filled():
            return _fills(output)
        case Embedded():
            return _similarity(output, result.inputs)
        case Generated():
            return _text(output)
        case Answered():
            return _answer(output, result.inputs)


def _labels(output: Labelled, model: LoadedModel) -> list[QWidget]:
    if not output.labels:
        return [remark(_tr("It gave no label."))]
    bars = Bars(_tr("Labels"))
    # What has one label alone, and what says more than all, estimates a quantity.
    is_figure = len(model.labels) == 1 and not output.multi_label
    if is_figure or not all(0 <= score <= 1 for _, score in output.labels):
        bars.set_bars([Bar(label, 0.0, figure=f"{score:.4g}") for label, score in output.labels])
        return [bars]
    bars.set_bars([Bar(label, score) for label, score in output.labels])
    if output.multi_label:
        return [bars, remark(_tr("Each label is judged on its own: they do not add up to 100 %."))]
    return [bars]


def _spans(output: Tagged) -> list[QWidget]:
    marked = MarkedText(_tr("Text with what was found"))
    marked.set_marks(output.text, output.spans)
    if not output.spans:
        return [marked, remark(_tr("It found nothing in this text."))]
    table = SpanTable(_tr("What was found"))
    table.set_values(output.spans)
    if marked.is_cut:
        said = remark(_tr("Only the beginning of the text is shown. The list has all that was found."))
        return [marked, said, table]
    return [marked, table]


def _fills(output: Filled) -> list[QWidget]:
    parts: list[QWidget] = []
    for number, fills in enumerate(output.masks, 1):
        if len(output.masks) > 1:
            parts.append(caption(_tr("Blank {}").format(number)))
        bars = Bars(_tr("Candidates"))
        bars.set_bars([Bar(fill.token, fill.score, fill.text) for fill in fills])
        parts.append(bars)
    return parts


def _similarity(output: Embedded, inputs: TryInputs) -> list[QWidget]:
    size = len(output.vectors[0]) if output.vectors else 0
    said = remark(_tr("Vectors of {} numbers; 1.000 means the same direction.").format(f"{size:,}"))
    copy = CopyButton(_tr("Copy the vectors"), lambda: vectors_text(output))
    copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    table = SimilarityTable(_tr("How alike the sentences are"))
    table.set_similarity(inputs.texts, output.similarity)
    beside = QWidget()
    line = QHBoxLayout(beside)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(said, 1)
    line.addWidget(copy)
    return [table, beside]


def _text(output: Generated) -> list[QWidget]:
    text = FlowingText(_tr("Text"))
    text.set_text(output.text)
    text.setMinimumHeight(30 * GRID)
    said = finish_text(output)
    return [text, remark(said)] if said else [text]


def _answer(output: Answered, inputs: TryInputs) -> list[QWidget]:
    if not output.text:
        return [remark(_tr("It found no answer in this text."))]
    marked = MarkedText(_tr("Text with the answer"))
    marked.set_marks(inputs.context, [Span(output.start, output.end, "", output.score, output.text)])
    said = value(_tr("“{answer}” ({share})").format(answer=output.text, share=share_text(output.score)))
    return [said, marked]


def _tr(text: str) -> str:
    return QCoreApplication.translate("tryout", text)

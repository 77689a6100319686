"""Whether an answer is one to what was asked: it may come from somebody else's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modelkeep.inference.plain import whole
from modelkeep.inference.values import (
    Answered,
    Embedded,
    Filled,
    Generated,
    Labelled,
    Output,
    Tagged,
    Task,
    TryInputs,
)

__all__ = ["is_answer"]

_KINDS: Mapping[Task, type] = {
    Task.TEXT_CLASSIFICATION: Labelled,
    Task.IMAGE_CLASSIFICATION: Labelled,
    Task.TOKEN_CLASSIFICATION: Tagged,
    Task.FILL_MASK: Filled,
    Task.SENTENCE_SIMILARITY: Embedded,
    Task.QUESTION_ANSWERING: Answered,
}


def is_answer(task: Task, inputs: TryInputs, outputs: Sequence[Output], stopped: bool) -> bool:
    """Whether these are as many as was asked, or fewer where it was `stopped`, and of the kind that the task gives,
    each about its own text."""
    kind = _KINDS.get(task, Generated)
    if not all(type(output) is kind for output in outputs):
        return False
    if kind is Embedded:
        return all(isinstance(one, Embedded) and _is_table(one, inputs, stopped) for one in outputs) and (
            stopped or len(outputs) == 1
        )
    asked = inputs.images if task is Task.IMAGE_CLASSIFICATION else inputs.texts
    most = len(asked) or (1 if inputs.messages else 0)
    if len(outputs) > most or (len(outputs) < most and not stopped):
        return False
    return all(_is_of(output, inputs, number) for number, output in enumerate(outputs))


def _is_table(output: Embedded, inputs: TryInputs, stopped: bool) -> bool:
    count = len(output.vectors)
    return (
        (count <= len(inputs.texts) if stopped else count == len(inputs.texts))
        and len({len(vector) for vector in output.vectors}) <= 1
        and [len(row) for row in output.similarity] == [count] * count
    )


def _is_of(output: Output, inputs: TryInputs, number: int) -> bool:
    if isinstance(output, Tagged):
        if output.text != whole(inputs.texts[number]):
            return False
        return all(
            0 <= one.start <= one.end and output.text[one.start : one.end] == one.text for one in output.spans
        )
    if isinstance(output, Answered):
        return (
            0 <= output.start <= output.end
            and whole(inputs.context)[output.start : output.end] == output.text
        )
    return True

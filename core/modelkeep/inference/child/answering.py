"""Questions whose answers stand in a context."""

from __future__ import annotations

from typing import Any, NamedTuple

from modelkeep.errors import BadInput, UnsupportedModel
from modelkeep.inference.child.classification import refuse_no_text
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.long_texts import beginning, parts, size_of
from modelkeep.inference.child.numbers import refuse_no_numbers
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Answered, Output, TryInputs, TryOptions

__all__ = ["answer"]

_WINDOWS = 8
_LONGEST = 30
"""Tokens of an answer, as in the evaluation of SQuAD."""


class _Found(NamedTuple):
    """The best answer of a window: the sum of its logits, how likely it is there, and where in the context."""

    logits: float
    score: float
    start: int
    end: int


def answer(loaded: TransformersModel, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The answer to each question, or "" where the model prefers none, as those trained on SQuAD 2 can.

    A context of any length is read in windows that overlap. Raises `BadInput` without a context, and for a question
    that leaves no room for it.
    """
    refuse_no_text(inputs)
    if not inputs.context.strip():
        raise BadInput(
            "There is no context in which the answer could stand.", hint="Give it a text with the answer."
        )
    if not loaded.tokenizer.is_fast:
        raise UnsupportedModel(
            "Answers take a tokenizer that knows where in the text its tokens are, which that of this model does not."
        )
    outputs: list[Output] = []
    for number, question in enumerate(inputs.texts):
        turn.step("Answering", number, len(inputs.texts))
        answered = _answered(loaded, question.strip(), inputs.context, turn)
        if answered is None:
            break
        outputs.append(answered)
    return outputs


def _answered(loaded: TransformersModel, question: str, context: str, turn: Turn) -> Answered | None:
    """None when it was stopped."""
    best = _Found(float("-inf"), 0.0, 0, 0)
    none = best._replace(logits=float("inf"))
    for offset, part in parts(context):
        made = _windows(loaded, question, part)
        names = [name for name in loaded.tokenizer.model_input_names if name in made]
        count = len(made["input_ids"])
        for first in range(0, count, _WINDOWS):
            turn.step("Reading", offset + len(part) * first // count, len(context))
            if turn.is_stopped:
                return None
            windows = range(first, min(first + _WINDOWS, count))
            rows = {name: [made[name][window] for window in windows] for name in names}
            turn.tokens += sum(map(len, rows["input_ids"]))
            padded = loaded.tokenizer.pad(rows, return_tensors="pt").to(loaded.model.device)
            told = loaded.model(**padded)
            starts, ends = told.start_logits.float(), told.end_logits.float()
            refuse_no_numbers(starts + ends)
            for window, start, end in zip(windows, starts, ends, strict=True):
                found, nothing = _best(loaded, made, window, start, end)
                best = max(best, found._replace(start=offset + found.start, end=offset + found.end))
                # The answer stands in one window, and the others have none: the least sure of that counts.
                none = min(none, nothing)
    if none.logits > best.logits:
        return Answered("", none.score, 0, 0)
    return Answered(context[best.start : best.end], best.score, best.start, best.end)


def _windows(loaded: TransformersModel, question: str, context: str) -> Any:
    tokenizer, most = loaded.tokenizer, loaded.about.context
    if not most:
        return tokenizer([question], [context], return_offsets_mapping=True)
    begun = beginning(lambda text: tokenizer(text, add_special_tokens=False)["input_ids"], question, most)
    asked = len(tokenizer(begun, add_special_tokens=False)["input_ids"])
    room = most - asked - tokenizer.num_special_tokens_to_add(pair=True)
    if room < 8 or begun != question:
        size = size_of(question, begun, asked, most)
        raise BadInput(
            f"The question has {size}, and the model takes {most:,} together with the context.",
            hint="Shorten it.",
        )
    return tokenizer(
        [question],
        [context],
        truncation="only_second",
        max_length=most,
        stride=min(128, room // 2),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )


def _best(loaded: TransformersModel, made: Any, window: int, start: Any, end: Any) -> tuple[_Found, _Found]:
    """The likeliest answer of a window, and that there is none, which models say by their first token."""
    import torch

    tokens = made["input_ids"][window]
    sequences = made.sequence_ids(window)
    nothing = tokens.index(loaded.tokenizer.cls_token_id) if loaded.tokenizer.cls_token_id in tokens else 0
    inner = [at for at, sequence in enumerate(sequences) if sequence == 1]
    kept = torch.tensor([nothing, *inner], device=start.device)
    starts, ends = start[kept], end[kept]
    likely = starts.softmax(-1), ends.softmax(-1)
    none = _Found(float(starts[0] + ends[0]), float(likely[0][0] * likely[1][0]), 0, 0)
    if not inner:
        return _Found(float("-inf"), 0.0, 0, 0), none
    pairs = starts[1:, None] + ends[None, 1:]
    allowed = torch.ones_like(pairs, dtype=torch.bool).triu().tril(_LONGEST - 1)
    at = int(pairs.masked_fill(~allowed, float("-inf")).argmax())
    first, last = divmod(at, len(inner))
    score = float(likely[0][first + 1] * likely[1][last + 1])
    places, words = made["offset_mapping"][window], made.word_ids(window)
    # Whole words: a token may be a part of one.
    left, right = inner[first], inner[last]
    while left > inner[0] and words[left] is not None and words[left - 1] == words[left]:
        left -= 1
    while right < inner[-1] and words[right] is not None and words[right + 1] == words[right]:
        right += 1
    return _Found(float(pairs[first, last]), score, places[left][0], places[right][1]), none

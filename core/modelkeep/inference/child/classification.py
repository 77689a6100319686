"""Texts and images that get labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from modelkeep.errors import BadInput
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.long_texts import beginning
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Label, Labelled, Output, TryInputs, TryOptions

__all__ = ["answer", "batches", "encoded", "labelled", "refuse_no_text"]

_BATCH = 16


def answer(loaded: TransformersModel, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The labels of each text. A text that is longer than what the model takes is cut, which is noted."""
    refuse_no_text(inputs)
    outputs: list[Output] = []
    for batch in batches(loaded, inputs.texts, turn):
        logits = loaded.model(**encoded(loaded, batch, turn)).logits
        outputs += [labelled(row, loaded, options) for row in logits.float().tolist()]
    return outputs


def labelled(logits: Sequence[float], loaded: TransformersModel, options: TryOptions) -> Labelled:
    """The labels with their scores: of one number the number itself, as such a model estimates a quantity; else the
    share of each, or how sure the model is of each on its own."""
    config = loaded.model.config
    kind = getattr(config, "problem_type", None)
    several = kind == "multi_label_classification" if options.multi_label is None else options.multi_label
    if kind == "regression" or (len(logits) == 1 and options.multi_label is None):
        scores = list(logits)
        several = False
    elif several:
        scores = [_sigmoid(value) for value in logits]
    else:
        scores = _shares(logits)
    names = loaded.about.labels
    labels = [
        Label(names[number] if number < len(names) else str(number), score)
        for number, score in enumerate(scores)
    ]
    labels.sort(key=lambda label: -label.score)
    return Labelled(tuple(labels[: options.top_k] if options.top_k > 0 else labels), several)


def _shares(logits: Sequence[float]) -> list[float]:
    highest = max(logits)
    powers = [math.exp(value - highest) for value in logits]
    total = sum(powers)
    return [power / total for power in powers]


def _sigmoid(value: float) -> float:
    # By the smaller of the two powers, which cannot overflow.
    power = math.exp(-abs(value))
    return 1 / (1 + power) if value >= 0 else power / (1 + power)


def refuse_no_text(inputs: TryInputs) -> None:
    if not inputs.texts:
        raise BadInput("There is no text.")


def batches(loaded: TransformersModel, texts: Sequence[str], turn: Turn) -> Iterator[Sequence[str]]:
    """The texts, some at a time, until it is to stop."""
    # Without a token to pad with, texts of several lengths do not fit one table; and classifiers of GPT's kind
    # look for the last token that is none of those.
    pads = loaded.tokenizer.pad_token_id is not None and loaded.model.config.pad_token_id is not None
    size = _BATCH if pads else 1
    for at in range(0, len(texts), size):
        turn.step("Answering", at, len(texts))
        if turn.is_stopped:
            return
        yield texts[at : at + size]


def encoded(loaded: TransformersModel, texts: Sequence[str], turn: Turn) -> Any:
    """What the model takes, in one table. Counts the tokens, notes what was cut, and raises `BadInput` for a text
    that has no token at all."""
    most = loaded.about.context
    tokenizer = loaded.tokenizer
    begun = [beginning(tokenizer, text, most) for text in texts]
    made = tokenizer(begun, truncation=False)
    lengths = [len(row) for row in made["input_ids"]]
    if not min(lengths):
        raise BadInput("A text is empty.", hint="Leave it out.")
    if most and max(lengths) > most:
        over = "over " if begun[0] != texts[0] else ""
        turn.note(
            f"A text of {over}{max(lengths):,} tokens was cut to the {most:,} that the model takes."
            if len(texts) == 1
            else f"Texts were cut to the {most:,} tokens that the model takes."
        )
        made = tokenizer(begun, truncation=True, max_length=most)
    turn.tokens += sum(map(len, made["input_ids"]))
    if len(texts) > 1:
        return tokenizer.pad(made, return_tensors="pt").to(loaded.model.device)
    return made.convert_to_tensors("pt", prepend_batch_axis=False).to(loaded.model.device)

"""Texts and images that get labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from modelkeep.errors import BadInput
from modelkeep.inference.child.labels import labels_of
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.long_texts import beginning, note_cut
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Labelled, Output, TryInputs, TryOptions

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
    """The labels with their scores, by the model's configuration."""
    return labels_of(logits, loaded.about.labels, getattr(loaded.model.config, "problem_type", None), options)


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
    begun = [beginning(lambda text: tokenizer(text)["input_ids"], text, most) for text in texts]
    made = tokenizer(begun, truncation=False)
    lengths = [len(row) for row in made["input_ids"]]
    if not min(lengths):
        raise BadInput("A text is empty.", hint="Leave it out.")
    if most and len(texts) == 1:
        note_cut(turn, texts[0], begun[0], lengths[0], most)
    elif most and (max(lengths) > most or begun != [*texts]):
        turn.note(f"Texts were cut to the {most:,} tokens that the model takes.")
    if most and max(lengths) > most:
        made = tokenizer(begun, truncation=True, max_length=most)
    turn.tokens += sum(map(len, made["input_ids"]))
    if len(texts) > 1:
        return tokenizer.pad(made, return_tensors="pt").to(loaded.model.device)
    return made.convert_to_tensors("pt", prepend_batch_axis=False).to(loaded.model.device)

"""Tokens that get labels, put together to spans of the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from modelkeep.errors import UnsupportedModel
from modelkeep.inference.child.classification import refuse_no_text
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.long_texts import parts
from modelkeep.inference.child.numbers import refuse_no_numbers
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Output, Span, Tagged, TryInputs, TryOptions

__all__ = ["TaggedWord", "answer", "spans_of"]

_WINDOWS = 8
_PREFIX = re.compile(r"([BIMELSUO])[-_](.+)")


class TaggedWord(NamedTuple):
    """A word from `start` to `end`, in code points, the label that the model gave it, and how sure it was."""

    start: int
    end: int
    label: str
    score: float


def answer(loaded: TransformersModel, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The spans in each text, of any length: what does not fit the model is read in windows that overlap."""
    refuse_no_text(inputs)
    if not loaded.tokenizer.is_fast:
        raise UnsupportedModel(
            "Spans take a tokenizer that knows where in the text its tokens are, which that of this model does not."
        )
    outputs: list[Output] = []
    for number, text in enumerate(inputs.texts):
        turn.step("Answering", number, len(inputs.texts))
        words = _words(loaded, text, turn)
        if turn.is_stopped:
            break
        outputs.append(Tagged(text, tuple(spans_of(text, words, loaded.about.labels))))
    return outputs


# ---- words


class _Token(NamedTuple):
    word: int | None
    start: int
    end: int
    label: int
    score: float
    depth: int
    """How many tokens it is away from the nearer end of its window."""


def _words(loaded: TransformersModel, text: str, turn: Turn) -> list[TaggedWord]:
    words: list[TaggedWord] = []
    for offset, part in parts(text):
        if turn.is_stopped:
            break
        _add_words(words, text, offset, _tokens(loaded, part, turn), loaded.about.labels)
    return [word._replace(end=_with_marks(text, word.end)) for word in words]


def _add_words(
    words: list[TaggedWord], text: str, offset: int, tokens: Sequence[_Token], names: Sequence[str]
) -> None:
    """Add the words of a part of the text, which begins at `offset`."""
    before: int | None = None
    for token in tokens:
        start, end = _trimmed(text, offset + token.start, offset + token.end)
        if start == end:
            continue
        if words and token.word is not None and token.word == before and not _has_space(text, words[-1], end):
            # Models are trained on the first token of each word: it says what the word is.
            words[-1] = words[-1]._replace(end=max(end, words[-1].end))
        else:
            words.append(TaggedWord(start, end, names[token.label], token.score))
        before = token.word


def _has_space(text: str, word: TaggedWord, end: int) -> bool:
    """Whether what a tokenizer takes for one word is several, as with those that do not split at spaces."""
    return any(letter.isspace() for letter in text[word.end : end])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    # Some tokenizers count the space before a word as its own.
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _with_marks(text: str, end: int) -> int:
    # A tokenizer that strips accents leaves out those that are characters of their own.
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


def _tokens(loaded: TransformersModel, text: str, turn: Turn) -> list[_Token]:
    """The tokens in the order of the text; one that lies in two windows as it is seen with more around it."""
    most = loaded.about.context
    special = loaded.tokenizer.num_special_tokens_to_add()
    overlap = max(0, (most - special) // 4)
    limit: dict[str, Any] = {}
    if most:
        limit = {
            "truncation": True,
            "max_length": most,
            "stride": overlap,
            "return_overflowing_tokens": True,
        }
    made = loaded.tokenizer([text], return_offsets_mapping=True, return_special_tokens_mask=True, **limit)
    step = most - special - overlap
    found: dict[int, _Token] = {}
    count = len(made["input_ids"])
    for first in range(0, count, _WINDOWS):
        turn.step("Reading", first, count)
        if turn.is_stopped:
            return []
        windows = range(first, min(first + _WINDOWS, count))
        for window, rows in zip(windows, _scores(loaded, made, windows, turn), strict=True):
            inner = [at for at, mark in enumerate(made["special_tokens_mask"][window]) if not mark]
            words, places = made.word_ids(window), made["offset_mapping"][window]
            for number, at in enumerate(inner):
                score, label = rows[at]
                depth = min(number, len(inner) - 1 - number)
                token = _Token(words[at], places[at][0], places[at][1], label, score, depth)
                # Windows begin so many tokens after one another.
                place = window * step + number
                if place not in found or found[place].depth < depth:
                    found[place] = token
    return [found[place] for place in sorted(found)]


def _scores(
    loaded: TransformersModel, made: Any, windows: range, turn: Turn
) -> Iterator[list[tuple[float, int]]]:
    """For each window the likeliest label of each of its tokens, and how likely that is."""
    names = [name for name in loaded.tokenizer.model_input_names if name in made]
    rows = {name: [made[name][window] for window in windows] for name in names}
    turn.tokens += sum(map(len, rows["input_ids"]))
    padded = loaded.tokenizer.pad(rows, return_tensors="pt").to(loaded.model.device)
    logits = loaded.model(**padded).logits.float()
    refuse_no_numbers(logits)
    best = logits.softmax(-1).max(-1)
    for scores, labels in zip(best.values.tolist(), best.indices.tolist(), strict=True):
        yield list(zip(scores, labels, strict=True))


# ---- spans


def spans_of(text: str, words: Sequence[TaggedWord], names: Sequence[str]) -> Iterator[Span]:
    """The spans that labelled words are together; `names` are all labels that there are.

    Labels are BIO in one of its kinds (IOB1, IOB2, BIOES, BILOU, with “-” or “_”), or plain ones: then words of one
    label that follow one another are a span, or each word is, where no label says that a word is nothing.
    """
    has_begin = any(re.match(r"[BI][-_].", name) for name in names)
    merges = has_begin or "O" in names
    group: list[TaggedWord] = []
    entity, closed = "", False
    for word in words:
        part, kind = _parted(word.label) if has_begin else ("I", word.label)
        outside = kind == "O"
        if group and (outside or not merges or closed or kind != entity or part in "BSU"):
            yield _span(text, group, entity)
            group = []
        if not outside:
            group.append(word)
            entity, closed = kind, part in "ELSU"
    if group:
        yield _span(text, group, entity)


def _parted(label: str) -> tuple[str, str]:
    found = _PREFIX.fullmatch(label)
    return (found[1], found[2]) if found else ("I", label)


def _span(text: str, words: Sequence[TaggedWord], label: str) -> Span:
    start, end = words[0].start, words[-1].end
    return Span(start, end, label, sum(word.score for word in words) / len(words), text[start:end])

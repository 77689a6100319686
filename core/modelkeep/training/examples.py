"""The examples of a file as a model is trained with them, and which are kept for measuring it.

The child that trains uses this module: it takes the standard library only.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from modelkeep.training.data import Row, read_rows
from modelkeep.training.tags import TaggedSpan

__all__ = ["Example", "measured_count", "read_examples", "split"]


class Example(NamedTuple):
    """A text and what is to be said of it. `targets` are, for each label, 1 or 0, or -1 where nobody says it; one of
    them is 1 where a text has one label. `spans` are what is to be found in it."""

    text: str
    targets: tuple[int, ...] = ()
    spans: tuple[TaggedSpan, ...] = ()


def read_examples(
    path: str | os.PathLike[str], kind: str, task: str, labels: Sequence[str], *, multi_label: bool = False
) -> list[Example]:
    """All of a file that was found to be right. `labels` are those of the texts; not looked at where it has tags."""
    rows = [row for row in read_rows(path, kind, task) if isinstance(row, Row)]
    if task == "token-classification":
        return [Example(row.text, spans=row.spans) for row in rows]
    places = {label: number for number, label in enumerate(labels)}
    if not multi_label:
        return [Example(row.text, _one_hot(places, row.labels)) for row in rows]
    return [Example(text, _targets(places, said)) for text, said in _together(rows).items()]


def _one_hot(places: dict[str, int], labels: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(number == places[labels[0]]) for number in places.values())


def _together(rows: Sequence[Row]) -> dict[str, list[Row]]:
    by_text: dict[str, list[Row]] = {}
    for row in rows:
        by_text.setdefault(row.text, []).append(row)
    return by_text


def _targets(places: dict[str, int], rows: Sequence[Row]) -> tuple[int, ...]:
    """What a text is, and what it is not: all others where its labels are given, else only what is said of it."""
    given = any(row.labels or row.several for row in rows)
    targets = [0 if given else -1] * len(places)
    for row in rows:
        for label in row.negative:
            targets[places[label]] = 0
    for row in rows:
        for label in row.labels:
            targets[places[label]] = 1
    return tuple(targets)


def measured_count(count: int, share: float) -> int:
    """How many of so many examples are kept for measuring."""
    return min(count - 1, max(1, round(count * share))) if share > 0 and count > 1 else 0


def split(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Those to train with, and those to measure with; the same ones each time.

    A label whose only example would be measured with is left to train with, as long as there are others to take.
    """
    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)
    left = Counter(name for example in examples for name in _names(example))
    most = measured_count(len(examples), share)
    chosen: list[int] = []
    for number in order:
        names = _names(examples[number])
        if len(chosen) < most and all(left[name] > 1 for name in names):
            chosen.append(number)
            left.subtract(names)
    measured = set(chosen)
    measured.update([number for number in order if number not in measured][: most - len(chosen)])
    return (
        [example for number, example in enumerate(examples) if number not in measured],
        [example for number, example in enumerate(examples) if number in measured],
    )


def _names(example: Example) -> set[int | str]:
    return {span.label for span in example.spans} or {
        number for number, target in enumerate(example.targets) if target == 1
    }

"""How good a model is on examples that it was not trained with, by plain counting.

The child that trains uses this module: it takes the standard library only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from modelkeep.training.tags import TaggedSpan

__all__ = ["classification_metrics", "multi_label_metrics", "span_metrics", "spans_of"]


def classification_metrics(
    right: Sequence[int], said: Sequence[int], labels: Sequence[str]
) -> dict[str, float]:
    """Accuracy, macro F1, and precision, recall and F1 of each label, as `precision/LABEL`; 0.0 to 1.0."""
    counts = Counter(zip(right, said, strict=True))
    hits = {number: counts[number, number] for number in range(len(labels))}
    metrics = {"accuracy": _ratio(sum(hits.values()), len(right))}
    return metrics | _by_label(hits, Counter(said), Counter(right), labels)


def multi_label_metrics(
    right: Sequence[Sequence[int]], said: Sequence[Sequence[bool]], labels: Sequence[str]
) -> dict[str, float]:
    """The same where a text has several labels: a text counts as right when all is that is known of it."""
    hits, told, true = Counter[int](), Counter[int](), Counter[int]()
    exact = 0
    for targets, answers in zip(right, said, strict=True):
        known = [(n, target == 1, answers[n]) for n, target in enumerate(targets) if target >= 0]
        exact += all(target == answer for _, target, answer in known)
        hits.update(n for n, target, answer in known if target and answer)
        told.update(n for n, _, answer in known if answer)
        true.update(n for n, target, _ in known if target)
    return {"accuracy": _ratio(exact, len(right))} | _by_label(hits, told, true, labels)


def span_metrics(
    right: Sequence[Iterable[TaggedSpan]], said: Sequence[Iterable[TaggedSpan]]
) -> dict[str, float]:
    """Precision, recall and F1 of spans, which count only with the right bounds and label; of each label too."""
    hits, told, true = Counter[str](), Counter[str](), Counter[str]()
    for wanted, found in zip(right, said, strict=True):
        hits.update(span.label for span in {*wanted} & {*found})
        told.update(span.label for span in found)
        true.update(span.label for span in wanted)
    labels = sorted({*told, *true})
    by_label = _by_label(
        {number: hits[label] for number, label in enumerate(labels)},
        {number: told[label] for number, label in enumerate(labels)},
        {number: true[label] for number, label in enumerate(labels)},
        labels,
    )
    return _scores("", hits.total(), told.total(), true.total()) | by_label


def spans_of(labels: Sequence[str]) -> tuple[TaggedSpan, ...]:
    """The spans of labels of tokens (`B-PER`, `I-PER`, `O`), counted in tokens.

    An I- after nothing of its kind begins a span, as the usual scripts have it.
    """
    spans: list[TaggedSpan] = []
    for place, label in enumerate(labels):
        part, _, name = label.partition("-")
        if part not in ("B", "I") or not name:
            continue
        last = spans[-1] if spans else None
        if part == "I" and last and last.end == place and last.label == name:
            spans[-1] = last._replace(end=place + 1)
        else:
            spans.append(TaggedSpan(place, place + 1, name))
    return tuple(spans)


def _by_label(
    hits: Mapping[int, int], told: Mapping[int, int], true: Mapping[int, int], labels: Sequence[str]
) -> dict[str, float]:
    """Macro F1 is over the labels that occur, or were said, so that one which no example has does not count."""
    metrics: dict[str, float] = {}
    for number, label in enumerate(labels):
        if told[number] or true[number]:
            metrics |= _scores(f"/{label}", hits[number], told[number], true[number])
    of_labels = [value for name, value in metrics.items() if name.startswith("f1/")]
    return {"macro_f1": _ratio(sum(of_labels), len(of_labels))} | metrics


def _scores(suffix: str, hits: int, told: int, true: int) -> dict[str, float]:
    return {
        f"precision{suffix}": _ratio(hits, told),
        f"recall{suffix}": _ratio(hits, true),
        f"f1{suffix}": _ratio(2 * hits, told + true),
    }


def _ratio(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0

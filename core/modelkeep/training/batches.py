"""Examples as batches of numbers, for the child that trains: it hands in PyTorch and the tokenizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modelkeep.training.examples import Example

__all__ = ["IGNORED", "Collator", "Listed", "masked_loss"]

Json = dict[str, Any]

IGNORED = -100  # what PyTorch's loss passes over
_LONGEST = 512  # tokens, where neither the user nor the model says how many


class Listed:
    """A data set as PyTorch wants it."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, number: int) -> Example:
        return self._examples[number]


class Collator:
    """Makes a batch of examples, as long as its longest text."""

    def __init__(
        self, torch: Any, tokenizer: Any, labels: Sequence[str], asked: Json, *, is_multi: bool
    ) -> None:
        self.tokenizer = tokenizer
        self._torch = torch
        self._is_tokens = asked["task"] == "token-classification"
        self._is_multi = is_multi
        self._numbers = {label: number for number, label in enumerate(labels)}
        own = min(tokenizer.model_max_length or _LONGEST, asked["context"] or _LONGEST)
        self.length = min(asked["parameters"]["max_length"] or _LONGEST, own)
        self.cut: set[str] = set()
        """Texts that were longer."""

    def __call__(self, examples: Sequence[Example]) -> Json:
        torch = self._torch
        encoded = self.tokenizer(
            [example.text for example in examples],
            truncation=True,
            max_length=self.length,
            padding=True,
            return_tensors="pt",
            return_offsets_mapping=self._is_tokens,
        )
        if encoded.encodings:  # others do not tell
            pairs = zip(examples, encoded.encodings, strict=True)
            self.cut.update(example.text for example, encoding in pairs if encoding.overflowing)
        if self._is_tokens:
            offsets = encoded.pop("offset_mapping").tolist()
            rows = [
                self._of_tokens(example, encoded.word_ids(number), offsets[number])
                for number, example in enumerate(examples)
            ]
            labels = torch.tensor(rows)
        elif self._is_multi:
            labels = torch.tensor([example.targets for example in examples], dtype=torch.float32)
        else:
            labels = torch.tensor([example.targets.index(1) for example in examples])
        return {**encoded, "labels": labels}

    def _of_tokens(
        self, example: Example, words: Sequence[int | None], offsets: Sequence[Sequence[int]]
    ) -> list[int]:
        """A label for the first token of each word, by the span that the word is in; the others are passed over."""
        ends: dict[int, int] = {}
        for word, (_, end) in zip(words, offsets, strict=True):
            if word is not None:
                ends[word] = max(end, ends.get(word, 0))
        labels, begun, seen = [], set[int](), set[int]()
        for word, (start, _) in zip(words, offsets, strict=True):
            if word is None or word in seen:
                labels.append(IGNORED)
                continue
            seen.add(word)
            span = next(
                (n for n, one in enumerate(example.spans) if one.start < ends[word] and start < one.end), None
            )
            name = "O"
            if span is not None:
                name = f"{'I' if span in begun else 'B'}-{example.spans[span].label}"
                begun.add(span)
            labels.append(self._numbers[name])
        return labels


def masked_loss(torch: Any, outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
    """Each label on its own; what nobody says of a text is not learned."""
    logits = outputs["logits"] if isinstance(outputs, Mapping) else outputs.logits
    known = (labels >= 0).to(logits.dtype)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, labels.clamp(min=0).to(logits.dtype), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp(min=1)

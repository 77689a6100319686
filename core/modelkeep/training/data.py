"""Files of examples, line by line: what each says, or what is wrong with it.

=====================  ============================================================================================
text-classification    TSV without a header: `sentence<TAB>label[<TAB>posneg]`; or JSON lines: `{"text" or "sentence",
                       "label", "posneg"}`, or with `"labels": […]` for several, or none
token-classification   a text with tags on each line, see `tags`; or JSON lines: `{"text" or "sentence": tagged}`
=====================  ============================================================================================

A label whose posneg is negative says that the text is *not* of that label; where there is one, or a list of labels,
a text may have several labels, and the lines of the same text are one example. Source of the formats:
ml-platform-client 0.4.8. The child that trains reads with this module too: it takes the standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from modelkeep.errors import BadTrainingData
from modelkeep.progress import Progress, Report, ignore
from modelkeep.training.tags import BadTags, TaggedSpan, parse_tags
from modelkeep.training.values import DataProblem, TrainingData

__all__ = ["FORMATS", "TASKS", "Row", "format_of", "read_data", "read_rows"]

CLASSIFICATION, TOKENS = "text-classification", "token-classification"
TASKS = (CLASSIFICATION, TOKENS)
FORMATS = ("tsv", "text", "jsonl")

_LONGEST_LINE = 1 << 20  # bytes
_MOST_PROBLEMS = 100
_FEW = 5  # examples of a label, below which it is hardly learned
_MOST_NAMED = 5
_POSITIVE = ("1", "+", "+1", "pos", "positive", "true", "yes", "y", "p")
_NEGATIVE = ("0", "-", "-1", "neg", "negative", "false", "no", "n")
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_TEXT_FIELDS = ("text", "sentence")


class Row(NamedTuple):
    """What a line says. `labels` are those that the text has, `negative` those that it has not; `several`: it is
    said as a list, so that a text may have more than one. `spans` are what its tags mark."""

    line: int
    text: str
    labels: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    several: bool = False
    spans: tuple[TaggedSpan, ...] = ()


class _Bad(ValueError):
    """What is wrong with a line, as a sentence."""


def read_data(
    path: str | os.PathLike[str], task: str, *, measuring: bool = False, report: Report = ignore
) -> TrainingData:
    """Look at every line. `measuring`: nothing has to be learned from it, so that one label is enough.

    Raises `BadTrainingData` for a file that cannot be read at all.
    """
    place = Path(os.path.abspath(os.path.expanduser(path)))
    _check_task(task)
    try:
        size = place.stat().st_size
        seen = _Seen(task, measuring=measuring)
        digest = hashlib.sha256()
        kind = format_of(place, task)
        with open(place, "rb") as file:
            for number, row in enumerate(_rows(_hashed(file, digest), kind, task)):
                seen.take(row)
                if number % 2000 == 0:
                    report(Progress("Looking at the examples", min(file.tell(), size), size, place.name))
    except OSError as error:
        raise BadTrainingData(
            f"{place} cannot be read ({error.strerror or error}).", hint="Name a file of examples."
        ) from error
    return seen.as_data(str(place), kind, digest.hexdigest(), size)


def read_rows(path: str | os.PathLike[str], kind: str, task: str) -> Iterator[Row | DataProblem]:
    """Each line that is not empty; raises `OSError`."""
    with open(path, "rb") as file:
        yield from _rows(_lines(file), kind, task)


def format_of(path: Path, task: str) -> str:
    """Which of `FORMATS` a file is in, by its name, else by how it begins."""
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return "jsonl"
    plain = "tsv" if task == CLASSIFICATION else "text"
    if path.suffix.lower() in (".tsv", ".txt"):
        return plain
    with open(path, "rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return "jsonl" if head.startswith((b'{"', b"{ ")) else plain


def _check_task(task: str) -> None:
    if task not in TASKS:
        raise BadTrainingData(
            f"“{task}” is nothing that models are trained for here.", hint=f"It is {' or '.join(TASKS)}."
        )


# ---- lines


def _hashed(file: Iterable[bytes], digest: object) -> Iterator[bytes]:
    for line in _lines(file):
        digest.update(line)  # type: ignore[attr-defined]
        yield line


def _lines(file: object) -> Iterator[bytes]:
    """The lines of a file; one that is too long comes in pieces, of which the first says so by its length."""
    while line := file.readline(_LONGEST_LINE + 1):  # type: ignore[attr-defined]
        yield line


def _rows(lines: Iterable[bytes], kind: str, task: str) -> Iterator[Row | DataProblem]:
    read = _read_json if kind == "jsonl" else _read_tsv if kind == "tsv" else _read_text
    number, within = 0, False
    for line in lines:
        is_rest, within = within, not line.endswith(b"\n") and len(line) > _LONGEST_LINE
        if is_rest:
            continue  # of a line that was too long, which is said once
        number += 1
        if number == 1 and line[:2] in _BOMS:
            yield DataProblem(0, f"The file is {_BOMS[line[:2]]}. Save it as UTF-8.")
            return
        try:
            if text := _decoded(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, within):
                yield read(number, text, task)
        except (_Bad, BadTags) as error:
            yield DataProblem(number, str(error))


def _decoded(line: bytes, is_too_long: bool) -> str:
    """The text of a line without its end, "" where there is nothing but blanks."""
    if is_too_long:
        raise _Bad(f"The line is longer than {_LONGEST_LINE:,} bytes.")
    try:
        text = line.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise _Bad(f"The byte {line[error.start]:#04x} at {error.start + 1} is not UTF-8.") from error
    return text if text.strip() else ""


def _read_tsv(number: int, line: str, task: str) -> Row:
    columns = line.split("\t")
    if len(columns) < 2:
        raise _Bad("There is no tab, and so no label.")
    if len(columns) > 3:
        raise _Bad(f"There are {len(columns)} columns: a text with tabs in it goes into JSON lines.")
    if number == 1 and columns[0].strip().lower() in _TEXT_FIELDS and columns[1].strip().lower() == "label":
        raise _Bad("This looks like a header, which the file must not have.")
    return _labelled(number, columns[0], columns[1], columns[2] if len(columns) == 3 else "")


def _read_text(number: int, line: str, task: str) -> Row:
    text, spans = parse_tags(_checked_text(line))
    return Row(number, text, spans=spans)


def _read_json(number: int, line: str, task: str) -> Row:
    if number == 1 and line.lstrip().startswith("["):
        raise _Bad("This is a list: each example has to be an object on a line of its own.")
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "it makes no sense"
        raise _Bad(f"It is not JSON: {reason}.") from error
    if not isinstance(said, dict):
        raise _Bad("It is no JSON object.")
    texts = [said[name] for name in _TEXT_FIELDS if name in said]
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise _Bad("It needs a text, as “text” or “sentence”.")
    if task == TOKENS:
        return _read_text(number, texts[0], task)
    if "labels" in said:
        return _with_list(number, texts[0], said)
    if "label" not in said:
        raise _Bad("It needs a “label”, or “labels”.")
    return _labelled(number, texts[0], _label_text(said["label"]), _posneg_text(said.get("posneg")))


def _with_list(number: int, text: str, said: Mapping[str, object]) -> Row:
    labels = said["labels"]
    if "label" in said or "posneg" in said or not isinstance(labels, list):
        raise _Bad("“labels” is a list, and stands alone.")
    names = tuple(dict.fromkeys(_checked_label(_label_text(label)) for label in labels))
    return Row(number, _checked_text(text), names, several=True)


def _label_text(label: object) -> str:
    if isinstance(label, bool) or not isinstance(label, str | int):
        raise _Bad("A label is a text or a whole number.")
    return str(label)


def _posneg_text(posneg: object) -> str:
    if posneg is None:
        return ""
    if isinstance(posneg, bool):
        return "1" if posneg else "0"
    if isinstance(posneg, str | int):
        return str(posneg)[:_MOST_PROBLEMS]
    raise _Bad("“posneg” is positive or negative.")


def _labelled(number: int, text: str, label: str, posneg: str) -> Row:
    text, label = _checked_text(text), _checked_label(label)
    said = posneg.strip().lower()
    if not said or said in _POSITIVE:
        return Row(number, text, (label,))
    if said in _NEGATIVE:
        return Row(number, text, negative=(label,))
    raise _Bad(f"“{posneg[:20]}” is neither positive (1) nor negative (0).")


def _checked_text(text: str) -> str:
    if not text.strip():
        raise _Bad("The text is empty.")
    _check_characters(text)
    return text


def _checked_label(label: str) -> str:
    label = label.strip()
    if not label:
        raise _Bad("The label is empty.")
    _check_characters(label)
    return label


def _check_characters(text: str) -> None:
    if "\0" in text:
        raise _Bad("There is a NUL character in it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Bad("There is half a character in it.") from error


# ---- all together


class _Seen:
    """What the lines have said so far."""

    def __init__(self, task: str, *, measuring: bool) -> None:
        self.task = task
        self.measuring = measuring
        self.problems: list[DataProblem] = []
        self.problem_count = 0
        self.rows = 0
        self.labels: Counter[str] = Counter()
        self.negative: Counter[str] = Counter()
        self.several = False
        self.repeated = self.conflicts = self.untagged = 0
        self._texts: dict[bytes, int] = {}

    def take(self, row: Row | DataProblem) -> None:
        if isinstance(row, DataProblem):
            self.problem_count += 1
            if len(self.problems) < _MOST_PROBLEMS:
                self.problems.append(row)
            return
        self.rows += 1
        self.labels.update(row.labels)
        self.labels.update(span.label for span in row.spans)
        self.negative.update(row.negative)
        self.several |= row.several or bool(row.negative)
        self.untagged += not row.spans
        # A short digest of each text, since they may not all fit the memory.
        text = hashlib.blake2b(row.text.encode(), digest_size=8).digest()
        meaning = hash((row.labels, row.negative, row.spans))
        before = self._texts.setdefault(text, meaning)
        if self.rows > len(self._texts) + self.repeated + self.conflicts:
            self.repeated += before == meaning
            self.conflicts += before != meaning

    def as_data(self, path: str, kind: str, sha256: str, size: int) -> TrainingData:
        problems = [*self.problems]
        if not problems and (sentence := self._lacks()):
            problems.append(DataProblem(0, sentence))
            self.problem_count += 1
        names = sorted({*self.labels, *self.negative})
        return TrainingData(
            path=path,
            task=self.task,
            format=kind,
            examples=len(self._texts) if self.several else self.rows,
            labels={name: self.labels[name] for name in names},
            sha256=sha256,
            size=size,
            problems=tuple(problems),
            problem_count=self.problem_count,
            notes=tuple(self._notes()),
            multi_label=self.several,
        )

    def _lacks(self) -> str:
        if not self.rows:
            return "There are no examples in it."
        if self.task == TOKENS:
            return "" if self.labels else "Nothing is tagged in it."
        names = {*self.labels, *self.negative}
        if self.several:
            return "" if names else "There are no labels in it."
        if self.measuring:
            return ""
        return f"All examples have the label “{next(iter(names))}”." if len(names) == 1 else ""

    def _notes(self) -> Iterator[str]:
        if self.repeated:
            yield f"{_count(self.repeated, 'line')} said before, word for word."
        if self.conflicts and not self.several:
            yield f"{_count(self.conflicts, 'text')} here with other labels too, which nothing can learn."
        few = [name for name, count in sorted(self.labels.items()) if count < _FEW]
        if few and not self.measuring:
            named = ", ".join(few[:_MOST_NAMED]) + (" and others" if len(few) > _MOST_NAMED else "")
            yield f"There are fewer than {_FEW} examples of {named}, which is little to learn from."
        if self.task == CLASSIFICATION and len(self.labels) > 20 and len(self.labels) * 2 > self.rows:
            yield "Nearly every example has a label of its own: are the columns the other way round?"
        if self.negative:
            yield "Some lines say what a text is not, so that each label is learned on its own."
        if self.task == TOKENS and self.untagged and self.labels:
            yield f"Nothing is tagged in {self.untagged:,} of the {self.rows:,} texts."


def _count(count: int, what: str) -> str:
    return f"1 {what} is" if count == 1 else f"{count:,} {what}s are"

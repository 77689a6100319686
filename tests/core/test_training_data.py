"""Examples to train with: what a file says, line by line, and what is wrong with it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.errors import BadTrainingData
from modelkeep.training.data import read_data
from modelkeep.training.examples import Example, measured_count, read_examples, split
from modelkeep.training.metrics import classification_metrics, multi_label_metrics, span_metrics, spans_of
from modelkeep.training.tags import BadTags, TaggedSpan, bio_labels, parse_tags, write_tags
from modelkeep.training.values import TrainingData

TEXTS, TOKENS = "text-classification", "token-classification"
TWO = b"fine\tgood\nawful\tbad\n"


def read(folder: Path, content: bytes, task: str = TEXTS, name: str = "data.tsv") -> TrainingData:
    (folder / name).write_bytes(content)
    return read_data(folder / name, task)


def problems(data: TrainingData) -> list[tuple[int, str]]:
    assert data.problem_count == len(data.problems)
    return [(line, message) for line, message in data.problems]


# ---- what is right


def test_lines_with_tabs_are_texts_and_labels(tmp_path: Path) -> None:
    data = read(tmp_path, b"\xef\xbb\xbfWhat a day.\tgood\r\n\r\n  \t \nNo.\tbad\t1\r\nYes.\tgood\t+\n")
    assert problems(data) == []
    assert (data.examples, dict(data.labels), data.format) == (3, {"bad": 1, "good": 2}, "tsv")
    assert (data.size, len(data.sha256), data.multi_label) == (51, 64, False)
    assert read_examples(data.path, "tsv", TEXTS, ("bad", "good")) == [
        Example("What a day.", (0, 1)),
        Example("No.", (1, 0)),
        Example("Yes.", (0, 1)),
    ]


def test_json_lines_say_the_same(tmp_path: Path) -> None:
    lines = [{"sentence": "a\tb", "label": "x"}, {"text": "c", "label": 7, "posneg": 1}]
    data = read(tmp_path, "\n".join(map(json.dumps, lines)).encode(), name="data.txt.jsonl")
    assert problems(data) == []
    assert dict(data.labels) == {"7": 1, "x": 1}


def test_a_negative_says_what_a_text_is_not(tmp_path: Path) -> None:
    data = read(tmp_path, b"one\ta\none\tb\t0\ntwo\tb\ttrue\nthree\tb\tneg\n")
    assert (data.multi_label, data.examples, dict(data.labels)) == (True, 3, {"a": 1, "b": 1})
    assert "Some lines say what a text is not, so that each label is learned on its own." in data.notes
    # Of the third nobody says whether it is an a.
    assert read_examples(data.path, "tsv", TEXTS, ("a", "b"), multi_label=True) == [
        Example("one", (1, 0)),
        Example("two", (0, 1)),
        Example("three", (-1, 0)),
    ]


def test_a_list_of_labels_may_be_empty(tmp_path: Path) -> None:
    lines = [{"text": "one", "labels": ["a", "b"]}, {"text": "two", "labels": []}]
    data = read(tmp_path, "\n".join(map(json.dumps, lines)).encode(), name="data.jsonl")
    assert (problems(data), data.multi_label) == ([], True)
    examples = read_examples(data.path, "jsonl", TEXTS, ("a", "b"), multi_label=True)
    assert [example.targets for example in examples] == [(1, 1), (0, 0)]


def test_tags_are_spans(tmp_path: Path) -> None:
    data = read(tmp_path, b"<START:PER> Ada Lovelace <END> wrote\nnothing here\n", TOKENS, "data.txt")
    assert (problems(data), dict(data.labels), data.examples) == ([], {"PER": 1}, 2)
    [first, second] = read_examples(data.path, "text", TOKENS, ())
    assert [first.text[span.start : span.end] for span in first.spans] == ["Ada Lovelace"]
    assert (second.text, second.spans) == ("nothing here", ())
    as_json = json.dumps({"text": "<START:PER>Ada<END>"}).encode()
    assert dict(read(tmp_path, as_json, TOKENS, "data.jsonl").labels) == {"PER": 1}


def test_what_is_odd_is_a_note(tmp_path: Path) -> None:
    data = read(tmp_path, b"a\tx\n" * 6 + b"b\ty\na\ty\n")
    assert data.notes == (
        "5 lines are said before, word for word.",
        "1 text is here with other labels too, which nothing can learn.",
        "There are fewer than 5 examples of y, which is little to learn from.",
    )


# ---- what is wrong


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"no label", "There is no tab, and so no label."),
        (b"a\tb\tc\td", "There are 4 columns: a text with tabs in it goes into JSON lines."),
        (b" \tx", "The text is empty."),
        (b"a\t ", "The label is empty."),
        (b"a\tx\tperhaps", "“perhaps” is neither positive (1) nor negative (0)."),
        (b"a\xff\tx", "The byte 0xff at 2 is not UTF-8."),
        (b"a\0\tx", "There is a NUL character in it."),
        (b"a" * (1 << 20) + b"b\tx" * 500_000, "The line is longer than 1,048,576 bytes."),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, sentence: str) -> None:
    assert problems(read(tmp_path, TWO + b"\n" + line + b"\n" + TWO)) == [(4, sentence)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "It is not JSON: Expecting property name enclosed in double quotes."),
        ("[" * 100_000, "It is not JSON: it makes no sense."),
        ('"a"', "It is no JSON object."),
        ('{"label": "x"}', "It needs a text, as “text” or “sentence”."),
        ('{"text": "a"}', "It needs a “label”, or “labels”."),
        ('{"text": "a", "label": 1.5}', "A label is a text or a whole number."),
        ('{"text": "a", "label": "x", "labels": ["x"]}', "“labels” is a list, and stands alone."),
        ('{"text": "a", "label": "x", "posneg": []}', "“posneg” is positive or negative."),
        ('{"text": "\\ud800", "label": "x"}', "There is half a character in it."),
    ],
)
def test_bad_json_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    good = '{"text": "a", "label": "x"}\n{"text": "b", "label": "y"}\n'
    assert problems(read(tmp_path, f"{good}{line}\n".encode(), name="data.jsonl")) == [(3, sentence)]


@pytest.mark.parametrize(
    ("tagged", "sentence"),
    [
        ("<START:A>x", "<START:A> is not closed by an <END>."),
        ("x<END>", "There is an <END> without a <START:…> before it."),
        ("<START:A>x <START:B>y<END><END>", "<START:B> stands within <START:A>: spans cannot be nested."),
        ("<START:A> <END>", "There is nothing between <START:A> and <END>."),
        ("<START: >x<END>", "There is a <START:> without a label."),
        ("<START>x<END>", "“<START>” is no tag: they are <START:LABEL> and <END>."),
        ("<START:A>x</END>", "“</END>” is no tag: they are <START:LABEL> and <END>."),
        ("<start:A>x<END>", "“<start:A>” is no tag: they are <START:LABEL> and <END>."),
        ("<START:A x", "“<START:A x” is no tag: they are <START:LABEL> and <END>."),
    ],
)
def test_bad_tags_are_named(tmp_path: Path, tagged: str, sentence: str) -> None:
    data = read(tmp_path, f"<START:A>fine<END>\n{tagged}\n".encode(), TOKENS)
    assert problems(data) == [(2, sentence)]


def test_one_label_is_enough_to_measure_with(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b"a\tx\nb\tx\n")
    data = read_data(tmp_path / "a.tsv", TEXTS, measuring=True)
    assert (data.problems, data.labels, data.notes) == ((), {"x": 2}, ())


@pytest.mark.parametrize(
    ("content", "task", "name", "problem"),
    [
        (b"", TEXTS, "a.tsv", (0, "There are no examples in it.")),
        (b"a\tx\nb\tx\n", TEXTS, "a.tsv", (0, "All examples have the label “x”.")),
        (b"nothing\n", TOKENS, "a.txt", (0, "Nothing is tagged in it.")),
        ("a\tx\n".encode("utf-16"), TEXTS, "a.tsv", (0, "The file is UTF-16. Save it as UTF-8.")),
        (
            b"sentence\tlabel\na\tx\nb\ty\n",
            TEXTS,
            "a.tsv",
            (1, "This looks like a header, which the file must not have."),
        ),
    ],
)
def test_a_whole_file_can_be_wrong(
    tmp_path: Path, content: bytes, task: str, name: str, problem: tuple[int, str]
) -> None:
    assert problems(read(tmp_path, content, task, name)) == [problem]


def test_the_first_problems_are_named_and_all_are_counted(tmp_path: Path) -> None:
    data = read(tmp_path, b"bad\n" * 250)
    assert (len(data.problems), data.problem_count, data.problems[-1].line) == (100, 250, 100)


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadTrainingData, match="cannot be read"):
        read_data(tmp_path / "nowhere.tsv", TEXTS)
    with pytest.raises(BadTrainingData, match="cannot be read"):
        read_data(tmp_path, TEXTS)
    with pytest.raises(BadTrainingData, match="nothing that models are trained for"):
        read_data(tmp_path, "summarization")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), st.sampled_from([TEXTS, TOKENS]), st.sampled_from(["a.tsv", "a.jsonl", "a"]))
def test_whatever_is_in_a_file_there_is_an_answer(
    tmp_path: Path, content: bytes, task: str, name: str
) -> None:
    data = read(tmp_path, content, task, name)
    if not data.problems:
        labels = tuple(data.labels)
        examples = read_examples(data.path, data.format, task, labels, multi_label=data.multi_label)
        assert len(examples) == data.examples > 0


# ---- tags, splitting, metrics

_LABELS = st.text(
    st.characters(exclude_characters="<>", exclude_categories=("Cs", "Zs", "Cc", "Zl", "Zp")), min_size=1
)
_PARTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["<END>", "<START:A>", "\\", "\\<END>", "<START"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(_PARTS, st.none() | _LABELS)))
def test_tags_come_back_as_they_were(parts: list[tuple[str, str | None]]) -> None:
    text, spans = "", []
    for part, label in parts:
        if label and part.strip() == part and part:
            spans.append(TaggedSpan(len(text), len(text) + len(part), label))
        text += part
    assert parse_tags(write_tags(text, spans)) == (text, tuple(spans))


@settings(deadline=None)
@given(st.text(st.sampled_from("<>START:END/\\ ax"), max_size=40))
def test_any_text_is_tagged_or_a_sentence(tagged: str) -> None:
    with suppress(BadTags):
        _check_again(*parse_tags(tagged))


def _check_again(text: str, spans: tuple[TaggedSpan, ...]) -> None:
    assert all(text[span.start : span.end].strip() for span in spans)
    assert parse_tags(write_tags(text, spans)) == (text, spans)


def test_a_split_is_the_same_each_time_and_leaves_each_label_something() -> None:
    examples = [Example(str(number), (int(number > 1), int(number <= 1))) for number in range(20)]
    train, test = split(examples, 0.2, 1)
    assert (len(train), len(test)) == (16, measured_count(20, 0.2)) == (16, 4)
    assert (train, test) == split(examples, 0.2, 1) != split(examples, 0.2, 2)
    assert {*train} | {*test} == {*examples}
    for seed in range(20):
        assert any(example.targets == (0, 1) for example in split(examples, 0.5, seed)[0])
    assert split(examples, 0.0, 1)[1] == []
    assert [measured_count(count, 0.9) for count in (0, 1, 2, 3)] == [0, 0, 1, 2]


def test_metrics_are_counted() -> None:
    found = classification_metrics([0, 0, 1, 1], [0, 1, 1, 1], ("a", "b", "never"))
    assert found["accuracy"] == 0.75
    assert (found["precision/a"], found["recall/a"], found["f1/b"]) == (1.0, 0.5, 0.8)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-6)
    assert "f1/never" not in found
    several = multi_label_metrics([(1, 0), (-1, 1)], [(True, False), (True, False)], ("a", "b"))
    assert (several["accuracy"], several["f1/a"], several["recall/b"]) == (0.5, 1.0, 0.0)


def test_spans_count_only_when_they_are_exact() -> None:
    right = [spans_of(("B-PER", "I-PER", "O", "B-LOC")), spans_of(("O", "I-LOC"))]
    said = [spans_of(("B-PER", "O", "O", "B-LOC")), spans_of(("O", "B-LOC"))]
    found = span_metrics(right, said)
    assert (found["precision"], found["recall"], found["f1"]) == pytest.approx((2 / 3,) * 3, abs=1e-6)
    assert (found["f1/PER"], found["f1/LOC"]) == (0.0, 1.0)
    assert spans_of(("B-A", "B-A", "I-B")) == (
        TaggedSpan(0, 1, "A"),
        TaggedSpan(1, 2, "A"),
        TaggedSpan(2, 3, "B"),
    )
    assert bio_labels(("A", "B")) == ("O", "B-A", "I-A", "B-B", "I-B")

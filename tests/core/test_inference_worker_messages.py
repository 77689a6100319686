"""The lines between a worker and who asks it: what is written is read again, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep import errors
from modelkeep.inference.messages import (
    Answer,
    Cancel,
    Exit,
    Failed,
    Hello,
    Load,
    Loaded,
    Ran,
    Request,
    Run,
    Said,
    Stepped,
    Stop,
    Tried,
    Warm,
    Warmed,
    as_error,
    decode_answer,
    decode_request,
    encode,
)
from modelkeep.inference.outcome import Device
from modelkeep.inference.values import (
    Answered,
    Backend,
    Embedded,
    Fill,
    Filled,
    Generated,
    Label,
    Labelled,
    LoadedModel,
    LoadRequest,
    Message,
    Output,
    Span,
    Tagged,
    Task,
    TryInputs,
    TryOptions,
)
from modelkeep.progress import Progress

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
COUNT = st.integers(0, 1 << 60)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
VERSIONS = st.dictionaries(TEXT, TEXT, max_size=2)
VECTORS = st.lists(st.lists(NUMBER, max_size=3).map(tuple), max_size=3).map(tuple)


def several(kind: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(kind, max_size=3).map(tuple)


INPUTS = st.builds(TryInputs, TEXTS, TEXT, TEXTS, several(st.builds(Message, TEXT, TEXT)))
OPTIONS = st.builds(
    TryOptions,
    top_k=COUNT,
    multi_label=st.none() | st.booleans(),
    temperature=NUMBER,
    seed=st.none() | COUNT,
    stop=TEXTS,
)
LOADS = st.builds(
    LoadRequest,
    TEXT,
    TEXT,
    TEXT,
    st.none() | TEXT,
    TEXT,
    TEXTS,
    st.sampled_from(Backend),
    st.sampled_from(Task),
)
REQUESTS: st.SearchStrategy[Request] = st.one_of(
    st.builds(Warm, COUNT),
    st.builds(Load, COUNT, LOADS),
    st.builds(Run, COUNT, st.sampled_from(Task), INPUTS, OPTIONS),
    st.builds(Stop, COUNT),
    st.builds(Cancel, COUNT),
    st.just(Exit()),
)
OUTPUTS: st.SearchStrategy[Output] = st.one_of(
    st.builds(Labelled, several(st.builds(Label, TEXT, NUMBER)), st.booleans()),
    st.builds(Tagged, TEXT, several(st.builds(Span, COUNT, COUNT, TEXT, NUMBER, TEXT))),
    st.builds(Filled, TEXT, several(several(st.builds(Fill, TEXT, NUMBER, TEXT)))),
    st.builds(Embedded, VECTORS, VECTORS),
    st.builds(Generated, TEXT, COUNT, TEXT),
    st.builds(Answered, TEXT, NUMBER, COUNT, COUNT),
)
MODELS = st.builds(LoadedModel, TEXT, COUNT, TEXT, TEXT, COUNT, TEXT, st.booleans(), TEXTS, VERSIONS)
ANSWERS: st.SearchStrategy[Answer] = st.one_of(
    st.builds(Hello, COUNT, TEXT, VERSIONS, TEXTS),
    st.builds(Warmed, COUNT, several(st.builds(Device, TEXT, TEXT, COUNT, COUNT))),
    st.builds(Stepped, COUNT, st.builds(Progress, TEXT, COUNT, COUNT, TEXT, TEXT)),
    st.builds(Loaded, COUNT, MODELS, NUMBER, COUNT, COUNT),
    st.builds(Said, COUNT, TEXT),
    st.builds(Ran, COUNT, several(OUTPUTS), COUNT, NUMBER, COUNT, COUNT, st.booleans(), TEXTS),
    st.builds(Failed, COUNT, TEXT, TEXT, TEXT, COUNT, COUNT),
    st.builds(Tried, TEXT),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(REQUESTS)
def test_a_request_is_read_as_it_was_written(request: Request) -> None:
    line = encode(request)
    assert line.count(b"\n") == 1
    assert decode_request(line) == request


@given(ANSWERS)
def test_an_answer_is_read_as_it_was_written(answer: Answer) -> None:
    line = encode(answer)
    assert line.count(b"\n") == 1
    assert decode_answer(line) == answer
    assert type(decode_answer(line)) is type(answer)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_refused(line: bytes) -> None:
    for decode in (decode_answer, decode_request):
        with pytest.raises(ValueError):
            decode(line)


@given(ANSWERS, st.data())
def test_an_answer_with_something_else_in_it_is_refused_or_read(answer: Answer, data: st.DataObject) -> None:
    said = json.loads(encode(answer))
    field = data.draw(st.sampled_from(sorted(said)))
    said[field] = data.draw(JSON)
    try:
        decode_answer(json.dumps(said).encode())
    except ValueError:
        pass  # and nothing but that


@pytest.mark.parametrize(
    "line",
    [
        b'{"say":"text","id":1}',
        b'{"say":"text","id":1,"text":"a","more":1}',
        b'{"say":"text","id":true,"text":"a"}',
        b'{"say":"text","id":1.0,"text":"a"}',
        b'{"say":"text","id":1%s,"text":"a"}' % (b"0" * 5000),
        b'{"say":"result","id":1,"outputs":[],"tokens":1,"seconds":NaN}',
        b'{"say":"result","id":1,"outputs":[],"tokens":1,"seconds":1e999}',
        b'{"say":"result","id":1,"outputs":[{"kind":"no kind"}],"tokens":1,"seconds":1}',
        b'{"say":"result","id":1,"outputs":[{"kind":"embedded","vectors":[[1e999]],"similarity":[]}],"tokens":1}',
        b'{"say":["text"],"id":1,"text":"a"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_exactly_an_answer_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        decode_answer(line)


def test_halves_of_characters_become_one_that_can_be_written() -> None:
    (text,) = ["a \ud800 b"]
    assert decode_answer(encode(Said(1, text))) == Said(1, "a \ufffd b")
    assert decode_answer(b'{"say":"text","id":1,"text":"a \\ud800 b"}') == Said(1, "a \ufffd b")


def test_an_error_comes_back_as_it_was_raised_and_no_other_class_does() -> None:
    error = as_error(Failed(1, "BadInput", "It cannot be asked that.", "Ask something else."))
    assert type(error) is errors.BadInput
    assert (str(error), error.hint) == ("It cannot be asked that.", "Ask something else.")
    assert type(as_error(Failed(1, "Cancelled", ""))) is errors.Cancelled
    for kind in ("SystemExit", "_rebuild", "annotations", ""):
        assert type(as_error(Failed(1, kind, "a"))) is errors.InferenceError

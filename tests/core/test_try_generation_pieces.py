"""Text out of tokens, piece by piece: what was passed on never changes, and what ends it is never seen."""

from __future__ import annotations

import pytest

from modelkeep.errors import BadInput
from modelkeep.inference.child.asking import prompts, refuse_impossible
from modelkeep.inference.child.streaming import Growing, Pieces
from modelkeep.inference.values import Message, TryInputs, TryOptions


class Listening:
    """A turn that keeps what it is told, and is stopped after so many tokens."""

    def __init__(self, stop_after: int = 1000) -> None:
        self.tokens = 0
        self.pieces: list[str] = []
        self.stop_after = stop_after

    def emit(self, text: str) -> None:
        self.pieces.append(text)

    def note(self, text: str) -> None:
        pass

    def step(self, what: str, done: int = 0, total: int = 0) -> None:
        pass

    @property
    def is_stopped(self) -> bool:
        return self.tokens >= self.stop_after


def by_bytes(tokens: list[int]) -> str:
    """A tokenizer whose tokens are bytes."""
    return bytes(tokens).decode(errors="replace")


def test_a_character_comes_whole_though_its_bytes_are_tokens() -> None:
    text = "a🙂é漢\0."
    pieces = Pieces(by_bytes)
    came = [pieces.add(byte) for byte in text.encode()]
    assert [piece for piece in came if piece] == list(text)
    assert pieces.rest() == ""


def test_a_character_that_was_cut_is_left_out() -> None:
    pieces = Pieces(by_bytes)
    came = "".join(pieces.add(byte) for byte in "day🙂".encode()[:-1])
    assert came + pieces.rest() == "day"


def test_bytes_that_never_become_a_character_do_not_hold_the_text_forever() -> None:
    pieces = Pieces(by_bytes)
    held = "".join(pieces.add(0x80) for _ in range(40))
    assert len(held) > 20
    came = held + pieces.add(ord("x"))
    assert came == "\N{REPLACEMENT CHARACTER}" * 40 + "x"


def test_a_space_before_the_first_word_depends_on_what_was_before() -> None:
    words = {1: "once", 2: "upon"}
    assert Pieces(lambda row: " ".join(words[token] for token in row), [1]).add(2) == " upon"


@pytest.mark.parametrize(
    "pieces", [["one ", "EN", "D two"], ["one END two"], ["one ", "E", "N", "D"], list("one END")]
)
def test_what_ends_a_text_is_never_seen(pieces: list[str]) -> None:
    turn = Listening()
    growing = Growing(turn, ("END", "never"), 100)
    assert [growing.add(piece) for piece in pieces].index(True) >= 0
    made = growing.end()
    assert (made.text, made.finish) == ("one ", "stop")
    assert "".join(turn.pieces) == made.text


def test_what_only_begins_like_its_end_is_passed_on() -> None:
    turn = Listening()
    growing = Growing(turn, ("END",), 100)
    for piece in ("one E", "N", "joy", " EN"):
        assert not growing.add(piece)
    assert growing.end().text == "one ENjoy EN"
    assert turn.pieces == ["one ", "ENjoy", " ", "EN"]


def test_a_text_ends_for_the_first_reason() -> None:
    stopped = Growing(Listening(stop_after=1), (), 100)
    assert stopped.add("a")
    longest = Growing(Listening(), (), 1)
    assert longest.add("a")
    ended = Growing(Listening(), (), 1)
    assert ended.add("", is_end=True)
    assert [one.end().finish for one in (stopped, longest, ended)] == ["stopped", "length", "end"]


def test_a_text_is_what_the_user_says_next() -> None:
    before = (Message("system", "Be kind."), Message("user", "Hi"), Message("assistant", "Hello"))
    inputs = TryInputs(texts=("Who?", "Where?"), messages=before)
    assert prompts(inputs, TryOptions(), True) == [
        (*before, Message("user", "Who?")),
        (*before, Message("user", "Where?")),
    ]
    assert prompts(TryInputs(messages=before), TryOptions(), True) == [before]
    assert prompts(TryInputs(texts=("Who?",)), TryOptions(chat=False), True) == ["Who?"]
    assert prompts(TryInputs(texts=("Who?",)), TryOptions(), False) == ["Who?"]


@pytest.mark.parametrize(
    ("inputs", "chat", "has_template"),
    [
        (TryInputs(), None, True),
        (TryInputs(texts=("a",)), True, False),
        (TryInputs(messages=(Message("user", "a"),)), None, False),
        (TryInputs(messages=(Message("user", "a"),)), False, True),
        (TryInputs(messages=(Message("tool", "a"),)), None, True),
    ],
)
def test_what_is_no_conversation_for_it_is_refused(
    inputs: TryInputs, chat: bool | None, has_template: bool
) -> None:
    with pytest.raises(BadInput):
        prompts(inputs, TryOptions(chat=chat), has_template)


@pytest.mark.parametrize(
    "options",
    [
        TryOptions(max_new_tokens=0),
        TryOptions(temperature=-1),
        TryOptions(temperature=float("nan")),
        TryOptions(top_p=0),
        TryOptions(top_p=1.5),
    ],
)
def test_options_that_no_text_comes_of_are_refused(options: TryOptions) -> None:
    with pytest.raises(BadInput):
        refuse_impossible(options)

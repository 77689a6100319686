"""What models, limits and inputs can be that should not be: each is told in a sentence, and nothing is taken for an
answer that is none."""

from __future__ import annotations

import os
import queue
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modelkeep.confined.process import ConfinedProcess
from modelkeep.errors import BadInput, InferenceError, OutOfMemory, ProcessDied
from modelkeep.inference.fitting import is_answer
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import (
    Answered,
    Embedded,
    Filled,
    Generated,
    Labelled,
    Output,
    Span,
    Tagged,
    Task,
    TryInputs,
    TryOptions,
)
from support import faulty_models
from support.caches import CacheMaker
from support.cli import roots, run
from support.scripted_models import ENVIRONMENT, scripted
from support.try_child import Answer, Ask, Case, ask, request_for

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="Only Linux limits what a process may allocate."
)
KINDS = {
    "causal": Task.TEXT_GENERATION,
    "translator": Task.TRANSLATION,
    "token-classifier": Task.TOKEN_CLASSIFICATION,
    "answering": Task.QUESTION_ANSWERING,
}
ENDLESS = "a" * 3_000_000
LENGTHS = {
    "classifier": (Task.TEXT_CLASSIFICATION, (ENDLESS,)),
    "masked-lm": (Task.FILL_MASK, (f"{ENDLESS} [MASK]",)),
    "causal": (Task.TEXT_GENERATION, (ENDLESS,)),
    "sentences": (Task.SENTENCE_SIMILARITY, ("a day",) * 5_000),
}


def without_numbers(weights: bytes) -> bytes:
    """A file of safetensors with NaN for each of its numbers."""
    begin = 8 + int.from_bytes(weights[:8], "little")
    return weights[:begin] + b"\xff\xff\xff\x7f" * ((len(weights) - begin) // 4)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> dict[str, Answer]:
    """All that takes transformers, in one process."""
    cache = CacheMaker(tmp_path_factory.mktemp("faults") / "hub")
    cases = {}
    for kind, task in KINDS.items():
        weights = tiny_models.files(kind)["model.safetensors"]
        tiny_models.add(cache, kind, f"no/{kind}", {"model.safetensors": without_numbers(weights)})
        inputs = TryInputs(("a good day",), "It was a good day in Paris.")
        asks = tuple(
            Ask(task, inputs, TryOptions(max_new_tokens=4, temperature=heat))
            for heat in ((0.0, 1.0) if task is Task.TEXT_GENERATION else (0.0,))
        )
        cases[f"no/{kind}"] = Case(request_for(cache.root, f"no/{kind}", task), asks)
    for kind, (task, texts) in LENGTHS.items():
        tiny_models.add(cache, kind)
        asks = (Ask(task, TryInputs(texts)), Ask(task, TryInputs(("a good day [MASK]",))))
        cases[kind] = Case(request_for(cache.root, f"tiny/{kind}", task), asks)
    return dict(zip(cases, ask(cache.root, list(cases.values())), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_computed_of_no_numbers_is_no_answer(answers: dict[str, Answer], kind: str) -> None:
    answer = answers[f"no/{kind}"]
    assert answer.error is None
    for told in answer.outputs:
        assert isinstance(told, InferenceError), told
        assert str(told).startswith("The model's answer has numbers that are none")


def test_a_word_without_end_is_cut_and_that_is_noted(answers: dict[str, Answer]) -> None:
    assert isinstance(answers["classifier"].outputs[0], list)
    assert answers["classifier"].notes[0] == [
        "A text of 3,000,000 characters was cut to its first 1,000,000."
    ]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("masked-lm", "The text has 3,000,007 characters, and the model takes 64."),
        ("causal", "The text has "),
        ("sentences", "These are 5,000 texts, and of vectors with "),
    ],
)
def test_what_is_too_much_is_refused_and_the_next_is_answered(
    answers: dict[str, Answer], kind: str, sentence: str
) -> None:
    told, after = answers[kind].outputs
    assert isinstance(told, BadInput), told
    assert str(told).startswith(sentence)
    assert isinstance(after, list)


# ---- limits


@ON_LINUX
@pytest.mark.parametrize("megabytes", [8, 20])
def test_a_limit_too_small_for_python_is_what_was_not_enough(tmp_path: Path, megabytes: int) -> None:
    request = scripted(tmp_path / "model")
    worker = WorkerProcess(request.root, memory=megabytes << 20, environment=ENVIRONMENT)
    try:
        with pytest.raises(OutOfMemory) as told:
            worker.load(request)
    finally:
        worker.kill()
    assert told.value.hint.startswith("It may take")


@ON_LINUX
def test_the_command_line_names_the_option_of_the_limit(cache: CacheMaker, tiny_models: TinyModels) -> None:
    tiny_models.add(cache, "classifier")
    told = run("try", "tiny/classifier", "--text", "a day", "--memory", "16M", *roots(cache.root))
    assert (told.status, told.out) == (1, "")
    assert "raise that: --memory" in told.err


@pytest.mark.skipif(os.name != "posix", reason="It forks.")
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os, time; os.closerange(0, 99); time.sleep(600)", "went on, and was ended"),
        ("import os, time; os.fork() or time.sleep(600); os._exit(0)", "ended without an answer (status 0)"),
    ],
)
def test_who_ends_without_a_word_is_noticed(program: str, said: str) -> None:
    process = ConfinedProcess(["-c", program])
    line: bytes | None = b""
    try:
        while line is not None:
            try:
                line = process.next_line(0.1)
            except queue.Empty:
                continue
        process.end(0.1)
        assert said in process.why().error
    finally:
        process.end()


# ---- what is no answer


def test_code_of_a_model_that_answers_too_much_is_told_and_never_believed(tmp_path: Path) -> None:
    worker = WorkerProcess(str(tmp_path), environment=faulty_models.ENVIRONMENT)
    try:
        worker.load(scripted(tmp_path / "model"))
        with pytest.raises(BadInput, match="The answer is too long to be passed on"):
            worker.run(Task.TEXT_GENERATION, TryInputs(("long",)))
        answer = worker.run(Task.TEXT_GENERATION, TryInputs(("short",)))
        assert answer.outputs == (Generated("short", 1, "end"),)
        with pytest.raises(ProcessDied, match="no answer to what it was asked"):
            worker.run(Task.TEXT_GENERATION, TryInputs(("twice",)))
        assert not worker.is_alive
    finally:
        worker.kill()


ONE, TWO = TryInputs(("a day",), "In May."), TryInputs(("a day", "a night"))


@pytest.mark.parametrize(
    ("task", "inputs", "outputs"),
    [
        (Task.TEXT_CLASSIFICATION, ONE, ()),
        (Task.TEXT_CLASSIFICATION, ONE, (Labelled(()), Labelled(()))),
        (Task.TEXT_CLASSIFICATION, ONE, (Filled("a day", ()),)),
        (Task.TOKEN_CLASSIFICATION, ONE, (Tagged("a night", ()),)),
        (Task.TOKEN_CLASSIFICATION, ONE, (Tagged("a day", (Span(2, 5, "DATE", 0.5, "May"),)),)),
        (Task.QUESTION_ANSWERING, ONE, (Answered("May", 0.5, 0, 3),)),
        (Task.SENTENCE_SIMILARITY, TWO, (Embedded(((1.0,),), ((1.0,),)),)),
        (Task.SENTENCE_SIMILARITY, TWO, (Embedded(((1.0,), (1.0,)), ((1.0,), (1.0,))),)),
    ],
)
def test_an_answer_to_something_else_is_none(
    task: Task, inputs: TryInputs, outputs: tuple[Output, ...]
) -> None:
    assert not is_answer(task, inputs, outputs, stopped=False)


@pytest.mark.parametrize(
    ("task", "inputs", "outputs", "stopped"),
    [
        (Task.TEXT_CLASSIFICATION, TWO, (Labelled(()),), True),
        (Task.TOKEN_CLASSIFICATION, ONE, (Tagged("a day", (Span(2, 5, "DATE", 0.5, "day"),)),), False),
        (Task.QUESTION_ANSWERING, ONE, (Answered("May", 0.5, 3, 6),), False),
        (Task.SENTENCE_SIMILARITY, TWO, (), True),
        (Task.TEXT_GENERATION, ONE, (Generated("", 0, "end"),), False),
        (Task.SENTENCE_SIMILARITY, ONE, (Embedded(((1.0,),), ((1.0,),)),), False),
    ],
)
def test_an_answer_may_be_short(
    task: Task, inputs: TryInputs, outputs: tuple[Output, ...], stopped: bool
) -> None:
    assert is_answer(task, inputs, outputs, stopped)

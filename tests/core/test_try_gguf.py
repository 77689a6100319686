"""GGUF files by llama.cpp, with a tiny llama; and what is said where llama-cpp-python is not installed."""

from __future__ import annotations

import dataclasses
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelkeep.errors import BadInput, Cancelled, InferenceError, RuntimeMissing, UnsupportedModel
from modelkeep.inference.values import Backend, Generated, LoadRequest, Message, Task, TryInputs, TryOptions
from support.caches import CacheMaker
from support.loaded_workers import load_request, loaded_worker
from support.missing_packages import path_without
from support.try_child import Answer, Ask, Case, ask

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

GENERATION = Task.TEXT_GENERATION
NEEDS_LLAMA = pytest.mark.skipif(not find_spec("llama_cpp"), reason="It takes llama-cpp-python.")
STORY = " upon time there lived a small model that ran on one machine"


TEMPLATE = "{{ bos_token }}{% for one in messages %}{% if one.role == 'tool' %}{{ raise_exception('No') }}{% endif %}"
TEMPLATE += "{{ one.content }} {% endfor %}once"
TALK = (Message("system", "small"), Message("user", "Hi!"))


def with_text(content: bytes, key: str, text: str) -> bytes:
    """A GGUF file with a template in its header, made longer by a comment so that the data stay aligned."""
    length = 8 + len(key) + 4 + 8 + len("{##}") + len(text)
    text = f"{{#{' ' * (-length % 32)}#}}{text}"
    entry = len(key).to_bytes(8, "little") + key.encode() + (8).to_bytes(4, "little")
    entry += len(text).to_bytes(8, "little") + text.encode()
    count = int.from_bytes(content[16:24], "little") + 1
    return content[:16] + count.to_bytes(8, "little") + entry + content[24:]


def generate(text: str = "once", **options: Any) -> Ask:
    return Ask(GENERATION, TryInputs(texts=(text,)), TryOptions(**options))


ASKS = {
    "story": generate(),
    "short": generate(max_new_tokens=3),
    "stop text": generate(stop=("small mo",)),
    "seed 1": generate(temperature=100.0, seed=1, max_new_tokens=20),
    "seed 1 again": generate(temperature=100.0, seed=1, max_new_tokens=20),
    "seed 2": generate(temperature=100.0, seed=2, max_new_tokens=20),
    "odd characters": generate("漢🙂\0 once"),
    "empty": generate(""),
    "too long": generate("once " * 100),
    "full": generate("once " * 50, stop=("nothing",), max_new_tokens=100),
    "no template": generate(chat=True),
    "several": Ask(GENERATION, TryInputs(texts=("once", "small"))),
    "stopped": generate()._replace(stop_at=2),
    "cancelled": generate()._replace(cancel_at=2),
    "other task": Ask(Task.SUMMARIZATION, TryInputs(texts=("once",))),
    "at the end": generate(),
}


@pytest.fixture(scope="module")
def models(tiny_models: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> CacheMaker:
    cache = CacheMaker(tmp_path_factory.mktemp("models") / "cache")
    whole = tiny_models.files("gguf")["tiny.gguf"]
    cache.add("tiny/gguf", {"tiny.gguf": whole})
    cache.add("tiny/chatting", {"tiny.gguf": with_text(whole, "tokenizer.chat_template", TEMPLATE)})
    refusing = with_text(whole, "tokenizer.chat_template", "{{ raise_exception('No system here') }}")
    cache.add("tiny/refusing", {"tiny.gguf": refusing})
    cache.add("tiny/cut", {"tiny.gguf": whole[: len(whole) // 2]})
    cache.add("tiny/garbage", {"tiny.gguf": b"x" * 1000})
    cache.add("tiny/newer", {"tiny.gguf": whole.replace(b"\5\0\0\0\0\0\0\0llama", b"\5\0\0\0\0\0\0\0llamx")})
    cache.add("tiny/shards", {"big-00001-of-00002.gguf": whole})
    return cache


def request(models: CacheMaker, name: str, **more: Any) -> LoadRequest:
    return load_request(models, f"tiny/{name}", Backend.GGUF, GENERATION, **more)


@pytest.fixture(scope="module")
def answers(models: CacheMaker) -> dict[str, Answer]:
    cases = {
        "gguf": Case(request(models, "gguf"), tuple(ASKS.values())),
        "chatting": Case(
            request(models, "chatting"),
            (
                Ask(GENERATION, TryInputs(texts=("Hi!",))),
                Ask(GENERATION, TryInputs(messages=TALK)),
                Ask(GENERATION, TryInputs(texts=("small",)), TryOptions(chat=False)),
            ),
        ),
        "refusing": Case(request(models, "refusing"), (generate(),)),
        "cut": Case(request(models, "cut")),
        "garbage": Case(request(models, "garbage")),
        "newer": Case(request(models, "newer")),
        "shards": Case(request(models, "shards", file="big-00001-of-00002.gguf")),
        "no such file": Case(request(models, "gguf", file="other.gguf")),
        "bfloat16": Case(request(models, "gguf", dtype="bfloat16")),
        "embedding": Case(dataclasses.replace(request(models, "gguf"), task=Task.SENTENCE_SIMILARITY)),
    }
    return dict(zip(cases, ask(models.root, list(cases.values())), strict=True))


@pytest.fixture(scope="module")
def told(answers: dict[str, Answer]) -> dict[str, Any]:
    """What came of `ASKS`: an error, or the outputs."""
    assert answers["gguf"].error is None
    return dict(zip(ASKS, answers["gguf"].outputs, strict=True))


@NEEDS_LLAMA
def test_what_is_loaded_is_described(answers: dict[str, Answer]) -> None:
    about = answers["gguf"].about
    assert about is not None
    assert (about.class_name, about.context, about.device, about.chat) == (
        "llama (GGUF F32)",
        64,
        "cpu",
        False,
    )
    assert about.parameters > 70_000
    assert about.versions["llama-cpp-python"]


@NEEDS_LLAMA
def test_a_text_is_gone_on_with(told: dict[str, Any]) -> None:
    assert told["story"] == told["at the end"] == [Generated(STORY, 13, "end")]
    assert told["short"] == [Generated(" upon time there", 3, "length")]
    assert told["stop text"] == [Generated(" upon time there lived a ", 7, "stop")]
    assert told["several"][1] == Generated(" model that ran on one machine", 7, "end")
    assert told["odd characters"] == told["story"]
    assert told["empty"][0].finish == "end"


@NEEDS_LLAMA
def test_the_same_seed_gives_the_same_text(told: dict[str, Any]) -> None:
    assert told["seed 1"] == told["seed 1 again"]
    assert told["seed 1"] != told["seed 2"]


@NEEDS_LLAMA
def test_it_is_stopped_and_given_up_at_a_token(told: dict[str, Any]) -> None:
    assert told["stopped"] == [Generated(" upon time", 2, "stopped")]
    assert isinstance(told["cancelled"], Cancelled)


@NEEDS_LLAMA
def test_a_text_is_put_into_the_template_of_the_file(answers: dict[str, Answer]) -> None:
    about = answers["chatting"].about
    assert about is not None
    assert about.chat
    one, conversation, as_it_is = answers["chatting"].outputs
    assert one == conversation == [Generated(STORY, 13, "end")]
    assert as_it_is == [Generated(" model that ran on one machine", 7, "end")]
    (refused,) = answers["refusing"].outputs
    assert isinstance(refused, BadInput)
    assert "No system here" in str(refused)


@NEEDS_LLAMA
def test_what_it_cannot_be_asked_is_a_sentence(told: dict[str, Any]) -> None:
    assert isinstance(told["too long"], BadInput)
    assert "the model takes 64" in str(told["too long"])
    assert isinstance(told["no template"], BadInput)
    assert isinstance(told["other task"], UnsupportedModel)


@NEEDS_LLAMA
@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("cut", InferenceError, "cut off"),
        ("garbage", InferenceError, "GGUF header"),
        ("newer", UnsupportedModel, "“llamx”"),
        ("shards", InferenceError, "big-00002-of-00002.gguf is not here"),
        ("no such file", BadInput, "other.gguf"),
        ("bfloat16", UnsupportedModel, "bfloat16"),
        ("embedding", UnsupportedModel, "text generation alone"),
    ],
)
def test_what_cannot_be_loaded_is_a_sentence(
    answers: dict[str, Answer], name: str, error: type[InferenceError], words: str
) -> None:
    came = answers[name].error
    assert type(came) is error
    assert words in str(came)
    assert came.hint


@NEEDS_LLAMA
def test_a_worker_streams(models: CacheMaker) -> None:
    pieces: list[str] = []
    with loaded_worker(request(models, "gguf")) as (worker, _):
        ran = worker.run(GENERATION, TryInputs(texts=("once",)), emit=pieces.append)
        assert ran.outputs == (Generated(STORY, 13, "end"),)
        assert pieces[:3] == [" upon", " time", " there"]
        assert worker.run(GENERATION, TryInputs(texts=("once",))).outputs == ran.outputs


@pytest.mark.parametrize(
    ("package", "error", "words"),
    [
        ("llama_cpp", "ModuleNotFoundError", "is not installed here"),
        ("llama_cpp", "ImportError", "does not start"),
        ("numpy", "ModuleNotFoundError", "does not start"),
    ],
)
def test_without_the_library_the_extra_is_named(
    models: CacheMaker, tmp_path: Path, package: str, error: str, words: str
) -> None:
    path = path_without(tmp_path / "packages", package, error)
    if package != "llama_cpp":
        Path(tmp_path, "packages", "llama_cpp.py").write_text(f"import {package}\n")
    (answer,) = ask(models.root, [Case(request(models, "gguf"), (generate(),))], PYTHONPATH=path)
    assert isinstance(answer.error, RuntimeMissing)
    assert words in str(answer.error)
    assert answer.error.hint == "Install it: pip install 'modelkeep[gguf]'"

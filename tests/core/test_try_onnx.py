"""ONNX graphs by onnxruntime: they answer as the models do that they are made of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelkeep.errors import BadInput, InferenceError, RuntimeMissing, UnsupportedModel
from modelkeep.inference.values import Backend, Embedded, Labelled, LoadRequest, Task, TryInputs, TryOptions
from support.caches import CacheMaker
from support.loaded_workers import load_request, loaded_worker
from support.missing_packages import path_without
from support.try_child import Answer, Ask, Case, ask

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

NEEDS_ONNXRUNTIME = pytest.mark.skipif(not find_spec("onnxruntime"), reason="It takes onnxruntime.")
CLASSES = Task.TEXT_CLASSIFICATION
ODD = "a bad \0 film 🙂 漢"


def asks(image: str) -> dict[str, tuple[Ask, ...]]:
    """What each kind of model is asked, as a graph and by transformers."""
    texts = TryInputs(texts=("A good day.", ODD, "", "good " * 100))
    named = TryInputs(texts=("🙂 Anna Smith lives in New York, and John in Paris.", "nothing"))
    masked = TryInputs(texts=("The capital of Germany is [MASK], of France [MASK].", "no mask"))
    context = "🙂 The day was good. Anna Smith lives in Paris."
    return {
        "classifier": (Ask(CLASSES, texts), Ask(CLASSES, texts, TryOptions(top_k=2, multi_label=True))),
        "multi-label": (Ask(CLASSES, TryInputs(texts=("a cat in a car",))),),
        "token-classifier": (Ask(Task.TOKEN_CLASSIFICATION, named),),
        "masked-lm": (
            Ask(Task.FILL_MASK, TryInputs(texts=masked.texts[:1]), TryOptions(top_k=2)),
            Ask(Task.FILL_MASK, TryInputs(texts=masked.texts[1:])),
        ),
        "answering": (
            Ask(Task.QUESTION_ANSWERING, TryInputs(texts=("Who lives in Paris?",), context=context)),
            Ask(Task.QUESTION_ANSWERING, TryInputs(texts=("Nobody nobody?",), context=context)),
            Ask(Task.QUESTION_ANSWERING, TryInputs(texts=("Who?",))),
        ),
        "base": (Ask(Task.SENTENCE_SIMILARITY, TryInputs(texts=("a cat", "a dog and a cat", "the engine"))),),
        "vision": (
            Ask(Task.IMAGE_CLASSIFICATION, TryInputs(images=(image,))),
            Ask(Task.IMAGE_CLASSIFICATION, TryInputs(images=(f"{image}.gone",))),
        ),
    }


@pytest.fixture(scope="module")
def models(tiny_models: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> CacheMaker:
    """Each kind as it is and as a graph, and graphs that cannot be loaded."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("models")
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(folder / "image.png")
    own = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
    paths = (str(tiny_models.folder), str(folder / "graphs"))
    command = [sys.executable, "-W", "ignore", "-m", "support.tiny_onnx", *paths]
    subprocess.run(command, check=True, env=os.environ | own, stdout=subprocess.DEVNULL)
    cache = CacheMaker(folder / "cache")
    for kind in asks(""):
        tiny_models.add(cache, kind)
        graph = {path.name: path.read_bytes() for path in (folder / "graphs" / kind).iterdir()}
        cache.add(f"graph/{kind}", graph)
    small = tiny_models.files("onnx")
    cache.add("graph/small", small)
    whole = small.pop("onnx/model.onnx")
    cache.add("graph/cut", small | {"model.onnx": whole[:100]})
    cache.add("graph/garbage", small | {"model.onnx": b"\xff" * 1000})
    cache.add("graph/newer", small | {"model.onnx": whole.replace(b"ReduceSum", b"ReduceSun")})
    cache.add("graph/no-tokenizer", {"config.json": small["config.json"], "model.onnx": whole})
    cache.add("graph/bad-tokenizer", small | {"model.onnx": whole, "tokenizer.json": b"{}"})
    cache.add("graph/decoder", small | {"decoder_model.onnx": whole})
    return cache


def request(models: CacheMaker, name: str, task: Task = CLASSES, **more: Any) -> LoadRequest:
    return load_request(models, name, Backend.ONNX, task, **more)


@pytest.fixture(scope="module")
def answers(models: CacheMaker) -> dict[str, Answer]:
    asked = asks(str(models.root.parent / "image.png"))
    cases: dict[str, Case] = {}
    for kind, every in asked.items():
        graph = request(models, f"graph/{kind}", every[0].task)
        cases[f"graph/{kind}"] = Case(graph, every)
        plain = load_request(models, f"tiny/{kind}", Backend.TRANSFORMERS, every[0].task)
        cases[f"tiny/{kind}"] = Case(plain, every)
    for name in ("cut", "garbage", "newer", "no-tokenizer", "bad-tokenizer", "decoder"):
        cases[name] = Case(request(models, f"graph/{name}"))
    small = request(models, "graph/small")
    cases["generation"] = Case(replace(small, task=Task.TEXT_GENERATION))
    cases["other file"] = Case(replace(small, file="onnx/other.onnx"))
    cases["bfloat16"] = Case(replace(small, dtype="bfloat16"))
    cases["cuda"] = Case(replace(small, device="cuda:7"))
    cases["small"] = Case(small, (Ask(CLASSES, TryInputs(texts=("good",))), Ask(Task.FILL_MASK, TryInputs())))
    return dict(zip(cases, ask(models.root, list(cases.values())), strict=True))


def numbers_and_words(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from numbers_and_words(one)
    else:
        yield value


@NEEDS_ONNXRUNTIME
@pytest.mark.parametrize("kind", list(asks("")))
def test_a_graph_answers_as_its_model_does(answers: dict[str, Answer], kind: str) -> None:
    graph, plain = answers[f"graph/{kind}"], answers[f"tiny/{kind}"]
    assert graph.error is None
    for number, (ours, theirs) in enumerate(zip(graph.outputs, plain.outputs, strict=True)):
        if isinstance(theirs, Exception):
            assert type(ours) is type(theirs)
            continue
        assert not isinstance(ours, Exception), ours
        here, there = ([list(map(astuple, outputs))] for outputs in (ours, theirs))
        flat = list(numbers_and_words(here))
        assert flat == [
            pytest.approx(one, abs=1e-5) if isinstance(one, float) else one
            for one in numbers_and_words(there)
        ]
        assert graph.tokens[number] == plain.tokens[number]


@NEEDS_ONNXRUNTIME
def test_what_is_loaded_is_described(answers: dict[str, Answer]) -> None:
    about, plain = answers["graph/classifier"].about, answers["tiny/classifier"].about
    assert about is not None
    assert plain is not None
    assert about.class_name == f"{plain.class_name} (ONNX)"
    assert (about.labels, about.context, about.mask) == (plain.labels, plain.context, plain.mask)
    assert set(about.versions) == {"onnxruntime", "tokenizers"}


@NEEDS_ONNXRUNTIME
def test_a_cut_text_is_noted(answers: dict[str, Answer]) -> None:
    assert answers["graph/classifier"].notes[0] == [
        "A text of 102 tokens was cut to the 64 that the model takes."
    ]


@NEEDS_ONNXRUNTIME
def test_alike_texts_come_first(answers: dict[str, Answer]) -> None:
    (came,) = answers["graph/base"].outputs
    assert isinstance(came, list)
    (output,) = came
    assert isinstance(output, Embedded)
    assert output.similarity[0][1] > output.similarity[0][2]


@NEEDS_ONNXRUNTIME
@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("cut", InferenceError, "no ONNX graph, or not all of it"),
        ("garbage", InferenceError, "no ONNX graph"),
        ("newer", UnsupportedModel, "ReduceSun"),
        ("no-tokenizer", InferenceError, "needs tokenizer.json"),
        ("bad-tokenizer", InferenceError, "tokenizer.json cannot be read"),
        ("decoder", UnsupportedModel, "Making text"),
        ("generation", UnsupportedModel, "Making text"),
        ("other file", BadInput, "onnx/other.onnx"),
        ("bfloat16", UnsupportedModel, "bfloat16"),
        ("cuda", UnsupportedModel, "cuda:7"),
    ],
)
def test_what_cannot_be_loaded_is_a_sentence(
    answers: dict[str, Answer], name: str, error: type[InferenceError], words: str
) -> None:
    came = answers[name].error
    assert type(came) is error
    assert words in str(came)
    assert "ONNXRuntimeError" not in str(came)
    assert came.hint


@NEEDS_ONNXRUNTIME
def test_a_graph_needs_no_other_framework(models: CacheMaker, tmp_path: Path) -> None:
    for package in ("torch", "transformers"):
        path = path_without(tmp_path / "packages", package)
    asked = Ask(CLASSES, TryInputs(texts=("good",)))
    (answer,) = ask(models.root, [Case(request(models, "graph/small"), (asked,))], PYTHONPATH=path)
    assert answer.error is None
    ((output,),) = (outputs for outputs in answer.outputs if isinstance(outputs, list))
    assert isinstance(output, Labelled)
    assert output.labels[0].label == "positive"


@NEEDS_ONNXRUNTIME
def test_a_worker_runs_a_graph(models: CacheMaker) -> None:
    with loaded_worker(request(models, "graph/small")) as (worker, about):
        ran = worker.run(CLASSES, TryInputs(texts=("good", "bad")))
    best = [output.labels[0].label for output in ran.outputs if isinstance(output, Labelled)]
    assert best == ["positive", "negative"]
    assert about.device == "cpu"


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_without_a_library_the_extra_is_named(models: CacheMaker, tmp_path: Path, package: str) -> None:
    path = path_without(tmp_path / "packages", package)
    (answer,) = ask(models.root, [Case(request(models, "graph/small"))], PYTHONPATH=path)
    assert isinstance(answer.error, RuntimeMissing)
    assert package in str(answer.error)
    assert answer.error.hint == "Install it: pip install 'modelkeep[onnx]'"

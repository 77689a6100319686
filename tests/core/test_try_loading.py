"""Loading for a task: what is chosen where nobody chose, and what is said of models that do not load."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from modelkeep.errors import InferenceError, ModelKeepError, RuntimeMissing, UnsafeModel, UnsupportedModel
from modelkeep.inference.values import Backend, LoadRequest, Task, TryInputs
from support.caches import CacheMaker
from support.pickles import calling, torch_zip
from support.try_child import Answer, Ask, Case, ask, request_for

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

TEXTS = Task.TEXT_CLASSIFICATION
OWN_CODE = {
    "configuration_own.py": b"""\
from transformers import BertConfig
class OwnConfig(BertConfig):
    model_type = "own"
""",
    "modeling_own.py": b"""\
from transformers import BertForSequenceClassification
from .configuration_own import OwnConfig
class OwnModel(BertForSequenceClassification):
    config_class = OwnConfig
""",
}


class Models:
    """Cases of damaged and of odd models, each by its name."""

    def __init__(self, cache: CacheMaker, tiny: TinyModels) -> None:
        self.cache = cache
        self.tiny = tiny
        self.cases: dict[str, Case] = {}

    def add(
        self,
        name: str,
        changed: dict[str, bytes | None] | None = None,
        *,
        kind: str = "classifier",
        task: Task = TEXTS,
        **chosen: Any,
    ) -> None:
        self.tiny.add(self.cache, kind, f"tiny/{name}", changed)
        request: LoadRequest = replace(request_for(self.cache.root, f"tiny/{name}", task), **chosen)
        self.cases[name] = Case(request, (Ask(task, TryInputs(("The film was good.",))),))

    def config(self, **changed: object) -> dict[str, bytes | None]:
        config = json.loads(self.tiny.files("classifier")["config.json"])
        return {"config.json": json.dumps(config | changed).encode()}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> dict[str, Answer]:
    models = Models(CacheMaker(tmp_path_factory.mktemp("try-loading") / "hub"), tiny_models)
    weights = tiny_models.files("classifier")["model.safetensors"]
    own = {
        "AutoConfig": "configuration_own.OwnConfig",
        "AutoModelForSequenceClassification": "modeling_own.OwnModel",
    }
    models.add("headless", kind="base")
    models.add("other-head", task=Task.TOKEN_CLASSIFICATION)
    models.add("other-family", kind="causal", task=Task.FILL_MASK)
    models.add("not-sentences", kind="sentences", backend=Backend.SENTENCES)
    models.add("short", {"model.safetensors": weights[:-100]})
    models.add("empty", {"model.safetensors": b""})
    models.add("shape", models.config(vocab_size=99))
    models.add("no-weights", {"model.safetensors": None})
    models.add("no-words", {"tokenizer.json": None, "tokenizer_config.json": None})
    models.add(
        "pieces", {"tokenizer.json": None, "tokenizer_config.json": PIECES, "spiece.model": b"\x0a\x00"}
    )
    models.add("no-json", {"config.json": b"{"})
    models.add("unheard", models.config(model_type="neverheard", architectures=["Never"]))
    danger = {"model.safetensors": None, "pytorch_model.bin": torch_zip(calling("os", "system"))}
    models.add("danger", danger)
    code = models.config(model_type="own", auto_map=own, architectures=["OwnModel"]) | OWN_CODE
    models.add("code", code)
    models.add("code-allowed", code, allow_code=True)
    models.add("card", device="cuda:0")
    models.add("no-device", device="gpu")
    models.add("no-numbers", dtype="float7")
    models.add("whole-numbers", dtype="int8")
    models.add("asked-half", dtype="bfloat16")
    models.add("half", models.config(dtype="float16"))
    models.add("plain")
    names = list(models.cases)
    return dict(zip(names, ask(models.cache.root, list(models.cases.values())), strict=True))


PIECES = b'{"tokenizer_class": "T5Tokenizer"}'


def error_of(answers: dict[str, Answer], name: str) -> ModelKeepError:
    error = answers[name].error
    assert isinstance(error, ModelKeepError), answers[name]
    assert "\n" not in str(error)
    return error


@pytest.mark.parametrize(
    ("name", "kind", "sentence", "hint"),
    [
        (
            "headless",
            UnsupportedModel,
            "tiny/headless has no head for text-classification: classifier.bias is not in its files.",
            "It has to be trained for that first.",
        ),
        (
            "other-head",
            UnsupportedModel,
            "tiny/other-head has no head for token-classification: it is a BertForSequenceClassification.",
            "Try it for text-classification.",
        ),
        (
            "other-family",
            UnsupportedModel,
            "tiny/other-family cannot be tried for fill-mask: transformers has no gpt2 that does it.",
            "",
        ),
        (
            "not-sentences",
            UnsupportedModel,
            "tiny/not-sentences has no head for text-classification: classifier.bias is not in its files.",
            "It has to be trained for that first.",
        ),
        (
            "short",
            InferenceError,
            "The weights cannot be read (",
            "See which files are damaged: modelkeep verify",
        ),
        (
            "empty",
            InferenceError,
            "The weights cannot be read (",
            "See which files are damaged: modelkeep verify",
        ),
        (
            "shape",
            InferenceError,
            "The shape of a weight is not what its configuration says.",
            "See which files are damaged: modelkeep verify",
        ),
        (
            "no-weights",
            InferenceError,
            "pytorch_model.bin or model.safetensors is not here.",
            "Download the model again.",
        ),
        ("no-words", InferenceError, "The tokenizer needs ", "Download the model again."),
        (
            "pieces",
            RuntimeMissing,
            "Loading it takes sentencepiece, which is not installed here.",
            "Install it: pip install sentencepiece",
        ),
        ("no-json", InferenceError, "Loading config.json failed (", ""),
        (
            "unheard",
            UnsupportedModel,
            "The installed transformers knows no models of the type “neverheard”.",
            "A newer one may.",
        ),
        (
            "code",
            UnsafeModel,
            "It runs code of its own, which was not allowed.",
            "If you trust who made it, allow it.",
        ),
        ("no-device", InferenceError, "“gpu” is no device that PyTorch knows.", "PyTorch "),
        (
            "no-numbers",
            InferenceError,
            "“float7” is no type of numbers that a model can be loaded as.",
            "There are float32, bfloat16 and float16.",
        ),
        (
            "whole-numbers",
            InferenceError,
            "“int8” is no type of numbers that a model can be loaded as.",
            "There are float32, bfloat16 and float16.",
        ),
    ],
)
def test_why_it_does_not_load_is_said_in_a_sentence(
    answers: dict[str, Answer], name: str, kind: type[ModelKeepError], sentence: str, hint: str
) -> None:
    error = error_of(answers, name)
    assert type(error) is kind
    assert str(error).startswith(sentence)
    assert error.hint.startswith(hint)


def test_pickles_that_do_more_than_numbers_are_not_loaded(answers: dict[str, Answer]) -> None:
    assert str(error_of(answers, "danger")) == (
        "The weights are pickles with more in them than numbers, which is not loaded."
    )


def test_a_graphics_card_that_is_not_here_is_said_to_be_none(answers: dict[str, Answer]) -> None:
    if answers["card"].about is not None:
        pytest.skip("There is a graphics card here.")
    error = error_of(answers, "card")
    assert str(error) == "There is no device cuda:0 here."
    assert error.hint.endswith("finds here: cpu.")


def test_code_that_was_allowed_runs(answers: dict[str, Answer]) -> None:
    about = answers["code-allowed"].about
    assert about is not None, answers["code-allowed"].error
    assert about.class_name == "OwnModel"
    assert answers["code-allowed"].outputs == answers["plain"].outputs


def test_halves_are_computed_as_whole_ones_on_a_processor_unless_they_are_asked_for(
    answers: dict[str, Answer],
) -> None:
    said = {name: answers[name].about for name in ("plain", "half", "asked-half")}
    dtypes = {name: about and about.dtype for name, about in said.items()}
    assert dtypes == {
        "plain": "float32",
        "half": "float32, stored as float16",
        "asked-half": "bfloat16, stored as float32",
    }
    assert all(isinstance(answers[name].outputs[0], list) for name in said)

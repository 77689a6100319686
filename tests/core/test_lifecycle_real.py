"""Real, tiny models through the life cycle: asked in a worker, and fine-tuned."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modelkeep import lifecycle
from modelkeep.errors import BadTrainingData
from modelkeep.inference.values import Labelled
from modelkeep.lifecycle import JobStatus, LocalModel, configuration, opened
from support.caches import CacheMaker

if TYPE_CHECKING:  # pytest rewrites what is imported as a plugin first
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)


@pytest.fixture(autouse=True)
def own_root(cache: CacheMaker, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tiny_models.add(cache, "classifier")
    monkeypatch.setenv("MODELKEEP_ROOTS", os.fspath(cache.root))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    configuration.reset()
    yield
    opened.close()
    configuration.reset()


def classifier(cache: CacheMaker) -> str:
    [folder] = [path.name for path in cache.root.iterdir() if path.name.startswith("models--")]
    return folder.removeprefix("models--").replace("--", "/")


def test_a_model_is_loaded_asked_and_asked_as_a_job(cache: CacheMaker) -> None:
    model = lifecycle.load(classifier(cache), device="cpu")
    assert isinstance(model, LocalModel)
    [output] = model.classify("It was a good day.")
    assert isinstance(output, Labelled)
    assert sum(label.score for label in output.labels) == pytest.approx(1.0, abs=1e-3)
    result = lifecycle.start_prediction_job(model, "classify", ["It was a good day."]).result(120)
    assert result[0]["labels"][0]["label"] == output.labels[0].label
    assert result[0]["labels"][0]["score"] == pytest.approx(output.labels[0].score, abs=1e-6)


def test_a_cached_model_is_fine_tuned_by_the_names_of_the_life_cycle(
    cache: CacheMaker, tmp_path: Path
) -> None:
    name = classifier(cache)
    examples = tmp_path / "examples.tsv"
    rows = [f"it was a {word} day\t{label}" for word, label in (("good", "pos"), ("bad", "neg"))] * 8
    examples.write_text("\n".join([*rows, ""]))
    future = lifecycle.train(
        name,
        examples,
        trainer="fine_tune",
        task="text-classification",
        model_name="local/mine",
        epochs=1,
        batch=4,
    )
    assert future.id.startswith(f"{lifecycle.ReversibleHasher.hash('fine_tune')}:")
    model = future.result(300)
    assert isinstance(model, LocalModel)
    assert model.config.key.startswith("hf@local/mine@")
    assert future.get_info().status is JobStatus.COMPLETED
    assert lifecycle.get_model_future(future.id).result(0).config == model.config
    examples.write_text("no label\n")
    with pytest.raises(BadTrainingData):
        lifecycle.train(name, examples, trainer="fine_tune", task="text-classification")
    with pytest.raises(ValueError, match="kept in a cache"):
        lifecycle.train(name, examples, trainer="fine_tune", save_path=str(tmp_path))

"""Models that are asked in the worker process: what they answer, and what they cannot, comes out of it whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from modelkeep.errors import BadInput, UnsupportedModel
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import Labelled, Tagged, Task, TryInputs
from support.caches import CacheMaker
from support.try_child import request_for

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)


@pytest.fixture
def worker(cache: CacheMaker) -> Iterator[WorkerProcess]:
    process = WorkerProcess(str(cache.root), environment={"OMP_NUM_THREADS": "1"})
    yield process
    process.kill()


def test_spans_of_odd_texts_cross_it_whole(
    worker: WorkerProcess, cache: CacheMaker, tiny_models: TinyModels
) -> None:
    tiny_models.add(cache, "token-classifier")
    text = "😀\0 Anna Smith\nin Pari\u0301s"
    loaded = worker.load(request_for(cache.root, "tiny/token-classifier", Task.TOKEN_CLASSIFICATION))
    assert loaded.model.labels == ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    tagged, empty = worker.run(Task.TOKEN_CLASSIFICATION, TryInputs((text, "\0"))).outputs
    assert [(span.label, span.text) for span in cast(Tagged, tagged).spans] == [
        ("PER", "Anna Smith"),
        ("LOC", "Pari\u0301s"),
    ]
    assert cast(Tagged, tagged).text == text
    assert cast(Tagged, empty).spans == ()
    with pytest.raises(BadInput, match=r"There is no text\."):
        worker.run(Task.TOKEN_CLASSIFICATION, TryInputs())


def test_after_a_head_that_is_not_here_another_model_loads_and_sees_an_image_outside_of_the_cache(
    worker: WorkerProcess, cache: CacheMaker, tiny_models: TinyModels, tmp_path: Path
) -> None:
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (20, 20), (0, 255, 0)).save(tmp_path / "green.png")
    for kind in ("base", "vision"):
        tiny_models.add(cache, kind)
    with pytest.raises(UnsupportedModel, match="has no head for question-answering"):
        worker.load(request_for(cache.root, "tiny/base", Task.QUESTION_ANSWERING))
    worker.load(request_for(cache.root, "tiny/vision", Task.IMAGE_CLASSIFICATION))
    [output] = worker.run(Task.IMAGE_CLASSIFICATION, TryInputs(images=(str(tmp_path / "green.png"),))).outputs
    assert cast(Labelled, output).labels[0].label == "green"

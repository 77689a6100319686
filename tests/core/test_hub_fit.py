"""Whether a model fits the memory: what the weights take, by type, and what NVIDIA's tool says of the cards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelkeep.hub import fit
from modelkeep.hub.download_plan import DownloadPlan, FileAction, PlannedFile
from modelkeep.hub.fit import Gpu, fit_of, gpu_now
from modelkeep.hub.replies import HubModel
from modelkeep.keys import ModelKey


def plan(*files: PlannedFile, dtypes: tuple[tuple[str, int], ...] = ()) -> DownloadPlan:
    model = HubModel("org/name", "1" * 40, dtypes=dtypes)
    key = ModelKey("org/name")
    return DownloadPlan("/root", key, "", "", model, "1" * 40, "main", "", files, free=0, reserve=0)


def weights(path: str, size: int, group: str = "weights:safetensors", *, chosen: bool = True) -> PlannedFile:
    return PlannedFile(path, size, "2" * 40, FileAction.FETCH, chosen, group)


def test_only_chosen_weights_take_memory() -> None:
    found = fit_of(
        plan(
            weights("model.safetensors", 1000),
            weights("model.safetensors.index.json", 50),
            weights("pytorch_model.bin", 1000, "weights:pickle", chosen=False),
            weights("README.md", 10, "card"),
        )
    )
    assert found
    assert found.weights == 1000
    assert found.run > 1000
    assert "1.0 kB" in found.formula or "1,000" in found.formula or "1000" in found.formula
    assert 0 < found.ram_free <= found.ram_total
    assert found.fits_ram


def test_nothing_is_said_without_weights() -> None:
    assert fit_of(plan(weights("README.md", 10, "card"))) is None


def test_types_are_those_that_the_hub_tells_where_they_are_all_of_it() -> None:
    both = weights("model.safetensors", 1000)
    found = fit_of(plan(both, dtypes=(("BF16", 400), ("F32", 50))))
    assert found
    assert found.dtypes == (("BF16", 800), ("F32", 200))
    part = fit_of(plan(both, dtypes=(("BF16", 4000),)))
    assert part
    assert part.dtypes == ()


def test_a_model_that_is_too_large_does_not_fit() -> None:
    found = fit_of(plan(weights("model.safetensors", 1 << 60)))
    assert found
    assert not found.fits_ram


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a program in the place of NVIDIA's tool."""

    def put(script: str) -> None:
        path = tmp_path / "nvidia-smi"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        fit._tool.cache_clear()

    yield put
    fit._tool.cache_clear()


@pytest.mark.skipif(os.name == "nt", reason="the tool is a shell script here")
@pytest.mark.parametrize(
    ("script", "gpu"),
    [
        ("echo 'NVIDIA A100, 100'; echo 'NVIDIA H100, 200'", Gpu("NVIDIA H100", 200 << 20)),
        ("echo 'No devices were found'", Gpu()),
        ("echo 'NVIDIA A100, 100'; exit 9", Gpu()),
    ],
)
def test_the_card_with_the_most_room_counts(tool: Callable[[str], None], script: str, gpu: Gpu) -> None:
    tool(script)
    assert gpu_now() == gpu

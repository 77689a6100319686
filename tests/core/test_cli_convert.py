"""`convert`: the plan, what was done, and what cannot be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from support.caches import CacheMaker
from support.cli import check_shape, done, roots, run, tree
from support.json_shapes import CONVERSION
from support.models import tiny_gguf
from support.pickles import calling, torch_zip

EVIL = torch_zip(calling("os", "system"))


@pytest.fixture
def model(cache: CacheMaker) -> CacheMaker:
    torch = pytest.importorskip("torch")
    target = io.BytesIO()
    torch.save({"a": torch.ones(2, 3), "b": torch.zeros(1)}, target)
    files = {"pytorch_model.bin": target.getvalue(), "config.json": b"{}", "optimizer.pt": target.getvalue()}
    cache.add("org/model", files)
    return cache


def test_a_dry_run_shows_the_plan_and_changes_nothing(model: CacheMaker) -> None:
    before = tree(model.root)
    said = done("convert", "org/model", "--dry-run", "--json", *roots(model.root)).json
    check_shape(said, CONVERSION)
    assert (said["executed"], said["result"], said["dropped"]) == (False, None, ["optimizer.pt"])
    out = done("convert", "org/model", "--dry-run", "--main", *roots(model.root)).out
    assert "+ model.safetensors, of pytorch_model.bin" in out
    assert "- optimizer.pt" in out
    assert "main will lead to the new revision" in out
    assert tree(model.root) == before


def test_a_pipe_has_to_say_yes(model: CacheMaker) -> None:
    before = tree(model.root)
    result = run("convert", "org/model", *roots(model.root))
    assert (result.status, result.out) == (2, "")
    assert tree(model.root) == before


def test_it_converts_and_can_be_undone(model: CacheMaker) -> None:
    refs = model.folder("org/model") / "refs"
    old = (refs / "main").read_text()
    said = done("convert", "org/model", "--yes", "--json", *roots(model.root)).json
    check_shape(said, CONVERSION)
    assert (said["executed"], said["result"]["tensors"], said["commit"]) == (True, 2, old)
    assert (refs / said["ref"]).read_text() == said["result"]["commit"]
    assert (refs / "main").read_text() == old
    # Again, now with main: it is not converted twice.
    again = done("convert", "org/model", "--yes", "--main", *roots(model.root)).out
    assert f"It is here already: org/model@{said['ref']}." in again
    assert (refs / "main").read_text() == said["result"]["commit"]
    done("rollback", "org/model", "--to", old[:12], "--yes", *roots(model.root))
    assert (refs / "main").read_text() == old


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"model.gguf": tiny_gguf()}, "its weights are GGUF"),
        ({"config.json": b"{}"}, "It has no weights."),
    ],
)
def test_what_cannot_be_converted_is_a_failure(
    cache: CacheMaker, files: dict[str, bytes], sentence: str
) -> None:
    cache.add("org/model", files)
    result = run("convert", "org/model", "--yes", *roots(cache.root))
    assert (result.status, result.out) == (1, "")
    assert sentence in result.err


def test_a_dangerous_model_is_not_converted(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", {"pytorch_model.bin": EVIL})
    before = tree(cache.folder("org/model"))
    result = run("convert", "org/model", "--yes", *roots(cache.root))
    assert (result.status, result.out) == (1, "")
    assert "--allow-unsafe org/model" in result.err
    assert tree(cache.folder("org/model")) == before


@pytest.mark.parametrize("size", ["much", "0GB", "-1"])
def test_a_memory_that_is_no_size_is_bad_usage(cache: CacheMaker, size: str) -> None:
    assert run("convert", "org/model", "--memory", size, *roots(cache.root)).status == 2


def test_too_little_memory_is_a_sentence(model: CacheMaker) -> None:
    before = tree(model.folder("org/model"))
    result = run("convert", "org/model", "--yes", "--memory", "30MB", *roots(model.root))
    assert (result.status, result.out) == (1, "")
    assert "memory" in result.err
    assert tree(model.folder("org/model")) == before

"""A second scan reads only what changed, and misses no change that the index promises to see."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from modelkeep.cache.index import Index
from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.scan import scan
from support.caches import CacheMaker, sha256

WEIGHTS = b"w" * 10_000


@pytest.fixture
def settled(cache: CacheMaker) -> CacheMaker:
    cache.add("org/one", {"model.safetensors": WEIGHTS, "onnx/model.onnx": b"o", "config.json": b"{}"})
    cache.add("org/two", refs=("main", "refs/pr/1"))
    settle(cache.root)
    return cache


def settle(root: Path) -> None:
    """Make everything old enough to be trusted."""
    old = time.time() - 100
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files, "."):
            path = Path(folder) / name
            if not path.is_symlink():
                os.utime(path, (old, old))


def models(root: Path, index: Index) -> dict[str, CachedModel]:
    return {model.repo_id: model for model in scan(root, known=index).models}


def test_what_did_not_change_is_not_read_again(settled: CacheMaker) -> None:
    index = Index()
    first = models(settled.root, index)
    again = models(settled.root, index)
    assert all(again[name] is first[name] for name in first)


@pytest.mark.parametrize(
    "change",
    [
        lambda cache: cache.add("org/one", {"new.json": b"{}"}, refs=()),
        lambda cache: cache.set_ref("org/one", "main", "0" * 40),
        lambda cache: cache.set_ref("org/one", "refs/pr/9", "0" * 40),
        lambda cache: cache.orphan("org/one"),
        lambda cache: cache.incomplete("org/one"),
        lambda cache: (cache.folder("org/one") / "blobs" / sha256(WEIGHTS)).unlink(),
        lambda cache: next(cache.folder("org/one").glob("snapshots/*/onnx/*")).unlink(),
        lambda cache: (cache.folder("org/one") / "blobs" / sha256(WEIGHTS)).write_bytes(b"short"),
        lambda cache: os.utime(cache.folder("org/one") / "blobs" / sha256(WEIGHTS), (1, 2)),
        lambda cache: (cache.folder("org/one") / ".no_exist").mkdir(),
    ],
)
def test_every_change_is_seen(settled: CacheMaker, change: object) -> None:
    index = Index()
    first = models(settled.root, index)
    assert callable(change)
    change(settled)
    again = models(settled.root, index)
    assert again["org/one"] == models(settled.root, Index())["org/one"]
    assert again["org/one"] is not first["org/one"]
    assert again["org/two"] is first["org/two"]


def test_what_grows_or_changed_just_now_is_read_again(cache: CacheMaker) -> None:
    index = Index()
    cache.add("org/new")
    assert models(cache.root, index)["org/new"] is not models(cache.root, index)["org/new"]
    partial = cache.incomplete("org/new")
    settle(cache.root)
    models(cache.root, index)
    with partial.open("ab") as file:
        file.write(b"more")
    assert models(cache.root, index)["org/new"].incomplete[0].size == partial.stat().st_size


def test_a_model_that_is_gone_is_gone(settled: CacheMaker) -> None:
    index = Index()
    models(settled.root, index)
    settled.folder("org/two").rename(settled.root.parent / "elsewhere")
    assert list(models(settled.root, index)) == ["org/one"]

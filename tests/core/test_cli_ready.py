"""`ready` as it is called."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.caches import CacheMaker
from support.cli import check_shape, done, json_keys, roots, run, tree
from support.json_shapes import READY
from support.models import tiny_bert_files
from support.pickles import calling, torch_zip

FILES = tiny_bert_files()
WITH_TRANSFORMERS = pytest.mark.skipif(
    not (find_spec("torch") and find_spec("transformers")), reason="It takes torch and transformers."
)


def test_a_model_that_has_all_is_ready(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    before = tree(cache.root)
    assert done("ready", "org/model", *roots(cache.root)).out == "org/model@main  ready\n"
    assert tree(cache.root) == before


def test_what_a_model_lacks_is_told_and_is_a_status(cache: CacheMaker) -> None:
    cache.add("org/good", FILES)
    cache.add("org/model", {"config.json": b'{"model_type": "bert"}'}, refs=(), commit="c" * 40)
    cache.add("org/data", {"a.csv": b"1"}, repo_type="dataset")
    cache.set_ref("org/empty", "main", "a" * 40)
    result = run("ready", "--all", *roots(cache.root))
    assert result.status == 1
    assert result.out.splitlines() == [
        "org/empty  not ready",
        "  Nothing of it is here but its folder.",
        "org/good@main  ready",
        "org/model@cccccccc  not ready",
        "  No branch or tag leads to it, so that its name alone does not find it.",
        "  No weights are here.",
    ]
    assert result.err == "Error: 2 of 3 models are not ready to be used without a network.\n"


def test_a_revision_alone_is_looked_at(cache: CacheMaker) -> None:
    cache.add("org/model", {"README.md": b"old"}, refs=("v1",))
    cache.add("org/model", FILES)
    assert run("ready", "org/model@v1", *roots(cache.root)).out.startswith("org/model@v1  not ready")
    assert done("ready", "org/model", *roots(cache.root)).out == "org/model@main  ready\n"


def test_bad_usage(cache: CacheMaker) -> None:
    cache.add("org/data", {"a.csv": b"1"}, repo_type="dataset")
    assert run("ready", *roots(cache.root)).status == 2
    assert run("ready", "org/model", "--all", *roots(cache.root)).status == 2
    assert run("ready", "--all", "--allow-code", *roots(cache.root)).status == 2
    dataset = run("ready", "hf-dataset@org/data", *roots(cache.root))
    assert dataset.status == 1
    assert "hf-dataset@org/data is no model that could be loaded." in dataset.err
    assert done("ready", "--all", *roots(cache.root)).err == "There is no model.\n"


@WITH_TRANSFORMERS
def test_a_model_is_loaded_with_its_own_code_and_what_that_wanted_is_told(cache: CacheMaker) -> None:
    config = json.loads(FILES["config.json"])
    auto_map = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}
    own = config | {"model_type": "own", "architectures": ["OwnModel"], "auto_map": auto_map}
    code = b"""\
import urllib.request
from transformers import BertConfig, BertModel
class OwnConfig(BertConfig):
    model_type = "own"
class OwnModel(BertModel):
    config_class = OwnConfig
try:
    urllib.request.urlopen("http://telemetry.example/")
except OSError:
    pass
"""
    cache.add("org/model", FILES | {"config.json": json.dumps(own).encode(), "own.py": code})
    result = done("ready", "org/model", "--load", "--allow-code", "--json", *roots(cache.root))
    check_shape(result.json, [READY])
    [model] = result.json
    assert (model["offline_ready"], model["lacks"]) == (True, [])
    assert model["trial"]["works"]
    assert model["trial"]["with_code"]
    assert model["trial"]["tried"] == ["telemetry.example:80"]
    assert model["trial"]["loaded"][-1] == "OwnModel, 22,368 parameters, float32"
    refused = run("ready", "org/model", "--load", *roots(cache.root))
    assert "  If you trust who made it, allow it: --allow-code" in refused.out.splitlines()


def test_what_cannot_be_loaded_keeps_nobody_from_trying_the_others(cache: CacheMaker) -> None:
    weights = torch_zip(calling("os", "system"))
    cache.add(
        "org/bad",
        {name: FILES[name] for name in ("config.json", "vocab.txt")} | {"pytorch_model.bin": weights},
    )
    cache.add("org/other", {"model.nemo": b"weights"})
    result = run("ready", "--all", "--load", *roots(cache.root))
    assert result.status == 1
    lines = result.out.splitlines()
    assert [lines[0], lines[-3]] == ["org/bad@main  does not load", "org/other@main  does not load"]
    assert lines[-2] == "  Modelkeep cannot try models of this kind."
    if find_spec("transformers"):
        assert lines[1].startswith("  hf@org/bad is not safe to load: pytorch_model.bin: ")
        assert "--allow-unsafe org/bad" in lines[2]


def test_the_json_is_as_described(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    cache.set_ref("org/empty", "main", "a" * 40)
    result = run("ready", "--all", "--json", *roots(cache.root))
    check_shape(result.json, [READY])
    assert [model["trial"] for model in result.json] == [None, None]
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    described = text.partition("## `ready KEY...`")[2].partition("\n## ")[0]
    assert [key for key in json_keys(READY) if f"`{key}`" not in described] == []

"""Loading for trial, by transformers itself; and that what is called ready does load, and nothing else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.scan import scan
from modelkeep.checking.offline_ready import offline_ready
from modelkeep.checking.trial import TrialLoad, trial_request, try_loading
from modelkeep.confined import run_confined
from modelkeep.errors import UnsafeModel
from support.caches import CacheMaker
from support.cli import tree
from support.confined_children import ENVIRONMENT, MODULE
from support.models import (
    TINY_BERT_PARAMETERS,
    safetensors_file,
    tiny_bert_files,
    tiny_gguf,
    tiny_safetensors,
)
from support.pickles import calling, torch_zip

WITH_TRANSFORMERS = pytest.mark.skipif(
    not (find_spec("torch") and find_spec("transformers")), reason="It takes torch and transformers."
)
PLAIN = tiny_bert_files()
CONFIG = json.loads(PLAIN["config.json"])
BERT = f"BertModel, {TINY_BERT_PARAMETERS:,} parameters, float32"
OWN = PLAIN | {
    "config.json": json.dumps(
        CONFIG
        | {
            "model_type": "own",
            "architectures": ["OwnModel"],
            "auto_map": {"AutoConfig": "configuration_own.OwnConfig", "AutoModel": "modeling_own.OwnModel"},
        }
    ).encode(),
    "configuration_own.py": b"""\
from transformers import BertConfig
class OwnConfig(BertConfig):
    model_type = "own"
""",
    "modeling_own.py": b"""\
from transformers import BertModel
from .configuration_own import OwnConfig
from .parts import TIMES
class OwnModel(BertModel):
    config_class = OwnConfig
""",
    "parts.py": b"TIMES = 1",
}
BPE = {name: PLAIN[name] for name in ("config.json", "model.safetensors")} | {
    "tokenizer_config.json": b'{"tokenizer_class": "GPT2Tokenizer"}',
    "vocab.json": json.dumps(
        {word: number for number, word in enumerate(["<|endoftext|>", *"abc", "ab"])}
    ).encode(),
    "merges.txt": b"#version: 0.2\na b\n",
}


def without(files: Mapping[str, bytes], *names: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in names}


def sharded(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same model with its weights in two files."""
    content = files["model.safetensors"]
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header.pop("__metadata__", None)
    names = sorted(header)
    parts: dict[str, bytes] = {}
    places: dict[str, str] = {}
    for number, tensors in enumerate((names[::2], names[1::2]), 1):
        part: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        data = b""
        for name in tensors:
            first, last = header[name]["data_offsets"]
            part[name] = header[name] | {"data_offsets": [len(data), len(data) + last - first]}
            data += content[end + first : end + last]
            places[name] = f"model-{number:05}-of-00002.safetensors"
        parts[f"model-{number:05}-of-00002.safetensors"] = safetensors_file(part, data)
    index = json.dumps({"metadata": {}, "weight_map": places}).encode()
    return without(files, "model.safetensors") | parts | {"model.safetensors.index.json": index}


DANGEROUS = without(PLAIN, "model.safetensors") | {"pytorch_model.bin": torch_zip(calling("os", "system"))}


def model_of(cache: CacheMaker, repo_id: str = "org/model") -> CachedModel:
    return next(model for model in scan(cache.root).models if model.repo_id == repo_id)


def load_all(cache: CacheMaker, *, allow_code: bool) -> dict[str, dict]:
    """What came of loading each model of a cache, all in one process."""
    asked = []
    for model in scan(cache.root).models:
        assert model.main is not None
        asked.append(trial_request(model, model.main, "transformers", allow_code=allow_code))
    done = run_confined(
        MODULE,
        {"do": "load_many", "models": asked},
        environment=ENVIRONMENT | {"HF_HUB_CACHE": str(cache.root), "TRANSFORMERS_VERBOSITY": "error"},
    )
    assert (done.error, done.tried) == ("", ())
    return {name: dict(said) for name, said in done.reply.items()}  # type: ignore[call-overload]


def trial(cache: CacheMaker, repo_id: str = "org/model", **options: Any) -> TrialLoad:
    model = model_of(cache, repo_id)
    assert model.main is not None
    return try_loading(model, model.main, **options)


@WITH_TRANSFORMERS
def test_what_is_ready_loads_and_what_lacks_a_file_does_not(cache: CacheMaker) -> None:
    families = {
        "plain": PLAIN,
        "sharded": sharded(PLAIN),
        "slow": without(PLAIN, "tokenizer.json"),
        "own": OWN,
        "bpe": BPE,
    }
    for family, files in families.items():
        for gone in ("nothing", *files):
            # Without it some tokenizers become others and some load, so that either answer may be right.
            if gone == "tokenizer_config.json":
                continue
            for listed in (True, False):
                name = f"{family}{'-listed' if listed else ''}/no-{gone.strip('.').replace('.', '-')}"
                commit = cache.add(name, without(files, gone), tree=False)
                if listed:
                    cache.write_tree(name, commit, files)
    inventory = scan(cache.root)
    loaded = load_all(cache, allow_code=True)
    assert len(loaded) == len(inventory.models) > 50
    wrong = {}
    for model in inventory.models:
        assert model.main is not None
        lacks = offline_ready(inventory, model, model.main).lacks
        if bool(lacks) != bool(loaded[model.repo_id]["error"]):
            wrong[model.repo_id] = (lacks, loaded[model.repo_id]["error"])
    assert wrong == {}
    assert sum(not said["error"] for said in loaded.values()) > 20


@WITH_TRANSFORMERS
def test_why_it_does_not_load_is_said_in_a_sentence(cache: CacheMaker, tmp_path: Path) -> None:
    def config(**changed: object) -> dict[str, bytes]:
        return PLAIN | {"config.json": json.dumps(CONFIG | changed).encode()}

    (tmp_path / "model.safetensors").write_bytes(PLAIN["model.safetensors"])
    source, target = tmp_path / "model.safetensors", tmp_path / "pytorch_model.bin"
    made = run_confined(
        MODULE,
        {"do": "save_pickle", "source": str(source), "target": str(target)},
        environment=ENVIRONMENT,
        writable=[tmp_path],
    )
    assert made.error == ""
    models = {
        "org/pickle": without(PLAIN, "model.safetensors") | {"pytorch_model.bin": target.read_bytes()},
        "org/head": config(architectures=["BertForSequenceClassification"]),
        "org/shape": config(vocab_size=99),
        "org/unknown": config(model_type="neverheard", architectures=["Never"]),
        "org/short": PLAIN | {"model.safetensors": PLAIN["model.safetensors"][:-100]},
        "org/no-json": PLAIN | {"config.json": b"{"},
        "org/code": OWN,
        "org/words": without(PLAIN, "tokenizer.json", "vocab.txt", "tokenizer_config.json"),
        "org/shard": without(sharded(PLAIN), "model-00002-of-00002.safetensors"),
        "org/danger": DANGEROUS,
        "org/tensorflow": without(PLAIN, "model.safetensors") | {"tf_model.h5": b"weights"},
    }
    for name, files in models.items():
        cache.add(name, files, tree=False)
    said = load_all(cache, allow_code=False)
    assert said["org/pickle"]["loaded"] == ["BertTokenizer, 64 entries", BERT]
    errors = {name: one["error"] for name, one in said.items()}
    assert errors.pop("org/pickle") == ""
    assert errors["org/head"].startswith(
        "2 weights are not in the files, which BertForSequenceClassification needs: "
    )
    assert errors["org/shape"] == "The shape of a weight is not what its configuration says."
    assert errors["org/unknown"] == "The installed transformers knows no models of the type “neverheard”."
    assert errors["org/short"].startswith("The weights cannot be read (")
    assert "is not a valid JSON file" in errors["org/no-json"]
    assert errors["org/code"] == "It runs code of its own, which was not allowed."
    assert said["org/code"]["hint"] == "If you trust who made it, allow it."
    assert [name for name, one in said.items() if one["wants_code"]] == ["org/code"]
    assert not said["org/code"]["with_code"]
    assert errors["org/words"] == "The tokenizer needs vocab.txt, which is not here."
    assert errors["org/shard"] == (
        "model.safetensors.index.json names model-00002-of-00002.safetensors, which is not here."
    )
    assert (
        errors["org/danger"] == "The weights are pickles with more in them than numbers, which is not loaded."
    )
    assert errors["org/tensorflow"] == "pytorch_model.bin or model.safetensors is not here."
    assert all("\n" not in error for error in errors.values())


@WITH_TRANSFORMERS
def test_a_trial_changes_nothing_and_tells_what_it_loaded(cache: CacheMaker) -> None:
    commit = cache.add("org/model", PLAIN)
    before = tree(cache.root)
    paths = list((cache.folder("org/model") / "blobs").iterdir())
    for path in paths:
        os.utime(path, ns=(10**18, path.stat().st_mtime_ns))
    result = trial(cache)
    assert result.error == ""
    assert result.works
    assert (result.key, result.commit) == (f"hf@org/model@{commit}", commit)
    assert result.loaded == ("BertTokenizer, 64 entries", BERT)
    assert result.memory > 50 << 20
    assert result.seconds > 0
    assert not result.with_code
    assert result.tried == ()
    assert result.walls
    assert tree(cache.root) == before
    assert {path.stat().st_atime_ns for path in paths} == {10**18}


@pytest.mark.parametrize(
    "files",
    [
        {"yolo.pt": b"weights"},
        {"adapter_config.json": b"{}", "adapter_model.safetensors": tiny_safetensors()},
        {"README.md": b"A card"},
    ],
)
def test_a_kind_that_cannot_be_tried_is_said_to_be_one(cache: CacheMaker, files: dict[str, bytes]) -> None:
    cache.add("org/model", files)
    assert trial(cache).error == "Modelkeep cannot try models of this kind."


@pytest.mark.parametrize(
    ("package", "files", "name"),
    [
        ("diffusers", {"model_index.json": b"{}"}, "diffusers"),
        ("llama_cpp", {"model.gguf": tiny_gguf()}, "llama-cpp-python"),
        ("onnxruntime", {"onnx/model.onnx": b"weights"}, "onnxruntime"),
    ],
)
def test_what_has_to_be_installed_is_named(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch, package: str, files: dict[str, bytes], name: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    if package == "diffusers" and not find_spec("torch"):
        pytest.skip("It takes torch.")
    cache.add("org/model", files)
    result = trial(cache)
    assert result.error == f"Loading it takes {name}, which is not installed here."
    assert result.hint == f"Install it: pip install {name}"


def test_without_a_runtime_the_extra_is_named(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, package, None)
    cache.add("org/model", PLAIN)
    result = trial(cache)
    assert result.error == "Loading it takes torch and transformers, which are not installed here."
    assert result.hint == "Install them: pip install 'modelkeep[inference]'"


@WITH_TRANSFORMERS
def test_a_dangerous_model_is_not_loaded(cache: CacheMaker) -> None:
    cache.add("org/model", DANGEROUS)
    with pytest.raises(UnsafeModel, match="not safe to load"):
        trial(cache)
    allowed = trial(cache, allow_unsafe=["org/model"], seconds=0.001)
    assert allowed.error == "It was stopped after 0.001 seconds, in which it did not end."


@WITH_TRANSFORMERS
def test_a_name_that_leads_nowhere_does_not_load(cache: CacheMaker) -> None:
    cache.add("org/model", PLAIN, refs=())
    cache.set_ref("org/model", "main", "a" * 40)
    assert trial(cache).error == "The ref main leads to the commit aaaaaaaa, which is not here."

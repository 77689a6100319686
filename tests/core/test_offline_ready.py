"""What a revision lacks to be loaded without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from modelkeep.cache.scan import scan
from modelkeep.checking.offline_ready import offline_ready, reads_text
from support.caches import CacheMaker
from support.models import tiny_bert_files, tiny_gguf, tiny_safetensors

BERT = {
    "config.json": b'{"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 9}',
    "model.safetensors": tiny_safetensors(),
    "tokenizer.json": b"{}",
}


def lacks(cache: CacheMaker, repo_id: str = "org/model") -> list[str]:
    inventory = scan(cache.root)
    [model] = [model for model in inventory.models if model.repo_id == repo_id]
    [revision] = model.revisions
    found = offline_ready(inventory, model, revision)
    assert found.ready == (not found.lacks)
    return list(found.lacks)


def without(files: Mapping[str, bytes], *names: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in names}


@pytest.mark.parametrize("tree", [True, False])
def test_a_whole_model_lacks_nothing(cache: CacheMaker, tree: bool) -> None:
    cache.add("org/model", tiny_bert_files(), tree=tree)
    assert lacks(cache) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("config.json", "config.json is not here."),
        ("model.safetensors", "No weights are here."),
        ("tokenizer.json", "The model reads text, and no tokenizer is here."),
    ],
)
def test_what_is_missing_is_named(cache: CacheMaker, name: str, sentence: str) -> None:
    cache.add("org/model", without(BERT, name), tree=False)
    assert lacks(cache) == [sentence]


def test_what_the_listing_has_and_the_snapshot_has_not_is_named(cache: CacheMaker) -> None:
    commit = cache.add("org/model", {"model.gguf": tiny_gguf()}, tree=False)
    cache.write_tree("org/model", commit, {"model.gguf": tiny_gguf(), "tokenizer_config.json": b"{}"})
    assert lacks(cache) == ["tokenizer_config.json is not here."]


def test_what_the_repository_does_not_have_is_not_missed(cache: CacheMaker) -> None:
    cache.add("org/model", without(BERT, "tokenizer.json"))
    assert lacks(cache) == []


@pytest.mark.parametrize(
    "files",
    [
        {"model.Q4_K_M.gguf": tiny_gguf()},
        {"config.json": b'{"model_type": "vit", "hidden_size": 8}', "pytorch_model.bin": b"weights"},
        {"onnx/model.onnx": b"weights"},
        {"yolo.pt": b"weights"},
        {
            "config.json": BERT["config.json"],
            "tokenizer_config.json": b'{"tokenizer_class": "ByT5Tokenizer"}',
            "pytorch_model.bin": b"weights",
        },
    ],
)
def test_models_that_need_less_are_ready_without_it(cache: CacheMaker, files: dict[str, bytes]) -> None:
    cache.add("org/model", files, tree=False)
    assert lacks(cache) == []


def test_one_framework_is_enough(cache: CacheMaker) -> None:
    commit = cache.add("org/model", BERT, tree=False)
    cache.write_tree("org/model", commit, BERT | {"pytorch_model.bin": b"w", "tf_model.h5": b"w"})
    assert lacks(cache) == []


def test_a_shard_that_is_not_here_is_missed(cache: CacheMaker) -> None:
    shard = {"model-00001-of-00002.safetensors": tiny_safetensors()}
    cache.add("org/model", without(BERT, "model.safetensors") | shard, tree=False)
    assert lacks(cache) == ["Only 1 of the 2 files of the weights “model” are here."]


def test_a_file_that_an_index_names_is_missed(cache: CacheMaker) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "more.safetensors"}}
    cache.add("org/model", BERT | {"model.safetensors.index.json": json.dumps(index).encode()}, tree=False)
    assert lacks(cache) == ["model.safetensors.index.json names more.safetensors, which is not here."]


def test_each_part_of_a_pipeline_needs_its_weights(cache: CacheMaker) -> None:
    parts = {
        "model_index.json": b'{"_class_name": "P", "unet": ["diffusers", "U"], "vae": ["diffusers", "V"]}',
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.safetensors": tiny_safetensors(),
    }
    commit = cache.add("org/model", parts, tree=False)
    cache.write_tree(
        "org/model", commit, parts | {"vae/diffusion_pytorch_model.safetensors": tiny_safetensors()}
    )
    assert lacks(cache) == ["No weights are here in vae."]


@pytest.mark.parametrize(
    ("auto_map", "missing"),
    [
        ({"AutoModel": "modeling_own.Own"}, "modeling_own.py"),
        ({"AutoTokenizer": [None, "code.tokenizing.Own"]}, "code/tokenizing.py"),
    ],
)
def test_code_of_its_own_is_missed(cache: CacheMaker, auto_map: object, missing: str) -> None:
    files = BERT | {"config.json": json.dumps({"model_type": "own", "auto_map": auto_map}).encode()}
    cache.add("org/model", files, tree=False)
    assert lacks(cache) == [f"{missing}, code that loading the model runs, is not here."]
    cache.add("org/other", files | {missing: b"class Own: ..."}, tree=False)
    assert lacks(cache, "org/other") == []


def test_code_of_another_repository_is_missed(cache: CacheMaker) -> None:
    config = {"model_type": "own", "auto_map": {"AutoModel": "org/code--modeling_own.Own"}}
    cache.add("org/model", BERT | {"config.json": json.dumps(config).encode()})
    assert lacks(cache) == ["It runs code of org/code, which is not in this cache."]
    cache.add("org/code", {"modeling_own.py": b"class Own: ..."})
    assert lacks(cache) == []


def test_an_adapter_needs_its_base(cache: CacheMaker) -> None:
    config = b'{"peft_type": "LORA", "base_model_name_or_path": "org/base"}'
    cache.add(
        "org/model",
        {"adapter_config.json": config, "adapter_model.safetensors": tiny_safetensors()},
        tree=False,
    )
    assert lacks(cache) == ["It is an adapter of org/base, which is not in this cache."]
    cache.add("org/base", BERT)
    assert lacks(cache) == []


def test_a_name_that_leads_nowhere_is_told(cache: CacheMaker) -> None:
    cache.add("org/model", BERT, refs=("v1",))
    assert lacks(cache) == []
    cache.set_ref("org/model", "main", "a" * 40)
    assert lacks(cache) == ["The ref main leads to the commit aaaaaaaa, which is not here."]
    cache.add("org/other", BERT, refs=())
    assert lacks(cache, "org/other") == [
        "No branch or tag leads to it, so that its name alone does not find it."
    ]


def test_a_link_to_nothing_is_told(cache: CacheMaker) -> None:
    commit = cache.add("org/model", BERT)
    (cache.folder("org/model") / "snapshots" / commit / "tokenizer.json").resolve().unlink()
    assert "tokenizer.json leads to a content that is not here." in lacks(cache)


def test_a_tokenizer_s_configuration_is_none_of_the_model(cache: CacheMaker) -> None:
    cache.add("org/model", without(BERT, "config.json") | {"tokenizer_config.json": b"{}"}, tree=False)
    assert lacks(cache) == ["config.json is not here."]


def test_shards_need_the_index_that_names_them(cache: CacheMaker) -> None:
    shards = {f"model-0000{number}-of-00002.safetensors": tiny_safetensors() for number in (1, 2)}
    files = without(BERT, "model.safetensors") | shards
    index = {"weight_map": {name: name for name in shards}}
    commit = cache.add("org/model", files, tree=False)
    missed = "The index that names the files of the weights “model” is not here."
    assert lacks(cache) == [missed]
    cache.write_tree("org/model", commit, files | {"model.safetensors.index.json": b"{}"})
    assert lacks(cache) == [missed]
    whole = files | {"model.safetensors.index.json": json.dumps(index).encode()}
    cache.add("org/other", whole, tree=False)
    assert lacks(cache, "org/other") == []
    cache.add("org/gguf", {f"m-0000{number}-of-00002.gguf": tiny_gguf() for number in (1, 2)}, tree=False)
    assert lacks(cache, "org/gguf") == []


def test_a_vocabulary_in_two_files_needs_both(cache: CacheMaker) -> None:
    files = without(BERT, "tokenizer.json")
    config = {"tokenizer_config.json": b'{"tokenizer_class": "RobertaTokenizerFast"}'}
    cache.add("org/model", files | config | {"vocab.json": b"{}"}, tree=False)
    assert lacks(cache) == ["The tokenizer needs merges.txt, which is not here."]
    cache.add("org/merges", files | {"merges.txt": b""}, tree=False)
    assert lacks(cache, "org/merges") == ["The tokenizer needs vocab.json, which is not here."]
    speech = {"tokenizer_config.json": b'{"tokenizer_class": "Wav2Vec2CTCTokenizer"}'}
    cache.add("org/speech", files | speech | {"vocab.json": b"{}"}, tree=False)
    assert lacks(cache, "org/speech") == []


def test_what_code_imports_from_beside_it_is_missed(cache: CacheMaker) -> None:
    config = json.dumps({"model_type": "own", "auto_map": {"AutoModel": "code.model.Own"}}).encode()
    files = BERT | {
        "config.json": config,
        "code/model.py": b"import torch\nfrom .parts import X\n    from .more.deep import (\n",
        "code/parts.py": b"from .model import Own\nfrom .last import Y",
        "code/more/deep.py": b"",
    }
    cache.add("org/model", files, tree=False)
    assert lacks(cache) == ["code/last.py, code that loading the model runs, is not here."]
    cache.add("org/other", files | {"code/last.py": b""}, tree=False)
    assert lacks(cache, "org/other") == []


def test_another_repository_has_to_have_all_of_its_code(cache: CacheMaker) -> None:
    config = {"model_type": "own", "auto_map": {"AutoModel": "org/code--modeling_own.Own"}}
    cache.add("org/model", BERT | {"config.json": json.dumps(config).encode()})
    cache.add("org/code", {"modeling_own.py": b"from .parts import X"}, tree=False)
    assert lacks(cache) == ["It runs code of org/code, of which parts.py is not here."]


def test_whether_a_model_takes_a_tokenizer(cache: CacheMaker) -> None:
    cache.add("org/words", BERT, tree=False)
    cache.add("org/lost", without(BERT, "tokenizer.json"), tree=False)
    cache.add(
        "org/pictures", without(BERT, "tokenizer.json") | {"config.json": b'{"hidden_size": 8}'}, tree=False
    )
    found = {model.repo_id: reads_text(model.revisions[0]) for model in scan(cache.root).models}
    assert found == {"org/words": True, "org/lost": True, "org/pictures": False}


def test_each_module_of_a_chain_needs_its_settings(cache: CacheMaker) -> None:
    modules = [
        {"path": path, "type": f"sentence_transformers.models.{kind}"}
        for path, kind in (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    ]
    files = BERT | {"modules.json": json.dumps(modules).encode()}
    cache.add("org/model", files, tree=False)
    assert lacks(cache) == ["1_Pooling/config.json is not here."]
    cache.add("org/other", files | {"1_Pooling/config.json": b"{}"}, tree=False)
    assert lacks(cache, "org/other") == []


def test_a_pipeline_needs_something_of_each_part(cache: CacheMaker) -> None:
    files = {
        "model_index.json": b'{"_class_name": "P", "unet": ["diffusers", "U"], "scheduler": ["diffusers", "S"], '
        b'"image_encoder": [null, null]}',
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.safetensors": tiny_safetensors(),
    }
    cache.add("org/model", files, tree=False)
    assert lacks(cache) == ["Nothing of scheduler, a part of the pipeline, is here."]
    files["scheduler/scheduler_config.json"] = b"{}"
    cache.add("org/other", files, tree=False)
    assert lacks(cache, "org/other") == []
    cache.add("org/third", without(files, "unet/config.json"), tree=False)
    assert lacks(cache, "org/third") == ["unet/config.json is not here."]

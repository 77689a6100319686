"""Which files are taken of repositories as they are found on the Hub."""

from __future__ import annotations

import pytest
from huggingface_hub.utils import filter_repo_objects
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.hub.choice import choose_by_format, choose_by_globs
from modelkeep.hub.download_plan import FileFlag
from modelkeep.hub.file_kinds import flags_of, group_of, quantisation_of
from modelkeep.metadata.weights import weight_sets

BERT = "config.json tokenizer.json vocab.txt README.md .gitattributes"
SHARDS = "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json"

CASES = {
    "one framework, the safest": (
        f"{BERT} model.safetensors",
        (
            "pytorch_model.bin tf_model.h5 flax_model.msgpack rust_model.ot onnx/model.onnx onnx/config.json "
            "openvino/openvino_model.xml openvino/openvino_model.bin coreml/float32/x.mlpackage/weight.bin"
        ),
    ),
    "pickles where there is nothing else": (f"{BERT} pytorch_model.bin", "tf_model.h5 flax_model.msgpack"),
    "another framework where it is all there is": (f"{BERT} tf_model.h5", ""),
    "shards with their index": (
        f"config.json {SHARDS}",
        (
            "pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin pytorch_model.bin.index.json "
            "original/consolidated.00.pth"
        ),
    ),
    "one file before the same in shards": (
        "config.json model.safetensors",
        SHARDS,
    ),
    "shards that are all there before those that are not": (
        f"config.json {SHARDS}",
        "model.fp16-00001-of-00002.safetensors",
    ),
    "pickles where the safetensors are not whole": (
        "config.json pytorch_model.bin model-00001-of-00002.safetensors",
        "",
    ),
    "consolidated duplicates": (f"config.json {SHARDS}", "consolidated.safetensors"),
    "parts that only pickles have": (
        "model.safetensors 2_Dense/pytorch_model.bin 1_Pooling/config.json modules.json",
        "pytorch_model.bin",
    ),
    "pickles beside safetensors of the same name": ("t3.safetensors conds.pt", "t3.pt"),
    "a pipeline, by its folders": (
        (
            "model_index.json unet/config.json unet/diffusion_pytorch_model.safetensors "
            "text_encoder/model.safetensors vae/diffusion_pytorch_model.fp16.safetensors "
            "safety_checker/pytorch_model.bin tokenizer/vocab.json"
        ),
        (
            "unet/diffusion_pytorch_model.fp16.safetensors unet/diffusion_pytorch_model.bin "
            "unet/diffusion_flax_model.msgpack text_encoder/pytorch_model.bin v1-5.safetensors v1-5.ckpt"
        ),
    ),
    "variants of shards": (
        f"{SHARDS}",
        (
            "model.fp16-00001-of-00002.safetensors model.fp16-00002-of-00002.safetensors "
            "model.safetensors.index.fp16.json"
        ),
    ),
    "one quantisation": (
        "README.md a-Q4_K_M.gguf",
        "a-Q2_K.gguf a-Q4_K_S.gguf a-Q8_0.gguf a-IQ4_XS.gguf a-f16.gguf",
    ),
    "a quantisation in several files": (
        "a-Q4_K_M-00001-of-00002.gguf a-Q4_K_M-00002-of-00002.gguf",
        "a-Q8_0-00001-of-00002.gguf a-Q8_0-00002-of-00002.gguf BF16/a-BF16-00001-of-00001.gguf",
    ),
    "the nearest quantisation": ("a.Q5_K_M.gguf", "a.Q2_K.gguf a.Q3_K_M.gguf a.Q6_K.gguf a.Q8_0.gguf"),
    "one way to see": ("a-Q4_K_M.gguf mmproj-F16.gguf", "a-Q8_0.gguf mmproj-F32.gguf imatrix.gguf"),
    "safetensors before quantisations": ("config.json model.safetensors", "model-Q4_K_M.gguf"),
    "one precision for a browser": (
        "config.json onnx/model.onnx onnx/model.onnx_data",
        "onnx/model_fp16.onnx onnx/model_quantized.onnx onnx/model_q4f16.onnx",
    ),
    "what a training left": (
        "config.json adapter_config.json adapter_model.safetensors",
        (
            "optimizer.pt rng_state_0.pth scheduler.pt training_args.bin checkpoint-500/adapter_model.safetensors "
            "runs/events.out.tfevents.1"
        ),
    ),
    "several models that are no variants": ("anime.safetensors photo.safetensors README.md", "sample.png"),
    "code": ("model.safetensors modeling_name.py configuration_name.py", ""),
    "only pictures": ("a.png b.png", ""),
    "a tokenizer of its maker beside ours": (
        f"config.json {SHARDS} tokenizer.json tokenizer.model.v3 params.json tekken.json",
        (
            "consolidated-00001-of-00002.safetensors consolidated-00002-of-00002.safetensors "
            "consolidated.safetensors.index.json"
        ),
    ),
    "only as its makers had it": ("consolidated.safetensors params.json tekken.json", ""),
    "what lets it see, named last": ("gemma-Q4_K_M.gguf gemma-mmproj-f16.gguf", "gemma-Q8_0.gguf"),
    "quantisations in pieces that nothing loads": (
        "m-Q4_K_M.gguf README.md",
        "m-Q6_K.gguf-split-a m-Q6_K.gguf-split-b m-Q8_0.gguf.part1of2 m-Q8_0.gguf.part2of2",
    ),
    "only pieces": ("m-Q6_K.gguf-split-a m-Q6_K.gguf-split-b", ""),
    "a pickle and voices": (
        "config.json pytorch_model.bin speaker_embeddings/v2/en_0.npz speaker_embeddings/de_0.npy",
        "",
    ),
    "weights of MLX": ("config.json weights.npz tokenizer.model", ""),
    "nothing but checkpoints of a training": (
        "checkpoint-1/model.safetensors checkpoint-2/model.safetensors README.md",
        "checkpoint-1/optimizer.pt checkpoint-2/optimizer.pt checkpoint-2/rng_state.pth",
    ),
    "weights of other frameworks in several files": (
        "config.json model.safetensors",
        (
            "model.onnx model.onnx.data model.onnx_data_1 saved_model.pb variables/variables.index "
            "variables/variables.data-00000-of-00001 bert_model.ckpt.meta bert_model.ckpt.data-00000-of-00001"
        ),
    ),
    "a pack for MedCAT": ("README.md medmen_2021.zip", ""),
    "a pipeline of spaCy": (
        "config.cfg meta.json vocab/strings.json vocab/vectors ner/model en_core-any-py3-none-any.whl",
        "",
    ),
    "a model of sentence-transformers": (
        f"{BERT} modules.json 1_Pooling/config.json model.safetensors 2_Dense/model.safetensors train.py",
        (
            "pytorch_model.bin 2_Dense/pytorch_model.bin rust_model.ot onnx/model_O1.onnx "
            "openvino/openvino_model.xml"
        ),
    ),
    "Whisper": (
        f"{BERT} model.safetensors preprocessor_config.json normalizer.json",
        (
            "model.fp32-00001-of-00002.safetensors model.fp32-00002-of-00002.safetensors "
            "model.safetensors.index.fp32.json pytorch_model.bin flax_model.msgpack"
        ),
    ),
    "SDXL": (
        (
            "model_index.json unet/diffusion_pytorch_model.safetensors text_encoder_2/model.safetensors "
            "vae_1_0/diffusion_pytorch_model.safetensors scheduler/scheduler_config.json"
        ),
        (
            "sd_xl_base_1.0.safetensors unet/diffusion_pytorch_model.fp16.safetensors unet/model.onnx_data "
            "text_encoder_2/model.fp16.safetensors vae_decoder/model.onnx unet/openvino_model.bin"
        ),
    ),
    "a pipeline in half precision alone": (
        "model_index.json unet/diffusion_pytorch_model.fp16.safetensors vae/diffusion_pytorch_model.fp16.safetensors",
        "",
    ),
    "CTranslate2": ("config.json model.bin vocabulary.txt tokenizer.json", ""),
    "fastText": ("cc.en.300.bin README.md", ""),
    "OpenVINO alone": ("config.json openvino_model.xml openvino_model.bin openvino_tokenizer.xml", ""),
    "Core ML alone": (
        "README.md m.mlpackage/Manifest.json m.mlpackage/Data/com.apple.CoreML/weights/weight.bin",
        "",
    ),
    "GPTQ": ("config.json quantize_config.json gptq_model-4bit-128g.safetensors", ""),
    "a tokenizer alone": ("tokenizer.json tokenizer_config.json vocab.json merges.txt", ""),
    "adapters in folders": (
        f"{SHARDS} speech-lora/adapter_model.safetensors vision-lora/adapter_model.safetensors",
        "",
    ),
    "with a head of its own": (
        "model.safetensors model_head.pkl config_setfit.json",
        "",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_taken_by_default(case: str) -> None:
    taken, left = (names.split() for names in CASES[case])
    choices = choose_by_format(dict.fromkeys((*taken, *left), 1000))
    assert {name for name, choice in choices.items() if choice.chosen} == set(taken)
    assert all(choice.reason for choice in choices.values() if not choice.chosen)


@pytest.mark.parametrize("repo_type", ["dataset", "space"])
def test_all_of_what_is_no_model_is_taken(repo_type: str) -> None:
    files = ("README.md", "images/a.jpg", "train.bin", "train.npz", "checkpoint-1/a.pt", "app.py")
    assert all(choice.chosen for choice in choose_by_format(dict.fromkeys(files, 9), repo_type).values())


NAMES = st.sampled_from(
    sorted({name for both in CASES.values() for names in both for name in names.split()})
) | st.text("abc./-_0123456789", min_size=1, max_size=12)


@given(st.dictionaries(NAMES, st.integers(0, 10**12), min_size=1, max_size=25))
def test_something_is_always_taken_and_no_set_of_shards_in_part(sizes: dict[str, int]) -> None:
    choices = choose_by_format(sizes)
    assert choices.keys() == sizes.keys()
    taken = {name for name, choice in choices.items() if choice.chosen}
    assert taken
    for suffix in (".safetensors", ".bin", ".gguf"):
        for one in weight_sets(sizes, suffix):
            if one.expected > 1:
                assert taken >= set(one.files) or not taken & set(one.files)


PATTERNS = st.lists(
    st.sampled_from(
        ["*.json", "*", "onnx/", "onnx/*", "*/model*", "model.?afetensors", "[a-c]*", "unet", "*.bin"]
    ),
    max_size=3,
)


@given(st.sets(NAMES, max_size=15), PATTERNS, PATTERNS)
def test_globs_are_the_client_s(names: set[str], include: list[str], exclude: list[str]) -> None:
    choices = choose_by_globs(names, include, exclude)
    expected = filter_repo_objects(
        sorted(names), allow_patterns=include or None, ignore_patterns=exclude or None
    )
    assert sorted(name for name, choice in choices.items() if choice.chosen) == list(expected)


@pytest.mark.parametrize(
    ("name", "quantisation"),
    [
        ("Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("model.q5_k_s.gguf", "Q5_K_S"),
        ("qwen2.5-7b-instruct-q8_0-00001-of-00003.gguf", "Q8_0"),
        ("DeepSeek-R1-UD-IQ1_S.gguf", "UD-IQ1_S"),
        ("BF16/model-00001-of-00002.gguf", "BF16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("model-fp16.gguf", "F16"),
        ("model.gguf", ""),
    ],
)
def test_the_quantisation_is_in_the_name(name: str, quantisation: str) -> None:
    assert quantisation_of(name) == quantisation
    assert group_of(name) == f"weights:gguf:{quantisation}".removesuffix(":")


@pytest.mark.parametrize(
    ("name", "group", "flags"),
    [
        ("model.safetensors", "weights:safetensors", ()),
        ("pytorch_model.bin", "weights:pickle", (FileFlag.PICKLE,)),
        ("openvino_model.bin", "weights:openvino", ()),
        ("training_args.bin", "other", (FileFlag.PICKLE,)),
        ("data.pkl", "other", (FileFlag.PICKLE,)),
        ("tokenizer.json", "tokenizer", ()),
        ("config.json", "config", ()),
        ("LICENSE", "card", ()),
        ("README.md", "card", ()),
        ("modeling.py", "code", (FileFlag.CODE,)),
        ("install.sh", "other", (FileFlag.EXECUTABLE,)),
        ("lib/native.so.1", "other", (FileFlag.EXECUTABLE,)),
        ("model.safetensors.index.json", "weights:safetensors", ()),
    ],
)
def test_what_a_file_is_by_its_name(name: str, group: str, flags: tuple[FileFlag, ...]) -> None:
    assert (group_of(name), flags_of(name)) == (group, flags)

"""A file's kind is told from its name, and quickly."""

from __future__ import annotations

import time

import pytest

from modelkeep.metadata.kinds import WEIGHT_KINDS, FileKind, file_kind, is_loaded_weight


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model.safetensors", FileKind.SAFETENSORS),
        ("model-00001-of-00002.safetensors", FileKind.SAFETENSORS),
        ("model.safetensors.index.json", FileKind.CONFIG),
        ("llama-2-7b.Q4_K_M.gguf", FileKind.GGUF),
        ("ggml-base.bin", FileKind.GGML),
        ("pytorch_model.bin", FileKind.PICKLE),
        ("training_args.bin", FileKind.PICKLE),
        ("unet/diffusion_pytorch_model.bin", FileKind.PICKLE),
        ("consolidated.00.pth", FileKind.PICKLE),
        ("model.CKPT", FileKind.PICKLE),
        ("cdb.dat", FileKind.PICKLE),
        ("cdb/raw_dict.dat", FileKind.PICKLE),
        ("readings.dat", FileKind.DATA),
        ("weights.npz", FileKind.DATA),
        ("onnx/model.onnx", FileKind.ONNX),
        ("onnx/model.onnx_data", FileKind.ONNX),
        ("onnx/model.onnx_data_1", FileKind.ONNX),
        ("tf_model.h5", FileKind.TENSORFLOW),
        ("model.ckpt-1000000.index", FileKind.TENSORFLOW),
        ("model.ckpt-1000000.data-00000-of-00001", FileKind.TENSORFLOW),
        ("variables/variables.index", FileKind.TENSORFLOW),
        ("faiss.index", FileKind.OTHER),
        ("flax_model.msgpack", FileKind.FLAX),
        ("model.tflite", FileKind.TFLITE),
        ("openvino/openvino_model.bin", FileKind.OPENVINO),
        ("coreml/Model.mlpackage/Data/com.apple.CoreML/weights/weight.bin", FileKind.COREML),
        ("tokenizer.json", FileKind.TOKENIZER),
        ("vocab.txt", FileKind.TOKENIZER),
        ("sentencepiece.bpe.model", FileKind.TOKENIZER),
        ("chat_template.jinja", FileKind.TOKENIZER),
        ("config.json", FileKind.CONFIG),
        ("modeling_custom.py", FileKind.CODE),
        ("README.md", FileKind.CARD),
        ("docs/README.md", FileKind.CARD),
        ("LICENSE", FileKind.LICENCE),
        ("LICENSE.md", FileKind.LICENCE),
        ("license.py", FileKind.CODE),
        ("NOTICE.txt", FileKind.LICENCE),
        ("train.parquet", FileKind.DATA),
        ("assets/plot.PNG", FileKind.IMAGE),
        (".gitattributes", FileKind.OTHER),
        ("strange", FileKind.OTHER),
        ("", FileKind.OTHER),
        ("a.bin/b", FileKind.OTHER),
    ],
)
def test_a_name_tells_the_kind(name: str, kind: FileKind) -> None:
    assert file_kind(name) is kind


def test_a_bin_beside_its_xml_is_openvino_and_no_pickle() -> None:
    names = {"ov/model.xml", "ov/model.bin", "other/model.bin", "notes.xml"}

    kinds = {name: file_kind(name, names) for name in names}

    assert kinds == {
        "ov/model.xml": FileKind.OPENVINO,
        "ov/model.bin": FileKind.OPENVINO,
        "other/model.bin": FileKind.PICKLE,
        "notes.xml": FileKind.OTHER,
    }


def test_what_training_left_behind_is_no_weight_of_the_model() -> None:
    left = ["training_args.bin", "optimizer.pt", "checkpoint-5/rng_state_0.pth", "scheduler.pt"]

    assert not any(is_loaded_weight(name, file_kind(name)) for name in left)
    assert is_loaded_weight("pytorch_model.bin", FileKind.PICKLE)
    assert not is_loaded_weight("config.json", FileKind.CONFIG)


def test_weight_kinds_come_first_in_the_order_of_kinds() -> None:
    assert set(list(FileKind)[: len(WEIGHT_KINDS)]) == WEIGHT_KINDS


def test_a_hundred_thousand_names_take_a_moment() -> None:
    names = {f"folder/{number}/model-{number}.bin" for number in range(100_000)}

    start = time.process_time()
    for name in names:
        file_kind(name, names)

    assert time.process_time() - start < 1

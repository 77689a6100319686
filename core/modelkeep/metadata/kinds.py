"""What a file of a model is, told from its path in the repository alone: cheap enough for 100,000 files."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

__all__ = ["WEIGHT_KINDS", "FileKind", "file_kind", "is_loaded_weight"]


class FileKind(StrEnum):
    """The weight formats first, those that are safe and common before the others: the order in which they are shown.

    PICKLE is every file that may be a pickle or carry one, TENSORFLOW its checkpoints, graphs and Keras files.
    Numpy's `.npy` and `.npz` are DATA: numpy refuses pickles in them unless it is told to accept them.
    """

    SAFETENSORS = "safetensors"
    GGUF = "gguf"
    GGML = "ggml"
    ONNX = "onnx"
    OPENVINO = "openvino"
    COREML = "coreml"
    TFLITE = "tflite"
    TENSORFLOW = "tensorflow"
    FLAX = "flax"
    TENSORRT = "tensorrt"
    DDUF = "dduf"
    PICKLE = "pickle"
    TOKENIZER = "tokenizer"
    CONFIG = "config"
    CODE = "code"
    CARD = "card"
    LICENCE = "licence"
    DATA = "data"
    IMAGE = "image"
    OTHER = "other"


WEIGHT_KINDS = frozenset(
    {
        FileKind.SAFETENSORS,
        FileKind.GGUF,
        FileKind.GGML,
        FileKind.ONNX,
        FileKind.OPENVINO,
        FileKind.COREML,
        FileKind.TFLITE,
        FileKind.TENSORFLOW,
        FileKind.FLAX,
        FileKind.TENSORRT,
        FileKind.DDUF,
        FileKind.PICKLE,
    }
)
"""The kinds that hold a model's weights."""

_SUFFIXES: dict[str, FileKind] = {
    suffix: kind
    for kind, suffixes in {
        FileKind.SAFETENSORS: "safetensors",
        FileKind.GGUF: "gguf",
        FileKind.GGML: "ggml",
        # A .nemo file is a tar with a .ckpt in it, .pdparams is a pickled dictionary.
        FileKind.PICKLE: "bin pt pth ckpt pkl pickle joblib dill t7 mar nemo pdparams",
        FileKind.ONNX: "onnx onnx_data ort",
        FileKind.COREML: "mlmodel",
        FileKind.TFLITE: "tflite",
        FileKind.TENSORFLOW: "h5 hdf5 keras pb",
        FileKind.FLAX: "msgpack",
        FileKind.TENSORRT: "engine plan",
        FileKind.DDUF: "dduf",
        FileKind.TOKENIZER: "model tiktoken spm jinja codes",
        FileKind.CONFIG: "json yaml yml toml cfg ini conf",
        FileKind.CODE: "py pyc pyd ipynb so dll dylib exe sh bat ps1 js c cc cpp cu h rs",
        FileKind.DATA: "npy npz csv tsv jsonl parquet arrow feather db sqlite dat zip tar gz tgz bz2 xz zst "
        "7z whl wav mp3 flac ogg m4a mp4 webm",
        FileKind.IMAGE: "png jpg jpeg gif webp svg bmp ico tiff avif",
    }.items()
    for suffix in suffixes.split()
}

_NAMES: dict[str, FileKind] = {
    name: kind
    for kind, names in {
        FileKind.TOKENIZER: "tokenizer.json tokenizer_config.json special_tokens_map.json added_tokens.json "
        "vocab.txt vocab.json merges.txt bpe.vocab chat_template.json normalizer.json",
        FileKind.CARD: "readme.md",
        FileKind.CONFIG: "requirements.txt",
        FileKind.OPENVINO: "openvino_model.xml openvino_model.bin openvino_tokenizer.xml openvino_tokenizer.bin "
        "openvino_detokenizer.xml openvino_detokenizer.bin",
        # What MedCAT writes: 1.x the two databases, 2.x the attributes of each part; all are dill's pickles.
        FileKind.PICKLE: "cdb.dat vocab.dat raw_dict.dat",
    }.items()
    for name in names.split()
}

_LICENCES = ("license", "licence", "copying", "notice", "unlicense")
_TRAINING_STATE = frozenset(
    {"training_args", "optimizer", "scheduler", "scaler", "rng_state", "random_states"}
)


def file_kind(name: str, beside: Collection[str] = ()) -> FileKind:
    """The kind of the file at the path `name` in a repository.

    `beside` holds all paths of the repository (a set, for speed): with it `model.bin` beside `model.xml` is known
    to be OpenVINO's weights and not a pickle.
    """
    base = name.rpartition("/")[2].lower()
    if kind := _NAMES.get(base):
        return kind
    stem, _, suffix = base.rpartition(".")
    if suffix == "bin":
        return _kind_of_bin(name, base, beside)
    if stem and (kind := _SUFFIXES.get(suffix)):
        return kind
    if base.startswith(_LICENCES):
        return FileKind.LICENCE
    if suffix == "xml" and f"{name[:-4]}.bin" in beside:
        return FileKind.OPENVINO
    if _is_part_of_checkpoint(base, suffix):
        return FileKind.TENSORFLOW
    if ".onnx_data" in base or ".onnx.data" in base:
        return FileKind.ONNX
    return FileKind.OTHER


def _kind_of_bin(name: str, base: str, beside: Collection[str]) -> FileKind:
    if f"{name[:-4]}.xml" in beside:
        return FileKind.OPENVINO
    if base.startswith("ggml-"):
        return FileKind.GGML
    if ".mlpackage/" in name or ".mlmodelc/" in name:
        return FileKind.COREML
    return FileKind.PICKLE


def _is_part_of_checkpoint(base: str, suffix: str) -> bool:
    # model.ckpt-1000.index, .meta and .data-00000-of-00001; variables.index in a SavedModel.
    if suffix.startswith("data-0"):
        return True
    return suffix in ("index", "meta") and (".ckpt" in base or base.startswith("variables."))


def is_loaded_weight(name: str, kind: FileKind) -> bool:
    """Whether loading the model reads this file as weights; what training leaves beside them are pickles too."""
    base = name.rpartition("/")[2].lower()
    return kind in WEIGHT_KINDS and base.partition(".")[0].rstrip("_0123456789") not in _TRAINING_STATE

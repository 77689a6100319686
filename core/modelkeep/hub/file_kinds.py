"""What a file of a repository is, told from its name alone: whose weights, a tokenizer, code, a danger."""

from __future__ import annotations

import re

from modelkeep.hub.download_plan import FileFlag

__all__ = ["INDEX", "PICKLES", "TRAINING", "flags_of", "framework_of", "group_of", "quantisation_of"]

PICKLES = (".bin", ".pt", ".pth", ".ckpt")
_FLAGGED_PICKLES = (*PICKLES, ".pkl", ".pickle", ".joblib", ".dill", ".pyc")
_CODE = (".py", ".ipynb", ".js", ".lua", ".r", ".jl", ".c", ".cc", ".cpp", ".cu", ".h", ".hpp", ".rs", ".go")
_EXECUTABLES = (
    *(
        ".exe",
        ".dll",
        ".so",
        ".dylib",
        ".msi",
        ".com",
        ".scr",
        ".app",
        ".jar",
        ".apk",
        ".deb",
        ".rpm",
        ".whl",
    ),
    *(".sh", ".bash", ".bat", ".cmd", ".ps1", ".vbs", ".llamafile"),
)
_OTHER_FRAMEWORKS = {
    ".h5": "tensorflow",
    ".keras": "tensorflow",
    ".msgpack": "flax",
    ".ot": "rust",
    ".onnx": "onnx",
    ".tflite": "tflite",
    ".mlmodel": "coreml",
    ".nemo": "nemo",
    ".engine": "tensorrt",
}
# A folder of one framework; what is in it belongs to it.
_FOLDERS = {
    "onnx": "onnx",
    "openvino": "openvino",
    "coreml": "coreml",
    "tflite": "tflite",
    "saved_model": "tensorflow",
    "tf": "tensorflow",
    "flax": "flax",
}
_TOKENIZER = re.compile(
    r"tokenizer.*|vocab.*|.*merges\.txt|special_tokens_map\.json|added_tokens\.json|spiece\.model|.*\.spm"
    r"|sentencepiece.*|.*\.tiktoken|bpe\.codes|chat_template.*|normalizer\.json|.*\.bpe",
    re.IGNORECASE,
)
_CARD = re.compile(
    r"(?:readme|licen[cs]e|notice|use_policy|copying|authors|citation)\b.*|.*\.md", re.IGNORECASE
)
_CONFIG = (".json", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".jinja")
INDEX = re.compile(r"(.+)\.(safetensors|bin|h5|msgpack)\.index(?:\.([\w-]+))?\.json")
TRAINING = re.compile(
    r"(?:optimizer|scheduler|scaler|rng_state(?:_\d+)?|training_args|trainer_state|global_step\d+.*)"
    r"\.(?:pt|pth|bin|json|safetensors)|events\.out\.tfevents.*|.*\.pyc",
    re.IGNORECASE,
)
_TENSORFLOW = re.compile(r"(?:.*\.ckpt(?:-\d+)?|variables)\.(?:data-\d{5}-of-\d{5}|index|meta)")
_ONNX_DATA = re.compile(r".*\.onnx[._]data(?:_\d+)?")
_GGUF_PIECE = re.compile(r".*\.gguf[-.](?:split-?[a-z]+|part-?\w+)")
"""A file that was cut in pieces, which nothing loads before they are put together."""
_QUANTISATION = re.compile(
    r"(?:^|[-_./])((?:ud[-_])?(?:i?q\d(?:_[0-9a-z]+)*|tq\d_\d|bf16|fp?16|fp?32|mxfp4(?:_moe)?|nvfp4))(?=[-_./]|$)",
    re.IGNORECASE,
)


def flags_of(path: str) -> tuple[FileFlag, ...]:
    """What a person should know of a file, from its name."""
    name = path.rpartition("/")[2].lower()
    flags = []
    if name.endswith(_FLAGGED_PICKLES) and framework_of(path) in ("", "pickle"):
        flags.append(FileFlag.PICKLE)
    if name.endswith(_CODE):
        flags.append(FileFlag.CODE)
    if name.endswith(_EXECUTABLES) or ".so." in name:
        flags.append(FileFlag.EXECUTABLE)
    return tuple(flags)


def group_of(path: str) -> str:
    """What kind of thing a file is (see `PlannedFile.group`)."""
    name = path.rpartition("/")[2]
    if index := INDEX.fullmatch(name):
        kind = {"safetensors": "safetensors", "bin": "pickle", "h5": "tensorflow", "msgpack": "flax"}[
            index[2]
        ]
        return f"weights:{_framework_folder(path) or kind}"
    framework = framework_of(path)
    if framework == "gguf":
        return f"weights:gguf:{quantisation_of(path)}".removesuffix(":")
    if framework:
        return f"weights:{framework}"
    if _CARD.fullmatch(name):
        return "card"
    if _TOKENIZER.fullmatch(name):
        return "tokenizer"
    if name.lower().endswith(_CODE):
        return "code"
    return "config" if name.lower().endswith(_CONFIG) else "other"


def quantisation_of(path: str) -> str:
    """The quantisation that the name of a GGUF file speaks of, as llama.cpp writes it (Q4_K_M); "" for none."""
    folder, _, name = path.rpartition("/")
    stem = re.sub(r"-\d{5}-of-\d{5}$", "", name[: -len(".gguf")] if name.lower().endswith(".gguf") else name)
    for text in (stem, folder):
        if found := _QUANTISATION.findall(text):
            return str(found[-1]).upper().replace("UD_", "UD-").replace("FP16", "F16").replace("FP32", "F32")
    return ""


def framework_of(path: str) -> str:
    """Whose weights a file has, "" when it has none."""
    name = path.rpartition("/")[2].lower()
    if folder := _framework_folder(path):
        return folder
    if TRAINING.fullmatch(name):
        return ""
    if name.endswith(".safetensors"):
        return "safetensors"
    if name.endswith(".gguf"):
        return "gguf"
    if name.startswith("openvino_") and name.endswith((".bin", ".xml")):
        return "openvino"
    if name.startswith("ggml") and name.endswith(".bin"):
        return "ggml"
    if name.endswith(PICKLES):
        return "pickle"
    if name == "saved_model.pb" or _TENSORFLOW.fullmatch(name):
        return "tensorflow"
    if _GGUF_PIECE.fullmatch(name):
        return "gguf"
    if _ONNX_DATA.fullmatch(name):
        return "onnx"
    if name.endswith(".npz") and name.startswith(("weights", "model")):
        return "mlx"
    return next((kind for suffix, kind in _OTHER_FRAMEWORKS.items() if name.endswith(suffix)), "")


def _framework_folder(path: str) -> str:
    for part in path.lower().split("/")[:-1]:
        if kind := _FOLDERS.get(part):
            return kind
        if part.endswith((".mlpackage", ".mlmodelc")):
            return "coreml"
    return ""

"""The JSON files that say how a model is built, and with that which library made it and what it is for.

Each reader takes the parsed content of one file and says only what that file says; anything may be missing or be of
another type than it should.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping

from modelkeep.metadata.facts import Facts
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.metadata.tasks import task_of

__all__ = ["CONFIG_FILES", "read_config", "told_by_names"]

Fields = Mapping[str, object]

_DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "int8": "I8",
    "uint8": "U8",
}
"""torch's names, and safetensors' names for the same."""

_CONTEXT_FIELDS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "max_sequence_length",
    "seq_length",
    "n_ctx",
)
# These count positions from the padding token's id on, so some of their position embeddings are never used
# (transformers, create_position_ids_from_input_ids).
_POSITIONS_AFTER_PADDING = frozenset(
    {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer", "data2vec-text", "mpnet"}
)

_PEFT_TASKS = {
    "CAUSAL_LM": "text-generation",
    "SEQ_2_SEQ_LM": "text2text-generation",
    "SEQ_CLS": "text-classification",
    "TOKEN_CLS": "token-classification",
    "QUESTION_ANS": "question-answering",
    "FEATURE_EXTRACTION": "feature-extraction",
}


def read_config(name: str, path: str | os.PathLike[str]) -> Facts:
    """What the file `name`, one of `CONFIG_FILES`, says; its content lies at `path`.

    Raises `Unreadable` when it is not JSON of the right kind, and `OSError`.
    """
    value = read_json(path)
    if name == "modules.json":
        return _from_modules(value)
    if not isinstance(value, dict):
        raise Unreadable("The file is JSON, but not an object.")
    return _READERS[name](value)


def _from_config(config: Fields) -> Facts:
    if "_diffusers_version" in config:
        return Facts(library="diffusers", architecture=_text(config, "_class_name"))
    if _text(config, "architecture") and "architectures" not in config:
        return _from_timm(config)
    architecture = next(iter(_texts(config, "architectures")), "")
    inner = _dict(config, "text_config")
    return Facts(
        library=_library(config, architecture),
        task=task_of(architecture, config),
        architecture=architecture or _text(config, "model_type"),
        dtype=_dtype(config) or _dtype(inner),
        quantisation=_quantisation(config),
        context=_context(config) or _context(inner),
        custom_code=bool(config.get("auto_map")),
    )


def _library(config: Fields, architecture: str) -> str:
    if "quantization" in config and not _dict(config, "quantization_config").get("quant_method"):
        return "mlx"
    return "transformers" if architecture or _text(config, "model_type") else ""


def _from_timm(config: Fields) -> Facts:
    pretrained = _dict(config, "pretrained_cfg")
    if not pretrained and "num_features" not in config:
        return Facts(architecture=_text(config, "architecture"))
    classes = config.get("num_classes", pretrained.get("num_classes", 0))
    return Facts(
        library="timm",
        licence=_text(pretrained, "license"),
        architecture=_text(config, "architecture"),
        task="image-classification" if classes else "image-feature-extraction",
    )


def _dtype(config: Fields) -> str:
    name = (_text(config, "dtype") or _text(config, "torch_dtype")).removeprefix("torch.")
    return _DTYPES.get(name, "")


def _context(config: Fields) -> int:
    for field in _CONTEXT_FIELDS:
        if positions := _integer(config, field):
            if config.get("model_type") in _POSITIONS_AFTER_PADDING:
                positions -= _integer(config, "pad_token_id") + 1
            return max(positions, 0)
    return 0


def _quantisation(config: Fields) -> str:
    """A short name: “GPTQ 4-bit”, “bitsandbytes NF4”, “FP8”."""
    how = _dict(config, "quantization_config") or _dict(config, "quantization")
    if not how:
        return ""
    method = _text(how, "quant_method") or ("MLX" if "quantization" in config else "")
    if method in ("bitsandbytes", "") and how.get("load_in_4bit"):
        return f"bitsandbytes {(_text(how, 'bnb_4bit_quant_type') or '4-bit').upper().replace('BIT', 'bit')}"
    if method in ("bitsandbytes", "") and how.get("load_in_8bit"):
        return "bitsandbytes 8-bit"
    named = method if "-" in method or method in ("bitsandbytes", "torchao") else method.upper()
    bits = _bits(how)
    return f"{named} {bits}-bit".strip() if bits else named or "quantised"


def _bits(how: Fields) -> int:
    if bits := _integer(how, "bits") or _integer(how, "w_bit"):
        return bits
    # compressed-tensors has groups of layers, each with a scheme of its own.
    groups = _dict(how, "config_groups").values()
    return next(
        (_integer(_dict(group, "weights"), "num_bits") for group in groups if isinstance(group, dict)), 0
    )


def _from_tokenizer(config: Fields) -> Facts:
    # Without a limit of its own a tokenizer says 10^30.
    longest = _integer(config, "model_max_length")
    return Facts(context=longest if longest < 1 << 40 else 0, custom_code=bool(config.get("auto_map")))


def _from_modules(modules: object) -> Facts:
    """sentence-transformers: a chain of modules, each in a folder; the transformer is often at the top."""
    if not isinstance(modules, list):
        raise Unreadable("The file is JSON, but not a list of modules.")
    modules = [module for module in modules if isinstance(module, dict)]
    return Facts(
        library="sentence-transformers",
        task="sentence-similarity",
        components=tuple(_text(module, "path").strip("/") for module in modules),
        custom_code=any(not _text(module, "type").startswith("sentence_transformers.") for module in modules),
    )


def _from_model_index(index: Fields) -> Facts:
    """diffusers: a pipeline of components, each `[library, class]` and in a folder of its name."""
    pipeline = _text(index, "_class_name")
    components = tuple(
        name
        for name, made_of in index.items()
        if isinstance(made_of, list) and any(made_of) and name[:1] != "_"
    )
    return Facts(
        library="diffusers",
        task=_pipeline_task(pipeline, components),
        architecture=pipeline,
        components=components,
    )


def _pipeline_task(pipeline: str, components: Collection[str]) -> str:
    for word, task in (
        ("Img2Img", "image-to-image"),
        ("Inpaint", "image-to-image"),
        ("Upscale", "image-to-image"),
        ("ImageToVideo", "image-to-video"),
        ("VideoDiffusion", "image-to-video"),
        ("Video", "text-to-video"),
        ("Audio", "text-to-audio"),
        ("Music", "text-to-audio"),
    ):
        if word in pipeline:
            return task
    if any(name.startswith("text_encoder") for name in components):
        return "text-to-image"
    return "unconditional-image-generation" if pipeline.startswith("DD") else ""


def _from_adapter(adapter: Fields) -> Facts:
    base = _text(adapter, "base_model_name_or_path")
    return Facts(
        library="peft",
        task=_PEFT_TASKS.get(_text(adapter, "task_type"), ""),
        architecture=_text(adapter, "peft_type"),
        base_models=(base,) if base else (),
        custom_code=bool(adapter.get("auto_mapping")),
    )


def _from_spacy(meta: Fields) -> Facts:
    if "spacy_version" not in meta:
        return Facts()
    pipes = _texts(meta, "pipeline")
    tasks = {
        "ner": "token-classification",
        "textcat": "text-classification",
        "tagger": "token-classification",
    }
    language = _text(meta, "lang")
    return Facts(
        licence=_text(meta, "license"),
        languages=(language,) if language else (),
        library="spacy",
        task=next((tasks[pipe] for pipe in pipes if pipe in tasks), ""),
    )


def _from_medcat(card: Fields) -> Facts:
    if "MedCAT Version" not in card:
        return Facts()
    return Facts(library="medcat", task="token-classification", tags=_texts(card, "Source Ontology"))


_READERS: dict[str, Callable[[Fields], Facts]] = {
    "adapter_config.json": _from_adapter,
    "model_index.json": _from_model_index,
    "model_card.json": _from_medcat,
    "meta.json": _from_spacy,
    "config.json": _from_config,
    "tokenizer_config.json": _from_tokenizer,
}

CONFIG_FILES = ("modules.json", *_READERS)
"""The files that are read, as they lie at the top of a repository: the one that is believed first comes first."""


def told_by_names(names: Collection[str]) -> Facts:
    """What the mere presence of some files says, more plainly than what is in a `config.json` beside them."""
    for marker, library, task in (
        ("config_sentence_transformers.json", "sentence-transformers", "sentence-similarity"),
        ("config_setfit.json", "setfit", "text-classification"),
        ("open_clip_config.json", "open_clip", "zero-shot-image-classification"),
        ("cdb.dat", "medcat", "token-classification"),
    ):
        if marker in names:
            return Facts(library=library, task=task)
    return Facts(library="nemo") if any(name.endswith(".nemo") for name in names) else Facts()


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return " ".join(value.split())[:200] if isinstance(value, str) else ""


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    value = fields.get(name)
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str) and item)


def _integer(fields: Fields, name: str) -> int:
    value = fields.get(name)
    return value if type(value) is int and value > 0 else 0


def _dict(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}

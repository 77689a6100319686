"""Loading the parts of a model with transformers, by its name and without a network, its errors in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelkeep.checking.plain_words import AGAIN, Source, in_plain_words, note_what_is_missed
from modelkeep.errors import InferenceError
from modelkeep.progress import Progress, Report

__all__ = ["load_config", "load_processor", "load_tokenizer", "load_transformers", "load_weights"]

# Vocabularies that transformers turns into its own, whatever the tokenizer says that its files are.
_OTHER_VOCABULARIES = (".model", ".spm", ".tiktoken", "tekken.json")


def load_transformers(source: Source, report: Report) -> Any:
    """The library itself."""
    with in_plain_words(source, "transformers"):
        report(Progress("Loading transformers"))
        import transformers

        note_what_is_missed(transformers.utils.hub)
        return transformers


def load_config(source: Source, report: Report, subfolder: str = "") -> Any:
    transformers = load_transformers(source, report)
    with in_plain_words(source, "config.json"):
        report(Progress("Loading the configuration"))
        return transformers.AutoConfig.from_pretrained(source.name, **_trusted(source, subfolder))


def load_tokenizer(source: Source, report: Report, subfolder: str = "") -> Any:
    """Its tokenizer. Raises `InferenceError` where there is none of its vocabulary."""
    transformers = load_transformers(source, report)
    with in_plain_words(source, "the tokenizer"):
        report(Progress("Loading the tokenizer"))
        tokenizer = transformers.AutoTokenizer.from_pretrained(source.name, **_trusted(source, subfolder))
        _refuse_empty(source, tokenizer)
        return tokenizer


def load_processor(source: Source, report: Report) -> Any:
    """What makes of pictures or sounds what the model takes; None where it takes none."""
    name = _processor(source)
    if not name:
        return None
    transformers = load_transformers(source, report)
    with in_plain_words(source, "the processor"):
        report(Progress("Loading the processor"))
        return getattr(transformers, name).from_pretrained(source.name, **_trusted(source))


def load_weights(
    source: Source, report: Report, kind: Any, subfolder: str = "", *, dtype: object = "auto"
) -> tuple[Any, Mapping[str, Any]]:
    """A model of the class `kind`, and what transformers told of weights that it did not find."""
    with in_plain_words(source, "the weights"):
        report(Progress("Loading the weights"))
        trusted = _trusted(source, subfolder)
        if not kind.__name__.startswith("Auto"):
            trusted.pop("trust_remote_code")
        model, told = kind.from_pretrained(source.name, dtype=dtype, output_loading_info=True, **trusted)
        return model, told


def _trusted(source: Source, subfolder: str = "") -> dict[str, Any]:
    part = {"subfolder": subfolder} if subfolder else {}
    return source.where | part | {"local_files_only": True, "trust_remote_code": source.allow_code}


def _refuse_empty(source: Source, tokenizer: Any) -> None:
    # Without its files transformers makes one that knows no word, and says nothing.
    names = dict(tokenizer.vocab_files_names)
    here = {name.rpartition("/")[2] for name in source.files}
    parts = [names[part] for part in ("vocab_file", "merges_file") if part in names]
    whole = names.get("tokenizer_file") in here or (parts and here.issuperset(parts))
    if names and not whole and not any(name.endswith(_OTHER_VOCABULARIES) for name in here):
        gone = " and ".join(name for name in parts if name not in here) or "tokenizer.json"
        raise InferenceError(f"The tokenizer needs {gone}, which is not here.", hint=AGAIN)


def _processor(source: Source) -> str:
    """The class of transformers that it is loaded by, "" where there is none."""
    if "processor_config.json" in source.files:
        return "AutoProcessor"
    said = source.json("preprocessor_config.json")
    if not isinstance(said, dict):
        return ""
    kinds = {"image_processor_type": "AutoImageProcessor", "feature_extractor_type": "AutoFeatureExtractor"}
    return next((kind for field, kind in kinds.items() if field in said), "AutoProcessor")

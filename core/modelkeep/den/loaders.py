"""What loads a model, by its library. The libraries are loaded in the process of whoever asks for a model.

They are imported by name when a model is fetched, because the core itself needs none of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelkeep.den.info import ModelInfo
from modelkeep.errors import RuntimeMissing, UnsupportedModel

__all__ = ["Loader", "load", "register_loader"]

Loader = Callable[[Path, ModelInfo], object]
"""Loads the model in a folder."""


def _load_medcat(folder: Path, info: ModelInfo) -> object:
    return _imported("medcat.cat", "medcat").CAT.load_model_pack(str(folder))


def _load_transformers(folder: Path, info: ModelInfo) -> object:
    """The model, and its tokenizer, None where it has none."""
    transformers = _imported("transformers", "transformers")
    # Code of the model's own does not run, and nobody is asked on a terminal whether it may.
    options = {"local_files_only": True, "trust_remote_code": False}
    model = transformers.AutoModel.from_pretrained(str(folder), **options)
    has_tokenizer = any(
        (folder / name).exists() for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt")
    )
    tokenizer = None
    if has_tokenizer:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **options)
    return model, tokenizer


_loaders: dict[str, Loader] = {"medcat": _load_medcat, "transformers": _load_transformers}


def register_loader(library: str, loader: Loader) -> None:
    """Let `fetch_model` load models of a library by `loader(folder, info)`, in place of any that was there."""
    _loaders[library] = loader


def load(library: str, folder: Path, info: ModelInfo) -> object:
    """The model in a folder. Raises `UnsupportedModel`, `RuntimeMissing`, and what the library raises."""
    loader = _loaders.get(library)
    if loader is None:
        raise UnsupportedModel(
            f"Nothing here loads models of the library “{library or 'unknown'}”.",
            hint="`register_loader` names what does; `fetch_path` gives the files alone.",
        )
    return loader(folder, info)


def _imported(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise RuntimeMissing(
            f"{package} is not installed where this runs, so that its models cannot be loaded ({error}).",
            hint=f"Install {package}; `fetch_path` gives the files alone.",
        ) from error

"""What it takes to register a model, as plain values, and what may be said in one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey

__all__ = [
    "BUILT_IN_TYPES",
    "IMPORT_PATH",
    "LOADERS",
    "MODEL_PARAMETERS",
    "FileProblem",
    "Registration",
    "Registrations",
    "class_problem",
    "expanded",
    "is_name",
    "is_path",
    "is_type_name",
    "loader_problem",
    "model_problem",
    "parameter_problem",
    "parameter_value",
    "snippet",
]

BUILT_IN_TYPES = ("generic", "biomedical", "clinical")

IMPORT_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
"""How a loader that is code of the user is named: package.module:Class."""

_WITH_TOKENIZER = ("biomedical", "clinical")

LOADERS = {
    "ModelLoader": "",
    "MedicalModelLoader": "",
    "BioBERTLoader": "dmis-lab/biobert-v1.1",
    "ClinicalBERTLoader": "emilyalsentzer/Bio_ClinicalBERT",
}
"""The loaders that are here by name, and the model that each is for ("" for any)."""

MODEL_PARAMETERS: dict[str, type] = {
    "num_labels": int,
    "output_hidden_states": bool,
    "output_attentions": bool,
    "return_dict": bool,
    "torchscript": bool,
    "torch_dtype": str,
    "dtype": str,
    "use_cache": bool,
}
"""The parameters that the files of Med-vLLM have, and of what type they are; there may be others."""

_DTYPES = ("auto", "float32", "float16", "bfloat16", "float64")
_DECIDED_WHEN_LOADED = {
    "trust_remote_code": "whether code that a model brings may run",
    "local_files_only": "where files are looked for",
    "force_download": "where files are looked for",
    "cache_dir": "where files are looked for",
    "token": "where files are looked for",
    "use_auth_token": "where files are looked for",
    "proxies": "where files are looked for",
    "code_revision": "whether code that a model brings may run",
    "weights_only": "whether pickles are loaded",
    "pretrained_model_name_or_path": "which model it is",
}


@dataclass(frozen=True)
class Registration:
    """A model by a name of its own.

    `model` is a key as `org/name`, or the path of a folder; `also` are older names of the same repository. `loader`
    is the name of a loader, or `package.module:Class`; the classes are names of transformers. `origin` is "preset",
    "file" (at `line` of `file`) or "program".
    """

    name: str
    model_type: str = "generic"
    model: str = ""
    revision: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    loader: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    capabilities: Mapping[str, object] = field(default_factory=dict)
    version: str = "1.0.0"
    model_class: str = ""
    config_class: str = ""
    tokenizer_class: str = ""
    also: tuple[str, ...] = ()
    origin: str = "preset"
    file: str = ""
    line: int = 0

    @property
    def is_folder(self) -> bool:
        return is_path(self.model)

    @property
    def keys(self) -> tuple[ModelKey, ...]:
        """The keys under which a cache may have it; none where it is a folder."""
        if self.is_folder:
            return ()
        found = (ModelKey.parse(name) for name in (self.model, *self.also))
        return tuple(key.at(self.revision or key.revision) for key in found)


class FileProblem(NamedTuple):
    """What is wrong in a file; `line` counts from 1, and is 0 where it is about all of it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}, line {self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"
        )


@dataclass(frozen=True)
class Registrations:
    """What is registered outside of programs. `types` are all that may be said, in lower case."""

    folder: str
    models: tuple[Registration, ...]
    types: tuple[str, ...]
    problems: tuple[FileProblem, ...] = ()


def is_name(text: str) -> bool:
    """Whether a model can be registered by this name: letters, digits, and `. - _ /`."""
    return bool(text) and all(letter.isalnum() or letter in "._-/" for letter in text)


def is_type_name(text: str) -> bool:
    return text.isidentifier() and text.isascii()


def is_path(model: str) -> bool:
    """Whether a model is named by the path of a folder: `/…`, `./…`, `../…`, `~/…` or with a drive."""
    return (
        model.startswith(("/", "./", "../", "~", ".\\", "..\\")) or Path(model).is_absolute() or model == "."
    )


def model_problem(model: str, revision: str = "") -> str:
    """Why this names no model, "" when it does."""
    if is_path(model):
        return f"“{model}” is a folder, which has no revisions." if revision else ""
    try:
        key = ModelKey.parse(model)
        if revision:
            ModelKey.parse(f"{key.repo_id}@{revision}")
    except InvalidKey as error:
        return str(error)
    if key.repo_type != "model":
        return f"“{model}” is a {key.repo_type}, not a model."
    if revision and key.revision and key.revision != revision:
        return f"“{model}” names another revision than “{revision}”."
    return ""


def class_problem(name: str) -> str:
    """Why this cannot be the name of a class of transformers, "" when it can."""
    return (
        "" if not name or name.isidentifier() else f"“{name}” cannot be the name of a class of transformers."
    )


def loader_problem(loader: str) -> str:
    """Why what is registered here cannot name this loader, "" when it can; whether Python finds it is not asked."""
    if loader in LOADERS or not loader or IMPORT_PATH.fullmatch(loader):
        return ""
    if ":" in loader or "." in loader:
        return f"“{loader}” is not a class of yours: it is written as package.module:Class."
    return f"There is no loader “{loader}”."


def parameter_problem(name: str, value: object) -> str:
    """What is wrong with a parameter, "" when nothing is."""
    if not name.isidentifier():
        return f"“{name}” cannot be the name of a parameter."
    if name in _DECIDED_WHEN_LOADED:
        return f"“{name}” cannot be registered: {_DECIDED_WHEN_LOADED[name]} is said when it is loaded."
    wanted = MODEL_PARAMETERS.get(name)
    if wanted in (bool, int) and type(value) is not wanted:
        return f"“{name}” must be {'true or false' if wanted is bool else 'a whole number'}."
    if name == "num_labels" and isinstance(value, int) and not 1 <= value <= 1_000_000:
        return "“num_labels” must be at least 1 and at most 1,000,000."
    if name in ("dtype", "torch_dtype") and str(value).removeprefix("torch.") not in _DTYPES:
        return f"“{name}” must be one of {', '.join(_DTYPES)}."
    return ""


def parameter_value(text: str) -> object:
    """What a text such as `5`, `true` or `[1, 2]` says in YAML; whatever is more than that is the text itself."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    return value if isinstance(value, (bool, int, float, list, dict)) else text


def expanded(model: str, folder: str | os.PathLike[str]) -> str:
    """The path of a model, from a folder where it is relative; a key as it is."""
    return os.path.abspath(Path(folder, os.path.expanduser(model))) if is_path(model) else model


def snippet(registration: Registration) -> str:
    """How a program loads the model, in Python."""
    loader = registration.loader
    if loader not in ("", *LOADERS):
        given = "loaded"  # whatever the user's own code returns
    elif loader == "ModelLoader" or (not loader and registration.model_type not in _WITH_TOKENIZER):
        given = "model"
    else:
        given = "model, tokenizer"
    load = f"{given} = get_registry().load_model({json.dumps(registration.name, ensure_ascii=False)})"
    return f"from modelkeep.lifecycle import get_registry\n\n{load}\n"

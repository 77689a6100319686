"""What a finder found: where a model lies and what it says of itself.

Source of `config.yml`: caikit 0.29.1, `caikit.core.modules.config`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelkeep.cache import layout
from modelkeep.errors import LifecycleError
from modelkeep.keys import ModelKey

__all__ = ["HUGGING_FACE", "ModuleConfig"]

HUGGING_FACE = "huggingface"
"""The `module_id` of a folder that says of itself what a Hugging Face model says, and has no `config.yml`."""

_CONFIG = "config.yml"
_RESERVED = "model_path"
_IDS = ("module_id", "block_id", "workflow_id", "resource_id")
_SIGNS = ("config.json", "modules.json", "model_index.json", "adapter_config.json")
_WEIGHTS = (".safetensors", ".gguf", ".onnx", ".bin")


@dataclass(frozen=True)
class ModuleConfig(Mapping[str, Any]):
    """`model_path` is a folder or a file, "" for a model that is not on this machine; it may be given where a path is
    taken. `metadata` are the values of `config.yml`, which are read as `config["name"]`. `root`, `key` and `commit`
    tell where in a cache it is, "" where it is in none. `remote` is where a model is that was only looked up."""

    model_path: str
    module_id: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    root: str = ""
    key: str = ""
    commit: str = ""
    remote: str = ""

    @classmethod
    def load(cls, model_path: str | os.PathLike[str]) -> ModuleConfig:
        """Of a folder with a `config.yml`, or with a Hugging Face model.

        Raises `FileNotFoundError` for one that is neither, `KeyError` for a reserved name, `LifecycleError` for what
        cannot be read.
        """
        folder = Path(os.path.abspath(model_path))
        root, key, commit = _in_cache(folder)
        file = folder / _CONFIG
        if file.is_file():
            found = _read(file)
            if _RESERVED in found:
                raise KeyError(f"{file} has “{_RESERVED}”, which is a reserved name.")
            id = next((str(found[name]) for name in _IDS if found.get(name)), "")
            if not id:
                raise LifecycleError(f"{file} has no module_id.", hint="It says what can load the model.")
            return cls(str(folder), id, found | {"module_id": id}, root, key, commit)
        if not _is_model(folder):
            raise FileNotFoundError(f"{folder} has no {_CONFIG}, and is no Hugging Face model.")
        return cls(
            str(folder), HUGGING_FACE, {"module_id": HUGGING_FACE, "name": folder.name}, root, key, commit
        )

    def __fspath__(self) -> str:
        return self.model_path

    def __getitem__(self, name: str) -> Any:
        return self.model_path if name == _RESERVED else self.metadata[name]

    def __iter__(self) -> Iterator[str]:
        return iter((_RESERVED, *self.metadata))

    def __len__(self) -> int:
        return 1 + len(self.metadata)


def _read(file: Path) -> dict[str, Any]:
    import yaml  # costs 15 ms

    try:
        with file.open(encoding="utf-8") as stream:
            found = yaml.safe_load(stream)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LifecycleError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise LifecycleError(f"{file} holds no names with values.")
    return {str(name): value for name, value in found.items()}


def _is_model(folder: Path) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return any(name in _SIGNS or name.endswith(_WEIGHTS) for name in names)


def _in_cache(folder: Path) -> tuple[str, str, str]:
    """The root, the key and the commit of a snapshot in a cache; "" where it is none."""
    if folder.parent.name != "snapshots" or not layout.is_commit(folder.name):
        return "", "", ""
    repo = folder.parent.parent
    if (parsed := layout.parse_repo_folder(repo.name)) is None:
        return "", "", ""
    repo_type, repo_id = parsed
    return str(repo.parent), str(ModelKey(repo_id, folder.name, repo_type)), folder.name

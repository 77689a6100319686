"""Finders of models in folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from modelkeep.lifecycle.finders.finder import ModelFinder
from modelkeep.lifecycle.module_config import ModuleConfig

__all__ = ["FolderModelFinder", "LocalModelFinder"]


class LocalModelFinder(ModelFinder):
    """A folder by its path; where there is none, the one of that name in `load_path`."""

    name = "LOCAL"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._load_path = _folder(config.get("load_path"), "load_path")

    def find_model(self, model_path: str, **kwargs: Any) -> ModuleConfig:
        """Raises `FileNotFoundError`, and what `ModuleConfig.load` does."""
        if os.path.exists(model_path) or not self._load_path:
            return ModuleConfig.load(model_path)
        return ModuleConfig.load(_inside(self._load_path, model_path))


class FolderModelFinder(ModelFinder):
    """Only what lies in `path`, by its name there: for names that come from others."""

    name = "FOLDER"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._path = _folder(config.get("path") or config.get("load_path"), "path")
        if not self._path:
            raise ValueError("config.path is missing.")

    def find_model(self, model_path: str, **kwargs: Any) -> ModuleConfig:
        """Raises `FileNotFoundError`, and what `ModuleConfig.load` does."""
        return ModuleConfig.load(_inside(self._path, model_path))


def _folder(value: object, name: str) -> str:
    if not isinstance(value, (str, os.PathLike, type(None))):
        raise TypeError(f"config.{name} is {value!r}, and has to be a path.")
    return os.path.abspath(os.path.expanduser(os.fspath(value))) if value else ""


def _inside(folder: str, name: str) -> str:
    """The path of a name that does not lead out of the folder, links included."""
    path = os.path.realpath(os.path.join(folder, name))
    if os.path.commonpath([path, os.path.realpath(folder)]) != os.path.realpath(folder):
        raise FileNotFoundError(f"{name} leads out of {folder}.")
    return os.path.join(folder, name)

"""Finders of models on remotes and in dens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelkeep.keys import ModelKey
from modelkeep.lifecycle.finders.cached import snapshot
from modelkeep.lifecycle.finders.finder import ModelFinder
from modelkeep.lifecycle.module_config import HUGGING_FACE, ModuleConfig
from modelkeep.lifecycle.opened import shared_library
from modelkeep.progress import Report, ignore

__all__ = ["DEN", "DenModelFinder", "RemoteModelFinder"]

DEN = "den"
"""The `module_id` of a model of a den, which its own library loads."""

_DEN_CHOICES = (
    "type_",
    "location",
    "host",
    "credentials",
    "local_cache_path",
    "expiration_time",
    "max_size",
    "eviction_policy",
)


class RemoteModelFinder(ModelFinder):
    """A model of the remote called `remote`, fetched into its cache or `root`; with `fetch: false` it is only told
    where it is."""

    name = "REMOTE"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._remote = config.get("remote")
        if not isinstance(self._remote, str) or not self._remote:
            raise ValueError("config.remote is missing: the name of a remote, or its URL.")
        self._root = config.get("root")
        self._fetch = bool(config.get("fetch", True))

    def find_model(self, model_path: str, *, report: Report = ignore, **kwargs: Any) -> ModuleConfig:
        """Raises `InvalidKey`, `RemoteError` and `NotOnRemote`."""
        remotes = shared_library().remotes
        name = str(self._remote)
        key = ModelKey.parse(model_path)
        if not self._fetch:
            found = remotes.look(name, str(key), report=report)
            commit = found.manifest.commit
            metadata = {"module_id": HUGGING_FACE, "name": key.repo_id}
            return ModuleConfig("", HUGGING_FACE, metadata, "", str(key.at(commit)), commit, name)
        plan = remotes.plan_fetch(str(key), name, root=self._root, report=report)
        done = remotes.fetch(plan, report=report)
        return snapshot(done.snapshot, done.root, done.key, done.commit)


class DenModelFinder(ModelFinder):
    """A model of a den by its id. The configuration is that of `get_default_den`; `backend` is the one that is asked,
    the default one when there is none."""

    name = "DEN"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._backend = config.get("backend")
        self._choices = {name: config[name] for name in _DEN_CHOICES if config.get(name) is not None}
        if "type" in config:
            self._choices["type_"] = config["type"]

    def find_model(self, model_path: str, *, report: Report = ignore, **kwargs: Any) -> ModuleConfig:
        """Raises what the den does, as `NoSuchModel`."""
        from modelkeep.den import ModelInfo, get_default_den

        den = get_default_den(**self._choices)
        path = den.fetch_path(ModelInfo(model_path, None, None), self._backend, report=report)
        try:
            return ModuleConfig.load(path)
        except FileNotFoundError:
            return ModuleConfig(str(path), DEN, {"module_id": DEN, "name": model_path})

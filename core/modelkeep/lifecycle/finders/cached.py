"""Finders of models in caches, and of those that a hub has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from modelkeep.cache.inventory import State
from modelkeep.cache.layout import repo_folder
from modelkeep.cache.repository import read_repository
from modelkeep.errors import ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.lifecycle.finders.finder import ModelFinder
from modelkeep.lifecycle.module_config import HUGGING_FACE, ModuleConfig
from modelkeep.lifecycle.opened import shared_library
from modelkeep.progress import Report, ignore

__all__ = ["CacheModelFinder", "HubModelFinder", "in_cache", "snapshot"]


class CacheModelFinder(ModelFinder):
    """`org/name`, `org/name@revision` in the caches of this user, or only in `roots`, or the one `root`."""

    name = "CACHE"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._roots = roots_of(config)

    def find_model(self, model_path: str, **kwargs: Any) -> ModuleConfig:
        """Raises `InvalidKey`, and `ModelNotFound` when no cache has it, or only a damaged one."""
        return in_cache(model_path, self._roots)


class HubModelFinder(ModelFinder):
    """What no cache has is downloaded into `root` (the first cache when there is none) from the hub of `profile`."""

    name = "HUB"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._profile = str(config.get("profile") or "")
        self._root = config.get("root")

    def find_model(self, model_path: str, *, report: Report = ignore, **kwargs: Any) -> ModuleConfig:
        """Raises `InvalidKey`, and `RemoteError`; what is here is taken as it is."""
        try:
            return in_cache(model_path, (self._root,) if self._root else ())
        except ModelNotFound:
            hubs = shared_library().hubs
            plan = hubs.plan_download(
                str(ModelKey.parse(model_path)), root=self._root, profile=self._profile, report=report
            )
            done = hubs.download(plan, report=report)
            return snapshot(done.snapshot, done.root, done.key, done.commit)


def roots_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    roots = config.get("roots") or ()
    if not roots and (root := config.get("root")) is not None:
        roots = [root]
    if isinstance(roots, str) or not all(isinstance(root, str) for root in roots):
        raise TypeError(f"config.roots is {roots!r}, and has to be a list of paths.")
    return tuple(roots)


def in_cache(name: str, roots: tuple[str, ...] = ()) -> ModuleConfig:
    """The revision that loading by this name uses, in the first root that has it whole."""
    key = ModelKey.parse(name)
    folder = repo_folder(key.repo_type, key.repo_id)
    damaged = ""
    for root in roots or shared_library().roots:
        if not os.path.isdir(os.path.join(root, folder)):
            continue
        model = read_repository(os.path.abspath(root), folder, key.repo_type, key.repo_id, {})
        revision = model.revision(key.revision) if key.revision else model.main
        if revision is None:
            continue
        if revision.state is not State.DAMAGED:
            return snapshot(revision.path, model.root, model.key, revision.commit)
        damaged = str(revision.problems[0].message) if revision.problems else "it is damaged"
    if damaged:
        raise ModelNotFound(f"{key} is in the cache, but damaged: {damaged}", hint="Download it again.")
    raise ModelNotFound(f"No cache has {key}.", hint="Download it, or import an archive of it.")


def snapshot(path: str, root: str, key: ModelKey, commit: str) -> ModuleConfig:
    """A revision in a cache, also of a model that is not of Hugging Face's kind."""
    at = str(key.at(commit))
    try:
        found = ModuleConfig.load(path)
    except FileNotFoundError:
        found = ModuleConfig(path, HUGGING_FACE, {"module_id": HUGGING_FACE})
    metadata = (
        {**found.metadata} if found.module_id != HUGGING_FACE else {**found.metadata, "name": key.repo_id}
    )
    return ModuleConfig(path, found.module_id, metadata, root, at, commit)

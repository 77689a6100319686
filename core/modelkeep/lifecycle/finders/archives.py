"""The finder of models in archives."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from modelkeep.errors import UnknownArchive
from modelkeep.lifecycle.finders.cached import snapshot
from modelkeep.lifecycle.finders.finder import ModelFinder
from modelkeep.lifecycle.module_config import ModuleConfig
from modelkeep.lifecycle.opened import shared_library
from modelkeep.progress import Report, ignore

__all__ = ["ArchiveModelFinder", "own_cache"]


class ArchiveModelFinder(ModelFinder):
    """The one model of an archive, by its path, or by its name in `folder`. It is imported into the cache `root`, all
    checked; where there is none, into one that goes when this process ends."""

    name = "ARCHIVE"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._folder = str(config.get("folder") or "")
        self._root = str(config.get("root") or "")

    def find_model(self, model_path: str, *, report: Report = ignore, **kwargs: Any) -> ModuleConfig:
        """Raises `ArchiveError`, `UnsafeModel`, `FileNotFoundError`."""
        place = Path(model_path).expanduser()
        if self._folder and not place.exists():
            place = Path(self._folder).expanduser() / model_path
        if not place.exists():
            raise FileNotFoundError(f"There is no archive {place}.")
        return imported(place, self._root or own_cache(), report=report)


def imported(archive: Path, root: str, *, name: str | None = None, report: Report = ignore) -> ModuleConfig:
    """The one model of an archive or a folder, in a cache."""
    os.makedirs(root, exist_ok=True)
    archives = shared_library().archives
    plan = archives.plan_import([archive], root, name=name, report=report)
    if len(plan.items) != 1:
        raise UnknownArchive(
            f"{archive} holds {len(plan.items)} models.", hint="Import it, and name the one that is meant."
        )
    (done,) = archives.run_import(plan, report=report).items
    if done.error is not None:
        raise done.error
    assert done.key is not None, "what was imported has a name"
    return snapshot(done.path, plan.root, done.key, done.commit or "")


@cache
def own_cache() -> str:
    """A cache of this process, which goes with it."""
    folder = tempfile.mkdtemp(prefix="modelkeep-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return os.path.join(folder, "hub")

"""Modelkeep keeps the machine-learning models of a machine. This is its core: no window, no printing.

    import modelkeep

    inventory = modelkeep.scan("~/.cache/huggingface/hub")
    for model in inventory.models:
        print(model.key, model.state, model.on_disk, model.frees)

    with modelkeep.open_library() as library:
        plan = library.archives.plan_import(["all-MiniLM-L6-v2.zip"])
        library.archives.run_import(plan)

Everything is loaded when it is first used, so that importing this costs a script almost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision, Inventory, Problem, State
    from modelkeep.cache.scan import scan
    from modelkeep.errors import ModelKeepError
    from modelkeep.keys import ModelKey
    from modelkeep.library import Library, open_library
    from modelkeep.loading import download_model_to_cache, get_model_from_cache
    from modelkeep.progress import Cancelled, Progress, Report

__version__ = "0.1.0"

__all__ = [
    "CachedFile",
    "CachedModel",
    "CachedRevision",
    "Cancelled",
    "Inventory",
    "Library",
    "ModelKeepError",
    "ModelKey",
    "Problem",
    "Progress",
    "Report",
    "State",
    "__version__",
    "download_model_to_cache",
    "get_model_from_cache",
    "open_library",
    "scan",
]

_HOMES = {
    "modelkeep.cache.inventory": (
        "CachedFile",
        "CachedModel",
        "CachedRevision",
        "Inventory",
        "Problem",
        "State",
    ),
    "modelkeep.cache.scan": ("scan",),
    "modelkeep.errors": ("ModelKeepError",),
    "modelkeep.keys": ("ModelKey",),
    "modelkeep.library": ("Library", "open_library"),
    "modelkeep.loading": ("download_model_to_cache", "get_model_from_cache"),
    "modelkeep.progress": ("Cancelled", "Progress", "Report"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

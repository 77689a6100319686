"""Which module loads a model of which kind, and what they all take."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from modelkeep.inference.child.turn import Runnable
from modelkeep.inference.outcome import Device
from modelkeep.inference.values import Backend, LoadRequest
from modelkeep.progress import Report

__all__ = ["LOADER", "import_frameworks", "loader_of"]

LOADER = "MODELKEEP_LOADER"
"""A variable that names what loads all models, as "module:function", instead of what is here.

Nobody hands it to a worker but who starts one with an environment of their own, and who can do that needs no leave.
"""

_LOADERS = {
    Backend.TRANSFORMERS: "modelkeep.inference.child.loading:load",
    Backend.SENTENCES: "modelkeep.inference.child.sentences:load",
    Backend.GGUF: "modelkeep.inference.child.gguf:load",
    Backend.ONNX: "modelkeep.inference.child.onnx_graph:load",
}


def loader_of(backend: Backend) -> Callable[[LoadRequest, Report], Runnable]:
    """What loads models of this kind."""
    module, _, name = (os.environ.get(LOADER) or _LOADERS[backend]).partition(":")
    loader: Callable[[LoadRequest, Report], Runnable] = getattr(import_module(module), name)
    return loader


def import_frameworks() -> tuple[Device, ...]:
    """Import what loading most models takes, as far as it is installed, and say where they can run."""
    devices: tuple[Device, ...] = ()
    with suppress(ImportError):
        import torch

        devices = tuple(Device(*one) for one in _probed_devices(torch))
        import transformers

        # What it loads when it is first asked for.
        transformers.AutoConfig, transformers.AutoTokenizer, transformers.AutoModel  # noqa: B018
    return devices


def _probed_devices(torch: Any) -> list[tuple[str, str, int, int]]:
    from modelkeep.inference.child.probe import devices_of

    return devices_of(torch)

"""Whether a model will fit the memory, worked out from the sizes of the weights that were chosen."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from typing import NamedTuple

from modelkeep.hub.download_plan import DownloadPlan, MemoryFit, PlannedFile
from modelkeep.metadata.safetensors import DTYPE_BITS
from modelkeep.text import size_text

__all__ = ["Gpu", "fit_of", "gpu_now"]

_SHARE = 0.2  # of the weights, for what is worked out while running; a long context takes more
_BASE = 300 << 20  # bytes of a Python process with its libraries


class Gpu(NamedTuple):
    """A graphics card and its free memory, in bytes; "" for none."""

    name: str = ""
    free: int = 0


def fit_of(plan: DownloadPlan) -> MemoryFit | None:
    """What the chosen weights take; None when none are chosen."""
    weights = [
        file for file in plan.chosen if file.group.startswith("weights:") and not file.path.endswith(".json")
    ]
    size = sum(file.size for file in weights)
    if not size:
        return None
    import psutil

    memory = psutil.virtual_memory()
    run = int(size * (1 + _SHARE)) + _BASE
    formula = f"{size_text(size)} of weights + {_SHARE:.0%} for running + {size_text(_BASE)} for the program"
    gpu = gpu_now()
    return MemoryFit(
        weights=size,
        run=run,
        formula=formula,
        ram_free=memory.available,
        ram_total=memory.total,
        gpu=gpu.name,
        gpu_free=gpu.free,
        dtypes=_dtypes(plan, weights, size),
    )


def _dtypes(plan: DownloadPlan, weights: list[PlannedFile], size: int) -> tuple[tuple[str, int], ...]:
    """Bytes by type: by what the hub says of safetensors, where these are chosen, and by quantisation for GGUF."""
    groups = {file.group for file in weights}
    if groups == {"weights:safetensors"} and plan.model.dtypes:
        found = [(name, count * DTYPE_BITS.get(name, 0) // 8) for name, count in plan.model.dtypes]
        # What it says is of all its files; where only some of several are chosen, it says nothing of these.
        if abs(sum(each for _, each in found) - size) <= size // 10:
            return tuple((name, each) for name, each in found if each)
    quantised: dict[str, int] = {}
    for file in weights:
        if file.group.startswith("weights:gguf:"):
            name = file.group.rpartition(":")[2]
            quantised[name] = quantised.get(name, 0) + file.size
    return tuple(quantised.items())


@lru_cache(maxsize=1)
def _tool() -> str:
    return shutil.which("nvidia-smi") or ""


def gpu_now() -> Gpu:
    """The card of this machine with the most free memory, where NVIDIA's own tool says one."""
    if not _tool():
        return Gpu()
    asked = ["--query-gpu=name,memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(
            [_tool(), *asked],
            capture_output=True,
            text=True,
            timeout=3,
            check=True,
            env=os.environ | {"LC_ALL": "C"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return Gpu()
    cards = []
    for line in said.splitlines():
        name, _, free = line.rpartition(",")
        if free.strip().isdigit():
            cards.append(Gpu(name.strip(), int(free) << 20))
    return max(cards, key=lambda card: card.free, default=Gpu())

"""Weights as PyTorch and safetensors write them, made in a process that has torch: the benchmarks have it not.

    python benchmarks/checkpoints.py FILE BYTES [FILE BYTES...]

What a file becomes is told by its name: `.safetensors`, `.legacy.bin` for the format before PyTorch 1.6, else what
`torch.save` writes today. `--naive SOURCE TARGET` converts a checkpoint as one would by hand.
"""

from __future__ import annotations

import sys

import torch
from safetensors.torch import save_file

_TENSORS = 32


def write(path: str, size: int) -> None:
    """Write `size` bytes of numbers, as the layers of a model."""
    torch.manual_seed(0)
    each = size // _TENSORS // 4
    state = {f"model.layers.{number}.weight": torch.randn(each) for number in range(_TENSORS)}
    if path.endswith(".safetensors"):
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=not path.endswith(".legacy.bin"))


def convert(source: str, target: str) -> None:
    """What people write: all in one process, in which nothing is checked."""
    save_file(torch.load(source, weights_only=True), target)


if __name__ == "__main__":
    if sys.argv[1] == "--naive":
        convert(*sys.argv[2:])
    else:
        for path, size in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
            write(path, int(size))

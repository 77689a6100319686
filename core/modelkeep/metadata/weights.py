"""Which of a repository's weight files make up the model, told from their names and sizes.

A repository often has the same weights several times: in shards and whole, in half precision, in the folder of
another runtime, one file per quantisation. They must not be counted twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

__all__ = ["WeightSet", "main_sets", "weight_sets"]

_SHARD = re.compile(r"(.+?)-\d{5,6}-of-(\d{5,6})(.*)")
# The names that the libraries look for, in their order.
_LOADED_BY_NAME = ("model", "diffusion_pytorch_model", "open_clip_model", "pytorch_model", "adapter_model")
# What is loaded beside a GGUF model, and is none itself.
_SIDECARS = ("mmproj", "mtp-", "imatrix")


class WeightSet(NamedTuple):
    """Files that are loaded together: a whole model, or all its shards that are here.

    `folder` is "" for the top of the repository, `name` that of the file without shard number and suffix,
    `expected` how many files the names speak of, `size` bytes of those that are here.
    """

    folder: str
    name: str
    files: tuple[str, ...]
    expected: int
    size: int


def weight_sets(sizes: Mapping[str, int], suffix: str) -> list[WeightSet]:
    """The sets that the files ending in `suffix` form; `sizes` has the bytes of every file by its path."""
    found: dict[tuple[str, str, int], list[str]] = {}
    for path in sorted(sizes):
        folder, _, base = path.rpartition("/")
        if not base.lower().endswith(suffix) or base.lower().startswith(_SIDECARS):
            continue
        stem = base[: -len(suffix)]
        shard = _SHARD.fullmatch(stem)
        name, expected = (shard[1] + shard[3], int(shard[2])) if shard else (stem, 1)
        found.setdefault((folder, name, expected), []).append(path)
    return [
        WeightSet(folder, name, tuple(files), expected, sum(sizes[file] for file in files))
        for (folder, name, expected), files in found.items()
    ]


def main_sets(sets: Collection[WeightSet], components: Collection[str] = ()) -> list[WeightSet]:
    """The sets that together are the model: one for each of its `components` (folders) that has weights.

    Without components it is the set at the top of the repository, and where there is none, the largest of all. In one
    folder the name that libraries look for is preferred (`model`, not `model.fp16`), then the larger set.
    """
    best: dict[str, WeightSet] = {}
    for candidate in sorted(sets, key=_preference):
        best.setdefault(candidate.folder, candidate)
    if parts := [best[folder] for folder in dict.fromkeys(components) if folder in best]:
        return parts
    if "" in best:
        return [best[""]]
    return [max(best.values(), key=lambda one: one.size)] if best else []


def _preference(one: WeightSet) -> tuple[int, int, str]:
    known = _LOADED_BY_NAME.index(one.name) if one.name in _LOADED_BY_NAME else len(_LOADED_BY_NAME)
    return known, -one.size, one.name

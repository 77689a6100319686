"""The headers of weights, and the indexes that name the files of sharded ones."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Container, Iterable

from modelkeep.cache.catalog import Catalog
from modelkeep.metadata import gguf, safetensors
from modelkeep.metadata.reading import Unreadable, read_json

__all__ = [
    "WITH_HEADER",
    "header_error",
    "is_index",
    "missing_shards",
    "recall_header",
    "remember_header",
    "shards_of",
]

WITH_HEADER = (".safetensors", ".gguf")
"""The suffixes of files whose header is checked."""

# Also `model.safetensors.index.fp16.json`, as diffusers names those of a variant.
_INDEX = re.compile(r".+\.(safetensors|bin)\.index(\.[^/.]+)?\.json")
_KIND = "verified-header"


def header_error(suffix: str, path: str) -> str:
    """What is wrong with the header of the file at `path`, as a sentence; "" for nothing. Raises `OSError`."""
    try:
        if suffix == ".gguf":
            gguf.read_header(path)
        else:
            safetensors.read_header(path)
    except Unreadable as error:
        return str(error)
    return ""


def recall_header(catalog: Catalog, paths: Iterable[str], status: os.stat_result) -> str | None:
    """What `header_error` said of a file that has not changed since; None where it was not asked."""
    for path in paths:
        said = catalog.recall(_KIND, path, status.st_size, status.st_mtime)
        if isinstance(said, str):
            return said
    return None


def remember_header(catalog: Catalog, path: str, status: os.stat_result, error: str) -> None:
    """Keep what `header_error` said."""
    catalog.remember(_KIND, path, status.st_size, status.st_mtime, error)


def is_index(name: str) -> bool:
    """Whether the file of that name lists the files of sharded weights."""
    return _INDEX.fullmatch(name) is not None


def shards_of(name: str, path: str) -> list[str]:
    """The files, by their paths in the repository, that the index `name` at `path` names.

    Raises `Unreadable` when it is no index, and `OSError`.
    """
    index = read_json(path)
    weights = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(file, str) for file in weights.values()):
        raise Unreadable("It does not say which file has which weights.")
    folder = posixpath.dirname(name)
    return sorted({posixpath.normpath(posixpath.join(folder, file)) for file in weights.values()})


def missing_shards(name: str, path: str, here: Container[str]) -> str:
    """What an index names that is not `here`, as a sentence; "" when all of it is. Raises `OSError`."""
    try:
        missing = [shard for shard in shards_of(name, path) if shard not in here]
    except Unreadable as error:
        return str(error)
    if not missing:
        return ""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"It names {missing[0]}{more}, which {'are' if more else 'is'} not here."

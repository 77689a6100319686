"""What a cache cannot say of its refs: which of them are tags. Every other one is a branch.

Ours is beside the history, `<root>/.modelkeep/served/<folder>/tags.json`: the messages of tags by their names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.disk import disk_errors, write_json

__all__ = ["kept_in", "read_tags", "write_tags"]

_LIMIT = 4 << 20  # bytes


def kept_in(root: str | os.PathLike[str], folder: str) -> Path:
    """Where the tags and the history of the repository in `folder` (models--org--name) are."""
    return Path(root) / layout.OURS / "served" / folder


def read_tags(root: str | os.PathLike[str], folder: str) -> dict[str, str]:
    """The messages of the tags of a repository by their names; a tag may be here whose ref is gone."""
    try:
        with open(kept_in(root, folder) / "tags.json", "rb") as file:
            said = json.loads(file.read(_LIMIT))
        return {str(name): str(message) for name, message in said.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def write_tags(root: str | os.PathLike[str], folder: str, tags: Mapping[str, str]) -> None:
    """Keep them. The caller holds the lock of the repository."""
    path = kept_in(root, folder) / "tags.json"
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, dict(tags))

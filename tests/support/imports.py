"""Imports an archive and looks at what the Hub's client makes of it."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from huggingface_hub import snapshot_download

from modelkeep.archive.import_plan import ImportItem, plan_import
from modelkeep.archive.unpack import ImportedItem, execute_import
from modelkeep.keys import ModelKey
from support.archives import (
    tree_of,
)

KEY = ModelKey("org/name")
OTHER = "b" * 40


def planned(path: Path, root: Path, **options: object) -> ImportItem:
    before = tree_of(root)
    [item] = plan_import([path], root, **options).items  # type: ignore[arg-type]
    assert tree_of(root) == before, "planning changed the cache"
    return item


def imported(path: Path, root: Path, **options: object) -> ImportedItem:
    """Import, and see that it worked and left nothing behind."""
    plan = plan_import([path], root, **options)  # type: ignore[arg-type]
    [done] = execute_import(pickle.loads(pickle.dumps(plan))).items
    assert done.error is None, done.error
    left = root / ".modelkeep"
    assert not left.exists(), sorted(map(str, left.rglob("*")))
    return done


def loaded(root: Path, name: str = "org/name", revision: str = "main") -> dict[str, bytes]:
    """What the Hub's client gives a program that loads the model offline."""
    folder = Path(snapshot_download(name, revision=revision, local_files_only=True, cache_dir=root))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def blobs(root: Path, name: str = "org/name") -> set[str]:
    return set(os.listdir(root / f"models--{name.replace('/', '--')}" / "blobs"))

"""A cache directory as an `Inventory`: fast, tolerant, and without reading any model file's content.

What is read besides names and inodes: refs (40 bytes each), the tree listings, the marker of the shared store.
For a healthy cache the result equals `huggingface_hub.scan_cache_dir` field by field; for any other it says what
is wrong and leaves nothing out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from modelkeep.cache import layout
from modelkeep.cache.inventory import (
    CachedModel,
    CachedRevision,
    Inventory,
    Names,
    Other,
    Problem,
    ProblemKind,
    RootState,
    SharedStore,
)
from modelkeep.cache.repository import read_repository
from modelkeep.cache.roots import root_state
from modelkeep.cache.sharing import (
    all_blobs,
    exclusive_blobs,
    freed_by,
    names_by_inode,
    read_store,
    used_blobs,
)
from modelkeep.disk import free_space, measure
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Known", "scan"]

_OURS = {layout.LOCKS, layout.OURS, layout.CACHEDIR_TAG, layout.SHARED_STORE}

# Files that the Hub's client itself leaves in a cache root.
_ROOT_FILES = frozenset({"version.txt", "version_diffusers_cache.txt"})

# Folders of $HF_HOME beside `hub`, with what they are. They are shown, never touched.
_SIBLINGS = {
    "xet": "Xet chunk cache",
    "assets": "assets of other libraries",
    "datasets": "datasets library",
    "modules": "code fetched from repositories",
    "evaluate": "evaluate library",
    "metrics": "metrics of the datasets library",
    "accelerate": "accelerate library",
}


class Known(Protocol):
    """What remembers repositories between scans (`cache.index`)."""

    def recall(self, root: str, folder: str) -> CachedModel | None:
        """The repository as it was, when nothing in its folders has changed since."""

    def remember(self, root: str, models: Mapping[str, CachedModel], folders: Iterable[str]) -> None:
        """Keep what was read anew; `folders` are all that the root has now, so that others are forgotten."""


def scan(root: str | os.PathLike[str], *, known: Known | None = None, report: Report = ignore) -> Inventory:
    """Look at a whole cache root. Never raises for what is on the disk: `state` and `problems` say it.

    With `known`, repositories whose folders did not change are not read again: their access times, and files that
    were changed in place, are then those of the earlier scan. Deleting looks again before it promises anything.
    """
    place = _absolute(root)
    state, reason = root_state(place)
    if not state.is_here:
        return Inventory(
            place, state, time.time(), problems=(Problem(ProblemKind.UNREADABLE, place, reason),)
        )
    store = read_store(place)
    models: list[CachedModel] = []
    others: list[Other] = []
    problems: list[Problem] = []
    fresh: dict[str, CachedModel] = {}
    with os.scandir(place) as found:
        names = sorted(entry.name for entry in found)
    for number, name in enumerate(names):
        repository = layout.parse_repo_folder(name)
        path = f"{place}/{name}"
        if repository is not None and os.path.isdir(path):
            model = known.recall(place, name) if known else None
            if model is None:
                model = fresh[name] = read_repository(place, name, *repository)
            models.append(model)
        elif name not in _OURS and name not in layout.IGNORED_FILES and name not in _ROOT_FILES:
            others.append(Other(path, measure(path), ""))
            problems.append(Problem(ProblemKind.STRAY_FILE, path, f"{name} is not part of a model cache."))
        elif name == layout.SHARED_STORE and not store.payloads and not _is_store(path):
            # A folder named `blobs` that no client marked: somebody else's, as the Hub's client sees it too.
            others.append(Other(path, measure(path), ""))
        if number % 64 == 0:
            report(Progress("Reading the cache", number, len(names), name, unit="models"))
    if known is not None:
        known.remember(place, fresh, [model.folder for model in models])
    models.sort(key=lambda model: (model.repo_type, model.repo_id))
    return _inventory(place, state, models, others, problems, store)


def _inventory(
    root: str,
    state: RootState,
    models: list[CachedModel],
    others: list[Other],
    problems: list[Problem],
    store: SharedStore,
) -> Inventory:
    names = names_by_inode(blob for model in models for blob in all_blobs(model))
    folders = store.overhead + sum(p.manifest or 0 for p in store.payloads.values())
    folders += sum(_around(model) for model in models)
    models = [_corrected(model, names, store) for model in models]
    referenced = {blob.payload for model in models for blob in all_blobs(model)}
    for path, payload in store.payloads.items():
        if path not in referenced and payload.blob.links == 1:
            message = f"No model uses the shared content {payload.blob.name[:12]}."
            problems.append(Problem(ProblemKind.UNREFERENCED_PAYLOAD, path, message))
    payloads = {blob.payload: blob.size for model in models for blob in used_blobs(model)}
    payloads.update((path, payload.blob.size) for path, payload in store.payloads.items())
    disk: dict[tuple[int, int], int] = {
        (p.blob.device, p.blob.inode): p.blob.on_disk for p in store.payloads.values()
    }
    for model in models:
        disk.update(((b.device, b.inode), b.on_disk) for b in all_blobs(model))
    space = free_space(root)
    others.extend(_siblings(root))
    return Inventory(
        root=root,
        state=state,
        scanned=time.time(),
        models=tuple(models),
        others=tuple(others),
        problems=tuple(problems),
        payloads_size=sum(payloads.values()),
        models_on_disk=folders + sum(disk.values()),
        other=sum(other.on_disk for other in others) + measure(f"{root}/{layout.LOCKS}"),
        trash=measure(f"{root}/{layout.TRASH}"),
        staging=measure(f"{root}/{layout.STAGING}"),
        disk_total=space.total,
        disk_free=space.free,
        names=names,
        store=store,
    )


def _corrected(model: CachedModel, names: Mapping[tuple[int, int], Names], store: SharedStore) -> CachedModel:
    """The model with `on_disk` and `frees` that know of contents shared with other repositories."""
    blobs = {blob.path: blob for blob in all_blobs(model)}
    if all(blob.links <= 1 and blob.path == blob.payload for blob in blobs.values()):
        return model
    around = _around(model)
    contents = {(b.device, b.inode): b.on_disk for b in blobs.values()}
    shared = {b.payload for b in blobs.values()} & store.payloads.keys()
    manifests = sum(store.payloads[path].manifest or 0 for path in shared)
    freed, _ = freed_by(blobs, names, store)
    return replace(
        model,
        on_disk=around + manifests + sum(contents.values()),
        frees=around + freed,
        revisions=tuple(_corrected_revision(model, r, names, store) for r in model.revisions),
    )


def _around(model: CachedModel) -> int:
    """Bytes on disk of a repository's folder without its contents, from a model as `read_repository` made it."""
    own = {(b.device, b.inode): b.on_disk for b in all_blobs(model) if b.payload.startswith(f"{model.path}/")}
    return model.on_disk - sum(own.values())


def _corrected_revision(
    model: CachedModel, revision: CachedRevision, names: Mapping[tuple[int, int], Names], store: SharedStore
) -> CachedRevision:
    blobs = {file.blob.path: file.blob for file in revision.files if file.blob}
    around = revision.on_disk - sum({(b.device, b.inode): b.on_disk for b in blobs.values()}.values())
    freed, _ = freed_by(exclusive_blobs(model, [revision]), names, store)
    return replace(revision, frees=around + freed)


def _siblings(root: str) -> list[Other]:
    """Other tools' folders in the same $HF_HOME, when the root is the `hub` in one."""
    home, _, name = root.rpartition("/")
    if name != "hub":
        return []
    found = []
    for sibling, what in _SIBLINGS.items():
        path = f"{home}/{sibling}"
        if os.path.isdir(path):
            found.append(Other(path, measure(path), what))
    return found


def _is_store(path: str) -> bool:
    return os.path.isfile(f"{path}/{layout.SHARED_MARKER}")


def _absolute(root: str | os.PathLike[str]) -> str:
    return Path(os.path.realpath(Path(root).expanduser())).as_posix()

"""A cache directory as an `Inventory`: fast, tolerant, and without reading any model file's content.

What is read besides names and inodes: refs (40 bytes each), the tree listings, the marker of the shared store.
For a healthy cache the result equals `huggingface_hub.scan_cache_dir` field by field; for any other it says what
is wrong and leaves nothing out.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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
from modelkeep.disk import allocated, free_space, measure
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Known", "look_again", "scan"]

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


@contextmanager
def _making_no_garbage() -> Iterator[None]:
    """Keep Python from looking for garbage among a million new values of which none is: a tenth of a large scan."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


@_making_no_garbage()
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
    link_blocks: dict[int, int] = {}
    with os.scandir(place) as found:
        names = sorted(entry.name for entry in found)
    for number, name in enumerate(names):
        repository = layout.parse_repo_folder(name)
        path = f"{place}/{name}"
        if repository is not None and os.path.isdir(path):
            model = known.recall(place, name) if known else None
            if model is None:
                model = fresh[name] = read_repository(place, name, *repository, link_blocks)
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
    others.extend(_siblings(place))
    return _inventory(place, state, models, others, problems, store)


def look_again(inventory: Inventory, keys: Iterable[ModelKey]) -> Inventory:
    """The inventory with these repositories, and the shared store, read anew: what a promise is made from.

    A repository that is gone is left out; all others are as they were.
    """
    root, link_blocks = inventory.root, dict[int, int]()
    asked = set(keys)
    models: list[CachedModel] = []
    for model in inventory.models:
        if model.key not in asked and not model.sharing:
            models.append(model)
        elif os.path.isdir(model.path):
            models.append(read_repository(root, model.folder, model.repo_type, model.repo_id, link_blocks))
    for key in asked - inventory.by_key.keys():
        folder = layout.repo_folder(key.repo_type, key.repo_id)
        if os.path.isdir(f"{root}/{folder}"):
            models.append(read_repository(root, folder, key.repo_type, key.repo_id, link_blocks))
    return _inventory(root, inventory.state, models, list(inventory.others), [], read_store(root))


def _inventory(
    root: str,
    state: RootState,
    models: list[CachedModel],
    others: list[Other],
    problems: list[Problem],
    store: SharedStore,
) -> Inventory:
    sharing = [model for model in models if model.sharing]
    names = names_by_inode(blob for model in sharing for blob in all_blobs(model))
    on_disk = sum(model.on_disk for model in models if not model.sharing) + sum(map(_around, sharing))
    on_disk += store.overhead + sum(payload.manifest or 0 for payload in store.payloads.values())
    contents = [blob for model in sharing for blob in all_blobs(model)]
    contents += [payload.blob for payload in store.payloads.values()]
    on_disk += sum({(blob.device, blob.inode): blob.on_disk for blob in contents}.values())
    referenced = {blob.payload for blob in contents if blob.path != blob.payload}
    for path, payload in store.payloads.items():
        if path not in referenced and payload.blob.links == 1:
            message = f"No model uses the shared content {payload.blob.name[:12]}."
            problems.append(Problem(ProblemKind.UNREFERENCED_PAYLOAD, path, message))
    payloads = {blob.payload: blob.size for model in sharing for blob in used_blobs(model)}
    payloads.update((path, payload.blob.size) for path, payload in store.payloads.items())
    models = [_corrected(model, names, store) if model.sharing else model for model in models]
    models.sort(key=lambda model: (model.repo_type, model.repo_id))
    space = free_space(root)
    return Inventory(
        root=root,
        state=state,
        scanned=time.time(),
        models=tuple(models),
        others=tuple(others),
        problems=tuple(problems),
        payloads_size=sum(payloads.values()) + sum(model.size for model in models if not model.sharing),
        models_on_disk=on_disk,
        other=sum(other.on_disk for other in others) + _locks_size(root),
        trash=measure(f"{root}/{layout.TRASH}"),
        staging=measure(f"{root}/{layout.STAGING}"),
        device=os.stat(root).st_dev,
        disk_total=space.total,
        disk_free=space.free,
        names=names,
        store=store,
    )


def _corrected(model: CachedModel, names: Mapping[tuple[int, int], Names], store: SharedStore) -> CachedModel:
    """The model with `on_disk` and `frees` that know of contents shared with other repositories."""
    blobs = {blob.path: blob for blob in all_blobs(model)}
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
    alone = exclusive_blobs(model, [revision])
    counted = sum({(b.device, b.inode): b.on_disk for b in alone.values()}.values())
    freed, _ = freed_by(alone, names, store)
    return replace(revision, frees=revision.frees - counted + freed)


def _locks_size(root: str) -> int:
    """What the locks take: their folders. The files, one for each blob that was ever downloaded, are empty."""
    try:
        size = allocated(os.lstat(f"{root}/{layout.LOCKS}"))
        with os.scandir(f"{root}/{layout.LOCKS}") as found:
            return size + sum(allocated(entry.stat(follow_symlinks=False)) for entry in found)
    except OSError:
        return 0


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

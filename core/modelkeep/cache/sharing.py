"""Which contents have more than one name, and so what deleting some of the names gives back.

A content has several names in three ways: files of several revisions link to one blob; a blob is a hard link (our
own imports make them between repositories); and a blob is a link into the shared store, whose payload the Hub's
client removes with the last blob that leads to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from modelkeep.cache import layout
from modelkeep.cache.inventory import Blob, CachedModel, CachedRevision, Names, Payload, SharedStore
from modelkeep.disk import allocated

__all__ = [
    "all_blobs",
    "blob_at",
    "exclusive_blobs",
    "freed_by",
    "names_by_inode",
    "read_store",
    "used_blobs",
]


def read_store(root: str) -> SharedStore:
    """Look at `<root>/blobs`, which is the shared store when its marker says so; else it holds nothing."""
    store = f"{root}/{layout.SHARED_STORE}"
    try:
        with open(f"{store}/{layout.SHARED_MARKER}", encoding="utf-8") as marker:
            if marker.read(16) != layout.SHARED_MARKER_CONTENT:
                return SharedStore()
        overhead = allocated(os.lstat(store))
        with os.scandir(store) as found:
            prefixes = list(found)
    except (OSError, UnicodeDecodeError):
        return SharedStore()
    payloads: dict[str, Payload] = {}
    for prefix in prefixes:
        try:
            overhead += allocated(prefix.stat(follow_symlinks=False))
            if not prefix.is_dir(follow_symlinks=False):
                continue
            with os.scandir(prefix.path) as found:
                entries = {entry.name: entry.stat(follow_symlinks=False) for entry in found}
        except OSError:
            continue
        for name, status in entries.items():
            if layout.is_sha256(name) and name.startswith(prefix.name):
                path = f"{prefix.path}/{name}"
                manifest = entries.get(f"{name}.refs")
                payloads[path] = Payload(
                    blob_at(path, path, status), None if manifest is None else allocated(manifest)
                )
            else:
                overhead += allocated(status)
    return SharedStore(payloads, overhead)


def blob_at(path: str, payload: str, status: os.stat_result) -> Blob:
    """The content behind `path`, whose bytes are those of `payload`, with what the file system said of it."""
    return Blob(
        path,
        payload,
        status.st_size,
        allocated(status),
        status.st_dev,
        status.st_ino,
        status.st_nlink,
        status.st_atime,
        status.st_mtime,
    )


def names_by_inode(blobs: Iterable[Blob]) -> dict[tuple[int, int], Names]:
    """All names of the contents that may have more than one, from all blobs of a root."""
    files: dict[tuple[int, int], set[str]] = {}
    links: dict[tuple[int, int], set[str]] = {}
    for blob in blobs:
        if blob.path != blob.payload:
            links.setdefault((blob.device, blob.inode), set()).add(blob.path)
        elif blob.links > 1:
            files.setdefault((blob.device, blob.inode), set()).add(blob.path)
    return {
        inode: Names(frozenset(files.get(inode, ())), frozenset(links.get(inode, ())))
        for inode in files.keys() | links.keys()
    }


def freed_by(
    removed: Mapping[str, Blob], names: Mapping[tuple[int, int], Names], store: SharedStore
) -> tuple[int, tuple[str, ...]]:
    """What the disk gains when exactly these blobs lose their names, and the payloads of the store that go too.

    A content is freed when all of its names go: those in this root, and no hard link from elsewhere is left.
    """
    freed = 0
    payloads = []
    contents: dict[tuple[int, int], Blob] = {}
    for blob in removed.values():
        if blob.path == blob.payload and blob.links <= 1:
            freed += blob.on_disk
        elif blob.path != blob.payload:
            contents[blob.device, blob.inode] = blob
        else:
            # Of a content with both kinds of names, a link says where the store has it.
            contents.setdefault((blob.device, blob.inode), blob)
    for inode, blob in contents.items():
        known = names.get(inode)
        if known is None or not all(link in removed for link in known.links):
            continue
        payload = store.payloads.get(blob.payload) if known.links else None
        leaves = payload is not None and payload.manifest is not None
        if payload and payload.manifest is not None:
            # The payload leaves the store even when a hard link elsewhere keeps its bytes.
            payloads.append(blob.payload)
            freed += payload.manifest
        if all(file in removed for file in known.files) and blob.links == len(known.files) + leaves:
            freed += blob.on_disk
    return freed, tuple(payloads)


def used_blobs(model: CachedModel) -> Iterator[Blob]:
    """The contents that files of the model lead to; one that several files share comes several times."""
    return (file.blob for revision in model.revisions for file in revision.files if file.blob)


def all_blobs(model: CachedModel) -> Iterator[Blob]:
    """The same with the contents that no file leads to."""
    yield from used_blobs(model)
    yield from model.orphans


def exclusive_blobs(model: CachedModel, revisions: Iterable[CachedRevision]) -> dict[str, Blob]:
    """The contents that only these revisions of the model lead to, by path."""
    chosen = list(revisions)
    commits = {revision.commit for revision in chosen}
    kept = {f.blob.path for r in model.revisions if r.commit not in commits for f in r.files if f.blob}
    return {f.blob.path: f.blob for r in chosen for f in r.files if f.blob and f.blob.path not in kept}

"""Putting back what an entry of the trash has: contents of the shared store, contents that stayed, what was moved.

Nothing that is in the cache again is replaced.
"""

from __future__ import annotations

import os
from pathlib import Path

from modelkeep.cache.shared_store import add_references, store_lock
from modelkeep.cache.trash_journal import Journal

__all__ = ["put_back"]


def put_back(root: str, folder: Path, journal: Journal) -> tuple[tuple[str, ...], bool]:
    """Move everything back, what is led to before what leads there; also whether something had to stay behind."""
    for payload in journal.manifests:
        _put_payload_back(root, folder, journal, payload)
    for link, payload in journal.stays.items():
        _put_content_back(root, folder, link, payload)
    kept: list[str] = []
    left = False
    for name in reversed(journal.moves):
        source = folder / "content" / name
        if os.path.lexists(source):
            left = _merge(source, Path(root) / name, kept) or left
    return tuple(kept), left


def _put_payload_back(root: str, folder: Path, journal: Journal, name: str) -> None:
    """Have a shared payload there, with a manifest that names our links, before the links come back."""
    payload, moved, held = (
        f"{root}/{name}",
        folder / "content" / name,
        folder / "held" / os.path.basename(name),
    )
    if not any(os.path.lexists(path) for path in (payload, moved, held)):
        return  # it could not be held, and went with its last other user: the rest comes back without it
    os.makedirs(os.path.dirname(payload), exist_ok=True)
    with store_lock(payload):
        if not os.path.lexists(payload):
            os.rename(moved if os.path.lexists(moved) else held, payload)
        elif os.path.lexists(moved):
            os.unlink(moved)  # it was downloaded again: the store's name is a hash of its content
        manifest = moved.with_name(f"{moved.name}.refs")
        if os.path.lexists(manifest):
            if os.path.lexists(f"{payload}.refs"):
                os.unlink(manifest)
            else:
                os.rename(manifest, f"{payload}.refs")
        add_references(payload, journal.links_to(name), original=journal.manifests[name])


def _put_content_back(root: str, folder: Path, name: str, payload: str) -> None:
    """Have a blob there that stayed when the entry was taken out, and went with its last other user since."""
    blob, held = f"{root}/{name}", folder / "held" / os.path.basename(payload)
    if os.path.exists(blob) or not (held.exists() or os.path.exists(f"{root}/{payload}")):
        return
    for path in (blob, f"{root}/{payload}"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    if name == payload:
        os.rename(held, blob)
        return
    with store_lock(f"{root}/{payload}"):
        if not os.path.lexists(f"{root}/{payload}"):
            os.rename(held, f"{root}/{payload}")
        add_references(f"{root}/{payload}", [name])
    if not os.path.lexists(blob):
        os.symlink(os.path.relpath(f"{root}/{payload}", os.path.dirname(blob)), blob)


def _merge(source: Path, target: Path, kept: list[str]) -> bool:
    """Move `source` to `target`, or its parts where the target exists; whether a part had to stay behind."""
    if not os.path.lexists(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)
        return False
    if source.is_dir() and not source.is_symlink() and target.is_dir() and not target.is_symlink():
        left = [_merge(child, target / child.name, kept) for child in sorted(source.iterdir())]
        if any(left):
            return True
        os.rmdir(source)
        return False
    kept.append(target.as_posix())
    if _is_same(source, target):
        os.unlink(source)
        return False
    return True


def _is_same(source: Path, target: Path) -> bool:
    """Whether two files are surely the same: links by their text, blobs by name and size, small ones by content."""
    if source.is_symlink() or target.is_symlink():
        return source.is_symlink() and target.is_symlink() and os.readlink(source) == os.readlink(target)
    if not source.is_file() or not target.is_file() or source.stat().st_size != target.stat().st_size:
        return False
    if target.parent.name == "blobs":
        return True
    return source.stat().st_size < 1 << 20 and source.read_bytes() == target.read_bytes()

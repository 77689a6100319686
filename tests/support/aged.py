"""Models of different age in a cache."""

from __future__ import annotations

import os
import time

from support.caches import CacheMaker

DAY = 86400.0
LARGE = 100_000


def add_aged(cache: CacheMaker, name: str, *, days: float, size: int = LARGE, shared: bytes = b"") -> None:
    """A model whose files were written and read that many days ago."""
    files = {"config.json": name.encode(), "w.safetensors": name.encode() * (size // len(name))}
    if shared:
        files["shared.safetensors"] = shared
    cache.add(name, files)
    if shared:
        cache.share(name, shared)
    when = time.time() - days * DAY
    for path in [*cache.folder(name).rglob("*"), *cache.root.glob("blobs/*/*")]:
        if path.is_file() and not path.is_symlink():
            os.utime(path, (when, when))

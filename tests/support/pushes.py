"""Pushing to a `PushStore` without a server."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelkeep.cache.scan import scan
from modelkeep.keys import ModelKey
from modelkeep.serve.pushing.committing import Committed, commit
from modelkeep.serve.pushing.store import PushStore
from support.caches import sha256

KEY = ModelKey("org/model")


def add(path: str, content: bytes) -> dict[str, object]:
    value = {"content": base64.b64encode(content).decode(), "path": path, "encoding": "base64"}
    return {"key": "file", "value": value}


def add_lfs(path: str, content: bytes) -> dict[str, object]:
    value = {"path": path, "algo": "sha256", "oid": sha256(content), "size": len(content)}
    return {"key": "lfsFile", "value": value}


def remove(path: str, *, folder: bool = False) -> dict[str, object]:
    return {"key": "deletedFolder" if folder else "deletedFile", "value": {"path": path}}


def push(
    store: PushStore,
    *operations: dict[str, object],
    key: ModelKey = KEY,
    branch: str = "main",
    parent: str = "",
    pull_request: bool = False,
) -> Committed:
    """Commit these operations."""
    header = {"summary": "Change it", "description": "", **({"parentCommit": parent} if parent else {})}
    lines = [{"key": "header", "value": header}, *operations]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lines")
        path.write_text("\n".join(map(json.dumps, lines)))
        return commit(store, key, branch, path, "alice", pull_request=pull_request)


def send(store: PushStore, content: bytes) -> None:
    """Upload a content, part after part."""
    upload = store.uploads.begin(sha256(content), len(content))
    for part in range(1, upload.parts + 1):
        at = (part - 1) * upload.part_size
        send_part(store, upload.id, part, content[at : at + upload.length(part)])
    store.uploads.complete(upload)


def send_part(store: PushStore, upload: str, part: int, data: bytes) -> str:
    receiver = store.uploads.receive(store.uploads.find(upload), part, None)
    try:
        receiver.write(data)
        return receiver.finish()
    finally:
        receiver.close()


@contextmanager
def disk_of_8_mib(folder: Path) -> Iterator[Path]:
    """A disk of its own; the test is skipped where this user may not mount one."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "modelkeep-test", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("this user may not mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def contents(
    root: Path, ref: str = "main", key: ModelKey = KEY, *, states: tuple[str, ...] = ("whole",)
) -> dict[str, bytes]:
    """The files of a ref as any program finds them; every model in the cache has to be in one of these states."""
    inventory = scan(root)
    assert not inventory.problems
    assert {model.state.value for model in inventory.models} <= {*states}
    model = inventory.by_key[key]
    snapshot = Path(model.path, "snapshots", dict(model.refs)[ref])
    return {
        path.relative_to(snapshot).as_posix(): path.read_bytes()
        for path in snapshot.rglob("*")
        if path.is_file()
    }

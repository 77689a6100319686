"""A store in a folder with models in it, and somebody who fetches from it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from huggingface_hub import snapshot_download

from modelkeep.keys import ModelKey
from modelkeep.remote.opening import open_remote
from modelkeep.remote.remote import Offer
from modelkeep.remote.values import Lineage, Manifest, ManifestFile, Summary
from modelkeep.streams import FileStream, Stream
from support.caches import etag, sha256

KEY = ModelKey("org/name")
WEIGHTS = random.Random(1).randbytes(300_000)
FILES: Mapping[str, bytes] = {
    "README.md": b"# A model\n",
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": WEIGHTS,
    "again/model.safetensors": WEIGHTS,
    "pytorch_model.bin": random.Random(2).randbytes(200_000),
}


def commit_of(files: Mapping[str, bytes]) -> str:
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


def manifest_of(
    files: Mapping[str, bytes] = FILES, key: ModelKey = KEY, *, is_complete: bool = True, origin: str = ""
) -> Manifest:
    listed = [
        ManifestFile(name, len(content), sha256(content), etag(name, content))
        for name, content in files.items()
    ]
    return Manifest(
        key.at(key.revision or commit_of(files)),
        tuple(listed),
        is_complete,
        Summary(library="transformers", task="fill-mask"),
        Lineage("hf@org/base@" + "b" * 40, "hf@org/root@" + "a" * 40),
        origin=origin,
        created_by="somebody",
    )


def push(
    url: str | Path,
    files: Mapping[str, bytes] = FILES,
    *,
    manifest: Manifest | None = None,
    ref: str = "main",
    tags: tuple[str, ...] = (),
    below: Path,
) -> Manifest:
    """Push files to a remote as they lie in a folder; returns the manifest."""
    manifest = manifest or manifest_of(files)
    folder = below / f"pushed-{manifest.commit[:8]}"
    sources = {}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sources[name] = str(path)

    def read(path: str, start: int, stop: int | None) -> Stream:
        return FileStream(sources[path], start=start, stop=stop)

    if isinstance(url, Path):
        url.mkdir(exist_ok=True)
    with open_remote(str(url)) as remote:
        offer = Offer(manifest, read, ref, tags, "a push", "a test", sources)
        remote.push(offer, remote.plan_push(offer))
    return manifest


def blob(store: Path, content: bytes) -> Path:
    """Where a store has a content."""
    name = sha256(content)
    return store / "blobs" / name[:2] / name


def damage(path: Path) -> None:
    """Turn a bit of a content in a store, which its owner has made read-only."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def loaded(root: Path, revision: str = "main", *, repo_id: str = "org/name") -> dict[str, bytes]:
    """What the Hub's client gives a program offline."""
    folder = Path(snapshot_download(repo_id, revision=revision, local_files_only=True, cache_dir=root))
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def offline(script: str, *arguments: str, home: Path) -> object:
    """What a script of a program that may not use the network prints as JSON, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "TRANSFORMERS_VERBOSITY": "error"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])

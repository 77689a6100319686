"""The data of the benchmarks: caches and models as the Hub's client makes them, of any size, in a folder that goes.

Everything follows from numbers, so that two runs work on the same files. Weights are holes where only their size
counts, and random bytes where they are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "block_sharing_folder",
    "disk_folder",
    "forget",
    "make_cache",
    "make_model",
    "memory_folder",
    "settle",
]

_FILES = {
    "README.md": 4_000,
    ".gitattributes": 1_500,
    "config.json": 700,
    "generation_config.json": 200,
    "merges.txt": 9_000,
    "special_tokens_map.json": 300,
    "tokenizer.json": 20_000,
    "tokenizer_config.json": 1_200,
    "vocab.json": 12_000,
}
_FLAT = ("modules.json", "model.safetensors", "model.onnx")
_IN_FOLDERS = ("1_Pooling/config.json", "model.safetensors", "onnx/model.onnx")
_WEIGHTS = (".safetensors", ".onnx")
_CHANGING = ("README.md", "config.json", "model.safetensors", "model.onnx", "onnx/model.onnx")
_REVISIONS = (1, 2, 1, 3, 1, 2)
_BLOCK = 8 << 20


@contextmanager
def disk_folder() -> Iterator[Path]:
    """A folder on the disk that holds temporary files."""
    with tempfile.TemporaryDirectory(prefix="modelkeep-bench-") as folder:
        yield Path(folder).resolve()


@contextmanager
def memory_folder(needed: int) -> Iterator[Path | None]:
    """A folder in memory with room for `needed` bytes, or None where the system has none that large."""
    place = Path("/dev/shm")
    if not place.is_dir() or shutil.disk_usage(place).free < 1.2 * needed:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="modelkeep-bench-", dir=place) as folder:
        yield Path(folder)


@contextmanager
def block_sharing_folder(size: int) -> Iterator[Path | None]:
    """A file system of `size` bytes on which files can share blocks, or None where this user cannot make one."""
    makers = (["mkfs.xfs", "-q", "-m", "reflink=1"], ["mkfs.btrfs", "-q"])
    maker = next((words for words in makers if shutil.which(words[0])), None)
    with disk_folder() as folder:
        image, place = folder / "image", folder / "place"
        place.mkdir()
        with image.open("wb") as file:
            file.truncate(max(size, 512 << 20))
        if (
            maker is None
            or not _succeeds(*maker, image)
            or not _succeeds("mount", "-o", "loop", image, place)
        ):
            yield None
            return
        try:
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def _succeeds(*words: str | Path) -> bool:
    return subprocess.run(words, capture_output=True).returncode == 0


def forget(path: Path) -> None:
    """Have the next reader of a file fetch it from the disk."""
    if path.exists() and sys.platform == "linux":
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def make_cache(root: Path, repositories: int, *, weights: int = 300 << 20) -> Path:
    """A cache of so many repositories with 1 to 3 revisions of 12 files each, in every third one with sub-folders.

    Two of the files are `weights` bytes large, and holes. Later revisions share what did not change with the first.
    Each has its tree listing; `main`, a tag and a pull request lead to them. Locks are as the client leaves them.
    """
    for number in range(repositories):
        repo = root / f"models--org-{number % 97}--model-{number}"
        revisions = _REVISIONS[number % len(_REVISIONS)]
        for revision in range(revisions):
            _add_revision(repo, number, revision, weights)
        refs = ("main", "v1.0", "refs/pr/1")[:revisions]
        for ref, revision in zip(refs, reversed(range(revisions))):
            path = repo / "refs" / ref
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_commit(number, revision))
        _leave_locks(root, repo)
    return root


def make_model(root: Path, repo_id: str, shards: int, size: int, *, files: int = 0, each: int = 0) -> Path:
    """A model with weights of `size` random bytes in all and `files` small files besides; returns its folder.

    The small ones have `each` bytes, or a few when it is 0.
    """
    repo = root / f"models--{repo_id.replace('/', '--')}"
    commit = hashlib.sha1(repo_id.encode()).hexdigest()
    names = [f"model-{n + 1:05}-of-{shards:05}.safetensors" for n in range(shards)]
    small = {f"part-{n % 20}/piece-{n}.json": (b'{"number": %d}' % n).ljust(each) for n in range(files)}
    listing: dict[str, dict[str, object]] = {}
    (repo / "blobs").mkdir(parents=True)
    for number, name in enumerate(names):
        sha = _write_random(repo / "blobs" / "new", size // shards, seed=number)
        (repo / "blobs" / "new").rename(repo / "blobs" / sha)
        _link(repo, commit, name, sha)
        listing[name] = _listed(size // shards, hashlib.sha1(name.encode()).hexdigest(), sha)
    for name, content in {"config.json": b'{"model_type": "bert"}', **small}.items():
        sha1 = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        (repo / "blobs" / sha1).write_bytes(content)
        _link(repo, commit, name, sha1)
        listing[name] = _listed(len(content), sha1)
    _write_tree(repo, commit, listing)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    _leave_locks(root, repo)
    return repo


def settle(root: Path, *, age: float = 3600) -> None:
    """Make everything so old (seconds) that no reader takes it for just written."""
    when = time.time() - age
    for folder, folders, files in os.walk(root, topdown=False):
        for name in (*folders, *files):
            os.utime(os.path.join(folder, name), (when, when), follow_symlinks=False)
    os.utime(root, (when, when))


def _add_revision(repo: Path, number: int, revision: int, weights: int) -> None:
    commit = _commit(number, revision)
    (repo / "blobs").mkdir(parents=True, exist_ok=True)
    listing = {}
    for name in (*_FILES, *(_FLAT if number % 3 else _IN_FOLDERS)):
        seed = f"{number} {revision if name in _CHANGING else 0} {name}".encode()
        sha1, sha256 = hashlib.sha1(seed).hexdigest(), hashlib.sha256(seed).hexdigest()
        is_large = name.endswith(_WEIGHTS)
        size = weights if is_large else _FILES.get(name, 190)
        etag = sha256 if is_large else sha1
        blob = repo / "blobs" / etag
        if not blob.exists():
            blob.write_bytes(b"" if is_large else seed.ljust(size, b"."))
            os.truncate(blob, size)
        _link(repo, commit, name, etag)
        listing[name] = _listed(size, sha1, sha256 if is_large else None)
    _write_tree(repo, commit, listing)


def _commit(number: int, revision: int) -> str:
    return hashlib.sha1(b"%d %d" % (number, revision)).hexdigest()


def _link(repo: Path, commit: str, name: str, etag: str) -> None:
    link = repo / "snapshots" / commit / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"{'../' * name.count('/')}../../blobs/{etag}")


def _listed(size: int, sha1: str, sha256: str | None = None) -> dict[str, object]:
    entry: dict[str, object] = {"size": size, "blob_id": sha1}
    if sha256:
        entry |= {"lfs_sha256": sha256, "lfs_size": size, "xet_hash": sha256[::-1]}
    return entry


def _write_tree(repo: Path, commit: str, listing: dict[str, dict[str, object]]) -> None:
    path = repo / "trees" / f"{commit}.json"
    path.parent.mkdir(exist_ok=True)
    tree = {"format_version": 1, "files": {name: listing[name] for name in sorted(listing)}}
    path.write_text(json.dumps(tree, indent=1))


def _leave_locks(root: Path, repo: Path) -> None:
    """The lock files of all downloads, which the client never removes."""
    locks = root / ".locks" / repo.name
    locks.mkdir(parents=True)
    for name in os.listdir(repo / "blobs"):
        (locks / f"{name}.lock").touch()


def _write_random(path: Path, size: int, seed: int) -> str:
    """Write a file of random bytes; returns its SHA-256. Random, so that no file system makes it smaller."""
    block = random.Random(seed).randbytes(min(_BLOCK, size))
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(-(-size // _BLOCK)):
            # A block of its own each time, for file systems that look for equal ones.
            piece = (number.to_bytes(8, "little") + block[8:])[: size - number * _BLOCK]
            file.write(piece)
            digest.update(piece)
    return digest.hexdigest()

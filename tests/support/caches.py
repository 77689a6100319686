"""Makes real caches on disk, in every state that the Hub layout knows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

LFS_SUFFIXES = (".safetensors", ".bin", ".gguf", ".onnx", ".pt")


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def etag(name: str, content: bytes) -> str:
    return sha256(content) if name.endswith(LFS_SUFFIXES) else git_sha1(content)


class CacheMaker:
    """Builds repositories in `root` as huggingface_hub does; each method makes one kind of state."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def folder(self, repo_id: str, repo_type: str = "model") -> Path:
        return self.root / f"{repo_type}s--{repo_id.replace('/', '--')}"

    def add(
        self,
        repo_id: str,
        files: Mapping[str, bytes] | None = None,
        *,
        refs: tuple[str, ...] = ("main",),
        commit: str | None = None,
        repo_type: str = "model",
        tree: bool = True,
        linked: bool = True,
    ) -> str:
        """A repository with one more revision; returns its commit. `linked=False` copies, as on Windows."""
        files = {"config.json": b'{"model_type": "bert"}'} if files is None else files
        repo = self.folder(repo_id, repo_type)
        if commit is None:
            commit = hashlib.sha1(repr((repo_id, sorted(files.items()))).encode()).hexdigest()
        snapshot = repo / "snapshots" / commit
        snapshot.mkdir(parents=True, exist_ok=True)
        (repo / "blobs").mkdir(exist_ok=True)
        (repo / "refs").mkdir(exist_ok=True)
        for name, content in files.items():
            target = snapshot / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not linked:
                target.write_bytes(content)
                continue
            blob = repo / "blobs" / etag(name, content)
            if not blob.exists():
                blob.write_bytes(content)
            target.symlink_to(os.path.relpath(blob, target.parent))
        if tree:
            self.write_tree(repo_id, commit, files, repo_type=repo_type)
        for ref in refs:
            self.set_ref(repo_id, ref, commit, repo_type=repo_type)
        return commit

    def write_tree(
        self, repo_id: str, commit: str, files: Mapping[str, bytes], *, repo_type: str = "model"
    ) -> Path:
        listing = {}
        for name, content in sorted(files.items()):
            entry: dict[str, object] = {"size": len(content), "blob_id": git_sha1(content)}
            if name.endswith(LFS_SUFFIXES):
                entry |= {"lfs_sha256": sha256(content), "lfs_size": len(content)}
            listing[name] = entry
        path = self.folder(repo_id, repo_type) / "trees" / f"{commit}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"format_version": 1, "files": listing}, indent=1))
        return path

    def set_ref(self, repo_id: str, ref: str, commit: str, *, repo_type: str = "model") -> Path:
        path = self.folder(repo_id, repo_type) / "refs" / ref
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(commit)
        return path

    def share(self, repo_id: str, content: bytes, *, repo_type: str = "model") -> Path:
        """Move a blob into the shared store, as huggingface_hub does with a file that came by Xet."""
        store = self.root / "blobs"
        store.mkdir(exist_ok=True)
        (store / ".huggingface-shared-blobs").write_text("1\n")
        xet = hashlib.sha256(b"xet" + content).hexdigest()
        payload = store / xet[:2] / xet
        payload.parent.mkdir(exist_ok=True)
        blob = self.folder(repo_id, repo_type) / "blobs" / sha256(content)
        if payload.exists():
            blob.unlink()
        else:
            blob.rename(payload)
            payload.chmod(0o444)
        blob.symlink_to(os.path.relpath(payload, blob.parent))
        with payload.with_name(f"{xet}.refs").open("a") as manifest:
            manifest.write(f"{blob.relative_to(self.root).as_posix()}\n")
        for name in (f"{xet}.refs", f"{xet}.lock"):
            payload.with_name(name).touch()
            payload.with_name(name).chmod(0o666)
        return payload

    def incomplete(self, repo_id: str, size: int = 1000) -> Path:
        blobs = self.folder(repo_id) / "blobs"
        blobs.mkdir(parents=True, exist_ok=True)
        path = blobs / f"{'e' * 64}.0123abcd.incomplete"
        path.write_bytes(b"x" * size)
        return path

    def orphan(self, repo_id: str, content: bytes = b"nobody's") -> Path:
        path = self.folder(repo_id) / "blobs" / sha256(content)
        path.write_bytes(content)
        return path

"""What a hub of the tests keeps: repositories, commits, files; in memory, or on the disk and never loaded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

from support.caches import git_sha1, sha256

LFS = ("*.safetensors", "*.bin", "*.gguf", "*.onnx", "*.pt")


class Content:
    """A file's bytes, and what they are called: `etag` is the SHA-256 of an LFS file, else the git blob SHA-1."""

    def __init__(self, source: bytes | Path, *, lfs: bool) -> None:
        self.source = source
        self.is_lfs = lfs
        self.size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if lfs:
            self.sha256 = sha256(source) if isinstance(source, bytes) else _sha256_of(source)
            self.etag = self.sha256
            self.oid = git_sha1(self.pointer)
        else:
            self.sha256 = ""
            self.etag = self.oid = git_sha1(source if isinstance(source, bytes) else source.read_bytes())

    @property
    def pointer(self) -> bytes:
        """What git has in place of an LFS file."""
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {self.size}\n".encode()

    def open(self) -> BinaryIO:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Commit:
    """A commit: its files by their paths."""

    id: str
    title: str
    date: str
    files: dict[str, Content]
    parent: str = ""


@dataclass
class Repository:
    """A repository; `about` is what its description says besides what follows from its files."""

    id: str
    type: str = "model"
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)
    gated: str = ""
    accepted: bool = False

    def commit(self, revision: str) -> Commit | None:
        short = revision.removeprefix("refs/heads/")
        return self.commits.get(self.branches.get(short) or self.tags.get(revision) or revision)

    def add(
        self, files: Mapping[str, bytes | Path], lfs: Sequence[str], branch: str, title: str, date: str
    ) -> str:
        """A commit with just these files at the tip of a branch. The same steps give the same id on any hub."""
        contents = {
            path: Content(source, lfs=any(fnmatch(path, pattern) for pattern in lfs))
            for path, source in files.items()
        }
        parent = self.branches.get(branch, "")
        named = [(path, content.etag) for path, content in sorted(contents.items())]
        id = hashlib.sha1(repr((self.id, parent, named, title)).encode()).hexdigest()
        self.commits[id] = Commit(id, title, date, contents, parent)
        self.branches[branch] = id
        return id

    def history(self, commit: Commit | None) -> Iterator[Commit]:
        while commit is not None:
            yield commit
            commit = self.commits.get(commit.parent)

"""A model in a container, read as far as a plan needs: what it is called, its commit, and what its files are called.

A model's commit is the `commitHash` of its metadata; else its key's revision, when that is a commit; else that of
the clone or the snapshot its files are. Otherwise it is derived: the SHA-1 of the lines "path NUL etag LF", sorted by
path, so that the same files are the same commit wherever they are imported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from modelkeep.archive.checksums import SUMS_NAME, parse_sums
from modelkeep.archive.clone import Clone, read_clone
from modelkeep.archive.container import Container, Digests, Member
from modelkeep.archive.folders import snapshot_of
from modelkeep.archive.found import FoundModel
from modelkeep.archive.lfs import ATTRIBUTES_NAME, LFS_FROM, LfsRules, is_pointer, may_be_pointer
from modelkeep.archive.manifest import (
    COMPLETE_FIELD,
    MAX_METADATA,
    METADATA_NAME,
    MODEL_FOLDER,
    ModelMetadata,
)
from modelkeep.archive.names import is_junk
from modelkeep.cache import layout
from modelkeep.cache.trees import TreeFile, git_name
from modelkeep.errors import DamagedArchive, InvalidKey
from modelkeep.keys import ModelKey

__all__ = ["ImportFile", "Incoming", "derived_commit"]

_MOST_SUMS = 64 << 20
_MOST_INDEX = 64 << 20
_MOST_ATTRIBUTES = 1 << 20


class ImportFile(NamedTuple):
    """A file of a model: its path in the repository, and what it is in the container.

    `etag` is what its blob will be called: not known before an LFS file without a listed checksum is read. `present`
    says where its content is already, and `existing` at which path. `git_blob` is what the git of a clone calls it.
    """

    name: str
    member: Member
    lfs: bool
    sha256: str | None = None
    etag: str | None = None
    git_blob: str | None = None
    present: Literal["cache", "other-repo", "no"] = "no"
    existing: str = ""

    @property
    def size(self) -> int:
        return self.member.size


def derived_commit(etags: Mapping[str, str]) -> str:
    """The commit of files that have none, from the names of their blobs by path."""
    lines = (f"{name}\0{etags[name]}\n".encode() for name in sorted(etags))
    return hashlib.sha1(b"".join(lines)).hexdigest()


class Incoming:
    """A model in an open container. Raises `DamagedArchive` where what it says of itself is not true."""

    def __init__(self, container: Container, found: FoundModel) -> None:
        self.container = container
        self.found = found
        self.members = {member.name: member for member in container.members}
        if not found.files:
            raise DamagedArchive(f"{container.path.name} has no files of a model in {found.content or 'it'}.")
        metadata = self._read(found.metadata, MAX_METADATA)
        self.metadata = None if metadata is None else ModelMetadata.parse(metadata)
        self._known = dict(container.digests)
        self.sums = self._listed_sums()
        self.clone = self._clone()
        self.snapshot = snapshot_of(container.path) if found.content == "" else None

    @property
    def proposal(self) -> ModelKey | None:
        """What it may be called when it does not say so: by its origin, or by the name of its folder or file."""
        if self.clone.key:
            return self.clone.key
        if self.snapshot and (parsed := layout.parse_repo_folder(self.snapshot.folder)):
            return ModelKey(parsed[1], None, parsed[0])
        parts = [part for part in self.found.folder.split("/") if part not in ("", MODEL_FOLDER)]
        name = parts[-1] if parts else _stem(self.container.path)
        try:
            return ModelKey.parse(name.replace("_2f", "/").replace("_40", "@"))
        except InvalidKey:
            return None

    def commit(self, key: ModelKey | None) -> str | None:
        """The commit that it says it is, when it is to be called `key`."""
        revision = key.revision if key and key.revision and layout.is_commit(key.revision) else None
        said = self.metadata.commit if self.metadata else None
        if said and revision and said != revision:
            raise DamagedArchive(f"{METADATA_NAME} names two different commits: {said} and {revision}.")
        return said or revision or self.clone.commit or (self.snapshot.commit if self.snapshot else None)

    def is_complete(self, commit: str | None) -> bool:
        """Whether these are all files of the repository at `commit`, as far as that can be known.

        The archive may say so itself. They are when the commit is derived from them or is that of the clone they
        are. Of others the sign is `.gitattributes`: every repository of the Hub has one, and whoever fetched only
        what a load needs has not.
        """
        said = self.metadata.unknown.get(COMPLETE_FIELD) if self.metadata else None
        if isinstance(said, bool):
            return said
        return commit in (None, self.clone.commit) or ATTRIBUTES_NAME in self.found.files

    def notes(self) -> tuple[str, ...]:
        """What is odd, and does not keep it from being imported."""
        size = sum(member.size for member in self.found.files.values())
        if self.metadata and self.metadata.size not in (None, size):
            return (f"It says that it has {self.metadata.size:,} bytes; its files have {size:,}.",)
        return ()

    def files(self, named: Mapping[str, str]) -> tuple[ImportFile, ...]:
        """Its files. `named` are names of blobs by path, where the cache knows how the Hub calls a file's content."""
        rules = self._lfs_rules()
        return tuple(
            self._file(name, member, self._is_lfs(name, member, rules, named.get(name)))
            for name, member in sorted(self.found.files.items())
        )

    def _is_lfs(self, name: str, member: Member, rules: LfsRules, named: str | None) -> bool:
        if named:
            return layout.is_sha256(named)
        if member.size <= LFS_FROM and name in self.clone.blobs:
            return self.clone.blobs[name] != self._digests(member).git_sha1
        return rules.is_lfs(name, member.size)

    def _file(self, name: str, member: Member, lfs: bool) -> ImportFile:
        if may_be_pointer(member.size) and is_pointer(self.container.read(member, member.size)):
            raise DamagedArchive(
                f"{name} is not there: git holds a pointer in its place.",
                hint="Run `git lfs pull` in the clone, then import it again.",
            )
        listed = self._listed(f"{MODEL_FOLDER}/{name}")
        # Files that are not LFS are small, so that reading them costs nothing, and a list has no git SHA-1 of them.
        known = self._known.get(member.name) if lfs else self._digests(member)
        if known and listed and known.sha256 != listed:
            raise DamagedArchive(f"{name} is not what {SUMS_NAME} says: it has another SHA-256.")
        sha256 = known.sha256 if known else listed
        etag = sha256 if lfs else known and known.git_sha1
        return ImportFile(name, member, lfs, sha256, etag, self.clone.blobs.get(name))

    # ---- what lies beside the files

    def _listed_sums(self) -> Mapping[str, str] | None:
        """The list of checksums, which has to be about exactly the files that are there."""
        data = self._read(self.found.sums, _MOST_SUMS)
        if data is None:
            return None
        sums = {name: digest for name, digest in parse_sums(data).items() if not is_junk(name)}
        there = {f"{MODEL_FOLDER}/{name}" for name in self.found.files} | {METADATA_NAME}
        if missing := sums.keys() - there - {SUMS_NAME}:
            raise DamagedArchive(f"{min(missing)} is missing, which {SUMS_NAME} lists.")
        metadata = self.found.metadata
        if metadata and sums.get(METADATA_NAME) not in (None, self._digests(metadata).sha256):
            raise DamagedArchive(f"{METADATA_NAME} is not what {SUMS_NAME} says: it has another SHA-256.")
        return sums

    def _listed(self, name: str) -> str | None:
        if self.sums is None:
            return None
        if name not in self.sums:
            raise DamagedArchive(
                f"{name} is not in {SUMS_NAME}, so it may have been added.",
                hint="Remove it, or import without checksums: take SHA256SUMS out of the archive.",
            )
        return self.sums[name]

    def _clone(self) -> Clone:
        git = f"{self.found.content}/.git" if self.found.content else ".git"
        if f"{git}/HEAD" not in self.members:
            return Clone()
        sizes = {name: member.size for name, member in self.found.files.items()}
        clone = read_clone(lambda name: self._read(self.members.get(f"{git}/{name}"), _MOST_INDEX), sizes)
        if clone is None or any(self._is_changed(*known) for known in clone.blobs.items()):
            return Clone(clone.key if clone else None)
        return clone

    def _is_changed(self, name: str, blob: str) -> bool:
        """Whether a file is not what the clone's git says. Large ones are LFS, and compared when they are read."""
        member = self.found.files[name]
        if member.size > LFS_FROM:
            return False
        known = self._digests(member)
        return blob not in (known.git_sha1, git_name(TreeFile(member.size, known.sha256)))

    def _digests(self, member: Member) -> Digests:
        """What the content of a small file is called."""
        if member.name not in self._known:
            self._known[member.name] = _digests(self.container, member)
        return self._known[member.name]

    def _lfs_rules(self) -> LfsRules:
        attributes = {
            name.removesuffix(ATTRIBUTES_NAME): self.container.read(member, _MOST_ATTRIBUTES)
            for name, member in self.found.files.items()
            if name.rpartition("/")[2] == ATTRIBUTES_NAME
        }
        return LfsRules({folder: text.decode(errors="replace") for folder, text in attributes.items()})

    def _read(self, member: Member | None, limit: int) -> bytes | None:
        return None if member is None else self.container.read(member, limit)


def _digests(container: Container, member: Member) -> Digests:
    sha256, git_sha1 = hashlib.sha256(), hashlib.sha1(layout.git_blob_header(member.size))
    for chunk in container.chunks(member):
        sha256.update(chunk)
        git_sha1.update(chunk)
    return Digests(sha256.hexdigest(), git_sha1.hexdigest())


def _stem(path: Path) -> str:
    """The name of an archive without what it is packed with; "org_2fname.zip.001" is "org_2fname"."""
    return re.sub(r"\.(?:zip|tar|tgz|tar\.gz|tar\.zst)(?:\.\d{3,})?$", "", path.name, flags=re.IGNORECASE)

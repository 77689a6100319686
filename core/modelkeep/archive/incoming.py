"""A model in a container, read as far as a plan needs: what it is called, its commit, and what its files are called.

A model's commit is the `commitHash` of its metadata; else its key's revision, when that is a commit; else that of
the clone or the snapshot its files are. Otherwise it is derived: the SHA-1 of the lines "path NUL etag LF", sorted by
path, so that the same files are the same commit wherever they are imported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from modelkeep.archive.absent import ABSENT_FIELD, Absent, AbsentFile
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
from modelkeep.archive.minisign import MAX_SIGNATURE, PublicKey
from modelkeep.archive.names import check_no_clashes, is_junk
from modelkeep.archive.signature import Signature, demand, look_at_signature
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
    An `absent` one the archive names and leaves out: its content has to be on this machine.
    """

    name: str
    member: Member
    lfs: bool
    sha256: str | None = None
    etag: str | None = None
    git_blob: str | None = None
    present: Literal["cache", "other-repo", "other-root", "no"] = "no"
    existing: str = ""
    absent: bool = False

    @property
    def size(self) -> int:
        return self.member.size

    @property
    def is_written(self) -> bool:
        """Whether its content has to be written: the root has it not yet, not even in another repository."""
        return self.present in ("no", "other-root")


def derived_commit(etags: Mapping[str, str]) -> str:
    """The commit of files that have none, from the names of their blobs by path."""
    lines = (f"{name}\0{etags[name]}\n".encode() for name in sorted(etags))
    return hashlib.sha1(b"".join(lines)).hexdigest()


class Incoming:
    """A model in an open container. Raises `DamagedArchive` where what it says of itself is not true.

    With `trusted` keys, one of them has to have signed the list of its checksums; else `ArchiveError` is raised.
    """

    def __init__(self, container: Container, found: FoundModel, trusted: Sequence[PublicKey] = ()) -> None:
        self.container = container
        self.found = found
        self.members = {member.name: member for member in container.members}
        # Each is read once: what was signed, or hashed, must be what is understood.
        sums = self._read(found.sums, _MOST_SUMS)
        self.signature = self._signed(sums, trusted)
        metadata = self._read(found.metadata, MAX_METADATA)
        self.metadata = None if metadata is None else ModelMetadata.parse(metadata)
        self.packed_for, self.absent = self._left_out()
        if not found.files and not self.absent:
            raise DamagedArchive(f"{container.path.name} has no files of a model in {found.content or 'it'}.")
        self._known = dict(container.digests)
        self.sums = self._listed_sums(sums, metadata)
        for file in self.absent:
            if self._listed(f"{MODEL_FOLDER}/{file.name}") != file.sha256:
                raise DamagedArchive(f"{METADATA_NAME} and {SUMS_NAME} say different things of {file.name}.")
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
        names = {*self.found.files, *(file.name for file in self.absent)}
        return commit in (None, self.clone.commit) or ATTRIBUTES_NAME in names

    def notes(self) -> tuple[str, ...]:
        """What is odd, and does not keep it from being imported."""
        size = sum(member.size for member in self.found.files.values()) + sum(f.size for f in self.absent)
        if self.metadata and self.metadata.size not in (None, size):
            return (f"It says that it has {self.metadata.size:,} bytes; its files have {size:,}.",)
        return ()

    def files(
        self, named: Mapping[str, str], content: Callable[[AbsentFile], bytes | None] = lambda file: None
    ) -> tuple[ImportFile, ...]:
        """Its files, by name. `named` are names of blobs by path, where the cache knows how the Hub calls a content.

        `content` answers what a small file has in it that is left out, None where nobody knows.
        """
        rules = self._lfs_rules(content)
        packed = [
            self._file(name, member, self._is_lfs(name, member, rules, named.get(name)))
            for name, member in self.found.files.items()
        ]
        return tuple(sorted(packed + [self._absent(file) for file in self.absent]))

    def _absent(self, file: AbsentFile) -> ImportFile:
        member = Member(f"{self.found.content}/{file.name}", file.size)
        lfs = layout.is_sha256(file.etag)
        return ImportFile(file.name, member, lfs, file.sha256, file.etag, absent=True)

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

    def _listed_sums(self, data: bytes | None, metadata: bytes | None) -> Mapping[str, str] | None:
        """The list of checksums, which has to be about exactly the files that are there."""
        if data is None:
            return None
        sums = {name: digest for name, digest in parse_sums(data).items() if not is_junk(name)}
        there = {f"{MODEL_FOLDER}/{name}" for name in self.found.files} | {METADATA_NAME}
        there |= {f"{MODEL_FOLDER}/{file.name}" for file in self.absent}
        if missing := sums.keys() - there - {SUMS_NAME}:
            raise DamagedArchive(f"{min(missing)} is missing, which {SUMS_NAME} lists.")
        found = None if metadata is None else hashlib.sha256(metadata).hexdigest()
        if found and sums.get(METADATA_NAME) not in (None, found):
            raise DamagedArchive(f"{METADATA_NAME} is not what {SUMS_NAME} says: it has another SHA-256.")
        if self.signature and self.signature.is_verified and METADATA_NAME not in sums:
            raise DamagedArchive(f"{METADATA_NAME} is not in {SUMS_NAME}, so that nobody has signed it.")
        return sums

    def _signed(self, sums: bytes | None, trusted: Sequence[PublicKey]) -> Signature | None:
        """What is known of the signature; with trusted keys it has to be that of one of them."""
        data = self._read(self.found.signature, MAX_SIGNATURE)
        signature = None if data is None or sums is None else look_at_signature(data, sums, trusted)
        if trusted:
            demand(signature, self.container.path.name)
        return signature

    def _left_out(self) -> tuple[str, tuple[AbsentFile, ...]]:
        """Whom it was packed for, and the files that it leaves out for them."""
        field = self.metadata.unknown.get(ABSENT_FIELD) if self.metadata else None
        if field is None:
            return "", ()
        absent = Absent.parse(field)
        # What somebody has put in since needs not be looked for.
        files = tuple(file for file in absent.files if file.name not in self.found.files)
        check_no_clashes([*self.found.files, *(file.name for file in files)])
        return absent.said, files

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
        if self.signature and self.signature.is_verified:
            return Clone()  # nobody has signed what git says of it
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

    def _lfs_rules(self, content: Callable[[AbsentFile], bytes | None]) -> LfsRules:
        attributes = {
            name.removesuffix(ATTRIBUTES_NAME): self.container.read(member, _MOST_ATTRIBUTES)
            for name, member in self.found.files.items()
            if name.rpartition("/")[2] == ATTRIBUTES_NAME
        }
        for file in self.absent:
            if file.name.rpartition("/")[2] == ATTRIBUTES_NAME and file.size <= _MOST_ATTRIBUTES:
                text = content(file)
                if text is not None:
                    attributes[file.name.removesuffix(ATTRIBUTES_NAME)] = text
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

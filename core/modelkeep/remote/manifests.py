"""A manifest as a store keeps it: canonical JSON, so that equal revisions are equal bytes; see docs/store.md.

What is read was written by anybody: it is checked from the first byte on, and names no file that could be written
outside of its revision. Fields that are not known are those of a later Modelkeep, and are passed over; a later
*version* is refused, because it means something else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn, TypeVar

from modelkeep.archive.names import check_entry_name
from modelkeep.cache import layout
from modelkeep.errors import BadReply, InvalidKey, UnsafeArchive
from modelkeep.keys import ModelKey
from modelkeep.remote.objects import SMALL
from modelkeep.remote.values import Lineage, Manifest, ManifestFile, Summary

__all__ = ["VERSION", "check_manifest", "checksum_lines", "manifest_id", "parse_manifest", "write_manifest"]

FORMAT = "modelkeep-manifest"
VERSION = 1

_MOST = 250_000  # files of a revision; about as many fit what is read at once
_LARGEST = 1 << 62  # bytes of a file
_TEXT = 1 << 20  # characters of a text
_Value = TypeVar("_Value")


def write_manifest(manifest: Manifest) -> bytes:
    """The bytes of a manifest, its files in the order of their paths. Raises `BadReply` for one that
    `parse_manifest` would not read.
    """
    check_manifest(manifest)
    key = manifest.key
    value = {
        "format": FORMAT,
        "version": VERSION,
        "model": key.name,
        "commit": manifest.commit,
        "complete": manifest.is_complete,
        "files": [file._asdict() for file in sorted(manifest.files)],
        "summary": manifest.summary._asdict(),
        "lineage": manifest.lineage._asdict(),
        "description": manifest.description,
        "origin": manifest.origin,
        "created_at": float(manifest.created_at),
        "created_by": manifest.created_by,
        "last_modified": manifest.last_modified,
    }
    content = canonical(value)
    _Reader(f"the manifest of {key}").check_size(content)
    return content


def canonical(value: object) -> bytes:
    """JSON with its keys in order, one item a line, so that it can be read and compared by hand."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=True, indent=1)
    return text.encode("ascii") + b"\n"


def manifest_id(content: bytes) -> str:
    """What tells the manifests of one commit apart: the first 16 hex digits of the SHA-256 of the bytes."""
    return hashlib.sha256(content).hexdigest()[:16]


def checksum_lines(manifest: Manifest) -> bytes:
    """Lines for `sha256sum -c`, run in a folder that has the files of the revision."""
    # sha256sum marks a line with a backslash where the name in it is escaped; our names have nothing to escape.
    lines = (f"{file.sha256}  {file.path}\n" for file in sorted(manifest.files))
    return "".join(lines).encode()


def parse_manifest(content: bytes, name: str = "") -> Manifest:
    """Read a manifest; `name` says which one in an error. Raises `BadReply` for what is none."""
    return _Reader(name or "a manifest").manifest(content)


def check_manifest(manifest: Manifest, name: str = "") -> None:
    """Raise `BadReply` for a manifest that cannot be kept: its names, its sizes, its hashes."""
    reader = _Reader(name or f"the manifest of {manifest.key}")
    if not layout.is_commit(manifest.commit):
        reader.refuse(f"has the commit {manifest.commit[:80]!a}, which is none")
    reader.check_files(manifest.files)


class _Reader:
    """Reads one manifest; `name` is what it is called in errors."""

    def __init__(self, name: str) -> None:
        self._name = name

    def refuse(self, fault: str) -> NoReturn:
        raise BadReply(
            f"{self._name[:1].upper()}{self._name[1:]} {fault}.",
            hint="The other revisions are not touched by this. Push this one again, or delete its file.",
        )

    def manifest(self, content: bytes) -> Manifest:
        self.check_size(content)
        try:
            said = json.loads(content)
        except (ValueError, RecursionError):
            self.refuse("is no JSON")
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            self.refuse("is not a manifest of Modelkeep")
        version = self.value(said, "version", int, 0)
        if version != VERSION:
            self.refuse(f"has version {version}, which this Modelkeep does not know")
        manifest = Manifest(
            key=self.key(self.text(said, "model"), self.text(said, "commit")),
            files=tuple(map(self.file, self.items(said, "files"))),
            is_complete=self.value(said, "complete", bool, False),
            summary=self.summary(self.value(said, "summary", dict, {})),
            lineage=self.lineage(self.value(said, "lineage", dict, {})),
            description=self.text(said, "description"),
            origin=self.text(said, "origin"),
            created_at=self.time(said),
            created_by=self.text(said, "created_by"),
            last_modified=self.text(said, "last_modified"),
        )
        self.check_files(manifest.files)
        return replace(manifest, files=tuple(sorted(manifest.files)))

    def value(self, said: dict[str, object], field: str, kind: type[_Value], default: _Value) -> _Value:
        value = said.get(field, default)
        # True is an int to Python, and to nobody else.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.refuse(f"has a “{field}” that is not what it should be")
        return value

    def text(self, said: dict[str, object], field: str) -> str:
        value = self.value(said, field, str, "")
        if len(value) > _TEXT:
            self.refuse(f"has a “{field}” of {len(value):,} characters, which is too much")
        return _sound(value)

    def texts(self, said: dict[str, object], field: str) -> tuple[str, ...]:
        values = self.items(said, field)
        if not all(isinstance(value, str) for value in values) or sum(map(len, map(str, values))) > _TEXT:
            self.refuse(f"has a “{field}” that is not what it should be")
        return tuple(_sound(str(value)) for value in values)

    def items(self, said: dict[str, object], field: str) -> list[object]:
        return self.value(said, field, list, [])

    def number(self, said: dict[str, object], field: str) -> int:
        value = self.value(said, field, int, 0)
        if not 0 <= value < _LARGEST:
            self.refuse(f"has a “{field}” that no number of bytes or parameters can be")
        return value

    def time(self, said: dict[str, object]) -> float:
        value = said.get("created_at", 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
            self.refuse("has a “created_at” that is no time")
        return float(value)

    def key(self, model: str, commit: str) -> ModelKey:
        try:
            key = ModelKey.known(model)
            if key.revision or not key.repo_id or not model.startswith(("hf@", "hf-")):
                raise InvalidKey(model)
        except InvalidKey:
            self.refuse(f"is of {model[:80]!a}, which is not the name of a model")
        if not layout.is_commit(commit):
            self.refuse(f"has the commit {commit[:80]!a}, which is none")
        return key.at(commit)

    def file(self, value: object) -> ManifestFile:
        if not isinstance(value, dict):
            self.refuse("has a file that is not what it should be")
        return ManifestFile(
            self.text(value, "path"),
            self.number(value, "size"),
            self.text(value, "sha256"),
            self.text(value, "etag"),
        )

    def summary(self, said: dict[str, object]) -> Summary:
        return Summary(
            library=self.text(said, "library"),
            task=self.text(said, "task"),
            licence=self.text(said, "licence"),
            languages=self.texts(said, "languages"),
            tags=self.texts(said, "tags"),
            formats=self.texts(said, "formats"),
            parameters=self.number(said, "parameters"),
            custom_code=self.value(said, "custom_code", bool, False),
        )

    def lineage(self, said: dict[str, object]) -> Lineage:
        return Lineage(self.text(said, "parent"), self.text(said, "root"))

    def check_size(self, content: bytes) -> None:
        if len(content) > SMALL:
            self.refuse(f"has {len(content):,} bytes, which is too much")

    def check_files(self, files: Sequence[ManifestFile]) -> None:
        if len(files) > _MOST:
            self.refuse(f"has {len(files):,} files, which is too many")
        paths: set[str] = set()
        sizes: dict[str, int] = {}
        for file in files:
            self.check_file(file)
            if file.path in paths:
                self.refuse(f"has the file {file.path} twice")
            paths.add(file.path)
            if sizes.setdefault(file.sha256, file.size) != file.size:
                self.refuse(f"gives one content two sizes, in {file.path}")
        for path in paths:
            parts = path.split("/")
            if folder := next((f for n in range(1, len(parts)) if (f := "/".join(parts[:n])) in paths), ""):
                self.refuse(f"has {folder} as a file and as a folder")

    def check_file(self, file: ManifestFile) -> None:
        try:
            if check_entry_name(file.path) != file.path:
                self.refuse(f"has a file called {file.path[:120]!a}, which no file can be called")
        except UnsafeArchive:
            self.refuse(f"has a file called {file.path[:120]!a}, which no file may be called")
        if not 0 <= file.size < _LARGEST:
            self.refuse(f"has {file.path} with {file.size} bytes, which no file can have")
        if not layout.is_sha256(file.sha256):
            self.refuse(f"has {file.path} without its SHA-256")
        if not (layout.is_git_sha1(file.etag) or file.etag == file.sha256):
            self.refuse(f"has {file.path} without what a cache calls its content")


def _sound(text: str) -> str:
    """Text without halves of characters, which JSON can hold and nothing else can."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text

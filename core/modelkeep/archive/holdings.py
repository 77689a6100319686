"""What a site has, in a file that is carried to another site, so that this one packs only what the first lacks.

::

    {"format": "modelkeep-inventory", "version": 1, "made": "2026-11-21T18:00:00Z", "tool": "0.1.0", "name": "",
     "contents": [[etag, size], [etag, size, sha256], …],
     "models": [{"key": "hf@org/name", "refs": {"main": commit}, "revisions": {commit: [0, 1, …]}}, …]}

Every content is listed once, by what its blob is called, and a revision is numbers of contents. The SHA-256 is left
out where the name is it, and where nobody knows it. No paths, no names of machines, no users, no notes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.disk import disk_errors
from modelkeep.errors import DamagedArchive, InvalidKey, UnknownArchive
from modelkeep.keys import ModelKey

__all__ = ["HeldContent", "HeldModel", "Holdings", "read_holdings"]

_FORMAT, _VERSION = "modelkeep-inventory", 1
_MOST = 256 << 20  # bytes, unpacked; of 5,000 models it has about 4 MB
_MOST_NAME = 255  # characters of a name
_LARGEST = 1 << 62  # bytes of a content
_GZIP = b"\x1f\x8b"


class HeldContent(NamedTuple):
    """A content: what its blob is called, its bytes, and its SHA-256, "" where that is not known."""

    etag: str
    size: int
    sha256: str = ""


class HeldModel(NamedTuple):
    """A model: the commits that its refs name, and the contents of its revisions, as numbers."""

    key: ModelKey
    refs: Mapping[str, str]
    revisions: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Holdings:
    """See the module. `made` is seconds since the epoch (UTC), `tool` the version of the program that made it."""

    made: float
    tool: str
    name: str = ""
    contents: tuple[HeldContent, ...] = field(default=(), repr=False)
    models: tuple[HeldModel, ...] = field(default=(), repr=False)

    @property
    def made_at(self) -> str:
        return datetime.fromtimestamp(self.made, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @cached_property
    def id(self) -> str:
        """By which a bundle names it: 16 hex digits of the SHA-256 of its file."""
        return hashlib.sha256(self.to_json()).hexdigest()[:16]

    def content(self, etag: str, size: int) -> HeldContent | None:
        """The content of that name and size, if it is there."""
        found = self._by_etag.get(etag)
        return found if found and found.size == size else None

    def model(self, key: ModelKey) -> HeldModel | None:
        """The model of that name (the revision of the key is not looked at), if it is there."""
        return self._by_key.get(key.at(None))

    @cached_property
    def _by_etag(self) -> dict[str, HeldContent]:
        return {content.etag: content for content in self.contents}

    @cached_property
    def _by_key(self) -> dict[ModelKey, HeldModel]:
        return {model.key: model for model in self.models}

    def to_json(self) -> bytes:
        """The content of an inventory file: a line a content and a line a model, for who has to let it pass."""
        head = {
            "format": _FORMAT,
            "version": _VERSION,
            "made": self.made_at,
            "tool": self.tool,
            "name": self.name,
        }
        contents = [
            [etag, size, sha256] if sha256 and sha256 != etag else [etag, size]
            for etag, size, sha256 in self.contents
        ]
        models = [
            {"key": str(model.key), "refs": dict(model.refs), "revisions": dict(model.revisions)}
            for model in self.models
        ]
        lines = [f"{json.dumps(name)}: {_text(value)}," for name, value in head.items()]
        lines += ['"contents": [', *_list(contents), "],", '"models": [', *_list(models), "]"]
        return ("{\n" + "\n".join(lines) + "\n}\n").encode()

    @classmethod
    def parse(cls, data: bytes) -> Holdings:
        """Read the content of an inventory file, also one that gzip made smaller.

        Raises `UnknownArchive` when it is none, `DamagedArchive` when it is not as it should be.
        """
        try:
            said = json.loads(_unpacked(data))
            if not isinstance(said, dict) or said.get("format") != _FORMAT:
                raise UnknownArchive(
                    "That is no inventory of a site.",
                    hint="`modelkeep inventory` on the other side makes one.",
                )
            if said.get("version") != _VERSION:
                raise UnknownArchive(
                    f"The inventory is of version {said.get('version')!s:.20}; only version {_VERSION} can be read.",
                    hint="A later Modelkeep may read it.",
                )
            return cls._parsed(said)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise DamagedArchive(
                "The inventory is damaged, or no inventory.", hint="Make it again on the other side."
            ) from error

    @classmethod
    def _parsed(cls, said: Mapping[str, object]) -> Holdings:
        contents = tuple(_content(value) for value in _as_list(said["contents"]))
        if len({content.etag for content in contents}) != len(contents):
            raise ValueError("a content twice")
        models = tuple(_model(value, len(contents)) for value in _as_list(said["models"]))
        if len({model.key for model in models}) != len(models):
            raise ValueError("a model twice")
        made = datetime.strptime(_line(said["made"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if made.year < 1970:
            raise ValueError("no time")
        return cls(made.timestamp(), _line(said["tool"]), _line(said["name"]), contents, models)


def read_holdings(path: Path) -> Holdings:
    """Read an inventory file. Raises `UnknownArchive`, `DamagedArchive`, and `CacheError` where it cannot be read."""
    with disk_errors(path), open(path, "rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise UnknownArchive(f"{path.name} is too large to be an inventory.")
    return Holdings.parse(data)


# ---- writing


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _list(values: Sequence[object]) -> list[str]:
    last = len(values) - 1
    return [f"{_text(value)}{',' if number < last else ''}" for number, value in enumerate(values)]


# ---- reading, whatever it may be


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(_MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("damaged") from error
    if len(unpacked) > _MOST:
        raise ValueError("too large")
    return unpacked


def _content(value: object) -> HeldContent:
    etag, size, *rest = _as_list(value)
    sha256 = rest[0] if rest else ""
    if not isinstance(etag, str) or not (layout.is_sha256(etag) or layout.is_git_sha1(etag)):
        raise ValueError("no name of a content")
    if type(size) is not int or not 0 <= size < _LARGEST or len(rest) > 1:
        raise ValueError("no content")
    if not isinstance(sha256, str) or (sha256 and not layout.is_sha256(sha256)):
        raise ValueError("no checksum")
    if layout.is_sha256(etag):
        if sha256 not in ("", etag):
            raise ValueError("two checksums")
        sha256 = etag
    return HeldContent(etag, size, sha256)


def _model(value: object, contents: int) -> HeldModel:
    said = _as_dict(value)
    refs, revisions = _as_dict(said["refs"]), _as_dict(said["revisions"])
    try:
        key = ModelKey.parse(_line(said["key"]))
    except InvalidKey as error:
        raise ValueError("no key") from error
    if key.revision or str(key) != said["key"]:
        raise ValueError("no key of a model")
    return HeldModel(
        key,
        {_line(name): _commit(commit) for name, commit in refs.items()},
        {_commit(commit): _numbers(numbers, contents) for commit, numbers in revisions.items()},
    )


def _numbers(value: object, below: int) -> tuple[int, ...]:
    numbers = tuple(number for number in _as_list(value) if type(number) is int and 0 <= number < below)
    if len(numbers) != len(_as_list(value)):
        raise ValueError("no content of that number")
    return numbers


def _commit(value: object) -> str:
    if not isinstance(value, str) or not layout.is_commit(value):
        raise ValueError("no commit")
    return value


def _line(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MOST_NAME or not value.isprintable():
        raise ValueError("no text")
    return value


def _as_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _as_dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value

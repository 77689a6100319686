"""Files of a model that its archive leaves out, because whom it is for has them: `modelkeepAbsent` of its metadata.

::

    "modelkeepAbsent": {"inventory": "…", "made": "2026-11-21T18:00:00Z", "name": "site B",
                        "files": [{"path": "model.safetensors", "size": 1, "etag": "…", "sha256": "…"}, …]}

`SHA256SUMS` lists them as well. A program that does not know the field sees that files of that list are missing, so
that nobody takes a part for the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from modelkeep.archive.holdings import Holdings
from modelkeep.archive.names import check_entry_name, is_junk
from modelkeep.cache import layout
from modelkeep.errors import DamagedArchive, UnsafeArchive

__all__ = ["ABSENT_FIELD", "Absent", "AbsentFile", "left_out"]

ABSENT_FIELD = "modelkeepAbsent"

_MOST = 600 << 10  # bytes that the list may take of a `model_metadata.json`, which has 1 MiB at most


class AbsentFile(NamedTuple):
    """A file that is left out: its path in the repository, its bytes, the name of its blob, its SHA-256."""

    name: str
    size: int
    etag: str
    sha256: str


@dataclass(frozen=True)
class Absent:
    """The files that an archive leaves out, and by which inventory of which site."""

    files: tuple[AbsentFile, ...]
    inventory: str
    made: str
    name: str = ""

    @classmethod
    def because_of(cls, holdings: Holdings, files: Iterable[AbsentFile]) -> Absent:
        return cls(tuple(sorted(files)), holdings.id, holdings.made_at, holdings.name)

    @property
    def said(self) -> str:
        """Whom it was packed for, for a sentence."""
        site = f"“{self.name}”" if self.name else "a site"
        return f"{site}, by its inventory {self.inventory} of {self.made}"

    def to_field(self) -> dict[str, object]:
        """The value of the field."""
        return {
            "inventory": self.inventory,
            "made": self.made,
            "name": self.name,
            "files": [_entry(file) for file in self.files],
        }

    @classmethod
    def parse(cls, value: object) -> Absent:
        """Read the value of the field. Raises `DamagedArchive`, `UnsafeArchive` for a name that leads elsewhere."""
        if not isinstance(value, Mapping) or not isinstance(value.get("files"), list):
            raise DamagedArchive(f"{ABSENT_FIELD} says nothing that can be understood.")
        inventory, made, name = (_line(value.get(field)) for field in ("inventory", "made", "name"))
        files = tuple(_file(entry) for entry in value["files"])
        if len({file.name for file in files}) != len(files):
            raise DamagedArchive(f"{ABSENT_FIELD} names a file twice.")
        return cls(files, inventory, made, name)


def left_out(files: Iterable[AbsentFile]) -> tuple[AbsentFile, ...]:
    """As many of these files as the metadata of an archive can name, the largest first; the others are packed."""
    chosen: list[AbsentFile] = []
    space = _MOST
    for file in sorted(files, key=lambda file: (-file.size, file.name)):
        # As it is written, indented.
        space -= len(json.dumps(_entry(file), ensure_ascii=False).encode()) + 64
        if space < 0:
            break
        chosen.append(file)
    return tuple(chosen)


def _entry(file: AbsentFile) -> dict[str, object]:
    return {"path": file.name, "size": file.size, "etag": file.etag, "sha256": file.sha256}


def _file(entry: object) -> AbsentFile:
    if not isinstance(entry, Mapping):
        raise DamagedArchive(f"{ABSENT_FIELD} has an entry that is no file.")
    name, size, etag, sha256 = (entry.get(field) for field in ("path", "size", "etag", "sha256"))
    if not isinstance(name, str) or type(size) is not int or size < 0:
        raise DamagedArchive(f"{ABSENT_FIELD} has an entry that is no file.")
    if check_entry_name(name) != name or is_junk(name):
        raise UnsafeArchive(f"The entry “{name}” of {ABSENT_FIELD} can be no file of a model.")
    if not isinstance(etag, str) or not isinstance(sha256, str) or not layout.is_sha256(sha256):
        raise DamagedArchive(f"{ABSENT_FIELD} does not say what {name} is.")
    if not layout.is_git_sha1(etag) and etag != sha256:
        raise DamagedArchive(f"{ABSENT_FIELD} says two things of {name}.")
    return AbsentFile(name, size, etag, sha256)


def _line(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 255 or not value.isprintable():
        raise DamagedArchive(f"{ABSENT_FIELD} says nothing that can be understood.")
    return value

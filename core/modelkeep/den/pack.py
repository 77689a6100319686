"""Models on their way into a den: a saved CAT, a pack, a folder. Nothing here loads one.

A pack is a zip, or the folder it unpacks to, with a `model_card.json` at its top; MedCAT writes them so. The folder
of another model, as transformers save it, gets a card when it comes into a den.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from modelkeep.archive.container import open_container
from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.lfs import LfsRules
from modelkeep.archive.names import is_junk
from modelkeep.cache.layout import git_blob_header
from modelkeep.den.info import DESCRIPTION, HISTORY, LIBRARY, MEDCAT_VERSION, MODEL_ID, history_of
from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import DamagedArchive, InvalidKey, ModelKeepError, UnknownArchive
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import Description, describe_folder
from modelkeep.progress import Progress, Report, ignore

__all__ = [
    "CARD",
    "Pack",
    "PackedFile",
    "card_in",
    "described",
    "files_of",
    "is_model_id",
    "library_of",
    "open_pack",
    "save_cat",
    "sha256_of",
    "unpack",
    "write_zip",
]

CARD = "model_card.json"
_MOST_CARD = 64 << 20
_BLOCK = 1 << 20
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,94}")


@dataclass(frozen=True)
class Pack:
    """A model ready to be put into a den: a zip or a folder, with the card that goes with it.

    `is_changed`: the card is another than the one in the files, if there is one there.
    """

    path: Path
    card: Mapping[str, Any]
    is_changed: bool = False

    @property
    def model_id(self) -> str:
        return str(self.card[MODEL_ID])

    @property
    def history(self) -> tuple[str, ...]:
        return history_of(self.model_id, self.card)

    def card_bytes(self) -> bytes:
        """The card as MedCAT writes it."""
        return json.dumps(self.card, indent=2, sort_keys=False).encode()


@dataclass(frozen=True)
class PackedFile:
    """A file of an unpacked pack, and what a cache calls its content."""

    path: str
    size: int
    sha256: str
    etag: str


def is_model_id(text: object) -> bool:
    """Whether a text can be the id of a model: it becomes the name of files."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None and ".." not in text


def library_of(card: Mapping[str, Any] | None) -> str:
    """Which library loads a model, by its card; "" when that does not say."""
    if card and card.get(LIBRARY):
        return str(card[LIBRARY])
    return "medcat" if card and MEDCAT_VERSION in card else ""


def open_pack(path: Path, *, report: Report = ignore) -> Pack:
    """The model in a zip or folder. Raises `ArchiveError`s where there is none, or its card makes no sense."""
    with open_container(path, report=report) as container:
        member = next((one for one in container.members if one.name == CARD), None)
        if member is not None:
            return Pack(path, _card(path, container.read(member, _MOST_CARD)))
    if not path.is_dir():
        raise UnknownArchive(f"{path.name} has no {CARD} at its top.", hint="A MedCAT pack has one.")
    return Pack(path, _made_card(path, report), is_changed=True)


def card_in(folder: Path) -> dict[str, Any] | None:
    """The card of an unpacked pack; None where there is none."""
    with suppress(OSError, ModelKeepError):
        return _card(folder, (folder / CARD).read_bytes())
    return None


def _card(path: Path, content: bytes) -> dict[str, Any]:
    try:
        card = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedArchive(f"The {CARD} of {path.name} is not JSON.") from error
    if not isinstance(card, dict) or not is_model_id(card.get(MODEL_ID)):
        raise DamagedArchive(f"The {CARD} of {path.name} does not say which model it is.")
    return card


def _made_card(folder: Path, report: Report) -> dict[str, Any]:
    """A card for the folder of a model that has none; its id is the beginning of its commit."""
    told = describe_folder(folder)
    if not (told.library or told.architecture or told.formats):
        raise UnknownArchive(
            f"{folder} is not the folder of a model.", hint=f"It has no {CARD} and no config."
        )
    model_id = derived_commit({file.path: file.etag for file in files_of(folder, report=report)})[:16]
    return {
        MODEL_ID: model_id,
        "Last Modified On": datetime.now().isoformat(),  # noqa: DTZ005 - as MedCAT writes it
        HISTORY: [*_line_of(told), model_id],
        DESCRIPTION: "",
        LIBRARY: told.library or "transformers",
        "Task": told.task,
        "Licence": told.licence,
        "MetaCAT models": [],
        MEDCAT_VERSION: "",
    }


def _line_of(told: Description) -> list[str]:
    """What a model says that it was made from, as its card names it in a cache and a remote."""
    for base in told.base_models:
        with suppress(InvalidKey):
            return [str(ModelKey.parse(base))]
    return []


def save_cat(cat: Any, folder: Path, description: str | None) -> Pack:
    """Have a CAT save itself below `folder`, with one more line of description; its history has this version then."""
    save = getattr(cat, "_delegate", cat).save_model_pack
    with disk_errors(folder):
        saved = save(
            os.fspath(folder), pack_name="pack", add_hash_to_pack_name=False, only_archive=True,
            change_description=description,
        )  # fmt: skip
    path = Path(saved)
    return open_pack(path if path.suffix == ".zip" else path.with_name(f"{path.name}.zip"))


def described(pack: Pack, description: str) -> Pack:
    """A pack with one more line in its description, with the day before it, as MedCAT adds them."""
    said = str(pack.card.get(DESCRIPTION) or "")
    line = f"\n[{date.today():%d %B %Y}] {description}"  # noqa: DTZ011 - as MedCAT writes it
    return Pack(pack.path, {**pack.card, DESCRIPTION: f"{said}{line}"}, is_changed=True)


def write_zip(pack: Pack, target: Path, *, report: Report = ignore) -> str:
    """Write a pack as a zip, flushed to the disk; returns its SHA-256. Contents are checked while they are read."""
    with disk_errors(target), open(target, "xb") as file:
        if pack.path.is_file() and not pack.is_changed:
            _copy(pack.path, file, report)
        else:
            _zip(pack, file, report)
        file.flush()
        os.fsync(file.fileno())
    return sha256_of(target, report=report)


def _copy(source: Path, target: Any, report: Report) -> None:
    with open(source, "rb", opener=keeping_atime) as file:
        total, done = os.fstat(file.fileno()).st_size, 0
        while block := file.read(_BLOCK):
            target.write(block)
            done += len(block)
            report(Progress("Packing", done, total, source.name))


def _zip(pack: Pack, target: Any, report: Report) -> None:
    with (
        open_container(pack.path) as container,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        members = [one for one in container.members if one.name != CARD and not is_junk(one.name)]
        total, done = sum(one.size for one in members), 0
        archive.writestr(_entry(CARD), pack.card_bytes())
        for member in members:
            with archive.open(_entry(member.name, member.size), "w") as written:
                for chunk in container.chunks(member):
                    written.write(chunk)
                    done += len(chunk)
                    report(Progress("Packing", done, total, member.name))


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, time.localtime()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.file_size = size
    return entry


def unpack(pack: Path, folder: Path, *, report: Report = ignore) -> None:
    """Put the files of a zip, or of a folder, into a new folder. Raises `ArchiveError`s for what is not sound."""
    with disk_errors(folder), open_container(pack) as container:
        total, done = sum(one.size for one in container.members), 0
        folder.mkdir(parents=True)
        for member in container.members:
            place = folder / member.name
            place.parent.mkdir(parents=True, exist_ok=True)
            with open(place, "xb") as file:
                for chunk in container.chunks(member):
                    file.write(chunk)
                    done += len(chunk)
                    report(Progress("Unpacking", done, total, member.name))


def is_unpacked(pack: Path, folder: Path, *, report: Report = ignore) -> bool:
    """Whether a folder is what a zip unpacks to: the same files with the same contents, and no others."""
    try:
        with disk_errors(pack), zipfile.ZipFile(pack) as archive:
            entries = {
                one.filename: (one.file_size, one.CRC) for one in archive.infolist() if not one.is_dir()
            }
        found = {}
        for path in folder.rglob("*"):
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                return False
            if path.is_file():
                found[path.relative_to(folder).as_posix()] = path
        if found.keys() != entries.keys():
            return False
        total, done = sum(size for size, _ in entries.values()), 0
        for name, path in found.items():
            if path.stat().st_size != entries[name][0]:
                return False
            checksum = 0
            with open(path, "rb") as file:
                while block := file.read(_BLOCK):
                    checksum = zlib.crc32(block, checksum)
                    done += len(block)
                    report(Progress("Comparing", done, total, name))
            if checksum != entries[name][1]:
                return False
        return True
    except (OSError, zipfile.BadZipFile, ModelKeepError):
        return False


def files_of(folder: Path, *, report: Report = ignore) -> tuple[PackedFile, ...]:
    """The files below a folder with what a cache calls their contents, by path."""
    with disk_errors(folder), open_container(folder) as container:
        members = sorted(one for one in container.members if not is_junk(one.name))
        attributes = {
            one.name.removesuffix(".gitattributes"): container.read(one, _BLOCK).decode(errors="replace")
            for one in members
            if one.name.rpartition("/")[2] == ".gitattributes"
        }
        rules = LfsRules(attributes)
        total, done, found = sum(one.size for one in members), 0, []
        for member in members:
            sha256, git = hashlib.sha256(), hashlib.sha1(git_blob_header(member.size))
            for chunk in container.chunks(member):
                sha256.update(chunk)
                git.update(chunk)
                done += len(chunk)
                report(Progress("Hashing", done, total, member.name))
            digest = sha256.hexdigest()
            etag = digest if rules.is_lfs(member.name, member.size) else git.hexdigest()
            found.append(PackedFile(member.name, member.size, digest, etag))
    return tuple(found)


def sha256_of(path: Path, *, report: Report = ignore) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with disk_errors(path), open(path, "rb", opener=keeping_atime) as file:
        total, done = os.fstat(file.fileno()).st_size, 0
        with suppress(AttributeError, OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            report(Progress("Hashing", done, total, path.name))
    return digest.hexdigest()

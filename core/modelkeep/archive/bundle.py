"""A bundle: a folder for a medium that is carried from one machine to another.

::

    bundle/
        org_2fname.zip  org_2fother.zip.001  org_2fother.zip.002      an archive for each model
        SHA256SUMS      of these files, so that `sha256sum -c` proves the medium where there is no Modelkeep
        SHA256SUMS.minisig                                            its signature, where one was wanted
        index.json      which models they are, so that nobody has to open them to see; written last

Exporting to a folder that is a bundle adds to it.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeGuard

from modelkeep.archive.checksums import SIGNATURE_NAME, SUMS_NAME, format_sums, parse_sums
from modelkeep.archive.contents import CHUNK, Known, nothing_known
from modelkeep.archive.export_plan import signed_comment
from modelkeep.archive.minisign import SecretKey
from modelkeep.archive.pack import Archive, ExportPlan, ExportResult, execute_export
from modelkeep.archive.parallel import Count, run_tasks
from modelkeep.cache.layout import is_sha256
from modelkeep.disk import disk_errors, write_atomically, write_json
from modelkeep.errors import DamagedArchive, InvalidKey, UnknownArchive
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["INDEX_NAME", "BundleEntry", "BundleFile", "execute_bundle", "read_index"]

INDEX_NAME = "index.json"

_VERSION = 0
_MOST = 64 << 20  # bytes of an index; an entry takes about 400
_HASHERS = 2
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f:]{1,255}")


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A file of a bundle: an archive, or a volume of one. `size` is bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """A model of a bundle and its archive: one file, or its volumes in order."""

    key: ModelKey
    commit: str
    files: tuple[BundleFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def read_index(folder: Path) -> tuple[BundleEntry, ...]:
    """What the index of a bundle says is in it, sorted by key. Nothing is opened but the index.

    Raises `UnknownArchive` when there is no index, `DamagedArchive` when it is none or of a later version.
    """
    if not (folder / INDEX_NAME).exists():
        raise UnknownArchive(f"{folder} is no bundle: it has no {INDEX_NAME}.")
    with disk_errors(folder), open(folder / INDEX_NAME, "rb") as file:
        data = file.read(_MOST)
    try:
        index = json.loads(data)
        if index["version"] != _VERSION:
            raise DamagedArchive(
                f"{INDEX_NAME} is of version {index['version']}, and only version {_VERSION} can be read.",
                hint="A later Modelkeep may read it.",
            )
        entries = tuple(_entry(entry) for entry in index["archives"])
    except (ValueError, KeyError, TypeError, RecursionError, InvalidKey) as error:
        raise DamagedArchive(
            f"{INDEX_NAME} in {folder} is damaged.", hint="Import the archives in it one by one."
        ) from error
    return tuple(sorted(entries, key=lambda entry: (str(entry.key), entry.commit)))


def execute_bundle(
    plan: ExportPlan, *, known: Known = nothing_known, report: Report = ignore
) -> ExportResult:
    """Write the archives of a plan into its folder, then read them once more for their checksums and index them.

    An index that is there already is added to. What is refused or fails is named in the result, as `execute_export`
    does. Raises `DamagedArchive`, before anything is written, when an index or a `SHA256SUMS` is there that cannot be
    read.
    """
    entries, sums = _present(plan.folder)
    result = execute_export(plan, known=known, report=report)
    if result.archives:
        new = _read_back(result.archives, report)
        gone = {path.name for done in result.items if done.archive for path in done.item.replaces}
        gone.update(file.name for entry in new for file in entry.files)
        identities = {(entry.key, entry.commit) for entry in new}
        kept = [
            entry
            for entry in entries
            if (entry.key, entry.commit) not in identities and gone.isdisjoint(f.name for f in entry.files)
        ]
        left = {name: digest for name, digest in sums.items() if name not in gone}
        _write(plan.folder, [*kept, *new], left, plan.options.signer)
    return result


def _present(folder: Path) -> tuple[tuple[BundleEntry, ...], dict[str, str]]:
    entries = read_index(folder) if (folder / INDEX_NAME).exists() else ()
    with disk_errors(folder):
        sums = (folder / SUMS_NAME).read_bytes() if (folder / SUMS_NAME).exists() else b""
    return entries, parse_sums(sums)


def _read_back(archives: Sequence[Archive], report: Report) -> list[BundleEntry]:
    paths = [path for archive in archives for path in archive.paths]
    with disk_errors(paths[0]):
        sizes = {path: path.stat().st_size for path in paths}
    digests: dict[Path, str] = {}

    def hash_file(path: Path, count: Count) -> None:
        digest = hashlib.sha256()
        buffer = memoryview(bytearray(CHUNK))
        with disk_errors(path), open(path, "rb", buffering=0) as file:
            while got := file.readinto(buffer):
                digest.update(buffer[:got])
                count(got)
        digests[path] = digest.hexdigest()

    def watch(done: int, name: str) -> None:
        report(Progress("Reading back", done, sum(sizes.values()), name))

    run_tasks([(path.name, partial(hash_file, path)) for path in paths], workers=_HASHERS, watch=watch)
    return [
        BundleEntry(
            archive.key,
            archive.commit,
            tuple(BundleFile(path.name, sizes[path], digests[path]) for path in archive.paths),
        )
        for archive in archives
    ]


def _write(
    folder: Path, entries: Iterable[BundleEntry], sums: dict[str, str], signer: SecretKey | None
) -> None:
    entries = sorted(entries, key=lambda entry: (str(entry.key), entry.commit))
    sums |= {file.name: file.sha256 for entry in entries for file in entry.files}
    archives = [
        {
            "key": str(entry.key),
            "commit": entry.commit,
            "size": entry.size,
            "files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in entry.files],
        }
        for entry in entries
    ]
    with disk_errors(folder):
        # A signature of what was there before would say that this was tampered with.
        (folder / SIGNATURE_NAME).unlink(missing_ok=True)
        write_atomically(folder / SUMS_NAME, listed := format_sums(sums))
        if signer:
            comment = signed_comment(f"bundle, archives: {len(archives)}", time.time())
            write_atomically(folder / SIGNATURE_NAME, signer.sign(listed, comment))
        write_json(folder / INDEX_NAME, {"version": _VERSION, "archives": archives})


def _entry(value: dict[str, object]) -> BundleEntry:
    key, commit, files = value["key"], value["commit"], value["files"]
    if not isinstance(key, str) or not _is_name(commit) or not isinstance(files, list) or not files:
        raise ValueError("not an entry")
    return BundleEntry(ModelKey.parse(key), commit, tuple(_file(file) for file in files))


def _file(value: dict[str, object]) -> BundleFile:
    name, size, digest = value["name"], value["size"], value["sha256"]
    if not _is_name(name) or not isinstance(size, int) or size < 0:
        raise ValueError("not a file")
    if not isinstance(digest, str) or not is_sha256(digest):
        raise ValueError("not a checksum")
    return BundleFile(name, size, digest)


def _is_name(value: object) -> TypeGuard[str]:
    """Whether it can be a name in the bundle's own folder, and nowhere else."""
    return isinstance(value, str) and _FILE_NAME.fullmatch(value) is not None and value not in (".", "..")

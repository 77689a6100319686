"""A den in a folder, as medcat-den keeps it; either reads what the other wrote.

::

    <location>/.medcat-den/registry.db          the registry, with a table of ours beside medcat-den's
    <location>/.medcat-den/models/<id>.zip      a pack
    <location>/.medcat-den/models/<id>/         what medcat-den, or MedCAT, unpacked of it
    <location>/.medcat-den/.modelkeep/incoming/ packs on their way
    <location>/.medcat-den/.modelkeep/trash/    deleted models

A pack and its row come and go together: the row is what counts, and it is written while the registry is locked,
after the pack has its name. The row goes first when a model is deleted; what a kill leaves of that is finished later.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache.inventory import RootState
from modelkeep.cache.roots import root_state
from modelkeep.den.backend import FileBackend, workplace
from modelkeep.den.config import LocalDenConfig
from modelkeep.den.failures import DuplicateModelException, NoSuchModel
from modelkeep.den.info import ModelInfo
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.pack import Pack, is_model_id, is_unpacked, open_pack, sha256_of, unpack, write_zip
from modelkeep.den.registry import Changes, Registry, Row
from modelkeep.disk import disk_errors, sync_folder, write_json
from modelkeep.errors import CacheNotFound, DamagedArchive, ModelKeepError
from modelkeep.progress import Report, ignore

__all__ = ["DeletedModel", "LocalFileDen"]

_ENTRY, _PACK = "entry.json", "pack.zip"


class DeletedModel(NamedTuple):
    """A model in the trash of a den. `entry` names it there, `deleted_at` is seconds since the epoch."""

    entry: str
    info: ModelInfo
    size: int
    deleted_at: float


class LocalFileDen(FileBackend):
    """See the module."""

    def __init__(self, cnf: LocalDenConfig, *, cache: LocalCache | None = None) -> None:
        self._location = Path(cnf.location).expanduser().absolute()
        super().__init__(cnf, place=str(self._location), cache=cache)
        self._own = self._location / ".medcat-den"
        self._models = self._own / "models"
        self._trash = self._own / ".modelkeep" / "trash"
        self._registry = Registry(self._own / "registry.db")

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All models. Raises `CacheNotFound` where its disk is away; a den that was never written to is empty."""
        state, why = root_state(self._location.as_posix())
        if not state.is_here and state is not RootState.MISSING:
            raise CacheNotFound(why, hint="Mount its disk, or see that you may read it.")
        return [_info(row) for row in self._registry.rows()]

    def find(self, model_id: str) -> ModelInfo | None:
        """A model by its id."""
        row = self._registry.row(model_id)
        return _info(row) if row else None

    # ---- fetching

    def _path(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        self.verify_model(info, report=report)
        return self._zip(info.model_id)

    def _folder(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        """What is unpacked beside the pack, when it is that: MedCAT itself does not look."""
        pack = self._path(info, report=report)
        folder = self._models / info.model_id
        return folder if pack and folder.is_dir() and is_unpacked(pack, folder, report=report) else None

    def bring(self, info: ModelInfo, folder: Path, *, report: Report = ignore) -> None:
        """See `FileBackend`."""
        self.verify_model(info, report=report)
        unpack(self._zip(info.model_id), folder, report=report)

    def _size(self, info: ModelInfo) -> int:
        with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(self._zip(info.model_id)) as archive:
            return sum(one.file_size for one in archive.infolist())
        return 0

    def verify_model(self, info: ModelInfo, *, report: Report = ignore) -> None:
        """Read a pack and compare its SHA-256; one of medcat-den is checked by its own checksums and its id."""
        self.here(info)
        pack = self._zip(info.model_id)
        if not pack.is_file():
            raise DamagedArchive(
                f"The pack of {info.model_id} is missing in {self._models}.",
                hint="Delete the model from the den, then push it again.",
            )
        sha256 = sha256_of(pack, report=report)
        known = self._registry.sha256(info.model_id)
        if known == sha256:
            return
        if known:
            raise DamagedArchive(
                f"The pack of {info.model_id} in {self.place} is not what was pushed: it has another SHA-256.",
                hint="Delete the model from the den, then push it again.",
            )
        found = open_pack(pack).model_id
        with disk_errors(pack), zipfile.ZipFile(pack) as archive:
            bad = archive.testzip()
        if bad or found != info.model_id:
            why = f"{bad} is damaged" if bad else f"it is the model {found}"
            raise DamagedArchive(f"The pack of {info.model_id} in {self.place} is not sound: {why}.")
        with suppress(ModelKeepError):  # a den that can only be read
            self._registry.remember(info.model_id, sha256, pack.stat().st_size)

    def _zip(self, model_id: str) -> Path:
        if not is_model_id(model_id):
            raise NoSuchModel(ModelInfo(model_id), self.place, "No model has such an id.")
        return self._models / f"{model_id}.zip"

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """On the disk of the den, so that a rename is enough; elsewhere where that cannot be written."""
        here = self._own if self._own.exists() else self._location
        while not here.exists() and here != here.parent:
            here = here.parent
        if not os.access(here, os.W_OK | os.X_OK):
            with super()._workplace() as folder:
                yield folder
            return
        with workplace(self._own / ".modelkeep" / "incoming") as folder:
            yield folder

    # ---- pushing

    def _put(self, pack: Pack, *, report: Report = ignore) -> None:
        with self._workplace() as folder:
            staged = folder / "staged.zip"
            sha256 = write_zip(pack, staged, report=report)
            size = staged.stat().st_size
            info = ModelInfo.from_card(pack.model_id, pack.card)
            target = self._zip(pack.model_id)
            with disk_errors(target):
                self._models.mkdir(parents=True, exist_ok=True)
                with self._changing() as changes:
                    if changes.has(pack.model_id):
                        raise DuplicateModelException(
                            f"{self.place} has the model {pack.model_id} already.",
                            hint="There is nothing to do.",
                        )
                    # Of a model that nobody knows; MedCAT would take it for the new one.
                    if (stale := self._models / pack.model_id).exists():
                        os.rename(stale, folder / "stale")
                    os.replace(staged, target)
                    sync_folder(self._models)
                    root = info.root_id if info.root_id != info.model_id else None
                    changes.insert(Row(pack.model_id, root, info.model_card))
                    changes.remember(pack.model_id, sha256, size)

    # ---- deleting

    def _remove(self, info: ModelInfo, *, report: Report = ignore) -> None:
        entry = self._trash / f"{int(time.time())}-{info.model_id}-{secrets.token_hex(4)}"
        with disk_errors(self._trash), self._changing() as changes:
            row = changes.row(info.model_id)
            if row is None:
                raise NoSuchModel(info, self.place, "Somebody else has deleted it.")
            entry.mkdir(parents=True)
            identity = _identity(self._zip(row.id))
            write_json(entry / _ENTRY, {**row._asdict(), "identity": identity, "deleted_at": time.time()})
            changes.delete(row.id)
        with disk_errors(self._trash), self._changing():
            pass  # which finishes it

    @contextmanager
    def _changing(self) -> Iterator[Changes]:
        """Be the only one who changes the den, after what a kill left of a deletion is finished."""
        with self._registry.changing() as changes:
            for entry in self._entries():
                self._finish(entry, changes)
            yield changes

    def _finish(self, entry: Path, changes: Changes) -> None:
        if (entry / _PACK).exists():
            return
        said = _read(entry)
        model_id = str(said.get("id", ""))
        if not is_model_id(model_id) or changes.has(model_id):
            shutil.rmtree(entry, ignore_errors=True)
            return
        pack = self._zip(model_id)
        if pack.exists() and _identity(pack) == said.get("identity"):
            if (unpacked := self._models / model_id).is_dir():
                os.rename(unpacked, entry / "unpacked")
            os.rename(pack, entry / _PACK)
            sync_folder(entry)
        shutil.rmtree(entry / "unpacked", ignore_errors=True)

    def deleted_models(self) -> list[DeletedModel]:
        """What is in the trash, the last first."""
        found = []
        for entry in self._entries():
            said = _read(entry)
            with suppress(OSError):
                size = (entry / _PACK).stat().st_size
                info = ModelInfo.from_card(str(said.get("id", "")), _card(said))
                at = said.get("deleted_at")
                found.append(
                    DeletedModel(entry.name, info, size, float(at) if isinstance(at, int | float) else 0.0)
                )
        return sorted(found, key=lambda one: one.deleted_at, reverse=True)

    def restore_model(self, deleted: DeletedModel) -> None:
        """Put a model back from the trash. Raises `DuplicateModelException` when it is there again meanwhile."""
        entry = self._trash / deleted.entry
        target = self._zip(deleted.info.model_id)
        with disk_errors(entry):
            sha256 = sha256_of(entry / _PACK)
            with self._changing() as changes:
                if changes.has(deleted.info.model_id):
                    raise DuplicateModelException(
                        f"{self.place} has the model {deleted.info.model_id} already."
                    )
                said = _read(entry)
                root = said.get("root_id")
                row = Row(
                    deleted.info.model_id,
                    str(root) if root else None,
                    _card(said),
                    str(said.get("created_at", "")),
                )
                os.replace(entry / _PACK, target)
                sync_folder(self._models)
                changes.insert(row)
                changes.remember(row.id, sha256, deleted.size)
            shutil.rmtree(entry, ignore_errors=True)

    def empty_trash(self) -> int:
        """Remove for good what was deleted; returns the bytes of it."""
        freed = 0
        for deleted in self.deleted_models():
            with disk_errors(self._trash):
                shutil.rmtree(self._trash / deleted.entry)
            freed += deleted.size
        return freed

    def _entries(self) -> list[Path]:
        with suppress(OSError):
            return [one for one in sorted(self._trash.iterdir()) if one.is_dir()]
        return []


def _info(row: Row) -> ModelInfo:
    info = ModelInfo.from_card(row.id, row.card)
    if info.base_model is None and row.root_id and row.root_id != row.id:
        return ModelInfo(row.id, row.card, ModelInfo(row.root_id))
    return info


def _identity(path: Path) -> list[int]:
    """By which to see that a file is still the same; empty for one that is not there."""
    with suppress(OSError):
        status = path.stat()
        return [status.st_size, status.st_mtime_ns, status.st_ino]
    return []


def _read(entry: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        said = json.loads((entry / _ENTRY).read_bytes())
        return said if isinstance(said, dict) else {}
    return {}


def _card(said: dict[str, object]) -> dict[str, object] | None:
    card = said.get("card")
    return card if isinstance(card, dict) else None

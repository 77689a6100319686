"""A backend in a model cache: the cached models of a root, and packs among them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from modelkeep.cache.catalog import user_name
from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision, RootState, State
from modelkeep.den.backend import FileBackend
from modelkeep.den.config import LocalDenConfig
from modelkeep.den.failures import DuplicateModelException, NoSuchModel
from modelkeep.den.info import ModelInfo
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.pack import CARD, Pack
from modelkeep.den.shelved import add_card, card_of, info_of, key_of, pushed_id, unpacked
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheNotFound, DamagedArchive, ModelKeepError, PartlyDone
from modelkeep.library import Library, open_library
from modelkeep.metadata.describe import describe
from modelkeep.progress import Report, ignore, share
from modelkeep.remote.offering import lineage_of, summary_of
from modelkeep.remote.values import ManifestFile
from modelkeep.remote.whole import write_whole
from modelkeep.rows import Selection
from modelkeep.streams import FileStream

__all__ = ["CacheBackend"]


class CacheBackend(FileBackend):
    """See the module."""

    def __init__(self, cnf: LocalDenConfig, *, cache: LocalCache | None = None) -> None:
        self._root = Path(cnf.location).expanduser().absolute()
        super().__init__(cnf, place=str(self._root), cache=cache)

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All revisions of all models but damaged ones. Raises `CacheNotFound` where its disk is away."""
        with open_library([self._root]) as library:
            return [self._info(library, model, revision) for model, revision in self._all(library)]

    def _all(self, library: Library) -> Iterator[tuple[CachedModel, CachedRevision]]:
        inventory = library.inventory(library.roots[0])
        if not inventory.state.is_here and inventory.state is not RootState.MISSING:
            said = inventory.problems[0].message if inventory.problems else f"{self._root} cannot be read."
            raise CacheNotFound(said, hint="Mount its disk, or see that you may read it.")
        for model in inventory.models:
            revisions = [model.main] if pushed_id(model.key) else model.revisions
            for revision in revisions if model.repo_type == "model" else ():
                if revision is not None and revision.files and revision.state is not State.DAMAGED:
                    yield model, revision

    def _info(self, library: Library, model: CachedModel, revision: CachedRevision) -> ModelInfo:
        key = model.key.at(revision.commit)

        def read_card() -> bytes:
            file = revision.file(CARD)
            return b"" if file is None or file.blob is None else Path(file.blob.payload).read_bytes()

        def made_card() -> dict[str, object]:
            said = describe(revision, memory=library.catalog)
            origin = library.catalog.origin(model.root, model.key, revision.commit)
            lineage = lineage_of(model.key, said, origin.metadata if origin else {})
            made = (origin.last_modified or "") if origin else ""
            return card_of(key, summary_of(said), lineage, refs=revision.refs, made=made)

        return info_of(key, read_card, made_card)

    def _found(self, library: Library, info: ModelInfo) -> tuple[CachedModel, CachedRevision]:
        for model, revision in self._all(library):
            if self._info(library, model, revision).model_id == info.model_id:
                return model, revision
        raise NoSuchModel(info, self.place)

    # ---- fetching

    def _path(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        with open_library([self._root]) as library:
            model, revision = self._found(library, info)
            with suppress(ModelKeepError):  # a home that cannot be written keeps nobody from loading a model
                library.catalog.record_use(model.root, model.key, at=time.time(), by=user_name())
            return Path(revision.path)

    def source(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        """None: its files are links, and have no card."""
        return None

    def bring(self, info: ModelInfo, folder: Path, *, report: Report = ignore) -> None:
        """See `FileBackend`: every file is compared with what the cache calls its content."""
        with open_library([self._root]) as library:
            self._read(self._found(library, info)[1], folder, report)
        add_card(folder, info)

    def verify_model(self, info: ModelInfo, *, report: Report = ignore) -> None:
        """Read all files of a model and compare them with what the cache calls their contents."""
        with open_library([self._root]) as library:
            self._read(self._found(library, info)[1], None, report)

    def _read(self, revision: CachedRevision, folder: Path | None, report: Report) -> None:
        done = 0
        for file in revision.files:
            if file.blob is None:
                raise DamagedArchive(f"{file.name} cannot be read.", hint="Mend the model first.")
            target = folder / file.name if folder else Path(os.devnull)
            with disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "wb") as written:
                    content = ManifestFile(file.name, file.size, "", _etag(file))
                    open_at = partial(_open_at, file.blob.payload)
                    write_whole(open_at, content, written, "Reading", share(report, done, revision.size))
            done += file.size

    # ---- pushing and deleting

    def _put(self, pack: Pack, *, report: Report = ignore) -> None:
        key = key_of(pack.model_id, dict(pack.card))
        self._root.mkdir(parents=True, exist_ok=True)
        with (
            self._workplace() as place,
            unpacked(pack, place, report) as folder,
            open_library([self._root]) as library,
        ):
            if library.find(key):
                raise DuplicateModelException(f"{self.place} has the model {pack.model_id} already.")
            plan = library.archives.plan_import([folder], str(library.roots[0]), name=str(key), report=report)
            # MedCAT writes pickles, so that who pushes a pack has to be trusted; other models have to be safe.
            allowed = [key.repo_id] if key.repo_id.startswith("medcat/") else []
            done = library.archives.run_import(plan, allow_unsafe=allowed, report=report)
            for item in done.items:
                if item.error is not None:
                    raise item.error

    def _remove(self, info: ModelInfo, *, report: Report = ignore) -> None:
        with open_library([self._root]) as library:
            model, revision = self._found(library, info)
            key = model.key if pushed_id(model.key) else model.key.at(revision.commit)
            plans = library.plan_deletion([Selection(model.root, str(key))])
            failures = [said for one in library.delete(plans, report=report) for said in one.failures]
            if failures:
                raise PartlyDone(failures[0], failures=failures)


def _open_at(path: str, start: int) -> FileStream:
    return FileStream(path, start=start)


def _etag(file: CachedFile) -> str:
    """What the cache calls a content; "" where its file is no link, and says nothing."""
    name = file.blob.name if file.blob and file.linked else ""
    return name if len(name) in (40, 64) else ""

"""What our own backends have in common: lists, lineage, fetching through the local cache, pushing packs."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from modelkeep.cache.locks import acquired, is_held
from modelkeep.den.config import DenConfig, check_push
from modelkeep.den.failures import (
    CannotDeleteBaseModel,
    DuplicateModelException,
    NoSuchModel,
    UnsupportedAPIException,
)
from modelkeep.den.info import HISTORY, MODEL_ID, ModelInfo, history_of
from modelkeep.den.kinds import DenType, Kind
from modelkeep.den.lineage import Lineage, base_models, derived_from, lineage_of
from modelkeep.den.loaders import load
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.pack import Pack, card_in, described, is_model_id, library_of, open_pack, save_cat
from modelkeep.den.wrapping import is_wrapped, wrap_cat
from modelkeep.disk import disk_errors
from modelkeep.errors import ModelNotFound
from modelkeep.metadata.describe import describe_folder
from modelkeep.progress import Report, ignore

__all__ = ["FileBackend", "line_of", "workplace"]


class FileBackend(ABC):
    """A backend whose models are files. May be used by several threads."""

    cache: LocalCache | None = None

    def __init__(self, cnf: DenConfig, *, place: str, cache: LocalCache | None = None) -> None:
        self._cnf = cnf
        self.cache = cache
        self.place = place
        """Where it is, in words, and so that no two are the same."""

    @property
    def den_type(self) -> Kind:
        """The kind that it was configured as."""
        return self._cnf.type

    # ---- what each kind does in its own way

    @abstractmethod
    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All models."""

    @abstractmethod
    def bring(self, info: ModelInfo, folder: Path, *, report: Report = ignore) -> None:
        """Make `folder` and put the files of a model into it, checked. Raises `NoSuchModel`."""

    @abstractmethod
    def verify_model(self, info: ModelInfo, *, report: Report = ignore) -> None:
        """Read all of a model. Raises `ModelKeepError`s for what is not as it was pushed, and `NoSuchModel`."""

    @abstractmethod
    def _put(self, pack: Pack, *, report: Report = ignore) -> None:
        """Keep a pack. Raises `DuplicateModelException`."""

    @abstractmethod
    def _remove(self, info: ModelInfo, *, report: Report = ignore) -> None:
        """Delete a model that is there."""

    def _path(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        """The file or folder of a model where it lies, checked; None for one that has to be brought first."""
        return None

    def _folder(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        """The folder of a model where it lies, checked; None where there is none."""
        path = self._path(info, report=report)
        return path if path is not None and path.is_dir() else None

    def source(self, info: ModelInfo, *, report: Report = ignore) -> Path | None:
        """What can be pushed elsewhere just as it lies here; None where it has to be brought first."""
        return self._path(info, report=report)

    def _size(self, info: ModelInfo) -> int:
        """About how many bytes a model takes unpacked; 0 when that is not known."""
        return 0

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """A folder for packs on their way, removed afterwards."""
        with tempfile.TemporaryDirectory(prefix="modelkeep-den-") as folder:
            yield Path(folder)

    # ---- looking

    def list_available_base_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """Those that were made from no other model that is here."""
        return base_models(self.list_available_models())

    def list_available_derivative_models(
        self, model: ModelInfo, backend_name: str | None = None
    ) -> list[ModelInfo]:
        """All that were made from a model, also from one in the middle of a line, by the histories in their cards."""
        return derived_from(self.list_available_models(), model.model_id)

    def lineage(self, model: ModelInfo, backend_name: str | None = None) -> Lineage:
        """The tree of the line of a model, from the first of all."""
        return lineage_of(self.list_available_models(), model)

    def find(self, model_id: str) -> ModelInfo | None:
        """A model by its id."""
        return next((one for one in self.list_available_models() if one.model_id == model_id), None)

    def has_model(self, model: ModelInfo, backend_name: str | None = None) -> bool:
        """Whether there is a model of that id."""
        return self.find(model.model_id) is not None

    def here(self, model: ModelInfo) -> ModelInfo:
        """All that is known of a model. Raises `NoSuchModel`."""
        found = self.find(model.model_id)
        if found is None:
            raise NoSuchModel(model, self.place, hint="`list_available_models` says what there is.")
        return found

    # ---- fetching

    def fetch_path(
        self, model_info: ModelInfo, backend_name: str | None = None, *, report: Report = ignore
    ) -> Path:
        """The file or folder of a model on this machine, checked: from the local cache where there is one.

        Of a cache it stays for as long as its policy lets it, ten minutes at least.
        """
        if self.cache is not None:
            with self._cached(model_info, report) as folder:
                return folder
        info = self.here(model_info)
        path = self._path(info, report=report)
        if path is None:
            raise ModelNotFound(
                f"{info.model_id} of {self.place} has no file on this machine.",
                hint="Give the den a local cache: `local_cache_path`.",
            )
        return path

    def fetch_model(
        self, model_info: ModelInfo, backend_name: str | None = None, *, report: Report = ignore
    ) -> Any:
        """A model as its library loads it: a CAT, or a transformers model with its tokenizer."""
        with self._ready(model_info, report) as (info, folder):
            library = library_of(info.model_card) or describe_folder(folder).library
            loaded = load(library, folder, info)
        return wrap_cat(loaded, info, self._cnf) if hasattr(loaded, "save_model_pack") else loaded

    @contextmanager
    def _ready(self, info: ModelInfo, report: Report) -> Iterator[tuple[ModelInfo, Path]]:
        """What is known of a model, and its folder, which stays while it is loaded."""
        if self.cache is not None:
            with self._cached(info, report) as folder:
                yield ModelInfo.from_card(info.model_id, card_in(folder) or info.model_card), folder
            return
        info = self.here(info)
        with ExitStack() as stack:
            found = self._folder(info, report=report)
            if found is None:
                found = stack.enter_context(self._workplace()) / "model"
                self.bring(info, found, report=report)
            yield info, found

    @contextmanager
    def _cached(self, info: ModelInfo, report: Report) -> Iterator[Path]:
        """The folder of a model in the local cache. The backend is asked only for what is not there."""
        assert self.cache is not None

        def bring(folder: Path, told: Report) -> None:
            self.bring(self.here(info), folder, report=told)

        # The id of a MedCAT pack says little of its contents, so that another place may have another of the same id.
        place = hashlib.sha256(self.place.encode()).hexdigest()[:8]
        name = info.model_id
        key = f"{name if is_model_id(name) else hashlib.sha256(name.encode()).hexdigest()[:16]}-{place}"
        with self.cache.using(key, bring, size=lambda: self._size(info), report=report) as folder:
            yield folder

    # ---- pushing and deleting

    def push_model(
        self,
        cat: Any,
        description: str,
        backend_name: str | None = None,
        push_unchanged: bool = False,
        *,
        report: Report = ignore,
    ) -> None:
        """Put a CAT there, or the pack or folder at a path. The description becomes a line of its card, with the day,
        unless it is pushed unchanged.

        Raises `DuplicateModelException`, and `CannotSendToRemoteException` where the policy forbids it.
        """
        if isinstance(cat, str | os.PathLike):
            pack = open_pack(Path(cat).expanduser().absolute(), report=report)
            self._check(pack.model_id, pack.history)
            self._put(pack if push_unchanged else described(pack, description), report=report)
            return
        # A CAT that is saved is changed, so that all that can be refused is refused before.
        history = line_of(cat)
        self._check(history[-1], history)
        with self._workplace() as folder:
            pack = save_cat(cat, folder, None if push_unchanged else description)
            self._put(pack, report=report)
        if is_wrapped(cat):
            cat._model_info = ModelInfo.from_card(pack.model_id, pack.card)

    def _check(self, model_id: str, history: tuple[str, ...]) -> None:
        check_push(self._cnf, history)
        if self.find(model_id) is not None:
            raise DuplicateModelException(
                f"{self.place} has the model {model_id} already.", hint="There is nothing to do."
            )

    def _push_model_from_file(
        self, file_path: str, description: str, backend_name: str | None = None
    ) -> None:
        self.push_model(file_path, description)

    def delete_model(
        self,
        model_info: ModelInfo,
        allow_delete_base_models: bool = False,
        backend_name: str | None = None,
        *,
        report: Report = ignore,
    ) -> None:
        """Delete a model. Raises `CannotDeleteBaseModel` for one that was made from none, unless that is allowed."""
        info = self.here(model_info)
        if len(info.history) <= 1 and not allow_delete_base_models:
            raise CannotDeleteBaseModel(
                f"{info.model_id} is a base model, which is deleted on request only.",
                hint="Pass allow_delete_base_models=True.",
            )
        self._remove(info, report=report)

    # ---- what only others do

    def finetune_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> ModelInfo:
        """Raises `UnsupportedAPIException`."""
        self._cannot("fine-tune models")

    def evaluate_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> dict[str, Any]:
        """Raises `UnsupportedAPIException`."""
        self._cannot("evaluate models")

    def move_model(self, model_info: ModelInfo, origin: str, destination: str) -> None:
        """Raises `UnsupportedAPIException`."""
        self._cannot("move models", "The den that it is a backend of can.")

    def sync_backend(self, origin: str, destination: str) -> None:
        """Raises `UnsupportedAPIException`."""
        self._cannot("sync", "The den that it is a backend of can.")

    def _cannot(self, what: str, hint: str = "Fetch the model, and do it on this machine.") -> NoReturn:
        kind = self.den_type.value if isinstance(self.den_type, DenType) else self.den_type
        raise UnsupportedAPIException(f"A backend of the kind “{kind}” cannot {what}.", hint=hint)


def line_of(cat: Any) -> tuple[str, ...]:
    """The history that a CAT will have when it is saved as it is now: its own id is the last."""
    card = cat.get_model_card(True)
    before = history_of(card[MODEL_ID], card) if card.get(MODEL_ID) else ()
    return history_of(cat._get_hash(), {HISTORY: before})


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """A folder of one's own below `parent`, removed afterwards; what kills left there is removed too."""
    with disk_errors(parent):
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.iterdir():
            if left.suffix != ".lock" and not is_held(f"{left}.lock"):
                shutil.rmtree(left, ignore_errors=True)
                with suppress(OSError):
                    os.unlink(f"{left}.lock")
        folder = parent / secrets.token_hex(8)
        lock = acquired(Path(f"{folder}.lock"), 0)
        assert lock is not None  # nobody else knows the name
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
            with suppress(OSError):
                os.unlink(f"{folder}.lock")

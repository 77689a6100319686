"""A backend that an add-on brings, or any object with medcat-den's methods: it takes and gives loaded models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from modelkeep.den.backend import FileBackend, line_of
from modelkeep.den.config import DenConfig, RemoteDenConfig, check_push
from modelkeep.den.info import ModelInfo
from modelkeep.den.kinds import Kind
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.pack import Pack, open_pack, save_cat, unpack
from modelkeep.den.protocol import DenBackend
from modelkeep.den.wrapping import is_wrapped, wrap_cat
from modelkeep.errors import DamagedArchive
from modelkeep.hub.offline import require_network
from modelkeep.progress import Report, ignore

__all__ = ["AddOnBackend"]


class AddOnBackend(FileBackend):
    """See the module. `cnf` says what its policy is; without one that is up to the add-on."""

    def __init__(
        self, den: DenBackend, cnf: DenConfig | None = None, *, cache: LocalCache | None = None
    ) -> None:
        place = cnf.host if isinstance(cnf, RemoteDenConfig) else type(den).__name__
        super().__init__(cnf or DenConfig(den.den_type), place=place, cache=cache)
        self.den = den

    @property
    def den_type(self) -> Kind:
        """What the add-on says that it is."""
        return self.den.den_type

    @property
    def _asked(self) -> DenBackend:
        """The add-on; raises `Offline` for one that has a host, where nothing may leave this machine."""
        if isinstance(self._cnf, RemoteDenConfig):
            require_network()
        return self.den

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All models."""
        return [ModelInfo.of(one) for one in self._asked.list_available_models()]

    def has_model(self, model: ModelInfo, backend_name: str | None = None) -> bool:
        """Whether there is a model of that id."""
        return self._asked.has_model(model)

    def fetch_model(
        self, model_info: ModelInfo, backend_name: str | None = None, *, report: Report = ignore
    ) -> Any:
        """A model as the add-on gives it, or from the local cache; the policy holds either way."""
        if self.cache is not None:
            return super().fetch_model(model_info, report=report)
        info = self.here(model_info)
        model = self._asked.fetch_model(info)
        watched = hasattr(model, "_den_cnf") or not hasattr(model, "save_model_pack")
        return model if watched else wrap_cat(model, info, self._cnf)

    def bring(self, info: ModelInfo, folder: Path, *, report: Report = ignore) -> None:
        """Have the model save itself, which is how medcat-den brings files of it."""
        with TemporaryDirectory(prefix="modelkeep-den-") as place:
            unpack(save_cat(self._asked.fetch_model(info), Path(place), None).path, folder, report=report)

    def verify_model(self, info: ModelInfo, *, report: Report = ignore) -> None:
        """Have it given back, and see that it is the one: an add-on says no more."""
        found = self._asked.fetch_model(self.here(info))
        if hasattr(found, "get_model_card") and ModelInfo.from_model_pack(found).model_id != info.model_id:
            raise DamagedArchive(
                f"{self.place} gives another model for {info.model_id}.", hint="Ask who runs it."
            )

    def push_model(
        self,
        cat: Any,
        description: str,
        backend_name: str | None = None,
        push_unchanged: bool = False,
        *,
        report: Report = ignore,
    ) -> None:
        """Give the add-on a CAT, or the file of a pack."""
        if isinstance(cat, str | os.PathLike):
            check_push(self._cnf, open_pack(Path(cat), report=report).history)
            self._asked._push_model_from_file(os.fspath(cat), description)
            return
        check_push(self._cnf, line_of(cat))
        # The add-on has the model save itself, which one that we watch over would refuse.
        self._asked.push_model(
            cat._delegate if is_wrapped(cat) else cat, description, push_unchanged=push_unchanged
        )

    def delete_model(
        self,
        model_info: ModelInfo,
        allow_delete_base_models: bool = False,
        backend_name: str | None = None,
        *,
        report: Report = ignore,
    ) -> None:
        """Have the add-on delete a model; some want its card for that."""
        self._asked.delete_model(self.here(model_info), allow_delete_base_models)

    def finetune_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> ModelInfo:
        """Have the add-on fine-tune a model."""
        return ModelInfo.of(self._asked.finetune_model(model_info, data))

    def evaluate_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> dict[str, Any]:
        """Have the add-on evaluate a model."""
        return self._asked.evaluate_model(model_info, data)

    def _put(self, pack: Pack, *, report: Report = ignore) -> None:
        self._asked._push_model_from_file(str(pack.path), "")

    def _remove(self, info: ModelInfo, *, report: Report = ignore) -> None:
        self._asked.delete_model(info, True)

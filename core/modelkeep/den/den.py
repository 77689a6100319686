"""Several named backends behind one den. A backend that cannot be used is listed with its error; the others work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from modelkeep.den.add_on import AddOnBackend
from modelkeep.den.backend import FileBackend
from modelkeep.den.failures import (
    DenConfigError,
    DuplicateModelException,
    NoSuchBackendException,
    NoSuchModel,
)
from modelkeep.den.info import ModelInfo
from modelkeep.den.kinds import DenType
from modelkeep.den.lineage import Lineage, base_models, in_order, lineage_of
from modelkeep.den.protocol import DenBackend
from modelkeep.errors import (
    ArchiveError,
    Cancelled,
    InferenceError,
    PartlyDone,
    SafetyError,
)
from modelkeep.progress import Report, ignore

__all__ = ["Den"]

_T = TypeVar("_T")


class Den:
    """See the module. May be used by several threads and processes.

    `broken` are backends that could not be made, each with what was wrong; asking one of them raises just that.
    """

    def __init__(
        self,
        backends: Mapping[str, DenBackend],
        default_backend_name: str,
        *,
        broken: Mapping[str, Exception] | None = None,
    ) -> None:
        self._backends = {
            name: one if isinstance(one, FileBackend) else AddOnBackend(one) for name, one in backends.items()
        }
        self._broken = dict(broken or {})
        if not self._backends and not self._broken:
            raise DenConfigError("A den has at least one backend.")
        if default_backend_name not in {*self._backends, *self._broken}:
            raise DenConfigError(
                f"The default backend “{default_backend_name}” is not among the backends.",
                hint=f"There are {', '.join(self.backend_names)}.",
            )
        self._default = default_backend_name
        self._noting = threading.Lock()
        self._problems = {name: str(error) for name, error in self._broken.items()}

    @property
    def den_type(self) -> DenType:
        """Always MULTI_BACKEND."""
        return DenType.MULTI_BACKEND

    @property
    def backend_names(self) -> tuple[str, ...]:
        """All backends, also those that cannot be used."""
        return (*self._backends, *self._broken)

    @property
    def default_backend_name(self) -> str:
        """The backend that is meant where none is named."""
        return self._default

    @property
    def problems(self) -> dict[str, str]:
        """The backends that could not be used when they were asked last, with a sentence each."""
        with self._noting:
            return dict(self._problems)

    def backend(self, backend_name: str | None = None) -> DenBackend:
        """A backend by its name. Raises `NoSuchBackendException`, and what was wrong with one that cannot be used."""
        backend = self._used(backend_name)
        return backend.den if isinstance(backend, AddOnBackend) else backend

    # ---- looking

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All models of a backend."""
        return self._ask(backend_name, lambda one: one.list_available_models())

    def list_all_models(self) -> dict[str, list[ModelInfo]]:
        """The models of all backends by their names. What failed is left out, and in `problems`."""
        found = {}
        for name in self.backend_names:
            try:
                found[name] = self.list_available_models(name)
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001 - a backend may be foreign code
                self._note(name, error)
        return found

    def list_available_base_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """The models that were made from no other of that backend."""
        return base_models(self.list_available_models(backend_name))

    def list_available_derivative_models(
        self, model: ModelInfo, backend_name: str | None = None
    ) -> list[ModelInfo]:
        """All models that were made from one, directly or not."""
        return self._ask(backend_name, lambda one: one.list_available_derivative_models(model))

    def lineage(self, model: ModelInfo, backend_name: str | None = None) -> Lineage:
        """The tree of the line of a model, from the first of all; in a backend, or over all when none is named."""
        if backend_name is not None:
            return lineage_of(self.list_available_models(backend_name), model)
        found = {one.model_id: one for models in self.list_all_models().values() for one in models}
        return lineage_of(list(found.values()), model)

    def has_model(self, model: ModelInfo, backend_name: str | None = None) -> bool:
        """Whether a backend has a model of that id."""
        return self._ask(backend_name, lambda one: one.has_model(model))

    # ---- fetching and pushing

    def fetch_model(
        self, model_info: ModelInfo, backend_name: str | None = None, *, report: Report = ignore
    ) -> Any:
        """A model, loaded by its library: a CAT, or a transformers model with its tokenizer."""
        return self._ask(backend_name, lambda one: one.fetch_model(model_info, report=report))

    def fetch_path(
        self, model_info: ModelInfo, backend_name: str | None = None, *, report: Report = ignore
    ) -> Path:
        """The file or folder of a model on this machine, checked."""
        return self._ask(backend_name, lambda one: one.fetch_path(model_info, report=report))

    def push_model(
        self,
        cat: Any,
        description: str,
        backend_name: str | None = None,
        push_unchanged: bool = False,
        *,
        report: Report = ignore,
    ) -> None:
        """Put a CAT, or the pack or folder at a path, into a backend.

        The description becomes a line of its card, with the day, unless it is pushed unchanged. Raises
        `DuplicateModelException`, and `CannotSendToRemoteException` where the backend's policy forbids it.
        """
        self._ask(
            backend_name,
            lambda one: one.push_model(cat, description, push_unchanged=push_unchanged, report=report),
        )

    def _push_model_from_file(
        self, file_path: str, description: str, backend_name: str | None = None
    ) -> None:
        self.push_model(file_path, description, backend_name)

    def delete_model(
        self, model_info: ModelInfo, allow_delete_base_models: bool = False, backend_name: str | None = None
    ) -> None:
        """Delete a model from a backend; a base model on request only."""
        self._ask(backend_name, lambda one: one.delete_model(model_info, allow_delete_base_models))

    def finetune_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> ModelInfo:
        """Have a backend fine-tune a model. Raises `UnsupportedAPIException` where it cannot."""
        return self._ask(backend_name, lambda one: one.finetune_model(model_info, data))

    def evaluate_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> dict[str, Any]:
        """Have a backend evaluate a model. Raises `UnsupportedAPIException` where it cannot."""
        return self._ask(backend_name, lambda one: one.evaluate_model(model_info, data))

    # ---- between backends

    def copy_model(
        self, model_info: ModelInfo, origin: str, destination: str, *, report: Report = ignore
    ) -> None:
        """Put a model of one backend into another, as it is, and verify it there.

        Raises `NoSuchBackendException`, `NoSuchModel`, `DuplicateModelException`, and what policies forbid.
        """
        for name in (origin, destination):
            self._name(name)
        if not self.has_model(model_info, origin):
            raise NoSuchModel(model_info, origin)
        if self.has_model(model_info, destination):
            raise DuplicateModelException(
                f"“{destination}” has the model {model_info.model_id} already.",
                hint="There is nothing to do.",
            )
        with self._taken(model_info, origin, report) as model:
            self.push_model(model, "", destination, push_unchanged=True, report=report)
        self._ask(destination, lambda one: one.verify_model(model_info, report=report))

    def move_model(
        self, model_info: ModelInfo, origin: str, destination: str, *, report: Report = ignore
    ) -> None:
        """Put a model of one backend into another; it is deleted at its origin only after it was verified there."""
        self.copy_model(model_info, origin, destination, report=report)
        self._ask(origin, lambda one: one.delete_model(model_info, True))

    def sync_backend(self, origin: str, destination: str, *, report: Report = ignore) -> None:
        """Copy what one backend has and the other lacks, what others are made from first.

        Raises `PartlyDone` with a sentence for each model that failed; doing it again goes on from there.
        """
        here = {one.model_id for one in self.list_available_models(destination)}
        failures, done = [], 0
        for model in in_order(self.list_available_models(origin)):
            if model.model_id in here:
                continue
            try:
                self.copy_model(model, origin, destination, report=report)
                done += 1
            except DuplicateModelException:  # somebody else brought it meanwhile
                continue
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001 - a backend may be foreign code
                failures.append(f"{model.model_id}: {error}")
        if failures:
            raise PartlyDone(
                f"{len(failures)} of {done + len(failures)} models could not be copied to “{destination}”.",
                failures=failures,
                hint="What was copied stays; do it again for the rest.",
            )

    # ---- within

    @contextmanager
    def _taken(self, info: ModelInfo, origin: str, report: Report) -> Iterator[Any]:
        """A model of a backend to be pushed: its files, or of an add-on the model."""
        backend = self._used(origin)
        if isinstance(backend, AddOnBackend):
            yield backend.den.fetch_model(info)
            return
        path = backend.source(backend.here(info), report=report)
        if path is not None:
            yield path
            return
        with backend._workplace() as place:
            folder = place / "model"
            backend.bring(backend.here(info), folder, report=report)
            yield folder

    def _used(self, name: str | None) -> FileBackend:
        name = self._name(name)
        if name in self._broken:
            raise self._broken[name]
        return self._backends[name]

    def _name(self, name: str | None) -> str:
        name = self._default if name is None else name
        if name not in self._backends and name not in self._broken:
            raise NoSuchBackendException(
                f"There is no backend “{name}”.", hint=f"There are {', '.join(self.backend_names)}."
            )
        return name

    def _ask(self, name: str | None, call: Callable[[FileBackend], _T]) -> _T:
        """What a backend answers; whether it could be used is noted."""
        name = self._name(name)
        backend = self._used(name)
        try:
            answer = call(backend)
        except (ValueError, ArchiveError, InferenceError, SafetyError, Cancelled):
            raise  # what was asked for makes no sense, may not be, or is wrong with one model: the backend works
        except Exception as error:
            self._note(name, error)
            raise
        with self._noting:
            self._problems.pop(name, None)
        return answer

    def _note(self, name: str, error: Exception) -> None:
        with self._noting:
            self._problems[name] = str(error) or type(error).__name__

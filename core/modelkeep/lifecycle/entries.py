"""What is registered in this process: the presets, what files say, and what the program added; and their loaders."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from modelkeep.lifecycle import loaders
from modelkeep.lifecycle.loaders import MedicalModelLoader, ModelLoader
from modelkeep.lifecycle.model_metadata import ModelMetadata
from modelkeep.lifecycle.model_types import ModelType
from modelkeep.lifecycle.registry_errors import (
    ModelInitializationError,
    ModelNotFoundError,
    ModelRegistrationError,
)
from modelkeep.registrations.folder import read_registrations
from modelkeep.registrations.values import LOADERS, FileProblem, Registration

__all__ = ["Entries", "Entry", "checked_loader"]

_MEDICAL = (ModelType.BIOMEDICAL, ModelType.CLINICAL)
_serials = itertools.count(1)


@dataclass(frozen=True)
class Entry:
    """A registered model; `serial` tells it from one that has its name later. `loader` None: that of its name."""

    registration: Registration
    metadata: ModelMetadata
    loader: type[ModelLoader] | None = None
    serial: int = field(default_factory=lambda: next(_serials))


class Entries:
    """See the module. Files are read when anything is first asked for; None is the user's folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._read: dict[str, Entry] | None = None
        self._problems: tuple[FileProblem, ...] = ()
        self._loaders: dict[str, type[ModelLoader]] = {}

    def all(self) -> list[Entry]:
        with self._lock:
            return list(self._entries().values())

    def find(self, name: str) -> Entry | None:
        with self._lock:
            return self._entries().get(name)

    def get(self, name: str) -> Entry:
        """Raises `ModelNotFoundError`, with the nearest names."""
        if (entry := self.find(name)) is not None:
            return entry
        raise ModelNotFoundError("No model of this name is registered", str(name), hint=self.nearest(name))

    def nearest(self, name: object) -> str:
        """A hint at the names that are like this one, "" where none is."""
        from difflib import get_close_matches

        names = [entry.registration.name for entry in self.all()]
        near = get_close_matches(str(name), names, n=3, cutoff=0.5)
        return f"Did you mean {' or '.join(near)}?" if near else ""

    def add(self, entry: Entry, *, force: bool) -> None:
        """Raises `ModelRegistrationError` where the name is taken, unless `force`."""
        name = entry.registration.name
        with self._lock:
            if name in self._entries() and not force:
                raise ModelRegistrationError(f"Model with name '{name}' is already registered", name)
            self._entries()[name] = entry

    def add_new(self, entry: Entry) -> Entry:
        """The entry that has the name, which is this one where none had it."""
        with self._lock:
            return self._entries().setdefault(entry.registration.name, entry)

    def remove(self, name: str) -> None:
        with self._lock:
            self.get(name)
            del self._entries()[name]

    def clear(self) -> None:
        with self._lock:
            self._read = {}

    def reload(self) -> set[str]:
        """Read the files again; returns the names of what they said before."""
        with self._lock:
            before = self._read or {}
            own = {name: one for name, one in before.items() if one.registration.origin == "program"}
            self._read = None
            self._entries().update(own)
            return before.keys() - own.keys()

    @property
    def problems(self) -> tuple[FileProblem, ...]:
        with self._lock:
            self._entries()
            return self._problems

    def count_load(self, entry: Entry, seconds: float) -> None:
        with self._lock:
            entry.metadata.update_load_metrics(seconds)

    def add_loader(self, name: str, loader: type[ModelLoader]) -> None:
        with self._lock:
            self._loaders[name] = checked_loader(name, loader)

    def loader_of(self, entry: Entry) -> type[ModelLoader]:
        """The loader of an entry, whose code is loaded now where a file names it.

        Raises `ModelInitializationError` where there is none.
        """
        if entry.loader is not None:
            return entry.loader
        said, name = entry.registration.loader, entry.registration.name
        if not said:
            return MedicalModelLoader if entry.metadata.model_type in _MEDICAL else ModelLoader
        with self._lock:
            if said in self._loaders:
                return self._loaders[said]
        if said in LOADERS:
            return getattr(loaders, said)  # type: ignore[no-any-return]
        module, colon, kind = said.partition(":")
        if not colon:
            raise ModelInitializationError(
                f"There is no loader “{said}”", name, hint="A program adds its loaders with `add_loader`."
            )
        try:
            loader = getattr(import_module(module), kind)
        except (ImportError, AttributeError) as error:
            raise ModelInitializationError(f"The loader {said} cannot be imported ({error})", name) from error
        if not _is_loader(loader):
            raise ModelInitializationError(f"{said} is no ModelLoader", name)
        return loader  # type: ignore[no-any-return]

    def _entries(self) -> dict[str, Entry]:
        """All, to be changed; call it with the lock held."""
        if self._read is None:
            read = read_registrations(self._folder)
            for name in read.types:
                ModelType.declare(name)
            self._problems = read.problems
            self._read = {one.name: Entry(one, ModelMetadata.of(one)) for one in read.models}
        return self._read


def checked_loader(name: str, loader: type[ModelLoader]) -> type[ModelLoader]:
    """The loader, where it is one. Raises `ModelRegistrationError`."""
    if not _is_loader(loader):
        raise ModelRegistrationError(
            "A loader is a subclass of ModelLoader",
            name,
            hint="MedicalModelLoader is one that gives a tokenizer too.",
        )
    return loader


def _is_loader(said: Any) -> bool:
    return isinstance(said, type) and issubclass(said, ModelLoader)

"""The models that have a name of their own, and whether they are here: `library.registered`.

    with open_library() as library:
        for model in library.registered.list():
            print(model.registration.name, model.state or "not cached")
        library.registered.register("our-ner", "org/name", model_type="clinical")

What is registered here is kept in a file. `modelkeep.lifecycle.registry` loads models by these names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.errors import RegistryError
from modelkeep.progress import Report, ignore
from modelkeep.registrations.finding import RegisteredModel, searched, view_of
from modelkeep.registrations.folder import check_path, keep, models_folder, own_file, read_registrations
from modelkeep.registrations.values import (
    LOADERS,
    FileProblem,
    Registration,
    Registrations,
    class_problem,
    expanded,
    is_name,
    is_type_name,
    loader_problem,
    model_problem,
    parameter_problem,
)

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.library import Library

__all__ = ["Registered", "RegisteredModel", "RegisteredView", "download_key"]


@dataclass(frozen=True)
class RegisteredView:
    """What is registered; `folder` is that of the files, which need not be there.

    `own_file` is the one of them that `register` writes: what is in it can be unregistered.
    """

    folder: str
    models: tuple[RegisteredModel, ...]
    types: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    own_file: str = ""


class Registered:
    """See the module. Nothing here loads a model; only `plan_download` reaches the network."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def look(self) -> RegisteredView:
        """What is registered, the folder of the files, the types, and what is wrong in the files."""
        read = read_registrations()
        roots = searched(self._library.roots)
        models = tuple(view_of(model, roots) for model in read.models)
        own = str(own_file(Path(read.folder)))
        return RegisteredView(read.folder, models, read.types, read.problems, own)

    def list(self, model_type: str = "") -> tuple[RegisteredModel, ...]:
        """All registered models, or those of a type."""
        models = self.look().models
        return tuple(one for one in models if model_type.lower() in ("", one.registration.model_type))

    def get(self, name: str) -> RegisteredModel:
        """The model of that name. Raises `RegistryError`."""
        return view_of(_named(read_registrations(), name), searched(self._library.roots))

    def register(
        self,
        name: str,
        model: str,
        *,
        model_type: str = "generic",
        revision: str = "",
        description: str = "",
        tags: Sequence[str] = (),
        loader: str = "",
        parameters: Mapping[str, object] | None = None,
        version: str = Registration.version,
        model_class: str = "",
        force: bool = False,
        new_type: bool = False,
    ) -> RegisteredModel:
        """Register a cached or a future model, or a folder, by a name, and keep that in a file.

        `force` takes the place of what has the name, and `new_type` declares a type that there is not. Raises
        `RegistryError`, and `CacheError` when the file cannot be written.
        """
        read = read_registrations()
        asked = Registration(
            name,
            model_type.lower(),
            expanded(model, os.getcwd()),
            revision,
            description,
            tuple(tags),
            loader,
            dict(parameters or {}),
            version=version,
            model_class=model_class,
            origin="file",
        )
        declared = _declared(asked.model_type, read) if new_type else ()
        _check(asked, replace(read, types=(*read.types, *declared)), force=force)
        keep(models_folder(), add=asked, types=declared)
        return self.get(name)

    def unregister(self, name: str) -> Registration:
        """Forget a model that `register` registered, and return what it said; its files stay.

        Raises `RegistryError` for any other.
        """
        read = read_registrations()
        found = _named(read, name)
        if found.origin == "preset":
            raise RegistryError(f"“{name}” comes with Modelkeep, and stays.")
        if found.file != str(own_file(models_folder())):
            raise RegistryError(
                f"“{name}” is registered in a file that you wrote: {found.file}, line {found.line}.",
                hint="Remove it there.",
            )
        keep(models_folder(), remove=name)
        return found

    def bring_back(self, registration: Registration) -> RegisteredModel:
        """Register again what `unregister` returned. Raises `RegistryError` when its name was given anew."""
        read = read_registrations()
        hides_preset = any(one.name == registration.name and one.origin == "preset" for one in read.models)
        _check(registration, read, force=hides_preset)
        keep(models_folder(), add=registration)
        return self.get(registration.name)

    def add_type(self, name: str) -> tuple[str, ...]:
        """Declare a further type; returns all. Raises `RegistryError`."""
        if declared := _declared(name.lower(), read_registrations()):
            keep(models_folder(), types=declared)
        return read_registrations().types

    def check(self, path: str | os.PathLike[str] = "") -> tuple[FileProblem, ...]:
        """What is wrong in a file or a folder of files, by default in the user's folder, with lines."""
        return check_path(path) if path else read_registrations().problems

    def plan_download(
        self, name: str, *, root: str | None = None, profile: str = "", report: Report = ignore
    ) -> DownloadPlan:
        """What downloading a registered model would do, for `library.hubs`. Raises `RegistryError` for a folder."""
        key = download_key(_named(read_registrations(), name))
        return self._library.hubs.plan_download(key, root=root, profile=profile, report=report)


def download_key(registration: Registration) -> str:
    """What a registered model is downloaded as. Raises `RegistryError` for a folder."""
    if registration.is_folder:
        raise RegistryError(
            f"“{registration.name}” is a folder, which no hub has: {registration.model}",
            hint="Put its files there.",
        )
    return str(registration.keys[0])


def _named(read: Registrations, name: str) -> Registration:
    from difflib import get_close_matches

    for model in read.models:
        if model.name == name:
            return model
    near = get_close_matches(name, [model.name for model in read.models], n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else ""
    raise RegistryError(f"No model is registered as “{name}”.", hint=hint)


def _declared(name: str, read: Registrations) -> tuple[str, ...]:
    """The type of that name, if there is none yet. Raises `RegistryError`."""
    if not is_type_name(name):
        raise RegistryError(f"“{name}” cannot be the name of a type.", hint="Letters, digits and _ make one.")
    return () if name in read.types else (name,)


def _check(asked: Registration, read: Registrations, *, force: bool) -> None:
    """Raise `RegistryError` for what cannot be registered."""
    if not is_name(asked.name) or asked.name == "model_types":
        raise RegistryError(
            f"“{asked.name}” cannot be the name of a model.", hint="Letters, digits, and . - _ / make one."
        )
    if problem := model_problem(asked.model, asked.revision):
        raise RegistryError(problem, hint="A model is org/name, org/name@revision, or the path of a folder.")
    if asked.model_type not in read.types:
        raise RegistryError(
            f"“{asked.model_type}” is not a type.",
            hint=f"There are {', '.join(read.types)}; others can be added.",
        )
    if problem := loader_problem(asked.loader):
        raise RegistryError(
            problem,
            hint=f"There are {', '.join(LOADERS)}, and classes of yours as package.module:Class.",
        )
    if problem := class_problem(asked.model_class):
        raise RegistryError(problem)
    for name, value in asked.parameters.items():
        if problem := parameter_problem(name, value):
            raise RegistryError(problem)
    same = next((model for model in read.models if model.name == asked.name), None)
    if same is None:
        return
    if not force:
        raise RegistryError(
            f"A model is registered as “{asked.name}” already.", hint="Take another name, or replace it."
        )
    if same.origin == "file" and same.file != str(own_file(models_folder())):
        raise RegistryError(
            f"“{asked.name}” is registered in a file that you wrote: {same.file}, line {same.line}.",
            hint="Change it there.",
        )

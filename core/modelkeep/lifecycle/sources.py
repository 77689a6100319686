"""From what a model is loaded: a folder whose files have passed the checks that come before loading."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelkeep.cache.catalog import user_name
from modelkeep.errors import ModelKeepError, ModelNotFound, SafetyError, UnsafeModel
from modelkeep.library import Library, open_library
from modelkeep.registrations.finding import Place, find, searched
from modelkeep.registrations.values import Registration, is_path

__all__ = ["Found", "Source", "check", "check_model", "look_up"]

if TYPE_CHECKING:
    from modelkeep.safety.verdict import ModelVerdict

_ALLOW_UNSAFE = "If you trust who made it, load it with allow_unsafe=True."


@dataclass(frozen=True)
class Source:
    """A checked folder; `allow_code`: the caller said that code which the model brings may run."""

    path: str
    allow_code: bool = False


@dataclass(frozen=True)
class Found:
    """Where a registered model lies now; `state` tells one content of it from another."""

    path: str
    state: tuple[object, ...]
    place: Place | None = None


def look_up(registration: Registration, library: Library) -> Found:
    """Where a model lies, from its names alone. Raises `ModelNotFound`, which says how to bring it."""
    if registration.is_folder:
        if not os.path.isdir(registration.model):
            raise ModelNotFound(
                f"{registration.model} is not there.", hint="Put the files of the model there."
            )
        return Found(registration.model, _state_of(registration.model))
    place = find(searched(library.roots), registration)
    key = registration.keys[0]
    if place is None:
        raise ModelNotFound(
            f"No cache has {key}.",
            hint=f"Download {key.repo_id}, or import an archive of it; then load it again.",
        )
    if not place.works:
        problems = place.revision.problems
        said = str(problems[0].message) if problems else "it is damaged"
        raise ModelNotFound(f"{key} is in the cache, but damaged: {said}", hint="Download it again.")
    return Found(place.revision.path, (place.model.root, place.revision.commit), place)


def _state_of(folder: str) -> tuple[object, ...]:
    with os.scandir(folder) as entries:
        files = [(one.name, one.stat()) for one in entries if one.is_file()]
    return (folder, *sorted((name, status.st_size, status.st_mtime_ns) for name, status in files))


def check(found: Found, library: Library, *, allow_code: bool, allow_unsafe: bool) -> Source:
    """Look for what would run when it is loaded, and record that it is used.

    Raises `UnsafeModel` for dangerous files, and `SafetyError` for code of its own that was not allowed.
    """
    from modelkeep.metadata.describe import describe, describe_folder

    if found.place is None:
        _check_folder(found.path, allow_unsafe=allow_unsafe)
        description = describe_folder(found.path)
    else:
        from modelkeep.safety.gate import check_before_loading

        model, revision = found.place
        allow = (model.key.name,) if allow_unsafe else ()
        try:
            check_before_loading(model, revision, library.catalog, what="load", allow=allow)
        except UnsafeModel as error:
            raise UnsafeModel(str(error), hint=_ALLOW_UNSAFE) from error
        description = describe(revision, memory=library.catalog)
    if description.custom_code and not allow_code:
        raise SafetyError(
            "It brings code of its own, which was not allowed to run.",
            hint="If you trust who made it, load it with allow_code=True.",
        )
    if found.place is not None:
        with suppress(ModelKeepError):  # a home that cannot be written keeps nobody from loading a model
            model = found.place.model
            library.catalog.record_use(model.root, model.key, at=time.time(), by=user_name())
    return Source(found.path, allow_code)


def _check_folder(folder: str, *, allow_unsafe: bool) -> None:
    from modelkeep.safety.gate import worst_finding
    from modelkeep.safety.scan import scan_folder
    from modelkeep.safety.verdict import Verdict

    verdict: ModelVerdict = scan_folder(folder)
    if verdict.verdict is Verdict.DANGEROUS and not allow_unsafe:
        file, finding = worst_finding(verdict)
        raise UnsafeModel(
            f"{folder} is not safe to load: {file.path}: {finding.sentence}",
            hint=_ALLOW_UNSAFE,
        )


def check_model(model: str, *, allow_code: bool = False, allow_unsafe: bool = False) -> Source:
    """A model by its key or folder, found and checked. Raises what `look_up` and `check` do, and `InvalidKey`."""
    path = os.path.abspath(os.path.expanduser(model)) if is_path(model) else model
    with open_library() as library:
        found = look_up(Registration(model, model=path), library)
        return check(found, library, allow_code=allow_code, allow_unsafe=allow_unsafe)

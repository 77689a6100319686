"""Where a registered model lies on this machine. Reads only the repositories that are asked for, and no network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision, State
from modelkeep.cache.layout import repo_folder
from modelkeep.cache.repository import read_repository
from modelkeep.keys import ModelKey
from modelkeep.registrations.values import LOADERS, Registration

__all__ = ["Place", "RegisteredModel", "find", "searched", "view_of"]

_ONLY_A_PROGRAM = "Only a program that adds the loader “{}” can load it."


class Place(NamedTuple):
    """A revision in a cache."""

    model: CachedModel
    revision: CachedRevision

    @property
    def works(self) -> bool:
        return self.revision.state is not State.DAMAGED


@dataclass(frozen=True)
class RegisteredModel:
    """A registration, and whether it is here: `root`, `commit` and `path` of its snapshot, "" where it is not.

    `key` names the model of that cache, which may have it by an older name. `state` is that of the revision, "folder"
    for a folder that is here, "" for what is not here. `problem` is why it cannot be loaded as it is, "" for nothing
    that is known.
    """

    registration: Registration
    root: str = ""
    commit: str = ""
    path: str = ""
    state: str = ""
    size: int = 0
    problem: str = ""
    key: str = ""

    @property
    def is_here(self) -> bool:
        return bool(self.path)


def searched(roots: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """The caches that are looked through: `roots`, then that of MEDVL_CACHE_DIR, itself or with a `hub` in it."""
    found = [os.fspath(root) for root in roots]
    if said := os.environ.get("MEDVL_CACHE_DIR"):
        further = os.path.abspath(os.path.expanduser(said))
        found += [further, os.path.join(further, "hub")]
    return tuple(dict.fromkeys(found))


def find(roots: Iterable[str], registration: Registration) -> Place | None:
    """The revision that loading takes: the first that is not damaged, else a damaged one, else None."""
    places = [place for key in registration.keys for root in roots for place in _in_root(root, key)]
    return next((place for place in places if place.works), places[0] if places else None)


def _in_root(root: str, key: ModelKey) -> Iterator[Place]:
    folder = repo_folder(key.repo_type, key.repo_id)
    if not Path(root, folder).is_dir():
        return
    model = read_repository(root, folder, key.repo_type, key.repo_id, {})
    revision = model.revision(key.revision) if key.revision else model.main
    if revision is not None:
        yield Place(model, revision)


def view_of(registration: Registration, roots: Iterable[str]) -> RegisteredModel:
    """A registration with what is known of it here."""
    loader = registration.loader
    unknown = "" if not loader or ":" in loader or loader in LOADERS else _ONLY_A_PROGRAM.format(loader)
    if registration.is_folder:
        here = os.path.isdir(registration.model)
        return RegisteredModel(
            registration,
            path=registration.model if here else "",
            state="folder" if here else "",
            problem=unknown if here else f"{registration.model} is not there.",
        )
    place = find(roots, registration)
    if place is None:
        return RegisteredModel(registration, problem=unknown)
    model, revision = place
    damaged = str(revision.problems[0].message) if revision.problems else "It is damaged."
    problem = unknown if place.works else damaged
    return RegisteredModel(
        registration,
        model.root,
        revision.commit,
        revision.path,
        str(revision.state),
        revision.size,
        problem,
        str(model.key),
    )

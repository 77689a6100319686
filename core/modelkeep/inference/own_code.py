"""The code that a model brings, and the user's word on it: a yes holds for one commit, as its code is then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.inventory import CachedRevision, Inventory
from modelkeep.errors import CacheError, InvalidKey, UnsafeModel
from modelkeep.inference.plan import TryPlan
from modelkeep.keys import ModelKey
from modelkeep.metadata.reading import Unreadable, open_file, read_json

__all__ = ["OwnCode", "code_is_allowed", "own_code", "refuse_code", "remember_answer"]

_SAYING_SO = (
    "config.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "generation_config.json",
)
_KIND = "own-code/1"
_LONGEST = 8 << 20  # bytes of a file that is hashed; a longer one is no code that anybody wrote


class OwnCode(NamedTuple):
    """What a model may run of its own: the names of the files, and what they hold as one hash.

    A file of another repository is named with it: `org/name: modeling.py`.
    """

    files: tuple[str, ...] = ()
    sha256: str = ""


def own_code(inventory: Inventory, revision: CachedRevision) -> OwnCode | None:
    """The code that loading the revision may run, None when it asks for none."""
    classes = list(_classes_named(revision))
    if not classes:
        return None
    paths = {file.name: file.path for file in revision.files if file.blob and file.name.endswith(".py")}
    for other in dict.fromkeys(name.partition("--")[0] for name in classes if "--" in name):
        with suppress(InvalidKey):
            model = inventory.by_key.get(ModelKey.parse(other))
            if model and model.main:
                paths |= {
                    f"{other}: {file.name}": file.path
                    for file in model.main.files
                    if file.blob and file.name.endswith(".py")
                }
    digest = hashlib.sha256()
    for name in sorted(paths):
        digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
        with suppress(OSError, Unreadable), open_file(paths[name]) as file:
            digest.update(hashlib.sha256(file.read(_LONGEST)).digest())
    return OwnCode(tuple(sorted(paths)), digest.hexdigest())


def _classes_named(revision: CachedRevision) -> Iterator[str]:
    for name in _SAYING_SO:
        said = _read(revision, name)
        if isinstance(said, dict):
            yield from _texts(said.get("auto_map"))
            yield from _texts(said.get("custom_pipelines"))
    modules = _read(revision, "modules.json")
    for module in modules if isinstance(modules, list) else ():
        kind = module.get("type") if isinstance(module, dict) else None
        if isinstance(kind, str) and not kind.startswith("sentence_transformers."):
            yield kind


def _read(revision: CachedRevision, name: str) -> object:
    file = revision.file(name)
    if file and file.blob:
        with suppress(OSError, Unreadable):
            return read_json(file.blob.payload)
    return None


def _texts(value: object) -> Iterator[str]:
    """All texts within lists and objects, the names of their fields aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def code_is_allowed(catalog: Catalog, revision: CachedRevision, code: OwnCode) -> bool:
    """Whether the user said yes to just this code at just this commit."""
    return bool(code.sha256) and catalog.recall(_KIND, revision.path, 0, 0.0) == code.sha256


def remember_answer(catalog: Catalog, revision: CachedRevision, code: OwnCode, allowed: bool) -> None:
    """Keep a yes, or take it back. Raises `CacheError` where it cannot be kept."""
    catalog.remember(_KIND, revision.path, 0, 0.0, code.sha256 if allowed else "")
    if code_is_allowed(catalog, revision, code) is not allowed:
        raise CacheError(
            f"The answer could not be kept in {catalog.path}.", hint="See that the file belongs to you."
        )


def refuse_code(plan: TryPlan) -> None:
    """Raise `UnsafeModel` for code that nobody allowed."""
    if plan.wants_code and not plan.load.allow_code:
        files = ", ".join(plan.code_files[:3]) or "which is not here"
        raise UnsafeModel(
            f"{plan.key} runs code of its own when it is loaded ({files}), and nobody allowed that.",
            hint="Read it first. If you trust who made it, allow its code.",
        )

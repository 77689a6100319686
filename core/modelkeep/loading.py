"""Paths of models for the code that loads them: the two functions that scripts written for Dataiku DSS call.

    path = modelkeep.get_model_from_cache("org/name")
    pipeline("text-classification", model=path)

Source of names and promises: Dataiku DSS 14, `dataiku.core.model_provider`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from modelkeep.cache.catalog import user_name
from modelkeep.cache.inventory import CachedModel, CachedRevision, State
from modelkeep.cache.layout import repo_folder
from modelkeep.cache.repository import read_repository
from modelkeep.errors import ModelKeepError, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library

__all__ = ["download_model_to_cache", "get_model_from_cache"]


def get_model_from_cache(name: str) -> str:
    """The folder of a cached model, to be given to what loads it; records that it was used.

    `name` is `org/name`, `org/name@revision` or `hf@…`. Reaches no network. Raises `InvalidKey`, and `ModelNotFound`
    when no cache has the model, or only a damaged one.
    """
    key = ModelKey.parse(name)
    with open_library() as library:
        return _used(library, key)


def download_model_to_cache(
    name: str, connection_name: str | None = None, *, revision: str | None = None
) -> str:
    """The folder of a model, which is downloaded first when no cache has it; records that it was used.

    `connection_name` is a profile, the default one when None. Without a revision, a model that is here is taken as
    it is: no newer commit is looked for. Raises what `get_model_from_cache` does, and `RemoteError`.
    """
    key = ModelKey.parse(name)
    key = key.at(revision or key.revision)
    with open_library() as library:
        try:
            return _used(library, key)
        except ModelNotFound:
            hubs = library.hubs
            hubs.download(hubs.plan_download(str(key), profile=connection_name or ""))
            return _used(library, key)


def _used(library: Library, key: ModelKey) -> str:
    damaged = ""
    for model, revision in _found(library, key):
        if revision.state is State.DAMAGED:
            damaged = damaged or (str(revision.problems[0].message) if revision.problems else "it is damaged")
            continue
        with suppress(ModelKeepError):  # a home that cannot be written keeps nobody from loading a model
            library.catalog.record_use(model.root, model.key, at=time.time(), by=user_name())
        return revision.path
    if damaged:
        raise ModelNotFound(f"{key} is in the cache, but damaged: {damaged}", hint="Download it again.")
    raise ModelNotFound(
        f"No cache has {key}.", hint=f"Bring it: `modelkeep download {key.repo_id}`, or import an archive."
    )


def _found(library: Library, key: ModelKey) -> Iterator[tuple[CachedModel, CachedRevision]]:
    """The revision that loading by this name uses, in each root that has it. Reads that one repository only."""
    folder = repo_folder(key.repo_type, key.repo_id)
    for root in library.roots:
        if not Path(root, folder).is_dir():
            continue
        model = read_repository(os.fspath(root), folder, key.repo_type, key.repo_id, {})
        revision = model.revision(key.revision) if key.revision else model.main
        if revision is not None:
            yield model, revision

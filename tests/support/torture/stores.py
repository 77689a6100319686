"""What is asked of stores after something was broken off in them, and who looks at them meanwhile.

1. Every revision that can be found is whole, deep: nobody ever sees half a model, at no moment.
2. A ref leads to a revision that is there, or nowhere.
3. What nobody was working on is there as before; what was moved is at one place at least.
4. The same work can be done again, and is done then; collecting garbage after it takes nothing that is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.archive.incoming import derived_commit
from modelkeep.errors import ModelKeepError, NotOnRemote, RemoteConflict
from modelkeep.keys import ModelKey
from modelkeep.remote.store import StoreRemote
from support.caches import etag
from support.stores import files_of, folder_store, offer, push
from support.torture.world import World, model_files

if TYPE_CHECKING:
    from support.torture.works import Work

__all__ = [
    "COMING",
    "OLD",
    "ONLY",
    "STEADY",
    "STORES",
    "check_stores",
    "compete",
    "fill",
    "push_and_read",
    "read_on",
]

Files = Mapping[str, bytes]

STORES = ("team", "second")
STEADY = model_files("steady", 150_000)
COMING = [model_files("coming", 700_000), model_files("coming", 700_000, **{"new.txt": b"new"})]
ONLY = model_files("only", 90_000)
OLD = model_files("old", 90_000, **{"config.json": STEADY["config.json"]})


def fill(world: World) -> None:
    """Two stores: one that all have models in common with, and one that has another besides."""
    for name in STORES:
        with folder_store(world.place / name) as store:
            _push(world, store, "org/steady", STEADY)
            if name == "team":
                _push(world, store, "org/coming", COMING[0], ref="v0")
                _push(world, store, "org/coming", COMING[1])
            else:
                _push(world, store, "org/only", ONLY)


def _push(world: World, store: StoreRemote, name: str, files: Files, *, ref: str = "main") -> None:
    push(store, offer(world.place / "offered", files, ModelKey(name), ref=ref))


def commit_of(files: Files) -> str:
    return derived_commit({path: etag(path, content) for path, content in files.items()})


# ---- who looks, or pushes, while something is broken off


def read_on(world: World) -> Iterator[str]:
    """Look at all that both stores have, once; says what is wrong."""
    for name in STORES:
        with folder_store(world.place / name) as store:
            for model in store.list():
                for revision in model.revisions:
                    yield from _half(store, model.key.at(revision.commit), revision.message)


def compete(world: World) -> Iterator[str]:
    """Push other revisions of the model that is being pushed, then look at all; again and again."""
    with folder_store(world.place / "team") as store:
        for number in range(4):
            one = OLD | {"number.txt": b"%d %d" % (os.getpid(), number)}
            try:
                _push(world, store, "org/kept", one)
            except RemoteConflict:
                pass  # the other was first
            if files_of(store, ModelKey("org/kept", commit_of(one))) != one:
                yield "what was just pushed is not what can be fetched"
        yield from read_on(world)


def push_and_read(world: World) -> Iterator[str]:
    """Push what has contents that are just being collected, then look at all; again and again."""
    with folder_store(world.place / "team") as store:
        for number in range(4):
            one = OLD | {"number.txt": b"%d %d" % (os.getpid(), number)}
            _push(world, store, "org/pushed-beside", one)
            if files_of(store, ModelKey("org/pushed-beside")) != one:
                yield "what was just pushed is not what can be fetched"
            yield from read_on(world)


def _half(store: StoreRemote, key: ModelKey, message: str) -> Iterator[str]:
    if message.startswith("The manifest"):
        yield f"somebody saw {key}: {message}"
        return
    try:
        said = store.describe(key)
    except NotOnRemote:
        return  # deleted since it was listed
    try:
        files_of(store, key)
    except NotOnRemote as error:
        try:
            store.find(key)
        except NotOnRemote:
            return
        yield f"somebody saw half of {key}, {len(said.files)} files: {error}"
    except ModelKeepError as error:
        yield f"somebody could not read {key}: {type(error).__name__}: {error}"


# ---- afterwards


def check_stores(world: World, work: Work, *, done: bool) -> Iterator[str]:
    """What is wrong with the stores; `done`: the work was done in the end."""
    found: list[set[str]] = []
    for name in STORES:
        with folder_store(world.place / name) as store:
            yield from (f"{name}: {fault}" for fault in _faults(store))
            yield from _differs(store, name, "org/steady", STEADY)
            for key, files in work.there.get(name, {}).items() if done else ():
                yield from _differs(store, name, key, files)
            found.append({f"{m.key.repo_id}@{r.commit}" for m in store.list() for r in m.revisions})
            for key in work.gone.get(name, ()) if done else ():
                if key in found[-1] or key in {one.partition("@")[0] for one in found[-1]}:
                    yield f"{key} is still in {name}"
    here = {f"{Path(path).parent.parent.name.removeprefix('models--').replace('--', '/')}@{path.name}"
            for path in world.root.glob("models--*/snapshots/*")}  # fmt: skip
    everywhere = {*here}.union(*found)
    for name, files in work.moves.items():
        if f"{name}@{commit_of(files)}" not in everywhere:
            yield f"{name} is at no place any more"


def _faults(store: StoreRemote) -> Iterator[str]:
    check = store.verify(deep=True)
    yield from (f"{one.problem} {one.files[0]}" for one in check.problems)
    yield from check.left_out
    for shelf in store._shelves.all():
        for ref, entry in shelf.refs.items():
            if entry.commit and entry.commit not in shelf.revisions:
                yield f"{ref} of {shelf.key} leads to {entry.commit[:8]}, which is not there"


def _differs(store: StoreRemote, where: str, key: str, files: Files) -> Iterator[str]:
    try:
        here = files_of(store, ModelKey.parse(key))
    except ModelKeepError as error:
        yield f"{key} cannot be fetched from {where}: {error}"
        return
    if here != files:
        yield f"{key} has other files in {where}"


def collect_garbage(world: World) -> Iterator[str]:
    """Collect all that nothing needs, at once."""
    for name in STORES:
        with folder_store(world.place / name) as store:
            collected = store.collect(store.plan_collection(grace=0.0))
            yield from (f"collecting from {name}: {failure}" for failure in collected.failures)

"""What is broken off between caches and stores; see `works`."""

from __future__ import annotations

import os

from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.rows import Selection
from support.stores import folder_store
from support.torture.stores import COMING, OLD, ONLY, STEADY, commit_of, compete, fill, push_and_read, read_on
from support.torture.works import NotDone, Work
from support.torture.world import MODELS, World

__all__ = ["REMOTE_WORKS"]

_KEPT = MODELS["org/kept"][0]
_NEWEST = f"org/coming@{commit_of(COMING[1])}"


def _filled(world: World, library: Library) -> None:
    fill(world)
    for name in ("team", "second"):
        library.remotes.add(name, os.fspath(world.place / name))


def _with_garbage(world: World, library: Library) -> None:
    """A deleted model, contents of a push that broke off, and what another push may need of them at any moment."""
    _filled(world, library)
    with folder_store(world.place / "team") as store:
        from support.stores import offer, push

        push(store, offer(world.place / "offered", OLD, ModelKey("org/old")))
        store.delete(store.plan_deletion(ModelKey("org/old")))
        store.objects.put("blobs/" + "ab/" + "ab" * 32, b"nobody's" * 1000)


def _with_deleted(world: World, library: Library) -> None:
    _filled(world, library)
    library.remotes.delete(library.remotes.plan_deletion("team", "org/coming"))


def _is_in(library: Library, name: str, key: str) -> bool:
    wanted = ModelKey.parse(key)
    models = {model.key: model for model in library.remotes.models(name)}
    model = models.get(wanted.at(None))
    return model is not None and (
        wanted.revision is None or wanted.revision in {one.commit for one in model.revisions}
    )


def _push(world: World, library: Library) -> None:
    chosen = Selection(os.fspath(world.root), "hf@org/kept")
    library.remotes.push(library.remotes.plan_push(chosen, "team", tags=("production",), message="mine"))


def _fetch(world: World, library: Library) -> None:
    library.remotes.fetch(library.remotes.plan_fetch("org/coming", "team"))


def _copy(world: World, library: Library) -> None:
    library.remotes.copy(library.remotes.plan_copy("org/coming", "team", "second"))


def _move(world: World, library: Library) -> None:
    if _is_in(library, "team", _NEWEST):
        library.remotes.copy(library.remotes.plan_copy(_NEWEST, "team", "second", move=True))


def _move_from_here(world: World, library: Library) -> None:
    if library.find(ModelKey("org/kept")):
        library.remotes.copy(library.remotes.plan_copy("org/kept", "here", "team", move=True))


def _move_here(world: World, library: Library) -> None:
    if _is_in(library, "team", _NEWEST):
        plan = library.remotes.plan_copy(_NEWEST, "team", "here", move=True)
        library.remotes.copy(plan)


def _sync(world: World, library: Library) -> None:
    done = library.remotes.sync(library.remotes.plan_sync("team", "second", delete=True))
    if done.failures:
        raise NotDone(" ".join(done.failures))


def _sync_here(world: World, library: Library) -> None:
    done = library.remotes.sync(library.remotes.plan_sync("team", "here"))
    if done.failures:
        raise NotDone(" ".join(done.failures))


def _follow(world: World, library: Library) -> None:
    library.remotes.follow("team", ["org/coming", "org/steady"])
    for plan in library.remotes.plan_follow("team"):
        done = library.remotes.run_follow(plan)
        if done.failures:
            raise NotDone(" ".join(done.failures))


def _collect(world: World, library: Library) -> None:
    done = library.remotes.collect(library.remotes.plan_collection("team", grace=0.0))
    if done.failures:
        raise NotDone(" ".join(done.failures))


def _delete(world: World, library: Library) -> None:
    if _is_in(library, "team", "org/coming"):
        library.remotes.delete(library.remotes.plan_deletion("team", "org/coming"))


def _restore(world: World, library: Library) -> None:
    if library.remotes.deleted("team"):
        library.remotes.restore("team", "org/coming")


_COMING = {"org/coming@main": COMING[1], "org/coming@v0": COMING[0]}
_MOVES = {"org/coming": COMING[1]}

REMOTE_WORKS: dict[str, Work] = {
    "push to a store": Work(
        _push,
        prepare=_filled,
        there={"team": {"org/kept": _KEPT, "org/kept@production": _KEPT} | _COMING},
        beside=read_on,
    ),
    "push against another": Work(
        _push, prepare=_filled, there={"team": {"org/kept@production": _KEPT} | _COMING}, beside=compete
    ),
    "fetch": Work(_fetch, prepare=_filled, brings={"org/coming": COMING[1]}, there={"team": _COMING}),
    "copy": Work(
        _copy, prepare=_filled, there={"team": _COMING, "second": {"org/coming": COMING[1]}}, beside=read_on
    ),
    "move": Work(
        _move,
        prepare=_filled,
        there={"second": {_NEWEST: COMING[1], "org/only": ONLY}, "team": {"org/coming@v0": COMING[0]}},
        gone={"team": (_NEWEST,)},
        moves=_MOVES,
        beside=read_on,
    ),
    "move from here": Work(
        _move_from_here,
        prepare=_filled,
        takes=("org/kept",),
        there={"team": {"org/kept": _KEPT}},
        beside=read_on,
    ),
    "move here": Work(
        _move_here,
        prepare=_filled,
        gone={"team": (_NEWEST,)},
        there={"team": {"org/coming@v0": COMING[0]}},
        moves=_MOVES,
    ),
    "sync": Work(
        _sync,
        prepare=_filled,
        there={"team": _COMING, "second": _COMING | {"org/steady": STEADY}},
        gone={"second": ("org/only",)},
        beside=read_on,
    ),
    "sync here": Work(
        _sync_here,
        prepare=_filled,
        brings={"org/coming": COMING[1], "org/steady": STEADY},
        there={"team": _COMING},
    ),
    "follow": Work(
        _follow,
        prepare=_filled,
        brings={"org/coming": COMING[1], "org/steady": STEADY},
        there={"team": _COMING},
    ),
    "collect garbage": Work(_collect, prepare=_with_garbage, there={"team": _COMING}, beside=push_and_read),
    "delete there": Work(_delete, prepare=_filled, gone={"team": ("org/coming",)}, beside=read_on),
    "restore there": Work(_restore, prepare=_with_deleted, there={"team": _COMING}, beside=read_on),
}

"""What is broken off: each work is done in a child process, and may be done again after whatever befell it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from modelkeep.cache.policy import CachePolicy
from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import plan_repair
from modelkeep.doctor.repair import repair
from modelkeep.errors import ModelKeepError
from modelkeep.library import Library
from support.torture.rule import LATER
from support.torture.world import ARRIVING, FETCHED, MODELS, PUSHED, UNTOUCHED, World

__all__ = ["WORKS", "NotDone", "Work", "do_export", "do_repair", "do_restore", "do_verify"]

Files = dict[str, bytes]


class NotDone(ModelKeepError):
    """A work says that it failed."""


def _raise_for(failures: Sequence[str]) -> None:
    if failures:
        raise NotDone(" ".join(failures))


def _nothing(world: World, library: Library) -> None:
    """The state that every world is built in."""


@dataclass(frozen=True)
class Work:
    """`prepare` makes the state that it begins in. `brings` are models that are there when it is done.

    `takes` are models that it removes, into the trash unless `for_good`.

    Of a work with stores, `there` and `gone` are models in them when it is done, and `moves` those that are at one
    place at least at any moment. `beside` is done again and again by another process, and says what is wrong.
    """

    do: Callable[[World, Library], None]
    prepare: Callable[[World, Library], None] = _nothing
    brings: dict[str, Files] = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    for_good: bool = False
    there: Mapping[str, Mapping[str, Mapping[str, bytes]]] = field(default_factory=dict)
    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)
    moves: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    beside: Callable[[World], Iterator[str]] | None = None

    @property
    def has_stores(self) -> bool:
        return bool(self.there or self.gone)


def _import(world: World, library: Library) -> None:
    _raise_for(library.archives.run_import(library.archives.plan_import([world.archive])).failures)


def _download(world: World, library: Library) -> None:
    library.hubs.download(library.hubs.plan_download("org/fetched", everything=True))


def _delete(world: World, library: Library) -> None:
    chosen = [name for name in ("org/kept", "org/two@v0") if library.find(_key(name))]
    chosen = [name for name in chosen if _is_there(library, name)]
    for result in library.delete(library.plan_deletion(library.choose(chosen))):
        _raise_for(result.failures)


def do_restore(world: World, library: Library) -> None:
    entries = [(entry.root, entry.id) for entry in library.trash()]
    _raise_for([one.error for one in library.restore(entries) if one.error])


def _empty(world: World, library: Library) -> None:
    entries = [(entry.root, entry.id) for entry in library.trash()]
    _raise_for([one.error for one in library.empty_trash(entries) if one.error])


def do_repair(world: World, library: Library) -> None:
    found = examine(world.root, now=LATER())
    plan = plan_repair(found.inventory, found.findings, everything=True)
    _raise_for([f"{one.error} {one.hint}" for one in repair(plan, now=LATER()).items if one.error])


def _push(world: World, library: Library) -> None:
    from support.serving import serving

    secrets: list[str] = []
    with serving(
        world.root,
        ready=lambda tokens: secrets.append(tokens.add(f"torturer-{os.getpid()}", can_write=True)),
        allow_push=True,
        into=world.root,
    ) as served:
        os.environ |= {"HF_ENDPOINT": served.url, "HF_TOKEN": secrets[0]}
        plan = library.hubs.plan_push(world.pushed, "org/pushed")
        if not plan.is_nothing:
            library.hubs.push(plan)


def _evict(world: World, library: Library) -> None:
    root = os.fspath(world.root)
    for name in UNTOUCHED:
        library.catalog.pin(root, _key(name))
    # What is gone already by an eviction that was broken off needs not go again.
    policy = CachePolicy(max_size=1_500_000, grace=0.0)
    if result := library.space.evict(library.space.plan(root, policy)):
        _raise_for(result.failures)


def _set_ref(world: World, library: Library) -> None:
    [model] = library.find(_key("org/two"))
    old = next(revision for revision in model.revisions if "v0" in revision.refs)
    library.hubs.set_ref(os.fspath(world.root), str(model.key), "main", old.commit)


def do_export(world: World, library: Library) -> None:
    chosen = library.choose(["org/kept", "org/two"])
    _raise_for(library.archives.export(library.archives.plan_export(chosen, world.exported)).failures)


def do_verify(world: World, library: Library) -> None:
    library.trust.check()


def _mend(world: World, library: Library) -> None:
    library.set_roots([world.root, world.other])
    found = library.trust.check(deep=True)
    plan = library.trust.plan_mending(found)
    _raise_for(library.trust.mend(plan).failures)


def _corrupt(world: World, library: Library) -> None:
    world.corrupt()


def _make_ill(world: World, library: Library) -> None:
    world.make_ill()


def _key(name: str):  # type: ignore[no-untyped-def]
    from modelkeep.keys import ModelKey

    return ModelKey.parse(name)


def _is_there(library: Library, name: str) -> bool:
    key = _key(name)
    return any(key.revision is None or model.revision(key.revision) for model in library.find(key))


WORKS: dict[str, Work] = {
    "import": Work(_import, brings={"org/arriving": ARRIVING}),
    "download": Work(_download, brings={"org/fetched": FETCHED}),
    "delete": Work(_delete, takes=("org/kept",)),
    "restore": Work(do_restore, prepare=_delete, brings={"org/kept": MODELS["org/kept"][0]}),
    "empty": Work(_empty, prepare=_delete, takes=("org/kept",), for_good=True),
    "repair": Work(do_repair, prepare=_make_ill),
    "push": Work(_push, brings={"org/pushed": PUSHED}),
    "evict": Work(_evict, takes=("org/kept",)),
    "rollback": Work(_set_ref, brings={"org/two": MODELS["org/two"][0]}),
    "export": Work(do_export),
    "verify": Work(do_verify),
    "mend": Work(_mend, prepare=_corrupt, brings={"org/kept": MODELS["org/kept"][0]}),
}

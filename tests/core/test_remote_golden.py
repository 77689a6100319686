"""The golden rule of remotes: two users and two stores, everything that can be done between them, and kills.

`MODELKEEP_GOLDEN_EXAMPLES=500 pytest tests/core/test_remote_golden.py` looks longer, and each time elsewhere.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from modelkeep import open_library
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.remote.names import blob_of
from modelkeep.remote.plans import Synced
from modelkeep.rows import Selection
from support.caches import CacheMaker, sha256
from support.golden import end_before_step
from support.remote_fetching import loaded
from support.stores import files_of, folder_store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is forked for each kill")

EXAMPLES = int(os.environ.get("MODELKEEP_GOLDEN_EXAMPLES", "0"))

COMMON = b"common " * 3000
REVISIONS: dict[tuple[str, str], dict[str, bytes]] = {
    ("org/alpha", "1" * 40): {"config.json": b"{}", "common.bin": COMMON, "model.safetensors": b"a1" * 5000},
    ("org/alpha", "2" * 40): {"config.json": b"[]", "common.bin": COMMON, "model.safetensors": b"a2" * 5000},
    ("org/alpha", "3" * 40): {"config.json": b"[]", "model.safetensors": b"a1" * 5000, "sub/new.txt": b"new"},
    ("org/beta", "4" * 40): {"config.json": b"{}", "common.bin": COMMON},
    ("org/beta", "5" * 40): {"config.json": b"{}", "model.safetensors": b"a2" * 5000, "empty.txt": b""},
}
"""All that is ever pushed: a model and a commit of it, and its files. They share contents."""

STORES = ("one", "two")
Revision = tuple[str, str]

users = st.integers(0, 1)
stores = st.sampled_from(STORES)
origins = st.sampled_from([*STORES, "0", "1"])  # a user's own cache by their number
revisions = st.sampled_from(list(REVISIONS))
refs = st.sampled_from(["main", "production"])
steps = st.one_of(st.none(), st.none(), st.integers(0, 40))
"""Before which step on the disk a kill comes, if any."""


def nothing(result: Any) -> None:
    pass


@dataclass
class Seen:
    """A store as it is: its live and its deleted revisions, where its refs lead, and how they came to."""

    live: set[Revision]
    deleted: set[Revision]
    refs: dict[tuple[str, str], str]
    histories: dict[tuple[str, str], tuple[Any, ...]]


def text(revision: Revision) -> str:
    return f"hf@{revision[0]}@{revision[1]}"


class GoldenRule(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self.libraries: list[Library] = []

    @initialize(given=st.lists(st.tuples(users, revisions), min_size=2, max_size=6))
    def begin(self, given: list[tuple[int, Revision]]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="golden-")).resolve()
        os.environ["MODELKEEP_HOME"] = str(self.folder / "home")
        self.caches = [CacheMaker(self.folder / f"cache-{user}") for user in (0, 1)]
        for cache in self.caches:
            cache.root.mkdir(exist_ok=True)
        self.libraries = [open_library([cache.root]) for cache in self.caches]
        for name in STORES:
            (self.folder / name).mkdir()
        for user, revision in given:
            self.appear(user, revision)
        self.seen = {name: self.look(name) for name in STORES}

    def teardown(self) -> None:
        try:
            for library in self.libraries:
                library.close()
        finally:
            if self.folder is not None:
                shutil.rmtree(self.folder)

    def place(self, name: str) -> str:
        return str(self.caches[int(name)].root if name.isdigit() else self.path(name))

    def path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / name

    # ---- looking

    def look(self, name: str) -> Seen:
        """A store, every file of which is read: half a revision is the end."""
        with folder_store(self.path(name)) as store:
            live = {(m.key.repo_id, r.commit) for m in store.list() for r in m.revisions}
            for one in live:
                assert files_of(store, ModelKey(*one)) == REVISIONS[one], f"{one} is not what was pushed"
            leads, histories = {}, {}
            for shelf in store._shelves.all():
                assert not shelf.problems
                for ref, entry in shelf.refs.items():
                    known = shelf.key.repo_id, ref
                    histories[known] = store.history(shelf.key, ref)
                    if entry.commit:
                        leads[known] = entry.commit
                        assert (known[0], entry.commit) in live, f"{known} leads to nothing"
            deleted = {(m.key.repo_id, r.commit) for m in store.deleted() for r in m.revisions} - live
            return Seen(live, deleted, leads, histories)

    def here(self, user: int) -> set[Revision]:
        self.libraries[user].refresh()
        return {
            (model.repo_id, one.commit)
            for model in self.libraries[user].inventory(self.caches[user].root).models
            for one in model.revisions
        }

    def do(
        self,
        user: int,
        kill: int | None,
        work: Callable[[Library], Any],
        *,
        check: Callable[[Any], None] = nothing,
        goes: Iterable[tuple[str, Revision]] = (),
        moves: Iterable[tuple[str, str]] = (),
        purges: Iterable[str] = (),
    ) -> None:
        """Do something, or be killed at it, and look whether all else is as it was.

        `goes`: revisions that a store may lose by it; `moves`: stores and models whose refs may lead elsewhere;
        `purges`: stores whose deleted revisions may be gone for good.
        """
        before, library = self.seen, self.libraries[user]
        library.refresh()
        result = None
        if kill is None or not self.killed(lambda: work(library), kill):
            try:
                result = work(library)
            except ModelKeepError as error:
                note(f"refused: {error}")
        else:
            note("killed")
            library.refresh()
        self.seen = {name: self.look(name) for name in STORES}
        may_go, may_move = {*goes}, {*moves}
        for name in STORES:
            was, now = before[name], self.seen[name]
            gone = {one for one in was.live - now.live if (name, one) not in may_go}
            assert not gone, f"{name} lost {gone}"
            if name not in purges:
                assert was.deleted <= now.deleted | now.live, f"{name} cannot bring back what it could"
            for known, steps in was.histories.items():
                assert now.histories[known][-len(steps) :] == steps, f"{known} has another history"
            for known, commit in was.refs.items():
                assert (name, known[0]) in may_move or now.refs.get(known) == commit, f"{known} was moved"
        if result is not None:
            check(result)

    def killed(self, work: Callable[[], object], step: int) -> bool:
        assert self.folder is not None
        child = os.fork()
        if child == 0:
            try:
                end_before_step(step, self.folder)
                work()
            except BaseException:  # noqa: BLE001 - what it is, the parent finds out by doing it
                pass
            finally:
                os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9

    # ---- what is done

    @rule(user=users, revision=revisions)
    def appear(self, user: int, revision: Revision) -> None:
        cache = self.caches[user]
        if not (cache.folder(revision[0]) / "snapshots" / revision[1]).exists():
            cache.add(revision[0], REVISIONS[revision], commit=revision[1])

    @rule(user=users, revision=revisions)
    def evict(self, user: int, revision: Revision) -> None:
        library = self.libraries[user]
        if revision in self.here(user):
            chosen = [Selection(library.roots[0], text(revision))]
            library.delete(library.plan_deletion(chosen, permanently=True))

    @rule(user=users, store=stores, revision=revisions, ref=refs, kill=steps)
    def push(self, user: int, store: str, revision: Revision, ref: str, kill: int | None) -> None:
        if revision not in self.here(user):
            return

        def work(library: Library) -> object:
            chosen = Selection(library.roots[0], text(revision))
            return library.remotes.push(library.remotes.plan_push(chosen, self.place(store), ref=ref))

        def check(result: object) -> None:
            assert self.seen[store].refs[revision[0], ref] == revision[1]

        self.do(user, kill, work, check=check, moves=[(store, revision[0])])

    @rule(user=users, store=stores, revision=revisions, kill=steps)
    def fetch(self, user: int, store: str, revision: Revision, kill: int | None) -> None:
        def work(library: Library) -> object:
            return library.remotes.fetch(library.remotes.plan_fetch(text(revision), self.place(store)))

        def check(result: object) -> None:
            root = self.caches[user].root
            assert loaded(root, revision[1], repo_id=revision[0]) == REVISIONS[revision]

        if revision in self.seen[store].live:
            self.do(user, kill, work, check=check)

    @rule(
        user=users,
        origin=origins,
        destination=stores,
        revision=revisions,
        move=st.booleans(),
        kill=steps,
    )
    def copy(
        self, user: int, origin: str, destination: str, revision: Revision, move: bool, kill: int | None
    ) -> None:
        if origin == destination or (origin.isdigit() and int(origin) != user):
            return

        def places() -> set[Revision]:
            return self.here(user).union(*(one.live for one in self.seen.values()))

        def work(library: Library) -> object:
            remotes = library.remotes
            plan = remotes.plan_copy(text(revision), self.place(origin), self.place(destination), move=move)
            return remotes.copy(plan)

        def check(result: Any) -> None:
            assert revision in self.seen[destination].live
            if move:
                assert revision not in (self.here(user) if origin.isdigit() else self.seen[origin].live)

        before = places()
        self.do(
            user,
            kill,
            work,
            check=check,
            goes=[(origin, revision)] if move else [],
            moves=[(origin, revision[0]), (destination, revision[0])]
            if move
            else [(destination, revision[0])],
        )
        assert revision not in before or revision in places(), "what was moved is nowhere any more"

    @rule(
        user=users,
        origin=origins,
        destination=stores,
        delete=st.booleans(),
        kill=steps,
    )
    def sync(self, user: int, origin: str, destination: str, delete: bool, kill: int | None) -> None:
        if origin == destination or (origin.isdigit() and int(origin) != user):
            return
        there = self.here(user) if origin.isdigit() else self.seen[origin].live
        goes = [(destination, one) for one in self.seen[destination].live - there] if delete else []
        models = {model for model, _ in REVISIONS}

        def work(library: Library) -> Synced:
            plan = library.remotes.plan_sync(self.place(origin), self.place(destination), delete=delete)
            return library.remotes.sync(plan)

        def check(done: Synced) -> None:
            assert done.failures == ()
            library = self.libraries[user]
            again = library.remotes.plan_sync(self.place(origin), self.place(destination), delete=delete)
            assert again.todo == (), again.todo
            assert there <= self.seen[destination].live

        self.do(user, kill, work, check=check, goes=goes, moves=[(destination, model) for model in models])

    @rule(user=users, store=stores, revision=revisions, ref=refs, kill=steps)
    def tag(self, user: int, store: str, revision: Revision, ref: str, kill: int | None) -> None:
        def work(library: Library) -> object:
            return library.remotes.set_ref(self.place(store), text(revision), ref)

        def check(result: object) -> None:
            assert self.seen[store].refs[revision[0], ref] == revision[1]

        self.do(user, kill, work, check=check, moves=[(store, revision[0])])

    @rule(user=users, store=stores, revision=revisions, kill=steps)
    def delete(self, user: int, store: str, revision: Revision, kill: int | None) -> None:
        led = {known: commit for known, commit in self.seen[store].refs.items() if commit == revision[1]}

        def work(library: Library) -> object:
            plan = library.remotes.plan_deletion(self.place(store), text(revision))
            library.remotes.delete(plan)
            return plan

        def check(result: object) -> None:
            assert revision not in self.seen[store].live
            assert revision in self.seen[store].deleted
            assert not led.keys() & self.seen[store].refs.keys()

        self.do(user, kill, work, check=check, goes=[(store, revision)], moves=[(store, revision[0])])

    @rule(user=users, store=stores, revision=revisions, kill=steps)
    def restore(self, user: int, store: str, revision: Revision, kill: int | None) -> None:
        def work(library: Library) -> object:
            return library.remotes.restore(self.place(store), text(revision))

        def check(result: object) -> None:
            assert revision in self.seen[store].live

        if revision in self.seen[store].deleted:
            self.do(user, kill, work, check=check, moves=[(store, revision[0])])

    @rule(user=users, store=stores, at_once=st.booleans(), kill=steps)
    def collect(self, user: int, store: str, at_once: bool, kill: int | None) -> None:
        def work(library: Library) -> object:
            plan = library.remotes.plan_collection(self.place(store), grace=0.0 if at_once else 86400.0)
            return library.remotes.collect(plan)

        def check(done: Any) -> None:
            assert done.failures == ()
            if not at_once or any((self.path(store) / "pushes").glob("*.json")):
                return  # whoever was killed at a push may go on with it
            needed = {sha256(content) for one in self.seen[store].live for content in REVISIONS[one].values()}
            assert self.seen[store].deleted == set()
            with folder_store(self.path(store)) as left:
                assert {blob_of(info.name) for info in left.objects.list("blobs/")} == needed

        self.do(user, kill, work, check=check, purges=[store] if at_once else [])


@pytest.mark.usefixtures("own_places")
def test_the_golden_rule_of_remotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELKEEP_HOME", "")
    run_state_machine_as_test(
        GoldenRule,
        settings=settings(
            max_examples=EXAMPLES or 5,
            stateful_step_count=30 if EXAMPLES else 15,
            derandomize=not EXAMPLES,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.generate] if EXAMPLES else list(Phase),
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""What collecting garbage takes from a store, and what it never takes, whoever pushes meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.errors import AccessDenied, NotOnRemote
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.garbage import GRACE, collect, plan_collection
from modelkeep.remote.manifests import canonical
from modelkeep.remote.names import PUSHES, blob_name, blob_of, mark_name, push_name, read_name
from modelkeep.remote.notes import announced, collecting
from modelkeep.remote.opening import open_remote
from modelkeep.remote.store import StoreRemote
from modelkeep.remote.values import Collected
from modelkeep.remote.verifying import verify
from support.caches import sha256
from support.s3 import S3Store
from support.stores import KEY, WatchedObjects, files_of, folder_store, offer, push
from support.users import as_nobody

pytest_plugins = ("support.s3.fixtures",)

OTHER = ModelKey("org/other")
DAY = 86400.0
ONE, TWO = {"config.json": b"{}", "a.bin": b"one"}, {"config.json": b"{}", "a.bin": b"two"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreRemote]:
    with folder_store(tmp_path / "store") as store:
        yield store


def age(folder: Path, seconds: float, *names: str) -> None:
    """Let all objects, or those of these names, be so many seconds older."""
    for path in [folder / name for name in names] or folder.rglob("*"):
        if path.is_file():
            status = path.stat()
            os.utime(path, (status.st_atime, status.st_mtime - seconds))


def names(store: StoreRemote, prefix: str = "") -> set[str]:
    return {info.name for info in store.objects.list(prefix)}


def blobs(store: StoreRemote) -> set[str]:
    return {blob_of(name) or name for name in names(store, "blobs/")}


def collected(store: StoreRemote, grace: float | None = None) -> Collected:
    return collect(store.objects, plan_collection(store.objects, grace=grace))


def delete(store: StoreRemote, key: ModelKey = KEY) -> str:
    [commit] = store.plan_deletion(key).commits
    store.delete(store.plan_deletion(key))
    return commit


def loose(store: StoreRemote, content: bytes = b"loose") -> str:
    name = blob_name(sha256(content))
    store.objects.put(name, content)
    return name


def test_a_deleted_revision_goes_when_its_time_is_over(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    push(store, offer(tmp_path, {**TWO, "b.bin": b"only here"}, OTHER))
    delete(store, OTHER)
    plan = plan_collection(store.objects)
    assert (plan.garbage, plan.grace) == ((), GRACE)
    assert plan.kept == len(b"two") + len(b"only here"), "what can be brought back is kept"
    age(tmp_path / "store", GRACE + DAY)
    plan = plan_collection(store.objects, remote="team")
    assert plan.remote == "team"
    assert plan.kept == 0
    assert {read.kind for one in plan.garbage if (read := read_name(one.name))} == {
        "revision",
        "checksums",
        "mark",
    }
    assert names(store) >= {one.name for one in plan.garbage}, "a plan changes nothing"
    done = collect(store.objects, plan)
    assert (done.removed, done.freed) == (5, plan.frees)
    assert sum(done.by_reason.values()) == plan.frees
    assert (done.spared, done.failures) == ((), ())
    assert blobs(store) == {sha256(b"{}"), sha256(b"one")}
    assert not any("deleted" in name or "other/revisions" in name for name in names(store))
    assert files_of(store) == ONE
    assert names(store, PUSHES) == set()


def test_a_young_deletion_can_be_brought_back_after_collecting(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    age(tmp_path / "store", GRACE + DAY)
    delete(store)
    assert collected(store).removed == 0
    store.restore(KEY)
    assert files_of(store) == ONE


def test_loose_contents_go_when_they_are_old(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    old, young = loose(store, b"old"), loose(store, b"young")
    age(tmp_path / "store", GRACE + DAY, old)
    plan = plan_collection(store.objects)
    assert [one.name for one in plan.garbage] == [old]
    assert plan.kept == len(b"young")
    collect(store.objects, plan)
    assert old not in names(store)
    assert young in names(store)


def test_the_note_of_a_push_spares_what_it_needs_until_it_is_old(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    name, note = loose(store), push_name("0" * 16)
    store.objects.put(note, canonical({"blobs": [sha256(b"loose")]}))
    age(tmp_path / "store", GRACE + DAY, name)
    assert plan_collection(store.objects).garbage == ()
    assert plan_collection(store.objects, grace=0.0).garbage == (), "it may be at work"
    age(tmp_path / "store", GRACE + DAY, note)
    assert {one.name for one in plan_collection(store.objects).garbage} == {name, note}
    assert collected(store).removed == 2


def test_a_note_that_cannot_be_read_spares_everything(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    name, note = loose(store), push_name("0" * 16)
    store.objects.put(note, b"{")
    age(tmp_path / "store", GRACE + DAY, name)
    plan = plan_collection(store.objects)
    assert plan.garbage == ()
    assert note in plan.problems[0]


def test_no_content_goes_when_a_manifest_cannot_be_read(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    name = loose(store)
    age(tmp_path / "store", GRACE + DAY)
    plan = plan_collection(store.objects)
    assert [one.name for one in plan.garbage] == [name]
    [revision] = [name for name in names(store) if "/revisions/" in name and name.endswith(".json")]
    content = (tmp_path / "store" / revision).read_bytes()
    store.objects.put(revision, content[:-20])
    again = plan_collection(store.objects)
    assert again.garbage == ()
    assert len(again.problems) == 1
    done = collect(store.objects, plan)
    assert done.removed == 0
    assert "Contents stay" in done.failures[0]
    assert name in names(store)


def test_what_nobody_knows_stays_and_is_counted(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    foreign = [
        "notes.txt",
        "blobs/readme",
        "blobs/ab/" + "c" * 64,
        "models/x",
        "pushes/a/b.json",
        "pushes/note",
    ]
    for name in foreign:
        store.objects.put(name, b"mine")
    age(tmp_path / "store", GRACE + DAY)
    plan = plan_collection(store.objects)
    assert plan.garbage == ()
    assert plan.foreign == len(foreign)
    assert collected(store).removed == 0
    assert names(store) >= {*foreign}


def test_where_no_store_is_there_is_no_garbage(tmp_path: Path) -> None:
    with folder_store(tmp_path / "store") as store:
        assert plan_collection(store.objects).garbage == ()
    assert not any((tmp_path / "store").iterdir())


def test_what_is_needed_again_since_the_plan_stays(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    for content in (b"pushed", b"refreshed", b"noted", b"garbage"):
        loose(store, content)
    age(tmp_path / "store", GRACE + DAY)
    plan = plan_collection(store.objects)
    push(store, offer(tmp_path, {"c.bin": b"pushed"}, OTHER))
    store.objects.refresh(blob_name(sha256(b"refreshed")))
    store.objects.put(push_name("1" * 16), canonical({"blobs": [sha256(b"noted")]}))
    done = collect(store.objects, plan)
    assert done.removed == 1
    assert {blob_of(name) for name in done.spared} == {sha256(c) for c in (b"pushed", b"refreshed", b"noted")}
    assert verify(store.objects, deep=True).is_good


def test_what_was_brought_back_since_the_plan_stays(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    delete(store)
    age(tmp_path / "store", GRACE + DAY)
    plan = plan_collection(store.objects)
    store.restore(KEY)
    done = collect(store.objects, plan)
    assert done.removed == 0
    assert len(done.spared) == 3
    assert files_of(store) == ONE


def test_what_is_brought_back_at_that_very_moment_is_put_back(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    commit = delete(store)
    [mark] = [name for name in names(store) if "/deleted/" in name]
    age(tmp_path / "store", GRACE + DAY)
    plan = plan_collection(store.objects)

    def told(action: str, name: str) -> None:
        if action == "remove" and "/revisions/" in name:
            (tmp_path / "store" / mark).unlink(missing_ok=True)

    with WatchedObjects(tmp_path / "store", told) as objects:
        done = collect(objects, plan)
    assert done.removed == 0
    assert store.describe(KEY.at(commit)).commit == commit
    assert verify(store.objects).is_good


def test_a_revision_that_a_ref_leads_to_is_no_garbage(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    [name] = [read for name in names(store) if (read := read_name(name)) and read.kind == "revision"]
    store.objects.put(
        mark_name(KEY, name.commit, name.id), b"{}"
    )  # as a deletion and a push at once may leave it
    age(tmp_path / "store", GRACE + DAY)
    assert plan_collection(store.objects).garbage == ()


def test_halves_of_what_was_removed_go_too(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    delete(store)
    age(tmp_path / "store", GRACE + DAY)
    [revision] = [name for name in names(store) if "/revisions/" in name and name.endswith(".json")]
    store.objects.remove([revision])
    assert collected(store).removed == 4
    assert not any("/revisions/" in name or "/deleted/" in name for name in names(store))


def test_a_collection_broken_off_at_any_step_breaks_nothing(store: StoreRemote, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    for steps in range(100):
        push(store, offer(tmp_path, ONE))
        push(store, offer(tmp_path, TWO, OTHER))
        delete(store, OTHER)
        loose(store)
        age(tmp_path / "store", GRACE + DAY)
        left = steps

        def told(action: str, name: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed

        plan = plan_collection(store.objects)
        try:
            with WatchedObjects(tmp_path / "store", told) as objects:
                collect(objects, plan)
        except Killed:
            assert files_of(store) == ONE
            assert verify(store.objects).is_good
            age(tmp_path / "store", GRACE + DAY)
            collected(store)
        else:
            break
        finally:
            assert blobs(store) == {sha256(b"{}"), sha256(b"one")}
            assert names(store, PUSHES) == set()
    assert steps > 10


def test_a_push_between_two_looks_keeps_what_it_needs(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    contents = {f"{number}.bin": bytes([number]) for number in range(40)}
    for content in contents.values():
        loose(store, content)
    age(tmp_path / "store", 60.0)
    plan = plan_collection(store.objects, grace=0.0)

    def report(progress: Progress) -> None:
        if progress.step == "Removing contents" and progress.done:
            push(store, offer(tmp_path, contents, OTHER))

    done = collect(store.objects, plan, report=report)
    assert done.removed == 16, "what went before the push was sent again"
    assert files_of(store, OTHER) == contents


def test_who_pushes_is_told_that_garbage_is_being_collected(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, ONE))
    loose(store)
    age(tmp_path / "store", GRACE + DAY)
    said = []

    def report(progress: Progress) -> None:
        if progress.step == "Removing contents":
            said.append(collecting(store.objects).is_at_work)

    collect(store.objects, plan_collection(store.objects), report=report)
    assert said == [True]
    assert not collecting(store.objects).is_at_work


def test_who_may_only_read_can_plan_and_not_collect(tmp_path: Path) -> None:
    with folder_store(tmp_path / "store") as store:
        push(store, offer(tmp_path, ONE))
        loose(store)
        age(tmp_path / "store", GRACE + DAY)

    def look() -> int:
        os.environ["MODELKEEP_HOME"] = tempfile.mkdtemp()
        with FolderObjects(tmp_path / "store") as objects:
            plan = plan_collection(objects)
            with pytest.raises(AccessDenied):
                collect(objects, plan)
            return len(plan.garbage)

    assert as_nobody(look, tmp_path / "store") == 1


def test_garbage_of_a_store_by_s3(any_s3_store: S3Store, tmp_path: Path) -> None:
    with open_remote(any_s3_store.url, any_s3_store.credentials) as store:
        assert isinstance(store, StoreRemote)
        push(store, offer(tmp_path, ONE))
        push(store, offer(tmp_path, TWO, OTHER))
        delete(store, OTHER)
        name = loose(store)
        assert store.plan_collection().garbage == ()
        plan = store.plan_collection(grace=0.0)
        assert len(plan.garbage) == 5
        push(store, offer(tmp_path, {"c.bin": b"loose"}, ModelKey("org/third")))
        done = store.collect(plan)
        assert done.removed == 4
        assert done.spared == (name,)
        assert done.failures == ()
        assert blobs(store) == {sha256(b"{}"), sha256(b"one"), sha256(b"loose")}
        assert store.verify(deep=True).is_good
        assert not any("deleted" in name or name.startswith(PUSHES) for name in names(store))


# ---- any order of things


_CONTENTS = [bytes([number]) * 3 for number in range(4)]
_KEYS = [KEY, OTHER]
_steps = st.one_of(
    st.tuples(st.just("push"), st.sampled_from(_KEYS), st.sets(st.sampled_from(_CONTENTS), min_size=1)),
    st.tuples(st.just("delete"), st.sampled_from(_KEYS), st.none()),
    st.tuples(st.just("restore"), st.sampled_from(_KEYS), st.none()),
    st.tuples(st.just("age"), st.sampled_from([0.4, 0.7, 1.5]), st.none()),
    st.tuples(st.just("plan"), st.none(), st.none()),
    st.tuples(st.just("collect"), st.none(), st.none()),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_steps, max_size=14))
def test_no_order_of_things_loses_what_a_revision_needs(
    tmp_path: Path, steps: list[tuple[str, object, set[bytes] | None]]
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as place, folder_store(Path(place) / "store") as store:
        folder = Path(place) / "store"
        plan = None
        for step, subject, contents in steps:
            match step, subject:
                case "push", ModelKey() as key:
                    files = {f"{content[0]}.bin": content for content in contents or ()}
                    push(store, offer(Path(place), files, key))
                case "delete", ModelKey() as key:
                    try:
                        store.delete(store.plan_deletion(key))
                    except NotOnRemote:
                        continue
                case "restore", ModelKey() as key:
                    try:
                        store.restore(key)
                    except NotOnRemote:
                        continue
                case "age", float() as share:
                    age(folder, share * GRACE)
                case "plan", _:
                    plan = plan_collection(store.objects)
                case "collect", _:
                    collect(store.objects, plan or plan_collection(store.objects))
                    plan = None
            assert verify(store.objects, deep=True).is_good
        live = {
            file.sha256
            for model in store.list()
            for revision in model.revisions
            for file in store.describe(model.key.at(revision.commit)).files
        }
        age(folder, 2 * GRACE)
        collected(store)
        assert blobs(store) == live


def test_a_push_waits_for_contents_that_are_about_to_go(store: StoreRemote, tmp_path: Path) -> None:
    one = offer(tmp_path, ONE)
    condemned = [file.sha256 for file in one.manifest.files]
    push(store, one)
    store.delete(store.plan_deletion(KEY))
    steps = []
    with announced(store.objects) as announcement:
        announcement.condemn(condemned)

        def report(progress: Progress) -> None:
            steps.append(progress.step)
            if progress.step == "Waiting for a collection of garbage":
                store.objects.remove(map(blob_name, condemned))
                announcement.condemn(())

        store.push(one, store.plan_push(one), report=report)
    assert steps.count("Waiting for a collection of garbage") == 1
    assert files_of(store) == ONE


_COLLECTING = """
import sys, threading
from modelkeep.errors import RemoteError
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.garbage import collect, plan_collection
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
removed = 0
with FolderObjects(sys.argv[1]) as objects:
    print("ready", flush=True)
    while not over.is_set():
        done = collect(objects, plan_collection(objects, grace=0.0))
        assert not done.failures, done
        removed += done.removed
print(removed)
"""


def test_who_pushes_while_all_that_is_loose_is_collected_loses_nothing(
    store: StoreRemote, tmp_path: Path
) -> None:
    push(store, offer(tmp_path, ONE, ModelKey("org/first")))
    collector = subprocess.Popen(
        [sys.executable, "-c", _COLLECTING, tmp_path / "store"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert collector.stdout is not None
    assert collector.stdout.readline() == "ready\n"
    try:
        for number in range(40):
            key, other = (KEY, OTHER) if number % 2 else (OTHER, KEY)
            contents = {
                f"{n}.bin": bytes([n]) * 5 for n in range(6) if (number >> (n % 3)) & 1 or n == number % 6
            }
            push(store, offer(tmp_path, contents, key))
            assert files_of(store, key) == contents
            if number > 1:
                store.delete(store.plan_deletion(other))
    finally:
        said, _ = collector.communicate("")
    assert collector.returncode == 0
    assert int(said) > 40
    assert verify(store.objects, deep=True).is_good

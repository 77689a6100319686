"""A store of models: what is pushed is listed, found and fetched, and nothing is sent twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep import paths
from modelkeep.errors import (
    BadReply,
    Cancelled,
    ContentConflict,
    NotAllowed,
    NotOnRemote,
    RemoteConflict,
)
from modelkeep.hub.push_plan import PushAction
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress
from modelkeep.remote.names import MARKER, MODELS, blob_name, revisions_prefix
from modelkeep.remote.remote import HoldsGarbage, KeepsHistory, Remote
from modelkeep.remote.store import StoreRemote
from modelkeep.remote.values import Check
from support.stores import (
    KEY,
    WatchedObjects,
    content_of,
    files_of,
    folder_store,
    manifest,
    offer,
    push,
)

FILES = {"config.json": b"{}", "model.safetensors": b"x" * 100_000, "sub/a.txt": b"{}"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreRemote]:
    with folder_store(tmp_path / "store", "team") as opened:
        yield opened


def actions(store: StoreRemote, path: Path, files: dict[str, bytes]) -> dict[str, tuple[PushAction, int]]:
    plan = store.plan_push(offer(path, files))
    return {file.path: (file.action, file.sends) for file in plan.files}


def test_it_is_a_remote_that_keeps_history(store: StoreRemote) -> None:
    remote: Remote = store
    assert remote.kind == "folder"
    assert isinstance(store, KeepsHistory)
    assert isinstance(store, HoldsGarbage)


def test_what_is_pushed_is_listed_found_and_fetched(store: StoreRemote, tmp_path: Path) -> None:
    said = manifest(FILES, description="A model", parent="hf@org/base@" + "a" * 40)
    one = offer(tmp_path, FILES, message="The first", tags=("v1",), said=said)
    result = push(store, one)
    assert (result.commit, result.sent, result.verified) == (said.commit, 100_002, 3)
    [model] = store.list()
    assert model.key == KEY
    assert model.lineage.parent == "hf@org/base@" + "a" * 40
    assert model.on_remote == 100_002
    [revision] = model.revisions
    assert revision == store.find(KEY) == model.main
    assert (revision.commit, revision.refs, revision.size, revision.files, revision.message) == (
        said.commit,
        ("main", "v1"),
        100_004,
        3,
        "The first",
    )
    assert store.describe(KEY.at("v1")) == said
    assert files_of(store) == FILES
    with store.fetch(said, "model.safetensors", start=5, stop=9) as stream:
        assert stream.readinto(memoryview(bytearray(100))) == 4


def test_a_content_is_there_once_whichever_model_has_it(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, FILES))
    other = ModelKey("other/model")
    plan = store.plan_push(offer(tmp_path, FILES | {"new.txt": b"new"}, other))
    assert plan.creates
    assert plan.creates_branch
    assert plan.bytes_to_send == 3
    assert push(store, offer(tmp_path, FILES | {"new.txt": b"new"}, other)).sent == 3
    assert files_of(store, other) == FILES | {"new.txt": b"new"}
    assert sum(info.size for info in store.objects.list("blobs/")) == 100_005


def test_a_plan_compares_with_where_the_branch_leads(store: StoreRemote, tmp_path: Path) -> None:
    assert actions(store, tmp_path, FILES) == {
        "config.json": (PushAction.NEW, 2),
        "model.safetensors": (PushAction.NEW, 100_000),
        "sub/a.txt": (PushAction.NEW, 0),  # the content of config.json
    }
    assert [*store.objects.list("")] == []
    push(store, offer(tmp_path, FILES))
    changed = {"config.json": b'{"a": 1}', "model.safetensors": FILES["model.safetensors"], "b.txt": b"b"}
    assert actions(store, tmp_path, changed) == {
        "b.txt": (PushAction.NEW, 1),
        "config.json": (PushAction.CHANGED, 8),
        "model.safetensors": (PushAction.SAME, 0),
        "sub/a.txt": (PushAction.DELETED, 0),
    }
    plan = store.plan_push(offer(tmp_path, changed))
    assert (plan.base, plan.branch, plan.profile) == (manifest(FILES).commit, "main", "remote:team")
    assert not plan.creates


def test_pushing_what_is_there_sends_nothing_and_changes_nothing(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, FILES))
    before = [(info.name, info.size) for info in store.objects.list("")]
    again = replace(offer(tmp_path, FILES), manifest=manifest(FILES, created_at=1_800_000_000.0))
    plan = store.plan_push(again)
    assert plan.is_nothing
    assert any("already" in note for note in plan.notes)
    assert store.push(again, plan).sent == 0
    assert [(info.name, info.size) for info in store.objects.list("")] == before


def test_a_part_of_a_revision_and_then_all_of_it(store: StoreRemote, tmp_path: Path) -> None:
    whole = manifest(FILES)
    files = tuple(file for file in whole.files if file.path == "config.json")
    part = replace(whole, files=files, is_complete=False)
    push(store, offer(tmp_path, FILES, said=part))
    assert not store.find(KEY).is_complete
    assert files_of(store) == {"config.json": b"{}"}
    push(store, offer(tmp_path, FILES, said=whole))
    assert len([*store.objects.list(revisions_prefix(KEY))]) == 4
    assert store.describe(KEY) == whole
    [model] = store.list()
    assert len(model.revisions) == 1
    # The lesser one says nothing new then.
    push(store, offer(tmp_path, FILES, said=part))
    assert store.describe(KEY) == whole
    assert len(store.history(KEY)) == 1


def test_one_commit_never_means_two_contents(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, FILES))
    other = FILES | {"config.json": b"other"}
    with pytest.raises(RemoteConflict, match=r"another config\.json"):
        store.plan_push(offer(tmp_path, other, said=manifest(other, KEY.at(manifest(FILES).commit))))


def test_a_key_means_a_ref_a_commit_or_the_beginning_of_one(store: StoreRemote, tmp_path: Path) -> None:
    commits = [
        push(store, offer(tmp_path, {"a": bytes([n])}, ref="main" if n else "dev")).commit for n in (0, 1)
    ]
    assert store.find(KEY).commit == commits[1]
    assert store.find(KEY.at("dev")).commit == store.find(KEY.at(commits[0][:8])).commit == commits[0]
    with pytest.raises(NotOnRemote) as caught:
        store.find(KEY.at("prod"))
    assert "main, dev" in caught.value.hint or "dev, main" in caught.value.hint
    with pytest.raises(NotOnRemote) as caught:
        store.describe(ModelKey("org/modle"))
    assert caught.value.hint == "Did you mean org/model?"
    with pytest.raises(NotOnRemote):
        store.find(KEY.at(commits[0][:7]))


def test_a_name_without_main_means_the_newest(store: StoreRemote, tmp_path: Path) -> None:
    for n in (0, 1):
        last = push(store, offer(tmp_path, {"a": bytes([n])}, ref=f"v{n}")).commit
    [model] = store.list()
    assert model.main is not None
    assert model.main.commit == store.find(KEY).commit == last


def test_datasets_and_names_without_owner(store: StoreRemote, tmp_path: Path) -> None:
    keys = [ModelKey("gpt2"), ModelKey("org/data", None, "dataset"), ModelKey("org/data")]
    for key in keys:
        push(store, offer(tmp_path, {"a": str(key).encode()}, key))
    assert {model.key for model in store.list()} == {*keys}
    assert files_of(store, keys[1]) == {"a": b"hf-dataset@org/data"}


def test_many_files_and_a_large_one(store: StoreRemote, tmp_path: Path) -> None:
    files = {f"part/{n}.txt": b"%d" % n for n in range(300)} | {"model.bin": bytes(33 << 20)}
    seen: list[Progress] = []
    one = offer(tmp_path, files)
    result = store.push(one, store.plan_push(one, report=seen.append), report=seen.append)
    assert result.verified == 301
    sending = [step for step in seen if step.step == "Pushing org/model"]
    assert sending[-1].done == sending[-1].total == sum(map(len, files.values()))
    assert files_of(store) == files


# ---- what goes wrong


def test_a_file_that_changed_since_the_plan_publishes_nothing(store: StoreRemote, tmp_path: Path) -> None:
    one = offer(tmp_path, FILES)
    plan = store.plan_push(one)
    Path(one.sources["config.json"]).write_bytes(b"[]")
    with pytest.raises(ContentConflict, match=r"config\.json|a\.txt"):
        store.push(one, plan)
    assert store.list() == ()
    with pytest.raises(NotOnRemote):
        store.find(KEY)


def test_a_cancelled_push_goes_on_where_it_stopped(store: StoreRemote, tmp_path: Path) -> None:
    files = {f"{n}.bin": bytes([n]) * 3_000_000 for n in range(12)}
    one = offer(tmp_path, files)
    stopped = threading.Event()

    def stop(progress: Progress) -> None:
        if progress.step.startswith("Pushing") and progress.done > 6_000_000:
            stopped.set()
            raise Cancelled

    plan = store.plan_push(one)
    for _ in range(20):  # a quick disk may be through before the first look
        try:
            store.push(one, plan, report=stop)
        except Cancelled:
            break
        store.delete(store.plan_deletion(KEY))
        store.objects.remove([info.name for info in store.objects.list("blobs/")])
    assert stopped.is_set()
    there = sum(info.size for info in store.objects.list("blobs/"))
    again = store.plan_push(one)
    assert again.bytes_to_send == 36_000_000 - there < 36_000_000
    assert store.push(one, again).sent == again.bytes_to_send
    assert files_of(store) == files


def test_a_content_of_the_wrong_size_is_sent_again(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, FILES))
    [file] = [file for file in manifest(FILES).files if file.path == "model.safetensors"]
    store.objects.put(blob_name(file.sha256), b"half")
    assert store.plan_push(offer(tmp_path, FILES)).bytes_to_send == 100_000
    push(store, offer(tmp_path, FILES))
    assert files_of(store) == FILES


def test_a_content_that_goes_while_it_is_pushed_is_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "store"
    first = folder_store(path)
    push(first, offer(tmp_path, FILES, ModelKey("other/model")))
    blob = next(info.name for info in first.objects.list("blobs/"))

    def told(what: str, name: str) -> None:
        if what == "create" and "/revisions/" in name:
            first.objects.remove([blob])

    store = StoreRemote(WatchedObjects(path, told))
    assert push(store, offer(tmp_path, FILES)).sent > 0
    assert files_of(store) == FILES


def test_a_content_that_is_missing_is_said(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, FILES))
    said = store.describe(KEY)
    store.objects.remove([blob_name(said.files[0].sha256)])
    with pytest.raises(NotOnRemote, match=r"config\.json of hf@org/model@"):
        content_of(store, said, "config.json")
    with pytest.raises(NotOnRemote):
        store.fetch(said, "other.json")


@pytest.mark.parametrize("path", [b'"../a"', b'"b"', b'"a'])
def test_a_broken_manifest_hides_nothing(store: StoreRemote, tmp_path: Path, path: bytes) -> None:
    good = push(store, offer(tmp_path, {"a": b"1"})).commit
    bad = push(store, offer(tmp_path, {"a": b"2"}, ref="dev")).commit
    push(store, offer(tmp_path, {"a": b"3"}, ModelKey("org/other")))
    [name] = [
        info.name
        for info in store.objects.list(revisions_prefix(KEY))
        if bad in info.name and info.name.endswith(".json")
    ]
    store.objects.put(name, store.objects.read(name).replace(b'"a"', path))
    model, other = store.list()
    assert other.key == ModelKey("org/other")
    assert {revision.commit for revision in model.revisions} == {good, bad}
    [broken] = [revision for revision in model.revisions if revision.commit == bad]
    assert broken.message.startswith("The manifest of hf@org/model at ")
    assert broken.refs == ("dev",)
    assert store.describe(KEY).commit == good
    with pytest.raises(BadReply):
        store.describe(KEY.at("dev"))
    assert store.verify().left_out == (broken.message,)
    # Pushing it again mends it.
    push(store, offer(tmp_path, {"a": b"2"}, ref="dev"))
    assert store.describe(KEY.at("dev")).commit == bad


def test_what_others_put_there_is_passed_over(store: StoreRemote, tmp_path: Path) -> None:
    push(store, offer(tmp_path, FILES))
    for name in (
        "notes.txt",
        f"{MODELS}x.json",
        f"{revisions_prefix(KEY)}README",
        f"{MODELS}model/org/x/y/z",
    ):
        store.objects.put(name, b"hello")
    assert [model.key for model in store.list()] == [KEY]


# ---- the place itself


def test_an_empty_place_is_a_store_without_models(store: StoreRemote, tmp_path: Path) -> None:
    assert store.list() == ()
    assert store.deleted() == ()
    with pytest.raises(NotOnRemote) as caught:
        store.find(KEY)
    assert "see that it is mounted" in caught.value.hint, "it may be a bare mount point"
    assert [*store.objects.list("")] == []
    store.objects.put(".DS_Store", b"")
    store.objects.put(f"probe-{'a' * 32}", b"")  # somebody else finds out just now what the place can do
    push(store, offer(tmp_path, FILES))
    assert store.objects.info(MARKER) is not None


def test_a_place_with_other_things_is_left_alone(store: StoreRemote, tmp_path: Path) -> None:
    store.objects.put("holiday/beach.jpg", b"jpg")
    one = offer(tmp_path, FILES)
    for ask in (store.list, lambda: store.find(KEY), lambda: store.plan_push(one)):
        with pytest.raises(NotOnRemote, match="is not a store of models"):
            ask()
    plan = folder_store(tmp_path / "empty").plan_push(one)
    with pytest.raises(NotAllowed, match="is not a store of models") as caught:
        store.push(one, plan)
    assert "empty place" in caught.value.hint
    assert [info.name for info in store.objects.list("")] == ["holiday/beach.jpg"]


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        (b'{"format": "modelkeep-store", "version": 2}', "has version 2"),
        (b'{"format": "modelkeep-store", "version": true}', "damaged"),
        (b'{"format": "another", "version": 1}', "damaged"),
        (b"\xff", "damaged"),
    ],
)
def test_a_store_of_a_later_version_is_left_alone(
    store: StoreRemote, tmp_path: Path, marker: bytes, sentence: str
) -> None:
    plan = store.plan_push(offer(tmp_path, FILES))
    store.objects.put(MARKER, marker)
    with pytest.raises(BadReply, match=sentence):
        store.list()
    with pytest.raises(BadReply, match=sentence):
        store.push(offer(tmp_path, FILES), plan)
    assert [info.name for info in store.objects.list("")] == [MARKER]


def test_testing_it_leaves_no_trace(store: StoreRemote) -> None:
    checks: list[Check] = []
    store.test(checks.append)
    assert [check.outcome for check in checks] == ["ok"] * 5
    assert [*store.objects.list("")] == []
    store.objects.put("x", b"")
    checks.clear()
    store.test(checks.append)
    assert [check.outcome for check in checks] == ["ok", "bad", "skipped", "skipped", "skipped"]
    assert checks[1].hint


# ---- what was read before


def test_what_was_read_once_is_not_read_again(tmp_path: Path) -> None:
    read: list[str] = []
    path = tmp_path / "store"
    path.mkdir()

    def opened() -> StoreRemote:
        return StoreRemote(
            WatchedObjects(path, lambda what, name: read.append(name) if what == "read" else None)
        )

    for n in range(5):
        push(opened(), offer(tmp_path, {"a": bytes([n])}, ModelKey(f"org/m{n}")))
    opened().list()
    read.clear()
    models = opened().list()
    assert len(models) == 5
    assert read == [MARKER]
    push(opened(), offer(tmp_path, {"a": b"new"}, ModelKey("org/m3")))
    read.clear()
    assert opened().list()[3].revisions[0].commit == manifest({"a": b"new"}).commit
    assert len(read) == 3
    # Entries of a ref that no longer count are not read at all, and what is kept may go at any moment.
    paths.rows_file().with_name("stores.sqlite").write_bytes(b"no database" * 1000)
    read.clear()
    assert len(opened().list()) == 5
    assert len(read) == 1 + 6 + 5


def test_a_store_whose_memory_cannot_be_kept_is_read_all_the_same(store: StoreRemote, tmp_path: Path) -> None:
    paths.rows_file().with_name("stores.sqlite").mkdir(parents=True)
    push(store, offer(tmp_path, FILES))
    assert files_of(store) == FILES

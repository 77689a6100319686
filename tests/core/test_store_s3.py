"""A store on real S3 servers: one that creates exclusively, and one that does not."""

from __future__ import annotations

from pathlib import Path

from modelkeep.errors import NotOnRemote
from modelkeep.remote.opening import open_remote
from modelkeep.remote.store import StoreRemote
from support.s3 import S3Store
from support.stores import KEY, files_of, manifest, offer, push, start_process

pytest_plugins = ("support.s3.fixtures",)

FILES = {"config.json": b"{}", "model.safetensors": b"x" * 100_000, "sub/ä b.txt": b"{}", "empty": b""}


def opened(place: S3Store) -> StoreRemote:
    remote = open_remote(place.url, place.credentials)
    assert isinstance(remote, StoreRemote)
    return remote


def test_a_model_is_pushed_changed_deleted_and_brought_back(any_s3_store: S3Store, tmp_path: Path) -> None:
    with opened(any_s3_store) as store:
        assert store.list() == ()
        assert store.kind == "s3"
        first = push(store, offer(tmp_path, FILES, tags=("v1", "refs/pr/4"), message="first"))
        assert first.verified == 4
        assert files_of(store) == FILES
        changed = FILES | {"config.json": b"[]"}
        plan = store.plan_push(offer(tmp_path, changed))
        assert plan.bytes_to_send == 2
        assert store.push(offer(tmp_path, changed), plan).sent == 2
        assert store.plan_push(offer(tmp_path, changed)).is_nothing
        assert [step.number for step in store.history(KEY)] == [2, 1]
        [model] = store.list()
        assert {revision.refs for revision in model.revisions} == {("main",), ("refs/pr/4", "v1")}
        store.delete(store.plan_deletion(KEY))
        assert store.list() == ()
        assert len(store.restore(KEY)) == 2
        assert files_of(store) == changed
        assert files_of(store, KEY.at("v1")) == FILES
        assert store.describe(KEY.at("v1")) == manifest(FILES)
        assert store.verify(deep=True).is_good


def test_no_work_is_lost_when_several_push_to_it(any_s3_store: S3Store, tmp_path: Path) -> None:
    count = 2
    credentials = any_s3_store.credentials
    keys = {"AWS_ACCESS_KEY_ID": credentials.key_id, "AWS_SECRET_ACCESS_KEY": credentials.secret}
    processes = [
        start_process("compete", any_s3_store.url, tmp_path / name, name, count, "s3", environment=keys)
        for name in "ab"
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        looks = 0
        with opened(any_s3_store) as store:
            while any(process.poll() is None for process in processes):
                try:
                    files = files_of(store)
                except NotOnRemote:
                    assert not looks, "what was there once is there"
                    continue
                assert {*files} == {"model.safetensors", "config.json"}
                looks += 1
            said = [process.communicate()[0] for process in processes]
            assert [process.returncode for process in processes] == [0, 0]
            lines = [line.split() for text in said for line in text.splitlines()]
            pushed = {commit for word, commit in lines if word == "pushed"}
            steps = store.history(KEY)
            assert len(pushed) == 2 * count
            assert {revision.commit for revision in store.list()[0].revisions} == pushed
            assert [step.number for step in steps] == list(range(2 * count, 0, -1))
            assert {step.commit for step in steps} == pushed
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.communicate()

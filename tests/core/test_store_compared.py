"""What a store lacks is found by a few questions, however many models and contents it is asked about."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.keys import ModelKey
from modelkeep.remote import shelves
from modelkeep.remote.plans import SyncAction, SyncPlan
from support.caches import sha256
from support.s3 import FaultProxy, S3Store
from support.stores import folder_store, manifest, offer, push

pytest_plugins = ("support.s3.fixtures",)


def files(number: int, count: int = 3) -> dict[str, bytes]:
    shared = {"LICENSE": b"the same everywhere"}
    return shared | {f"part-{n}.json": b'{"of": %d, "part": %d}' % (number, n) for n in range(count)}


@pytest.mark.parametrize("listed", [10, 8_000])
def test_all_of_many_contents_are_found_in_a_long_list_as_in_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: int
) -> None:
    monkeypatch.setattr(shelves, "_LISTED", listed)
    with folder_store(tmp_path / "store") as store:
        push(store, offer(tmp_path, files(1, 400)))
        plan = store.plan_push(offer(tmp_path, files(1, 402), ModelKey("org/other")))
        assert sorted(file.path for file in plan.files if file.sends) == [
            "part-400.json",
            "part-401.json",
        ]
        gone = sha256(files(1, 400)["part-399.json"])
        (tmp_path / "store" / "blobs" / gone[:2] / gone).unlink()
        contents = {file.sha256: file.size for file in manifest(files(1, 402)).files}
        assert len(store.lacking(contents)) == 3
        assert len(store.lacking({sha256: size + 1 for sha256, size in contents.items()})) == len(contents)


def test_a_plan_to_sync_asks_as_often_for_many_models_as_for_few(s3_store: S3Store, tmp_path: Path) -> None:
    keys = [ModelKey(f"org/model-{number}") for number in range(12)]
    with folder_store(tmp_path / "a") as origin, FaultProxy(s3_store.server.endpoint) as proxy:
        library = open_library([])
        library.remotes.add("a", os.fspath(tmp_path / "a"))
        library.remotes.add(
            "b", s3_store.through(proxy.url).url, credentials=s3_store.credentials, in_file=True
        )
        asked: list[Counter[str]] = []

        def plan(count: int) -> SyncPlan:
            for number, key in enumerate(keys[:count]):
                push(origin, offer(tmp_path, files(number, 20), key))
            before = Counter(one.method for one in proxy.requests)
            made = library.remotes.plan_sync("a", "b")
            asked.append(Counter(one.method for one in proxy.requests) - before)
            return made

        library.remotes.sync(plan(1))
        library.remotes.models("b")  # what was read of it once is remembered
        few, many = plan(3), plan(12)
        assert asked[1] == asked[2]
        assert Counter(item.action for item in many.items) == {SyncAction.SAME: 1, SyncAction.COPY: 11}
        own = [{**files(number, 20), "LICENSE": b""} for number in range(1, 12)]
        assert many.sends == sum(len(content) for one in own for content in one.values())
        assert few.sends < many.sends
        assert library.remotes.sync(many).sent == many.sends
        assert library.remotes.plan_sync("a", "b").todo == ()

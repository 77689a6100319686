"""Fetching from a store by S3: all of it, after a kill of the connection, with one content denied or damaged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.errors import AccessDenied, WrongContent
from modelkeep.hub.transfer import TransferState
from modelkeep.library import Library, open_library
from support.caches import CacheMaker, sha256
from support.remote_fetching import loaded, push
from support.s3 import Fault, FaultProxy, S3Store

pytest_plugins = ("support.s3.fixtures",)

FILES = {
    "config.json": b"{}",
    "empty.txt": b"",
    "model.safetensors": random.Random(5).randbytes(3 << 20),
}
WEIGHTS = sha256(FILES["model.safetensors"])


@pytest.fixture
def proxy(s3_store: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """The way to a store that has the model."""
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_store.credentials.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_store.credentials.secret)
    push(s3_store.url, FILES, below=tmp_path)
    with FaultProxy(s3_store.server.endpoint) as proxy:
        yield proxy


@pytest.fixture
def library(cache: CacheMaker, s3_store: S3Store, proxy: FaultProxy) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        library.remotes.add("team", s3_store.through(proxy.url).url, cache=str(cache.root))
        yield library


def test_all_of_it_comes(library: Library, cache: CacheMaker, s3_store: S3Store, proxy: FaultProxy) -> None:
    plan = library.remotes.plan_fetch("org/name", "team")
    result = library.remotes.fetch(plan)
    assert result.fetched == plan.bytes_missing == sum(map(len, FILES.values()))
    assert loaded(cache.root) == FILES
    assert s3_store.credentials.secret not in plan.endpoint
    origin = library.catalog.origin(str(cache.root), plan.key, plan.commit)
    assert origin
    assert (origin.url, origin.source) == (s3_store.through(proxy.url).url, "remote")


def test_large_files_come_in_several_ranges_at_once(
    library: Library, cache: CacheMaker, s3_store: S3Store, proxy: FaultProxy, tmp_path: Path
) -> None:
    large = {"model.safetensors": random.Random(6).randbytes(36 << 20)}
    push(s3_store.url, large, below=tmp_path)
    library.remotes.fetch(library.remotes.plan_fetch("org/name", "team"))
    assert loaded(cache.root) == large
    assert proxy.count("GET", sha256(large["model.safetensors"])) > 1


def test_a_connection_that_is_cut_is_taken_up(library: Library, cache: CacheMaker, proxy: FaultProxy) -> None:
    plan = library.remotes.plan_fetch("org/name", "team")
    proxy.faults.append(Fault("drop", "GET", f"/{WEIGHTS}", times=2, after=1 << 20))
    result = library.remotes.fetch(plan)
    assert loaded(cache.root) == FILES
    assert proxy.count("GET", WEIGHTS) == 3
    assert result.fetched == plan.bytes_missing, "what had come did not come again"


def test_a_content_that_is_denied_is_a_sentence(
    library: Library, cache: CacheMaker, proxy: FaultProxy
) -> None:
    plan = library.remotes.plan_fetch("org/name", "team")
    proxy.faults.append(Fault("status", "GET", f"/{WEIGHTS}", status=403))
    with pytest.raises(AccessDenied):
        library.remotes.fetch(plan)
    [left] = library.hubs.transfers()
    assert left.state is TransferState.FAILED
    proxy.faults.clear()
    assert library.hubs.run_transfer(left.root, left.id).error is None
    assert loaded(cache.root) == FILES


def test_a_content_that_is_damaged_there_is_named(
    library: Library, cache: CacheMaker, s3_store: S3Store
) -> None:
    wrong = bytes(len(FILES["config.json"]))
    name = sha256(FILES["config.json"])
    with s3_store.client() as client:
        key = f"{s3_store.prefix}/blobs/{name[:2]}/{name}"
        client.put_object(Bucket=s3_store.bucket, Key=key, Body=wrong)
    with pytest.raises(WrongContent, match=name):
        library.remotes.fetch(library.remotes.plan_fetch("org/name", "team"))
    assert not (cache.folder("org/name") / "refs/main").exists()

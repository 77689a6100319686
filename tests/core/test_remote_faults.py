"""A store by S3 that is busy, silent, cut off, or denies: a sentence in bounded time, and then it goes on from there.

Fetching under the same faults is in `test_remote_fetch_s3`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import AccessDenied, ModelKeepError, RemoteBusy, RemoteUnreachable
from modelkeep.library import Library
from modelkeep.rows import Selection
from support.caches import CacheMaker, sha256
from support.remote_fetching import loaded
from support.s3 import Fault, FaultProxy, S3Store

pytest_plugins = ("support.s3.fixtures",)

FILES = {
    "config.json": b"{}",
    "vocab.txt": b"a\nb\n" * 1000,
    "model.safetensors": random.Random(7).randbytes(3 << 20),
}
OTHER = {"config.json": b"{}", "model.safetensors": random.Random(8).randbytes(50_000)}
WEIGHTS = sha256(FILES["model.safetensors"])


@pytest.fixture
def proxy(s3_store: S3Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)
    monkeypatch.setattr("modelkeep.remote.s3.connecting._TIMEOUTS", (2.0, 0.5))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_store.credentials.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_store.credentials.secret)
    with FaultProxy(s3_store.server.endpoint) as proxy:
        yield proxy


@pytest.fixture
def library(cache: CacheMaker, s3_store: S3Store, proxy: FaultProxy) -> Iterator[Library]:
    """A library whose remote has one model, and a cache that has another."""
    cache.add("org/name", FILES)
    cache.add("org/other", OTHER)
    with open_library([cache.root]) as library:
        library.remotes.add("team", s3_store.through(proxy.url).url)
        push(library, "org/other")
        yield library


def push(library: Library, name: str = "org/name") -> int:
    plan = library.remotes.plan_push(Selection(library.roots[0], f"hf@{name}"), "team")
    return library.remotes.push(plan).sent


def models(library: Library) -> set[str]:
    return {model.key.repo_id for model in library.remotes.models("team")}


ALWAYS = 1 << 30
FAULTS: dict[str, tuple[Fault, type[ModelKeepError]]] = {
    "busy": (Fault("status", status=503), RemoteBusy),
    "broken": (Fault("status", status=500), RemoteBusy),
    "silent": (Fault("wait"), RemoteUnreachable),
    "cut": (Fault("mute"), RemoteUnreachable),
    "denied": (Fault("status", status=403), AccessDenied),
    "no store": (Fault("reply", status=200, body=b"<html>Sign in</html>"), ModelKeepError),
}
USES: dict[str, Callable[[Library], object]] = {
    "list": lambda library: library.remotes.models("team"),
    "push": push,
    "verify": lambda library: library.remotes.verify("team", deep=True),
    "collect": lambda library: library.remotes.collect(library.remotes.plan_collection("team", grace=0.0)),
    "delete": lambda library: library.remotes.delete(library.remotes.plan_deletion("team", "org/other")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_store_that_does_not_answer_as_it_should_is_a_sentence(
    library: Library, proxy: FaultProxy, name: str
) -> None:
    fault, kind = FAULTS[name]
    for use in USES.values():
        proxy.faults.append(Fault(**vars(fault) | {"times": ALWAYS}))
        with pytest.raises(kind) as caught:
            use(library)
        assert str(caught.value)
        assert caught.value.hint
        proxy.faults.clear()
        proxy.go_on.set()
        proxy.go_on.clear()
    assert models(library) == {"org/other"}, "nothing was half done"
    for use in USES.values():
        use(library)
    assert models(library) == {"org/name"}


@pytest.mark.parametrize("kind", ["status", "mute"])
def test_what_goes_wrong_once_is_made_good(library: Library, proxy: FaultProxy, kind: str) -> None:
    for method in ("GET", "PUT", "HEAD", "POST"):
        fault = Fault(kind, method, times=1)
        proxy.faults[:] = [fault]
        push(library)
        assert models(library) == {"org/name", "org/other"}
        library.remotes.delete(library.remotes.plan_deletion("team", "org/name"))
        library.remotes.collect(library.remotes.plan_collection("team", grace=0.0))
        assert models(library) == {"org/other"}
        assert not fault.times
    assert library.remotes.verify("team", deep=True).is_good


def test_a_push_whose_note_stays_is_done_all_the_same(library: Library, proxy: FaultProxy) -> None:
    proxy.faults.append(Fault("status", "POST", "delete", status=403))
    push(library)
    assert models(library) == {"org/name", "org/other"}


@pytest.mark.parametrize("fault", [
    Fault("status", "PUT", f"/{WEIGHTS}", status=403),
    Fault("status", "PUT", f"/{WEIGHTS}", status=503),
    Fault("drop", "PUT", f"/{WEIGHTS}", after=1 << 20),
    Fault("status", "PUT", "/revisions/", status=403),
    Fault("status", "PUT", "/refs/", status=503),
], ids=["denied", "busy", "cut", "no manifest", "no ref"])  # fmt: skip
def test_a_push_that_broke_off_is_not_seen_and_goes_on(
    library: Library, proxy: FaultProxy, tmp_path: Path, fault: Fault
) -> None:
    proxy.faults.append(fault)
    with pytest.raises(ModelKeepError) as caught:
        push(library)
    assert caught.value.hint
    proxy.faults.clear()
    if fault.part == "/refs/":
        [model] = [one for one in library.remotes.models("team") if one.key.repo_id == "org/name"]
        assert model.revisions[0].refs == ()  # all of it is there; just no branch leads to it
    else:
        assert models(library) == {"org/other"}
    assert library.remotes.verify("team", deep=True).is_good
    before = proxy.count("PUT", f"/{WEIGHTS}")
    push(library)
    if fault.part in ("/revisions/", "/refs/"):
        assert proxy.count("PUT", f"/{WEIGHTS}") - before <= 1, "it was sent again"
    assert library.remotes.verify("team", deep=True).is_good
    root = tmp_path / "fetched"
    root.mkdir()
    library.remotes.fetch(library.remotes.plan_fetch("org/name", "team", root=os.fspath(root)))
    assert loaded(root) == FILES


def test_a_collection_that_broke_off_takes_nothing_that_is_needed(
    library: Library, proxy: FaultProxy
) -> None:
    push(library)
    library.remotes.delete(library.remotes.plan_deletion("team", "org/other"))
    for method, part in (("POST", "delete"), ("DELETE", ""), ("GET", "/revisions/"), ("GET", "list-type")):
        plan = library.remotes.plan_collection("team", grace=0.0)
        proxy.faults.append(Fault("status", method, part, status=503))
        with suppress(ModelKeepError):
            library.remotes.collect(plan)
        proxy.faults.clear()
        assert library.remotes.verify("team", deep=True).is_good
    library.remotes.collect(library.remotes.plan_collection("team", grace=0.0))
    assert library.remotes.verify("team", deep=True).is_good
    assert models(library) == {"org/name"}


def test_a_reading_that_meets_other_bytes_finds_them_out(library: Library, proxy: FaultProxy) -> None:
    push(library)
    proxy.faults.append(Fault("corrupt", "GET", f"/{WEIGHTS}", after=1 << 20))
    check = library.remotes.verify("team", deep=True)
    assert [(one.sha256, one.problem) for one in check.problems] == [(WEIGHTS, "wrong-content")]
    proxy.faults[:] = [Fault("corrupt", "GET", "/revisions/", after=100)]
    said = library.remotes.models("team")  # read from what is kept here
    assert {model.key.repo_id for model in said} == {"org/name", "org/other"}


# ---- a server that means harm

_LIST = b"""<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>models/%s</Key>
<Size>5</Size><LastModified>2026-11-21T12:00:00Z</LastModified></Contents>
<NextContinuationToken>again</NextContinuationToken></ListBucketResult>"""
_BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "%s">""" % (b"a" * 10_000) + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 100 if n else b"&a;" * 100) for n in range(5)
) + b"]><ListBucketResult><Name>&a4;</Name></ListBucketResult>"  # fmt: skip


@pytest.mark.parametrize("body", [_LIST % b"models/../../x", _BOMB, b"<a>" * 100_000, b"x" * (2 << 20)],
                         ids=["a list without an end", "a bomb", "too deep", "too large"])  # fmt: skip
def test_an_answer_that_means_harm_is_a_sentence(
    library: Library, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr("modelkeep.remote.s3.connecting.SMALL", 1 << 20)
    proxy.faults.append(Fault("reply", "GET", "list-type", status=200, body=body))
    for use in (USES["list"], USES["collect"], USES["verify"]):
        with pytest.raises(ModelKeepError):
            use(library)
    proxy.faults[:] = [Fault("reply", "GET", "/models/", status=200, body=body)]
    with pytest.raises(ModelKeepError):
        library.remotes.history("team", "org/other")
    proxy.faults.clear()
    assert models(library) == {"org/other"}

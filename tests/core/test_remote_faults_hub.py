"""A hub as a remote, over a way that is busy, silent or cut off: a sentence each, and then it goes on."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import AccessDenied, ModelKeepError, NotOnRemote, RemoteBusy, RemoteUnreachable
from modelkeep.library import Library
from modelkeep.rows import Selection
from support.caches import CacheMaker
from support.push_server import Server, serving
from support.remote_fetching import loaded
from support.s3 import Fault, FaultProxy

FILES = {"config.json": b"{}", "model.safetensors": random.Random(9).randbytes(1 << 20)}
OTHER = {"config.json": b"[]", "README.md": b"# Other"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("served") / "hub"
    root.mkdir()
    with serving(root) as server:
        yield server


@pytest.fixture
def proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    for module in ("modelkeep.hub.pace", "modelkeep.hub.lfs_upload", "modelkeep.hub.push_calls"):
        monkeypatch.setattr(f"{module}.FIRST_WAIT", 0.01, raising=False)
    with FaultProxy(server.url) as proxy:
        monkeypatch.setenv("HF_ENDPOINT", proxy.url)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield proxy


@pytest.fixture
def library(cache: CacheMaker, proxy: FaultProxy) -> Iterator[Library]:
    cache.add("org/name", FILES)
    cache.add("org/other", OTHER)
    with open_library([cache.root]) as library:
        push(library, "org/other")
        yield library
        proxy.faults.clear()
        for name in ("org/name", "org/other"):
            try:
                library.remotes.delete(library.remotes.plan_deletion("hub:", name))
            except NotOnRemote:
                pass


def push(library: Library, name: str = "org/name") -> int:
    plan = library.remotes.plan_push(Selection(library.roots[0], f"hf@{name}"), "hub:")
    return library.remotes.push(plan).sent


def fetch(library: Library, root: Path) -> None:
    library.remotes.fetch(library.remotes.plan_fetch("org/other", "hub:", root=os.fspath(root)))


FAULTS: dict[str, tuple[Fault, type[ModelKeepError]]] = {
    "busy": (Fault("status", status=503), RemoteBusy),
    "cut": (Fault("mute"), RemoteUnreachable),
    "denied": (Fault("status", status=403), AccessDenied),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_hub_that_does_not_answer_as_it_should_is_a_sentence(
    library: Library, proxy: FaultProxy, tmp_path: Path, name: str
) -> None:
    root = tmp_path / "fetched"
    root.mkdir()
    uses: list[Callable[[], object]] = [
        lambda: library.remotes.models("hub:"),
        lambda: push(library),
        lambda: fetch(library, root),
        lambda: library.remotes.verify("hub:", "org/other", deep=True),
        lambda: library.remotes.delete(library.remotes.plan_deletion("hub:", "org/other")),
    ]
    fault, kind = FAULTS[name]
    for use in uses:
        proxy.faults.append(Fault(**vars(fault)))
        with pytest.raises(kind) as caught:
            use()
        assert str(caught.value)
        assert caught.value.hint
        proxy.faults.clear()
    assert [model.key.repo_id for model in library.remotes.models("hub:")] == ["org/other"]
    for use in uses:
        use()
    assert OTHER.items() <= loaded(root, repo_id="org/other").items()  # a hub adds a file of its own
    assert [model.key.repo_id for model in library.remotes.models("hub:")] == ["org/name"]


def test_a_push_that_is_cut_off_is_not_seen_and_goes_on(library: Library, proxy: FaultProxy) -> None:
    for fault in (Fault("drop", "PUT", after=1 << 18), Fault("status", "POST", "/commit/", status=503)):
        proxy.faults.append(fault)
        with pytest.raises(ModelKeepError) as caught:
            push(library)
        assert caught.value.hint
        proxy.faults.clear()
        models = {model.key.repo_id: model for model in library.remotes.models("hub:")}
        assert not models.keys() >= {"org/name"} or all(
            one.files <= 1 for one in models["org/name"].revisions
        )
    push(library)
    assert library.remotes.verify("hub:", "org/name", deep=True).is_good

"""A download after a verification: what was found damaged is not taken for what its name says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.checking.outcome import Outcome, Verdict
from modelkeep.hub.download_plan import FileAction
from modelkeep.library import Library, open_library
from support.caches import CacheMaker, etag
from support.hub import HubServer
from support.models import tiny_bert_files

FILES = tiny_bert_files()
NAMES = ["model.safetensors", "config.json"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        server.add("org/model", FILES)
        yield server


@pytest.fixture
def library(cache: CacheMaker, server: HubServer) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        yield library


def flip(path: Path) -> None:
    """Turn a bit in place, with a new time of the last change."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(bytes([content[0] ^ 1]))
    os.utime(path, (1_000_000, 1_000_000))


def verdict(library: Library) -> Verdict:
    library.refresh()
    [check] = library.trust.check().revisions
    return check.verdict


@pytest.mark.parametrize("linked", [True, False])
def test_what_is_damaged_is_fetched_again(
    library: Library, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    if not linked:
        monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    done = library.hubs.download(library.hubs.plan_download("org/model"))
    for name in NAMES:
        path = Path(done.snapshot, name)
        assert path.is_symlink() is linked
        flip(path.resolve())
    plan = library.hubs.plan_download("org/model")
    assert plan.is_complete, "Nobody knows of it yet."
    assert verdict(library) is Verdict.DAMAGED
    plan = library.hubs.plan_download("org/model")
    assert not plan.is_complete
    assert {file.path for file in plan.chosen if file.action is FileAction.FETCH} == set(NAMES)
    assert plan.notes[0] == "Damaged here, as verifying found, and fetched again: config.json and 1 more."
    again = library.hubs.download(plan)
    assert again.fetched == sum(len(FILES[name]) for name in NAMES)
    assert all(Path(done.snapshot, name).read_bytes() == FILES[name] for name in NAMES)
    assert verdict(library) is Verdict.GOOD
    assert library.hubs.plan_download("org/model").is_complete


def test_another_model_with_the_same_content_gives_it(
    library: Library, cache: CacheMaker, server: HubServer
) -> None:
    cache.add("org/another", FILES)
    done = library.hubs.download(library.hubs.plan_download("org/model"))
    path = Path(done.snapshot, "model.safetensors").resolve()
    content = FILES["model.safetensors"]
    path.unlink()  # it may be a link to the other one's
    path.write_bytes(content)
    flip(path)
    assert verdict_of(library, "hf@org/model") is Verdict.DAMAGED
    plan = library.hubs.plan_download("org/model")
    [file] = [file for file in plan.chosen if file.action is not FileAction.PRESENT]
    assert (file.path, file.action) == ("model.safetensors", FileAction.LINK)
    again = library.hubs.download(plan)
    assert (again.fetched, again.linked) == (0, len(content))
    assert path.read_bytes() == content
    assert verdict_of(library, "hf@org/model") is Verdict.GOOD


def verdict_of(library: Library, key: str) -> Verdict:
    library.refresh()
    return {str(check.key): check.verdict for check in library.trust.check().revisions}[key]


def test_a_damaged_content_of_another_model_is_not_taken(
    library: Library, cache: CacheMaker, server: HubServer
) -> None:
    cache.add("org/another", FILES)
    flip(cache.folder("org/another") / "blobs" / etag("model.safetensors", FILES["model.safetensors"]))
    assert verdict(library) is Verdict.DAMAGED
    plan = library.hubs.plan_download("org/model")
    actions = {file.path: file.action for file in plan.chosen}
    assert actions["model.safetensors"] is FileAction.FETCH
    assert actions["config.json"] is FileAction.LINK


def test_what_was_written_since_is_believed_again(library: Library) -> None:
    done = library.hubs.download(library.hubs.plan_download("org/model"))
    path = Path(done.snapshot, "config.json").resolve()
    flip(path)
    assert verdict(library) is Verdict.DAMAGED
    path.write_bytes(FILES["config.json"])
    assert library.hubs.plan_download("org/model").is_complete
    [check] = library.trust.check().revisions
    assert {file.outcome for file in check.files} == {Outcome.GOOD, Outcome.REMEMBERED}

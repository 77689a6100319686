"""A hub as a remote: our own server, that is pushed to, listed, fetched from, verified and deleted from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.cache.staging import find_staging
from modelkeep.errors import NotAllowed, NotOnRemote, RemoteConflict, WrongContent
from modelkeep.hub.push_plan import PushResult
from modelkeep.keys import ModelKey
from modelkeep.library import open_library
from modelkeep.progress import Progress
from modelkeep.remote.hub import HubRemote
from modelkeep.remote.opening import open_remote
from modelkeep.remote.remote import Offer
from modelkeep.remote.values import BlobProblem, Check
from support.caches import CacheMaker, etag
from support.hub import HubServer
from support.push_server import Server, serving
from support.remote_fetching import FILES, blob, damage, loaded, manifest_of, push

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("served") / "hub"
    root.mkdir()
    with serving(root) as server:
        yield server


@pytest.fixture
def hub(server: Server, monkeypatch: pytest.MonkeyPatch, cache: CacheMaker) -> Iterator[HubRemote]:
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", server.token)
    monkeypatch.setenv("HF_HUB_CACHE", str(cache.root))
    with HubRemote() as hub:
        yield hub


@pytest.fixture
def key() -> ModelKey:
    """A name that no other test has, for one server is there for all."""
    return ModelKey(f"org/model-{next(NUMBERS)}")


def offer_of(folder: Path, key: ModelKey, files: dict[str, bytes] | None = None, **named: object) -> Offer:
    """An offer of files on this machine."""
    files = dict(FILES) if files is None else files
    manifest = manifest_of(files)
    manifest = replace(manifest, key=key.at(manifest.commit))
    sources = {}
    for name, content in files.items():
        path = folder / "offered" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sources[name] = str(path)
    return Offer(manifest, lambda *asked: pytest.fail("it is here"), sources=sources, **named)  # type: ignore[arg-type]


def pushed(hub: HubRemote, offer: Offer) -> PushResult:
    return hub.push(offer, hub.plan_push(offer))


# ---- looking, and what is pushed


def test_what_was_pushed_is_found_and_described(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    result = pushed(hub, offer_of(tmp_path, key, tags=("v1",)))
    assert result.differs == ()
    found = hub.find(key)
    assert (found.commit, set(found.refs)) == (result.commit, {"main", "v1"})
    assert found.size >= sum(map(len, FILES.values())), "and the hub's own .gitattributes"
    for name in ("main", "v1", result.commit, result.commit[:8]):
        assert hub.find(key.at(name)).commit == result.commit
    manifest = hub.describe(key)
    assert manifest.key == key.at(result.commit)
    assert {file.path: file.etag for file in manifest.files if file.path in FILES} == {
        name: etag(name, content) for name, content in FILES.items()
    }
    assert manifest.is_complete
    assert manifest.origin.endswith(f"/{key.repo_id}")
    assert [model.key for model in hub.list() if model.key == key] == [key]
    assert key in {model.key for model in HubRemote("", "org").list()}
    assert not HubRemote("", "somebody").list()


def test_a_hub_that_names_no_commits_in_its_list_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as plain:
        commit = plain.add("org/name", FILES)
        monkeypatch.setenv("HF_ENDPOINT", plain.endpoint)
        with HubRemote() as hub:
            [model] = hub.list()
    assert model.main
    assert model.main.commit == commit


def test_a_list_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelkeep.remote.hub._MOST", 3)
    with HubServer(page_size=2) as plain:
        for number in range(6):
            plain.add(f"org/name-{number}", {"config.json": b"{}"})
        monkeypatch.setenv("HF_ENDPOINT", plain.endpoint)
        with HubRemote() as hub:
            assert len(hub.list()) == 3
            assert hub.notes


def test_a_part_of_a_file(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    pushed(hub, offer_of(tmp_path, key))
    manifest = hub.describe(key)
    with hub.fetch(manifest, "model.safetensors", start=10, stop=20) as stream:
        content = bytearray(100)
        size = stream.readinto(memoryview(content))
        assert (stream.start, stream.stop) == (10, 20)
    assert content[:size] == FILES["model.safetensors"][10 : 10 + size]


def test_a_second_push_sends_what_changed(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    pushed(hub, offer_of(tmp_path, key))
    changed = {**FILES, "config.json": b'{"model_type": "gpt2"}'}
    offer = offer_of(tmp_path, key, changed)
    plan = hub.plan_push(offer)
    assert [file.path for file in plan.sent] == ["config.json"]
    pushed(hub, offer)
    assert hub.plan_push(offer).is_nothing


def test_what_is_not_there_is_named(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    with pytest.raises(NotOnRemote):
        hub.find(key)
    pushed(hub, offer_of(tmp_path, key))
    with pytest.raises(NotOnRemote):
        hub.find(key.at("0" * 8))
    with pytest.raises(NotOnRemote, match="somebody"):
        HubRemote("", "somebody").find(key)
    with pytest.raises(NotAllowed):
        HubRemote("", "somebody").plan_push(offer_of(tmp_path, key))


def test_a_tag_that_leads_elsewhere_stays(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    pushed(hub, offer_of(tmp_path, key, tags=("v1",)))
    pushed(hub, offer_of(tmp_path, key, tags=("v1",)))
    with pytest.raises(RemoteConflict, match="v1"):
        pushed(hub, offer_of(tmp_path, key, {"config.json": b"{ }"}, tags=("v1",)))


# ---- from another remote


class Elsewhere:
    """An offer whose files are in a store, and what was read of them."""

    def __init__(self, store: Path, tmp_path: Path, key: ModelKey) -> None:
        self.manifest = push(store, below=tmp_path)
        self.remote = open_remote(str(store))
        self.read: list[str] = []
        self.offer = Offer(replace(self.manifest, key=key.at(self.manifest.commit)), self._read)

    def _read(self, path: str, start: int, stop: int | None):  # type: ignore[no-untyped-def]
        self.read.append(path)
        return self.remote.fetch(self.manifest, path, start=start, stop=stop)


@pytest.fixture
def elsewhere(tmp_path: Path, key: ModelKey) -> Iterator[Elsewhere]:
    elsewhere = Elsewhere(tmp_path / "store", tmp_path, key)
    with elsewhere.remote:
        yield elsewhere


def test_from_another_remote_it_comes_by_a_folder_that_is_removed(
    hub: HubRemote, key: ModelKey, elsewhere: Elsewhere, cache: CacheMaker
) -> None:
    plan = hub.plan_push(elsewhere.offer)
    assert not elsewhere.read, "a plan tells by names"
    assert plan.bytes_to_send == sum(map(len, {*FILES.values()}))
    seen: list[Progress] = []
    result = hub.push(elsewhere.offer, plan, report=seen.append)
    assert result.differs == ()
    assert any(progress.step.startswith("Fetching") for progress in seen)
    assert {file.etag for file in hub.describe(key).files} >= {etag(*one) for one in FILES.items()}
    assert not find_staging(cache.root)
    assert not (cache.root / ".modelkeep").exists()
    elsewhere.read.clear()
    again = hub.plan_push(elsewhere.offer)
    assert again.is_nothing
    assert hub.push(elsewhere.offer, again).commit == result.commit
    assert not elsewhere.read


def test_a_damaged_content_is_not_pushed(
    hub: HubRemote, key: ModelKey, elsewhere: Elsewhere, tmp_path: Path, cache: CacheMaker
) -> None:
    damage(blob(tmp_path / "store", FILES["config.json"]))
    with pytest.raises(WrongContent, match=r"config\.json"):
        hub.push(elsewhere.offer, hub.plan_push(elsewhere.offer))
    with pytest.raises(NotOnRemote):
        hub.find(key)
    assert not find_staging(cache.root)


# ---- fetching by the queue


def test_fetching_from_a_hub_as_a_remote(
    hub: HubRemote, key: ModelKey, tmp_path: Path, cache: CacheMaker, server: Server
) -> None:
    files = {name: content for name, content in FILES.items() if not name.endswith(".bin")}
    result = pushed(hub, offer_of(tmp_path, key, files))
    with open_library([cache.root]) as library:
        library.remotes.add("ours", "hub:", cache=str(cache.root))
        fetched = library.remotes.fetch(library.remotes.plan_fetch(str(key), "ours"))
        origin = library.catalog.origin(str(cache.root), key, fetched.commit)
    assert fetched.commit == result.commit
    assert set(loaded(cache.root, repo_id=key.repo_id)) >= set(files)
    assert origin
    assert (origin.url, origin.source) == (f"{server.url}/{key.repo_id}", "remote")


# ---- deleting


def test_a_revision_cannot_be_deleted_and_a_model_can(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    result = pushed(hub, offer_of(tmp_path, key))
    with pytest.raises(NotAllowed):
        hub.plan_deletion(key.at(result.commit))
    plan = hub.plan_deletion(key)
    assert result.commit in plan.commits
    assert plan.refs == ("main",)
    assert (plan.kept_for, plan.remote) == (0.0, "hub:default")
    assert hub.find(key), "a plan changes nothing"
    hub.delete(plan)
    with pytest.raises(NotOnRemote):
        hub.find(key)


def test_what_changed_since_the_plan_is_not_deleted(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    pushed(hub, offer_of(tmp_path, key))
    plan = hub.plan_deletion(key)
    pushed(hub, offer_of(tmp_path, key, {"config.json": b"{ }"}))
    with pytest.raises(RemoteConflict):
        hub.delete(plan)
    assert hub.find(key)


def test_a_hub_that_deletes_nothing_says_no(monkeypatch: pytest.MonkeyPatch, key: ModelKey) -> None:
    with HubServer(token="hf_write") as plain:
        plain.add(key.repo_id, FILES)
        monkeypatch.setenv("HF_ENDPOINT", plain.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_write")
        with HubRemote() as hub:
            plan = hub.plan_deletion(key)
            with pytest.raises(NotAllowed):
                hub.delete(plan)
            assert hub.find(key)


# ---- whether all is well


def test_verifying_by_names_and_by_contents(hub: HubRemote, key: ModelKey, tmp_path: Path) -> None:
    pushed(hub, offer_of(tmp_path, key))
    quick, deep = hub.verify(key), hub.verify(key, deep=True)
    assert quick.is_good
    assert deep.is_good
    assert (quick.read, quick.files, quick.revisions) == (0, deep.files, 1)
    contents = {(file.etag, file.size) for file in hub.describe(key).files}
    assert deep.read == sum(size for _, size in contents)


def test_a_hub_that_gives_other_contents_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from support.hub_faults import Flipped

    with HubServer() as plain:
        commit = plain.add("org/name", FILES)
        plain.fault("GET */pytorch_model.bin", Flipped(100), times=9)
        monkeypatch.setenv("HF_ENDPOINT", plain.endpoint)
        with HubRemote() as hub:
            assert hub.verify().is_good
            [problem] = hub.verify(deep=True).problems
    name = "pytorch_model.bin"
    files = (f"hf@org/name@{commit} {name}",)
    assert problem == BlobProblem(etag(name, FILES[name]), "wrong-content", files)


def test_testing_it_ends_with_whether_one_may_write(
    hub: HubRemote, key: ModelKey, tmp_path: Path, server: Server
) -> None:
    pushed(hub, offer_of(tmp_path, key))
    checks: list[Check] = []
    hub.test(checks.append)
    assert {check.outcome for check in checks} <= {"ok", "skipped"}, checks
    assert (checks[-1].name, checks[-1].outcome) == ("write", "ok")


def test_testing_one_that_is_away_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as gone:
        endpoint = gone.endpoint
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    checks: list[Check] = []
    with HubRemote() as hub:
        hub.test(checks.append)
    assert "bad" in {check.outcome for check in checks}
    assert checks[-1].outcome == "skipped"

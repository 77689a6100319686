"""Asking whether there is something newer, which changes nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog, Origin
from modelkeep.cache.scan import scan
from modelkeep.errors import Cancelled, ModelNotFound, Offline, RemoteBusy, RemoteUnreachable
from modelkeep.hub.client import HubClient
from modelkeep.hub.profile import Profile
from modelkeep.hub.updates import Update
from modelkeep.hub.updating import Question, check, check_all, known_contents, to_ask
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress
from support.caches import CacheMaker
from support.cli import tree
from support.hub import HubServer
from support.hub_faults import Status

OLD = {"config.json": b"{}", "model.safetensors": b"old weights", "gone.txt": b"x"}
NEW = {"config.json": b"{}", "model.safetensors": b"new weights!", "added.json": b"[1]"}


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def client(hub: HubServer) -> Iterator[HubClient]:
    with HubClient(Profile("test", hub.endpoint)) as client:
        yield client


def ask(client: HubClient, cache: CacheMaker, repo_id: str = "org/bert", **options: object) -> Update:
    model = scan(cache.root).by_key[ModelKey(repo_id)]
    return check(client, model, known=known_contents([model]), **options)  # type: ignore[arg-type]


def test_what_differs_and_what_it_costs(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    old = cache.add("org/bert", OLD, commit=hub.add("org/bert", OLD))
    assert not ask(client, cache).is_newer
    new = hub.add("org/bert", NEW, date="2026-11-22T00:00:00.000Z")
    before = tree(cache.root)
    hub.forget()
    update = ask(client, cache)
    assert tree(cache.root) == before
    assert (update.ref, update.old, update.new, update.is_newer) == ("main", old, new, True)
    assert update.last_modified.startswith("2026-11-22")
    assert [(change.path, change.kind) for change in update.changes] == [
        ("added.json", "added"),
        ("gone.txt", "removed"),
        ("model.safetensors", "changed"),
    ]
    assert update.bytes_new == len(NEW["model.safetensors"]) + len(NEW["added.json"])
    assert hub.seen("*/resolve/*") == []


def test_what_a_cache_has_already_costs_nothing(
    hub: HubServer, client: HubClient, cache: CacheMaker, tmp_path: Path
) -> None:
    cache.add("org/bert", OLD, commit=hub.add("org/bert", OLD))
    hub.add("org/bert", NEW)
    other = CacheMaker(tmp_path / "other")
    other.add("org/other", {"model.safetensors": NEW["model.safetensors"]})
    models = [*scan(cache.root).models, *scan(other.root).models]
    update = check(client, models[0], known=known_contents(models))
    assert update.bytes_new == len(NEW["added.json"])


def test_of_a_part_only_the_part_counts(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    pickles = {"pytorch_model.bin": b"pickled"}
    commit = hub.add("org/bert", OLD | pickles)
    cache.add("org/bert", OLD, commit=commit, tree=False)
    hub.add("org/bert", NEW | {"pytorch_model.bin": b"pickled anew"})
    for _ in range(2):  # without a tree listing the hub is asked for it; then there is one
        paths = [change.path for change in ask(client, cache).changes]
        assert paths == ["added.json", "gone.txt", "model.safetensors"]
        cache.write_tree("org/bert", commit, OLD | pickles)


def test_what_the_hub_does_not_have_is_a_note(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    cache.add("org/bert", OLD)
    assert "any more" in ask(client, cache).note
    assert "was imported" in ask(client, cache, source="import").note
    assert "on this machine" in ask(client, cache, source="local").note
    hub.hides = True
    assert "private" in ask(client, cache).note
    hub.add("org/bert", OLD)
    cache.set_ref("org/bert", "feature", "a" * 40)
    assert "no branch or tag “feature”" in ask(client, cache, ref="feature").note
    assert all(ask(client, cache, ref=ref).error is None for ref in ("feature", "main", "nowhere"))


def test_without_a_ref_nothing_is_asked(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    cache.add("org/bert", OLD, refs=())
    assert "by its commit" in ask(client, cache).note
    assert hub.requests == []


def test_a_new_name_is_told(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    cache.add("org/bert", OLD, commit=hub.add("org/bert", OLD))
    hub.add("org/bert", NEW)
    hub.rename("org/bert", "new/name")
    update = ask(client, cache)
    assert "called new/name" in update.note
    assert update.is_newer
    assert len(update.changes) == 3


def test_tags_and_other_branches_are_followed(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    commit = hub.add("org/bert", OLD, branch="v2")
    hub.add("org/bert", NEW)
    cache.add("org/bert", OLD, commit=commit, refs=("v2",))
    update = ask(client, cache)
    assert (update.ref, update.is_newer) == ("v2", False)


def test_many_are_asked_and_one_that_fails_is_alone(
    hub: HubServer, client: HubClient, cache: CacheMaker
) -> None:
    for number in range(9):
        files = {"config.json": b"%d" % number}
        cache.add(f"org/m{number}", files, commit=hub.add(f"org/m{number}", files))
    hub.add("org/m3", NEW)
    hub.fault("*/m5*", Status(500), times=None)
    models = scan(cache.root).models
    seen: list[Progress] = []
    passed: list[Update] = []
    found = check_all(
        client, [Question(m, "", "") for m in models], frozenset(), report=seen.append, emit=passed.append
    )
    assert [update.key for update in found] == [model.key for model in models]
    assert [update.key.repo_id for update in found if update.is_newer] == ["org/m3"]
    assert [(u.key.repo_id, type(u.error)) for u in found if u.error] == [("org/m5", RemoteBusy)]
    assert sorted(passed, key=lambda update: update.key) == list(found)
    assert seen[-1].unit == "models"


def test_a_cancel_stops_it(hub: HubServer, client: HubClient, cache: CacheMaker) -> None:
    cache.add("org/bert", OLD, commit=hub.add("org/bert", OLD))

    def stop(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        check_all(client, [Question(m, "", "") for m in scan(cache.root).models], frozenset(), report=stop)


def test_a_hub_that_is_not_there_is_an_error_of_each(cache: CacheMaker) -> None:
    with HubServer() as gone:
        endpoint = gone.endpoint
    for number in range(6):
        cache.add(f"org/m{number}", OLD)
    with HubClient(Profile("test", endpoint)) as client:
        found = check_all(client, [Question(m, "", "") for m in scan(cache.root).models], frozenset())
    assert {type(update.error) for update in found} == {RemoteUnreachable}


def test_offline_nothing_is_asked(
    hub: HubServer, client: HubClient, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.add("org/bert", OLD)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Offline):
        ask(client, cache)
    assert hub.requests == []


def test_a_question_knows_where_the_model_came_from(cache: CacheMaker) -> None:
    commit = cache.add("org/bert", OLD)
    with Catalog() as catalog:
        catalog.record_origin(cache.root, ModelKey("org/bert"), commit, Origin(source="import"))
        inventory = scan(cache.root)
        assert to_ask(inventory, ModelKey("org/bert", "main"), catalog)[1:] == ("main", "import")
        with pytest.raises(ModelNotFound):
            to_ask(inventory, ModelKey("org/other"), catalog)

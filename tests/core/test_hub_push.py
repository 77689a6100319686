"""Pushing over real HTTP to a hub on this machine, which the Hub's own client can push to as well."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.scan import scan
from modelkeep.errors import (
    AccessDenied,
    CacheError,
    ContentConflict,
    InvalidKey,
    ModelKeepError,
    ModelNotFound,
    NotOnRemote,
    RemoteBusy,
    RemoteConflict,
)
from modelkeep.hub import pace
from modelkeep.hub import push as push_module
from modelkeep.hub.client import HubClient
from modelkeep.hub.profile import Profile, Token
from modelkeep.hub.push import push
from modelkeep.hub.push_plan import PushAction, PushPlan
from modelkeep.hub.push_source import PushSource, folder_source, revision_source
from modelkeep.hub.pushing import PushOptions, plan_push
from modelkeep.keys import ModelKey
from modelkeep.progress import Cancelled, Progress
from support.caches import CacheMaker, git_sha1, sha256
from support.hub_faults import Answer, Fault, Request
from support.push_hub import PushHub

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB
KEY = ModelKey("tester/model")


@pytest.fixture
def hub() -> Iterator[PushHub]:
    with PushHub() as server:
        yield server


@pytest.fixture
def client(hub: PushHub) -> Iterator[HubClient]:
    with HubClient(Profile("test", hub.endpoint), Token("hf_write", "keyring")) as client:
        yield client


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr(pace, "FIRST_WAIT", 0.001)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mine"
    (place / "sub").mkdir(parents=True)
    (place / "config.json").write_bytes(b'{"model_type": "bert"}')
    (place / "README.md").write_bytes("# Modèle\n".encode())
    (place / "sub" / "empty.txt").touch()
    (place / "model.safetensors").write_bytes(WEIGHTS)
    return place


def planned(client: HubClient, folder: Path, **options: object) -> PushPlan:
    return plan_push(client, folder_source(folder), KEY, PushOptions(**options))  # type: ignore[arg-type]


def actions(plan: PushPlan) -> dict[str, str]:
    return {file.path: str(file.action) for file in plan.files}


def test_a_folder_becomes_a_new_private_repository(hub: PushHub, client: HubClient, folder: Path) -> None:
    plan = planned(client, folder)
    assert (plan.creates, plan.private, plan.who) == (True, True, "tester")
    assert set(actions(plan).values()) == {"new"}
    assert plan.bytes_to_send == sum(file.size for file in plan.files)
    assert hub.repositories == {}, "a plan changes nothing"
    seen: list[Progress] = []
    result = push(client, plan, report=seen.append)
    assert (result.sent, result.verified, result.differs) == (plan.bytes_to_send, 4, ())
    assert hub.repository("tester/model").about == {"private": True}
    assert hub.content("tester/model", "model.safetensors") == WEIGHTS
    assert hub.content("tester/model", "sub/empty.txt") == b""
    assert hub.paths("tester/model") == {*actions(plan), ".gitattributes"}
    assert max(one.done for one in seen if one.step == "Sending") == len(WEIGHTS)
    assert all(not request.authorization for request in hub.seen("PUT *")), "the store is shown no token"


def test_only_what_differs_is_sent(hub: PushHub, client: HubClient, folder: Path) -> None:
    push(client, planned(client, folder))
    assert planned(client, folder).is_nothing
    (folder / "config.json").write_bytes(b"{}")
    (folder / "copy.safetensors").write_bytes(WEIGHTS)
    hub.forget()
    plan = planned(client, folder)
    assert actions(plan) == {
        "README.md": "same",
        "config.json": "changed",
        "copy.safetensors": "new",
        "model.safetensors": "same",
        "sub/empty.txt": "same",
    }
    assert plan.bytes_to_send == 2, "the hub's store has the other content already"
    assert push(client, plan).verified == 5
    assert hub.uploads() == []


def test_nothing_to_do_makes_no_commit(hub: PushHub, client: HubClient, folder: Path) -> None:
    first = push(client, planned(client, folder))
    hub.forget()
    assert push(client, planned(client, folder)).commit == first.commit
    assert hub.seen("POST */commit/*") == []


def test_files_that_only_the_hub_has_go_when_asked(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"old.txt": b"old", "old.bin": b"old", ".gitattributes": b""})
    assert PushAction.DELETED not in {file.action for file in planned(client, folder).files}
    plan = planned(client, folder, delete=True)
    assert {path for path, action in actions(plan).items() if action == "deleted"} == {"old.txt", "old.bin"}
    result = push(client, plan)
    assert (result.verified, result.differs) == (4, ())
    assert hub.paths("tester/model") == {*actions(plan), ".gitattributes"} - {"old.txt", "old.bin"}


def test_with_globs_only_such_files_go_there_or_away(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"old.txt": b"old", "old.json": b"old"})
    plan = planned(client, folder, include=("*.json",), delete=True)
    assert actions(plan) == {"config.json": "new", "old.json": "deleted"}


def test_a_cached_revision_is_pushed_from_its_blobs(
    hub: PushHub, client: HubClient, cache: CacheMaker
) -> None:
    cache.add("org/bert", {"config.json": b"{}", "model.safetensors": WEIGHTS})
    source = revision_source(scan(cache.root), ModelKey("org/bert", "main"))
    with Catalog() as catalog:
        plan = plan_push(client, source, KEY, catalog=catalog)
        [remembered] = [file for file in plan.files if file.is_lfs]
        known = catalog.checksums(remembered.source, os.stat(remembered.source))
    assert known is not None
    assert known.sha256 == sha256(WEIGHTS) == remembered.etag
    assert push(client, plan).verified == 2
    assert hub.content("tester/model", "model.safetensors") == WEIGHTS


def test_a_revision_that_is_not_whole_is_refused(client: HubClient, hub: PushHub, cache: CacheMaker) -> None:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    commit = cache.add("org/bert", files)
    (cache.folder("org/bert") / "snapshots" / commit / "model.safetensors").unlink()
    source = revision_source(scan(cache.root), ModelKey("org/bert"))
    with pytest.raises(ModelNotFound, match=r"model\.safetensors is not here"):
        plan_push(client, source, KEY)
    assert actions(plan_push(client, source, KEY, PushOptions(include=("*.json",)))) == {"config.json": "new"}
    with pytest.raises(ModelNotFound):
        plan_push(client, source, KEY, PushOptions(files=("model.safetensors",)))


def test_a_damaged_content_is_not_pushed(client: HubClient, hub: PushHub, cache: CacheMaker) -> None:
    cache.add("org/bert", {"model.safetensors": WEIGHTS})
    (cache.folder("org/bert") / "blobs" / sha256(WEIGHTS)).write_bytes(WEIGHTS[::-1])
    with pytest.raises(CacheError, match="damaged"):
        plan_push(client, revision_source(scan(cache.root), ModelKey("org/bert")), KEY)


def test_what_tools_leave_in_a_folder_is_left_out(folder: Path) -> None:
    for path in (".git/config", ".cache/huggingface/x", "sub/__pycache__/a.pyc", ".DS_Store"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")
    source = folder_source(folder)
    assert len(source.files) == 4
    assert {".git/", ".DS_Store", "sub/__pycache__/"} <= set(source.ignored)


def test_links_are_followed_but_not_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "again.json").symlink_to("config.json")
    assert {file.path for file in folder_source(folder).files} >= {"again.json"}
    (tmp_path / "elsewhere").write_text("x")
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CacheError, match="out is a link to"):
        folder_source(folder)


def test_a_token_that_may_only_read_is_told_before_anything_is_read(hub: PushHub, folder: Path) -> None:
    hub.role = "read"
    with (
        HubClient(Profile("test", hub.endpoint), Token("hf_write", "keyring")) as client,
        pytest.raises(AccessDenied, match="may only read") as caught,
    ):
        planned(client, folder)
    assert "may write" in caught.value.hint


def test_a_branch_is_made(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"config.json": b"{}"})
    plan = planned(client, folder, branch="next/one")
    assert plan.creates_branch
    push(client, plan)
    assert hub.paths("tester/model") == {"config.json"}
    assert "model.safetensors" in hub.paths("tester/model", "next/one")


def test_a_pull_request_leaves_the_branch_alone(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"config.json": b"{}"})
    result = push(client, planned(client, folder, pull_request=True, message="Better"))
    assert result.pull_request_url.endswith("/discussions/1")
    assert (result.verified, result.differs) == (4, ())
    assert hub.paths("tester/model") == {"config.json"}
    with pytest.raises(NotOnRemote, match="no branch"):
        planned(client, folder, pull_request=True, branch="nowhere")


def test_somebody_elses_commit_stops_it(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"config.json": b"{}"})
    plan = planned(client, folder)
    hub.add("tester/model", {"theirs.json": b"{}"})
    with pytest.raises(RemoteConflict, match="since this push was planned") as caught:
        push(client, plan)
    assert "see what changed" in caught.value.hint
    assert hub.paths("tester/model") == {"theirs.json"}


def test_a_file_that_changes_meanwhile_stops_it(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"x.txt": b""})
    for name, hub.checks, hub.chunk in (
        ("model.safetensors", True, 0),
        ("model.safetensors", False, 0),
        ("model.safetensors", False, 1 << 18),
        ("config.json", True, 0),
    ):
        hub.stored.clear()
        plan = planned(client, folder)
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[::-1])
        with pytest.raises(ContentConflict, match=f"{name} changed"):
            push(client, plan)
    assert hub.paths("tester/model") == {"x.txt"}


@pytest.mark.parametrize("chunk", [0, 300_000])
def test_uploads_survive_trouble_and_nothing_is_sent_twice(hub: PushHub, folder: Path, chunk: int) -> None:
    hub.chunk = chunk
    hub.spoiled["PUT"] = [Answer(status=0, close=True), Answer(500), Answer(429)]
    hub.spoiled["commit"] = [Answer(503)]
    with HubClient(Profile("test", hub.endpoint), Token("hf_write", "keyring")) as client:
        result = push(client, planned(client, folder))
    assert (result.verified, result.differs) == (4, ())
    assert hub.content("tester/model", "model.safetensors") == WEIGHTS
    parts = -(-len(WEIGHTS) // chunk) if chunk else 1
    assert len(hub.uploads()) == parts + 3
    assert result.sent == sum(file.size for file in result.plan.files)


def test_a_commit_whose_answer_was_lost_is_not_made_twice(
    hub: PushHub, client: HubClient, folder: Path
) -> None:
    hub.add("tester/model", {"x.txt": b""})
    hub.fault("POST */commit/*", _Unanswered(), times=1)
    result = push(client, planned(client, folder))
    assert len(hub.seen("POST */commit/*")) == 1
    assert hub.repository("tester/model").branches["main"] == result.commit
    assert result.verified == 4


class _Unanswered(Fault):
    """It was done, but nobody hears of it."""

    def change(self, request: Request, answer: Answer) -> Answer:
        return Answer(status=0, close=True)


def test_a_push_that_was_cancelled_goes_on(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.add("tester/model", {"x.txt": b""})
    (folder / "second.safetensors").write_bytes(WEIGHTS[::-1])
    plan = planned(client, folder)

    def stop_at_commit(progress: Progress) -> None:
        if progress.step == "Committing":
            raise Cancelled

    with pytest.raises(Cancelled):
        push(client, plan, report=stop_at_commit)
    assert hub.paths("tester/model") == {"x.txt"}
    hub.forget()
    again = planned(client, folder)
    assert again.bytes_to_send == plan.bytes_to_send - 2 * len(WEIGHTS)
    assert push(client, again).verified == 5
    assert hub.uploads() == []


def test_a_cancel_stops_an_upload(hub: PushHub, client: HubClient, folder: Path) -> None:
    plan = planned(client, folder)

    def stop(progress: Progress) -> None:
        if progress.step == "Sending":
            raise Cancelled

    with pytest.raises(Cancelled):
        push(client, plan, report=stop)
    assert hub.paths("tester/model") == {".gitattributes"}


def test_trouble_that_lasts_is_raised(
    hub: PushHub, client: HubClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "TRIES", 3)
    hub.spoiled["PUT"] = [Answer(500) for _ in range(3)]
    with pytest.raises(RemoteBusy):
        push(client, planned(client, folder))
    assert hub.paths("tester/model") == {".gitattributes"}


def test_secrets_stop_it_until_they_are_allowed_by_name(
    hub: PushHub, client: HubClient, folder: Path
) -> None:
    (folder / ".env").write_text("PASSWORD=hunter2")
    plan = planned(client, folder)
    assert [(secret.path, secret.kind) for secret in plan.secrets] == [(".env", "environment file")]
    for allowed in ((), ("sub/.env",), ("*",)):
        with pytest.raises(ModelKeepError, match=r"looks like a secret: \.env"):
            push(client, plan, allow_secrets=allowed)
    assert hub.repositories == {}
    without = replace(plan, files=tuple(file for file in plan.files if file.path != ".env"))
    assert push(client, without).verified == 4
    assert push(client, planned(client, folder), allow_secrets=[".env"]).verified == 5


def test_what_the_hub_keeps_otherwise_is_told(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.lies = lambda path, content: b"{ }" if path == "config.json" else content
    result = push(client, planned(client, folder))
    assert (result.verified, result.differs) == (3, ("config.json",))


def test_the_hubs_own_rules_leave_files_out(hub: PushHub, client: HubClient, folder: Path) -> None:
    hub.ignores = ("sub/*",)
    hub.add("tester/model", {"x.txt": b""})
    plan = planned(client, folder)
    assert plan.ignored == ("sub/empty.txt",)
    assert push(client, plan).verified == 3


def test_a_new_repository_leaves_out_what_its_gitignore_says(
    hub: PushHub, client: HubClient, folder: Path
) -> None:
    (folder / ".gitignore").write_text("sub/\n")
    hub.ignores = ("sub/*",)
    plan = planned(client, folder)
    assert plan.creates
    assert plan.ignored == ("sub/empty.txt",)
    assert push(client, plan).plan.files == plan.files


def test_very_many_files_become_several_commits(
    hub: PushHub, client: HubClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_module, "MOST_IN_A_COMMIT", 3)
    hub.add("tester/model", {"x.txt": b""})
    assert push(client, planned(client, folder, pull_request=True)).verified == 4
    assert "model.safetensors" in hub.paths("tester/model", "refs/pr/1")
    assert push(client, planned(client, folder, message="All")).verified == 4
    titles = [commit.title for commit in hub.repository("tester/model").commits.values()]
    assert titles[-2:] == ["All (1 of 2)", "All (2 of 2)"]


def test_a_renamed_repository_is_pushed_to_by_its_new_name(
    hub: PushHub, client: HubClient, folder: Path
) -> None:
    hub.add("tester/model", {"x.txt": b""})
    hub.rename("tester/model", "tester/called-anew")
    plan = planned(client, folder)
    assert (plan.to.repo_id, plan.creates) == ("tester/called-anew", False)
    assert "called tester/called-anew" in plan.notes[0]
    assert push(client, plan).verified == 4


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(
    hub: PushHub, client: HubClient, folder: Path
) -> None:
    plan = planned(client, folder)
    hub.add("tester/model", {"theirs.txt": b""})
    with pytest.raises(RemoteConflict):
        push(client, plan)
    assert hub.paths("tester/model") == {"theirs.txt"}


def test_a_name_without_an_owner_is_refused(client: HubClient) -> None:
    with pytest.raises(InvalidKey):
        plan_push(client, PushSource("x", ()), ModelKey("model"))


def test_the_hubs_own_client_agrees(hub: PushHub, client: HubClient, folder: Path) -> None:
    """What it uploads is what we would have, and our plan then finds nothing to do."""
    script = (
        "import sys; from huggingface_hub import HfApi; api = HfApi(endpoint=sys.argv[1], token='hf_write');"
        "api.create_repo('tester/model', private=True);"
        "api.upload_folder(repo_id='tester/model', folder_path=sys.argv[2])"
    )
    environment = os.environ | {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    subprocess.run(
        [sys.executable, "-c", script, hub.endpoint, str(folder)],
        check=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    theirs = {path: file.etag for path, file in _files(hub).items()}
    assert theirs["model.safetensors"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert theirs["config.json"] == git_sha1((folder / "config.json").read_bytes())
    assert planned(client, folder).is_nothing
    sent = [json.loads(line)["key"] for r in hub.seen("POST */commit/*") for line in r.body.splitlines()]
    hub.remove("tester/model")
    hub.stored.clear()
    hub.forget()
    push(client, planned(client, folder))
    assert {path: file.etag for path, file in _files(hub).items()} == theirs
    ours = [json.loads(line)["key"] for r in hub.seen("POST */commit/*") for line in r.body.splitlines()]
    assert sorted(ours) == sorted(sent)


def _files(hub: PushHub) -> dict:
    commit = hub.repository("tester/model").commit("main")
    assert commit is not None
    return commit.files

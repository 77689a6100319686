"""Real clients push to a real server: huggingface_hub, its command line, and transformers, each in its process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.keys import ModelKey
from support.push_server import Server, serving
from support.pushes import contents

BERT, MODEL = ModelKey("team/bert"), ModelKey("team/model")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "hub").mkdir()
    with serving(tmp_path / "hub") as server:
        yield server


def start(server: Server, home: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        env=server.environment(home),
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(server: Server, home: Path, script: str, *arguments: str) -> str:
    """What a script of a client printed; it has to succeed."""
    process = start(server, home, script, *arguments)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


def test_everything_that_huggingface_hub_pushes(server: Server, tmp_path: Path) -> None:
    script = """
import json, os, pathlib
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, RemoteEntryNotFoundError, RevisionNotFoundError

api, repo = HfApi(), "team/model"

def status(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except HfHubHTTPError as error:
        return error.response.status_code

assert api.create_repo(repo).repo_id == repo
assert status(api.create_repo, repo) == 409
assert api.create_repo(repo, exist_ok=True).repo_id == repo
assert api.create_repo("mine").repo_id == "alice/mine"

folder = pathlib.Path("folder")
(folder / "sub").mkdir(parents=True)
(folder / "config.json").write_text("{}")
(folder / "README.md").write_text("---\\nlicense: mit\\n---\\n")
(folder / "empty.bin").touch()
(folder / "sub/weights.safetensors").write_bytes(b"weights")
api.upload_folder(repo_id=repo, folder_path=folder)
head = api.model_info(repo).sha
assert api.upload_folder(repo_id=repo, folder_path=folder).oid == head  # nothing was modified
api.upload_file(repo_id=repo, path_in_repo="small.txt", path_or_fileobj=b"small")
api.upload_file(repo_id=repo, path_in_repo="large.txt", path_or_fileobj=b"large" * (11 << 18))
with open("parts.bin", "wb") as file:
    file.write(b"parts" * (13 << 20))  # 65 MiB: two parts
api.upload_file(repo_id=repo, path_in_repo="parts.bin", path_or_fileobj="parts.bin")
api.create_commit(repo, commit_message="Copy", commit_description="and delete", operations=[
    CommitOperationCopy("large.txt", "copy/large.txt"),
    CommitOperationCopy("small.txt", "copy/small.txt"),
    CommitOperationDelete("sub/"),
])
api.delete_file("config.json", repo)
try:
    api.delete_file("config.json", repo)
    raise SystemExit("deleted twice")
except RemoteEntryNotFoundError:
    pass

api.create_branch(repo, branch="dev/one")
assert status(api.create_branch, repo, branch="dev/one") == 409
api.create_branch(repo, branch="dev/one", exist_ok=True)
api.create_branch(repo, branch="gone", revision=head)
api.delete_branch(repo, branch="gone")
assert status(api.delete_branch, repo, branch="main") == 403
api.create_tag(repo, tag="v1", tag_message="The first", revision=head)
assert status(api.create_tag, repo, tag="v1") == 409
api.create_tag(repo, tag="v2")
api.delete_tag(repo, tag="v2")
api.upload_file(repo_id=repo, path_in_repo="dev.txt", path_or_fileobj=b"dev", revision="dev/one")
opened = api.upload_file(repo_id=repo, path_in_repo="pr.txt", path_or_fileobj=b"pr", create_pr=True)
assert opened.pr_revision == "refs/pr/1" and opened.pr_num == 1
api.upload_file(repo_id=repo, path_in_repo="pr2.txt", path_or_fileobj=b"pr", revision=opened.pr_revision)
try:
    api.upload_file(repo_id=repo, path_in_repo="a", path_or_fileobj=b"a", revision="nowhere")
    raise SystemExit("pushed to nowhere")
except RevisionNotFoundError:
    pass
stale = [CommitOperationAdd("late.txt", b"late")]
assert status(api.create_commit, repo, stale, commit_message="Late", parent_commit=head) == 412
try:
    api.upload_file(repo_id=repo, path_in_repo="README.md", path_or_fileobj=b"---\\na: [\\n---\\n")
    raise SystemExit("a broken card was taken")
except ValueError as error:
    assert "YAML" in str(error)

refs = api.list_repo_refs(repo, include_pull_requests=True)
assert {ref.name for ref in refs.branches} == {"main", "dev/one"}, refs
assert [ref.name for ref in refs.tags] == ["v1"]
assert status(api.super_squash_history, repo) == 501
api.update_repo_settings(repo, private=True)
assert api.model_info(repo).private
commits = api.list_repo_commits(repo)
print(json.dumps([[commit.title, commit.message, commit.authors] for commit in commits]))
"""
    commits = json.loads(run(server, tmp_path / "client", script))
    assert commits[1] == ["Copy", "and delete", ["alice"]]
    assert commits[-1] == ["initial commit", "", ["alice"]]
    assert len(commits) == 7
    found = contents(server.root, key=MODEL)
    assert found.keys() == {
        ".gitattributes",
        "README.md",
        "copy/large.txt",
        "copy/small.txt",
        "empty.bin",
        "large.txt",
        "parts.bin",
        "small.txt",
    }
    assert found["parts.bin"] == b"parts" * (13 << 20)
    assert found["copy/large.txt"] == b"large" * (11 << 18)
    pulled = contents(server.root, "refs/pr/1", MODEL)
    assert pulled.keys() - found.keys() == {"pr.txt", "pr2.txt"}


def test_the_command_line_of_the_hub(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(os.urandom(1000))
    hf = Path(sys.executable).with_name("hf")
    for command in (
        ["upload", "team/cli", str(folder), "."],
        ["upload", "team/cli", str(folder / "config.json"), "sub/config.json", "--create-pr"],
    ):
        done = subprocess.run(
            [hf, *command], env=server.environment(tmp_path), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    key = ModelKey("team/cli")
    assert contents(server.root, key=key).keys() == {".gitattributes", "config.json", "model.safetensors"}
    assert "sub/config.json" in contents(server.root, "refs/pr/1", key)


def test_transformers_pushes_and_loads_again(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    pytest.importorskip("torch")
    script = """
import torch
from transformers import AutoModel, BertConfig, BertModel
torch.manual_seed(1)
sizes = dict(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
model = BertModel(BertConfig(**sizes))
model.push_to_hub("team/bert")
expected = model.state_dict()
found = AutoModel.from_pretrained("team/bert", cache_dir="another").state_dict()
assert found.keys() == expected.keys()
assert all(torch.equal(found[name], expected[name]) for name in expected)
print(len(found))
"""
    assert int(run(server, tmp_path / "client", script).split()[-1]) > 10
    assert list((tmp_path / "client/another/models--team--bert/snapshots").iterdir())
    assert {"config.json", "model.safetensors"} <= contents(server.root, key=BERT).keys()


def test_four_pushers_at_once(server: Server, tmp_path: Path) -> None:
    script = """
import sys
from huggingface_hub import HfApi
api, name = HfApi(), sys.argv[1]
api.create_repo("team/model", exist_ok=True)
for turn in range(3):
    api.upload_file(repo_id="team/model", path_in_repo=f"{name}/{turn}.txt", path_or_fileobj=name.encode())
    api.upload_file(repo_id="team/model", path_in_repo=f"{name}/{turn}.bin", path_or_fileobj=b"the same")
"""
    clients = [start(server, tmp_path / f"home{n}", script, f"client{n}") for n in range(4)]
    for process in clients:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    found = contents(server.root, key=MODEL)
    names = {f"client{n}/{turn}.{kind}" for n in range(4) for turn in range(3) for kind in ("txt", "bin")}
    assert found.keys() == names | {".gitattributes"}


_UPLOADER = """
import io, sys, time
from huggingface_hub import HfApi

class Stuck(io.BytesIO):
    # Is read once to be hashed; in the middle of being sent it sends no more.
    count = 0
    def read(self, size=-1):
        if self.count > SIZE + (6 << 20):
            time.sleep(600)
        data = super().read(size)
        self.count += len(data)
        return data

SIZE = 12 << 20
content = bytes(SIZE) if sys.argv[1] == "whole" else Stuck(bytes(SIZE))
api = HfApi()
api.create_repo("team/model", exist_ok=True)
api.upload_file(repo_id="team/model", path_in_repo="large.bin", path_or_fileobj=content)
"""


def start_and_get_stuck(server: Server, home: Path) -> subprocess.Popen[str]:
    """A client that has sent a half of a file."""
    process = start(server, home, _UPLOADER, "stuck")
    while not _half_sent(server.root):
        assert process.poll() is None
    return process


def _half_sent(root: Path) -> bool:
    return any(part.stat().st_size >= 5 << 20 for part in root.glob(".modelkeep/staging/*/*.part"))


def test_a_client_that_is_killed_corrupts_nothing(server: Server, tmp_path: Path) -> None:
    process = start_and_get_stuck(server, tmp_path / "client")
    process.kill()
    process.communicate()
    assert contents(server.root, key=MODEL).keys() == {".gitattributes"}
    run(server, tmp_path / "client", _UPLOADER, "whole")
    assert contents(server.root, key=MODEL)["large.bin"] == bytes(12 << 20)


def test_a_server_that_is_killed_corrupts_nothing(server: Server, tmp_path: Path) -> None:
    process = start_and_get_stuck(server, tmp_path / "client")
    server.kill()
    process.kill()
    process.communicate()
    assert contents(server.root, key=MODEL).keys() == {".gitattributes"}
    with serving(server.root) as again:
        assert not _half_sent(server.root)
        run(again, tmp_path / "client", _UPLOADER, "whole")
    assert contents(server.root, key=MODEL)["large.bin"] == bytes(12 << 20)

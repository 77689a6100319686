"""The Hub's own clients, in processes of their own, with nothing but the environment set."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from modelkeep_resources.samples.tiny import tiny_bert
from support.caches import CacheMaker
from support.serving import Served, client_environment, run_client, serving

HF = Path(sys.executable).with_name("hf")


@pytest.fixture
def served(cache: CacheMaker) -> Iterator[Served]:
    cache.add("org/tiny-bert", tiny_bert())
    cache.add(
        "org/other", {"config.json": b'{"model_type": "bert"}', "deep/a/b.txt": b"deep"}, refs=("main", "v1")
    )
    cache.add("org/data", {"train.csv": b"a,b\n"}, repo_type="dataset")
    with serving(cache.root) as served:
        yield served


def test_the_python_client(served: Served, tmp_path: Path) -> None:
    secret = served.tokens.add("me")
    environment = client_environment(tmp_path, served.url, HF_TOKEN=secret)
    said = run_client(
        """
import json
from pathlib import Path
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

api = HfApi()

def error(call):
    try:
        call()
    except (EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError) as error:
        return type(error).__name__

def files(folder):
    found = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in found}

info = api.model_info("org/tiny-bert", files_metadata=True)
print(json.dumps({
    "whoami": api.whoami()["name"],
    "sha": info.sha,
    "task": info.pipeline_tag,
    "lfs": [f.rfilename for f in info.siblings if f.lfs],
    "parameters": info.safetensors.total,
    "search": [m.id for m in api.list_models(search="tiny", full=True)],
    "filter": [m.id for m in api.list_models(filter="transformers", pipeline_tag="feature-extraction")],
    "author": sorted(m.id for m in api.list_models(author="org", sort="last_modified", limit=5, cardData=True)),
    "limit": len(list(api.list_models(limit=1))),
    "expand": [m.id for m in api.list_models(search="tiny", expand=["siblings", "downloads"])],
    "datasets": [d.id for d in api.list_datasets()],
    "files": sorted(api.list_repo_files("org/other")),
    "tree": [type(i).__name__ for i in api.list_repo_tree("org/other", recursive=True, expand=True)],
    "paths": [p.path for p in api.get_paths_info("org/other", ["config.json", "deep", "no"])],
    "refs": sorted(b.name for b in api.list_repo_refs("org/other").branches),
    "commits": [c.commit_id for c in api.list_repo_commits("org/other")],
    "exists": [api.repo_exists("org/other"), api.repo_exists("org/no"), api.file_exists("org/other", "no")],
    "errors": [
        error(lambda: hf_hub_download("org/other", "no.txt")),
        error(lambda: hf_hub_download("org/other", "config.json", revision="v9")),
        error(lambda: hf_hub_download("org/no", "config.json")),
    ],
    "one": Path(hf_hub_download("org/other", "deep/a/b.txt", revision="v1")).read_text(),
    "data": files(snapshot_download("org/data", repo_type="dataset")),
    "snapshot": files(snapshot_download("org/tiny-bert")),
}))
""",
        environment,
    )
    bert = {name: len(content) for name, content in tiny_bert().items()}
    other = said.pop("commits")
    assert len(other) == 1
    assert said.pop("sha") != other[0]
    assert said.pop("parameters") > 0
    assert said == {
        "whoami": "me",
        "task": "feature-extraction",
        "lfs": ["model.safetensors"],
        "search": ["org/tiny-bert"],
        "filter": ["org/tiny-bert"],
        "author": ["org/other", "org/tiny-bert"],
        "limit": 1,
        "expand": ["org/tiny-bert"],
        "datasets": ["org/data"],
        "files": ["config.json", "deep/a/b.txt"],
        "tree": ["RepoFile", "RepoFolder", "RepoFolder", "RepoFile"],
        "paths": ["config.json", "deep"],
        "refs": ["main", "v1"],
        "exists": [True, False, False],
        "errors": ["RemoteEntryNotFoundError", "RevisionNotFoundError", "RepositoryNotFoundError"],
        "one": "deep",
        "data": {"train.csv": 4},
        "snapshot": bert,
    }
    assert "failed" not in served.log.getvalue()


def test_the_command_line_client(served: Served, tmp_path: Path) -> None:
    environment = client_environment(tmp_path, served.url)
    for arguments in (["download", "org/tiny-bert"], ["cache", "verify", "org/tiny-bert"]):
        done = subprocess.run(
            [HF, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
    [snapshot] = (tmp_path / "hf" / "hub" / "models--org--tiny-bert" / "snapshots").iterdir()
    assert {path.name: path.read_bytes() for path in snapshot.iterdir()} == tiny_bert()


def test_who_left_xet_on_is_told(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model")
    with serving(cache.root, allow_push=True, into=cache.root) as served:
        secret = served.tokens.add("me", can_write=True)
        said = run_client(
            """
import json
from huggingface_hub import HfApi

try:
    HfApi().upload_file(path_or_fileobj=b"w" * 999, path_in_repo="model.safetensors", repo_id="org/model")
except Exception as error:
    print(json.dumps(str(error)))
""",
            client_environment(tmp_path, served.url, HF_HUB_DISABLE_XET="0", HF_TOKEN=secret),
        )
    assert "HF_HUB_DISABLE_XET=1" in said


def test_over_tls(cache: CacheMaker, tmp_path: Path) -> None:
    authority = trustme.CA()
    chain, trusted = tmp_path / "chain.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(chain))
    authority.cert_pem.write_to_path(str(trusted))
    cache.add("org/model")
    with serving(cache.root, certfile=chain) as served:
        said = run_client(
            "import json, huggingface_hub as hub; print(json.dumps(hub.hf_hub_download('org/model', 'config.json')))",
            client_environment(tmp_path, served.url, SSL_CERT_FILE=str(trusted)),
        )
    assert Path(said).read_bytes() == b'{"model_type": "bert"}'


def test_transformers_loads_a_model(served: Served, tmp_path: Path) -> None:
    pytest.importorskip("transformers", exc_type=ImportError)
    said = run_client(
        """
import json
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("org/tiny-bert")
model = AutoModel.from_pretrained("org/tiny-bert")
answer = model(**tokenizer("hello", return_tensors="pt"))
print(json.dumps([type(model).__name__, list(answer.last_hidden_state.shape)]))
""",
        client_environment(tmp_path, served.url),
    )
    assert said[0] == "BertModel"
    assert said[1][0] == 1
    assert "failed" not in served.log.getvalue()


def test_many_clients_at_once_and_one_is_killed(cache: CacheMaker, tmp_path: Path) -> None:
    weights = os.urandom(1 << 20) * 24
    cache.add("org/large", {"model.safetensors": weights, "config.json": b"{}"})
    # Plain connections: sixteen imports of the Hub's client would take longer than all else here.
    code = """
import hashlib, json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as answer:
    digest = hashlib.sha256(answer.read(1 << 20))
    print("begun", flush=True)
    if sys.stdin.readline():
        while piece := answer.read(1 << 16):
            digest.update(piece)
        print(digest.hexdigest())
"""
    with serving(cache.root) as served:
        clients = [
            subprocess.Popen(
                [sys.executable, "-c", code, f"{served.url}/org/large/resolve/main/model.safetensors"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(16)
        ]
        try:
            for client in clients:
                assert client.stdout is not None
                assert client.stdout.readline() == "begun\n"
            clients[7].kill()
            expected = f"{hashlib.sha256(weights).hexdigest()}\n"
            for number, client in enumerate(clients):
                out, _ = client.communicate("go on\n" if number != 7 else None, timeout=60)
                assert out == ("" if number == 7 else expected)
        finally:
            for client in clients:
                client.kill()
        assert served.get("/health").status_code == 200
        assert served.log.getvalue().count("fetched org/large") == 15
        assert served.journal.counts["broken_transfers"] == 1

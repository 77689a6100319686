"""What the server says of repositories, lists and files."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.serve.shelf import Shelf
from support.caches import CacheMaker, git_sha1, sha256
from support.serving import Served, serving

CARD = b"---\nlicense: mit\nlanguage: de\nlibrary_name: transformers\npipeline_tag: fill-mask\n---\nText\n"
FILES = {
    "README.md": CARD,
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": b"w" * 4000,
    "onnx/deep/model.onnx": b"o" * 500,
}


@pytest.fixture
def served(cache: CacheMaker) -> Iterator[Served]:
    cache.add("org/bert", FILES, refs=("main", "v1.0", "refs/pr/1"))
    with serving(cache.root) as served:
        yield served


def test_a_model_is_described_with_its_files(served: Served, cache: CacheMaker) -> None:
    info = served.get("/api/models/org/bert", params={"blobs": "true"}).json()
    assert (info["id"], info["author"], info["private"]) == ("org/bert", "org", False)
    assert info["pipeline_tag"] == "fill-mask"
    assert {"transformers", "de", "license:mit"} <= set(info["tags"])
    siblings = {sibling["rfilename"]: sibling for sibling in info["siblings"]}
    assert siblings.keys() == FILES.keys()
    assert siblings["config.json"]["blobId"] == git_sha1(FILES["config.json"])
    weights = siblings["model.safetensors"]
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(b'w' * 4000)}\nsize 4000\n".encode()
    )
    assert weights["lfs"] == {"sha256": sha256(b"w" * 4000), "size": 4000, "pointerSize": len(pointer)}
    assert weights["blobId"] == git_sha1(pointer)


@pytest.mark.parametrize("revision", ["main", "v1.0", "refs%2Fpr%2F1", "the commit", "its beginning"])
def test_a_revision_has_many_names(served: Served, revision: str) -> None:
    commit = served.get("/api/models/org/bert").json()["sha"]
    named = {"the commit": commit, "its beginning": commit[:8]}.get(revision, revision)
    assert served.get(f"/api/models/org/bert/revision/{named}").json()["sha"] == commit
    file = served.head(f"/org/bert/resolve/{named}/config.json")
    assert (file.status_code, file.headers["X-Repo-Commit"]) == (200, commit)


def test_names_without_namespace_datasets_and_spaces(cache: CacheMaker) -> None:
    cache.add("gpt2")
    cache.add("org/data", {"data/train.csv": b"a,b\n"}, repo_type="dataset")
    cache.add("org/app", {"app.py": b"pass"}, repo_type="space")
    with serving(cache.root) as served:
        assert served.get("/api/models/gpt2/revision/main").json()["id"] == "gpt2"
        assert served.get("/gpt2/resolve/main/config.json").content == b'{"model_type": "bert"}'
        assert served.get("/datasets/org/data/resolve/main/data/train.csv").content == b"a,b\n"
        assert served.get("/api/spaces/org/app/tree/main").json()[0]["path"] == "app.py"
        assert served.get("/api/models/org/data").headers["X-Error-Code"] == "RepoNotFound"


def test_a_tree_goes_deep_only_when_asked_to(served: Served) -> None:
    top = served.get("/api/models/org/bert/tree/main").json()
    assert [(item["type"], item["path"]) for item in top if item["type"] == "directory"] == [
        ("directory", "onnx")
    ]
    assert "onnx/deep/model.onnx" not in {item["path"] for item in top}
    deep = served.get("/api/models/org/bert/tree/main", params={"recursive": "true"}).json()
    assert {item["path"] for item in deep} == {*FILES, "onnx", "onnx/deep"}
    below = served.get(
        "/api/models/org/bert/tree/main/onnx", params={"recursive": "true", "expand": "true"}
    ).json()
    assert [item["path"] for item in below] == ["onnx/deep", "onnx/deep/model.onnx"]
    assert below[1]["lastCommit"]["id"] == served.get("/api/models/org/bert").json()["sha"]
    assert served.get("/api/models/org/bert/tree/main/nowhere").headers["X-Error-Code"] == "EntryNotFound"


def test_a_tree_comes_in_pages(served: Served) -> None:
    url, found = "/api/models/org/bert/tree/main?recursive=true&limit=2", []
    answer = served.get(url)
    while True:
        found += [item["path"] for item in answer.json()]
        if "next" not in answer.links:
            break
        answer = served.get(answer.links["next"]["url"].removeprefix(served.url))
    assert found == sorted({*FILES, "onnx", "onnx/deep"})


def test_paths_that_are_not_there_are_left_out(served: Served) -> None:
    answer = served.post(
        "/api/models/org/bert/paths-info/main",
        data={"paths": ["config.json", "onnx", "no.txt"], "expand": "false"},
    ).json()
    assert [(item["type"], item["path"]) for item in answer] == [
        ("file", "config.json"),
        ("directory", "onnx"),
    ]


def test_what_is_not_there_is_named(served: Served) -> None:
    commit = served.get("/api/models/org/bert").json()["sha"]
    missing = served.head("/org/bert/resolve/main/no.txt")
    assert (missing.status_code, missing.headers["X-Error-Code"]) == (404, "EntryNotFound")
    assert missing.headers["X-Repo-Commit"] == commit
    assert served.get("/org/bert/resolve/v9/config.json").headers["X-Error-Code"] == "RevisionNotFound"
    assert served.get("/api/models/org/other").headers["X-Error-Code"] == "RepoNotFound"
    assert served.get("/api/models/ORG/bert").headers["X-Error-Code"] == "RepoNotFound"
    assert served.get("/api/agent-harnesses").status_code == 404
    xet = served.get("/api/models/org/bert/xet-write-token/main")
    assert xet.status_code == 400
    assert "HF_HUB_DISABLE_XET=1" in xet.headers["X-Error-Message"]
    assert served.post("/api/repos/create", json={}).status_code == 403


def test_refs_and_commits(served: Served, cache: CacheMaker) -> None:
    newer = cache.add("org/bert", {"config.json": b"{}"}, refs=("main",))
    served.shelf.changed(cache.root)
    refs = served.get("/api/models/org/bert/refs", params={"include_prs": "1"}).json()
    assert {ref["name"]: ref["targetCommit"] == newer for ref in refs["branches"]} == {
        "main": True,
        "v1.0": False,
    }
    assert [ref["ref"] for ref in refs["pullRequests"]] == ["refs/pr/1"]
    commits = served.get("/api/models/org/bert/commits/main").json()
    assert next(commit["id"] for commit in commits) == newer


def test_search_filters_sorts_and_pages(cache: CacheMaker) -> None:
    cache.add("org/german-bert", FILES)
    cache.add(
        "org/german-gpt", {"config.json": b'{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}'}
    )
    cache.add("other/bert", {"README.md": b"---\ntags: [bio]\n---\n"})
    for day, name in enumerate(("org/german-gpt", "other/bert", "org/german-bert"), start=1):
        for blob in (cache.folder(name) / "blobs").iterdir():
            os.utime(blob, (day * 86400, day * 86400))
    with serving(cache.root) as served:

        def names(**query: object) -> list[str]:
            return [model["id"] for model in served.get("/api/models", params=query).json()]

        assert names() == ["org/german-bert", "org/german-gpt", "other/bert"]
        assert names(search="BERT") == ["org/german-bert", "other/bert"]
        assert names(author="org", search="german bert") == ["org/german-bert"]
        assert names(filter=["transformers", "license:mit"]) == ["org/german-bert"]
        assert names(filter="bio") == ["other/bert"]
        assert names(pipeline_tag="fill-mask") == ["org/german-bert"]
        by_age = ["org/german-bert", "other/bert", "org/german-gpt"]
        assert names(sort="lastModified") == by_age
        assert names(sort="lastModified", direction="1") == by_age[::-1]
        first = served.get("/api/models", params={"limit": 2, "sort": "lastModified"})
        second = served.get(first.links["next"]["url"].removeprefix(served.url))
        assert len(first.json()) == 2
        assert len(second.json()) == 1
        assert "next" not in second.links
        assert "siblings" not in first.json()[0]
        full = served.get("/api/models", params={"full": "true", "search": "german-bert"}).json()
        assert len(full[0]["siblings"]) == len(FILES)
        assert full[0]["cardData"]["license"] == "mit"


def test_a_change_on_the_disk_is_seen(served: Served, cache: CacheMaker) -> None:
    assert served.get("/api/models/org/new").status_code == 404
    cache.add("org/new")
    served.shelf.changed(cache.root)
    assert served.get("/api/models/org/new").status_code == 200
    newer = cache.add("org/new", {"config.json": b"{}"})
    served.shelf.changed(cache.root)
    assert served.get("/api/models/org/new").json()["sha"] == newer


def test_a_change_by_another_program_is_seen_before_long(served: Served, cache: CacheMaker) -> None:
    assert served.get("/api/models/org/bert").status_code == 200
    newer = cache.add("org/bert", {"config.json": b"{}"})
    end = time.monotonic() + 20
    while served.get("/api/models/org/bert").json()["sha"] != newer:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_copied_files_without_a_name_get_one(cache: CacheMaker) -> None:
    cache.add("org/copied", FILES, linked=False, tree=False)
    with serving(cache.root) as served:
        for name, content in FILES.items():
            etag = served.head(f"/org/copied/resolve/main/{name}").headers["ETag"]
            expected = git_sha1(content) if name.endswith((".md", ".json")) else sha256(content)
            assert etag == f'"{expected}"'


def test_a_name_that_was_worked_out_is_remembered(cache: CacheMaker, tmp_path: Path) -> None:
    commit = cache.add("org/copied", {"config.json": b"{}"}, linked=False, tree=False)
    path = cache.folder("org/copied") / "snapshots" / commit / "config.json"
    with Catalog(tmp_path / "catalog.sqlite") as catalog:
        Shelf([cache.root], catalog=catalog).name_files()
        sums = catalog.checksums(path, path.stat())
        assert sums is not None
        assert sums.git_sha1 == git_sha1(b"{}")


def test_what_is_broken_is_listed_but_not_given_out(cache: CacheMaker) -> None:
    commit = cache.add("org/broken", FILES)
    blob = cache.folder("org/broken") / "blobs" / hashlib.sha256(b"w" * 4000).hexdigest()
    blob.write_bytes(b"short")
    (cache.folder("org/broken") / "blobs" / git_sha1(FILES["config.json"])).unlink()
    (cache.folder("org/broken") / "snapshots" / commit / "README.md").unlink()
    with serving(cache.root) as served:
        tree = served.get("/api/models/org/broken/tree/main?recursive=1").json()
        assert {"config.json", "model.safetensors"} <= {item["path"] for item in tree}
        for name in ("config.json", "model.safetensors", "README.md"):
            answer = served.get(f"/org/broken/resolve/main/{name}")
            assert (answer.status_code, answer.headers["X-Error-Code"]) == (404, "EntryNotFound")
        assert served.get("/org/broken/resolve/main/onnx/deep/model.onnx").status_code == 200
        assert "model.safetensors has 5 bytes; the repository says 4,000" in served.log.getvalue()


def test_a_link_out_of_the_cache_leads_nowhere(cache: CacheMaker, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    commit = cache.add("org/sly", FILES, tree=False)
    (cache.folder("org/sly") / "snapshots" / commit / "secret.txt").symlink_to(secret)
    shared = cache.add("org/shared", {"model.safetensors": b"s" * 100})
    cache.share("org/shared", b"s" * 100)
    with serving(cache.root) as served:
        assert served.get("/org/sly/resolve/main/secret.txt").status_code == 404
        assert served.get("/org/sly/resolve/main/config.json").status_code == 200
        assert served.get(f"/org/shared/resolve/{shared}/model.safetensors").content == b"s" * 100


def test_the_first_root_wins(tmp_path: Path) -> None:
    CacheMaker(tmp_path / "a").add("org/one", {"x": b"first"})
    CacheMaker(tmp_path / "b").add("org/one", {"x": b"second"})
    with serving(tmp_path / "a", tmp_path / "b") as served:
        assert served.get("/org/one/resolve/main/x").content == b"first"
        assert [model["id"] for model in served.get("/api/models").json()] == ["org/one"]


def test_the_page_and_the_counters(served: Served) -> None:
    served.get("/org/bert/resolve/main/config.json")
    page = served.get("/").text
    assert "org/bert" in page
    assert f"export HF_ENDPOINT={served.url}" in page
    assert "<script" not in page
    assert served.get("/health").json()["status"] == "ok"
    metrics = served.get("/metrics").text
    assert "modelkeep_serve_files_sent_total 1" in metrics
    assert f"modelkeep_serve_bytes_sent_total {len(FILES['config.json'])}" in metrics
    fetched = [event for event in served.events if event["event"] == "fetched"]
    assert [(event["repo_id"], event["path"]) for event in fetched] == [("org/bert", "config.json")]
    json.dumps(served.events)

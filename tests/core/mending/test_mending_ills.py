"""All that can be wrong with a file, what mends it, and what becomes of what was bad."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from modelkeep.cache.scan import scan
from modelkeep.cache.staging import find_staging
from modelkeep.cache.trash import list_trash
from modelkeep.checking.outcome import Outcome
from modelkeep.doctor.examine import examine
from modelkeep.library import Library
from modelkeep.rows import Selection
from support.archives import dss_zip, entries
from support.caches import CacheMaker, sha256
from support.cli import tree
from support.imports import loaded
from support.mending import (
    FILES,
    ILLS,
    NAME,
    REPO,
    WEIGHTS,
    blob,
    copies,
    damage,
    is_good,
    mend,
    mended,
    missing_link,
    only,
    plan,
    shared_link,
    trashed,
)
from support.models import safetensors_file


@pytest.mark.parametrize("ill", ILLS)
def test_every_ill_is_mended(ill: str, cache: CacheMaker, other: CacheMaker, library: Library) -> None:
    ILLS[ill](cache)
    other.add(REPO, FILES)
    result = library.trust.mend(
        library.trust.plan_mending(library.trust.check([Selection(str(cache.root), f"hf@{REPO}")]))
    )
    assert not result.failures
    assert loaded(cache.root) == FILES
    assert not find_staging(cache.root)
    [check] = library.trust.check([Selection(str(cache.root), f"hf@{REPO}@main")], deep=True).revisions
    assert not check.bad
    model = scan(cache.root).by_key[check.key]
    assert not [p for p in model.problems if p.kind in ("broken-link", "wrong-size", "missing-files")]


def test_a_shared_content_is_left_to_those_who_use_it(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    shared_link(cache)
    other.add(REPO, FILES)
    payload = Path(os.path.realpath(blob(cache)))
    bad = payload.read_bytes()
    assert len(plan(library, cache.root).items) == 2
    found = library.trust.check([Selection(str(cache.root), f"hf@{REPO}")])
    assert not library.trust.mend(library.trust.plan_mending(found)).failures
    assert not blob(cache).is_symlink()
    assert blob(cache, repo_id="org/sharing").is_symlink()
    assert payload.read_bytes() == bad
    lines = payload.with_name(f"{payload.name}.refs").read_text().splitlines()
    assert lines == [f"models--org--sharing/blobs/{sha256(WEIGHTS)}"]
    # Then there is no other user, and what nobody uses is for the doctor.
    assert not mend(library, cache.root).failures
    assert "unreferenced-payload" in {one.problem for one in examine(cache.root).findings}


def test_copies_stay_copies(cache: CacheMaker, other: CacheMaker, library: Library) -> None:
    copies(cache)
    other.add(REPO, FILES)
    mended(library, cache.root)
    assert not [path for path in (cache.folder(REPO) / "snapshots").rglob("*") if path.is_symlink()]


def test_where_links_do_not_work_missing_files_come_as_copies(
    cache: CacheMaker, other: CacheMaker, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    commit = cache.add(REPO, FILES, linked=False)
    (cache.folder(REPO) / "snapshots" / commit / NAME).unlink()
    other.add(REPO, FILES)
    mended(library, cache.root)
    assert not os.listdir(cache.folder(REPO) / "blobs")


def test_missing_shards_come_back(cache: CacheMaker, other: CacheMaker, library: Library) -> None:
    shards = {
        f"model-{n}.safetensors": safetensors_file(
            {"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}, bytes([n])
        )
        for n in (1, 2)
    }
    index = json.dumps({"weight_map": {f"w{n}": name for n, name in enumerate(shards)}}).encode()
    files = {"model.safetensors.index.json": index, **shards}
    commit = cache.add(REPO, files)
    cache.add("org/unlisted", files, tree=False)
    other.add("org/elsewhere", files)
    for repo_id in (REPO, "org/unlisted"):
        (folder,) = (cache.folder(repo_id) / "snapshots").iterdir()
        (folder / "model-1.safetensors").unlink()
    items = {(str(item.key), item.name): item for item in plan(library, cache.root).items}
    assert set(items) == {(f"hf@{repo_id}", "model-1.safetensors") for repo_id in (REPO, "org/unlisted")}
    assert items["hf@org/unlisted", "model-1.safetensors"].problem == "Nothing says what it must be."
    mend(library, cache.root)
    assert (cache.folder(REPO) / "snapshots" / commit / "model-1.safetensors").read_bytes() == shards[
        "model-1.safetensors"
    ]


def test_what_the_manifest_of_an_import_says_is_enough(
    cache: CacheMaker, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    archive = dss_zip(tmp_path / "a.zip", entries(FILES, key=f"hf@{REPO}", sums=True))
    library.archives.run_import(library.archives.plan_import([archive], str(cache.root)))
    [folder] = (cache.folder(REPO) / "snapshots").iterdir()
    damage(folder / NAME)
    (folder / "sub/vocab.txt").unlink()
    assert {item.name for item in plan(library, cache.root).mendable} == {NAME, "sub/vocab.txt"}
    mended(library, cache.root)


@pytest.mark.parametrize("name", ["../../../../evil.bin", "/tmp/evil.bin", "a/../../../b.bin"])
def test_a_name_that_leads_out_of_the_model_is_refused(
    name: str, cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    commit = cache.add(REPO, FILES)
    other.add(REPO, {"evil.bin": b"evil"})
    path = cache.write_tree(REPO, commit, FILES)
    said = json.loads(path.read_text())
    said["files"][name] = {"size": 4, "blob_id": "0" * 40, "lfs_sha256": sha256(b"evil"), "lfs_size": 4}
    path.write_text(json.dumps(said))
    before = tree(cache.root)
    item = only(plan(library, cache.root))
    assert (item.origin, item.problem) == (None, "Its name leads out of the model.")
    mend(library, cache.root)
    assert tree(cache.root) == before


def test_a_folder_that_is_a_link_out_of_the_model_is_not_followed(
    cache: CacheMaker, other: CacheMaker, library: Library, tmp_path: Path
) -> None:
    missing_link(cache)
    other.add(REPO, FILES)
    made = plan(library, cache.root)
    outside = tmp_path / "outside"
    outside.mkdir()
    [snapshot] = (cache.folder(REPO) / "snapshots").iterdir()
    (snapshot / "sub").symlink_to(outside)
    assert [one.item.name for one in library.trust.mend(made).items if one.error] == ["sub/vocab.txt"]
    assert not os.listdir(outside)


def test_what_was_published_like_this_is_left(cache: CacheMaker, other: CacheMaker, library: Library) -> None:
    broken = b"\xff" * 64
    cache.add(REPO, {NAME: broken})
    other.add(REPO, {NAME: broken})
    item = only(plan(library, cache.root))
    assert (item.outcome, item.origin) == (Outcome.HEADER_DAMAGED, None)
    assert "published like this" in item.problem


# ---- what was bad


def test_what_was_bad_comes_back_beside_the_good_one(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    bad = damage(blob(cache))
    result = mended(library, cache.root)
    [entry] = list_trash(cache.root)
    assert (str(entry.key), entry.what, entry.files, entry.size) == (f"hf@{REPO}", "files", 1, len(bad))
    assert not examine(cache.root).findings or "trash-leftover" not in {
        one.problem for one in examine(cache.root).findings
    }
    [restored] = library.restore(result.entries)
    assert (restored.error, restored.kept) == ("", ())
    assert blob(cache).with_name(f"{sha256(WEIGHTS)}.damaged").read_bytes() == bad
    is_good(library, cache.root)


def test_nor_does_it_take_the_place_of_one_that_went_and_comes_back(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    result = mended(library, cache.root)
    library.delete(library.plan_deletion([Selection(str(cache.root), f"hf@{REPO}")]))
    deleted = [entry.id for entry in list_trash(cache.root) if entry.what == "model"]
    library.restore(result.entries)
    library.restore([(str(cache.root), id) for id in deleted])
    is_good(library, cache.root)


def test_several_bad_copies_of_one_content_are_all_kept(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    files = {"a.bin": b"one" * 99, "b.bin": b"one" * 99}
    commit = cache.add(REPO, files, linked=False)
    other.add(REPO, files)
    snapshot = cache.folder(REPO) / "snapshots" / commit
    (snapshot / "a.bin").write_bytes(b"two" * 99)
    (snapshot / "b.bin").write_bytes(b"six" * 99)
    assert not mend(library, cache.root).failures
    assert loaded(cache.root) == files
    assert sorted(trashed(cache.root)) == [b"six" * 99, b"two" * 99]


def test_what_lies_among_the_blobs_and_is_no_file_is_not_waited_for(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES, tree=False)
    damage(blob(cache))
    other.add("org/else", {})
    os.mkfifo(blob(other, repo_id="org/else"))
    assert only(plan(library, cache.root)).origin is None

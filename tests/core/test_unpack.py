"""Importing brings a model into a cache as the Hub's client would have, or leaves the cache as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir

from modelkeep.archive.checksums import format_sums
from modelkeep.archive.import_plan import Action, RefMove, plan_import
from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.unpack import execute_import
from modelkeep.cache.inventory import State
from modelkeep.cache.scan import scan
from modelkeep.errors import (
    ContentConflict,
    DamagedArchive,
    UnknownArchive,
)
from modelkeep.keys import ModelKey
from support.archives import (
    COMMIT,
    ETAGS,
    FILES,
    WEIGHTS,
    aligned_zip,
    dss_zip,
    entries,
    explorer_zip,
    finder_zip,
    info_zip,
    real_tar,
    split,
    tree_of,
    write_folder,
)
from support.caches import CacheMaker, git_sha1, sha256
from support.imports import KEY, OTHER, blobs, imported, loaded, planned

Maker = Callable[[Path, dict[str, bytes]], Path]

# ---- what comes in


@pytest.mark.parametrize("sums", [True, False])
@pytest.mark.parametrize(
    "maker",
    [dss_zip, explorer_zip, finder_zip, info_zip, real_tar, write_folder],
    ids=lambda maker: maker.__name__,
)
def test_a_model_loads_by_name_after_its_import(
    maker: Maker, sums: bool, cache: CacheMaker, tmp_path: Path
) -> None:
    path = maker(tmp_path / "archive.zip", entries(sums=sums))
    item = planned(path, cache.root)
    assert (item.action, item.key, item.commit, item.ref) == (Action.NEW, KEY, COMMIT, "main")
    assert item.checksums == ("listed" if sums else "none")
    assert item.size == item.bytes_needed == sum(map(len, FILES.values()))
    done = imported(path, cache.root)
    assert done.path.endswith(f"models--org--name/snapshots/{COMMIT}")
    assert (done.bytes_written, done.bytes_linked) == (item.size, 0)
    assert {checked.etag: checked.sha256 for checked in done.checked} == {
        ETAGS[name]: sha256(data) for name, data in FILES.items()
    }
    assert all(Path(checked.path).is_file() for checked in done.checked)
    assert loaded(cache.root) == FILES
    assert blobs(cache.root) == set(ETAGS.values())
    assert not scan_cache_dir(cache.root).warnings
    assert scan(cache.root).models[0].state is State.WHOLE


def test_names_in_any_script_and_of_any_length_load(cache: CacheMaker, tmp_path: Path) -> None:
    names = ["配置/模型.json", "e\u0301 é.txt", "x" * 250 + ".json", "a" * 200 + "/" + "b" * 200 + "/c.bin"]
    files = {name: name.encode() for name in names} | {"config.json": b"{}"}
    imported(dss_zip(tmp_path / "a.zip", entries(files)), cache.root)
    assert loaded(cache.root) == files


@pytest.mark.parametrize("option", ["-z", "--zstd"])
def test_a_compressed_tar_is_known_when_it_is_planned(option: str, cache: CacheMaker, tmp_path: Path) -> None:
    path = real_tar(tmp_path / "a.tar", entries(), option)
    assert {file.name: file.etag for file in planned(path, cache.root).files} == ETAGS
    imported(path, cache.root)
    assert loaded(cache.root) == FILES


def test_what_finder_leaves_is_left_out_and_said(cache: CacheMaker, tmp_path: Path) -> None:
    assert planned(finder_zip(tmp_path / "a.zip", entries()), cache.root).ignored == (".DS_Store",)


def test_several_models_of_one_archive(cache: CacheMaker, tmp_path: Path) -> None:
    two = entries(folder="a") | entries({"config.json": b"[]"}, key="hf@org/second", folder="b", commit=OTHER)
    plan = plan_import([dss_zip(tmp_path / "a.zip", two)], cache.root)
    assert [str(item.key) for item in plan.items] == ["hf@org/name", "hf@org/second"]
    assert not execute_import(plan).failures
    assert loaded(cache.root) == FILES
    assert loaded(cache.root, "org/second") == {"config.json": b"[]"}


def test_a_split_archive_is_read_in_place(cache: CacheMaker, tmp_path: Path) -> None:
    first = split(dss_zip(tmp_path / "a.zip"), 70_000)
    plan = plan_import(sorted(tmp_path.glob("a.zip.*")), cache.root)
    assert [item.source for item in plan.items] == [str(first)]
    imported(first, cache.root)
    assert loaded(cache.root) == FILES


def test_a_partial_archive_does_not_claim_to_be_the_repository(cache: CacheMaker, tmp_path: Path) -> None:
    """A listing of what a load needed would keep the client from ever fetching the rest."""
    few = {name: data for name, data in FILES.items() if name != ".gitattributes"}
    imported(dss_zip(tmp_path / "a.zip", entries(few)), cache.root)
    assert loaded(cache.root) == few
    assert scan(cache.root).models[0].state is State.UNPROVEN
    imported(dss_zip(tmp_path / "b.zip", entries()), cache.root)
    assert scan(cache.root).models[0].state is State.WHOLE


def test_contents_that_are_not_known_yet_are_not_taken_for_one(cache: CacheMaker, tmp_path: Path) -> None:
    one = dss_zip(tmp_path / "a.zip", entries({"model.safetensors": WEIGHTS}))
    two = dss_zip(tmp_path / "b.zip", entries({"model.safetensors": WEIGHTS[::-1]}, key="hf@org/two"))
    plan = plan_import([one, two], cache.root)
    assert plan.bytes_needed == 2 * len(WEIGHTS)


def test_a_content_of_two_archives_is_written_once(cache: CacheMaker, tmp_path: Path) -> None:
    one = dss_zip(tmp_path / "a.zip", entries(sums=True))
    two = dss_zip(tmp_path / "b.zip", entries(key="hf@org/two", sums=True))
    plan = plan_import([one, two], cache.root)
    assert plan.bytes_needed == sum(map(len, FILES.values()))
    assert [done.bytes_written for done in execute_import(plan).items] == [plan.bytes_needed, 0]


def test_an_odd_size_is_a_note(cache: CacheMaker, tmp_path: Path) -> None:
    said = json.loads(entries()["org_2fname/model_metadata.json"]) | {"sizeInBytes": 5}
    content = entries() | {"org_2fname/model_metadata.json": json.dumps(said).encode()}
    item = planned(dss_zip(tmp_path / "a.zip", content), cache.root)
    assert item.action is Action.NEW
    assert "5 bytes" in item.notes[0]


@pytest.fixture
def sharing_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own whose files can share blocks."""
    place, image = tmp_path / "disk", tmp_path / "image"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(400 << 20)
    try:
        subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, place], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no such disk can be made here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("maker", [aligned_zip, write_folder], ids=lambda maker: maker.__name__)
def test_where_files_can_share_blocks_no_space_is_taken(maker: Maker, sharing_disk: Path) -> None:
    weights = os.urandom((20 << 20) + 123)
    files = FILES | {"model.safetensors": weights}
    path = maker(sharing_disk / "archive.zip", entries(files))
    os.sync()
    before = shutil.disk_usage(sharing_disk).free
    done = imported(path, sharing_disk / "hub")
    os.sync()
    assert before - shutil.disk_usage(sharing_disk).free < 1 << 20
    assert done.bytes_linked >= len(weights)
    assert loaded(sharing_disk / "hub") == files
    shared = sharing_disk / "hub/models--org--name/blobs" / sha256(weights)
    shared.write_bytes(b"changed")
    assert path.is_dir() or weights in path.read_bytes()


# ---- names, commits, refs


@pytest.mark.parametrize(
    ("key", "ref"),
    [
        ("hf@org/name", "main"),
        ("hf@org/name@main", "main"),
        ("hf@org/name@v1.0", "v1.0"),
        ("hf@org/name@refs/pr/3", "refs/pr/3"),
        (f"hf@org/name@{COMMIT}", None),
    ],
)
def test_the_key_s_revision_becomes_a_ref(
    key: str, ref: str | None, cache: CacheMaker, tmp_path: Path
) -> None:
    imported(dss_zip(tmp_path / "a.zip", entries(key=key)), cache.root)
    assert loaded(cache.root, revision=ref or COMMIT) == FILES
    assert dict(scan(cache.root).models[0].refs) == ({ref: COMMIT} if ref else {})


def test_a_model_without_a_name_needs_one(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "org_2fname.zip", entries(key=None, folder=""))
    item = planned(path, cache.root)
    assert (item.action, item.proposal) == (Action.NEEDS_NAME, KEY)
    assert isinstance(item.error, UnknownArchive)
    assert execute_import(plan_import([path], cache.root)).failures
    imported(path, cache.root, name=ModelKey("my/model"))
    assert loaded(cache.root, "my/model") == FILES


def test_a_given_name_is_stronger_than_the_archive_s(cache: CacheMaker, tmp_path: Path) -> None:
    imported(dss_zip(tmp_path / "a.zip"), cache.root, name=ModelKey("my/copy", "v2"))
    assert loaded(cache.root, "my/copy", "v2") == FILES
    assert [model.repo_id for model in scan(cache.root).models] == ["my/copy"]


def test_a_commit_is_derived_from_the_files(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip", entries(commit=None))
    item = planned(path, cache.root)
    assert item.commit is None, "an LFS file was not read yet"
    done = imported(path, cache.root)
    assert done.commit == derived_commit(ETAGS)
    assert loaded(cache.root) == FILES
    with_sums = dss_zip(tmp_path / "b.zip", entries(commit=None, sums=True))
    assert planned(with_sums, cache.root).commit == done.commit
    assert planned(with_sums, cache.root).action is Action.PRESENT
    assert scan(cache.root).models[0].state is State.WHOLE


def test_a_ref_does_not_move_to_what_would_not_load(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", {**FILES, "more.bin": b"more"}, commit=COMMIT, refs=())
    (cache.folder("org/name") / "snapshots" / COMMIT / "more.bin").unlink()
    cache.add("org/name", {"config.json": b"[]"}, commit=OTHER)
    path = dss_zip(tmp_path / "a.zip", entries({"config.json": FILES["config.json"]}))
    [item] = plan_import([path], cache.root).items
    assert (item.ref, item.moves_ref) == (None, None)
    assert "more.bin of this revision would still be missing" in item.notes[-1]
    imported(path, cache.root)
    assert loaded(cache.root) == {"config.json": b"[]"}


def test_moving_a_ref_is_said_before(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", {"config.json": b"[]"}, commit=OTHER)
    path = dss_zip(tmp_path / "a.zip")
    item = planned(path, cache.root)
    assert (item.action, item.moves_ref) == (Action.ADD_REVISION, RefMove("main", OTHER, COMMIT))
    imported(path, cache.root)
    assert loaded(cache.root) == FILES
    assert loaded(cache.root, revision=OTHER) == {"config.json": b"[]"}


# ---- what is there already


def test_what_is_present_is_not_read(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip", entries(sums=True))
    imported(path, cache.root)
    before = tree_of(cache.root)
    plan = plan_import([path], cache.root)
    assert (plan.items[0].action, plan.bytes_needed) == (Action.PRESENT, 0)
    path.unlink()
    asked: set[str] = set()

    def verified(path: Path, status: os.stat_result) -> bool:
        asked.add(path.name)
        return True

    [done] = execute_import(plan, verified=verified).items
    assert (done.error, done.bytes_written, done.checked) == (None, 0, ())
    assert asked == set(ETAGS.values())
    assert tree_of(cache.root) == before


def test_damage_in_the_cache_is_repaired_by_importing_again(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip")
    imported(path, cache.root)
    blob = cache.folder("org/name") / "blobs" / ETAGS["model.safetensors"]
    blob.write_bytes(WEIGHTS[::-1])
    done = imported(path, cache.root)
    assert done.bytes_written == len(WEIGHTS)
    assert loaded(cache.root) == FILES


def test_content_of_another_model_is_linked_not_written(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/base", {"model.safetensors": WEIGHTS})
    path = dss_zip(tmp_path / "a.zip", entries(sums=True))
    item = planned(path, cache.root)
    assert {f.name: f.present for f in item.files}["model.safetensors"] == "other-repo"
    assert item.bytes_needed == item.size - len(WEIGHTS)
    done = imported(path, cache.root)
    assert (done.bytes_written, done.bytes_linked) == (item.bytes_needed, len(WEIGHTS))
    ours = cache.folder("org/name") / "blobs" / ETAGS["model.safetensors"]
    assert ours.samefile(cache.folder("org/base") / "blobs" / ETAGS["model.safetensors"])
    assert loaded(cache.root) == FILES


def test_damaged_content_of_another_model_is_not_linked(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/base", {"model.safetensors": WEIGHTS})
    theirs = cache.folder("org/base") / "blobs" / ETAGS["model.safetensors"]
    theirs.write_bytes(WEIGHTS[::-1])
    imported(dss_zip(tmp_path / "a.zip", entries(sums=True)), cache.root)
    assert loaded(cache.root) == FILES
    assert theirs.read_bytes() == WEIGHTS[::-1]


def test_content_in_the_shared_store_is_linked(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/base", {"model.safetensors": WEIGHTS})
    payload = cache.share("org/base", WEIGHTS)
    imported(dss_zip(tmp_path / "a.zip", entries(sums=True)), cache.root)
    ours = cache.folder("org/name") / "blobs" / ETAGS["model.safetensors"]
    assert not ours.is_symlink()
    assert ours.samefile(payload)
    assert loaded(cache.root) == FILES


def test_files_that_are_missing_are_added(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", {"config.json": FILES["config.json"]}, commit=COMMIT, tree=False)
    path = dss_zip(tmp_path / "a.zip")
    assert planned(path, cache.root).action is Action.COMPLETE
    imported(path, cache.root)
    assert loaded(cache.root) == FILES


def test_a_broken_link_is_mended(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", FILES, commit=COMMIT)
    (cache.folder("org/name") / "blobs" / ETAGS["config.json"]).unlink()
    path = dss_zip(tmp_path / "a.zip")
    assert planned(path, cache.root).action is Action.COMPLETE
    assert imported(path, cache.root).bytes_written == len(FILES["config.json"])
    assert loaded(cache.root) == FILES


def test_a_ref_that_is_missing_is_set(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", FILES, commit=COMMIT, refs=())
    path = dss_zip(tmp_path / "a.zip", entries(sums=True))
    assert planned(path, cache.root).action is Action.COMPLETE
    assert imported(path, cache.root).bytes_written == 0
    assert loaded(cache.root) == FILES


@pytest.mark.parametrize("where", ["snapshot", "copies", "listing"])
def test_other_content_of_the_same_commit_is_a_conflict(
    where: str, cache: CacheMaker, tmp_path: Path
) -> None:
    theirs = FILES | {"config.json": FILES["config.json"].replace(b"bert", b"gpt2")}
    cache.add("org/name", theirs, commit=COMMIT, tree=False, linked=where != "copies")
    if where == "listing":
        (cache.folder("org/name") / f"snapshots/{COMMIT}/config.json").unlink()
        cache.write_tree("org/name", COMMIT, theirs)
    path = dss_zip(tmp_path / "a.zip")
    item = planned(path, cache.root)
    assert (item.action, item.replaces, item.bytes_needed) == (Action.CONFLICT, ("config.json",), 0)
    before = tree_of(cache.root)
    [done] = execute_import(plan_import([path], cache.root)).items
    assert isinstance(done.error, ContentConflict)
    assert tree_of(cache.root) == before
    assert planned(path, cache.root, replace=True).action is Action.REPLACE
    imported(path, cache.root, replace=True)
    assert loaded(cache.root) == FILES
    assert scan(cache.root).models[0].state is State.WHOLE


def test_a_cache_of_copies_is_present_and_completed(
    cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    path = dss_zip(tmp_path / "a.zip")
    imported(path, cache.root)
    assert not any(file.is_symlink() for file in cache.root.rglob("*"))
    assert planned(path, cache.root).action is Action.PRESENT
    assert imported(path, cache.root).bytes_written == 0
    (cache.folder("org/name") / f"snapshots/{COMMIT}/model.safetensors").unlink()
    imported(path, cache.root)
    assert loaded(cache.root) == FILES


# ---- what the Hub calls a content


def test_a_listing_knows_better_which_files_are_lfs(cache: CacheMaker, tmp_path: Path) -> None:
    """A small LFS file, in an archive without `.gitattributes`, is called what the Hub calls it."""
    small = {"config.json": b"{}", "tiny.gguf": b"tiny"}
    cache.add("org/name", {"config.json": b"{}"}, commit=COMMIT)
    cache.write_tree("org/name", COMMIT, small)
    imported(dss_zip(tmp_path / "a.zip", entries(small)), cache.root)
    assert blobs(cache.root) == {git_sha1(b"{}"), sha256(b"tiny")}
    imported(dss_zip(tmp_path / "b.zip", entries(small, key="hf@org/alone")), cache.root)
    assert blobs(cache.root, "org/alone") == {git_sha1(b"{}"), git_sha1(b"tiny")}


def test_content_that_the_listing_contradicts_is_not_taken(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", {"config.json": FILES["config.json"]}, commit=COMMIT)
    cache.write_tree("org/name", COMMIT, FILES | {"model.safetensors": WEIGHTS[::-1]})
    [done] = execute_import(plan_import([dss_zip(tmp_path / "a.zip")], cache.root)).items
    assert isinstance(done.error, DamagedArchive)
    assert "this commit" in str(done.error)
    assert loaded_files(cache) == {"config.json"}


def loaded_files(cache: CacheMaker) -> set[str]:
    return {file.name for file in scan(cache.root).models[0].revisions[0].files}


# ---- bundles


def bundle(folder: Path, **changes: object) -> Path:
    """A bundle of two models, one of them split."""
    folder.mkdir()
    one = dss_zip(folder / "org_2fname.zip", entries())
    split(
        dss_zip(folder / "org_2ftwo.zip", entries({"config.json": b"[]"}, key="hf@org/two", commit=OTHER)),
        200,
    )
    archives = [("hf@org/name", COMMIT, [one]), ("hf@org/two", OTHER, sorted(folder.glob("*.zip.*")))]
    index = {
        "version": 0,
        "archives": [
            {
                "key": key,
                "commit": commit,
                "size": sum(path.stat().st_size for path in paths),
                "files": [
                    {"name": p.name, "size": p.stat().st_size, "sha256": sha256(p.read_bytes())}
                    for p in paths
                ],
            }
            for key, commit, paths in archives
        ],
    }
    sums = {path.name: sha256(path.read_bytes()) for _, _, paths in archives for path in paths}
    (folder / "SHA256SUMS").write_bytes(format_sums(sums))
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def test_a_bundle_is_all_its_archives(cache: CacheMaker, tmp_path: Path) -> None:
    plan = plan_import([bundle(tmp_path / "bundle")], cache.root)
    assert [str(item.key) for item in plan.items] == ["hf@org/name", "hf@org/two"]
    assert not execute_import(plan).failures
    assert loaded(cache.root) == FILES
    assert loaded(cache.root, "org/two") == {"config.json": b"[]"}


def test_a_bundle_that_contradicts_itself_is_refused(cache: CacheMaker, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "bundle")
    (folder / "SHA256SUMS").write_bytes(format_sums({"org_2fname.zip": "0" * 64}))
    bad, good = plan_import([folder], cache.root).items
    assert "different checksums" in bad.problem
    assert good.action is Action.NEW
    (folder / "index.json").write_text("{}")
    [item] = plan_import([folder], cache.root).items
    assert item.action is Action.REFUSED


def test_an_archive_that_its_bundle_does_not_know_is_refused(cache: CacheMaker, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "bundle")
    data = bytearray((folder / "org_2fname.zip").read_bytes())
    data[12] ^= 1  # a time in a header, which nothing else is about
    (folder / "org_2fname.zip").write_bytes(data)
    bad, good = execute_import(plan_import([folder], cache.root)).items
    assert isinstance(bad.error, DamagedArchive)
    assert "bundle" in str(bad.error)
    assert good.error is None
    (folder / "org_2fname.zip").unlink()
    assert "missing" in plan_import([folder], cache.root).items[0].problem
    dss_zip(folder / "org_2fname.zip", entries(key="hf@org/else"))
    assert "holds hf@org/else" in plan_import([folder], cache.root).items[0].problem
    dss_zip(folder / "org_2fname.zip", entries(key="hf@org/other"))
    assert "bytes instead of" in plan_import([folder], cache.root).items[0].problem

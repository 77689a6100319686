from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.archive.bundle import BundleEntry, execute_bundle, read_index
from modelkeep.archive.pack import ArchiveOptions, plan_export
from modelkeep.errors import DamagedArchive, UnknownArchive
from modelkeep.keys import ModelKey
from modelkeep.progress import Cancelled, Progress
from support.caches import CacheMaker, sha256
from support.exports import packables

WHOLE = ArchiveOptions()
FILE = {"name": "a.zip", "size": 1, "sha256": "a" * 64}
ENTRY = {"key": "hf@org/name", "commit": "1" * 40, "size": 1, "files": [FILE]}


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    return tmp_path / "stick" / "models"


def bundle(cache: CacheMaker, folder: Path, options: ArchiveOptions = WHOLE) -> None:
    assert not execute_bundle(plan_export(packables(cache.root), folder, options=options)).failures


def prove(folder: Path) -> None:
    """The medium proves itself with the commands that every Linux has, and the index says the same."""
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    for entry in read_index(folder):
        for file in entry.files:
            content = (folder / file.name).read_bytes()
            assert (len(content), sha256(content)) == (file.size, file.sha256)


def shown(entries: tuple[BundleEntry, ...]) -> list[tuple[str, list[str]]]:
    return [(str(entry.key), [file.name for file in entry.files]) for entry in entries]


def test_a_bundle_has_an_archive_a_model_and_proves_itself(cache: CacheMaker, carried: Path) -> None:
    commit = cache.add("org/one", {"model.bin": bytes(50_000)})
    cache.add("org/two")
    bundle(cache, carried)
    assert sorted(os.listdir(carried)) == ["SHA256SUMS", "index.json", "org_2fone.zip", "org_2ftwo.zip"]
    prove(carried)
    one, two = read_index(carried)
    assert (one.key, one.commit) == (ModelKey("org/one"), commit)
    assert one.size == (carried / "org_2fone.zip").stat().st_size
    assert two.key == ModelKey("org/two")


def test_volumes_are_listed_in_order(cache: CacheMaker, carried: Path) -> None:
    cache.add("org/one", {"model.bin": bytes(50_000)})
    bundle(cache, carried, ArchiveOptions(split=20_000))
    assert shown(read_index(carried)) == [("hf@org/one", [f"org_2fone.zip.00{n}" for n in (1, 2, 3)])]
    prove(carried)


def test_adding_keeps_what_is_there_and_replaces_what_is_made_anew(cache: CacheMaker, carried: Path) -> None:
    cache.add("org/one", {"model.bin": bytes(50_000)})
    bundle(cache, carried)
    (carried / "notes.txt").write_bytes(b"mine")
    with (carried / "SHA256SUMS").open("a") as sums:
        sums.write(f"{sha256(b'mine')}  notes.txt\n")
    cache.add("org/two")
    bundle(cache, carried, ArchiveOptions(split=20_000))
    assert shown(read_index(carried)) == [
        ("hf@org/one", [f"org_2fone.zip.00{n}" for n in (1, 2, 3)]),
        ("hf@org/two", ["org_2ftwo.zip"]),
    ]
    assert "org_2fone.zip" not in os.listdir(carried)
    assert "notes.txt" in (carried / "SHA256SUMS").read_text()
    prove(carried)


def test_a_later_commit_takes_the_place_of_an_earlier_one(cache: CacheMaker, carried: Path) -> None:
    cache.add("org/one")
    bundle(cache, carried)
    commit = cache.add("org/one", {"config.json": b"later"})
    found = [packable for packable in packables(cache.root) if packable.revision.commit == commit]
    execute_bundle(plan_export(found, carried))
    assert [entry.commit for entry in read_index(carried)] == [commit]
    prove(carried)


def test_a_model_is_in_the_index_once_whatever_its_archive_was_called(
    cache: CacheMaker, carried: Path
) -> None:
    cache.add("org/one")
    bundle(cache, carried)
    index = (carried / "index.json").read_text()
    (carried / "index.json").write_text(index.replace("org_2fone.zip", "renamed.zip"))
    bundle(cache, carried)
    assert shown(read_index(carried)) == [("hf@org/one", ["org_2fone.zip"])]


def test_what_could_not_be_exported_is_named_and_not_indexed(cache: CacheMaker, carried: Path) -> None:
    cache.add("org/broken", {"model.bin": b"weights"})
    cache.add("org/good")
    (blob,) = cache.folder("org/broken").glob("blobs/*")
    blob.write_bytes(b"WEIGHTS")
    result = execute_bundle(plan_export(packables(cache.root), carried))
    assert len(result.failures) == 1
    assert [entry.key.repo_id for entry in read_index(carried)] == ["org/good"]
    prove(carried)


def test_a_cancel_while_reading_back_leaves_the_older_index(cache: CacheMaker, carried: Path) -> None:
    cache.add("org/one")
    bundle(cache, carried)
    before = (carried / "index.json").read_bytes()
    cache.add("org/two")

    def report(progress: Progress) -> None:
        if progress.step == "Reading back":
            raise Cancelled

    with pytest.raises(Cancelled):
        execute_bundle(plan_export(packables(cache.root), carried), report=report)
    assert (carried / "index.json").read_bytes() == before


@pytest.mark.parametrize("name", ["index.json", "SHA256SUMS"])
def test_nothing_is_written_over_an_index_that_cannot_be_read(
    cache: CacheMaker, carried: Path, name: str
) -> None:
    cache.add("org/one")
    carried.mkdir(parents=True)
    (carried / name).write_bytes(b"somebody else's")
    with pytest.raises(DamagedArchive, match=name):
        bundle(cache, carried)
    assert os.listdir(carried) == [name]


def test_a_folder_without_an_index_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(UnknownArchive, match="no bundle"):
        read_index(tmp_path)


@pytest.mark.parametrize(
    "index",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        {"version": 1, "archives": []},
        {"version": 0, "archives": {"a": 1}},
        {"version": 0, "archives": ["a"]},
        {"version": 0, "archives": [ENTRY | {"key": "../../etc"}]},
        {"version": 0, "archives": [ENTRY | {"commit": None}]},
        {"version": 0, "archives": [ENTRY | {"files": []}]},
        {"version": 0, "archives": [ENTRY | {"files": [FILE | {"name": "../a.zip"}]}]},
        {"version": 0, "archives": [ENTRY | {"files": [FILE | {"name": ".."}]}]},
        {"version": 0, "archives": [ENTRY | {"files": [FILE | {"name": "C:a.zip"}]}]},
        {"version": 0, "archives": [ENTRY | {"files": [FILE | {"size": -1}]}]},
        {"version": 0, "archives": [ENTRY | {"files": [FILE | {"sha256": "a"}]}]},
        {"version": 0, "archives": [ENTRY | {"files": [{"name": "a.zip"}]}]},
    ],
)
def test_an_index_that_is_none_is_damage(tmp_path: Path, index: object) -> None:
    (tmp_path / "index.json").write_bytes(index if isinstance(index, bytes) else json.dumps(index).encode())
    with pytest.raises(DamagedArchive, match=r"index\.json"):
        read_index(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.sampled_from(["a" * 64, "hf@org/name", "a.zip"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["version", "archives", "files", *ENTRY, *FILE]), inner)
        ),
    )
)
def test_any_json_is_an_index_or_damage(tmp_path: Path, value: object) -> None:
    (tmp_path / "index.json").write_text(json.dumps(value))
    try:
        read_index(tmp_path)
    except DamagedArchive:
        pass

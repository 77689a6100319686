"""Several import plans as the one that the user wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelkeep.archive.import_choice import choose
from modelkeep.archive.import_plan import Action, ImportItem, ImportPlan, plan_import
from modelkeep.archive.unpack import execute_import
from modelkeep.cache.scan import scan
from support.archives import FILES, dss_zip, entries, split

WEIGHTS = len(FILES["model.safetensors"])
SMALL = sum(len(data) for name, data in FILES.items() if name != "model.safetensors")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "hub"


def archive(
    path: Path, key: str, commit: str, files: dict[str, bytes] = FILES, *, sums: bool = False
) -> Path:
    return dss_zip(path, entries(files, key=key, commit=commit * 40, sums=sums))


def plan(path: Path, root: Path) -> ImportPlan:
    return plan_import([path], root)


def test_a_content_that_two_archives_bring_is_counted_once(tmp_path: Path, root: Path) -> None:
    first = plan(archive(tmp_path / "a.zip", "hf@org/a", "a", sums=True), root)
    second = plan(archive(tmp_path / "b.zip", "hf@org/b", "b", sums=True), root)
    assert first.bytes_needed == second.bytes_needed == WEIGHTS + SMALL
    both = choose([first, second])
    assert [item.bytes_needed for item in both.items] == [WEIGHTS + SMALL, 0]
    assert both.bytes_needed == WEIGHTS + SMALL
    assert sum(done.bytes_written for done in execute_import(both).items) == WEIGHTS + SMALL
    assert [model.repo_id for model in scan(root).models] == ["org/a", "org/b"]


def test_contents_that_nobody_knows_yet_are_not_taken_to_be_the_same(tmp_path: Path, root: Path) -> None:
    other = {**FILES, "model.safetensors": b"other weights"}
    first = plan(archive(tmp_path / "a.zip", "hf@org/a", "a"), root)
    second = plan(archive(tmp_path / "b.zip", "hf@org/b", "b", other), root)
    both = choose([first, second])
    assert [item.bytes_needed for item in both.items] == [WEIGHTS + SMALL, len(b"other weights")]


def test_what_only_an_unwanted_model_would_bring_is_counted_for_the_next_one(
    tmp_path: Path, root: Path
) -> None:
    together = plan_import(
        [
            archive(tmp_path / "a.zip", "hf@org/a", "a", sums=True),
            archive(tmp_path / "b.zip", "hf@org/b", "b", sums=True),
        ],
        root,
    )
    assert [item.bytes_needed for item in together.items] == [WEIGHTS + SMALL, 0]
    [kept] = choose([together], lambda item: str(item.key) == "hf@org/b").items
    assert kept.bytes_needed == WEIGHTS + SMALL


def test_what_is_not_wanted_is_not_done(tmp_path: Path, root: Path) -> None:
    first = plan(archive(tmp_path / "a.zip", "hf@org/a", "a"), root)
    second = plan(archive(tmp_path / "b.zip", "hf@org/b", "b"), root)

    def is_b(item: ImportItem) -> bool:
        return str(item.key) == "hf@org/b"

    execute_import(choose([first, second], is_b))
    assert [model.repo_id for model in scan(root).models] == ["org/b"]


def test_all_volumes_of_one_archive_are_one_model(tmp_path: Path, root: Path) -> None:
    first = split(archive(tmp_path / "a.zip", "hf@org/a", "a"), 200_000)
    volumes = sorted(tmp_path.glob("a.zip.*"))
    assert first in volumes
    assert len(volumes) > 2
    [item] = choose([plan(volume, root) for volume in volumes]).items
    assert (item.action, item.bytes_needed) == (Action.NEW, WEIGHTS + SMALL)


def test_what_an_interrupted_import_staged_need_not_be_written_again(tmp_path: Path, root: Path) -> None:
    path = archive(tmp_path / "a.zip", "hf@org/a", "a", sums=True)
    [item] = plan(path, root).items
    blobs = root / ".modelkeep" / "staging" / item.work.id / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "x").write_bytes(b"x" * 1000)
    assert choose([plan(path, root)]).bytes_needed == WEIGHTS + SMALL - 1000

"""A clone, or a snapshot of another cache, comes in as the commit that it is, if it still is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from modelkeep.archive.import_plan import Action
from modelkeep.archive.incoming import derived_commit
from modelkeep.cache.inventory import State
from modelkeep.cache.scan import scan
from support.archives import (
    COMMIT,
    ETAGS,
    FILES,
    WEIGHTS,
    git,
    git_clone,
)
from support.caches import CacheMaker
from support.imports import KEY, blobs, imported, loaded, planned


def test_a_clone_is_its_commit(cache: CacheMaker, tmp_path: Path) -> None:
    clone, commit = git_clone(tmp_path)
    item = planned(clone, cache.root)
    assert (item.action, item.proposal, item.commit) == (Action.NEEDS_NAME, KEY, commit)
    imported(clone, cache.root, name=KEY)
    assert loaded(cache.root, revision=commit) == FILES
    assert blobs(cache.root) == set(ETAGS.values())
    assert scan(cache.root).models[0].state is State.WHOLE


def test_a_clone_in_an_archive_is_its_commit_too(cache: CacheMaker, tmp_path: Path) -> None:
    clone, commit = git_clone(tmp_path)
    git(clone, "pack-refs", "--all")
    subprocess.run(["tar", "-cf", tmp_path / "clone.tar", "-C", tmp_path, "clone"], check=True)
    imported(tmp_path / "clone.tar", cache.root, name=KEY)
    assert loaded(cache.root, revision=commit) == FILES


@pytest.mark.parametrize("change", ["changed", "added", "removed", "staged"])
def test_a_changed_clone_is_another_commit(change: str, cache: CacheMaker, tmp_path: Path) -> None:
    clone, commit = git_clone(tmp_path)
    match change:
        case "changed":
            (clone / "config.json").write_bytes(FILES["config.json"].replace(b"bert", b"gpt2"))
        case "added":
            (clone / "new.json").write_text("{}")
        case "removed":
            (clone / "README.md").unlink()
        case _:
            (clone / "new.json").write_text("{}")
            git(clone, "add", "new.json")
    done = imported(clone, cache.root, name=KEY)
    assert done.commit != commit
    assert done.commit == derived_commit(
        {f.name: Path(f.blob.path).name for f in scan(cache.root).models[0].revisions[0].files if f.blob}
    )


def test_a_clone_without_git_is_a_plain_folder(cache: CacheMaker, tmp_path: Path) -> None:
    clone, _ = git_clone(tmp_path)
    (clone / ".git").rename(tmp_path / "gone")
    assert imported(clone, cache.root, name=KEY).commit == derived_commit(ETAGS)


def test_a_snapshot_of_another_cache_is_its_commit(cache: CacheMaker, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "other")
    other.add("org/name", FILES, commit=COMMIT)
    other.share("org/name", WEIGHTS)
    snapshot = other.folder("org/name") / "snapshots" / COMMIT
    item = planned(snapshot, cache.root)
    assert (item.proposal, item.commit) == (KEY, COMMIT)
    imported(snapshot, cache.root, name=KEY)
    assert loaded(cache.root) == FILES

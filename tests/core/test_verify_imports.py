"""Verifying what was imported: it has to be what the archive brought, whatever the cache says of itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.checking.outcome import FileCheck, Outcome, RevisionCheck, Verdict
from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from support import archives
from support.archives import COMMIT, dss_zip, entries, write_folder
from support.caches import CacheMaker, etag, git_sha1, sha256
from support.hub import HubServer
from support.models import tiny_safetensors

KEY = "hf@org/name"
FILES = archives.FILES | {"model.safetensors": tiny_safetensors()}


@pytest.fixture
def library(cache: CacheMaker) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        yield library


def bring(library: Library, path: Path, *, replace: bool = False) -> None:
    result = library.archives.run_import(library.archives.plan_import([path], replace=replace))
    assert result.failures == ()


def check(library: Library) -> RevisionCheck:
    library.refresh()
    [found] = library.trust.check([Selection(library.roots[0], KEY)]).revisions
    return found


def one(found: RevisionCheck, name: str) -> FileCheck:
    [file] = [file for file in found.files if file.name == name]
    return file


def without_gitattributes() -> dict[str, bytes]:
    """Files of which nothing says that they are all, so that no listing is written for them."""
    return {name: data for name, data in FILES.items() if name != ".gitattributes"}


@pytest.mark.parametrize("sums", [True, False])
def test_the_manifest_of_an_import_is_kept(
    library: Library, cache: CacheMaker, tmp_path: Path, sums: bool
) -> None:
    bring(library, dss_zip(tmp_path / "org.zip", entries(FILES, sums=sums)))
    [model] = library.inventory(cache.root).models
    manifest = library.catalog.manifest(cache.root, model.key, COMMIT)
    assert manifest is not None
    assert {name: (file.size, file.etag, file.sha256) for name, file in manifest.items()} == {
        name: (len(data), etag(name, data), sha256(data)) for name, data in FILES.items()
    }
    assert check(library).verdict is Verdict.GOOD


def test_an_import_says_which_files_there_are(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    bring(library, dss_zip(tmp_path / "org.zip", entries(without_gitattributes())))
    assert not (cache.folder("org/name") / "trees").exists()
    found = check(library)
    assert (found.verdict, found.is_listed) == (Verdict.GOOD, True)
    (cache.folder("org/name") / "snapshots" / COMMIT / "config.json").unlink()
    found = check(library)
    assert found.verdict is Verdict.INCOMPLETE
    assert one(found, "config.json").outcome is Outcome.MISSING
    assert one(found, "config.json").message == "It is not here, but it was imported."
    assert "--from" in one(found, "config.json").hint


def test_another_content_under_its_own_right_name_is_not_what_was_imported(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    bring(library, dss_zip(tmp_path / "org.zip", entries(without_gitattributes())))
    other = b" " * len(FILES["config.json"])
    repo = cache.folder("org/name")
    (repo / "blobs" / git_sha1(other)).write_bytes(other)
    link = repo / "snapshots" / COMMIT / "config.json"
    link.unlink()
    link.symlink_to(os.path.relpath(repo / "blobs" / git_sha1(other), link.parent))
    found = check(library)
    assert one(found, "config.json").outcome is Outcome.WRONG_CONTENT
    assert one(found, "config.json").message == "Its content is not what was imported."
    assert found.verdict is Verdict.DAMAGED
    (repo / "blobs" / git_sha1(other)).write_bytes(other + b" ")
    assert one(check(library), "config.json").outcome is Outcome.WRONG_SIZE


def test_what_another_program_fetched_since_is_measured_by_its_listing(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    changed = without_gitattributes() | {"config.json": b'{"changed": "by who packed it"}'}
    bring(library, dss_zip(tmp_path / "org.zip", entries(changed)))
    assert check(library).verdict is Verdict.GOOD
    (cache.folder("org/name") / "snapshots" / COMMIT / "config.json").unlink()
    cache.add("org/name", {"config.json": FILES["config.json"]}, commit=COMMIT)
    cache.write_tree("org/name", COMMIT, without_gitattributes())
    found = check(library)
    assert (found.verdict, found.bad) == (Verdict.GOOD, ())


def test_plain_copies_are_checked_by_the_manifest(
    library: Library, cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    bring(library, dss_zip(tmp_path / "org.zip", entries(without_gitattributes())))
    path = cache.folder("org/name") / "snapshots" / COMMIT / "model.safetensors"
    assert not path.is_symlink()
    assert check(library).verdict is Verdict.GOOD
    path.write_bytes(FILES["model.safetensors"][:-1] + b"?")
    found = check(library)
    assert one(found, "model.safetensors").outcome is Outcome.WRONG_CONTENT
    assert one(found, "config.json").outcome is Outcome.REMEMBERED


def test_two_imports_of_one_commit_are_known_together(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    for name in ("config.json", "model.safetensors"):
        bring(library, dss_zip(tmp_path / f"{name}.zip", entries({name: FILES[name]})))
    assert check(library).verdict is Verdict.GOOD
    for name in ("config.json", "model.safetensors"):
        (cache.folder("org/name") / "snapshots" / COMMIT / name).unlink()
    assert {file.name for file in check(library).bad} == {"config.json", "model.safetensors"}


def test_a_model_that_came_anew_is_measured_by_what_came_then(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    bring(library, dss_zip(tmp_path / "first.zip", entries(without_gitattributes())))
    library.delete(library.plan_deletion([Selection(library.roots[0], KEY)]))
    bring(library, write_folder(tmp_path / "second", entries({"config.json": FILES["config.json"]})))
    found = check(library)
    assert (found.verdict, len(found.files)) == (Verdict.GOOD, 1)


def test_access_times_stay(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    bring(library, dss_zip(tmp_path / "org.zip", entries(without_gitattributes(), sums=True)))
    blobs = list((cache.folder("org/name") / "blobs").iterdir())
    for blob in blobs:
        os.utime(blob, (1_000_000, blob.stat().st_mtime + 1))
    library.refresh()
    result = library.trust.check(deep=True)
    assert result.bytes_read == sum(map(len, without_gitattributes().values()))
    assert {blob.stat().st_atime for blob in blobs} == {1_000_000}


def test_what_was_downloaded_since_is_measured_by_the_hub(
    library: Library, cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        commit = server.add("org/name", without_gitattributes())
        untrue = {"config.json": b"{}", "README.md": b"What no commit of that name has."}
        bring(library, dss_zip(tmp_path / "org.zip", entries(untrue, commit=commit)))
        assert check(library).commit == commit
        library.hubs.download(library.hubs.plan_download("org/name"))
    assert check(library).bad == ()

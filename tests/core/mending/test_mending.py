"""Where a good copy comes from: real caches, archives and a hub on this machine, and what is not believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.archive.manifest import METADATA_NAME
from modelkeep.cache.trash import list_trash
from modelkeep.checking.outcome import Outcome
from modelkeep.disk import DiskSpace
from modelkeep.errors import ArchiveError, SettingsError
from modelkeep.library import Library
from modelkeep.mending.plan import Where
from modelkeep.rows import Selection
from support.archives import dss_zip, entries, real_tar, write_folder
from support.caches import CacheMaker, etag, sha256
from support.cli import tree
from support.hub import HubServer
from support.hub_faults import Cut, Flipped, RangeIgnored, Status, Truncated, too_many
from support.imports import loaded
from support.mending import (
    FILES,
    NAME,
    REPO,
    WEIGHTS,
    blob,
    damage,
    flipped,
    is_good,
    mend,
    mended,
    only,
    plan,
    trashed,
    verify,
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


# ---- where it comes from


def test_a_bad_file_comes_back_alone_from_another_cache(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add("org/same-weights", {NAME: WEIGHTS})
    source = blob(other, repo_id="org/same-weights")
    bad = damage(blob(cache))
    untouched = tree(other.root), tree(cache.folder(REPO) / "snapshots")
    made = plan(library, cache.root)
    item = only(made)
    assert (item.origin, item.outcome) == ((Where.CACHE, str(source), ""), Outcome.WRONG_CONTENT)
    assert (item.name, item.etag, item.size) == (NAME, sha256(WEIGHTS), len(WEIGHTS))
    assert made.bytes_needed == len(WEIGHTS)
    assert made.fits
    [done] = library.trust.mend(made).items
    assert (done.error, done.entry) == ("", list_trash(cache.root)[0].id)
    is_good(library, cache.root)
    assert trashed(cache.root) == [bad]
    assert untouched == (tree(other.root), tree(cache.folder(REPO) / "snapshots"))


def test_the_good_content_is_a_copy_so_that_the_two_cannot_go_bad_together(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    mended(library, cache.root)
    assert blob(cache).stat().st_nlink == blob(other).stat().st_nlink == 1
    damage(blob(other))
    assert blob(cache).read_bytes() == WEIGHTS


def test_a_plan_writes_nothing(cache: CacheMaker, other: CacheMaker, library: Library) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    before = tree(cache.root, other.root)
    assert plan(library, cache.root).mendable
    assert tree(cache.root, other.root) == before


def test_what_was_mended_need_not_be_read_again(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    mend(library, cache.root)
    [check] = verify(library, cache.root).revisions
    assert {file.outcome for file in check.files} == {Outcome.REMEMBERED}


def test_a_good_file_of_another_revision_is_left_alone(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, {NAME: WEIGHTS, "copy.safetensors": WEIGHTS}, refs=("v1",))
    commit = cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    item = only(plan(library, cache.root))
    names = {name.partition(" ")[0] for name in (item.name, *item.others)}
    assert (names, len(item.others)) == ({NAME, "copy.safetensors"}, 2)
    assert any(commit[:8] in name for name in item.others) or item.commit == commit
    mended(library, cache.root)
    assert loaded(cache.root, revision="v1") == {NAME: WEIGHTS, "copy.safetensors": WEIGHTS}


def exported(library: Library, cache: CacheMaker, folder: Path) -> Path:
    made = library.archives.plan_export([Selection(str(cache.root), f"hf@{REPO}")], folder)
    [archive] = library.archives.export(made).archives
    return Path(archive.paths[0])


def test_it_comes_from_an_archive_of_ours(cache: CacheMaker, library: Library, tmp_path: Path) -> None:
    cache.add(REPO, FILES)
    archive = exported(library, cache, tmp_path / "out")
    bad = damage(blob(cache))
    damage(blob(cache, "config.json"))
    blob(cache, "sub/vocab.txt").unlink()
    made = plan(library, cache.root, archives=[archive])
    assert {item.origin and item.origin.where for item in made.items} == {Where.ARCHIVE}
    result = library.trust.mend(made)
    assert not result.failures
    assert len(result.entries) == 1  # one for the model
    is_good(library, cache.root)
    assert bad in trashed(cache.root)


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "folder", "clone of files"])
def test_it_comes_from_what_has_no_checksums(
    kind: str, cache: CacheMaker, library: Library, tmp_path: Path
) -> None:
    commit = cache.add(REPO, FILES)
    content = entries(FILES, key=f"hf@{REPO}", commit=commit)
    match kind:
        case "zip":
            archive = dss_zip(tmp_path / "a.zip", content)
        case "tar.gz":
            archive = real_tar(tmp_path / "a.tar.gz", content, "-z")
        case "folder":
            archive = write_folder(tmp_path / "a", content)
        case _:
            archive = write_folder(tmp_path / "a", FILES)
    damage(blob(cache))
    damage(blob(cache, "config.json"))
    mended(library, cache.root, archives=[archive])


def test_an_archive_that_is_damaged_elsewhere_still_gives_what_is_good_in_it(
    cache: CacheMaker, library: Library, tmp_path: Path
) -> None:
    commit = cache.add(REPO, FILES)
    content = entries(FILES, key=f"hf@{REPO}", commit=commit, sums=True)
    content = {n: flipped(data) if n.endswith("vocab.txt") else data for n, data in content.items()}
    damage(blob(cache))
    mended(library, cache.root, archives=[dss_zip(tmp_path / "a.zip", content)])


def test_it_comes_from_where_the_model_was_imported(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    archive = dss_zip(tmp_path / "a.zip", entries(FILES, key=f"hf@{REPO}", sums=True))
    library.archives.run_import(library.archives.plan_import([archive], str(cache.root)))
    damage(blob(cache))
    item = only(plan(library, cache.root))
    assert item.origin
    assert (item.origin.where, item.origin.place) == (Where.ARCHIVE, str(archive))
    archive.unlink()
    assert only(plan(library, cache.root)).origin is None


def test_an_archive_that_was_named_and_cannot_be_read_is_an_error(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    cache.add(REPO, FILES)
    damage(blob(cache))
    (tmp_path / "a.zip").write_bytes(b"no archive")
    with pytest.raises(ArchiveError):
        plan(library, cache.root, archives=[tmp_path / "a.zip"])


def test_an_archive_of_another_model_is_no_origin(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    cache.add(REPO, FILES)
    damage(blob(cache))
    archive = dss_zip(tmp_path / "a.zip", entries(FILES, key="hf@org/else"))
    assert only(plan(library, cache.root, archives=[archive])).origin is None


# ---- from a hub


def hub_model(server: HubServer, cache: CacheMaker) -> str:
    commit = server.add(REPO, FILES)
    cache.add(REPO, FILES, commit=commit)
    return commit


def test_it_comes_from_a_hub_only_when_that_is_said(
    server: HubServer, cache: CacheMaker, library: Library
) -> None:
    hub_model(server, cache)
    damage(blob(cache))
    item = only(plan(library, cache.root))
    assert (item.origin, item.problem) == (None, "No other cache has it.")
    [done] = mend(library, cache.root).items
    assert done.error == "No other cache has it."
    made = plan(library, cache.root, hub=True)
    assert server.requests == []  # a plan asks nobody
    assert only(made).origin == (Where.HUB, "default", "")
    result = mended(library, cache.root, hub=True)
    assert {(r.method, r.path.rpartition("/")[2]) for r in server.requests} == {("GET", NAME)}
    assert result.fetched == len(WEIGHTS)


@pytest.mark.parametrize(
    "fault", [Cut(200_000), RangeIgnored(), Flipped(300_000), too_many("0"), Status(503), Truncated(9_000)]
)
def test_a_hub_that_stumbles_is_asked_again(
    fault: object, server: HubServer, cache: CacheMaker, library: Library
) -> None:
    hub_model(server, cache)
    damage(blob(cache))
    if isinstance(fault, RangeIgnored):
        server.fault(f"*/{NAME}", Cut(200_000))
        server.fault(f"*/{NAME}", fault, after=1)
    else:
        server.fault(f"*/{NAME}", fault)  # type: ignore[arg-type]
    mended(library, cache.root, hub=True)


def test_wrong_bytes_from_a_hub_change_nothing(
    server: HubServer, cache: CacheMaker, library: Library
) -> None:
    hub_model(server, cache)
    bad = damage(blob(cache))
    server.fault(f"*/{NAME}", Flipped(300_000), times=None)
    before = tree(cache.root)
    [done] = mend(library, cache.root, hub=True).items
    assert "wrong content 3 times" in done.error
    assert blob(cache).read_bytes() == bad
    assert {path: one for path, one in tree(cache.root).items() if "/.locks" not in path} == {
        path: one for path, one in before.items() if "/.locks" not in path
    }


def test_what_only_the_hub_knows_the_size_of_has_to_fit_too(
    server: HubServer, cache: CacheMaker, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = server.add(REPO, FILES)
    cache.add(REPO, FILES, commit=commit, tree=False)
    bad = damage(blob(cache))
    made = plan(library, cache.root, hub=True)
    assert only(made).size == -1
    monkeypatch.setattr("modelkeep.mending.arrival.free_space", lambda path: DiskSpace(10**9, 10**5))
    result = library.trust.mend(made)
    assert "are needed on the disk" in result.failures[0]
    assert (result.fetched, blob(cache).read_bytes()) == (0, bad)


def test_a_hub_with_another_content_is_not_believed(
    server: HubServer, cache: CacheMaker, library: Library
) -> None:
    commit = server.add(REPO, FILES | {NAME: flipped(WEIGHTS)})
    cache.add(REPO, FILES, commit=commit)
    damage(blob(cache))
    result = mend(library, cache.root, hub=True)
    assert "another content" in result.failures[0]
    assert (result.fetched, len(server.requests)) == (0, 1)


def test_offline_is_told_by_the_plan_and_kept_by_the_mending(
    server: HubServer, cache: CacheMaker, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_model(server, cache)
    damage(blob(cache))
    made = plan(library, cache.root, hub=True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in only(plan(library, cache.root, hub=True)).problem
    [done] = library.trust.mend(made).items
    assert "HF_HUB_OFFLINE" in done.error
    assert server.requests == []


def test_a_profile_that_is_not_known_is_an_error(cache: CacheMaker, library: Library) -> None:
    cache.add(REPO, FILES)
    with pytest.raises(SettingsError):
        plan(library, cache.root, profile="nobody")


def test_the_next_origin_is_asked_when_one_is_bad_too(
    server: HubServer, cache: CacheMaker, other: CacheMaker, library: Library, tmp_path: Path
) -> None:
    commit = hub_model(server, cache)
    other.add(REPO, FILES)
    damage(blob(cache))
    damage(blob(other))  # which nobody has verified
    lying = entries(FILES | {NAME: flipped(WEIGHTS)}, key=f"hf@{REPO}", commit=commit)
    archive = dss_zip(tmp_path / "a.zip", lying)
    item = only(plan(library, cache.root, archives=[archive], hub=True))
    assert item.origin
    assert [one.where for one in (item.origin, *item.more)] == [Where.CACHE, Where.ARCHIVE, Where.HUB]
    without = mend(library, cache.root, archives=[archive])
    assert "either" in without.failures[0]
    result = mended(library, cache.root, archives=[archive], hub=True)
    assert result.items[0].item.origin == (Where.HUB, "default", "")
    assert blob(other).read_bytes() == flipped(WEIGHTS)


def test_metadata_is_not_taken_for_a_file(cache: CacheMaker, library: Library, tmp_path: Path) -> None:
    commit = cache.add(REPO, FILES | {METADATA_NAME: b"{}"})
    damage(cache.folder(REPO) / "blobs" / etag(METADATA_NAME, b"{}"))
    archive = dss_zip(tmp_path / "a.zip", entries(FILES, key=f"hf@{REPO}", commit=commit))
    assert only(plan(library, cache.root, archives=[archive])).origin is None

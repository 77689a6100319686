"""Verifying real caches: what is whole, what is damaged, what is read and what is remembered."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.deletion import execute_deletion
from modelkeep.cache.inventory import State
from modelkeep.cache.scan import scan
from modelkeep.cache.trash import restore
from modelkeep.checking.background import LOWEST, io_priority
from modelkeep.checking.outcome import FileCheck, Outcome, RevisionCheck, Verdict, Verification
from modelkeep.checking.quarantine import plan_quarantine
from modelkeep.checking.verify import execute_verification, last_verified, plan_verification
from modelkeep.errors import ModelNotFound
from modelkeep.progress import Cancelled, Progress, Report, ignore
from support.caches import CacheMaker, etag, sha256
from support.models import safetensors_file, tiny_gguf, tiny_safetensors

FILES = {
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": tiny_safetensors(),
    "model.gguf": tiny_gguf(),
}


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with Catalog() as opened:
        yield opened


def verify(
    cache: CacheMaker, catalog: Catalog, *, deep: bool = False, report: Report = ignore
) -> Verification:
    chosen = [(model, None) for model in scan(cache.root).models]
    return execute_verification(plan_verification(chosen, catalog, deep=deep), catalog, report=report)


def only(result: Verification) -> RevisionCheck:
    [check] = result.revisions
    return check


def one(result: Verification, name: str) -> FileCheck:
    [file] = [file for file in only(result).files if file.name == name]
    return file


def outcomes(result: Verification) -> set[Outcome]:
    return {file.outcome for check in result.revisions for file in check.files}


def blob(cache: CacheMaker, name: str, repo_id: str = "org/model") -> Path:
    return cache.folder(repo_id) / "blobs" / etag(name, FILES[name])


def overwrite(path: Path, content: bytes) -> None:
    """Put bytes in place with no sign of it: the same file, size and times."""
    before = path.stat()
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def flipped(content: bytes) -> bytes:
    """With one bit of the last byte turned."""
    return content[:-1] + bytes([content[-1] ^ 1])


# ---- what is found


def test_a_whole_model_is_good_and_each_byte_is_read_once(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    result = verify(cache, catalog)
    assert outcomes(result) == {Outcome.GOOD}
    assert only(result).verdict is Verdict.GOOD
    assert result.bytes_read == sum(map(len, FILES.values()))
    assert result.failures == ()


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_found(cache: CacheMaker, catalog: Catalog, name: str) -> None:
    cache.add("org/model", FILES)
    blob(cache, name).write_bytes(flipped(FILES[name]))
    result = verify(cache, catalog)
    assert [file.name for file in only(result).bad] == [name]
    assert one(result, name).outcome is Outcome.WRONG_CONTENT
    assert one(result, name).hint == "Bring it back alone: modelkeep mend org/model --hub"
    assert only(result).verdict is Verdict.DAMAGED


def test_a_flipped_bit_in_the_shared_store_is_found_in_all_that_lead_to_it(
    cache: CacheMaker, catalog: Catalog
) -> None:
    content = FILES["model.safetensors"]
    for repo_id in ("org/a", "org/b"):
        cache.add(repo_id, FILES)
        payload = cache.share(repo_id, content)
    result = verify(cache, catalog)
    assert outcomes(result) == {Outcome.GOOD}
    assert result.bytes_read < 2 * sum(map(len, FILES.values()))
    assert verify(cache, catalog).bytes_read == 0, "What lies outside of the models is remembered too."
    overwrite(payload, flipped(content))
    os.utime(payload)
    result = verify(cache, catalog)
    assert [[file.name for file in check.bad] for check in result.revisions] == [["model.safetensors"]] * 2


def test_a_truncated_file_has_the_wrong_size_and_is_not_read(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    os.truncate(blob(cache, "model.gguf"), 100)
    result = verify(cache, catalog)
    assert one(result, "model.gguf").outcome is Outcome.WRONG_SIZE
    assert f"{len(FILES['model.gguf']):,}" in one(result, "model.gguf").message
    assert result.bytes_read == sum(map(len, FILES.values())) - len(FILES["model.gguf"])


def test_a_truncated_file_without_a_listing_is_found_by_its_name(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES, tree=False)
    os.truncate(blob(cache, "config.json"), 5)
    result = verify(cache, catalog)
    assert one(result, "config.json").outcome is Outcome.WRONG_CONTENT


def test_missing_files_are_named(cache: CacheMaker, catalog: Catalog) -> None:
    commit = cache.add("org/model", FILES)
    blob(cache, "model.gguf").unlink()
    (cache.folder("org/model") / "snapshots" / commit / "config.json").unlink()
    result = verify(cache, catalog)
    assert {file.name: file.outcome for file in only(result).bad} == {
        "config.json": Outcome.MISSING,
        "model.gguf": Outcome.MISSING,
    }
    assert only(result).verdict is Verdict.INCOMPLETE


def test_a_model_that_is_only_a_folder_is_incomplete(cache: CacheMaker, catalog: Catalog) -> None:
    cache.set_ref("org/model", "main", "a" * 40)
    result = verify(cache, catalog)
    assert only(result).verdict is Verdict.INCOMPLETE
    assert only(result).commit == ""


def test_a_listing_that_names_another_content_is_told(cache: CacheMaker, catalog: Catalog) -> None:
    commit = cache.add("org/model", FILES)
    cache.write_tree("org/model", commit, FILES | {"config.json": flipped(FILES["config.json"])})
    result = verify(cache, catalog)
    assert one(result, "config.json").outcome is Outcome.NOT_AS_LISTED


def test_without_a_listing_files_are_good_and_the_revision_is_unproven(
    cache: CacheMaker, catalog: Catalog
) -> None:
    cache.add("org/model", FILES, tree=False)
    result = verify(cache, catalog)
    assert outcomes(result) == {Outcome.GOOD}
    assert only(result).verdict is Verdict.UNPROVEN


def test_plain_copies_are_checked_by_the_listing(cache: CacheMaker, catalog: Catalog) -> None:
    commit = cache.add("org/model", FILES, linked=False)
    assert outcomes(verify(cache, catalog)) == {Outcome.GOOD}
    for name in ("config.json", "model.safetensors"):
        path = cache.folder("org/model") / "snapshots" / commit / name
        overwrite(path, flipped(FILES[name]))
        os.utime(path)
    result = verify(cache, catalog)
    assert {file.name for file in only(result).bad} == {"config.json", "model.safetensors"}
    assert {file.outcome for file in only(result).bad} == {Outcome.WRONG_CONTENT}


def test_plain_copies_without_a_listing_are_unproven(cache: CacheMaker, catalog: Catalog) -> None:
    commit = cache.add("org/model", FILES, linked=False, tree=False)
    assert outcomes(verify(cache, catalog)) == {Outcome.UNPROVEN}
    overwrite(cache.folder("org/model") / "snapshots" / commit / "config.json", b"!")
    assert outcomes(verify(cache, catalog)) == {Outcome.UNPROVEN}
    result = verify(cache, catalog, deep=True)
    assert one(result, "config.json").outcome is Outcome.WRONG_CONTENT


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "model.safetensors",
            safetensors_file({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}),
        ),
        ("model.gguf", tiny_gguf()[:60]),
    ],
)
def test_a_header_out_of_bounds_is_found(
    cache: CacheMaker, catalog: Catalog, name: str, content: bytes
) -> None:
    cache.add("org/model", FILES | {name: content})
    for _ in range(2):  # read, and remembered
        result = verify(cache, catalog)
        assert one(result, name).outcome is Outcome.HEADER_DAMAGED
        assert "published" in one(result, name).hint


@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
def test_an_index_that_names_a_missing_file_is_found(
    cache: CacheMaker, catalog: Catalog, weights: str
) -> None:
    stem, _, suffix = weights.partition(".")
    shards = [f"{stem}-0000{n}-of-00002.{suffix}" for n in (1, 2)]
    index = b'{"weight_map": {"a": "%s", "b": "%s"}}' % tuple(shard.encode() for shard in shards)
    files = {f"part/{weights}.index.json": index, f"part/{shards[0]}": tiny_safetensors()}
    cache.add("org/model", files, tree=False)
    result = verify(cache, catalog)
    [bad] = only(result).bad
    assert bad.outcome is Outcome.INDEX_INCOMPLETE
    assert bad.message == f"It names part/{shards[1]}, which is not here."
    assert only(result).verdict is Verdict.INCOMPLETE


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_cannot_be_read_is_told(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    blob(cache, "config.json").chmod(0)
    assert one(verify(cache, catalog), "config.json").outcome is Outcome.UNREADABLE


def test_a_pipe_in_place_of_a_content_is_not_waited_for(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES, tree=False)
    blob(cache, "config.json").unlink()
    os.mkfifo(blob(cache, "config.json"))
    assert one(verify(cache, catalog), "config.json").outcome is Outcome.UNREADABLE


# ---- what is read


def test_an_unchanged_file_is_not_read_again_but_deep(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    verify(cache, catalog)
    for name, content in FILES.items():
        overwrite(blob(cache, name), flipped(content))
    again = verify(cache, catalog)
    assert outcomes(again) == {Outcome.REMEMBERED}
    assert again.bytes_read == 0
    deep = verify(cache, catalog, deep=True)
    assert outcomes(deep) == {Outcome.WRONG_CONTENT}
    assert outcomes(verify(cache, catalog)) == {Outcome.WRONG_CONTENT}, "What is bad must not be forgotten."


def test_a_file_that_was_written_to_is_read_again(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    verify(cache, catalog)
    blob(cache, "config.json").write_bytes(FILES["config.json"])
    again = verify(cache, catalog)
    assert one(again, "config.json").outcome is Outcome.GOOD
    assert again.bytes_read == len(FILES["config.json"])


def test_contents_of_several_revisions_and_models_are_read_once(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    cache.add("org/model", FILES | {"README.md": b"new"}, refs=("v2",))
    cache.add("org/other", FILES)
    name = "model.safetensors"
    blob(cache, name, "org/other").unlink()
    blob(cache, name, "org/other").hardlink_to(blob(cache, name))
    result = verify(cache, catalog)
    assert outcomes(result) == {Outcome.GOOD}
    assert result.bytes_read == 2 * sum(map(len, FILES.values())) - len(FILES[name]) + len(b"new")
    assert verify(cache, catalog).bytes_read == 0


def test_access_times_stay(cache: CacheMaker, catalog: Catalog) -> None:
    index = b'{"weight_map": {"a": "model.safetensors"}}'
    commit = cache.add("org/model", FILES | {"model.safetensors.index.json": index})
    snapshot = cache.folder("org/model") / "snapshots" / commit
    paths = [path.resolve() for path in snapshot.iterdir()]
    for path in paths:
        os.utime(path, (1_000_000, path.stat().st_mtime))
    verify(cache, catalog)
    assert {path.stat().st_atime for path in paths} == {1_000_000}


def test_nothing_in_the_cache_is_changed(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    before = {p: (p.lstat().st_mtime_ns, p.lstat().st_ino) for p in cache.root.rglob("*")}
    verify(cache, catalog, deep=True)
    assert before == {p: (p.lstat().st_mtime_ns, p.lstat().st_ino) for p in cache.root.rglob("*")}


@pytest.mark.skipif(io_priority() < 0, reason="this system has no such priorities")
def test_who_needs_the_disk_goes_before_a_verification(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", {"weights.bin": bytes(64 << 20)})
    before, others = io_priority(), set(threading.enumerate())
    seen = set()

    def look(progress: Progress) -> None:
        """Wait for the priority of each thread that reads; what does not end waits for this to return."""
        for thread in set(threading.enumerate()) - others:
            while not thread.daemon and thread.is_alive():
                seen.add(now := io_priority(thread.native_id or 0))
                if now == LOWEST:
                    break

    verify(cache, catalog, report=look)
    assert LOWEST in seen
    assert io_priority() == before


# ---- what is kept


def test_when_a_revision_was_verified_is_known_until_it_changes(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    [model] = scan(cache.root).models
    assert last_verified(catalog, model.revisions[0]) is None
    result = verify(cache, catalog)
    known = last_verified(catalog, model.revisions[0])
    assert known
    assert (known.verdict, known.deep, known.checked) == (Verdict.GOOD, False, only(result).checked)
    assert known.at >= known.checked > 0
    verify(cache, catalog, deep=True)
    known = last_verified(catalog, model.revisions[0])
    assert known
    assert known.deep
    os.utime(blob(cache, "config.json"))
    [model] = scan(cache.root).models
    assert last_verified(catalog, model.revisions[0]) is None


def test_what_was_read_before_a_cancel_is_remembered(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", {f"{n}.bin": b"%d" % n * 1000 for n in range(50)})
    seen: list[Progress] = []

    def cancel(progress: Progress) -> None:
        seen.append(progress)
        if progress.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        verify(cache, catalog, report=cancel)
    assert seen[-1].total == sum(len(b"%d" % n * 1000) for n in range(50))
    plan = plan_verification([(model, None) for model in scan(cache.root).models], catalog)
    assert plan.bytes_to_read < seen[-1].total
    assert only(verify(cache, catalog)).verdict is Verdict.GOOD


# Two contents are read; whoever begins another waits, until the first ones are written down and the process ends.
_KILLED = """
import os, signal, sys, threading
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.scan import scan
from modelkeep.checking import verify

catalog = Catalog()
plan = verify.plan_verification([(model, None) for model in scan(sys.argv[1]).models], catalog)
first = list(plan.contents.values())[:2]
check_content = verify.check_content

def check(content, now, count):
    if content not in first:
        threading.Event().wait()
    return check_content(content, now, count)

def report(progress):
    if all(catalog.checksums(content.paths[0], content.status) for content in first):
        os.kill(os.getpid(), signal.SIGKILL)

verify.check_content = check
verify._KEPT_EVERY = 0
verify.execute_verification(plan, catalog, report=report)
"""


def test_a_kill_costs_only_what_was_read_last(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", {f"{n}.bin": b"%d" % n * 1000 for n in range(6)})
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(cache.root)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    found = [file.outcome for file in only(verify(cache, catalog)).files]
    assert (found.count(Outcome.REMEMBERED), found.count(Outcome.GOOD)) == (2, 4)


# ---- quarantine


def test_what_is_damaged_goes_to_the_trash_and_comes_back_from_it(
    cache: CacheMaker, catalog: Catalog
) -> None:
    cache.add("org/model", FILES)
    cache.add("org/model", FILES | {"README.md": b"new"}, refs=("v2",))
    place = blob(cache, "model.safetensors")
    place.write_bytes(flipped(FILES["model.safetensors"]))
    inventory = scan(cache.root)
    plan = plan_quarantine(inventory, verify(cache, catalog))
    assert place.exists(), "A plan changes nothing."
    done = execute_deletion(plan)
    assert done.failures == ()
    assert not place.exists()
    [model] = scan(cache.root).models
    assert model.state is State.INCOMPLETE
    assert [revision.missing for revision in model.revisions] == [("model.safetensors",)] * 2
    assert {file.name for check in verify(cache, catalog).revisions for file in check.bad} == {
        "model.safetensors"
    }
    restore(cache.root, [item.entry for item in done.items])
    assert sha256(place.read_bytes()) != place.name


def test_what_was_fetched_anew_meanwhile_is_not_put_into_quarantine(
    cache: CacheMaker, catalog: Catalog
) -> None:
    cache.add("org/model", FILES)
    good = FILES["model.safetensors"]
    path = blob(cache, "model.safetensors")
    path.write_bytes(good[:-1] + b"?")
    found = verify(cache, catalog)
    assert plan_quarantine(scan(cache.root), found).items
    path.with_name("new").write_bytes(good)
    path.with_name("new").replace(path)
    with pytest.raises(ModelNotFound):
        plan_quarantine(scan(cache.root), found)


def test_a_listed_name_that_cannot_be_written_is_missing_all_the_same(
    cache: CacheMaker, catalog: Catalog
) -> None:
    commit = cache.add("org/model", FILES)
    listing = cache.write_tree("org/model", commit, FILES | {"half": b"x"})
    listing.write_text(listing.read_text().replace('"half"', '"half \\ud800"'))
    [bad] = only(verify(cache, catalog)).bad
    assert (bad.name, bad.outcome) == ("half ?", Outcome.MISSING)
    assert bad.path.encode()


def test_what_is_deleted_while_it_is_verified_is_missing_and_not_damaged(
    cache: CacheMaker, catalog: Catalog
) -> None:
    cache.add("org/model", FILES)
    plan = plan_verification([(model, None) for model in scan(cache.root).models], catalog)
    shutil.rmtree(cache.folder("org/model"))
    found = only(execute_verification(plan, catalog))
    assert {file.outcome for file in found.files} == {Outcome.MISSING}
    assert found.verdict is Verdict.INCOMPLETE


def test_a_good_cache_has_nothing_for_the_quarantine(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", FILES)
    with pytest.raises(ModelNotFound):
        plan_quarantine(scan(cache.root), verify(cache, catalog))

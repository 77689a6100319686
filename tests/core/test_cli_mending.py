"""`mend` as it is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.archives import dss_zip, entries
from support.caches import CacheMaker, etag
from support.cli import check_shape, done, roots, run, run_on_terminal, tree
from support.hub import HubServer
from support.imports import loaded
from support.json_shapes import MENDING
from support.models import tiny_bert_files

FILES = tiny_bert_files()
NAME = "model.safetensors"


@pytest.fixture
def other(tmp_path: Path) -> CacheMaker:
    made = CacheMaker(tmp_path / "other")
    made.add("org/model", FILES)
    return made


@pytest.fixture(autouse=True)
def both(cache: CacheMaker, other: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELKEEP_ROOTS", os.pathsep.join(map(str, (cache.root, other.root))))


def damage(cache: CacheMaker, name: str = NAME) -> Path:
    path = cache.folder("org/model") / "blobs" / etag(name, FILES[name])
    path.write_bytes(FILES[name][:-1] + b"?")
    return path


def test_a_bad_file_is_mended_from_another_cache(cache: CacheMaker, other: CacheMaker) -> None:
    commit = cache.add("org/model", FILES)
    damage(cache)
    before = tree(other.root)
    result = done("mend", "org/model", "--yes", *roots(cache.root))
    [line] = result.out.splitlines()
    assert line.startswith(f"org/model@{commit[:8]} {NAME}  mended, from the cache at {other.root}")
    assert "What was bad is in the trash: " in result.err
    assert loaded(cache.root, "org/model") == FILES
    assert tree(other.root) == before
    assert done("mend", "--all", *roots(cache.root)).out == "There is nothing to mend.\n"
    assert done("verify", "--all").err == ""


def test_only_the_caches_that_were_named_are_mended(cache: CacheMaker, other: CacheMaker) -> None:
    cache.add("org/model", FILES)
    bad = damage(other)
    content = bad.read_bytes()
    for what in ("--all", "org/model"):
        assert "nothing to mend" in done("mend", what, "--yes", *roots(cache.root)).out
    assert bad.read_bytes() == content
    cache.add("org/here", {"a.bin": b"1"})
    assert "not in the caches" in run("mend", "org/here", *roots(other.root)).err
    done("mend", "--all", "--yes")
    assert loaded(other.root, "org/model") == FILES


def test_a_dry_run_shows_the_plan_and_changes_nothing(cache: CacheMaker, other: CacheMaker) -> None:
    cache.add("org/model", FILES)
    damage(cache)
    before = tree(cache.root)
    result = done("mend", "org/model", "--dry-run", *roots(cache.root))
    assert "wrong-content" in result.out
    assert f"from the cache at {other.root}" in result.out
    unasked = run("mend", "org/model", *roots(cache.root))
    assert unasked.status == 2
    assert "nothing was done" in unasked.err
    assert tree(cache.root) == before


def test_a_person_is_asked_with_the_plan_on_the_screen(cache: CacheMaker, other: CacheMaker) -> None:
    cache.add("org/model", FILES)
    bad = damage(cache)
    status, shown = run_on_terminal("mend", "org/model", *roots(cache.root), answer="n\n")
    assert status == 1
    assert "from the cache at" in shown
    assert "Mend 1 file" in shown
    assert bad.read_bytes() != FILES[NAME]
    status, shown = run_on_terminal("mend", "org/model", *roots(cache.root), answer="y\n")
    assert status == 0
    assert loaded(cache.root, "org/model") == FILES


def test_what_stays_bad_is_a_status(cache: CacheMaker, other: CacheMaker) -> None:
    cache.add("org/model", FILES)
    cache.add("org/alone", {"a.bin": b"123"})
    damage(cache)
    (cache.folder("org/alone") / "blobs" / etag("a.bin", b"123")).write_bytes(b"12?")
    result = run("mend", "--all", "--yes", *roots(cache.root))
    assert result.status == 1
    assert "mended, from the cache" in result.out
    assert "org/alone a.bin: No other cache has it." in result.err
    assert "Name an archive" in result.err
    assert run("mend", "org/alone", "--dry-run", *roots(cache.root)).status == 1


def test_archives_are_named(cache: CacheMaker, tmp_path: Path) -> None:
    commit = cache.add("org/alone", {"a.bin": b"123"})
    (cache.folder("org/alone") / "blobs" / etag("a.bin", b"123")).write_bytes(b"12?")
    archive = dss_zip(tmp_path / "a.zip", entries({"a.bin": b"123"}, key="hf@org/alone", commit=commit))
    result = done("mend", "org/alone", "--from", archive, "--yes", *roots(cache.root))
    assert f"from the archive {archive}" in result.out
    missing = run("mend", "org/alone", "--from", tmp_path / "no.zip", *roots(cache.root))
    assert (missing.status, loaded(cache.root, "org/alone")) == (0, {"a.bin": b"123"})


def test_the_network_is_used_only_when_that_is_said(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"config.json": b"{}", "a.bin": b"123"}
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        cache.add("org/alone", files, commit=server.add("org/alone", files))
        (cache.folder("org/alone") / "blobs" / etag("a.bin", b"123")).write_bytes(b"12?")
        assert run("mend", "org/alone", "--yes", *roots(cache.root)).status == 1
        assert "from the hub" in done("mend", "org/alone", "--hub", "--dry-run", *roots(cache.root)).out
        assert server.requests == []
        done("mend", "org/alone", "--profile", "default", "--yes", *roots(cache.root))
        assert len(server.requests) == 1
    assert loaded(cache.root, "org/alone") == files


def test_the_json_is_as_described(cache: CacheMaker, other: CacheMaker) -> None:
    cache.add("org/model", FILES)
    cache.add("org/alone", {"a.bin": b"123"})
    damage(cache)
    (cache.folder("org/alone") / "blobs" / etag("a.bin", b"123")).unlink()
    planned = run("mend", "--all", "--dry-run", "--json", *roots(cache.root))
    assert planned.status == 1
    check_shape(planned.json, MENDING)
    assert not planned.json["executed"]
    result = run("mend", "--all", "--yes", "--json", *roots(cache.root))
    assert result.status == 1
    check_shape(result.json, MENDING)
    files = {one["key"]: one for one in result.json["files"]}
    assert (files["hf@org/model"]["status"], files["hf@org/alone"]["status"]) == ("mended", "no-origin")
    assert files["hf@org/model"]["origin"]["where"] == "cache"
    assert (result.json["executed"], result.json["bad"]) == (True, 0)
    assert result.json["fetched"] == len(FILES[NAME])


def test_a_bit_that_nobody_wrote_is_found_with_deep(cache: CacheMaker, other: CacheMaker) -> None:
    cache.add("org/model", FILES)
    done("verify", "org/model", *roots(cache.root))
    path = cache.folder("org/model") / "blobs" / etag(NAME, FILES[NAME])
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "nothing to mend" in done("mend", "org/model", "--yes", *roots(cache.root)).out
    assert "mended" in done("mend", "org/model", "--deep", "--yes", *roots(cache.root)).out
    assert loaded(cache.root, "org/model") == FILES


def test_something_has_to_be_named() -> None:
    assert run("mend").status == 2
    assert run("mend", "--all", "org/model").status == 2

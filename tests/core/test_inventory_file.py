"""The inventory of a site: what is in it, how small it is, and what is refused in its place."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelkeep import open_library
from modelkeep.archive.holdings import HeldContent, HeldModel, Holdings, read_holdings
from modelkeep.cache.catalog import Checksums
from modelkeep.errors import ArchiveError, DamagedArchive, UnknownArchive
from modelkeep.keys import ModelKey
from support.archives import COMMIT, ETAGS, FILES, WEIGHTS
from support.caches import CacheMaker, git_sha1, sha256


def holdings(*roots: Path, name: str = "") -> Holdings:
    with open_library(roots) as library:
        return library.archives.holdings(name=name)


def test_every_content_is_listed_once_and_revisions_refer_to_it(cache: CacheMaker) -> None:
    first = cache.add("org/name", FILES, commit=COMMIT)
    second = cache.add("org/name", FILES | {"config.json": b"{}"}, refs=("next",))
    cache.add("org/other", {"copy.safetensors": WEIGHTS})
    found = holdings(cache.root)
    assert sorted(content.etag for content in found.contents) == sorted({*ETAGS.values(), git_sha1(b"{}")})
    model = found.model(ModelKey("org/name"))
    assert model
    assert model.refs == {"main": first, "next": second}
    named = {found.contents[number].etag for number in model.revisions[first]}
    assert named == set(ETAGS.values())
    assert Holdings.parse(found.to_json()) == found


def test_what_is_known_of_a_content_is_said(cache: CacheMaker) -> None:
    cache.add("org/name", FILES)
    blob = cache.folder("org/name") / "blobs" / ETAGS["config.json"]
    with open_library([cache.root]) as library:
        sums = Checksums(sha256(FILES["config.json"]), ETAGS["config.json"], None, 1.0)
        library.catalog.remember_checksums([(blob.as_posix(), blob.stat(), sums)])
        found = library.archives.holdings()
    known = {content.etag: content.sha256 for content in found.contents}
    assert known[ETAGS["model.safetensors"]] == ETAGS["model.safetensors"]
    assert known[ETAGS["config.json"]] == sha256(FILES["config.json"])
    assert known[ETAGS["README.md"]] == ""


def test_what_is_known_to_be_damaged_is_not_had(cache: CacheMaker) -> None:
    cache.add("org/name", FILES)
    blob = cache.folder("org/name") / "blobs" / ETAGS["model.safetensors"]
    with open_library([cache.root]) as library:
        wrong = Checksums("f" * 64, "", None, 1.0)
        library.catalog.remember_checksums([(blob.as_posix(), blob.stat(), wrong)])
        assert library.archives.holdings().content(ETAGS["model.safetensors"], len(WEIGHTS)) is None


def test_copies_without_links_count_by_their_listing(cache: CacheMaker) -> None:
    cache.add("org/name", FILES, linked=False)
    assert {content.etag for content in holdings(cache.root).contents} == set(ETAGS.values())


def test_it_tells_nothing_of_the_machine(cache: CacheMaker) -> None:
    cache.add("org/name", FILES)
    with open_library([cache.root]) as library:
        library.set_note(library.choose(["org/name"]), "secret note")
        text = library.archives.holdings().to_json().decode()
    for secret in (str(cache.root), os.uname().nodename, "secret note", os.environ["HOME"], "config.json"):
        assert secret not in text
    assert json.loads(text)["name"] == ""


def test_it_is_the_same_packed_and_as_a_shell_of_windows_writes_it(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", FILES)
    found = holdings(cache.root, name="site B")
    (tmp_path / "here.json.gz").write_bytes(gzip.compress(found.to_json()))
    (tmp_path / "here.json").write_bytes(found.to_json().decode().encode("utf-16"))
    assert read_holdings(tmp_path / "here.json.gz") == found
    assert read_holdings(tmp_path / "here.json").id == found.id


def test_it_is_small_for_many_models() -> None:
    contents = tuple(
        HeldContent(hashlib.sha1(b"%d" % number).hexdigest(), number) for number in range(40_000)
    )
    models = tuple(
        HeldModel(
            ModelKey(f"org/model-{number:04}"),
            {"main": COMMIT},
            {COMMIT: tuple(range(8 * number, 8 * number + 8))},
        )
        for number in range(5000)
    )
    data = Holdings(0.0, "1", "", contents, models).to_json()
    assert len(data) < 4_000_000
    assert Holdings.parse(data).models == models


GOOD = {
    "format": "modelkeep-inventory",
    "version": 1,
    "made": "2026-11-21T18:00:00Z",
    "tool": "1",
    "name": "",
    "contents": [["a" * 64, 1], ["b" * 40, 2, "c" * 64]],
    "models": [{"key": "hf@org/name", "refs": {"main": COMMIT}, "revisions": {COMMIT: [0, 1]}}],
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"contents": [["a" * 64, 1], ["a" * 64, 1]]},
        {"contents": [["a" * 64, 1, "c" * 64], ["b" * 40, 2]]},
        {"contents": [["../../etc", 1], ["b" * 40, 2]]},
        {"contents": [["a" * 64, -1], ["b" * 40, 2]]},
        {"contents": [["a" * 64, True], ["b" * 40, 2]]},
        {"contents": [["a" * 64, 1e400], ["b" * 40, 2]]},
        {"contents": {"a": 1}},
        {"models": [{"key": "hf@org/name", "refs": {}, "revisions": {COMMIT: [2]}}]},
        {"models": [{"key": "hf@org/name", "refs": {}, "revisions": {COMMIT: [-1]}}]},
        {"models": [{"key": "hf@../x", "refs": {}, "revisions": {}}]},
        {"models": [{"key": "hf@org/name", "refs": {"main": "x"}, "revisions": {}}]},
        {"models": [*GOOD["models"], *GOOD["models"]]},  # type: ignore[misc]
        {"made": "yesterday"},
        {"name": "two\nlines"},
        {"tool": None},
    ],
)
def test_what_is_not_as_it_should_be_is_refused(wrong: dict[str, object]) -> None:
    assert Holdings.parse(json.dumps(GOOD).encode()).models
    with pytest.raises(DamagedArchive):
        Holdings.parse(json.dumps(GOOD | wrong).encode())


@pytest.mark.parametrize("data", [b'{"a": 1}', b"[]", json.dumps(GOOD | {"version": 2}).encode()])
def test_what_is_none_is_not_taken_for_one(data: bytes) -> None:
    with pytest.raises(UnknownArchive):
        Holdings.parse(data)


def test_a_small_file_does_not_become_a_large_one_in_memory() -> None:
    program = """
import gzip, io, resource, sys
from modelkeep.archive.holdings import Holdings
from modelkeep.errors import DamagedArchive
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    Holdings.parse(sys.stdin.buffer.read())
except DamagedArchive:
    print("refused")
"""
    bomb = gzip.compress(b"\0" * (1 << 20)) * 600
    done = subprocess.run(
        [sys.executable, "-c", program], input=bomb, capture_output=True, check=False, timeout=60
    )
    assert done.stdout == b"refused\n", done.stderr


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(GOOD)), _JSON)
@settings(max_examples=150, deadline=None)
def test_whatever_a_field_holds_it_is_read_or_refused(name: str, value: object) -> None:
    try:
        found = Holdings.parse(json.dumps(GOOD | {name: value}).encode())
    except ArchiveError:
        return
    assert Holdings.parse(found.to_json()) == found


@given(st.binary(max_size=200) | st.binary(max_size=100).map(gzip.compress))
@settings(max_examples=150, deadline=None)
def test_whatever_bytes_come_they_are_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        Holdings.parse(data)


_HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(
    st.lists(
        st.tuples(_HEX, st.booleans(), st.integers(0, 1 << 50), _HEX),
        unique_by=lambda one: one[0],
        max_size=5,
    ),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read(found: list[tuple[str, bool, int, str]], data: st.DataObject) -> None:
    contents = tuple(
        HeldContent(etag, size, etag) if lfs else HeldContent(etag[:40], size, sum_)
        for etag, lfs, size, sum_ in found
    )
    if len({content.etag for content in contents}) != len(contents):
        return
    numbers = tuple(sorted(data.draw(st.sets(st.integers(0, max(0, len(contents) - 1))))))
    revisions = {COMMIT: numbers if contents else ()}
    held = Holdings(7.0, "1", "a site", contents, (HeldModel(ModelKey("org/name"), {}, revisions),))
    assert Holdings.parse(held.to_json()) == held

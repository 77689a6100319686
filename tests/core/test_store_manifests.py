"""What a store's names and manifests look like, and what hostile ones do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modelkeep.errors import BadReply, InvalidKey
from modelkeep.keys import ModelKey, RepoType
from modelkeep.remote import names
from modelkeep.remote.manifests import canonical, manifest_id, parse_manifest, write_manifest
from modelkeep.remote.values import Lineage, Manifest, ManifestFile, Summary
from support.stores import manifest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEX = "0123456789abcdef"
PATH = st.lists(st.text("abcXYZ019_-é", min_size=1, max_size=8), min_size=1, max_size=3).map("/".join)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    sizes = st.integers(0, 2**50)
    shas = draw(st.lists(st.text(HEX, min_size=64, max_size=64), min_size=1, max_size=4, unique=True))
    by_sha = {sha: draw(sizes) for sha in shas}
    files = []
    for path in draw(st.lists(PATH, max_size=5, unique=True)):
        sha = draw(st.sampled_from(shas))
        etag = draw(st.one_of(st.just(sha), st.text(HEX, min_size=40, max_size=40)))
        files.append(ManifestFile(path, by_sha[sha], sha, etag))
    paths = {file.path for file in files}
    assume(not any(other.startswith(f"{path}/") for path in paths for other in paths))
    texts = st.lists(TEXT, max_size=3).map(tuple)
    return Manifest(
        ModelKey(
            "org/model",
            draw(st.text(HEX, min_size=40, max_size=40)),
            draw(st.sampled_from(get_args(RepoType))),
        ),
        tuple(sorted(files)),
        draw(st.booleans()),
        Summary(
            draw(TEXT),
            draw(TEXT),
            draw(TEXT),
            draw(texts),
            draw(texts),
            draw(texts),
            draw(sizes),
            draw(st.booleans()),
        ),
        Lineage(draw(TEXT), draw(TEXT)),
        draw(TEXT),
        draw(TEXT),
        draw(st.floats(0, 1e10)),
        draw(TEXT),
        draw(TEXT),
    )


@given(manifests())
def test_what_is_written_is_read_again(one: Manifest) -> None:
    content = write_manifest(one)
    assert parse_manifest(content) == one
    assert write_manifest(parse_manifest(content)) == content


@given(st.permutations([b"a", b"b", b"c"]))
def test_equal_revisions_are_equal_bytes(contents: list[bytes]) -> None:
    files = {f"{content.decode()}.txt": content for content in contents}
    assert manifest_id(write_manifest(manifest(files))) == manifest_id(
        write_manifest(manifest(dict(sorted(files.items()))))
    )


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    said = json.loads(write_manifest(manifest({"a.txt": b"1", "b.txt": b"2"})))
    change(said)
    return canonical(said)


def test_fields_of_a_later_modelkeep_are_passed_over() -> None:
    later = changed(lambda said: said.update(colour="blue") or said["files"][0].update(mode=0o644))
    assert parse_manifest(later) == manifest({"a.txt": b"1", "b.txt": b"2"})


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a later version": lambda said: said.update(version=2),
    "no version": lambda said: said.pop("version"),
    "a version that is true": lambda said: said.update(version=True),
    "another format": lambda said: said.update(format="zip"),
    "a path out of it": lambda said: said["files"][0].update(path="../a"),
    "a path out of it, deeper": lambda said: said["files"][0].update(path="x/../../a"),
    "an absolute path": lambda said: said["files"][0].update(path="/etc/passwd"),
    "a path of Windows": lambda said: said["files"][0].update(path="..\\a"),
    "a path that is ./": lambda said: said["files"][0].update(path="./a"),
    "a control character": lambda said: said["files"][0].update(path="a\n"),
    "no path": lambda said: said["files"][0].update(path=""),
    "a path that is a number": lambda said: said["files"][0].update(path=1),
    "half a character": lambda said: said["files"][0].update(path="\ud800/../.."),
    "one file twice": lambda said: said["files"].append(said["files"][0]),
    "a file that is a folder": lambda said: said["files"].append(said["files"][0] | {"path": "a.txt/b"}),
    "a negative size": lambda said: said["files"][0].update(size=-1),
    "an absurd size": lambda said: said["files"][0].update(size=2**70),
    "a size that is text": lambda said: said["files"][0].update(size="1"),
    "a size that is true": lambda said: said["files"][0].update(size=True),
    "a size with a point": lambda said: said["files"][0].update(size=1.5),
    "a hash that is none": lambda said: said["files"][0].update(sha256="../../x"),
    "a hash in capitals": lambda said: said["files"][0].update(sha256="A" * 64),
    "another SHA-256 as etag": lambda said: said["files"][0].update(etag="a" * 64),
    "one content of two sizes": lambda said: said["files"][0].update(
        sha256=said["files"][1]["sha256"], size=9
    ),
    "files that are no list": lambda said: said.update(files={}),
    "a file that is text": lambda said: said.update(files=["a"]),
    "a commit that is none": lambda said: said.update(commit="../x"),
    "a name that is none": lambda said: said.update(model="hf@"),
    "a name with a revision": lambda said: said.update(model="hf@org/name@main"),
    "tags that are numbers": lambda said: said["summary"].update(tags=[1]),
    "a summary that is a list": lambda said: said.update(summary=[]),
    "an endless text": lambda said: said.update(description="x" * (2 << 20)),
    "a time that is none": lambda said: said.update(created_at=-5),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_manifest_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(BadReply) as caught:
        parse_manifest(changed(HOSTILE[name]), "the manifest of org/model")
    assert str(caught.value).startswith("The manifest of org/model ")
    assert str(caught.value).isprintable()
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}'])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(BadReply):
        parse_manifest(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["format", "version", "files", "model", "commit", "summary", "path", "size"]),
                inner,
            )
        ),
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    if isinstance(value, dict):
        value |= {"format": "modelkeep-manifest", "version": 1}
    with pytest.raises(BadReply):
        parse_manifest(json.dumps(value).encode())


def test_a_manifest_that_could_not_be_read_is_not_written() -> None:
    with pytest.raises(BadReply):
        write_manifest(manifest({"../a": b""}))
    with pytest.raises(BadReply):
        write_manifest(manifest({"a": b""}, ModelKey("org/model", "main")))


# ---- names


COMMIT, ID = "ab" * 20, "0123456789abcdef"
NAMED = st.text(
    st.characters(exclude_characters="\\:").filter(str.isprintable), min_size=1, max_size=15
)  # what is no name is in `test_what_is_no_name_is_refused`


@given(NAMED, NAMED, st.sampled_from(get_args(RepoType)), NAMED, st.integers(1, 99_999_999))
def test_names_say_what_they_were_made_of(
    owner: str, name: str, repo_type: RepoType, ref: str, number: int
) -> None:
    assume("/" not in owner)
    key = ModelKey(f"{owner}/{name}", None, repo_type)
    for made, kind in (
        (names.revision_name(key, COMMIT, ID), "revision"),
        (names.checksums_name(names.revision_name(key, COMMIT, ID)), "checksums"),
        (names.mark_name(key, COMMIT, ID), "mark"),
        (names.entry_name(key, ref, number), "ref"),
        (names.entry_name(key, ref, number, "0a1b"), "ref"),
    ):
        found = names.read_name(made)
        assert found is not None
        assert (found.kind, found.key.at(None)) == (kind, key)
        if kind == "ref":
            assert (found.ref, found.number) == (ref, number)
        else:
            assert (found.commit, found.id) == (COMMIT, ID)
        # One part each, that any system can have, and nothing hidden.
        parts = made.split("/")
        assert made.isascii()
        assert made.isprintable()
        assert not {*'<>:"\\|?* '} & {*made}
        assert not any(part.startswith(".") or part.endswith(".") for part in parts)


def test_the_name_of_a_model_without_an_owner() -> None:
    assert names.revisions_prefix(ModelKey("gpt2")) == "models/model/-/gpt2/revisions/"
    found = names.read_name(names.revision_name(ModelKey("gpt2"), COMMIT, ID))
    assert found is not None
    assert found.key == ModelKey("gpt2", COMMIT)
    assert names.model_prefix(ModelKey("-/gpt2")) != names.model_prefix(ModelKey("gpt2"))


def test_refs_are_one_part_of_a_name() -> None:
    key = ModelKey("org/model")
    assert names.entry_name(key, "refs/pr/4", 1) == "models/model/org/model/refs/refs%2Fpr%2F4/00000001.json"
    assert "/../" not in names.entry_name(key, "..", 1)
    with pytest.raises(InvalidKey):
        names.entry_name(key, "x" * 300, 1)


@pytest.mark.parametrize(
    "name", ["a\0b", "a\nb", "x\u202egpj", "a\\..\\b", "c:b", "\ud800", "\x9b2J", "", "x" * 300]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidKey):
        names.model_prefix(ModelKey(f"org/{name}"))
    with pytest.raises(InvalidKey):
        names.ref_prefix(ModelKey("org/model"), name)
    quoted = "".join(f"%{byte:02X}" for byte in name.encode("utf-8", "surrogatepass"))
    assert names.read_name(f"models/model/org/{quoted}/revisions/{COMMIT}.{ID}.json") is None
    assert names.read_name(f"models/model/org/model/refs/{quoted}/00000001.json") is None


@pytest.mark.parametrize(
    "name",
    [
        "models/model/org/model/refs/main/00000000.json",
        "models/model/org/model/refs/main/1.json",
        "models/model/org/model/refs/ma in/00000001.json",
        "models/model/org/model/refs/%6Dain/00000001.json",
        "models/model/org/model/refs/main/00000001.txt",
        f"models/model/org/model/revisions/main.{ID}.json",
        f"models/model/org/model/revisions/{COMMIT}.{ID}.json.tmp",
        f"models/virus/org/model/revisions/{COMMIT}.{ID}.json",
        f"models/model/%2E%2E/revisions/{COMMIT}.{ID}.json",
        "blobs/ab/abcd",
        "models/",
    ],
)
def test_names_that_nobody_gave_say_nothing(name: str) -> None:
    assert names.read_name(name) is None


def test_the_names_of_contents() -> None:
    sha256 = "ab" * 32
    assert names.blob_name(sha256) == f"blobs/ab/{sha256}"
    assert names.blob_of(f"blobs/ab/{sha256}") == sha256
    assert names.blob_of(f"blobs/cd/{sha256}") is None
    assert names.blob_of("blobs/ab/../../x") is None

"""A name that an archive may have is harmless on every system; all others are refused, and say why."""

from __future__ import annotations

import posixpath
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.archive.names import check_entry_name, check_no_clashes, is_junk
from modelkeep.errors import UnsafeArchive


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("/etc/passwd", "absolute"),
        ("//server/share", "absolute"),
        ("../outside", "“..”"),
        ("model/../../outside", "“..”"),
        ("model/..", "“..”"),
        ("model/./config.json", "“.”"),
        ("..", "“..”"),
        (".", "“.”"),
        ("", "no name"),
        ("./", "no name"),
        ("C:/Windows/system.ini", "drive"),
        ("c:", "drive"),
        ("model/D:config.json", "drive"),
        ("model\\config.json", "backslash"),
        ("..\\..\\outside", "backslash"),
        ("model/config.json\0.txt", "control character"),
        ("model/\r\nconfig.json", "control character"),
        ("model/\x1b[2J", "control character"),
        ("model/\x85", "control character"),
        ("model/NUL", "device"),
        ("model/con.txt", "device"),
        ("aux/config.json", "device"),
        ("model/Com1.tar.gz", "device"),
        ("model/lpt¹", "device"),
        ("model/nul .json", "device"),
        ("model/config.json.", "dot or a space"),
        ("model /config.json", "dot or a space"),
        ("model//config.json", "empty"),
        ("model/config.json/", "empty"),
        ("model/\udcff", "no text"),
        ("a" * 256, "more than 255 bytes"),
        ("ü" * 128, "more than 255 bytes"),
        ("/".join(["a" * 200] * 21), "bytes"),
    ],
)
def test_a_name_that_could_do_harm_is_refused_with_its_reason(raw: str, why: str) -> None:
    with pytest.raises(UnsafeArchive, match=why) as caught:
        check_entry_name(raw)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
    assert caught.value.hint


@pytest.mark.parametrize(
    "name",
    [
        "model/config.json",
        ".gitattributes",
        "..data/...x",
        "a" * 255,
        "ü" * 127,
        "模型/配置 文件.json",
        "console/nullable/com10.txt",
        "model-00001-of-00002.safetensors",
    ],
)
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert check_entry_name(name, windows=False) == name


def test_a_leading_dot_slash_goes_as_tar_writes_it() -> None:
    assert check_entry_name("./model/config.json") == "model/config.json"
    with pytest.raises(UnsafeArchive):
        check_entry_name("./../config.json")


@pytest.mark.parametrize("name", ["model/ab:c", "what?", "a|b", "a<b>", 'say "a"', "*"])
def test_windows_refuses_more_characters(name: str) -> None:
    assert check_entry_name(name, windows=False) == name
    with pytest.raises(UnsafeArchive, match="Windows"):
        check_entry_name(name, windows=True)


hostile = st.lists(
    st.sampled_from([*"/\\.: \0\x01", "..", "C:", "NUL", "con.", "a", "ü", "﹗", "ﬁ"]), max_size=12
).map("".join)


@given(st.one_of(hostile, st.text(max_size=30)))
def test_whatever_is_let_through_stays_in_its_folder(raw: str) -> None:
    try:
        name = check_entry_name(raw)
    except UnsafeArchive:
        return
    assert posixpath.normpath(f"/place/{name}") == f"/place/{name}"
    assert name == raw.removeprefix("./") or raw.startswith("./")
    assert check_entry_name(name) == name
    assert name.encode().decode() == name


@pytest.mark.parametrize(
    "names",
    [
        ["model/a", "model/a"],
        ["README.md", "readme.md"],
        ["straße", "STRASSE"],
        [unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")],
        ["ﬁle", "file"],
        ["model", "model/config.json"],
        ["Model", "model/config.json"],
        ["Model/a", "model/b"],
        ["K", "K"],
    ],
)
def test_two_names_that_are_one_somewhere_are_refused(names: list[str]) -> None:
    with pytest.raises(UnsafeArchive):
        check_no_clashes(names)
    with pytest.raises(UnsafeArchive):
        check_no_clashes(reversed(names))


def test_a_folder_entry_may_not_be_a_file_too() -> None:
    with pytest.raises(UnsafeArchive, match="file and a folder"):
        check_no_clashes(["a/b"], ["a", "a/b"])
    check_no_clashes(["a/b"], ["a", "empty"])


@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=3), max_size=8, unique=True))
def test_names_that_differ_do_not_clash(names: list[str]) -> None:
    check_no_clashes(names)
    check_no_clashes(f"folder/{name}" for name in names)


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("__MACOSX/model/._config.json", True),
        ("model/.DS_Store", True),
        ("model/Thumbs.db", True),
        ("model/Desktop.ini", True),
        ("model/._config.json", True),
        (".git/HEAD", True),
        ("model/.git", True),
        (".cache/huggingface/download/config.json.metadata", True),
        (".gitattributes", False),
        (".cache/other", False),
        ("my.cache/huggingface/x", False),
        ("_config.json", False),
    ],
)
def test_junk_is_known(name: str, junk: bool) -> None:
    assert is_junk(name) is junk

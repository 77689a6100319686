"""Which files are LFS is read from `.gitattributes` as git reads it."""

from __future__ import annotations

import pytest

from modelkeep.archive.lfs import LfsRules


@pytest.mark.parametrize(
    ("rules", "name", "lfs"),
    [
        ("*.bin filter=lfs", "a.bin", True),
        ("*.bin filter=lfs", "deep/er/a.bin", True),
        ("*.bin filter=lfs", "a.txt", False),
        ("*.bin filter=lfs\na.bin -filter", "a.bin", False),
        ("a.bin -filter\n*.bin filter=lfs", "a.bin", True),
        ("*.bin filter=lfs\na.bin !filter", "a.bin", False),
        ("*.bin filter=lfs\na.bin filter=other", "a.bin", False),
        ("*.bin filter=lfs\na.bin text", "a.bin", True),
        ("*.bin diff=lfs merge=lfs", "a.bin", False),
        ("/a.bin filter=lfs", "a.bin", True),
        ("/a.bin filter=lfs", "b/a.bin", False),
        ("b/*.bin filter=lfs", "b/a.bin", True),
        ("b/*.bin filter=lfs", "b/c/a.bin", False),
        ("saved_model/**/* filter=lfs diff=lfs merge=lfs -text", "saved_model/a/b/variables", True),
        ("saved_model/**/* filter=lfs", "saved_model/variables", True),
        ("saved_model/** filter=lfs", "saved_model", False),
        ("**/x/*.bin filter=lfs", "a/b/x/1.bin", True),
        ("*tfevents* filter=lfs", "runs/events.out.tfevents.123", True),
        ("*.[bB]in filter=lfs", "a.Bin", True),
        ("*.[^b]in filter=lfs", "a.bin", False),
        ("folder/ filter=lfs", "folder/a", False),
        ('"a b.bin" filter=lfs', "a b.bin", True),
        ("# *.bin filter=lfs", "a.bin", False),
        ("a\\*.bin filter=lfs", "a*.bin", True),
        ("a\\*.bin filter=lfs", "ab.bin", False),
        ("*a*a*a*a*a*a*a*a*a*a*a*a*a*b filter=lfs", "a" * 250, False),
        ("**/" * 60 + "b filter=lfs", "a/" * 60 + "c", False),
    ],
)
def test_gitattributes_are_read_as_git_reads_them(rules: str, name: str, lfs: bool) -> None:
    assert LfsRules({"": rules}).is_lfs(name, 100) is lfs
    assert LfsRules({"": "", "sub/": rules}).is_lfs(f"sub/{name}", 100) is lfs
    assert LfsRules({"": rules}).is_lfs(name, 11 << 20)


@pytest.mark.parametrize(
    ("name", "lfs"),
    [
        ("model.safetensors", True),
        ("onnx/model.onnx", True),
        ("spiece.model", True),
        ("saved_model/1/variables/x", True),
        ("config.json", False),
        ("model.gguf", False),
    ],
)
def test_without_gitattributes_the_hub_s_own_are_taken(name: str, lfs: bool) -> None:
    assert LfsRules({}).is_lfs(name, 100) is lfs
    assert not LfsRules({"": ""}).is_lfs(name, 100)


def test_deeper_gitattributes_win() -> None:
    rules = LfsRules({"a/b/": "*.bin -filter", "": "*.bin filter=lfs"})
    assert [rules.is_lfs(name, 1) for name in ("x.bin", "a/x.bin", "a/b/x.bin", "a/bc/x.bin")] == [
        True,
        True,
        False,
        True,
    ]

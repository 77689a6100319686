"""Which files are sent how: as LFS, inside of the commit, or not at all.

Source: https://huggingface.co/docs/hub/repositories-getting-started and what the Hub answers to `preupload`; the
patterns of gitignore(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from modelkeep.archive.lfs import LFS_FROM, LfsRules

__all__ = ["Ignored", "first_attributes", "is_lfs"]

_LFS = """
*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz *.onnx *.ot
*.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar *.tflite *.tgz *.wasm *.xz
*.zip *.zst *tfevents*
"""
_LFS_OF_DATASETS = """
*.lz4 *.mds *.pcm *.sam *.raw *.aac *.flac *.mp3 *.ogg *.wav *.bmp *.gif *.png *.tiff *.jpg *.jpeg *.webp *.mp4 *.webm
"""
# Weights, even where the attributes of an old repository do not know them.
_WEIGHTS = (
    ".safetensors",
    ".gguf",
    ".ggml",
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".onnx",
    ".h5",
    ".msgpack",
    ".npz",
)


def first_attributes(repo_type: str) -> bytes:
    """The `.gitattributes` that the Hub writes into a new repository."""
    patterns = (_LFS + _LFS_OF_DATASETS if repo_type == "dataset" else _LFS).split()
    return "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in patterns).encode()


def is_lfs(rules: LfsRules, path: str, size: int, sample: bytes) -> bool:
    """Whether a file is to come as LFS; `sample` is how its content begins. An empty file never is."""
    if not size:
        return False
    return (
        size > LFS_FROM
        or path.lower().endswith(_WEIGHTS)
        or b"\0" in sample  # by which git tells binary from text
        or rules.is_lfs(path, size)
    )


class Ignored:
    """Which files a repository does not want, by the `.gitignore` files in it: their text by folder, "" or "a/b/"."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._rules = [
            (folder, rule)
            for folder in sorted(texts, key=lambda folder: folder.count("/"))
            for rule in _parsed(texts[folder].splitlines())
        ]

    def __contains__(self, path: str) -> bool:
        parts = path.split("/")
        # What is in an ignored folder is ignored, whatever is said of it further down.
        return any(
            self._decided("/".join(parts[:depth]), is_folder=depth < len(parts))
            for depth in range(1, len(parts) + 1)
        )

    def _decided(self, path: str, *, is_folder: bool) -> bool:
        for folder, rule in reversed(self._rules):
            is_about = path.startswith(folder) and (is_folder or not rule.only_folders)
            if is_about and _matches(rule.parts, path[len(folder) :].split("/")):
                return not rule.wanted
        return False


class _Rule(NamedTuple):
    """`wanted` takes back what another pattern ignores."""

    parts: list[str]
    wanted: bool
    only_folders: bool


def _parsed(lines: Iterable[str]) -> Iterator[_Rule]:
    for line in lines:
        pattern = re.sub(r"(?<!\\)\s+$", "", line)
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.startswith("!")
        pattern = pattern.removeprefix("!") if wanted else pattern
        bare = pattern.rstrip("/")
        if bare:
            # A pattern without "/" is about the name alone, in any folder.
            parts = bare.removeprefix("/").split("/") if "/" in bare else ["**", bare]
            escaped = [re.sub(r"\\(.)", _plain, part).replace("[^", "[!") for part in parts]
            yield _Rule(escaped, wanted, bare != pattern)


def _plain(escape: re.Match[str]) -> str:
    return f"[{escape[1]}]" if escape[1] in "*?[" else escape[1]


def _matches(pattern: list[str], parts: list[str]) -> bool:
    # How many parts may be used up after each part of the pattern: no backtracking, however many stars there are.
    reached = {0}
    for number, piece in enumerate(pattern):
        if piece == "**":
            least = min(reached) + (number == len(pattern) - 1)  # "a/**" is all in a, and not a itself
            reached = set(range(least, len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], piece)}
        if not reached:
            return False
    return len(parts) in reached

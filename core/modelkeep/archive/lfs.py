"""Which files of a repository are LFS, and what stands in for those of a clone that were not fetched.

LFS files are called by their SHA-256, all others by their git blob SHA-1. `.gitattributes` says which are which, and
the Hub takes no file of more than 10 MiB that is not LFS.
Source of the rules: gitattributes(5), gitignore(5) for the patterns, and the pointer format of git-lfs 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

__all__ = ["ATTRIBUTES_NAME", "LFS_FROM", "LfsRules", "is_pointer", "may_be_pointer"]

ATTRIBUTES_NAME = ".gitattributes"
LFS_FROM = 10 << 20
"""A file of more bytes than this is LFS, whatever the attributes say."""

# What the Hub writes into every new model repository.
_HUB_PATTERNS = """
*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz *.onnx *.ot
*.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar *.tflite *.tgz *.wasm *.xz
*.zip *.zst *tfevents*
"""
_HUB_ATTRIBUTES = "\n".join(
    f"{pattern} filter=lfs diff=lfs merge=lfs -text" for pattern in _HUB_PATTERNS.split()
)

_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER_SIZES = range(len(_POINTER), 1024)  # bytes; a pointer has less than 1 KiB by its specification
_FILTER = re.compile(r"(?:^|\s)(?P<off>[-!]?)filter(?:=(?P<value>\S+))?(?=\s|$)")


class LfsRules:
    """Which files are LFS, by the `.gitattributes` of a repository: their text by the folder they are in.

    The top folder is "", another one ends with "/". Where there is none at the top, the files are only a part of
    a repository, and what the Hub writes into every new one is taken for it.
    """

    def __init__(self, attributes: Mapping[str, str]) -> None:
        attributes = {"": _HUB_ATTRIBUTES} | dict(attributes)
        # Deeper folders come later, and the last rule that matches decides.
        self._rules = [
            (folder, pattern, is_lfs)
            for folder in sorted(attributes, key=lambda folder: folder.count("/"))
            for pattern, is_lfs in _parse(attributes[folder])
        ]

    def is_lfs(self, name: str, size: int) -> bool:
        """Whether the Hub keeps a file of that path and that many bytes as LFS."""
        if size > LFS_FROM:
            return True
        for folder, pattern, is_lfs in reversed(self._rules):
            inside = name[len(folder) :] if name.startswith(folder) else ""
            if inside and _matches(pattern, inside.split("/")):
                return is_lfs
        return False


def may_be_pointer(size: int) -> bool:
    """Whether a file of that many bytes is worth reading to find out if it is an LFS pointer."""
    return size in _POINTER_SIZES


def is_pointer(content: bytes) -> bool:
    """Whether a file is not the content but what git holds in its place."""
    return content.startswith(_POINTER)


def _parse(text: str) -> list[tuple[list[str], bool]]:
    """The patterns that say something about LFS, as their parts between "/"."""
    rules = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith(("#", "[attr]", "!")) or not line:
            continue
        if line.startswith('"'):
            pattern, _, attributes = line[1:].partition('"')
        else:
            pattern, _, attributes = line.partition(" ") if " " in line else line.partition("\t")
        said = list(_FILTER.finditer(attributes))
        if said and not pattern.endswith("/"):  # which matches folders, and those have no attributes
            rules.append((_parts(pattern), not said[-1]["off"] and said[-1]["value"] == "lfs"))
    return rules


def _parts(pattern: str) -> list[str]:
    # A pattern without "/" is about the name alone, in any folder.
    parts = pattern.removeprefix("/").split("/") if "/" in pattern else ["**", pattern]
    return [re.sub(r"\\([*?\[])", r"[\1]", part).replace("[^", "[!") for part in parts]


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

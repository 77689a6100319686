"""Which files a repository does not want. Source: gitignore(5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

__all__ = ["Ignored"]


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

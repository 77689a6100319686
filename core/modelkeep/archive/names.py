"""Which names an archive may have in it, and which of them are no part of a model.

An archive is written by anybody and unpacked on any system, so a name has to be harmless on all of them: a name
that Linux takes for a file may be a device on Windows, and two names that differ on Linux may be one file on macOS.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

from modelkeep.errors import UnsafeArchive

__all__ = ["check_entry_name", "check_no_clashes", "is_junk"]

_MAX_PART = 255  # bytes; the limit of ext4, XFS, NTFS and APFS for one name
_MAX_NAME = 4096  # bytes; PATH_MAX of Linux

# Devices on Windows in any folder, in any case, and with any suffix ("nul.txt").
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_NOT_ON_WINDOWS = frozenset('<>:"|?*')

_JUNK_NAMES = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini", ".git"})


def check_entry_name(raw: str, *, windows: bool = os.name == "nt") -> str:
    """The path that an entry called `raw` may have, with "/" between its parts; a leading "./", as tar writes, goes.

    `windows` also refuses what can be no name there. Raises `UnsafeArchive` for everything that could be written
    outside of its folder or is not the same file on all systems.
    """
    name = raw
    while name.startswith("./"):
        name = name[2:]
    if fault := _fault(name) or next(filter(None, (_part_fault(p, windows) for p in name.split("/"))), ""):
        raise UnsafeArchive(
            f"The entry {_shown(raw)} {fault}.",
            hint="Nothing of it was imported. Ask whoever made the archive to make it anew, without this entry.",
        )
    return name


def check_no_clashes(names: Iterable[str], folders: Iterable[str] = ()) -> None:
    """Refuse files that are the same, or a file and a folder at once, on a system that ignores case or normalises.

    Paths of files and of folders, as `check_entry_name` returns them. Raises `UnsafeArchive`.
    """
    files = tuple(names)
    used: dict[str, str] = {}
    for folder in {*folders, *(name[: slash.start()] for name in files for slash in re.finditer("/", name))}:
        if used.setdefault(_folded(folder), folder) != folder:
            _refuse_clash(used[_folded(folder)], folder)
    for name in files:
        key = _folded(name)
        if key in used:
            _refuse_clash(used[key], name)
        used[key] = name


def is_junk(name: str) -> bool:
    """Whether a file is what Finder, Explorer, git or the Hub's client leave beside the files of a model."""
    parts = name.split("/")
    return (
        any(part.lower() in _JUNK_NAMES or part.startswith("._") for part in parts)
        or "/.cache/huggingface/" in f"/{name}"
    )


def _fault(name: str) -> str:
    """What is wrong with the whole of a name, as the end of a sentence; "" when nothing is."""
    if not name:
        return "has no name"
    if name.startswith("/"):
        return "is an absolute path"
    if "\\" in name:
        return "has a backslash in its name"
    if _CONTROL.search(name):
        return "has a control character in its name"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "has a name that is no text"
    return f"has a name of {size} bytes" if size > _MAX_NAME else ""


def _part_fault(part: str, windows: bool) -> str:
    if not part:
        return "has an empty folder name in its path"
    if part in (".", ".."):
        return f"has “{part}” in its path"
    if _DRIVE.match(part):
        return "names a drive"
    if part[-1] in ". ":
        return "has a name that ends with a dot or a space, which Windows drops"
    if _DEVICE.fullmatch(part):
        return f"is called “{part}”, which is a device on Windows"
    if (
        len(part.removeprefix("._").encode()) > _MAX_PART
    ):  # Finder puts "._" before a name for what it keeps of it
        return f"has a name of more than {_MAX_PART} bytes"
    if windows and not _NOT_ON_WINDOWS.isdisjoint(part):
        return "has a character in its name that Windows does not allow"
    return ""


def _folded(name: str) -> str:
    # Twice: folding can leave what is not normalised, and normalising what is not folded.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return unicodedata.normalize("NFKC", folded.casefold())


def _refuse_clash(one: str, other: str) -> None:
    what = (
        f"The entry {_shown(one)} is in the archive twice, or is both a file and a folder"
        if one == other
        else f"The entries {_shown(one)} and {_shown(other)} would be the same file on some systems"
    )
    raise UnsafeArchive(
        f"{what}.",
        hint="Nothing of it was imported. Ask whoever made the archive to rename or leave out one of the two.",
    )


def _shown(name: str) -> str:
    """A name as it can be printed: what is no text or would move the cursor is escaped, a long one is cut."""
    printable = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name
    )
    return f"“{printable if len(printable) <= 120 else printable[:120] + '…'}”"

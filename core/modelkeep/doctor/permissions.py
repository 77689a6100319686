"""What keeps others from a cache that they share: files that they may not read, and locks that they may not take.

Who shares it, and what they may do, is what the cache's own folder says: nothing in it is opened further than that.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.inventory import Inventory
from modelkeep.doctor.findings import Finding
from modelkeep.keys import ModelKey

__all__ = ["closed_to_others", "open_to_others"]

_READ, _WRITE, _PASS = 0o4, 0o2, 0o1
_STORE_FILES = (".refs", ".lock", ".soft")


class _Sharing(NamedTuple):
    """What the root's folder gives: bits of rwx to its group and to all others, 0 to those who do not share it."""

    root: str
    group: int
    others: int
    gid: int
    inherits: int
    """The bit by which what is made in a folder belongs to its group, where the root has it."""


class _Change(NamedTuple):
    """What a file or folder becomes. `gid` is -1 where its group stays."""

    path: str
    was: os.stat_result
    mode: int
    gid: int


def closed_to_others(inventory: Inventory) -> Iterator[Finding]:
    """A finding for each place of the cache that has something closed, and the user whose it is."""
    sharing = _sharing(inventory.root)
    if sharing is None:
        return
    for path, name, key in _places(inventory):
        changes = list(_changes(sharing, path))
        mine = [one for one in changes if _is_mine(one)]
        owners = sorted({_owner(one.was.st_uid) for one in changes if not _is_mine(one)})
        if not changes:
            continue
        first = (mine or changes)[0]
        rest = len(changes) - len(mine)
        belong = f"{rest} of them belong{'s' if rest == 1 else ''} to {', '.join(owners)}"
        theirs = f" {belong}." if mine and rest else ""
        yield Finding(
            "permissions",
            inventory.root,
            path,
            f"{name}: others who share this cache cannot use {_count(len(changes))}, such as {first.path}.{theirs}",
            f"{_count(len(mine or changes))} become as open to others as the cache's own folder is, and no more.",
            0,
            key,
            (path,),
            "" if mine else f"It belongs to {', '.join(owners)}, who can repair it, or the superuser.",
        )


def open_to_others(finding: Finding) -> str:
    """Open what is this user's at and below the finding's path; returns a sentence that says what it was."""
    sharing = _sharing(finding.root)
    changes = [one for one in _changes(sharing, finding.path) if _is_mine(one)] if sharing else []
    for one in changes:
        _apply(one)
    was = sorted({f"{stat.S_IMODE(one.was.st_mode):04o}" for one in changes})
    return f"{_count(len(changes))} opened, before: {', '.join(was)}." if changes else ""


def _sharing(root: str) -> _Sharing | None:
    """None for a cache of one user: nobody else may write there, or come as far as there."""
    if os.name == "nt":
        return None
    status = os.stat(root)
    bits = {"group": status.st_mode >> 3 & 7, "others": status.st_mode & 7}
    for who, mode in bits.items():
        reads = mode & (_READ | _PASS) == _READ | _PASS
        if not reads or not (mode & _WRITE or _is_reached(root, status.st_gid, who)):
            bits[who] = 0
    inherits = status.st_mode & stat.S_ISGID
    return (
        _Sharing(root, bits["group"], bits["others"], status.st_gid, inherits) if any(bits.values()) else None
    )


def _is_reached(root: str, gid: int, who: str) -> bool:
    """Whether these may pass through all folders above the root."""
    folder = os.path.realpath(root)
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        status = os.stat(folder)
        group = who == "group" and status.st_gid == gid
        if not status.st_mode & (stat.S_IXGRP if group else stat.S_IXOTH):
            return False
    return True


def _places(inventory: Inventory) -> Iterator[tuple[str, str, ModelKey | None]]:
    root = inventory.root
    for model in inventory.models:
        yield model.path, str(model.key), model.key
    yield f"{root}/{layout.LOCKS}", "Locks", None
    if inventory.store.payloads:
        yield f"{root}/{layout.SHARED_STORE}", "The contents that models share", None


def _changes(sharing: _Sharing, place: str) -> Iterator[_Change]:
    for path in _at_and_below(place):
        with suppress(OSError):
            status = os.lstat(path)
            if not stat.S_ISLNK(status.st_mode) and (change := _change(sharing, path, status)):
                yield change


def _at_and_below(place: str) -> Iterator[str]:
    """Without what is behind a link, which may be anywhere."""
    if os.path.islink(place) or not os.path.lexists(place):
        return
    yield place
    for folder, folders, files in os.walk(place):
        yield from (f"{folder}/{name}" for name in (*folders, *files))


def _change(sharing: _Sharing, path: str, status: os.stat_result) -> _Change | None:
    """What has to change for everybody who shares the cache to read, or to lock; None where they can."""
    needed_group, given_group = _bits(sharing.root, path, status, sharing.group)
    needed_others, given_others = _bits(sharing.root, path, status, sharing.others)
    mode = stat.S_IMODE(status.st_mode)
    is_theirs = status.st_gid == sharing.gid
    group_has = (mode >> 3 if is_theirs else mode) & 7
    if not (needed_group & ~group_has or needed_others & ~mode):
        return None
    # Of another group, that would let in who does not share the cache.
    regroup = sharing.gid if needed_group & ~group_has and not is_theirs else -1
    opened = mode | given_others
    if is_theirs or regroup != -1:
        opened |= given_group << 3
        if stat.S_ISDIR(status.st_mode) and sharing.group & _WRITE:
            opened |= sharing.inherits
    return _Change(path, status, opened, regroup)


def _bits(root: str, path: str, status: os.stat_result, allowed: int) -> tuple[int, int]:
    """What somebody to whom the root gives `allowed` needs here, and what they are given when they lack it."""
    place = path.removeprefix(f"{root}/")
    writes = allowed & _WRITE
    if place.split("/")[0] == layout.LOCKS:
        # Locks are made and taken by those who download: they write.
        both = (_READ | _WRITE | (_PASS if stat.S_ISDIR(status.st_mode) else 0)) if writes else 0
        return both, both
    if stat.S_ISDIR(status.st_mode):
        return allowed & (_READ | _PASS), allowed
    if place.startswith(f"{layout.SHARED_STORE}/") and place.endswith(_STORE_FILES):
        return (_READ | _WRITE, _READ | _WRITE) if writes else (0, 0)
    return allowed & _READ, allowed & _READ


def _is_mine(change: _Change) -> bool:
    return os.geteuid() in (0, change.was.st_uid)


def _owner(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user {uid}"


def _apply(change: _Change) -> None:
    """Change what was looked at, and nothing that has come into its place since."""
    flags = getattr(os, "O_PATH", 0)
    if not flags:
        os.chown(change.path, -1, change.gid, follow_symlinks=False)
        os.chmod(change.path, change.mode)
        return
    handle = os.open(change.path, flags | os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        if (status.st_dev, status.st_ino) == (change.was.st_dev, change.was.st_ino):
            if change.gid != -1:
                os.chown(f"/proc/self/fd/{handle}", -1, change.gid)
            os.chmod(f"/proc/self/fd/{handle}", change.mode)
    finally:
        os.close(handle)


def _count(number: int) -> str:
    return "1 file or folder" if number == 1 else f"{number} files and folders"

"""Manifests of the shared store that do not say what the disk says, and what interrupted writing of them left.

The Hub's client believes a line only after it has looked at the link, so a line too many is harmless. A link without
a line is not: when the other users of its content go, the client removes the content under it. And a content without
a manifest is never removed by anyone. Source: huggingface_hub 2.4.0, `utils/_shared_blobs.py`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from modelkeep.cache import layout
from modelkeep.cache.locks import is_held
from modelkeep.cache.shared_store import store_lock, write_manifest
from modelkeep.disk import released
from modelkeep.doctor.findings import Finding
from modelkeep.doctor.models import Look
from modelkeep.keys import ModelKey

__all__ = ["as_the_disk_has_it", "temporary_manifests", "wrong_manifests"]

_TEMPORARY = re.compile(r"\.?[0-9a-f]{64}\.refs\.\w+\.tmp")  # ours with a dot before it, the client's without
_NAMED = 3  # users that a message names


def wrong_manifests(look: Look, closed: bool) -> Iterator[Finding]:
    """The manifests that are not as the links on the disk are. `closed`: some of the cache cannot be read."""
    inventory = look.inventory
    users = _links_into_the_store(inventory.root) if inventory.store.payloads else {}
    for payload in sorted(inventory.store.payloads):
        content, is_text = _read(f"{payload}.refs")
        lines = content.splitlines()
        right = _right_lines(inventory.root, payload, [*lines, *users.get(payload, ())])
        if not right or (is_text and set(lines) == set(right) and content.endswith("\n")):
            continue  # what nobody uses is waste, and another finding
        held = "It is being downloaded now." if is_held(f"{payload}.lock") else ""
        hidden = "A part of the cache cannot be read, so nobody knows who uses it."
        yield Finding(
            "wrong-manifest",
            inventory.root,
            f"{payload}.refs",
            _message(os.path.basename(payload)[:12], set(lines), set(right), is_text),
            "The list is written anew, as the links on the disk are.",
            0,
            _key(right[0]),
            (f"{payload}.refs", *(f"{inventory.root}/{line}" for line in right)),
            held or (hidden if closed and not is_text else ""),
        )


def as_the_disk_has_it(finding: Finding) -> int:
    """Write the manifest of a finding as it should be now. The client writes a line before it makes a link."""
    payload, links = finding.path.removesuffix(".refs"), finding.paths[1:]
    with store_lock(payload):
        content, _ = _read(finding.path)
        seen = [link.removeprefix(f"{finding.root}/") for link in links]
        right = _right_lines(finding.root, payload, [*content.splitlines(), *seen])
        if right and os.path.isfile(payload):
            write_manifest(payload, right)
    return 0


def temporary_manifests(look: Look) -> Iterator[Finding]:
    """Manifests that were being written when a program was killed."""
    for folder in sorted({os.path.dirname(payload) for payload in look.inventory.store.payloads}):
        names = []
        with suppress(OSError):
            names = sorted(filter(_TEMPORARY.fullmatch, os.listdir(folder)))
        for name in names:
            path = f"{folder}/{name}"
            with suppress(OSError):
                size = released(path)
                finding = Finding(
                    "temporary-file",
                    look.inventory.root,
                    path,
                    f"{name[:20]}… was left by a change of the shared store that was interrupted.",
                    "It is removed for good: nothing ever leads to it.",
                    size,
                    paths=(path,),
                    refusal=look.young(os.lstat(path).st_mtime) or look.users(path),
                    around=size,
                )
                yield look.finding(finding)


def _links_into_the_store(root: str) -> Mapping[str, list[str]]:
    """The links of all repositories by the payload that each leads to, in the words of a manifest.

    Only the first step of each counts, and no folder on the way is looked through, as for the client.
    """
    found: dict[str, list[str]] = {}
    store = f"{root}/{layout.SHARED_STORE}/"
    for folder in filter(layout.parse_repo_folder, sorted(os.listdir(root))):
        with suppress(OSError), os.scandir(f"{root}/{folder}/blobs") as entries:
            for entry in entries:
                # With a dot begin those that the client is just making.
                if not entry.is_symlink() or entry.name.startswith(".") or len(entry.name.split()) != 1:
                    continue
                target = _target(root, f"{folder}/blobs/{entry.name}")
                if target.startswith(store):
                    found.setdefault(target, []).append(f"{folder}/blobs/{entry.name}")
    return found


def _target(root: str, line: str) -> str:
    place = os.path.dirname(f"{root}/{line}")
    return os.path.normpath(os.path.join(place, os.readlink(f"{root}/{line}")))


def _right_lines(root: str, payload: str, lines: Iterable[str]) -> list[str]:
    """Those of the lines that name a link to the payload, or what cannot be looked at; sorted."""
    return sorted({line for line in lines if _is_right(root, payload, line)})


def _is_right(root: str, payload: str, line: str) -> bool:
    parts = line.split("/")
    if len(parts) != 3 or parts[1] != "blobs" or parts[2] in ("", ".", ".."):
        return False
    if layout.parse_repo_folder(parts[0]) is None:
        return False
    try:
        place = f"{root}/{line}"
        return _target(root, line) == payload or os.path.realpath(place) == os.path.realpath(payload)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _read(path: str) -> tuple[str, bool]:
    """What a manifest says, and whether the client can read it; what is no text in it is replaced."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            return "", False
        with open(handle, "rb") as file:
            content = file.read()
        return content.decode(), True
    except UnicodeDecodeError:
        return content.decode(errors="replace"), False
    except OSError:
        return "", False


def _message(name: str, lines: set[str], right: set[str], is_text: bool) -> str:
    what = f"the shared content {name}"
    if not is_text:
        return (
            f"{what[0].upper()}{what[1:]} has no list of its users that can be read, so it is never removed."
        )
    if missing := sorted({key.repo_id for line in right - lines if (key := _key(line))}):
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        users = f"{', '.join(missing[:_NAMED])}{more}"
        return f"The list of who uses {what} lacks {users}: the Hub's client may remove it under them."
    wrong = len(lines - right)
    if not wrong:
        return f"The list of who uses {what} ends in the middle of a line."
    count = "1 line that leads" if wrong == 1 else f"{wrong} lines that lead"
    return f"The list of who uses {what} has {count} nowhere."


def _key(line: str) -> ModelKey | None:
    named = layout.parse_repo_folder(line.partition("/")[0])
    return ModelKey(named[1], None, named[0]) if named else None

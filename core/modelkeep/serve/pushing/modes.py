"""How each file of a push is to come, before it is sent: as LFS, inside of the commit, or not at all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from modelkeep.archive.lfs import ATTRIBUTES_NAME, LfsRules
from modelkeep.disk import disk_errors
from modelkeep.hub.ignored import Ignored
from modelkeep.keys import ModelKey
from modelkeep.serve.answers import HubError, repo_not_found, revision_not_found
from modelkeep.serve.pushing.rules import is_lfs
from modelkeep.serve.pushing.store import PushStore

__all__ = ["modes"]

_RULES_SIZE = 1 << 20  # bytes of a .gitattributes or .gitignore that are read
_MOST_FILES = 10_000


def modes(store: PushStore, key: ModelKey, revision: str, said: dict[str, object]) -> list[dict[str, object]]:
    """The answer to `preupload`: with what is there now, so that the client leaves out what did not change."""
    asked = said.get("files")
    if not isinstance(asked, list) or len(asked) > _MOST_FILES:
        raise HubError(400, "", "The request names no files, or too many at once.")
    if not store.path(key).is_dir():
        raise repo_not_found(key.repo_id)
    head = store.head(key, revision)
    if head is None and (revision != "main" or store.refs(key)):
        raise revision_not_found(key.repo_id, revision)
    here = store.files(key, head) if head else {}
    snapshot = store.path(key) / "snapshots" / (head or "none")
    rules = LfsRules(_texts(snapshot, here, ATTRIBUTES_NAME))
    ignores = _texts(snapshot, here, ".gitignore")
    if isinstance(said.get("gitIgnore"), str):
        ignores[""] = str(said["gitIgnore"])
    ignored = Ignored(ignores)
    found: list[dict[str, object]] = []
    for file in asked:
        path, size, sample = _asked(file)
        there = here.get(path)
        found.append(
            {
                "path": path,
                "uploadMode": "lfs" if is_lfs(rules, path, size, sample) else "regular",
                "shouldIgnore": path in ignored,
                "oid": there.etag if there else None,
            }
        )
    return found


def _asked(file: Any) -> tuple[str, int, bytes]:
    try:
        path, size = file["path"], file["size"]
        sample = base64.b64decode(file.get("sample") or "", validate=True)
    except (TypeError, KeyError, AttributeError, binascii.Error, ValueError) as error:
        raise HubError(400, "", "The request has a file without path, size and sample.") from error
    if not isinstance(path, str) or not isinstance(size, int):
        raise HubError(400, "", "The request has a file without path, size and sample.")
    return path, size, sample


def _texts(snapshot: Path, names: Iterable[str], called: str) -> dict[str, str]:
    """The files of that name in a snapshot: their text by the folder they are in."""
    texts = {}
    for name in names:
        if name.rpartition("/")[2] == called:
            with disk_errors(snapshot / name), open(snapshot / name, "rb") as file:
                texts[name.removesuffix(called)] = file.read(_RULES_SIZE).decode(errors="replace")
    return texts

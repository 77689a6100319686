"""What the objects of a store are called; see docs/store.md.

Names are made for any place: what is not a letter, a digit, "_", "-" or "." of a repository or ref is written as
`%2F`, so that a ref is one part of a name whatever it is called, and no part is "." or "..", hidden, or what Windows
cannot have.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, cast, get_args
from urllib.parse import unquote

from modelkeep.cache import layout
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey, RepoType

__all__ = [
    "BLOBS",
    "MARKER",
    "MODELS",
    "PROBES",
    "PUSHES",
    "ObjectName",
    "blob_name",
    "blob_of",
    "checksums_name",
    "entry_name",
    "is_of_a_store",
    "mark_name",
    "marks_prefix",
    "model_prefix",
    "push_name",
    "read_name",
    "ref_prefix",
    "refs_prefix",
    "revision_name",
    "revisions_prefix",
]

MARKER = "modelkeep-store.json"
BLOBS = "blobs/"
MODELS = "models/"
PUSHES = "pushes/"
PROBES = "probe-"
"""What is written to find out what a place can do, and removed at once."""

_NO_OWNER = "-"  # stands for the owner of `gpt2`, which has none; no owner can be called that
_NEVER = re.compile(r"[\\:]")  # what leads elsewhere on Windows; neither a repository nor a ref can have it
_PLAIN = re.compile(r"[A-Za-z0-9_\-.]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_LONGEST = 200  # bytes; names of 255 are possible nearly everywhere, and a folder's may get longer on its way
_ID = re.compile(r"[0-9a-f]{16}")
_NUMBER = re.compile(r"([0-9]{8})(?:-([0-9a-f]+))?")


class ObjectName(NamedTuple):
    """What the name of an object below `models/` says. `kind` is "revision", "checksums", "mark" or "ref".

    `key` is the model's, with the commit of a revision or mark, `id` which of its manifests. Of a ref's entry
    `number` is its place in the chain, and `rival` tells those of one number apart where a store cannot create
    exclusively.
    """

    name: str
    kind: str
    key: ModelKey
    id: str = ""
    ref: str = ""
    number: int = 0
    rival: str = ""

    @property
    def commit(self) -> str:
        return self.key.revision or ""


def blob_name(sha256: str) -> str:
    """`blobs/ab/abcd…`"""
    return f"{BLOBS}{sha256[:2]}/{sha256}"


def blob_of(name: str) -> str | None:
    """The SHA-256 that is the name of a content, None for what is none."""
    sha256 = name.rpartition("/")[2]
    return sha256 if layout.is_sha256(sha256) and name == blob_name(sha256) else None


def push_name(push_id: str) -> str:
    """`pushes/ID.json`"""
    return f"{PUSHES}{push_id}.json"


def model_prefix(key: ModelKey) -> str:
    """`models/model/org/name/`; a name without an owner has "-" there. Raises `InvalidKey`."""
    owner, slash, name = key.repo_id.partition("/")
    owner, name = (owner, name) if slash else (_NO_OWNER, owner)
    return f"{MODELS}{key.repo_type}/{_quoted(owner) if slash else owner}/{_quoted(name)}/"


def revisions_prefix(key: ModelKey) -> str:
    """Below it are the manifests of a model."""
    return f"{model_prefix(key)}revisions/"


def revision_name(key: ModelKey, commit: str, manifest_id: str) -> str:
    """`models/…/revisions/COMMIT.ID.json`"""
    return f"{revisions_prefix(key)}{commit}.{manifest_id}.json"


def checksums_name(revision: str) -> str:
    """What lies beside a manifest, for `sha256sum -c`."""
    return f"{revision.removesuffix('.json')}.sha256"


def marks_prefix(key: ModelKey) -> str:
    """Below it are the marks of the deleted revisions of a model."""
    return f"{model_prefix(key)}deleted/"


def mark_name(key: ModelKey, commit: str, manifest_id: str) -> str:
    """`models/…/deleted/COMMIT.ID.json`"""
    return f"{marks_prefix(key)}{commit}.{manifest_id}.json"


def refs_prefix(key: ModelKey) -> str:
    """Below it are the chains of a model's refs."""
    return f"{model_prefix(key)}refs/"


def ref_prefix(key: ModelKey, ref: str) -> str:
    """Below it are the entries of one ref. Raises `InvalidKey`."""
    return f"{refs_prefix(key)}{_quoted(ref)}/"


def entry_name(key: ModelKey, ref: str, number: int, rival: str = "") -> str:
    """`models/…/refs/REF/00000001.json`, with `-RIVAL` where entries cannot be created exclusively."""
    return f"{ref_prefix(key, ref)}{number:08}{f'-{rival}' if rival else ''}.json"


def is_of_a_store(name: str) -> bool:
    """Whether an object is where a store has its own."""
    return name == MARKER or name.startswith((BLOBS, MODELS, PUSHES))


def read_name(name: str) -> ObjectName | None:
    """What the name of an object below `models/` says, None for one that no Modelkeep gave."""
    parts = name.split("/")
    if len(parts) < 6 or parts[0] != "models" or parts[1] not in get_args(RepoType):
        return None
    owner, folder = parts[2], parts[4]
    repo_id = unquote(parts[3]) if owner == _NO_OWNER else f"{unquote(owner)}/{unquote(parts[3])}"
    key = ModelKey(repo_id, None, cast(RepoType, parts[1]))
    try:
        found = _entry(name, key, parts[5:]) if folder == "refs" else _revision(name, key, folder, parts[5:])
        # Only one way to write a name is right, so that two names never mean one thing.
        return found if found is not None and name.startswith(model_prefix(key)) else None
    except InvalidKey:
        return None


def _entry(name: str, key: ModelKey, rest: list[str]) -> ObjectName | None:
    number = _NUMBER.fullmatch(rest[1].removesuffix(".json")) if len(rest) == 2 else None
    ref = unquote(rest[0])
    if number is None or int(number[1]) == 0 or not name.endswith(".json") or _quoted(ref) != rest[0]:
        return None
    return ObjectName(name, "ref", key, ref=ref, number=int(number[1]), rival=number[2] or "")


def _revision(name: str, key: ModelKey, folder: str, rest: list[str]) -> ObjectName | None:
    kinds = {
        ("revisions", "json"): "revision",
        ("revisions", "sha256"): "checksums",
        ("deleted", "json"): "mark",
    }
    parts = rest[0].split(".")
    if len(rest) != 1 or len(parts) != 3 or not (layout.is_commit(parts[0]) and _ID.fullmatch(parts[1])):
        return None
    kind = kinds.get((folder, parts[2]))
    return ObjectName(name, kind, key.at(parts[0]), id=parts[1]) if kind else None


@lru_cache(maxsize=1 << 14)  # a list of many names has the same owners and refs again and again
def _quoted(text: str) -> str:
    """One part of a name that is harmless on all systems, and which `unquote` reads again. What cannot be printed
    is no name: it would be the name of a folder in somebody's cache."""
    quoted = ""
    if text.isprintable() and not _NEVER.search(text):
        quoted = "".join(char if _PLAIN.match(char) else _escaped(char) for char in text)
    if not quoted or len(quoted) > _LONGEST:
        raise InvalidKey(
            f"“{text[:80]!a}” cannot be a name in a store.", hint="Choose a shorter, plainer name."
        )
    if quoted[0] in ".-" or _DEVICE.match(quoted):
        quoted = _escaped(quoted[0]) + quoted[1:]
    return f"{quoted[:-1]}%2E" if quoted.endswith(".") else quoted


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())

"""A commit as the client sends it: lines of JSON, the header first, then what is to be done to which path.

Source: huggingface_hub 2.4.0, `_commit_api.py`, `_prepare_commit_payload`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.names import check_entry_name
from modelkeep.cache import layout
from modelkeep.disk import disk_errors
from modelkeep.errors import UnsafeArchive
from modelkeep.serve.answers import HubError
from modelkeep.serve.pushing.uploads import Limits
from modelkeep.text import size_text

__all__ = ["Add", "Header", "Operation", "Remove", "read_operations"]

_MOST_TEXT = 64 << 10  # characters of a message
_MOST_FOLDERS = 1000  # to remove at once; each is looked for among all files


class Header(NamedTuple):
    """What a commit says of itself; `parent` is the commit that the client saw, "" when it does not care."""

    summary: str
    description: str = ""
    parent: str = ""


class Add(NamedTuple):
    """A file that is to have a content. `size` is None for a copy of an LFS file, of which only the name is sent.

    `source` is the content where it came inside of the commit.
    """

    path: str
    etag: str
    size: int | None
    source: Path | None = None


class Remove(NamedTuple):
    """A file, or a folder, that goes."""

    path: str
    is_folder: bool


Operation = Add | Remove


def read_operations(lines: Path, into: Path, limits: Limits) -> tuple[Header, tuple[Operation, ...]]:
    """Read a commit from a file; contents inside of it are written to `into`, flushed, named by their git SHA-1.

    Raises `HubError` 400 for what is no commit, and 413 for a file that has to be sent as LFS.
    """
    header: Header | None = None
    operations: list[Operation] = []
    for key, value in _lines(lines, limits):
        if key == "header":
            parent = value.get("parentCommit") or ""
            summary, description = _text(value, "summary"), _text(value, "description")
            header = Header(summary, description, str(parent))
        elif key == "file":
            operations.append(_file(value, into, limits))
        elif key == "lfsFile":
            oid, size = value.get("oid"), value.get("size")
            if (
                not isinstance(oid, str)
                or not layout.is_sha256(oid)
                or value.get("algo", "sha256") != "sha256"
            ):
                raise HubError(400, "", f"{_path(value)} has no SHA-256 to find it by.")
            operations.append(Add(_path(value), oid, size if isinstance(size, int) else None))
        elif key in ("deletedFile", "deletedFolder"):
            operations.append(Remove(_path(value), key == "deletedFolder"))
        else:
            raise HubError(501, "", f"This server does not know the operation “{key[:50]}”.")
    if sum(isinstance(operation, Remove) and operation.is_folder for operation in operations) > _MOST_FOLDERS:
        raise HubError(413, "", "That are too many folders to remove in one commit.")
    if header is None or not header.summary:
        raise HubError(400, "", "The commit has no message.")
    return header, tuple(operations)


def _lines(path: Path, limits: Limits) -> Iterator[tuple[str, dict[str, object]]]:
    longest = limits.in_commit * 4 // 3 + (64 << 10)
    with disk_errors(path), open(path, "rb") as file:
        while line := file.readline(longest + 1):
            if len(line) > longest:
                raise HubError(
                    413, "", f"A file of more than {size_text(limits.in_commit)} has to be sent as LFS."
                )
            if not line.strip():
                continue
            try:
                said = json.loads(line)
                key, value = said["key"], said["value"]
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise HubError(400, "", "The commit has a line that is no operation.") from error
            if not isinstance(key, str) or not isinstance(value, dict):
                raise HubError(400, "", "The commit has a line that is no operation.")
            yield key, value


def _file(value: dict[str, object], into: Path, limits: Limits) -> Add:
    path, text = _path(value), value.get("content")
    if not isinstance(text, str) or value.get("encoding", "base64") not in ("base64", "utf-8"):
        raise HubError(400, "", f"{path} has no content that can be read.")
    try:
        is_base64 = value.get("encoding", "base64") == "base64"
        content = base64.b64decode(text, validate=True) if is_base64 else text.encode()
    except (binascii.Error, ValueError) as error:
        raise HubError(400, "", f"The content of {path} is not Base64.") from error
    if len(content) > limits.in_commit:
        raise HubError(413, "", f"{path} has more than {size_text(limits.in_commit)}; send it as LFS.")
    etag = hashlib.sha1(layout.git_blob_header(len(content)) + content).hexdigest()
    source = into / etag
    if not source.exists():
        with disk_errors(source), open(source, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return Add(path, etag, len(content), source)


def _path(value: dict[str, object]) -> str:
    raw = value.get("path")
    if not isinstance(raw, str):
        raise HubError(400, "", "The commit has an operation without a path.")
    try:
        path = check_entry_name(raw.rstrip("/"))
    except UnsafeArchive as error:
        raise HubError(400, "", str(error).replace("The entry", "The path")) from error
    if ".git" in (part.lower() for part in path.split("/")):
        raise HubError(400, "", "Nothing can be put into a folder “.git”.")
    return path


def _text(value: dict[str, object], name: str) -> str:
    text = value.get(name) or ""
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        raise HubError(400, "", f"The {name} of the commit is no text, or too long.")
    return text.encode(errors="replace").decode()  # half a character of JSON cannot be said again

"""Reading the files that describe a model: regular files only, and never more of them than asked for."""

from __future__ import annotations

import json
import os
import stat
from typing import BinaryIO

from modelkeep.disk import without_waiting
from modelkeep.errors import ModelKeepError

__all__ = ["Unreadable", "open_file", "read_json", "refuse_pointer"]

_LONGEST_JSON = 8 << 20


class Unreadable(ModelKeepError):
    """The content of a file is not what its name says. `describe` makes a note of it; nobody else sees it."""

    @property
    def note(self) -> str:
        """The error with its hint, as one text."""
        return f"{self} {self.hint}".rstrip()


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file to read bytes. A pipe or a device, which could block or never end, is `Unreadable`.

    Raises `OSError` when the system does not let us read it.
    """
    file = open(path, "rb", opener=without_waiting)  # noqa: SIM115 - handed to the caller
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Unreadable("This is no regular file.")
    return file


def read_json(path: str | os.PathLike[str]) -> object:
    """The value in a JSON file of at most 8 MiB."""
    with open_file(path) as file:
        content = file.read(_LONGEST_JSON + 1)
    if len(content) > _LONGEST_JSON:
        raise Unreadable("The file is longer than the 8 MiB that are read of it.")
    refuse_pointer(content)
    try:
        # A byte order mark, which some editors leave, is passed over.
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The file is not JSON.") from error


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def refuse_pointer(start: bytes) -> None:
    """Name the usual reason why a large file is tiny text: a clone that was made without Git LFS."""
    if start.startswith(b"version https://git-lfs.github.com/spec/"):
        raise Unreadable(
            "This is the pointer that Git LFS leaves in place of the file.",
            hint="Run “git lfs pull” in the clone that it came from.",
        )

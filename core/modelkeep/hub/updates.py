"""Whether a hub has newer commits of what is cached, and what fetching them costs. Touches no ref and no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey

__all__ = ["FileChange", "Update"]


class FileChange(NamedTuple):
    """A file that differs between two commits; a size is None on the side that lacks the file. Bytes."""

    path: str
    old_size: int | None
    new_size: int | None

    @property
    def kind(self) -> str:
        """ "added", "removed" or "changed"."""
        if self.old_size is None:
            return "added"
        return "removed" if self.new_size is None else "changed"


@dataclass(frozen=True)
class Update:
    """What a hub says of a cached model's ref. `error` is why it could not be asked.

    `changes` are the files that differ (of those that the cached revision has, where only some were fetched),
    `bytes_new` what fetching them takes; both empty when `old` and `new` are the same commit.
    """

    root: str
    key: ModelKey
    ref: str
    old: str
    new: str = ""
    last_modified: str = ""
    changes: tuple[FileChange, ...] = ()
    bytes_new: int = 0
    note: str = ""
    error: ModelKeepError | None = None

    @property
    def is_newer(self) -> bool:
        return bool(self.new) and self.new != self.old

"""Whether a hub has newer commits of what is cached, and what fetching them costs. Touches no ref and no file."""

from __future__ import annotations

from dataclasses import dataclass

from modelkeep.cache.changes import FileChange
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey

__all__ = ["FileChange", "Update"]


@dataclass(frozen=True)
class Update:
    """What a hub says of a cached model's ref. `error` is why it could not be asked.

    `changes` are the files that differ; where only some were fetched: of those, and of what is new there and a
    download would take. `bytes_new` is what fetching them takes, less what any cache has. Both are empty when `old`
    and `new` are the same commit.
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

"""What verifying says: of each file, of each revision, and of all together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from modelkeep.keys import ModelKey

__all__ = ["VERIFIED", "FileCheck", "Outcome", "RevisionCheck", "Verdict", "Verification", "Verified"]

VERIFIED = "verified"
"""The kind of fact by which the catalog remembers what came of verifying a revision."""


class Outcome(StrEnum):
    """What became of a file.

    GOOD: it was read, and is what its name, the repository's listing and the manifest of its import say.
    REMEMBERED: it was that when it was read last, and has not changed since.
    UNPROVEN: it can be read, and nothing says what it should be: a plain copy without a listing or a manifest.
    WRONG_CONTENT: it is not what its name says, or not what was imported.
    NOT_AS_LISTED: it is what its name says, but the repository's listing names another content.
    HEADER_DAMAGED: the header of the weights cannot be right, whatever the checksum says.
    INDEX_INCOMPLETE: it is an index of weights, and names a file that is not here.
    """

    GOOD = "good"
    REMEMBERED = "remembered"
    UNPROVEN = "unproven"
    MISSING = "missing"
    WRONG_SIZE = "wrong-size"
    WRONG_CONTENT = "wrong-content"
    NOT_AS_LISTED = "not-as-listed"
    UNREADABLE = "unreadable"
    HEADER_DAMAGED = "header-damaged"
    INDEX_INCOMPLETE = "index-incomplete"

    @property
    def is_bad(self) -> bool:
        return self not in (Outcome.GOOD, Outcome.REMEMBERED, Outcome.UNPROVEN)


class Verdict(StrEnum):
    """What the outcomes of a revision's files come to, from best to worst.

    INCOMPLETE: what is here is not wrong, but files are missing.
    """

    GOOD = "good"
    UNPROVEN = "unproven"
    INCOMPLETE = "incomplete"
    DAMAGED = "damaged"

    @property
    def is_bad(self) -> bool:
        return self in (Verdict.INCOMPLETE, Verdict.DAMAGED)


class FileCheck(NamedTuple):
    """What became of a file. `name` is its path in the repository, `size` bytes that it has here.

    `message` says what is wrong, as a sentence, and `hint` what to do; "" when nothing is. `checked` is when its
    bytes were read last, in seconds since the epoch (UTC); 0.0 for never. `is_proven`: its content is what its name
    and the listing say, whatever else is wrong. `seen` is the inode, size and time (nanoseconds) of what was checked,
    () where nothing was.
    """

    name: str
    path: str
    size: int
    outcome: Outcome
    message: str = ""
    hint: str = ""
    checked: float = 0.0
    is_proven: bool = False
    seen: tuple[int, ...] = ()


@dataclass(frozen=True)
class RevisionCheck:
    """What became of a revision. `commit` is "" for a model of which nothing but its folder is here.

    `is_listed` says whether there is the repository's listing, or the manifest of an import, without which nothing
    proves that these are all files.
    """

    root: str
    key: ModelKey
    commit: str
    refs: tuple[str, ...]
    files: tuple[FileCheck, ...]
    is_listed: bool

    @property
    def bad(self) -> tuple[FileCheck, ...]:
        return tuple(file for file in self.files if file.outcome.is_bad)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def checked(self) -> float:
        """When the file was read that was not read for the longest time; 0.0 when one never was."""
        return min((file.checked for file in self.files), default=0.0)

    @property
    def verdict(self) -> Verdict:
        outcomes = {file.outcome for file in self.files}
        if bad := {outcome for outcome in outcomes if outcome.is_bad}:
            whole = bad <= {Outcome.MISSING, Outcome.INDEX_INCOMPLETE}
            return Verdict.INCOMPLETE if whole else Verdict.DAMAGED
        if not outcomes:
            return Verdict.INCOMPLETE
        return Verdict.GOOD if self.is_listed and Outcome.UNPROVEN not in outcomes else Verdict.UNPROVEN


@dataclass(frozen=True)
class Verification:
    """What a verification found. `bytes_read` has each content once, however many files share it."""

    revisions: tuple[RevisionCheck, ...]
    bytes_read: int
    deep: bool
    seconds: float

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each bad revision."""
        return tuple(
            f"{revision.key.at(revision.commit[:8])} is {revision.verdict}."
            for revision in self.revisions
            if revision.verdict.is_bad
        )


class Verified(NamedTuple):
    """When a revision, which has not changed since, was verified last and what came of it.

    `at` is when that was, `checked` when the bytes that were not read for the longest time were read, both in seconds
    since the epoch (UTC). `deep`: all of them were read then, whatever was remembered.
    """

    at: float
    verdict: Verdict
    deep: bool
    checked: float

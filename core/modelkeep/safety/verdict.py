"""What a scan says: of each thing that was found, of a file, and of a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

__all__ = [
    "FILTER_NOT_PROOF",
    "FileVerdict",
    "Finding",
    "ModelVerdict",
    "Verdict",
    "file_verdict",
    "worst_of",
]

FILTER_NOT_PROOF = "A scan is a filter and no proof: what it does not know, it does not find."

_MOST_FINDINGS = 100  # of a file; the worst are kept


class Verdict(IntEnum):
    """How bad it is; the larger, the worse. What could not be scanned may hold anything, so it is never clean."""

    CLEAN = 0
    NOTICE = 1
    SUSPICIOUS = 2
    COULD_NOT_SCAN = 3
    DANGEROUS = 4

    @property
    def text(self) -> str:
        """As it is printed and written in JSON: "could-not-scan"."""
        return self.name.lower().replace("_", "-")


class Finding(NamedTuple):
    """One thing that was found: what `kind`, how bad, a sentence for the user, and where in the file.

    `where` is a member of a container, several apart by " › ", or "" for the file itself.
    """

    kind: str
    verdict: Verdict
    sentence: str
    where: str = ""


def worst_of(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, default=Verdict.CLEAN)


@dataclass(frozen=True)
class FileVerdict:
    """What was found in a file. `path` is its path in the repository."""

    path: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()


def file_verdict(path: str, findings: Iterable[Finding]) -> FileVerdict:
    """What these findings come to, the worst first, each once."""
    kept = sorted(dict.fromkeys(findings), key=lambda finding: -finding.verdict)[:_MOST_FINDINGS]
    return FileVerdict(path, worst_of([finding.verdict for finding in kept]), tuple(kept))


@dataclass(frozen=True)
class ModelVerdict:
    """What was found in a revision or a folder. `scanned_at` is in seconds since the epoch (UTC).

    `scanners` are names with versions: a newer scanner may see what an older one did not.
    """

    verdict: Verdict
    files: tuple[FileVerdict, ...]
    scanned_at: float
    scanners: tuple[tuple[str, str], ...]

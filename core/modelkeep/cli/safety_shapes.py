"""The JSON of `safety`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.cli.shapes import iso_time

if TYPE_CHECKING:
    from modelkeep.safety import FileVerdict, Finding, ModelVerdict

__all__ = ["scanned"]

Json = dict[str, object]


def scanned(what: str, root: str, commit: str, verdict: ModelVerdict) -> Json:
    """What was found in a revision, or in a file or folder, which have no root and no commit."""
    return {
        "what": what,
        "root": root or None,
        "commit": commit or None,
        "verdict": verdict.verdict.text,
        "scanned_at": iso_time(verdict.scanned_at),
        "scanners": dict(verdict.scanners),
        "files": [_file(file) for file in verdict.files],
    }


def _file(file: FileVerdict) -> Json:
    return {
        "path": file.path,
        "verdict": file.verdict.text,
        "findings": [_finding(finding) for finding in file.findings],
    }


def _finding(finding: Finding) -> Json:
    return {
        "kind": finding.kind,
        "verdict": finding.verdict.text,
        "sentence": finding.sentence,
        "where": finding.where or None,
    }

"""The JSON of `safety`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.cli.shapes import iso_time

if TYPE_CHECKING:
    from modelkeep.safety import FileVerdict, Finding, ModelVerdict

__all__ = ["found", "scanned"]

Json = dict[str, object]


def scanned(what: str, root: str, commit: str, verdict: ModelVerdict) -> Json:
    """What was found in a revision, or in a file or folder, which have no root and no commit."""
    return {
        "what": what,
        "root": root or None,
        "commit": commit or None,
        **_verdict(verdict),
    }


def found(verdict: ModelVerdict | None) -> Json | None:
    """What was found in a model by the way, as it was imported or downloaded: only files that have findings."""
    if verdict is None:
        return None
    said = _verdict(verdict)
    return {**said, "files": [_file(file) for file in verdict.files if file.findings]}


def _verdict(verdict: ModelVerdict) -> Json:
    return {
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

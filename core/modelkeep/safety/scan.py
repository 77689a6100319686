"""Scans files, folders and revisions, and remembers what was found in a file until it changes."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep import __version__
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheError, Cancelled, ModelKeepError
from modelkeep.metadata.reading import Unreadable, open_file
from modelkeep.progress import Progress, Report, ignore, share
from modelkeep.safety.content import BROUGHT_DOWN, scan_content
from modelkeep.safety.limits import Budget
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict, worst_of

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedRevision
    from modelkeep.metadata.describe import Memory

__all__ = ["remembered_verdict", "scan_file", "scan_folder", "scan_revision", "scanners"]

# Part of what is remembered: raised when a scanner learns something new, so that files are scanned again.
_SCANNERS_VERSION = 1
_MOST_FINDINGS = 100  # of a file; the worst are kept


@cache
def scanners() -> tuple[tuple[str, str], ...]:
    """What scans, with versions."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        picklescan = version("picklescan")
    except PackageNotFoundError:
        picklescan = ""
    return (("modelkeep", __version__), ("picklescan", picklescan))


def scan_file(path: str | os.PathLike[str], name: str, report: Report = ignore) -> FileVerdict:
    """What is in the file at `path`, whose path in its repository is `name`. Its access time stays.

    Whatever the file holds, this raises nothing but what `report` raises.
    """
    findings = _findings(path, name, report)
    kept = sorted(dict.fromkeys(findings), key=lambda finding: -finding.verdict)[:_MOST_FINDINGS]
    return FileVerdict(name, worst_of([finding.verdict for finding in kept]), tuple(kept))


def _findings(path: str | os.PathLike[str], name: str, report: Report) -> list[Finding]:
    try:
        with open_file(path) as stream:
            size = os.fstat(stream.fileno()).st_size

            def tick() -> None:
                report(Progress("Scanning", min(stream.tell(), size), size, name))

            with warnings.catch_warnings():
                # Python warns of odd escapes in texts that it reads, which are nobody's here.
                warnings.simplefilter("ignore")
                findings = scan_content(stream, name, Budget(tick))
            stream.seek(0)
            findings += _header(path, name, stream.read(9))
        return findings + _secrets(path, name)
    except Cancelled:
        raise
    except (OSError, ModelKeepError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error).rstrip(".")
        return [Finding("unreadable", Verdict.COULD_NOT_SCAN, f"It could not be read ({reason}).")]
    except BROUGHT_DOWN as error:
        sentence = f"It could not be scanned ({type(error).__name__})."
        return [Finding("could-not-scan", Verdict.COULD_NOT_SCAN, sentence)]


def _header(path: str | os.PathLike[str], name: str, head: bytes) -> list[Finding]:
    """What the strict readers say of the formats that hold only numbers."""
    from modelkeep.metadata import gguf, safetensors

    try:
        if name.lower().endswith(".safetensors"):
            safetensors.read_header(path)
        elif name.lower().endswith(".gguf") or head.startswith(b"GGUF"):
            gguf.read_header(path)
    except Unreadable as error:
        return [Finding("header", Verdict.COULD_NOT_SCAN, error.note)]
    return []


def _secrets(path: str | os.PathLike[str], name: str) -> list[Finding]:
    from modelkeep.safety.secrets import find_secrets

    findings = []
    for secret in find_secrets(name, path):
        line = f", line {secret.line}" if secret.line else ""
        sentence = f"It has what should not be passed on: {secret.kind}{line}."
        findings.append(Finding("secret", Verdict.NOTICE, sentence))
    return findings


class _File(NamedTuple):
    name: str
    path: str
    size: int
    is_here: bool = True


def scan_revision(
    revision: CachedRevision, report: Report = ignore, *, memory: Memory | None = None
) -> ModelVerdict:
    """What is in the files of a revision. `memory` (a catalog) keeps it: an unchanged file is scanned once."""
    files = [
        _File(file.name, os.path.realpath(file.path), file.size, file.blob is not None)
        for file in revision.files
    ]
    return _scan(files, report, memory)


def scan_folder(
    folder: str | os.PathLike[str], report: Report = ignore, *, memory: Memory | None = None
) -> ModelVerdict:
    """What is in a folder and all folders below it, or in a single file. Links to folders are not followed.

    Raises `CacheError` when it is not there.
    """
    place = Path(folder)
    with disk_errors(place):
        place.stat()
    files = _below(place) if place.is_dir() else [_of(place, place.name)]
    return _scan(files, report, memory)


def _below(folder: Path) -> list[_File]:
    return sorted(_walked(folder))


def _walked(folder: Path) -> Iterator[_File]:
    def refuse(error: OSError) -> None:
        raise CacheError(f"{error.filename}: {error.strerror}.") from error

    for place, _, names in os.walk(folder, onerror=refuse):
        for name in names:
            path = Path(place, name)
            yield _of(path, path.relative_to(folder).as_posix())


def _of(path: Path, name: str) -> _File:
    try:
        return _File(name, os.path.realpath(path), path.stat().st_size)
    except OSError:
        return _File(name, os.fspath(path), 0, is_here=False)


def _scan(files: Iterable[_File], report: Report, memory: Memory | None) -> ModelVerdict:
    files = list(files)
    total, before, verdicts = sum(file.size for file in files), 0, []
    for file in files:
        part = share(report, before, total)
        part(Progress("Scanning", 0, file.size, file.name))
        verdicts.append(_remembered(file, part, memory))
        before += file.size
    worst = worst_of([verdict.verdict for verdict in verdicts])
    return ModelVerdict(worst, tuple(verdicts), time.time(), scanners())


def _remembered(file: _File, report: Report, memory: Memory | None) -> FileVerdict:
    if not file.is_here:
        gone = Finding("missing", Verdict.COULD_NOT_SCAN, "It is not here, so it could not be scanned.")
        return FileVerdict(file.name, gone.verdict, (gone,))
    try:
        status = os.stat(file.path)
    except OSError:
        return scan_file(file.path, file.name, report)
    kind = "safety/" + "/".join([str(_SCANNERS_VERSION), *(version for _, version in scanners())])
    # The same content has other verdicts under other names, and another inode is another file.
    mark = [file.name, str(status.st_ino)]
    if memory:
        known = _from_facts(memory.recall(kind, file.path, status.st_size, status.st_mtime), mark)
        if known:
            return known
    verdict = scan_file(file.path, file.name, report)
    if memory and not any(finding.kind == "unreadable" for finding in verdict.findings):
        found = [[one.kind, int(one.verdict), one.sentence, one.where] for one in verdict.findings]
        memory.remember(kind, file.path, status.st_size, status.st_mtime, [mark, found])
    return verdict


def _from_facts(facts: object, mark: list[str]) -> FileVerdict | None:
    match facts:
        case [list(marked), list(found)] if marked == mark:
            findings = tuple(
                Finding(kind, Verdict(verdict), said, where) for kind, verdict, said, where in found
            )
            return FileVerdict(mark[0], worst_of([one.verdict for one in findings]), findings)
    return None


def remembered_verdict(revision: CachedRevision, memory: Memory) -> ModelVerdict | None:
    """What the last scan said of a revision whose files have not changed since; None when one was never scanned."""
    return None

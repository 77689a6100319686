"""Scans files, folders and revisions, and remembers what was found in a file until it changes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
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
from modelkeep.safety.secrets import SecretFound, find_secrets
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict, file_verdict, worst_of

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedRevision
    from modelkeep.metadata.describe import Memory

__all__ = [
    "OF_REVISION",
    "remember_files",
    "remembered_verdict",
    "scan_file",
    "scan_files",
    "scan_folder",
    "scan_revision",
    "scanners",
    "secret_findings",
]

OF_REVISION = "safety-revision"
"""The kind of facts that say of a revision's folder what its last scan found, whichever scanner it was:
`{"verdict": "dangerous", "scanned_at": seconds}`."""

# Part of what is remembered: raised when a scanner learns something new, so that files are scanned again.
_SCANNERS_VERSION = 2


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
    return file_verdict(name, _findings(path, name, report))


def _findings(path: str | os.PathLike[str], name: str, report: Report) -> list[Finding]:
    try:
        with open_file(path) as stream:
            size = os.fstat(stream.fileno()).st_size

            def tick() -> None:
                report(Progress("Scanning", min(stream.tell(), size), size, name))

            findings = scan_content(stream, name, Budget(tick))
            stream.seek(0)
            findings += _header(path, name, stream.read(9))
        return findings + secret_findings(find_secrets(name, path))
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


def secret_findings(found: Iterable[SecretFound]) -> list[Finding]:
    """The keys and tokens in a file, as findings."""
    findings = []
    for secret in found:
        line = f", line {secret.line}" if secret.line else ""
        sentence = f"It has what should not be passed on: {secret.kind}{line}."
        findings.append(Finding("secret", Verdict.NOTICE, sentence))
    return findings


class _File(NamedTuple):
    name: str
    path: str
    size: int
    is_here: bool = True


# ---- of many files


def scan_revision(
    revision: CachedRevision, report: Report = ignore, *, memory: Memory | None = None
) -> ModelVerdict:
    """What is in the files of a revision. `memory` (a catalog) keeps it: an unchanged file is scanned once."""
    verdict = _scan(_of_revision(revision), report, memory)
    if memory:
        facts = {"verdict": verdict.verdict.text, "scanned_at": verdict.scanned_at}
        memory.remember(OF_REVISION, revision.path, revision.size, revision.modified, facts)
    return verdict


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


def scan_files(
    files: Sequence[tuple[str, str | os.PathLike[str]]],
    report: Report = ignore,
    *,
    memory: Memory | None = None,
) -> ModelVerdict:
    """What is in files, each by its name in the repository and its path."""
    return _scan([_of(Path(path), name) for name, path in files], report, memory)


def remembered_verdict(revision: CachedRevision, memory: Memory) -> ModelVerdict | None:
    """What the last scan said of a revision whose files have not changed since; None when one was never scanned.

    What an older scanner said is not taken for an answer.
    """
    facts = memory.recall(OF_REVISION, revision.path, revision.size, revision.modified)
    if not isinstance(facts, dict):
        return None
    verdicts = []
    for file in _of_revision(revision):
        known = _recalled(file, memory) if file.is_here else _gone(file)
        if known is None:
            return None
        verdicts.append(known)
    return _together(verdicts, float(facts.get("scanned_at") or 0.0))


def remember_files(
    verdict: ModelVerdict, files: Sequence[tuple[str, str | os.PathLike[str]]], memory: Memory
) -> None:
    """Keep what was found in files that lie elsewhere now, each by its name in the repository and its path."""
    known = {file.path: file for file in verdict.files}
    for name, path in files:
        place = _of(Path(path), name)
        if place.is_here and name in known:
            _remember(place, known[name], memory)


def _of_revision(revision: CachedRevision) -> list[_File]:
    return [
        _File(file.name, os.path.realpath(file.path), file.size, file.blob is not None)
        for file in revision.files
    ]


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
        verdicts.append(_verdict(file, part, memory))
        before += file.size
    return _together(verdicts, time.time())


def _together(verdicts: Sequence[FileVerdict], at: float) -> ModelVerdict:
    worst = worst_of([verdict.verdict for verdict in verdicts])
    return ModelVerdict(worst, tuple(verdicts), at, scanners())


def _verdict(file: _File, report: Report, memory: Memory | None) -> FileVerdict:
    if not file.is_here:
        return _gone(file)
    if memory and (known := _recalled(file, memory)):
        return known
    status = _status(file)
    verdict = scan_file(file.path, file.name, report)
    if memory and status == _status(file):  # else it was changed while it was read
        _remember(file, verdict, memory)
    return verdict


def _gone(file: _File) -> FileVerdict:
    gone = Finding("missing", Verdict.COULD_NOT_SCAN, "It is not here, so it could not be scanned.")
    return FileVerdict(file.name, gone.verdict, (gone,))


# ---- what is remembered


class _Status(NamedTuple):
    size: int
    modified: float
    inode: int


def _status(file: _File) -> _Status | None:
    try:
        status = os.stat(file.path)
    except OSError:
        return None
    return _Status(status.st_size, status.st_mtime, status.st_ino)


def _kind(file: _File) -> str:
    """The same content has other verdicts under other names."""
    return "/".join(["safety", str(_SCANNERS_VERSION), *(version for _, version in scanners()), file.name])


def _recalled(file: _File, memory: Memory) -> FileVerdict | None:
    status = _status(file)
    if status is None:
        return None
    match memory.recall(_kind(file), file.path, status.size, status.modified):
        case [int(inode), list(found)] if inode == status.inode:
            findings = tuple(
                Finding(kind, Verdict(verdict), said, where) for kind, verdict, said, where in found
            )
            return FileVerdict(file.name, worst_of([one.verdict for one in findings]), findings)
    return None


def _remember(file: _File, verdict: FileVerdict, memory: Memory) -> None:
    status = _status(file)
    if status is None or any(finding.kind == "unreadable" for finding in verdict.findings):
        return
    found = [[one.kind, int(one.verdict), one.sentence, one.where] for one in verdict.findings]
    memory.remember(_kind(file), file.path, status.size, status.modified, [status.inode, found])

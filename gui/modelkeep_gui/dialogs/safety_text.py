"""What a scan found, in words, signs and lines. No widget in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from modelkeep.metadata.kinds import FileKind, file_kind
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict
from modelkeep.text import time_text

__all__ = [
    "Said",
    "advice",
    "arrival_warning",
    "dangers",
    "filter_text",
    "known_before_scanning",
    "lines",
    "pickles_of",
    "report",
    "scanner_text",
    "sign",
    "summary",
    "verdict_text",
]

_SIGNS = {
    Verdict.CLEAN: ("whole", "good"),
    Verdict.NOTICE: ("info", "muted"),
    Verdict.SUSPICIOUS: ("warning", "warn"),
    Verdict.COULD_NOT_SCAN: ("unproven", "warn"),
    Verdict.DANGEROUS: ("damaged", "bad"),
}


class Said(NamedTuple):
    """A finding with the file that it is in; `where` is the place within a container, "" for the file itself."""

    path: str
    where: str
    verdict: Verdict
    sentence: str

    @property
    def place(self) -> str:
        return f"{self.path} › {self.where}" if self.where else self.path

    @property
    def text(self) -> str:
        """All of it in one line, as it is copied and read aloud."""
        return f"{verdict_text(self.verdict)}: {self.place}: {self.sentence}"


def verdict_text(verdict: Verdict) -> str:
    """A verdict in a word."""
    match verdict:
        case Verdict.CLEAN:
            return _tr("clean")
        case Verdict.NOTICE:
            return _tr("notice")
        case Verdict.SUSPICIOUS:
            return _tr("suspicious")
        case Verdict.COULD_NOT_SCAN:
            return _tr("could not be scanned")
        case Verdict.DANGEROUS:
            return _tr("dangerous")


def sign(verdict: Verdict) -> tuple[str, str]:
    """The icon and the tone of a verdict."""
    return _SIGNS[verdict]


def filter_text() -> str:
    """What has to be said wherever a verdict is."""
    return _tr("A scan is a filter and no proof: what it does not know, it does not find.")


def summary(verdict: ModelVerdict) -> str:
    """A verdict in a sentence: what was found, and in how many of the files."""
    count = sum(file.verdict == verdict.verdict for file in verdict.files)
    files = len(verdict.files)
    match verdict.verdict:
        case Verdict.CLEAN if files == 1:
            return _tr("Nothing unsafe was found in its file.")
        case Verdict.CLEAN:
            return _tr("Nothing unsafe was found in {} files.").format(f"{files:,}")
        case Verdict.NOTICE if count == 1:
            return _tr("Nothing unsafe was found, but 1 file to know of.")
        case Verdict.NOTICE:
            return _tr("Nothing unsafe was found, but {} files to know of.").format(f"{count:,}")
        case Verdict.SUSPICIOUS if count == 1:
            return _tr("1 file is suspicious.")
        case Verdict.SUSPICIOUS:
            return _tr("{} files are suspicious.").format(f"{count:,}")
        case Verdict.COULD_NOT_SCAN if count == 1:
            return _tr("1 file could not be scanned.")
        case Verdict.COULD_NOT_SCAN:
            return _tr("{} files could not be scanned.").format(f"{count:,}")
        case Verdict.DANGEROUS if count == 1:
            return _tr("1 file is dangerous.")
        case Verdict.DANGEROUS:
            return _tr("{} files are dangerous.").format(f"{count:,}")


def advice(verdict: Verdict) -> str:
    """What to do about it."""
    match verdict:
        case Verdict.CLEAN | Verdict.NOTICE:
            return ""
        case Verdict.SUSPICIOUS:
            return _tr("Load it only if you trust who made it. Weights as safetensors hold only numbers.")
        case Verdict.COULD_NOT_SCAN:
            return _tr("What could not be scanned may hold anything: trust who made it, or do not load it.")
        case Verdict.DANGEROUS:
            return _tr("Do not load it. Delete it, or get another revision, best one with safetensors.")


def lines(verdict: ModelVerdict) -> list[Said]:
    """All that was found, the worst first, then by file."""
    found = [
        Said(file.path, finding.where, finding.verdict, finding.sentence)
        for file in verdict.files
        for finding in file.findings or _unsaid(file)
    ]
    return sorted(found, key=lambda said: (-said.verdict, said.path.casefold(), said.where))


def dangers(verdict: ModelVerdict) -> list[str]:
    """What makes a model dangerous: the file, the place in it, the sentence."""
    return [f"{said.place}: {said.sentence}" for said in lines(verdict) if said.verdict is Verdict.DANGEROUS]


def _unsaid(file: FileVerdict) -> Sequence[Finding]:
    """A verdict that no finding explains still has its line."""
    bad = file.verdict > Verdict.CLEAN
    return (Finding("", file.verdict, verdict_text(file.verdict)),) if bad else ()


def known_before_scanning(names: Iterable[str]) -> list[Said]:
    """What the names of files say already, before anyone looked into them."""
    beside = set(names)
    found = []
    for name in sorted(beside, key=str.casefold):
        match file_kind(name, beside):
            case FileKind.CODE:
                found.append(Said(name, "", Verdict.NOTICE, _tr("It runs its own code when it is loaded.")))
            case FileKind.PICKLE:
                found.append(Said(name, "", Verdict.NOTICE, _tr("It is a pickle, which can run code.")))
    return found


def pickles_of(names: Iterable[str]) -> list[str]:
    """Which of the files of a revision are pickles."""
    beside = set(names)
    return sorted(name for name in beside if file_kind(name, beside) is FileKind.PICKLE)


def scanner_text(verdict: ModelVerdict) -> str:
    """By what it was scanned: "modelkeep 1.0, picklescan 0.0.30"."""
    return ", ".join(" ".join(filter(None, scanner)) for scanner in verdict.scanners)


def arrival_warning(verdict: ModelVerdict | None) -> str:
    """What to say of a model that just came, "" when there is nothing that one should hear of."""
    if verdict is None or verdict.verdict <= Verdict.NOTICE:
        return ""
    return summary(verdict)


def report(models: Iterable[tuple[str, ModelVerdict]]) -> str:
    """All of it as text to copy: each model with its verdict, when and by what it was scanned, its findings."""
    parts = []
    for name, verdict in models:
        scanned = _tr("Scanned {} by {}").format(time_text(verdict.scanned_at), scanner_text(verdict))
        head = f"{name}: {summary(verdict)}\n{scanned}"
        parts.append("\n".join((head, *(said.text for said in lines(verdict)))))
    return "\n\n".join((*parts, filter_text())) + "\n"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Safety", text)

"""What was found in a model's files, as lines for a person: `safety`, `import`, `download`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from modelkeep.cli.output import readable, tell

if TYPE_CHECKING:
    from modelkeep.safety import FileVerdict, ModelVerdict

__all__ = ["coloured", "file_lines", "tell_findings"]

_COLOURS = {"notice": "blue", "suspicious": "yellow", "could-not-scan": "yellow", "dangerous": "red"}
_MOST_FILES = 20  # that are told of, besides what was asked for


def tell_findings(verdict: ModelVerdict) -> None:
    """Say on standard error what is suspicious or worse, the worst first."""
    from modelkeep.safety import Verdict

    bad = [file for file in verdict.files if file.verdict >= Verdict.SUSPICIOUS]
    for file in sorted(bad, key=lambda file: -file.verdict)[:_MOST_FILES]:
        for line in file_lines(file):
            tell(line)
    if len(bad) > _MOST_FILES:
        tell(f"  and {len(bad) - _MOST_FILES:,} files more: see modelkeep safety")


def file_lines(file: FileVerdict) -> Iterator[str]:
    """The verdict of a file, and what was found in it."""
    yield f"  {readable(file.path)}  {coloured(file.verdict.text)}"
    for finding in file.findings:
        where = f" ({readable(finding.where)})" if finding.where else ""
        yield f"    {readable(finding.sentence)}{where}"


def coloured(verdict: str) -> str:
    return click.style(verdict.replace("-", " "), fg=_COLOURS.get(verdict, "green"))

"""What came of loading a model for trial, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modelkeep.checking.trial import TrialLoad
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

__all__ = ["cost_text", "heading", "report_text", "seconds_text", "summary"]


def heading(result: TrialLoad) -> str:
    """Whether it loads."""
    name = ModelKey.known(result.key).repo_id
    if result.works:
        return _tr("{} loads without a network").format(name)
    return _tr("{} does not load").format(name)


def summary(result: TrialLoad) -> str:
    """The same with what it took, for a line."""
    if result.works:
        return _tr("{}: {}").format(heading(result), cost_text(result))
    return heading(result)


def cost_text(result: TrialLoad) -> str:
    """What it took: "4.2 s, 1.3 GB of memory"."""
    parts = [seconds_text(result.seconds)]
    if result.memory:
        parts.append(_tr("{} of memory").format(size_text(result.memory)))
    return ", ".join(parts)


def seconds_text(seconds: float) -> str:
    """A length of time in which somebody waits."""
    if seconds < 10:
        return _tr("{} s").format(f"{seconds:.1f}")
    if seconds < 120:
        return _tr("{} s").format(f"{seconds:.0f}")
    return _tr("{} min").format(f"{seconds / 60:.0f}")


def report_text(result: TrialLoad) -> str:
    """All of it, to be copied."""
    parts = [
        f"{result.key} ({result.root})",
        heading(result),
        *result.loaded,
        cost_text(result),
        *filter(None, (result.error, result.hint)),
        *(_tr("It wanted to reach {}.").format(address) for address in result.tried),
        *result.log,
    ]
    return "\n".join(parts) + "\n"


def _tr(text: str) -> str:
    return QCoreApplication.translate("trial", text)

"""How the core speaks to whoever called it, and how it is stopped: through one callable.

A script passes nothing, the command line a printer, a test `list.append`, the window a reporter that
raises `Cancelled` when its job was cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from modelkeep.errors import Cancelled

__all__ = ["Cancelled", "Progress", "Report", "ignore", "share"]


class Progress(NamedTuple):
    """Where an operation is. `done` and `total` are bytes when `unit` is "bytes", else a count.

    `total` is 0 while it is not known. `item` names what is worked on now (a file, a model).
    """

    step: str
    done: int = 0
    total: int = 0
    item: str = ""
    unit: str = "bytes"


Report = Callable[[Progress], None]
"""Called now and then. Raising `Cancelled` from it stops the operation, which then leaves nothing half done."""


def ignore(progress: Progress) -> None:
    """The report of a caller who does not want to know."""


def share(report: Report, before: int, total: int) -> Report:
    """A report for one of several parts: `before` is what earlier parts did, `total` what all will do."""

    def shared(progress: Progress) -> None:
        report(progress._replace(done=before + progress.done, total=total))

    return shared

"""What began a work that left a staging folder: only an import can be resumed from there by itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from modelkeep.errors import UnknownArchive

if TYPE_CHECKING:
    from modelkeep.cache.staging import LeftStaging

__all__ = ["BegunBy", "begun_by", "check_resumable"]


class BegunBy(StrEnum):
    """What it was. UNKNOWN: its journal cannot be read, or a later Modelkeep wrote it."""

    IMPORT = "import"
    MENDING = "mending"
    CONVERSION = "conversion"
    PUSH = "push"
    UNKNOWN = "unknown"


# By the folder that the journal names where there are no sources.
_BY_FOLDER = {
    "mend": BegunBy.MENDING,
    "safetensors": BegunBy.CONVERSION,
    "pushed by clients": BegunBy.PUSH,
}


def begun_by(left: LeftStaging) -> BegunBy:
    """What began the work that left this."""
    return BegunBy.IMPORT if left.sources else _BY_FOLDER.get(left.folder, BegunBy.UNKNOWN)


def check_resumable(left: LeftStaging) -> None:
    """Raise `UnknownArchive` for what cannot be imported again, because no archive was imported."""
    what = f"What was left of {left.key}" if left.key else "What was left"
    match begun_by(left):
        case BegunBy.IMPORT:
            return
        case BegunBy.UNKNOWN:
            raise UnknownArchive(
                f"{what} cannot be resumed: nobody knows what it was to become.", hint="Clear it."
            )
        case BegunBy.PUSH:
            raise UnknownArchive(
                f"{what} was begun by a push.", hint="Push it again from where it came, or clear it."
            )
        case begun:
            raise UnknownArchive(f"{what} was begun by a {begun}.", hint="Run that again, or clear it.")

"""The home of a confined child, a folder that is gone when the child is: in whatever state that left it."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress

__all__ = ["make_home", "remove_home"]


def make_home() -> str:
    """A new folder among those for temporary files; raises `OSError` where none can be made."""
    return os.path.realpath(tempfile.mkdtemp(prefix="modelkeep-"))


def remove_home(home: str) -> None:
    """Remove the folder with all in it; what cannot be removed stays.

    Folders may lie in each other deeper than Python can count, or a path can name: each comes up here before it goes.
    """
    while _lower(home):
        pass
    with suppress(OSError):
        os.rmdir(home)


def _lower(home: str) -> bool:
    """Remove the uppermost folders, and bring up those that are in them; whether there were any."""
    found = False
    with suppress(OSError):
        for name in os.listdir(home):
            place = os.path.join(home, name)
            if _is_gone(place):
                continue
            with suppress(OSError):
                for inner in os.listdir(place):
                    below = os.path.join(place, inner)
                    if not _is_gone(below):
                        os.rename(below, os.path.join(home, secrets.token_hex(8)))
                        found = True
            with suppress(OSError):
                os.rmdir(place)
    return found


def _is_gone(path: str) -> bool:
    """Remove what is no folder, and say so; a folder becomes one that can be looked into and moved."""
    with suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
            return False
        os.unlink(path)
    return True

"""Where models are copied from and to: a remote by its name or URL, or a cache by its path; each is asked alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.errors import SettingsError
from modelkeep.settings import load_settings
from modelkeep.views import resolved

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.progress import Report
    from modelkeep.remote.remote import Remote

__all__ = ["CACHE", "HERE", "Place", "check_different", "find_place", "open_origin"]

HERE = "here"
"""The first cache, which needs no other name."""

CACHE = "cache:"
"""What the path of a cache has before it where the name of a remote is kept."""


class Place(NamedTuple):
    """A place. `name` is that of a remote or its URL, "" for a cache, whose `root` it is then."""

    name: str
    root: str = ""

    @property
    def is_cache(self) -> bool:
        return bool(self.root)

    def __str__(self) -> str:
        return self.root or self.name


def find_place(library: Library, text: str) -> Place:
    """What a user means: the name of a remote, the path of one of the caches, "here", or a URL.

    Raises `SettingsError` for a name that nothing has.
    """
    if text == HERE:
        return Place("", resolved(library.roots[0]))
    names = [remote.name for remote in load_settings().settings.remotes]
    if text in names:
        return Place(text)
    path = text.removeprefix(CACHE)
    if text.startswith(CACHE) or resolved(os.path.expanduser(path)) in library.roots:
        return Place("", resolved(os.path.expanduser(path)))
    if ":" in text or "/" in text or os.sep in text:
        return Place(text)
    known = ", ".join((*names, HERE))
    raise SettingsError(
        f"No remote is called “{text}”.",
        hint=f"There are {known}; the path of a cache and the URL of a remote will do, too.",
    )


def check_different(origin: Place, destination: Place) -> None:
    """Raise `SettingsError` where both are one."""
    if origin == destination:
        raise SettingsError(f"{origin} is both origin and destination.", hint="Name two different places.")


def open_origin(library: Library, place: Place, report: Report) -> Remote:
    """A place to be read from, as a remote; a cache is one whose revisions cannot be changed this way."""
    if not place.is_cache:
        return library.remotes.open(place.name)
    from modelkeep.remote.cache import CacheRemote

    return CacheRemote(library, place.root, report)

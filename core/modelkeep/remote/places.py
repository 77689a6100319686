"""Where models are copied from and to: a remote by its name or URL, or a cache by its path; each is asked alike."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from modelkeep.errors import SettingsError
from modelkeep.hub.profiles import find_profile
from modelkeep.remote.naming import kind_of_url, list_named
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
    names = [remote.name for remote in list_named()]
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
    """Raise `SettingsError` where both are one, also by other names: a move would delete the only copy."""
    if origin == destination:
        raise SettingsError(f"{origin} is both origin and destination.", hint="Name two different places.")
    if not (origin.is_cache or destination.is_cache) and _lies_at(origin) == _lies_at(destination):
        raise SettingsError(
            f"{origin} and {destination} are the same place.", hint="Name two different places."
        )


def open_origin(library: Library, place: Place, report: Report) -> Remote:
    """A place to be read from, as a remote; a cache is one whose revisions cannot be changed this way."""
    if not place.is_cache:
        return library.remotes.open(place.name)
    from modelkeep.remote.cache import CacheRemote

    return CacheRemote(library, place.root, report)


def _lies_at(place: Place) -> tuple[object, ...]:
    """Where a remote is, whatever it is called and however it is reached."""
    url = next((remote.url for remote in list_named() if remote.name == place.name), place.name)
    match kind_of_url(url):
        case "folder":
            path = unquote(urlsplit(url).path) if url.startswith("file:") else os.path.expanduser(url)
            with suppress(OSError):
                status = os.stat(path)
                return "folder", status.st_dev, status.st_ino
            return "folder", os.path.realpath(path)
        case "s3":
            parts = urlsplit(url)
            endpoint = parse_qs(parts.query).get("endpoint", [""])[0]
            return "s3", endpoint.rstrip("/"), parts.netloc, parts.path.strip("/")
        case "hub":  # the models of one owner are on the hub of all
            return "hub", find_profile(url.partition(":")[2].partition("/")[0]).endpoint
        case kind:
            return kind, url

"""The names that a user gives to remotes, as the settings keep them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from urllib.parse import parse_qs, urlsplit

from modelkeep.errors import Offline, SettingsError
from modelkeep.named_remotes import NamedRemote
from modelkeep.settings import Settings, all_roots, change_settings, load_settings, with_root
from modelkeep.views import resolved

__all__ = [
    "add_cache",
    "checked_remote",
    "find_named",
    "forget_named",
    "is_url",
    "kind_of_url",
    "list_named",
    "save_named",
    "serves_alike",
]

_NAME = re.compile(r"\w[\w.-]{0,63}")
_HERE = "here"  # the first cache, wherever a place is named


def list_named() -> tuple[NamedRemote, ...]:
    """The remotes that have names, in the order in which they were given."""
    return load_settings().settings.remotes


def find_named(name: str) -> NamedRemote:
    """The remote of that name. Raises `SettingsError` naming those that there are."""
    remotes = list_named()
    for remote in remotes:
        if remote.name == name:
            return remote
    names = [remote.name for remote in remotes]
    near = get_close_matches(name, names, n=1)
    hint = f"There are these: {', '.join(names)}." if names else "None was added yet."
    raise SettingsError(
        f"There is no remote “{name}”.", hint=f"Did you mean {near[0]}? {hint}" if near else hint
    )


def checked_name(name: str) -> str:
    """A name, tidied. Raises `SettingsError` for what could not be told from a path, a URL or the caches."""
    name = name.strip()
    if not _NAME.fullmatch(name) or name.casefold() == _HERE:
        raise SettingsError(
            f"“{name}” cannot be the name of a remote.",
            hint="One word of letters, digits, “-”, “_” and “.”, as in team or lab-store; “here” are the caches.",
        )
    return name


def checked_remote(name: str, url: str, cache: str = "") -> NamedRemote:
    """A remote as it is kept: what can be opened, and holds no secret. Reaches nothing. Raises `SettingsError`."""
    from modelkeep.remote.opening import open_remote

    name, url = checked_name(name), url.strip()
    if _is_relative(url):
        url = os.path.abspath(os.path.expanduser(url))
    with suppress(Offline), open_remote(url) as remote:  # who is offline may still name what is elsewhere
        url = remote.url
    return NamedRemote(name, url, os.path.abspath(os.path.expanduser(cache)) if cache.strip() else "")


def save_named(remote: NamedRemote) -> None:
    """Keep a remote, in place of the one of that name."""

    def changed(settings: Settings) -> Settings:
        remotes = list(settings.remotes)
        place = next((n for n, old in enumerate(remotes) if old.name == remote.name), len(remotes))
        remotes[place : place + 1] = [remote]
        return replace(settings, remotes=tuple(remotes))

    change_settings(changed)


def forget_named(name: str) -> None:
    """Forget a remote and what is followed of it."""
    change_settings(
        lambda settings: replace(
            settings,
            remotes=tuple(one for one in settings.remotes if one.name != name),
            follows=tuple(one for one in settings.follows if one.remote != name),
        )
    )


def add_cache(root: str) -> None:
    """Look at the cache of a remote too, from now on."""

    def with_cache(settings: Settings) -> Settings:
        is_known = resolved(root) in {resolved(one) for one in all_roots(settings)}
        return settings if is_known else with_root(settings, root)

    change_settings(with_cache)


def is_url(text: str) -> bool:
    """Whether a text is a URL or a path rather than a name."""
    return ":" in text or "/" in text or "\\" in text


def kind_of_url(url: str) -> str:
    """The kind of a remote by its URL: "folder", "s3", "hub", or the scheme of another kind."""
    scheme, colon, _ = url.partition(":")
    if not colon or len(scheme) == 1 or scheme == "file" or url.startswith(("/", ".", "~")):
        return "folder"
    return scheme


def serves_alike(url: str, other: str) -> bool:
    """Whether the key for one URL may be used for another: it goes to the same place."""
    return _server(url) == _server(other)


def _is_relative(url: str) -> bool:
    """Whether it is a path from here; a word alone is one only where there is such a folder."""
    if not url or kind_of_url(url) != "folder" or url.startswith("file:"):
        return False
    return "/" in url or os.sep in url or os.path.isdir(url)


def _server(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    endpoint = parse_qs(parts.query).get("endpoint", [""])[0]
    return (parts.scheme, endpoint.rstrip("/")) if parts.scheme == "s3" else (url,)

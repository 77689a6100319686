"""Making a remote of a URL.

================================  ================================================================================
`/srv/models`, `file:///srv/…`    a folder: a share, a USB stick, a synced directory
`s3://bucket/prefix?…`            a store by S3: `endpoint=http://127.0.0.1:9000`, `region=`, `profile=` (of the AWS
                                  files), `addressing=path|virtual`, `ca=FILE`, `proxy=URL` (or "none")
`hub:PROFILE`, `hub:PROFILE/org`  a hub by the name of a profile ("" for the default one), or the models of one owner
another scheme                    an entry point of the group `modelkeep.remotes`
================================  ================================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import url2pathname

from modelkeep.errors import ModelKeepError, Offline, SettingsError
from modelkeep.hub.offline import offline_reason
from modelkeep.named_remotes import Credentials

if TYPE_CHECKING:
    from modelkeep.remote.remote import Remote

__all__ = ["ENTRY_POINTS", "open_remote"]

ENTRY_POINTS = "modelkeep.remotes"

Factory = Callable[[str, Credentials | None], "Remote"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+(?=:)")  # two letters at least: one is a drive
_SECRET = re.compile(r"secret|passw|token|signature|credential|key", re.IGNORECASE)
_OURS = ("file", "hub", "s3")


def open_remote(url: str, credentials: Credentials | None = None) -> Remote:
    """The remote of a URL, to be closed. Reaches nothing yet. `credentials` go before those of the
    environment.

    Raises `SettingsError` for a URL of no known kind, one that holds a secret, and where a package is
    missing; `Offline` for all but a folder where the user said that nothing leaves this machine.
    """
    url = url.strip()
    place = os.path.expanduser(url)
    if os.path.isabs(place):
        return _folder(place)
    found = _SCHEME.match(url)
    scheme = found[0].lower() if found else ""
    _check_no_secret(url, scheme)
    if scheme == "file":
        return _folder(_path_of(url))
    if scheme == "s3":
        _require_network()
        return _s3(url, credentials)
    if scheme == "hub":
        _require_network()
        return _hub(url)
    factory = _factory(url, scheme)
    _require_network()
    return _made(factory, scheme, url, credentials)


def _folder(path: str) -> Remote:
    from modelkeep.remote.folder import FolderObjects
    from modelkeep.remote.store import StoreRemote

    return StoreRemote(FolderObjects(os.path.normpath(path)))


def _s3(url: str, credentials: Credentials | None) -> Remote:
    if find_spec("botocore") is None:
        raise SettingsError(
            "Stores by S3 need botocore, which is not installed.",
            hint="Install it: pip install 'modelkeep[s3]'.",
        )
    from modelkeep.remote.s3.objects import S3Objects
    from modelkeep.remote.store import StoreRemote

    return StoreRemote(S3Objects(url, credentials))


def _hub(url: str) -> Remote:
    from modelkeep.remote.hub import HubRemote

    profile, _, owner = url.partition(":")[2].partition("/")
    if "/" in owner or (not owner and url.endswith("/")):
        raise SettingsError(
            f"“{url}” is not a hub, nor the models of one owner.",
            hint="It looks like hub:team or hub:team/org.",
        )
    return HubRemote(profile, owner)


def _path_of(url: str) -> str:
    """The path of a `file:` URL."""
    parts = urlsplit(url)
    path = url2pathname(unquote(parts.path)) if os.name == "nt" else unquote(parts.path)
    if parts.netloc not in ("", "localhost") or not os.path.isabs(path):
        raise SettingsError(
            f"“{url}” is not a folder of this machine.",
            hint="It looks like file:///srv/models, or just /srv/models. Mount a share first.",
        )
    return path


def _check_no_secret(url: str, scheme: str) -> None:
    """Raise `SettingsError` for a URL with a password or a key in it; the URL itself is not shown then."""
    try:
        parts = urlsplit(url)
        names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
        inner = [urlsplit(value) for _, value in parse_qsl(parts.query) if "://" in value]
    except ValueError:
        raise SettingsError("This is not a URL.", hint=_LOOKS) from None
    users = [one for one in (parts, *inner) if one.username is not None or one.password is not None]
    named = next((name for name in names if _SECRET.search(name)), "")
    if users or named:
        what = f"“{named}”" if named else "a user or a password"
        raise SettingsError(
            f"The URL of this {scheme or 'remote'} has {what} in it, and would be kept and shown with it.",
            hint="Leave it out, and give the key when the remote is added: it is kept apart.",
        )


_LOOKS = "It looks like /srv/models, s3://bucket/prefix or hub:PROFILE."


def _factory(url: str, scheme: str) -> EntryPoint:
    """What makes remotes of a kind that another package brings."""
    others = {one.name: one for one in entry_points(group=ENTRY_POINTS) if one.name not in _OURS}
    if scheme in others:
        return others[scheme]
    if not scheme:
        raise SettingsError(f"“{url}” is not the URL of a remote.", hint=_LOOKS)
    known = ", ".join(f"{one}:" for one in sorted({*_OURS, *others}))
    raise SettingsError(
        f"No kind of remote begins with “{scheme}:”.", hint=f"There are {known} and plain paths."
    )


def _made(factory: EntryPoint, scheme: str, url: str, credentials: Credentials | None) -> Remote:
    try:
        make: Factory = factory.load()
        return make(url, credentials)
    except ModelKeepError:
        raise
    except Exception as error:  # whatever another package does wrong
        package = factory.dist.name if factory.dist else factory.module
        said = str(error) or type(error).__name__
        raise SettingsError(
            f"The kind “{scheme}” of remotes, which {package} brings, does not work: {said}.",
            hint=f"Update {package}, or tell its maker.",
        ) from error


def _require_network() -> None:
    if reason := offline_reason():
        raise Offline(
            f"Nothing leaves this machine: {reason}.", hint="A folder is a remote that can be used offline."
        )

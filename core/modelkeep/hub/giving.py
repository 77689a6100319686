"""Who gives a download its contents: what a run asks of a hub, or of a remote that stands in for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from modelkeep.errors import WrongContent
from modelkeep.hub.pace import Pace, pace_of
from modelkeep.hub.replies import HubFile
from modelkeep.hub.tokens import token_for
from modelkeep.keys import ModelKey
from modelkeep.streams import Stream

if TYPE_CHECKING:
    from modelkeep.cache.catalog import Origin
    from modelkeep.hub.client import HubClient
    from modelkeep.progress import Report

__all__ = [
    "REMOTE",
    "ByXet",
    "FromHub",
    "Giver",
    "OpenGiver",
    "from_hub",
    "is_of_remote",
    "is_of_remote_only",
    "kind_of",
    "wrong_content",
]

REMOTE = "remote:"
"""What the profile of a transfer begins with that comes from a remote, before its name or its URL."""

ByXet = Callable[[ModelKey, str, str, Path, Callable[[int], None]], Path]
"""Fetches a file of a commit by its path into a folder, and counts its bytes; returns where it lies."""


class Giver(Protocol):
    """Whoever gives contents. May be used by several threads; a context manager.

    `profile` is what the transfer keeps of it, `endpoint` where it is. `kind` is what sentences call it: "hub" or
    "remote". `xet` fetches by Xet, None where that does not apply.
    """

    @property
    def profile(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def pace(self) -> Pace: ...
    @property
    def xet(self) -> ByXet | None: ...

    def open(self, key: ModelKey, commit: str, file: HubFile, start: int, stop: int | None) -> Stream:
        """A file's bytes from `start` up to `stop` (None: its end).

        Raises `RemoteError`.
        """

    def leads_to(self, key: ModelKey, ref: str) -> str:
        """The commit that a ref leads to there now. Raises `RemoteError`."""

    def wrong_content(self, file: HubFile, times: int) -> WrongContent:
        """The error for a content that came wrong so often that it is given up."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


OpenGiver = Callable[[str, "Report"], Giver]
"""Opens who gives contents by the profile of a transfer. Raises `SettingsError` and `Offline`."""


class FromHub:
    """A hub that gives contents."""

    kind = "hub"

    def __init__(self, client: HubClient) -> None:
        self._client = client
        self.profile = client.profile.name
        self.endpoint = client.profile.endpoint
        self.pace = pace_of(client.profile)
        self.xet: ByXet | None = self._by_xet if client.profile.xet else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def open(self, key: ModelKey, commit: str, file: HubFile, start: int, stop: int | None) -> Stream:
        """See `Giver`."""
        return self._client.open(key, commit, file.path, start=start, stop=stop)

    def leads_to(self, key: ModelKey, ref: str) -> str:
        """See `Giver`."""
        return self._client.model(key.at(ref)).commit

    def wrong_content(self, file: HubFile, times: int) -> WrongContent:
        """See `Giver`."""
        return wrong_content(file, times)

    def _by_xet(
        self, key: ModelKey, commit: str, path: str, folder: Path, count: Callable[[int], None]
    ) -> Path:
        from modelkeep.hub.xet import fetch_by_xet

        profile = self._client.profile
        return fetch_by_xet(profile, token_for(profile), key, commit, path, folder, count)


def from_hub(profile: str, report: Report) -> Giver:
    """The hub of a profile, "" for the default one."""
    from modelkeep.hub.client import open_client
    from modelkeep.hub.profiles import find_profile

    return FromHub(open_client(find_profile(profile), report=report))


def wrong_content(file: HubFile, times: int) -> WrongContent:
    """What is said of a hub whose content of a file is wrong again and again."""
    return WrongContent(
        f"{file.path} came with wrong content {times} times.",
        hint="What came was thrown away. A mirror or proxy on the way may have a damaged copy: try another.",
    )


def is_of_remote(profile: str) -> bool:
    """Whether a transfer of this profile comes from a remote rather than from a hub."""
    return profile.startswith(REMOTE)


def kind_of(profile: str) -> str:
    """What sentences call where a transfer of this profile comes from."""
    return "remote" if is_of_remote(profile) else "hub"


def is_of_remote_only(origin: Origin | None) -> bool:
    """Whether a revision came from a remote, and as far as is known from no hub before: no hub is asked for it."""
    return bool(origin and origin.source == "remote" and not origin.url.startswith(("http://", "https://")))

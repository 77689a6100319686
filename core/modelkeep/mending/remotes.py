"""Good contents in remotes that the user named: by the manifests of the model, else of any, or by their blobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from modelkeep.cache import layout
from modelkeep.errors import BadReply, NotOnRemote
from modelkeep.keys import ModelKey
from modelkeep.mending.origin import Origin, Where
from modelkeep.mending.wanted import Wanted
from modelkeep.progress import Progress, Report
from modelkeep.remote.remote import HoldsGarbage, Remote
from modelkeep.remote.values import Manifest, ManifestFile, RemoteModel

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.mending.plan import MendItem

__all__ = ["Remotes", "stored"]

_BLOB = "blob "
"""What the member of a content begins with that was found by its SHA-256 alone."""


class Remotes:
    """The contents of remotes, each opened when it is first asked for, and closed in the end."""

    def __init__(self, library: Library, names: Sequence[str], report: Report) -> None:
        self._library = library
        self._names = tuple(dict.fromkeys(names))
        self._report = report
        self._open = ExitStack()
        self._stores: dict[str, _Store] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def find(self, wanted: Wanted) -> Iterator[Origin]:
        """Where it is, in each remote that has it once. Raises `RemoteError` where one cannot be asked."""
        for name in self._names:
            if name not in self._stores:
                remote = self._open.enter_context(self._library.remotes.open(name))
                self._stores[name] = _Store(remote, self._report)
            if member := self._stores[name].find(wanted):
                yield Origin(Where.REMOTE, name, member)


class _Store:
    """One remote, whose manifests are each read once."""

    def __init__(self, remote: Remote, report: Report) -> None:
        self._remote = remote
        self._report = report
        self._manifests: dict[str, Manifest | None] = {}
        self._models: tuple[RemoteModel, ...] | None = None

    def find(self, wanted: Wanted) -> str:
        """The file that has a content, "" where none has: of the same revision, of others of the model, of any."""
        if member := _member(self._manifest(wanted.key.at(wanted.commit)), wanted):
            return member
        if not isinstance(self._remote, HoldsGarbage):
            # Of a hub nobody asks for all that it has: where main leads is worth a look.
            return _member(self._manifest(wanted.key.at(None)), wanted)
        models = self._all()
        own = [model for model in models if model.key.at(None) == wanted.key.at(None)]
        if member := self._among(own, wanted):
            return member
        # A store has each content by its SHA-256.
        if layout.is_sha256(wanted.etag):
            return f"{_BLOB}{wanted.etag}" if self._has_blob(wanted) else ""
        return self._among([model for model in models if model not in own], wanted)

    def _among(self, models: Sequence[RemoteModel], wanted: Wanted) -> str:
        for model in models:
            self._report(Progress("Looking for good copies", item=str(model.key)))
            for revision in model.revisions:
                if member := _member(self._manifest(model.key.at(revision.commit)), wanted):
                    return member
        return ""

    def _all(self) -> tuple[RemoteModel, ...]:
        if self._models is None:
            self._models = self._remote.list(report=self._report)
        return self._models

    def _manifest(self, key: ModelKey) -> Manifest | None:
        """What the remote says of a revision; None where it has none, or one that cannot be read."""
        name = str(key)
        if name not in self._manifests:
            try:
                self._manifests[name] = self._remote.describe(key)
            except (NotOnRemote, BadReply):
                self._manifests[name] = None
        return self._manifests[name]

    def _has_blob(self, wanted: Wanted) -> bool:
        try:
            with self._remote.fetch(*_by_blob(wanted.key, wanted.commit, wanted.etag, wanted.size)):
                return True
        except NotOnRemote:
            return False


def stored(remote: Remote, item: MendItem, member: str) -> tuple[Manifest, str]:
    """The manifest and the path by which a remote gives a content that was found in it."""
    if member.startswith(_BLOB):
        return _by_blob(item.key, item.commit, item.etag, item.size)
    key, _, path = member.partition(" ")
    return remote.describe(ModelKey.known(key)), path


def _by_blob(key: ModelKey, commit: str, sha256: str, size: int) -> tuple[Manifest, str]:
    """A manifest that nobody wrote, of a file that has the content."""
    return Manifest(key.at(commit), (ManifestFile(sha256, size, sha256, sha256),)), sha256


def _member(manifest: Manifest | None, wanted: Wanted) -> str:
    for file in manifest.files if manifest else ():
        if wanted.etag in (file.etag, file.sha256) and wanted.size in (-1, file.size):
            return f"{manifest.key} {file.path}" if manifest else ""
    return ""

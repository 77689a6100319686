"""Fetching a revision from a remote: as a download, which goes on after a pause, a kill or a reboot as any other.

The contents that a remote gives are believed in nothing: each is compared with its etag, and with its SHA-256 where
the etag is git's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from modelkeep.cache import layout
from modelkeep.errors import BadReply, NotOnRemote, WrongContent
from modelkeep.exchange import is_disproven
from modelkeep.hub.giving import REMOTE, ByXet
from modelkeep.hub.pace import Pace
from modelkeep.hub.planning import plan_files
from modelkeep.hub.replies import HubFile, HubModel
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.values import Manifest, ManifestFile, RemoteRevision
from modelkeep.views import resolved

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.library import Library
    from modelkeep.remote.remote import Remote
    from modelkeep.streams import Stream

__all__ = ["FromRemote", "manifest_file", "plan_fetch", "profile_of"]

_VERIFY = "Verify the remote, and push the model to it again."


def profile_of(remote: Remote, name: str) -> str:
    """What the transfers of a remote keep as their profile: its name, or its URL where it has none."""
    return f"{REMOTE}{name or remote.url}"


def plan_fetch(
    library: Library,
    remote: Remote,
    name: str,
    key: ModelKey,
    *,
    root: str | os.PathLike[str] | None = None,
    files: Sequence[str] | None = None,
    report: Report = ignore,
) -> DownloadPlan:
    """What fetching the revision that `key` means would bring: all that the remote has of it, or just `files`.

    `name` is the remote's, "" for one that has none. The branch or tag that was asked for will lead to it, main where
    none was; a commit gets none. Raises `NotOnRemote`, `BadReply` for a manifest that could harm.
    """
    report(Progress(f"Looking at {key}", 0, 3, unit="steps"))
    found = remote.find(key)
    report(Progress(f"Looking at {key}", 1, 3, unit="steps"))
    manifest = remote.describe(key.at(found.commit))
    if not layout.is_commit(manifest.commit) or manifest.commit != found.commit:
        raise BadReply(
            f"The remote answers with {manifest.commit[:8] or 'no commit'} where {found.commit[:8]} was asked for.",
            hint="Verify the remote.",
        )
    plan = plan_files(
        key,
        resolved(root or library.roots[0]),
        _model(key, manifest),
        map(_file, manifest.files),
        profile=profile_of(remote, name),
        endpoint=remote.url,
        ref=_ref(key, found),
        roots=library.roots,
        everything=files is None,
        files=files,
        disproven=is_disproven(library.catalog),
        report=report,
    )
    lineage = (manifest.lineage.parent, manifest.lineage.root)
    return replace(plan, lists_all=manifest.is_complete, origin=manifest.origin, lineage=lineage)


def manifest_file(file: HubFile) -> ManifestFile:
    """A file of a download as a remote's manifest has it."""
    return ManifestFile(file.path, file.size, file.sha256 or _sha256_of(file.etag), file.etag)


class FromRemote:
    """A remote that gives a download its contents; it is closed with this.

    A hub has a `pace` of its own, that of its profile.
    """

    kind = "remote"
    xet: ByXet | None = None

    def __init__(self, remote: Remote, profile: str) -> None:
        self._remote = remote
        self.profile = profile
        self.endpoint = remote.url
        pace = getattr(remote, "pace", None)
        self.pace = pace if isinstance(pace, Pace) else Pace()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remote.close()

    def open(self, key: ModelKey, commit: str, file: HubFile, start: int, stop: int | None) -> Stream:
        """See `Giver`."""
        # All that it takes to find a content was planned; the manifest itself need not be there any more.
        manifest = Manifest(key.at(commit), (manifest_file(file),))
        try:
            content = self._remote.fetch(manifest, file.path, start=start, stop=stop)
        except NotOnRemote as error:
            raise NotOnRemote(
                f"{self._shown} has {file.path} of {key.at(commit[:8])} no more. {error}",
                hint=error.hint or _VERIFY,
            ) from error
        if content.size in (None, file.size):
            return content
        content.close()
        raise WrongContent(
            f"{file.path} has {content.size:,} bytes in place of {file.size:,} on {self._shown}: its blob "
            f"{file.sha256 or file.etag} is damaged there.",
            hint=_VERIFY,
        )

    def leads_to(self, key: ModelKey, ref: str) -> str:
        """See `Giver`."""
        return self._remote.find(key.at(ref)).commit

    def wrong_content(self, file: HubFile, times: int) -> WrongContent:
        """See `Giver`."""
        return WrongContent(
            f"{file.path} came from {self._shown} with wrong content {times} times: its blob "
            f"{file.sha256 or file.etag} is damaged there.",
            hint=f"What came was thrown away. {_VERIFY}",
        )

    @property
    def _shown(self) -> str:
        return self.profile.removeprefix(REMOTE)


def _model(key: ModelKey, manifest: Manifest) -> HubModel:
    said = manifest.summary
    return HubModel(
        repo_id=key.repo_id,
        commit=manifest.commit,
        repo_type=key.repo_type,
        author=key.repo_id.partition("/")[0] if "/" in key.repo_id else "",
        last_modified=manifest.last_modified,
        tags=said.tags,
        task=said.task,
        library=said.library,
        licence=said.licence,
        parameters=said.parameters,
    )


def _file(file: ManifestFile) -> HubFile:
    second = file.sha256 if file.sha256 != file.etag and layout.is_sha256(file.sha256) else ""
    return HubFile(file.path, file.size, file.etag, sha256=second)


def _sha256_of(etag: str) -> str:
    return etag if layout.is_sha256(etag) else ""


def _ref(key: ModelKey, found: RemoteRevision) -> str:
    """The ref that will lead to it here: the one that was asked for, or main; "" where a commit was."""
    ref = (key.revision or "main").removeprefix("refs/heads/")
    return ref if ref in found.refs else ""

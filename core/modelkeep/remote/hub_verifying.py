"""Verifying what a hub holds: what it lists against what it says of each file, or against each content itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.errors import AccessDenied, BadReply, NotOnRemote, WrongContent
from modelkeep.hub.client import HubClient
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report
from modelkeep.remote.values import BlobProblem, Manifest, ManifestFile, RemoteCheck
from modelkeep.remote.whole import read_whole

if TYPE_CHECKING:
    from modelkeep.remote.hub import HubRemote

__all__ = ["Verifying"]


class Verifying:
    """One verification of a hub. A content that several files have is looked at once."""

    def __init__(self, remote: HubRemote, client: HubClient, deep: bool, report: Report) -> None:
        self._remote = remote
        self._client = client
        self._deep = deep
        self._report = report
        self._files: dict[tuple[str, int], list[str]] = {}
        self._read = 0

    def run(self, keys: Sequence[ModelKey]) -> RemoteCheck:
        """Look at the revisions that the keys mean."""
        manifests: list[Manifest] = []
        left_out: list[str] = []
        for number, key in enumerate(keys):
            self._report(Progress("Listing files", number, len(keys), str(key), unit="models"))
            try:
                manifests.append(self._remote.describe(key))
            except (AccessDenied, BadReply, NotOnRemote) as error:
                if len(keys) == 1:
                    raise
                left_out.append(f"{key}: {error}")
        found = [(manifest, file) for manifest in manifests for file in manifest.files]
        for manifest, file in found:
            name = f"{manifest.key} {file.path}"
            self._files.setdefault((file.etag, file.size), []).append(name)
        problems, seen = [], set()
        total = sum(size for _, size in self._files) if self._deep else len(self._files)
        for manifest, file in found:
            content = file.etag, file.size
            if content in seen:
                continue
            seen.add(content)
            done, unit = (self._read, "bytes") if self._deep else (len(seen) - 1, "files")
            self._report(Progress("Verifying", done, total, file.path, unit=unit))
            if problem := self._problem(manifest, file, total):
                problems.append(BlobProblem(file.etag, problem, tuple(self._files[content])))
        return RemoteCheck(len(manifests), len(found), self._read, tuple(problems), tuple(left_out))

    def _problem(self, manifest: Manifest, file: ManifestFile, total: int) -> str:
        key, commit = manifest.key.at(None), manifest.commit
        try:
            if self._deep:
                return self._content_problem(manifest, file, total)
            head = self._client.head(key, commit, file.path)
        except NotOnRemote:
            return "missing"
        if head.size is not None and head.size != file.size:
            return "wrong-size"
        return "wrong-content" if head.etag != file.etag else ""

    def _content_problem(self, manifest: Manifest, file: ManifestFile, total: int) -> str:
        before = self._read

        def take(piece: memoryview) -> None:
            self._read += len(piece)
            self._report(Progress("Verifying", self._read, total, file.path))

        try:
            read_whole(
                lambda start: self._remote.fetch(manifest, file.path, start=start), file, take, self._report
            )
        except WrongContent:
            return "wrong-size" if self._read - before != file.size else "wrong-content"
        return ""

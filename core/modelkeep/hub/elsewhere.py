"""Contents that need not come over plain HTTP: another cache or another download has them, or Xet brings them."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.errors import RemoteError
from modelkeep.hub.part import Part
from modelkeep.hub.replies import HubFile
from modelkeep.hub.sources import IsDisproven, Sources, staged_elsewhere
from modelkeep.hub.transfer import FileState
from modelkeep.hub.transfer_folder import Download, Folder

if TYPE_CHECKING:
    from modelkeep.hub.giving import ByXet, Giver

__all__ = ["Elsewhere", "IsVerified"]

IsVerified = Callable[[Path, os.stat_result], bool]

_XET_CHILDREN = threading.Semaphore(2)
"""Each fetches with several threads of its own."""

_STEP = 0.2  # seconds between two looks at whether a wait is still wanted

_claims: dict[str, Elsewhere] = {}
"""Which download of this process fetches a large content, by its name."""

_claiming = threading.Lock()


class Elsewhere:
    """What a download brings from elsewhere than its hub's own addresses; for the threads of its crew.

    `roots` are caches that may have contents already, `verified` tells which of them need not be read to be sure,
    `disproven` which of them are not what their names say. `go_on` is called with the bytes that came, and raises to
    stop.
    """

    def __init__(
        self,
        folder: Folder,
        download: Download,
        giver: Giver,
        *,
        roots: Sequence[str],
        verified: IsVerified,
        disproven: IsDisproven,
        go_on: Callable[[int], None],
    ) -> None:
        self._folder = folder
        self._download = download
        self._giver = giver
        self._roots = roots
        self._verified = verified
        self._disproven = disproven
        self._go_on = go_on
        self._in_xet = {file.etag for file in download.wanted if file.xet_hash}
        self._waited: set[str] = set()

    def sources(self) -> Sources:
        """The caches, looked at anew."""
        download = self._download
        return Sources(self._folder.root, self._roots, download.key, download.commit, self._disproven)

    # ---- one of several downloads of this process

    def claim(self, part: Part) -> bool:
        """Whether no other download of this process is fetching the content: what two models share comes once."""
        with _claiming:
            self._go_on(0)  # what is claimed after the end would be claimed for ever
            if _claims.setdefault(part.etag, self) is self:
                return True
        self._waited.add(part.etag)
        return False

    def release(self, etags: Iterable[str]) -> None:
        """Another download may fetch them now."""
        with _claiming:
            for etag in etags:
                if _claims.get(etag) is self:
                    del _claims[etag]

    # ---- from where

    def bring(self, part: Part) -> bool:
        """Bring a content if that works; False when plain HTTP has to."""
        for _ in range(2):  # what another download had staged goes into the cache in any moment
            if part.source is None:
                part.source = self._found(part)
            if part.source is None:
                break
            if self._link(part, part.source):
                return True
        xet = self._giver.xet
        return xet is not None and part.etag in self._in_xet and self._fetch_by_xet(part, xet)

    def _found(self, part: Part) -> Path | None:
        """Where another download has it by now: still in its folder, or in the cache."""
        if found := staged_elsewhere(self._folder.root, part.etag, part.size, self._folder.path):
            return found
        if part.etag not in self._waited:
            return None
        path = self.sources().find(HubFile(part.name, part.size, part.etag)).path
        return Path(path) if path else None

    def _link(self, part: Part, source: Path) -> bool:
        part.state = FileState.CHECKING
        verified = False
        with suppress(OSError):
            verified = self._verified(source, os.stat(source))
        part.linked = part.link(source, verified=verified, count=self._go_on)
        if not part.linked:
            part.source = None
            part.note = f"the copy at {source} is not what its name says, or cannot be read"
        return part.linked

    def _fetch_by_xet(self, part: Part, xet: ByXet) -> bool:
        """Have huggingface_hub fetch it, if that works: plain HTTP gives the same bytes."""
        part.state = FileState.FETCHING
        part.note = "by Xet"
        place = self._folder.path / "xet" / part.etag

        def count(size: int) -> None:
            part.came += size
            self._go_on(size)

        while not _XET_CHILDREN.acquire(timeout=_STEP):
            self._go_on(0)
        try:
            self._go_on(0)
            fetched = xet(self._download.key, self._download.commit, part.name, place, count)
            if part.link(fetched, verified=False, count=self._go_on):
                return True
            part.note = "wrong content by Xet, fetched by plain HTTP"
        except RemoteError as error:
            part.note = f"{error} Fetched by plain HTTP."
        finally:
            _XET_CHILDREN.release()
            shutil.rmtree(place, ignore_errors=True)
        return False

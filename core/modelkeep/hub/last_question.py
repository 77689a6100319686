"""What a download asks its hub or remote in the end, beside its own last steps."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from modelkeep.errors import ModelKeepError
from modelkeep.hub.transfer_folder import Download

if TYPE_CHECKING:
    from modelkeep.hub.giving import Giver

__all__ = ["LastQuestion"]

_PATIENCE = 3.0  # seconds that it has to answer


class LastQuestion:
    """Whether there is a newer commit by now, asked while the last files are put into the cache."""

    def __init__(self, giver: Giver, download: Download) -> None:
        self._giver = giver
        self._download = download
        self._said = ""
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        if self._download.ref and self._thread is None:
            self._thread = threading.Thread(target=self._ask, daemon=True)
            self._thread.start()

    def answer(self) -> str:
        """A sentence when there is; "" when not, or when it did not answer in time."""
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        return self._said

    def _ask(self) -> None:
        with suppress(ModelKeepError):
            commit = self._giver.leads_to(self._download.key, self._download.ref)
            if commit != self._download.commit:
                self._said = (
                    f"“{self._download.ref}” leads to {commit[:8]} on the {self._giver.kind} by now, "
                    f"which is newer than {self._download.commit[:8]}."
                )

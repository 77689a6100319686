"""What the user chose about sharing, as the command that serves takes it and as it is remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from PySide6.QtCore import QSettings

__all__ = ["ShareOptions", "remember_options", "remembered_options"]

_KEY = "share/options"


@dataclass(frozen=True)
class ShareOptions:
    """With whom and how a cache is shared. The defaults are safe: only this machine, only reading.

    `roots` are the caches, none for all; `into` is the one that takes what is pushed, "" for the first.
    """

    network: bool = False
    port: int = 8000
    allow_push: bool = False
    token_required: bool = False
    roots: tuple[str, ...] = ()
    into: str = ""

    def arguments(self) -> list[str]:
        """For `modelkeep serve`."""
        found = ["--host", "0.0.0.0" if self.network else "127.0.0.1", "--port", str(self.port)]
        if self.allow_push:
            found.append("--allow-push")
            if self.into:
                found += ["--into", self.into]
        if self.token_required:
            found.append("--token-required")
        for root in self.roots:
            found += ["--root", root]
        return found


def remembered_options(store: QSettings) -> ShareOptions:
    """What was chosen last; the defaults when that makes no sense."""
    try:
        kept = json.loads(str(store.value(_KEY, "{}")))
        return _known(kept) if isinstance(kept, dict) else ShareOptions()
    except (ValueError, TypeError):
        return ShareOptions()


def remember_options(store: QSettings, options: ShareOptions) -> None:
    store.setValue(_KEY, json.dumps(asdict(options)))


def _known(kept: Mapping[str, object]) -> ShareOptions:
    default = ShareOptions()
    port, roots = kept.get("port"), kept.get("roots")
    return ShareOptions(
        network=kept.get("network") is True,
        port=port if isinstance(port, int) and 0 <= port <= 65535 else default.port,
        allow_push=kept.get("allow_push") is True,
        token_required=kept.get("token_required") is True,
        roots=tuple(map(str, roots)) if isinstance(roots, list) else (),
        into=str(kept.get("into", "")),
    )

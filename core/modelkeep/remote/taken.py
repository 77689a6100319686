"""Whether a remote takes a model: what was trained from a den's model goes back only where that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.cache.catalog import Origin
from modelkeep.errors import NotAllowed
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["NOT_PUSHED_TO", "check_taken"]

NOT_PUSHED_TO = "notPushedTo"
"""In what is kept of the origin of a revision: the URLs of the remotes that do not take it."""


def check_taken(library: Library, root: str, key: ModelKey, url: str) -> None:
    """Raise `NotAllowed` where a policy keeps this revision of a cache, `key` with its commit, from a remote."""
    origin = library.catalog.origin(root, key.at(None), key.revision or "") or Origin()
    refusing = origin.metadata.get(NOT_PUSHED_TO)
    if isinstance(refusing, list | tuple) and _place(url) in {_place(str(one)) for one in refusing}:
        raise NotAllowed(
            f"{key.at(None)} was fine-tuned on this machine from a model of a den, and {url} takes no such models.",
            hint="Who configures the den may allow it: `remote_allow_push_fine_tuned`. Then train it again.",
        )


def _place(url: str) -> str:
    return url.removeprefix("file://").rstrip("/")

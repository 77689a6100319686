"""Stopping what is dangerous, unless a person said otherwise, once and by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from modelkeep.errors import UnsafeModel
from modelkeep.safety.verdict import ModelVerdict, Verdict

if TYPE_CHECKING:
    from modelkeep.cache.catalog import Catalog
    from modelkeep.keys import ModelKey

__all__ = ["stop_dangerous"]


def stop_dangerous(
    key: ModelKey,
    verdict: ModelVerdict,
    *,
    what: str,
    allow: Collection[str] = (),
    catalog: Catalog | None = None,
    root: str = "",
) -> None:
    """Raise `UnsafeModel` for a dangerous model that `allow` does not name; an override is written down.

    `what` is what was to be done: "import", "load", "convert". A model is named as the user knows it, `org/name`.
    """
    if verdict.verdict is not Verdict.DANGEROUS:
        return
    raise UnsafeModel(f"{key} has dangerous files.")

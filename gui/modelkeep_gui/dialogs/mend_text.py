"""A plan to mend and what came of it, in words."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from modelkeep.mending.mend import MendResult
from modelkeep.mending.plan import MendItem, MendPlan, Origin, Where
from modelkeep.text import size_text

__all__ = ["button_text", "files_text", "mended_text", "origin_text", "origin_tooltip", "question"]


def files_text(items: Sequence[object]) -> str:
    """How many files these are."""
    return _tr("1 file") if len(items) == 1 else _tr("{} files").format(f"{len(items):,}")


def question(names: Sequence[str]) -> str:
    """What the dialog asks about models of these names."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) == 1:
        return _tr("Mend {}?").format(distinct[0])
    return _tr("Mend {} models?").format(f"{len(distinct):,}")


def button_text(plan: MendPlan | None) -> str:
    """What pressing the button does: "Mend 2 files, fetch 433 MB"."""
    if plan is None or not plan.mendable:
        return _tr("&Mend")
    files = files_text(plan.mendable)
    far = (Where.HUB, Where.REMOTE)
    fetched = [item for item in plan.mendable if item.origin and item.origin.where in far]
    if fetched:
        size = size_text(replace(plan, items=tuple(fetched)).bytes_needed)
        return _tr("&Mend {}, fetch {}").format(files, size)
    return _tr("&Mend {}, copy {}").format(files, size_text(plan.bytes_needed))


def origin_text(item: MendItem) -> str:
    """Where the good content is, or that it is nowhere."""
    if item.origin is None:
        return _tr("no good copy known")
    return _place_text(item.origin)


def origin_tooltip(item: MendItem) -> str:
    """The same to the last letter."""
    if item.origin is None:
        return " ".join(filter(None, (item.problem, item.hint)))
    return "\n".join(filter(None, (item.origin.place, item.origin.member)))


def mended_text(result: MendResult) -> str:
    """What came of it, in a sentence."""
    done = [one for one in result.items if not one.error]
    if result.failures:
        return _tr("{} of {} could not be mended.").format(len(result.failures), files_text(result.items))
    if not result.entries:
        return _tr("Mended {}.").format(files_text(done))
    if len(result.entries) == 1:
        return _tr("Mended {}. The bad content is in the trash.").format(files_text(done))
    return _tr("Mended {}. The bad contents are in the trash.").format(files_text(done))


def _place_text(origin: Origin) -> str:
    match origin.where:
        case Where.CACHE:
            # …/hub/models--org--name/blobs/abc…
            before = origin.place.partition("/models--")[0]
            return _tr("cache {}").format(os.path.basename(before.rstrip("/")) or origin.place)
        case Where.ARCHIVE:
            return _tr("archive {}").format(os.path.basename(origin.place.rstrip("/")))
        case Where.HUB:
            return _tr("hub {}").format(origin.place)
        case Where.REMOTE:
            return _tr("remote {}").format(origin.place)
    return origin.place


def _tr(text: str) -> str:
    return QCoreApplication.translate("mend", text)

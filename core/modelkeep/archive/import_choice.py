"""What a user wants of several import plans, as one plan to be carried out.

Sources that were looked at one by one, so that looking again at one of them need not read the others, become one
import in which a content that several of them bring is written and counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from modelkeep.archive.import_plan import ImportItem, ImportPlan

__all__ = ["choose"]


def _all(item: ImportItem) -> bool:
    return True


def choose(plans: Sequence[ImportPlan], wanted: Callable[[ImportItem], bool] = _all) -> ImportPlan:
    """The items of plans for one root for which `wanted` holds, as one plan. The disk is as the last plan saw it.

    A model that is in two plans, as when two volumes of one archive were looked at, is in it once. There has to be
    at least one plan.
    """
    items: dict[tuple[str, str], ImportItem] = {}
    coming: set[str] = set()
    for plan in plans:
        counted: set[str] = set()
        for item in plan.items:
            needed = _needed(item)
            # What an interrupted import staged is known from the plan alone: it is what was not counted of the rest.
            staged = max(0, _sum_without(needed, counted) - item.bytes_needed)
            counted.update(needed)
            if (item.source, item.folder) in items or not wanted(item):
                continue
            left = max(0, _sum_without(needed, coming) - staged)
            items[item.source, item.folder] = replace(item, bytes_needed=left)
            coming.update(needed)
    last = plans[-1]
    bytes_needed = sum(item.bytes_needed for item in items.values())
    return ImportPlan(tuple(items.values()), last.root, bytes_needed, last.free, last.reserve, last.others)


def _needed(item: ImportItem) -> dict[str, int]:
    """The contents that have to be written, with their sizes. One whose name is not known yet is only ever itself."""
    return {
        file.etag or f"{item.source}\0{item.folder}\0{file.name}": file.size
        for file in item.files
        if file.is_written
    }


def _sum_without(needed: dict[str, int], others: set[str]) -> int:
    return sum(size for content, size in needed.items() if content not in others)

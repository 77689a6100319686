"""The golden rule, asked of a cache after something was broken off in it.

1. A model that nobody was working on loads as before, at once.
2. What is wrong, a repair mends; a second repair finds nothing to do.
3. Nothing is lost: every file of every model is in the cache or comes back from the trash, byte for byte.
4. The same work can be done again, and is done then.
5. The Hub's own client has nothing to complain of.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from huggingface_hub import scan_cache_dir, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import Finding, RepairPlan, Weight, plan_repair
from modelkeep.doctor.repair import repair
from support.torture.world import MODELS, UNTOUCHED, World

if TYPE_CHECKING:
    from support.torture.works import Work

__all__ = ["LATER", "check_after", "check_at_once", "settled"]


def LATER() -> float:
    """A time at which everything that was broken off is old."""
    return time.time() + 3 * 86400


def check_at_once(world: World) -> Iterator[str]:
    """What is wrong although nobody was working on it."""
    for name in UNTOUCHED:
        yield from _differs(world.root, name, "main", MODELS[name][-1])


def settled(world: World) -> Iterator[str]:
    """Repair what can be, and say what is wrong with that: a second repair must find nothing to do."""
    plan = _planned(world)
    result = repair(plan, now=LATER())
    yield from (f"a repair failed: {one.finding.problem} {one.error}" for one in result.items if one.error)
    left = _planned(world)
    yield from (f"after a repair there is still: {one.problem} {one.path}" for one in left.findings)
    found = examine(world.root, now=LATER())
    yield from (_said(one) for one in found.findings if one.known.weight is Weight.DAMAGE)


def _planned(world: World) -> RepairPlan:
    found = examine(world.root, now=LATER())
    return plan_repair(found.inventory, found.findings, {"interrupted-import"}, everything=True)


def _said(one: Finding) -> str:
    return f"damage stays: {one.problem} {one.path} {one.message} {one.refusal}"


def check_after(world: World, work: Work, *, done: bool) -> Iterator[str]:
    """What is lost or broken once everything is repaired, and what is in the trash was put back.

    `done`: the work was done in the end, so that what it brings has to be there.
    """
    for warning in scan_cache_dir(world.root).warnings:
        if not str(warning).endswith(".modelkeep"):  # it takes every folder for a repository
            yield f"the Hub's client: {warning}"
    with world.library() as library:
        yield from (f"the catalog: {problem}" for problem in library.problems())
        if not work.for_good:
            entries = [(entry.root, entry.id) for entry in library.trash()]
            yield from (
                f"not restored: {one.error} {one.hint}" for one in library.restore(entries) if one.error
            )
    for name, revisions in MODELS.items():
        if work.for_good and name in work.takes:
            continue
        for number, files in enumerate(revisions):
            is_newest = number == len(revisions) - 1
            ref = "main" if is_newest else f"v{number}"
            if work.for_good and not is_newest:
                continue
            if name in work.brings and is_newest and name == "org/two":
                continue  # main was moved on purpose
            yield from _differs(world.root, name, ref, files)
    for name, files in work.brings.items() if done else ():
        yield from _differs(world.root, name, "main", files)


def _differs(root: Path, name: str, ref: str, files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        folder = snapshot_download(name, revision=ref, cache_dir=root, local_files_only=True)
    except (LocalEntryNotFoundError, OSError) as error:
        yield f"{name}@{ref} does not load any more: {type(error).__name__} {str(error).splitlines()[0]}"
        return
    for path, content in files.items():
        place = os.path.join(folder, path)
        try:
            with open(place, "rb") as file:
                here = file.read()
        except OSError as error:
            yield f"{name}@{ref} {path} is lost: {error.strerror}"
            continue
        if here != content:
            yield f"{name}@{ref} {path} has other bytes"

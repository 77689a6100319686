"""Modelkeep's own files: those that cannot be understood now, those that were put aside for it, and their repair.

Nothing of a model hangs on them. A repair loses nothing either: what is put aside keeps its bytes, and what a broken
catalog still says is taken into the catalog of now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from modelkeep.cache.catalog import Catalog
from modelkeep.disk import disk_errors, measure
from modelkeep.doctor.findings import Finding, RepairPlan, in_order
from modelkeep.doctor.repair import Repaired, RepairResult
from modelkeep.doctor.salvage import Salvaged, missing_in, read_what_can_be, take_back
from modelkeep.errors import ModelKeepError
from modelkeep.paths import catalog_file, hub_tokens_file, serve_tokens_file, set_aside, settings_file

__all__ = ["OF_OUR_OWN", "own_findings", "plan_own_repairs", "repair_own_files"]

OF_OUR_OWN = frozenset({"broken-own-file", "broken-catalog", "broken-lines", "set-aside"})
"""The problems of Modelkeep's own files; all others are of caches."""

_ASIDE = ".broken-"
_JOURNALS = ("-wal", "-shm")


def own_findings(catalog: Catalog) -> Iterator[Finding]:
    """What is wrong with Modelkeep's own files. Nothing is changed by looking."""
    yield from _not_understood()
    yield from _put_aside(catalog)
    yield from _broken_lines(catalog.activity.folder)


def plan_own_repairs(findings: Iterable[Finding], problems: Iterable[str]) -> tuple[RepairPlan, ...]:
    """What is to be repaired of these, by name or id, a plan for each folder. It frees nothing."""
    asked = frozenset(problems)
    chosen = [
        one
        for one in findings
        if one.problem in OF_OUR_OWN and one.can_be_repaired and {one.problem, one.id} & asked
    ]
    by_folder = groupby(sorted(chosen, key=lambda one: one.root), key=lambda one: one.root)
    return tuple(RepairPlan(folder, tuple(in_order(some)), 0, asked) for folder, some in by_folder)


def repair_own_files(plan: RepairPlan, catalog: Catalog) -> RepairResult:
    """Carry out a plan of `plan_own_repairs`, looking at each file again."""
    now = {one.id: one for one in own_findings(catalog) if one.root == plan.root}
    done = []
    for finding in plan.findings:
        if finding.id not in now:
            done.append(Repaired(finding, gone=True))
            continue
        try:
            with disk_errors(finding.path):
                if finding.problem == "broken-catalog":
                    note = take_back(read_what_can_be(Path(finding.path)), catalog)
                else:
                    note = f"It is kept as {set_aside(Path(finding.path)).name}."
            done.append(Repaired(finding, note=note))
        except ModelKeepError as error:
            done.append(Repaired(finding, error=str(error), hint=error.hint))
    return RepairResult(plan.root, tuple(done), (), 0)


# ---- what cannot be understood now


def _not_understood() -> Iterator[Finding]:
    said: tuple[tuple[Path, Callable[[Path], bool], str], ...] = (
        (settings_file(), _is_object, "Your caches, profiles of hubs and other choices in it are not known."),
        (hub_tokens_file(), _is_object, "No hub that has its token there can be reached."),
        (serve_tokens_file(), _has_tokens, "No token that you gave for your servers works."),
    )
    for path, is_good, costs in said:
        if path.is_file() and not is_good(path):
            yield Finding(
                "broken-own-file",
                path.parent.as_posix(),
                path.as_posix(),
                f"{path.name} cannot be understood. {costs}",
                f"It is kept as {path.name}{_ASIDE}… beside, and begun anew; what was in it has to be given again.",
                measure(path),
                paths=(path.as_posix(),),
            )


def _is_object(path: Path) -> bool:
    return isinstance(_parsed(path, {}), dict)


def _has_tokens(path: Path) -> bool:
    said = _parsed(path, [])
    return isinstance(said, list) and all(isinstance(one, dict) and "digest" in one for one in said)


def _parsed(path: Path, default: object) -> object:
    """What a file says; None for no JSON, and the default where nobody may read it."""
    try:
        said: object = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    except OSError:
        return default
    return said


# ---- what was put aside


def _put_aside(catalog: Catalog) -> Iterator[Finding]:
    for path in (settings_file(), hub_tokens_file(), serve_tokens_file(), catalog_file()):
        for aside in sorted(path.parent.glob(f"{path.name}{_ASIDE}*")):
            if aside.name.endswith(_JOURNALS):
                continue  # goes with its catalog
            finding = _aside(path, aside)
            lost = missing_in(catalog, read_what_can_be(aside)) if path == catalog_file() else Salvaged()
            yield _of_catalog(finding, lost) if lost else finding


def _aside(path: Path, aside: Path) -> Finding:
    message = f"{path.name} was broken once; it is kept as {aside.name}."
    size = sum(measure(f"{aside}{ending}") for ending in ("", *_JOURNALS))
    hint = "Remove it yourself when you miss nothing."
    return Finding("set-aside", aside.parent.as_posix(), aside.as_posix(), message, hint, size)


def _of_catalog(finding: Finding, lost: Salvaged) -> Finding:
    return Finding(
        "broken-catalog",
        finding.root,
        finding.path,
        f"The catalog was broken once, and the one of now lacks {lost.text} that can still be read in the old one.",
        "They are taken into the catalog of now, where it says nothing else; the broken one stays.",
        finding.on_disk,
        paths=(finding.path,),
    )


# ---- the log


def _broken_lines(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.glob("*.jsonl")):
        try:
            with path.open("rb") as file:
                count = sum(not _is_whole(line) for line in file)
        except OSError:
            continue
        if count:
            lines = "1 line that is" if count == 1 else f"{count} lines that are"
            yield Finding(
                "broken-lines",
                folder.as_posix(),
                path.as_posix(),
                f"The log {path.name} has {lines} not whole: a program was killed, or the disk was full.",
                "Nothing: the log passes over them, and all other lines count.",
            )


def _is_whole(line: bytes) -> bool:
    # To parse a million lines would take seconds; what breaks lines cuts their end off.
    line = line.strip()
    return not line or (line.startswith(b"{") and line.endswith(b"}"))

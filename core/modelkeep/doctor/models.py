"""What can be wrong in one repository: refs, snapshots, contents, and what downloads and deletions left in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.in_use import OpenFiles, living_downloads
from modelkeep.cache.inventory import CachedModel, CachedRevision, Inventory, Problem, ProblemKind, State
from modelkeep.cache.sharing import all_blobs, freed_by
from modelkeep.disk import allocated, measure, released
from modelkeep.doctor.findings import DAY, HOUR, Finding

__all__ = ["Look", "in_model", "newest_change"]

_BY_HAND = {
    ProblemKind.WRONG_SIZE: "`modelkeep mend KEY` brings a good one from another cache, an archive or a hub.",
    ProblemKind.MISSING_FILES: "`modelkeep download KEY@COMMIT` fetches what is missing, if you want all of it.",
    ProblemKind.STRAY_FILE: "Move it elsewhere or remove it yourself: it may be yours.",
    ProblemKind.UNREADABLE: "Ask the owner for the right to read it, or mount its disk.",
}


class Look(NamedTuple):
    """What is known while looking: the time (seconds since the epoch), who has what open, what the user pinned."""

    inventory: Inventory
    opened: OpenFiles
    now: float
    pinned: frozenset[str] = frozenset()

    def users(self, *paths: str) -> str:
        """Why something is not touched because a process has it open, "" when none has."""
        places = [os.path.realpath(path) for path in paths]
        for file in (*self.opened.of(places), *(one for place in places for one in self.opened.below(place))):
            return f"{file.process} ({file.pid}) has it open."
        return ""

    def young(self, when: float, patience: float = HOUR) -> str:
        """Why something is not touched that changed so lately, "" when it is old."""
        return (
            "It changed a short while ago: a download may be under way." if self.now - when < patience else ""
        )

    def finding(self, finding: Finding) -> Finding:
        """The finding with what its repair frees alone."""
        blobs = {blob.path: blob for blob in finding.blobs}
        freed, _ = freed_by(blobs, self.inventory.names, self.inventory.store)
        return replace(finding, frees=finding.around + freed if finding.can_be_repaired else 0)


def in_model(look: Look, model: CachedModel) -> Iterator[Finding]:
    """Everything that is wrong in a repository."""
    alive = "It is being downloaded now." if living_downloads(model, now=look.now) else ""
    if any(problem.kind is ProblemKind.UNREADABLE for problem in model.problems):
        # What leads to its contents may be where nobody can look.
        alive = "A part of the model cannot be read, so nobody knows what is needed."
    if any(problem.kind is ProblemKind.NO_SNAPSHOTS for problem in model.problems):
        # All else that it has goes or stays with it.
        yield _empty(look, model, alive)
        return
    nowhere = {one.path for one in model.problems if one.kind is ProblemKind.DANGLING_REF}
    for problem in dict.fromkeys(model.problems):
        match problem.kind:
            case ProblemKind.UNREADABLE_REF if problem.path in nowhere:
                pass  # what mends it leads it somewhere, too
            case ProblemKind.DANGLING_REF | ProblemKind.UNREADABLE_REF:
                yield _ref(look, model, problem, alive)
            case ProblemKind.UNREADABLE_TREE:
                yield _tree(look, model, problem, alive)
            case ProblemKind.BROKEN_LINK:
                yield _link(look, model, problem, alive)
            case ProblemKind.ORPHAN_BLOB:
                pass
            case kind:
                message = f"{model.key}: {problem.message}"
                size = measure(problem.path) if kind is ProblemKind.STRAY_FILE else 0
                yield Finding(kind.value, model.root, problem.path, message, _BY_HAND[kind], size, model.key)
    yield from _orphans(look, model, alive)
    yield from _dead_downloads(look, model)
    yield from _leftovers(look, model, alive)


def _empty(look: Look, model: CachedModel, alive: str) -> Finding:
    blobs = tuple({blob.path: blob for blob in all_blobs(model)}.values())
    freed, _ = freed_by({blob.path: blob for blob in blobs}, look.inventory.names, look.inventory.store)
    pinned = "You pinned it." if str(model.key) in look.pinned else ""
    young = look.young(newest_change(model.path), DAY)
    # A folder that is a link is kept elsewhere by somebody who knows why.
    snapshots = os.path.lexists(f"{model.path}/snapshots")
    return look.finding(
        Finding(
            "no-snapshots",
            model.root,
            model.path,
            f"{model.key}: nothing of it is here but its folder.",
            "The folder goes to the trash with all that is in it.",
            model.on_disk,
            model.key,
            (model.path,),
            pinned or alive or young or look.users(model.path),
            not snapshots and not os.path.islink(model.path),
            model.frees - freed,
            blobs,
        )
    )


def _ref(look: Look, model: CachedModel, problem: Problem, alive: str) -> Finding:
    path, name = problem.path, problem.path.removeprefix(f"{model.path}/refs/")
    commit = dict(model.refs).get(name)
    refusal = alive or look.young(os.lstat(path).st_mtime if os.path.lexists(path) else 0.0)
    here = {revision.commit for revision in model.revisions}
    if commit is None and not os.access(path, os.R_OK):
        refusal = "You may not read it."
    if commit is not None and problem.kind is ProblemKind.UNREADABLE_REF and commit in here:
        to, repair = commit, "It is written again without the blanks."
    elif name == "main" and (best := _newest_whole(model)):
        to, repair = best.commit, f"It leads to {best.commit[:12]} again, the newest snapshot that is whole."
    elif name == "main":
        to, repair = "", "It goes to the trash: no snapshot is here that it could lead to."
    else:
        # Another commit under the name of a tag would be another model under its name.
        to, repair = "", "It goes to the trash: only the commit that it named would do."
    size = released(path)
    around = 0 if to else size
    return look.finding(
        Finding(
            problem.kind.value,
            model.root,
            path,
            f"{model.key}: {problem.message}",
            repair,
            size,
            model.key,
            (path,),
            refusal,
            True,
            around,
            to=to,
        )
    )


def _newest_whole(model: CachedModel) -> CachedRevision | None:
    """Where main may lead: to the newest whole snapshot, or one of which nothing is known to be missing."""
    usual = [one for one in model.revisions if not any(ref.startswith("refs/pr/") for ref in one.refs)]
    for state in (State.WHOLE, State.UNPROVEN):
        found = [one for one in usual if one.state is state and one.files and layout.is_commit(one.commit)]
        if found:
            return max(found, key=lambda one: (one.modified, one.commit))
    return None


def _tree(look: Look, model: CachedModel, problem: Problem, alive: str) -> Finding:
    path = problem.path
    size = released(path)
    return look.finding(
        Finding(
            "unreadable-tree",
            model.root,
            path,
            f"{model.key}: {problem.message}",
            "It goes to the trash; the next download writes it anew.",
            size,
            model.key,
            (path,),
            alive or look.users(path) or ("" if os.access(path, os.R_OK) else "You may not read it."),
            os.path.isfile(path) and not os.path.islink(path),
            size,
        )
    )


def _link(look: Look, model: CachedModel, problem: Problem, alive: str) -> Finding:
    path = problem.path
    size = released(path)
    return look.finding(
        Finding(
            "broken-link",
            model.root,
            path,
            f"{model.key}: {problem.message}",
            "The link goes to the trash; the model is incomplete then, and a download brings the file again.",
            size,
            model.key,
            (path,),
            alive or look.young(os.lstat(path).st_mtime if os.path.lexists(path) else 0.0),
            os.path.islink(path),
            size,
        )
    )


def _orphans(look: Look, model: CachedModel, alive: str) -> Iterator[Finding]:
    if any(problem.kind is ProblemKind.STRAY_FILE for problem in model.problems):
        alive = alive or "Something in the model's folder does not belong there, and may lead to it."
    for blob in model.orphans:
        link = blob.path != blob.payload
        own = allocated(os.lstat(blob.path)) if link and os.path.lexists(blob.path) else 0
        young = look.young(os.lstat(blob.path).st_mtime if os.path.lexists(blob.path) else blob.modified)
        # A link to somewhere outside of the root says nothing about what it leads to.
        safe = not link or blob.payload in look.inventory.store.payloads
        yield look.finding(
            Finding(
                "orphan-blob",
                model.root,
                blob.path,
                f"{model.key}: no snapshot leads to the content {blob.name[:12]}.",
                "It goes to the trash.",
                blob.on_disk + own,
                model.key,
                (blob.path,),
                alive or young or look.users(blob.path, blob.payload),
                safe,
                own,
                (blob,),
            )
        )


def _dead_downloads(look: Look, model: CachedModel) -> Iterator[Finding]:
    for file in model.incomplete:
        if look.now - file.modified < DAY or os.path.islink(file.path):
            continue
        name = file.path.rpartition("/")[2]
        size = released(file.path)
        yield look.finding(
            Finding(
                "dead-download",
                model.root,
                file.path,
                f"{model.key}: a download of {name[:12]} died; it grew last more than a day ago.",
                "What it fetched goes to the trash.",
                file.on_disk,
                model.key,
                (file.path,),
                look.users(file.path),
                True,
                size,
            )
        )


def _leftovers(look: Look, model: CachedModel, alive: str) -> Iterator[Finding]:
    here = {revision.commit for revision in model.revisions}
    for folder, ending in (("trees", ".json"), (".no_exist", "")):
        try:
            names = sorted(os.listdir(f"{model.path}/{folder}"))
        except OSError:
            continue
        for name in names:
            commit, path = name.removesuffix(ending), f"{model.path}/{folder}/{name}"
            if not layout.is_commit(commit) or not name.endswith(ending) or commit in here:
                continue
            size = released(path)
            yield look.finding(
                Finding(
                    "revision-leftover",
                    model.root,
                    path,
                    f"{model.key}: {folder}/{name} is of a revision that is not here.",
                    "It goes to the trash.",
                    size,
                    model.key,
                    (path,),
                    alive or look.young(newest_change(path)) or look.users(path),
                    True,
                    size,
                )
            )


def newest_change(path: str) -> float:
    """When anything at or below a path was last written, seconds; 0.0 when it is gone."""
    newest = 0.0
    try:
        newest = os.lstat(path).st_mtime
        if os.path.isdir(path) and not os.path.islink(path):
            with os.scandir(path) as entries:
                newest = max([newest, *(newest_change(entry.path) for entry in entries)])
    except OSError:
        pass
    return newest

"""Whether what a store says it has is all there: by one list of its contents, or by reading every one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.errors import NotOnRemote, RemoteError
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.names import BLOBS, MARKER, blob_name, blob_of
from modelkeep.remote.objects import Objects
from modelkeep.remote.shelves import Held, Shelf, Shelves, in_parallel
from modelkeep.remote.values import BlobProblem, RemoteCheck

__all__ = ["verify"]

_SHORTEST = 8  # digits of a commit that may stand for it
_READERS = 4
_PIECE = 1 << 20
_FOLDERS = 32  # up to so many folders of contents are listed one by one, else all at once


class _Wanted(NamedTuple):
    """A content that revisions need: its bytes, and each file that has it."""

    size: int
    files: list[str]


def verify(
    objects: Objects, key: ModelKey | None = None, *, deep: bool = False, report: Report = ignore
) -> RemoteCheck:
    """Whether all contents of the revisions of a store are there, of one model or revision, or of all; `deep` reads
    and hashes each once.

    A content that cannot be read is a problem, not the end. Raises `NotOnRemote` where there is no such model.
    """
    shelves = Shelves(objects, KnownObjects(objects.url))
    looked = shelves.all(report=report) if key is None else (shelves.one(key, report=report),)
    held = [one for shelf in looked for one in _chosen(shelf, key)]
    if key is not None and not held:
        raise NotOnRemote(f"{objects.url} has no {key}.", hint="List its models to see what is there.")
    # Of one revision that is in order a broken entry of some ref says nothing.
    broken = [] if key and key.revision else [problem for shelf in looked for problem in shelf.problems]
    wanted = _wanted(held)
    problems = _missing(objects, wanted, report)
    read = 0
    if deep:
        sound = {sha256: one for sha256, one in wanted.items() if sha256 not in problems}
        read, found = _hash_all(objects, sound, report)
        problems.update(found)
    return RemoteCheck(
        revisions=sum(one.manifest is not None for one in held),
        files=sum(len(one.manifest.files) for one in held if one.manifest),
        read=read,
        problems=tuple(
            BlobProblem(sha256, problem, tuple(wanted[sha256].files))
            for sha256, problem in sorted(problems.items())
        ),
        left_out=tuple(dict.fromkeys([*broken, *(one.problem for one in held if one.problem)])),
    )


def _chosen(shelf: Shelf, key: ModelKey | None) -> Iterable[Held]:
    """The manifests that count: all that are not deleted, or those of the revision that a key names."""
    live = [held for held in shelf.held if shelf.is_live(held)]
    if key is None or key.revision is None:
        return live
    entry = shelf.refs.get(key.revision)
    commit = entry.commit if entry and entry.commit else key.revision
    return [held for held in live if held.commit.startswith(commit) and len(commit) >= _SHORTEST]


def _wanted(held: Iterable[Held]) -> dict[str, _Wanted]:
    wanted: dict[str, _Wanted] = {}
    for one in held:
        for file in one.manifest.files if one.manifest else ():
            files = wanted.setdefault(file.sha256, _Wanted(file.size, [])).files
            files.append(f"{one.name.key} {file.path}")
    return wanted


def _missing(objects: Objects, wanted: Mapping[str, _Wanted], report: Report) -> dict[str, str]:
    """What is wrong with contents by what the store lists of them."""
    folders = sorted({blob_name(sha256).rpartition("/")[0] + "/" for sha256 in wanted})
    if len(folders) > _FOLDERS:
        folders = [BLOBS]
    lists = in_parallel(
        folders, lambda folder: list(objects.list(folder)), "Listing contents", report, workers=_READERS
    )
    sizes = {blob_of(info.name): info.size for infos in lists.values() for info in infos}
    problems = {}
    for sha256, one in wanted.items():
        if sha256 not in sizes:
            problems[sha256] = "missing"
        elif sizes[sha256] != one.size:
            problems[sha256] = "wrong-size"
    return problems


def _hash_all(objects: Objects, wanted: Mapping[str, _Wanted], report: Report) -> tuple[int, dict[str, str]]:
    """Read contents and hash them, the large ones first; returns the bytes read, and what is wrong with which."""
    problems: dict[str, str] = {}
    total = sum(one.size for one in wanted.values())
    read = 0

    def task(sha256: str) -> Task:
        def run(count: Count) -> None:
            if problem := _content_problem(objects, sha256, wanted[sha256].size, count):
                problems[sha256] = problem

        return run

    def watch(done: int, item: str) -> None:
        nonlocal read
        read = done
        report(Progress("Reading contents", done, total, item))

    tasks = [
        (wanted[sha256].files[0].rpartition(" ")[2], task(sha256))
        for sha256 in sorted(wanted, key=lambda sha256: -wanted[sha256].size)
    ]
    if tasks:
        run_tasks(tasks, workers=_READERS, watch=watch)
    return read, problems


def _content_problem(objects: Objects, sha256: str, size: int, count: Count) -> str:
    hashed = hashlib.sha256()
    buffer = memoryview(bytearray(_PIECE))
    read = 0
    try:
        with objects.open(blob_name(sha256)) as stream:
            while got := stream.readinto(buffer):
                hashed.update(buffer[:got])
                read += got
                count(got)
    except NotOnRemote:
        return "missing"
    except RemoteError:
        # The content alone, or the store? If it is the store, this says so.
        objects.read(MARKER)
        return "unreadable"
    if read != size:
        return "wrong-size"
    return "" if hashed.hexdigest() == sha256 else "wrong-content"

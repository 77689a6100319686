"""What lies in a store: the manifests, refs and marks of its models, found by one list of names.

What can be read of them never changes, so only what this machine has not seen before is read, by many threads. One
that is broken hides nothing: it comes as a `Held` without a manifest, with a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.errors import AccessDenied, BadReply, NotOnRemote, RemoteError
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.manifests import manifest_id, parse_manifest
from modelkeep.remote.names import BLOBS, MODELS, ObjectName, blob_name, model_prefix
from modelkeep.remote.names import read_name as read_object_name
from modelkeep.remote.objects import SMALL, ObjectInfo, Objects
from modelkeep.remote.refs import Chain, chains_of
from modelkeep.remote.values import Manifest, RefEntry

__all__ = ["Held", "Shelf", "Shelves", "in_parallel"]

_READERS = 16
_LARGEST_ENTRY = 1 << 20  # bytes; one that is larger is none of ours
_MOST = (
    512 << 20
)  # bytes of manifests and entries that are held at once; the smallest of them, where there are more
_HEADS = 16  # up to so many contents are asked for one by one
_LISTED = 8_000  # contents of the list of all that are read one after the other
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_Listed = tuple[ObjectName, ObjectInfo]


@dataclass(frozen=True)
class Held:
    """A manifest in a store, None where it cannot be read: `problem` says why. `is_marked`: it was deleted."""

    name: ObjectName
    info: ObjectInfo
    manifest: Manifest | None
    problem: str = ""
    is_marked: bool = False

    @property
    def commit(self) -> str:
        return self.name.commit

    @property
    def merit(self) -> tuple[bool, bool, int, float, str]:
        """Of the manifests of one commit that of the most merit counts: a whole one, else that of most bytes."""
        manifest = self.manifest
        if manifest is None:
            return (False, False, 0, 0.0, self.name.id)
        return (True, manifest.is_complete, manifest.size, manifest.created_at, self.name.id)


@dataclass(frozen=True)
class Shelf:
    """All that a store has of one model. `refs` are the entries that count, those of removed refs too."""

    key: ModelKey
    held: tuple[Held, ...] = ()
    chains: Mapping[str, Chain] = field(default_factory=dict)
    refs: Mapping[str, RefEntry] = field(default_factory=dict)
    marks: tuple[_Listed, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def revisions(self) -> dict[str, Held]:
        """By commit, what counts of those that were not deleted."""
        return _best(held for held in self.held if self.is_live(held))

    def is_live(self, held: Held) -> bool:
        """Whether a manifest was not deleted; what a ref leads to was not, whoever was about to delete it."""
        return not held.is_marked or any(entry.commit == held.commit for entry in self.refs.values())

    @property
    def deleted(self) -> dict[str, Held]:
        """By commit, what was deleted and is there no more otherwise, and what is just being brought back."""
        kept = {held.commit for held in self.held if not held.is_marked}
        return {
            commit: held
            for commit, held in _best(held for held in self.held if held.is_marked).items()
            if commit not in kept
        }

    def refs_to(self, commit: str) -> tuple[str, ...]:
        """The refs that lead to a commit, main first."""
        refs = (ref for ref, entry in self.refs.items() if entry.commit == commit)
        return tuple(sorted(refs, key=lambda ref: (ref != "main", ref)))


class Shelves:
    """Looks at the models of a store. May be used by several threads."""

    def __init__(self, objects: Objects, known: KnownObjects) -> None:
        self._objects = objects
        self._known = known
        self._parsed: dict[ObjectInfo, Manifest | str] = {}

    def all(self, *, report: Report = ignore) -> tuple[Shelf, ...]:
        """All models, by name."""
        return self._look(MODELS, report)

    def one(self, key: ModelKey, *, report: Report = ignore) -> Shelf:
        """One model; a shelf with nothing on it where the store has none of it."""
        key = key.at(None)
        found = self._look(model_prefix(key), report)
        return found[0] if found else Shelf(key)

    def names(self) -> tuple[ModelKey, ...]:
        """The models that have revisions, without reading any."""
        names = (read_object_name(info.name) for info in self._objects.list(MODELS))
        return tuple(sorted({name.key.at(None) for name in names if name and name.kind == "revision"}))

    def _look(self, prefix: str, report: Report) -> tuple[Shelf, ...]:
        report(Progress("Looking at the store"))
        models: dict[ModelKey, list[_Listed]] = {}
        for info in self._objects.list(prefix, report=report):
            if (name := read_object_name(info.name)) is not None:
                models.setdefault(name.key.at(None), []).append((name, info))
        chains = {key: chains_of(key, listed) for key, listed in models.items()}
        wanted = [info for listed in models.values() for name, info in listed if name.kind == "revision"]
        wanted += [chain.steps()[0][1] for refs in chains.values() for chain in refs.values()]
        contents = self._contents(prefix, wanted, report)
        return tuple(self._shelf(key, models[key], chains[key], contents) for key in sorted(models))

    def _contents(
        self, prefix: str, wanted: list[ObjectInfo], report: Report
    ) -> dict[str, bytes | RemoteError]:
        contents: dict[str, bytes | RemoteError] = {**_refused(wanted)}
        wanted = [info for info in wanted if info.name not in contents]
        contents |= self._known.recall(prefix, wanted)
        unseen = [info for info in wanted if info.name not in contents]
        read = in_parallel(unseen, self._read, "Reading the store", report, workers=_READERS)
        contents.update((info.name, content) for info, content in read.items())
        self._known.remember({info: content for info, content in read.items() if isinstance(content, bytes)})
        return contents

    def _read(self, info: ObjectInfo) -> bytes | RemoteError:
        try:
            return self._objects.read(info.name)
        except (NotOnRemote, AccessDenied, BadReply) as error:
            return error

    def _shelf(
        self,
        key: ModelKey,
        listed: Iterable[_Listed],
        chains: Mapping[str, Chain],
        contents: Mapping[str, bytes | RemoteError],
    ) -> Shelf:
        listed = list(listed)
        marks = tuple(one for one in listed if one[0].kind == "mark")
        marked = {(name.commit, name.id) for name, _ in marks}
        held = [
            self._held(name, info, contents[info.name], (name.commit, name.id) in marked)
            for name, info in listed
            # One that vanished since it was listed was collected as garbage meanwhile.
            if name.kind == "revision" and not isinstance(contents[info.name], NotOnRemote)
        ]

        def read(info: ObjectInfo) -> bytes:
            content = contents.get(info.name)
            if isinstance(content, RemoteError):
                raise BadReply(str(content)) if isinstance(content, AccessDenied) else content
            return self._objects.read(info.name) if content is None else content

        problems: list[str] = []
        refs = {ref: entry for ref, chain in chains.items() if (entry := chain.latest(read, problems))}
        problems += [one.problem for one in held if one.problem]
        return Shelf(key, tuple(held), chains, refs, marks, tuple(problems))

    def _held(self, name: ObjectName, info: ObjectInfo, content: bytes | RemoteError, marked: bool) -> Held:
        found = self._parsed.get(info)
        if found is None or isinstance(content, RemoteError):
            found = _parsed(name, content)
            self._parsed[info] = found
        if isinstance(found, str):
            return Held(name, info, None, found, marked)
        return Held(name, info, found, is_marked=marked)

    # ---- contents

    def present(self, sizes: Mapping[str, int], *, report: Report = ignore) -> dict[str, ObjectInfo]:
        """Those of these contents, by SHA-256 with their bytes, that the store has, and whole.

        Few are asked for one by one. Of many the list of all is read; where that is long, from some point on only the
        lists that have them, several at a time.
        """
        found: dict[str, ObjectInfo] = {}
        rest = sorted(sizes)
        if len(rest) > _HEADS:
            listed = list(islice(self._objects.list(BLOBS, report=report), _LISTED))
            found = {info.name.rpartition("/")[2]: info for info in listed}
            is_all = len(listed) < _LISTED
            rest = [] if is_all else [one for one in rest if blob_name(one) > listed[-1].name]
        folders = sorted({f"{BLOBS}{sha256[:2]}/" for sha256 in rest})
        if len(rest) <= max(_HEADS, len(folders)):
            asked = in_parallel(rest, lambda one: self._objects.info(blob_name(one)), "Comparing", report)
            found |= {sha256: info for sha256, info in asked.items() if info is not None}
        else:
            lists = in_parallel(folders, lambda folder: list(self._objects.list(folder)), "Comparing", report)
            found |= {info.name.rpartition("/")[2]: info for infos in lists.values() for info in infos}
        return {sha256: info for sha256, info in found.items() if sizes.get(sha256) == info.size}


def _refused(infos: Iterable[ObjectInfo]) -> dict[str, RemoteError]:
    """What is not read, since it is larger than anything that a Modelkeep writes, or too much in all."""
    refused: dict[str, RemoteError] = {}
    left = _MOST
    for info in sorted(infos, key=lambda info: info.size):
        most = _LARGEST_ENTRY if info.name.split("/")[4] == "refs" else SMALL
        if info.size <= min(most, left):
            left -= info.size
        else:
            refused[info.name] = BadReply(
                f"{info.name} has {info.size:,} bytes, which is too much to be read."
            )
    return refused


def in_parallel(
    items: Iterable[_Item],
    work: Callable[[_Item], _Result],
    step: str,
    report: Report,
    *,
    workers: int = 8,
) -> dict[_Item, _Result]:
    """Do something with each item, several at a time; the results by item. What fails stops all, and is raised."""
    items = list(items)
    results: dict[_Item, _Result] = {}

    def task(item: _Item) -> Task:
        def run(count: Count) -> None:
            results[item] = work(item)
            count(1)

        return run

    if items:
        tasks = ((str(number), task(item)) for number, item in enumerate(items))
        run_tasks(
            tasks,
            workers=workers,
            watch=lambda done, _: report(Progress(step, done, len(items), unit="objects")),
        )
    return results


def _best(held: Iterable[Held]) -> dict[str, Held]:
    best: dict[str, Held] = {}
    for one in held:
        if one.commit not in best or one.merit > best[one.commit].merit:
            best[one.commit] = one
    return best


def _parsed(name: ObjectName, content: bytes | RemoteError) -> Manifest | str:
    if isinstance(content, RemoteError):
        return str(content)
    called = f"the manifest of {name.key.name} at {name.commit[:12]}"
    if manifest_id(content) != name.id:
        return f"{called[:1].upper()}{called[1:]} is damaged: it is not what its name says."
    try:
        manifest = parse_manifest(content, called)
    except BadReply as error:
        return str(error)
    if manifest.key != name.key:
        return f"{called[:1].upper()}{called[1:]} is that of {manifest.key}."
    return manifest

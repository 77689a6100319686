"""Which paths and contents a part of a model is made of: the whole, revisions, or single files."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from modelkeep.cache.inventory import Blob, CachedFile, CachedModel, CachedRevision
from modelkeep.cache.sharing import all_blobs, exclusive_blobs
from modelkeep.disk import released
from modelkeep.errors import CacheError, ModelNotFound
from modelkeep.keys import ModelKey

__all__ = ["Kept", "Part", "Target", "parts"]


class Target(NamedTuple):
    """What is meant: a model (key without revision), a revision, or files of a revision by their names.

    Files of a key without revision are those of the revision that loading by name uses.
    """

    key: ModelKey
    files: tuple[str, ...] = ()


class Kept(NamedTuple):
    """A content that stays although something that leads to it goes."""

    name: str
    size: int
    reason: str


class Part(NamedTuple):
    """A part of a model.

    `moves` are its paths, what leads somewhere before what it leads to: taken away in that order, an interruption
    leaves no dangling link. `blobs` are the contents that go with it, by path: with the last of the parts that lead
    to them. `leads_to` are all that it leads to, also those that stay. `around` is what the disk gains by everything
    else in it; `uses` are the files that a process which works with it has open.
    """

    key: ModelKey
    what: str
    moves: tuple[str, ...]
    blobs: Mapping[str, Blob]
    leads_to: frozenset[str]
    kept: tuple[Kept, ...]
    around: int
    size: int
    files: int
    refs: tuple[str, ...]
    uses: frozenset[str]


def parts(model: CachedModel, targets: Sequence[Target]) -> list[Part]:
    """The parts that `targets`, all of this model, mean together. All revisions are the whole model.

    Raises `ModelNotFound` for a revision or file that the model does not have.
    """
    if any(not target.files and not target.key.revision for target in targets):
        return [_whole(model)]
    revisions: dict[str, CachedRevision] = {}
    files: dict[str, set[str]] = {}
    for target in targets:
        revision = _revision_of(model, target.key.revision)
        if target.files:
            _check_files(model, revision, target.files)
            files.setdefault(revision.commit, set()).update(target.files)
        else:
            revisions[revision.commit] = revision
    if len(revisions) == len(model.revisions):
        return [_whole(model)]
    chosen = {commit: names for commit, names in files.items() if commit not in revisions}
    return _revisions(model, list(revisions.values())) + _files(model, chosen, gone=revisions.keys())


def _revision_of(model: CachedModel, name: str | None) -> CachedRevision:
    revision = model.revision(name) if name else model.main
    if revision is None:
        names = [r.refs[0] if r.refs else r.commit[:8] for r in model.revisions]
        raise ModelNotFound(
            f"{model.key} has no revision {name or 'main'}.", hint=f"It has {', '.join(names) or 'none'}."
        )
    return revision


def _check_files(model: CachedModel, revision: CachedRevision, names: Iterable[str]) -> None:
    for name in names:
        if revision.file(name) is None:
            raise ModelNotFound(
                f"{model.key.at(revision.commit[:8])} has no file {name}.",
                hint="`modelkeep show` lists its files.",
            )


def _whole(model: CachedModel) -> Part:
    if os.path.islink(model.path):
        raise CacheError(
            f"{model.key} is a link to {os.path.realpath(model.path)}, outside this cache.",
            hint="Add that place as a cache of its own and delete it there.",
        )
    inside = f"{model.path}/"
    blobs = {blob.path: blob for blob in all_blobs(model) if blob.path.startswith(inside)}
    own = {(b.device, b.inode) for b in blobs.values() if b.payload.startswith(inside)}
    return Part(
        key=model.key,
        what="model",
        moves=(model.path,),
        blobs=blobs,
        leads_to=frozenset(blobs),
        kept=(),
        around=released(model.path, but=own),
        size=model.size,
        files=sum(len(revision.files) for revision in model.revisions),
        refs=tuple(ref for ref, _ in model.refs),
        uses=frozenset(blob.payload for blob in blobs.values()),
    )


def _revisions(model: CachedModel, chosen: list[CachedRevision]) -> list[Part]:
    """A part for each revision; a content that only they share goes with the last of them."""
    exclusive = exclusive_blobs(model, chosen)
    found = []
    for revision in reversed(chosen):
        contents = {file.blob.path: file.blob for file in revision.files if file.blob}
        copies = {file.path: file.blob for file in revision.files if file.blob and not file.linked}
        going = [path for path in contents if path in exclusive and _may_go(model, path, copies)]
        blobs = {path: exclusive.pop(path) for path in going}
        around = [
            *(f"{model.path}/refs/{ref}" for ref in revision.refs),
            revision.path,
            f"{model.path}/trees/{revision.commit}.json",
            f"{model.path}/.no_exist/{revision.commit}",
        ]
        dead = _dead_links(model, revision.files)
        own = {(blob.device, blob.inode) for blob in copies.values()}
        found.append(
            Part(
                key=model.key.at(revision.commit),
                what="revision",
                moves=(*around, *sorted(blobs.keys() - copies.keys()), *dead),
                blobs=blobs,
                leads_to=frozenset(contents),
                kept=_kept(revision.files, blobs, "another revision of the model needs it"),
                around=sum(released(path, but=own) for path in (*around, *dead)),
                size=sum(blob.size for blob in blobs.values()),
                files=len(revision.files),
                refs=revision.refs,
                uses=frozenset(blob.payload for blob in contents.values()),
            )
        )
    return found[::-1]


def _files(model: CachedModel, chosen: Mapping[str, set[str]], gone: Iterable[str]) -> list[Part]:
    """A part for each revision of which files go; `gone` are commits that go as a whole and need nothing."""
    going = set(gone)
    needed = {
        file.blob.path
        for revision in model.revisions
        for file in revision.files
        if file.blob and revision.commit not in going and file.name not in chosen.get(revision.commit, ())
    }
    found = []
    for revision in reversed(model.revisions):
        files = [file for file in revision.files if file.name in chosen.get(revision.commit, ())]
        if not files:
            continue
        contents = {file.blob.path: file.blob for file in files if file.blob}
        links = {file.path for file in files}
        dead = _dead_links(model, files)
        blobs = {p: b for p, b in contents.items() if p not in needed and _may_go(model, p, links)}
        needed |= blobs.keys()
        found.append(
            Part(
                key=model.key.at(revision.commit),
                what="files",
                moves=(*sorted(links), *sorted(blobs.keys() - links), *dead),
                blobs=blobs,
                leads_to=frozenset(contents),
                kept=_kept(files, blobs, "another file of the model has the same content"),
                around=sum(released(path) for path in (*(f.path for f in files if f.linked), *dead)),
                size=sum(blob.size for blob in blobs.values()),
                files=len(files),
                refs=(),
                uses=frozenset(file.blob.payload for file in files if file.blob),
            )
        )
    return found[::-1]


def _may_go(model: CachedModel, path: str, own: Container[str]) -> bool:
    """Whether a content is the model's: a link may lead anywhere, and what lies elsewhere is not ours to remove."""
    return path.startswith(f"{model.path}/blobs/") or path in own


def _dead_links(model: CachedModel, files: Iterable[CachedFile]) -> list[str]:
    """The blobs of these files that lead to nothing themselves, and to which no other file leads."""
    going = {file.path for file in files}
    ends = {
        file.path: os.path.normpath(os.path.join(os.path.dirname(file.path), os.readlink(file.path)))
        for revision in model.revisions
        for file in revision.files
        if file.blob is None and os.path.islink(file.path)
    }
    stay = {end for path, end in ends.items() if path not in going}
    found = {end for path, end in ends.items() if path in going and end not in stay}
    return sorted(end for end in found if end.startswith(f"{model.path}/blobs/") and os.path.islink(end))


def _kept(files: Iterable[CachedFile], going: Mapping[str, Blob], reason: str) -> tuple[Kept, ...]:
    return tuple(
        Kept(file.name, file.blob.size, reason) for file in files if file.blob and file.blob.path not in going
    )

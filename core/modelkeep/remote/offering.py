"""What of this machine is pushed to a remote: a revision of a cache, or a folder, as an `Offer`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.lfs import ATTRIBUTES_NAME, LfsRules
from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.cache import layout
from modelkeep.cache.catalog import Origin, user_name
from modelkeep.cache.inventory import CachedModel, CachedRevision, State
from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import CacheError, InvalidKey, ModelNotFound
from modelkeep.hub.push_source import Hashes, LocalFile, folder_source, hashes_of
from modelkeep.keys import ModelKey, is_valid_repo_id
from modelkeep.metadata.describe import Description, describe, describe_folder
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.remote import Offer
from modelkeep.remote.values import Lineage, Manifest, ManifestFile, Summary
from modelkeep.streams import FileStream, Stream

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.remote.plans import RemotePush
    from modelkeep.rows import Selection

__all__ = [
    "Wish",
    "lineage_of",
    "lineage_remembered",
    "manifest_of",
    "offer_again",
    "offer_of",
    "offer_of_folder",
    "offer_of_revision",
    "summary_of",
]

_MOST_ATTRIBUTES = 1 << 20  # bytes of a .gitattributes that are read
_READERS = 2  # which are as fast as most disks, and SHA-256 takes as long as they do


@dataclass(frozen=True)
class Wish:
    """How something is to be pushed; see `Remotes.plan_push`."""

    to: str = ""
    ref: str = "main"
    tags: Sequence[str] = ()
    message: str = ""
    description: str = ""
    private: bool = True


WISH = Wish()


def offer_of(
    library: Library, source: Selection | str | Path, wish: Wish = WISH, *, report: Report = ignore
) -> Offer:
    """A cached revision, or a folder by its path, as it is to be pushed."""
    if isinstance(source, (str, Path)):
        return offer_of_folder(library, Path(source), wish, report=report)
    return offer_of_revision(library, source, wish, report=report)


def offer_of_revision(
    library: Library, source: Selection, wish: Wish = WISH, *, report: Report = ignore
) -> Offer:
    """A cached revision, or the files of it that were selected, as it is to be pushed. Reads what was not hashed yet.

    Raises `ModelNotFound`, `InvalidKey` for a name or ref that nothing can have, `CacheError` for what is damaged.
    """
    _check_refs(wish)
    key = ModelKey.known(source.key)
    model = library.model(source.root, key)
    revision = model.revision(key.revision) if key.revision else model.main
    if revision is None:
        raise ModelNotFound(f"{key} is not in {source.root}.", hint="It may have been deleted. Scan again.")
    manifest = manifest_of(library, model, revision, files=source.files, report=report)
    manifest = replace(
        manifest,
        key=(ModelKey.parse(wish.to) if wish.to else key).at(revision.commit),
        description=wish.description,
    )
    places = {file.name: file.blob.payload for file in revision.files if file.blob}
    sources = {file.path: places[file.path] for file in manifest.files}
    return _offer(manifest, sources, wish, f"{model.key.at(revision.commit)} in {model.root}")


def offer_of_folder(library: Library, folder: Path, wish: Wish, *, report: Report = ignore) -> Offer:
    """A folder as it is to be pushed; the same files are always the same revision. Raises as for a revision."""
    _check_refs(wish)
    if not wish.to:
        raise InvalidKey("A folder needs a name there.", hint="It looks like org/name.")
    source = folder_source(folder)
    if not source.files:
        raise ModelNotFound(f"There is nothing to push in {source.name}.", hint="Choose another folder.")
    files = tuple(_hashed(library, source.files, report, LfsRules(dict(_attributes(source.files)))))
    to = ModelKey.parse(wish.to)
    said = describe_folder(folder, memory=library.catalog)
    manifest = Manifest(
        key=to.at(derived_commit({file.path: file.etag for file in files})),
        files=files,
        is_complete=True,
        summary=summary_of(said),
        lineage=lineage_of(to, said, {}),
        description=wish.description,
        created_at=time.time(),
        created_by=user_name(),
    )
    return _offer(manifest, {file.path: file.source for file in source.files}, wish, source.name)


def offer_again(push: RemotePush) -> Offer:
    """What a plan is about, once more, as to carry it out."""
    plan = push.plan
    files = tuple(
        ManifestFile(one.path, one.size, one.etag if layout.is_sha256(one.etag) else "", one.etag)
        for one in plan.files
        if one.source
    )
    manifest = push.manifest or Manifest(plan.to, files)
    sources = {one.path: one.source for one in plan.files if one.source}
    wish = Wish(ref=plan.branch, tags=push.tags, message=plan.message, private=plan.private)
    return _offer(manifest, sources, wish, plan.source)


def manifest_of(
    library: Library,
    model: CachedModel,
    revision: CachedRevision,
    *,
    files: Sequence[str] = (),
    report: Report = ignore,
) -> Manifest:
    """A cached revision, or just some files of it, with all that is known of it."""
    if absent := sorted({*files} - {file.name for file in revision.files}):
        raise ModelNotFound(
            f"{', '.join(absent[:3])} is not here.", hint="Choose among the files that are here."
        )
    chosen = [file for file in revision.files if not files or file.name in files]
    if broken := [file.name for file in chosen if file.blob is None]:
        raise CacheError(
            f"{model.key.at(revision.commit[:8])} is damaged: {', '.join(broken[:3])} cannot be read.",
            hint="Mend it first, or delete it and fetch it anew.",
        )
    local = []
    for file in chosen:
        assert file.blob is not None
        name = file.blob.name if file.linked else ""
        known = layout.is_sha256(name) or layout.is_git_sha1(name)
        local.append(LocalFile(file.name, file.blob.payload, file.blob.size, name if known else ""))
    origin = library.catalog.origin(model.root, model.key, revision.commit) or Origin()
    said = describe(revision, memory=library.catalog)
    return Manifest(
        key=model.key.at(revision.commit),
        files=tuple(_hashed(library, local, report)),
        is_complete=revision.state is State.WHOLE and not files,
        summary=summary_of(said),
        lineage=lineage_of(model.key, said, origin.metadata, revision),
        origin=origin.url,
        created_at=time.time(),
        created_by=user_name(),
        last_modified=origin.last_modified,
    )


def summary_of(said: Description) -> Summary:
    """What a list of a remote shows of a model, of all that it says of itself."""
    return Summary(
        said.library,
        said.task,
        said.licence,
        said.languages,
        said.tags,
        said.formats,
        said.parameters,
        said.custom_code,
    )


def lineage_of(
    key: ModelKey,
    said: Description,
    remembered: Mapping[str, object],
    revision: CachedRevision | None = None,
) -> Lineage:
    """What a model was made from: as was kept when it came or was made here, else by the history that a den's
    card has, else the base that its card names.
    """
    if known := lineage_remembered(key, remembered):
        return known
    if revision is not None and (known := _lineage_in_den_card(revision)):
        return known
    for base in said.base_models:
        try:
            named = ModelKey.parse(base)
        except InvalidKey:
            continue
        if named.at(None) != key.at(None):
            return Lineage(str(named), str(named))
    return Lineage()


def lineage_remembered(key: ModelKey, remembered: Mapping[str, object]) -> Lineage | None:
    """What was kept of a revision's lineage when it was fetched, or converted here; None for nothing."""
    match remembered.get("lineage"):
        case {"parent": str(parent), "root": str(root)} if parent or root:
            return Lineage(parent, root)
    match remembered.get("convertedFrom"):
        case str(commit) if layout.is_commit(commit):
            parent = str(key.at(commit))
            return Lineage(parent, parent)
    return None


# ---- within


def _lineage_in_den_card(revision: CachedRevision) -> Lineage | None:
    """What the history in a MedCAT pack's card, or in that of another model of a den, says; None for nothing."""
    file = revision.file("model_card.json")
    if file is None or file.blob is None:
        return None
    try:
        card = read_json(file.blob.payload)
    except (OSError, Unreadable):
        return None
    history = card.get("History (from least to most recent)") if isinstance(card, dict) else None
    if not isinstance(card, dict) or not isinstance(history, list):
        return None
    owner = "medcat" if "MedCAT Version" in card else "den"
    names = [f"{owner}/{one}" for one in history if isinstance(one, str) and one != card.get("Model ID")]
    if not names or not all(map(is_valid_repo_id, names)):
        return None
    return Lineage(f"hf@{names[-1]}", f"hf@{names[0]}")


def _offer(manifest: Manifest, sources: dict[str, str], wish: Wish, source: str) -> Offer:
    read = _Files(sources)
    return Offer(manifest, read, wish.ref, tuple(wish.tags), wish.message, source, sources, wish.private)


@dataclass(frozen=True)
class _Files:
    """Reads the files of an offer, by their paths."""

    sources: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, path: str, start: int, stop: int | None) -> Stream:
        return FileStream(self.sources[path], start=start, stop=stop)


def _hashed(
    library: Library, files: Sequence[LocalFile], report: Report, rules: LfsRules | None = None
) -> Iterable[ManifestFile]:
    """The files with their hashes. A content that the cache calls by its SHA-256 is not read for that: whoever
    sends it compares it on its way.
    """
    rules = rules or LfsRules({})
    read = _read(library, [file for file in files if not layout.is_sha256(file.etag)], report)
    for file in files:
        if (hashes := read.get(file.path)) is None:
            yield ManifestFile(file.path, file.size, file.etag, file.etag)
            continue
        if not (etag := file.etag):
            etag = hashes.sha256 if rules.is_lfs(file.path, file.size) else hashes.git_sha1
        yield ManifestFile(file.path, file.size, hashes.sha256, etag)


def _read(library: Library, files: Sequence[LocalFile], report: Report) -> dict[str, Hashes]:
    """What the contents of files are called, by their paths; read by several threads, the large ones first."""
    found: dict[str, Hashes] = {}
    total = sum(file.size for file in files)

    def task(file: LocalFile) -> Task:
        def run(count: Count) -> None:
            found[file.path] = hashes_of(file, library.catalog, count)

        return run

    if files:
        largest_first = sorted(files, key=lambda file: -file.size)
        run_tasks(
            [(file.path, task(file)) for file in largest_first],
            workers=_READERS,
            watch=lambda done, path: report(Progress("Reading", done, total, path)),
        )
    return found


def _attributes(files: Sequence[LocalFile]) -> Iterable[tuple[str, str]]:
    for file in files:
        folder, _, base = file.path.rpartition("/")
        if base == ATTRIBUTES_NAME:
            with disk_errors(file.source), open(file.source, "rb", opener=keeping_atime) as opened:
                text = opened.read(_MOST_ATTRIBUTES).decode(errors="replace")
            yield (f"{folder}/" if folder else "", text)


def _check_refs(wish: Wish) -> None:
    """Raise `InvalidKey` for what no branch or tag can be called."""
    for ref in (wish.ref, *wish.tags):
        if ref:
            ModelKey.parse(f"org/name@{ref}")
        if layout.is_commit(ref):
            raise InvalidKey(
                f"“{ref}” is a commit, and cannot be the name of a branch or tag.", hint="Choose a name."
            )

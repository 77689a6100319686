"""Where the refs of a cached repository lead, and how one is made to lead elsewhere, as to undo a bad update."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, Event, user_name
from modelkeep.cache.changes import FileChange, differences, files_here
from modelkeep.cache.inventory import CachedModel, CachedRevision, State
from modelkeep.cache.locks import changing
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import InvalidKey, ModelKeepError, ModelNotFound
from modelkeep.keys import ModelKey

__all__ = ["RefPlan", "plan_ref", "set_ref"]


@dataclass(frozen=True)
class RefPlan:
    """What letting a ref lead to another revision changes for who loads the model by it.

    `old` is the commit it leads to now, "" for none; `changes` are empty where that has no snapshot here.
    """

    root: str
    key: ModelKey
    ref: str
    old: str
    new: str
    changes: tuple[FileChange, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return self.old == self.new


def plan_ref(model: CachedModel, ref: str = "main", to: str = "") -> RefPlan:
    """What `set_ref` would change. `to` is a commit, the beginning of one, or a ref; "" for the revision before.

    Raises `InvalidKey` for what can be no ref, `ModelNotFound` where no such revision is here.
    """
    _check(ref)
    old = dict(model.refs).get(ref, "")
    current = next((revision for revision in model.revisions if revision.commit == old), None)
    target = model.revision(to) if to else _before(model, current)
    if target is None:
        raise _no_target(model, current, to)
    notes = []
    if target.state in (State.INCOMPLETE, State.DAMAGED):
        notes.append(f"The revision {target.commit[:12]} is {target.state}: loading it may not work.")
    if current is None and old:
        notes.append(f"The revision {old[:12]}, which {ref} leads to now, is not here.")
    changes = () if current is None else differences(_listing(model, current), _listing(model, target))
    return RefPlan(model.root, model.key, ref, old, target.commit, changes, tuple(notes))


def set_ref(
    root: str | os.PathLike[str], key: ModelKey, ref: str, commit: str, *, catalog: Catalog | None = None
) -> str:
    """Let a ref lead to `commit`, whose snapshot has to be here; returns where it led before, "" for nowhere.

    The catalog keeps it as an event, "set-ref", with both commits. Raises `InvalidKey`, `ModelNotFound`,
    `CacheBusy`, `ReadOnlyCache`.
    """
    _check(ref)
    repo = Path(root) / layout.repo_folder(key.repo_type, key.repo_id)
    with changing(root), disk_errors(repo):
        if not layout.is_commit(commit) or not (repo / "snapshots" / commit).is_dir():
            raise ModelNotFound(
                f"The revision {commit[:12]} of {key.at(None)} is not in {os.fspath(root)}.",
                hint="A ref may only lead to a revision that is here. Scan again, or download it.",
            )
        path = repo / "refs" / ref
        old = _read(path)
        if old != commit:
            _replace(Path(root), path, commit)
    if old != commit and catalog is not None:
        said = f"{ref}: {old or 'nowhere'} to {commit}"
        with suppress(ModelKeepError):  # it is done, whether or not that can be kept
            catalog.record_event(
                Event(
                    time.time(), user_name(), "set-ref", str(key.at(None)), os.fspath(root), 0, "done", said
                )
            )
    return old


def _check(ref: str) -> None:
    """Refuse what can be no ref: by the rules for the revision of a key, and nothing that looks like a commit."""
    if layout.is_commit(ref):
        raise InvalidKey(f"“{ref}” is a commit, not a branch or tag.", hint="A ref is a name like main.")
    if ModelKey.parse(f"any/name@{ref}").revision != ref:
        raise InvalidKey(f"“{ref.strip()}” has spaces around it.", hint="A ref is a name like main.")


def _no_target(model: CachedModel, current: CachedRevision | None, to: str) -> ModelNotFound:
    others = ", ".join(revision.commit[:12] for revision in model.revisions if revision is not current)
    if to:
        sentence = f"{model.key.at(to)} is not here."
    elif others:
        sentence = f"It is not clear which revision of {model.key} was there before."
    else:
        sentence = f"No other revision of {model.key} is here."
    hint = (
        f"Name one of {others}." if others else f"modelkeep download {model.key}@COMMIT brings another one."
    )
    return ModelNotFound(sentence, hint=hint)


def _before(model: CachedModel, current: CachedRevision | None) -> CachedRevision | None:
    """The revision that came here last before the current one; the only other one, whenever that came."""
    others = [revision for revision in model.revisions if revision is not current]
    if len(others) > 1 and current is not None:
        came = _came(current)
        others = sorted((one for one in others if _came(one) < came), key=_came)
    elif len(others) > 1:
        return None
    return others[-1] if others else None


def _came(revision: CachedRevision) -> float:
    # The folder's own time: contents that two revisions share came with the first of them.
    try:
        return os.stat(revision.path).st_mtime
    except OSError:
        return revision.modified


def _listing(model: CachedModel, revision: CachedRevision) -> dict[str, TreeFile]:
    """The files of a snapshot, called what the tree listing calls them where there is one."""
    listing = read_tree(model.path, revision.commit) or {}
    return {name: listing.get(name, file) for name, file in files_here(revision).items()}


def _read(path: Path) -> str:
    try:
        return path.read_bytes()[:200].decode("ascii", "replace").strip()
    except FileNotFoundError:
        return ""


def _replace(root: Path, path: Path, commit: str) -> None:
    """Put the commit there by a rename. Nothing temporary lies among the refs, where it would be taken for one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ours = root / layout.OURS
    ours.mkdir(exist_ok=True)
    handle, new = tempfile.mkstemp(prefix="ref-", dir=ours)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(commit.encode())
            file.flush()
            os.fsync(file.fileno())
        # As readable as the folder it lies in: others may use the same cache.
        os.chmod(new, path.parent.stat().st_mode & 0o666)
        os.replace(new, path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            os.unlink(new)
        with suppress(OSError):
            ours.rmdir()

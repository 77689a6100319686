"""All that a remote says of one model."""

from __future__ import annotations

from dataclasses import replace

from modelkeep.errors import ModelKeepError, NotOnRemote
from modelkeep.keys import ModelKey
from modelkeep.progress import Report
from modelkeep.remote.remote import KeepsHistory, Remote
from modelkeep.remote.values import Lineage, Manifest, RefEntry, RemoteModel, RemoteRevision

__all__ = ["look"]

Looked = tuple[RemoteModel, Manifest, tuple[RefEntry, ...], tuple[str, ...], tuple[str, ...]]

_LONGEST = 16  # steps from a model to the first of all that are asked for


def look(remote: Remote, key: ModelKey, report: Report) -> Looked:
    """The model, the manifest of the revision that the key means, the steps of main (or of the branch or tag of the
    key), the keys of what was made from the model, and its line (`_line`). Raises `NotOnRemote`.
    """
    manifest = remote.describe(key)
    found = remote.find(key)
    if not isinstance(remote, KeepsHistory):
        # A hub can have millions of models: it is not asked for all of them.
        model = RemoteModel(key.at(None), (found,), manifest.summary, manifest.lineage, manifest.size)
        return model, manifest, (), (), ()
    models = remote.list(report=report)
    alone = RemoteModel(key.at(None), (found,), manifest.summary, manifest.lineage, manifest.size)
    model = next((one for one in models if one.key == key.at(None)), alone)
    ref = key.revision if key.revision in found.refs else "main"
    history = _history(remote, key.at(None), ref or "main")
    revisions = tuple(_told(revision, history) for revision in model.revisions)
    line = _line(remote, manifest.lineage)
    return replace(model, revisions=revisions), manifest, history, _children(models, key), line


def _history(remote: KeepsHistory, key: ModelKey, ref: str) -> tuple[RefEntry, ...]:
    try:
        return remote.history(key, ref)
    except NotOnRemote:  # what was pushed to another branch, or to none
        return ()


def _told(revision: RemoteRevision, history: tuple[RefEntry, ...]) -> RemoteRevision:
    """A revision that no ref leads to any more, with what was said when one did."""
    said = next((step for step in history if step.commit == revision.commit), None)
    if said is None or revision.refs or revision.message:
        return revision
    return revision._replace(pushed_at=said.at, pushed_by=said.by or revision.pushed_by, message=said.message)


def _children(models: tuple[RemoteModel, ...], key: ModelKey) -> tuple[str, ...]:
    """What was made from a model, whichever of its revisions."""
    return tuple(
        str(model.key)
        for model in models
        if model.lineage.parent
        and model.key != key.at(None)
        and ModelKey.known(model.lineage.parent).at(None) == key.at(None)
    )


def _line(remote: Remote, lineage: Lineage) -> tuple[str, ...]:
    """From the first of all down to the parent, by what the manifests of those between say; empty where that
    is not all there.
    """
    if not lineage.parent or not lineage.root:
        return ()
    first, line = ModelKey.known(lineage.root).name, [lineage.parent]
    while ModelKey.known(line[0]).name != first:
        try:
            above = remote.describe(ModelKey.parse(line[0])).lineage.parent
        except ModelKeepError:  # it was never here, is gone, or damaged: this one is shown all the same
            return ()
        if not above or len(line) == _LONGEST:
            return ()
        line.insert(0, above)
    return tuple(line)

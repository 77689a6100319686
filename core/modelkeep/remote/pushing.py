"""Pushing what is on this machine to a remote: with what it was made from, and what in it looks like a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.errors import NotOnRemote
from modelkeep.hub.push import check_secrets
from modelkeep.hub.push_plan import PushPlan, PushResult
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report
from modelkeep.remote.offering import Wish, lineage_remembered, offer_again, offer_of
from modelkeep.remote.plans import RemotePush
from modelkeep.remote.remote import Remote
from modelkeep.remote.taken import check_taken
from modelkeep.remote.values import Lineage
from modelkeep.safety.secrets import SecretFound, find_secrets

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.rows import Selection

__all__ = ["plan_push", "push", "with_secrets"]


def plan_push(
    library: Library,
    remote: Remote,
    name: str,
    source: Selection | str | Path,
    wish: Wish,
    parent: str,
    report: Report,
) -> RemotePush:
    """See `Remotes.plan_push`."""
    offer = offer_of(library, source, wish, report=report)
    if not isinstance(source, str | Path):
        key = ModelKey.known(source.key).at(offer.manifest.commit)
        check_taken(library, source.root, key, remote.url)
    lineage = _named_lineage(library, remote, parent) if parent else _rooted(remote, offer.manifest.lineage)
    offer = replace(offer, manifest=replace(offer.manifest, lineage=lineage))
    plan = with_secrets(remote.plan_push(offer, report=report), report)
    manifest = None if remote.kind == "hub" else offer.manifest
    return RemotePush(name, plan, manifest, offer.tags)


def push(remote: Remote, plan: RemotePush, allow_secrets: Sequence[str], report: Report) -> PushResult:
    """See `Remotes.push`."""
    check_secrets(plan.plan, allow_secrets)
    return remote.push(offer_again(plan), plan.plan, report=report)


def with_secrets(plan: PushPlan, report: Report) -> PushPlan:
    """With what looks like a secret in the files that go there, unless the remote has looked for that."""
    if plan.secrets:
        return plan
    found: list[SecretFound] = []
    sent = [file for file in plan.sent if file.source]
    for number, file in enumerate(sent):
        report(Progress("Looking for secrets", number, len(sent), file.path, unit="files"))
        found += find_secrets(file.path, file.source)
    return replace(plan, secrets=tuple(found)) if found else plan


def _named_lineage(library: Library, remote: Remote, parent: str) -> Lineage:
    """What the user says that it was made from, with its commit where the remote or a cache has it."""
    key = ModelKey.parse(parent)
    try:
        manifest = remote.describe(key)
    except NotOnRemote:
        return _here(library, key)
    exact = str(manifest.key)
    return Lineage(exact, manifest.lineage.root or exact)


def _here(library: Library, key: ModelKey) -> Lineage:
    for model in library.find(key):
        revision = model.revision(key.revision) if key.revision else model.main
        if revision is not None:
            return _of_cached(library, model, revision)
    return Lineage(str(key), str(key))


def _of_cached(library: Library, model: CachedModel, revision: CachedRevision) -> Lineage:
    exact = str(model.key.at(revision.commit))
    origin = library.catalog.origin(model.root, model.key, revision.commit)
    known = lineage_remembered(model.key, origin.metadata if origin else {})
    return Lineage(exact, (known.root if known else "") or exact)


def _rooted(remote: Remote, lineage: Lineage) -> Lineage:
    """With the first of all, where the remote knows of the parent more than the card does."""
    if not lineage.parent or lineage.root != lineage.parent or remote.kind == "hub":
        return lineage
    try:
        above = remote.describe(ModelKey.known(lineage.parent)).lineage.root
    except NotOnRemote:
        return lineage
    return lineage._replace(root=above or lineage.root)

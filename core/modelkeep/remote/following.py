"""“Keep these models here”: what a remote has by now of what is followed, and bringing it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from modelkeep.errors import AccessDenied, BadReply, ModelKeepError, NotOnRemote, SettingsError
from modelkeep.hub.download_plan import FileAction
from modelkeep.keys import ModelKey
from modelkeep.named_remotes import Follow
from modelkeep.progress import Progress, Report, share
from modelkeep.remote.copying import bring, planned_fetch
from modelkeep.remote.naming import find_named, kind_of_url
from modelkeep.remote.places import Place
from modelkeep.remote.plans import Followed, FollowPlan, SyncAction, SyncItem
from modelkeep.remote.remote import Remote
from modelkeep.settings import Settings, change_settings, load_settings
from modelkeep.views import resolved

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["follow", "followed", "plan_follow", "run_follow", "unfollow"]


def followed(name: str = "") -> tuple[Follow, ...]:
    """What is followed, of one remote or of all."""
    return tuple(one for one in load_settings().settings.follows if name in ("", one.remote))


def follow(name: str, keys: Sequence[str], tag: str, root: str) -> tuple[Follow, ...]:
    """See `Remotes.follow`. Raises `SettingsError` where neither models nor a tag are named."""
    if not keys and not tag:
        raise SettingsError("Nothing is named that could be followed.", hint="Name models, or a tag.")
    named = find_named(name)
    if tag and not keys and kind_of_url(named.url) == "hub":
        raise SettingsError(
            f"{name} is a hub, which lists no tags.", hint="Name the models that have it, besides the tag."
        )
    root = os.path.abspath(os.path.expanduser(root)) if root else ""
    wanted = tuple(str(ModelKey.parse(key)) for key in keys)

    def with_these(settings: Settings) -> Settings:
        kept, found = [], False
        for one in settings.follows:
            if (one.remote, one.tag, one.root) == (name, tag, root) and bool(one.keys) == bool(wanted):
                one, found = replace(one, keys=tuple(dict.fromkeys((*one.keys, *wanted)))), True
            kept.append(one)
        if not found:
            kept.append(Follow(name, wanted, tag, root))
        return replace(settings, follows=tuple(kept))

    change_settings(with_these)
    return followed(name)


def unfollow(name: str, keys: Sequence[str], tag: str) -> tuple[Follow, ...]:
    """See `Remotes.unfollow`."""
    find_named(name)
    gone = {str(ModelKey.parse(key)) for key in keys}

    def without_these(settings: Settings) -> Settings:
        kept = []
        for one in settings.follows:
            if one.remote == name and (not keys and tag in ("", one.tag)):
                continue
            if one.remote == name and keys and tag in ("", one.tag):
                left = tuple(key for key in one.keys if key not in gone)
                if one.keys and not left:
                    continue
                one = replace(one, keys=left)
            kept.append(one)
        return replace(settings, follows=tuple(kept))

    change_settings(without_these)
    return followed(name)


def plan_follow(library: Library, name: str, report: Report) -> tuple[FollowPlan, ...]:
    """See `Remotes.plan_follow`; a plan for each remote and root."""
    if name:
        find_named(name)
    plans = []
    for remote_name in dict.fromkeys(one.remote for one in followed(name)):
        by_root: dict[str, list[Follow]] = {}
        for one in followed(remote_name):
            by_root.setdefault(_root_of(library, one), []).append(one)
        with library.remotes.open(remote_name) as remote:
            for root, ones in by_root.items():
                plans.append(_planned(library, remote, remote_name, root, ones, report))
    return tuple(plans)


def run_follow(library: Library, plan: FollowPlan, report: Report) -> Followed:
    """See `Remotes.run_follow`."""
    fetched: list[str] = []
    failures = list(plan.problems)
    size = passed = 0
    place, target = Place(plan.remote), Place("", plan.root)
    with library.remotes.open(plan.remote) as remote:
        for item in plan.todo:
            shared = share(report, passed, plan.sends)
            try:
                manifest = remote.describe(item.key)
                size += bring(library, remote, place, target, manifest, item.refs, shared).sent
                fetched.append(str(item.key))
            except ModelKeepError as error:
                failures.append(f"{item.key}: {error} {error.hint}".rstrip())
            passed += item.sends
    return Followed(plan, tuple(fetched), size, tuple(failures))


def _planned(
    library: Library, remote: Remote, name: str, root: str, ones: Sequence[Follow], report: Report
) -> FollowPlan:
    wanted: dict[ModelKey, dict[str, None]] = {}
    gone, problems = [], []
    for one in ones:
        keys = [ModelKey.known(key) for key in one.keys]
        if one.tag and not keys:
            keys = [m.key for m in remote.list(report=report) if any(one.tag in r.refs for r in m.revisions)]
        for number, key in enumerate(keys):
            report(Progress(f"Asking {name}", number, len(keys), key.repo_id, unit="models"))
            ref = key.revision or one.tag or "main"
            try:
                found = remote.find(key.at(ref))
            except NotOnRemote:
                gone.append(str(key.at(ref)))
                continue
            refs = wanted.setdefault(key.at(found.commit), {})
            if ref != found.commit:
                refs |= {ref: None}
            if "main" in found.refs:
                refs |= {"main": None}  # so that the name alone loads it, as it does there
    items = []
    for key, refs in wanted.items():
        try:
            items.append(_item(library, remote, name, root, key, tuple(refs), report))
        except (AccessDenied, BadReply) as error:  # of this one; the others are brought
            problems.append(f"{key}: {error}")
    return FollowPlan(name, root, tuple(items), tuple(gone), tuple(problems))


def _item(
    library: Library,
    remote: Remote,
    name: str,
    root: str,
    key: ModelKey,
    refs: tuple[str, ...],
    report: Report,
) -> SyncItem:
    """What keeping one revision takes now."""
    plan = planned_fetch(library, remote, Place(name), key, refs, root, report)
    model = library.inventory(root).by_key.get(key.at(None))
    here = {ref: one.commit for one in model.revisions for ref in one.refs} if model else {}
    new = tuple(ref for ref in refs if here.get(ref) != key.revision)
    sends, size = plan.bytes_missing, plan.bytes_total
    if any(file.action is not FileAction.PRESENT for file in plan.chosen):
        why = "It is newer there." if model else "It is not here."
        return SyncItem(SyncAction.COPY, key, refs, size, sends, why)
    if new:
        return SyncItem(SyncAction.MOVE_REF, key, refs, size, 0, f"{', '.join(new)} leads elsewhere here.")
    return SyncItem(SyncAction.SAME, key, refs, size)


def _root_of(library: Library, one: Follow) -> str:
    """The cache that what is followed is kept in."""
    return resolved(one.root) if one.root else library.remotes.cache_of(one.remote)

"""Pushing an offer to a hub: from the files on this machine, or from files that are brought here first.

A hub takes contents only from a machine that has them. So what another remote has is brought into the staging folder
of the user's first cache, is compared there with its name, and is removed at the end.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.staging import Work, open_staging
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import AlreadyOnRemote, NotEnoughSpace, RemoteConflict
from modelkeep.hub.client import HubClient
from modelkeep.hub.push import check_secrets, push
from modelkeep.hub.push_calls import create_tag
from modelkeep.hub.push_plan import PushAction, PushFile, PushPlan, PushResult
from modelkeep.hub.push_source import LocalFile, PushSource
from modelkeep.hub.pushing import PushOptions, plan_push, what_is_there, with_sends
from modelkeep.hub.replies import HubFile
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, share
from modelkeep.remote.remote import Offer
from modelkeep.remote.values import ManifestFile
from modelkeep.remote.whole import write_whole
from modelkeep.settings import all_roots, load_settings
from modelkeep.text import size_text

__all__ = ["plan_offer", "push_offer"]


def plan_offer(client: HubClient, offer: Offer, report: Report) -> PushPlan:
    """What pushing an offer would send."""
    to = offer.manifest.key.at(None)
    if _is_here(offer):
        plan = plan_push(client, _source(offer, offer.sources), to, _options(offer), report=report)
    else:
        plan = _plan_by_names(client, offer, to, report)
    if not offer.ref:
        note = "A hub keeps nothing that no branch leads to: “main” will lead to it."
        plan = replace(plan, notes=(*plan.notes, note))
    return plan


def push_offer(client: HubClient, offer: Offer, plan: PushPlan, report: Report) -> PushResult:
    """Carry out a plan. Whoever called has seen to the secrets of what is on this machine."""
    if _is_here(offer):
        result = push(client, replace(plan, secrets=()), report=report)
    elif not plan.sent:
        result = push(client, plan, report=report)
    else:
        wanted = {file.path for file in plan.sent}
        with _brought(offer, wanted, report) as sources:
            source = _source(offer, sources)
            exact = plan_push(client, source, plan.to, _options(offer), report=report)
            _check_same_base(plan, exact)
            check_secrets(exact, ())
            result = push(client, exact, report=report)
    for tag in offer.tags:
        report(Progress(f"Tagging {tag}"))
        _tag(client, plan.to, tag, result.commit)
    return result


def _is_here(offer: Offer) -> bool:
    return all(file.path in offer.sources for file in offer.manifest.files)


def _options(offer: Offer) -> PushOptions:
    return PushOptions(branch=offer.ref or "main", private=offer.private, message=offer.message)


def _source(offer: Offer, sources: Mapping[str, str]) -> PushSource:
    files = [
        LocalFile(file.path, sources[file.path], file.size, file.etag)
        for file in offer.manifest.files
        if file.path in sources
    ]
    return PushSource(offer.source or str(offer.manifest.key), tuple(files))


def _plan_by_names(client: HubClient, offer: Offer, to: ModelKey, report: Report) -> PushPlan:
    """What would be sent of files that are elsewhere, told by what they are called. None of them is read."""
    report(Progress("Asking the hub"))
    options = _options(offer)
    there = what_is_there(client, to, options)
    files = [_compared(file, there.files.get(file.path)) for file in offer.manifest.files]
    return PushPlan(
        source=offer.source or str(offer.manifest.key),
        to=there.to,
        profile=client.profile.name,
        endpoint=client.endpoint,
        branch=options.branch,
        files=tuple(sorted(with_sends(client, there, options.branch, files))),
        base=there.base,
        creates=there.creates,
        private=options.private,
        creates_branch=there.creates_branch,
        message=options.message,
        notes=there.notes,
    )


def _compared(file: ManifestFile, there: HubFile | None) -> PushFile:
    is_lfs = layout.is_sha256(file.etag)
    if there is not None and there.etag in (file.etag, file.sha256):
        return PushFile(file.path, "", file.size, PushAction.SAME, there.is_lfs, there.etag)
    action = PushAction.NEW if there is None else PushAction.CHANGED
    return PushFile(file.path, "", file.size, action, is_lfs, file.etag, file.size)


def _check_same_base(plan: PushPlan, exact: PushPlan) -> None:
    if (plan.base, plan.creates) != (exact.base, exact.creates):
        raise RemoteConflict(
            f"Somebody else changed “{plan.branch}” of {plan.to.repo_id} since this push was planned.",
            hint="Push again to see what changed.",
        )


def _tag(client: HubClient, key: ModelKey, tag: str, commit: str) -> None:
    try:
        create_tag(client, key, tag, commit)
    except AlreadyOnRemote as error:
        leads_to = next((ref.commit for ref in client.refs(key).tags if ref.name == tag), "")
        if leads_to != commit:
            raise RemoteConflict(
                f"The tag “{tag}” of {key.repo_id} leads to {leads_to[:8]} on the hub, and was left there.",
                hint="Remove it on the hub's pages first; the push itself was done.",
            ) from error


# ---- what has to be brought here first


@contextmanager
def _brought(offer: Offer, wanted: Collection[str], report: Report) -> Iterator[dict[str, str]]:
    """The files of an offer on this machine, as long as this lasts."""
    root = all_roots(load_settings().settings)[0]
    files = [file for file in offer.manifest.files if file.path in wanted]
    total = sum({file.etag: file.size for file in files}.values())
    space = free_space(root)
    if (missing := total + reserve(space) - space.free) > 0:
        raise NotEnoughSpace(
            f"{size_text(missing)} more are needed on the disk of {root}: what is pushed to a hub is brought here "
            "first.",
            hint="Free some space, or push it from a machine that has it.",
        )
    work = Work((), "push to a hub", str(offer.manifest.key.at(None)), offer.manifest.commit)
    with open_staging(root, work) as staging:
        try:
            sources: dict[str, str] = {}
            done = 0
            for file in files:
                place = staging.blob(file.etag)
                if not os.path.exists(place):
                    _bring(offer, file, place, share(report, done, total))
                    done += file.size
                sources[file.path] = os.fspath(place)
            yield sources
        finally:
            staging.clear()


def _bring(offer: Offer, file: ManifestFile, place: Path, report: Report) -> None:
    """Read a content to a place, and see that it is right."""
    part = place.with_suffix(".part")
    step = f"Fetching {offer.manifest.key}"
    with disk_errors(part), open(part, "wb") as target:
        write_whole(lambda start: offer.read(file.path, start, None), file, target, step, report)
    os.replace(part, place)

"""Downloads of a library: planned with all its caches in view, run once at a time, remembered in its catalog."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, Checksums, Origin, user_name
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheError, ModelNotFound, NotAllowed, NotOnRemote
from modelkeep.exchange import is_disproven, is_verified
from modelkeep.hub import queue
from modelkeep.hub.client import open_client
from modelkeep.hub.download import Checked, Run, running
from modelkeep.hub.giving import REMOTE, OpenGiver, from_hub, is_of_remote, is_of_remote_only
from modelkeep.hub.names import read_name
from modelkeep.hub.pace import ALL
from modelkeep.hub.planning import choose, plan_download
from modelkeep.hub.profiles import find_profile
from modelkeep.hub.transfer import DownloadResult, Transfer, TransferState
from modelkeep.hub.transfer_folder import CANCEL, Download, Folder
from modelkeep.progress import Progress, Report, ignore
from modelkeep.safety.scan import scan_revision
from modelkeep.views import resolved

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.library import Library
    from modelkeep.safety.verdict import ModelVerdict

__all__ = ["add", "cancel", "choose", "limit_rate", "move", "pause", "plan", "resume", "run", "transfers"]

Emit = Callable[[object], None]

_STEP = 0.1  # seconds between two tries to get a transfer that another process runs


def plan(
    library: Library,
    name: str,
    *,
    root: str | None,
    profile: str,
    include: Sequence[str],
    exclude: Sequence[str],
    everything: bool,
    files: Sequence[str] | None,
    report: Report,
) -> DownloadPlan:
    """See `Hubs.plan_download`. Of the address of a file that file is meant."""
    named = read_name(name)
    if named.path and files is None and not (include or exclude or everything):
        files = (named.path,)
    chosen = find_profile(profile)
    with open_client(chosen, report=report) as client:
        return plan_download(
            client,
            named.key,
            resolved(root or library.roots[0]),
            profile=chosen.name,
            endpoint=chosen.endpoint,
            roots=library.roots,
            include=include,
            exclude=exclude,
            everything=everything,
            files=files,
            disproven=is_disproven(library.catalog),
            report=report,
        )


# ---- the queue


def transfers(library: Library) -> tuple[Transfer, ...]:
    """The transfers of all roots, in the order of the queue; those that this process runs as they are this moment."""
    found = [
        running(one.root, one.id) or one for root in library.roots for one in queue.transfers(resolved(root))
    ]
    return tuple(sorted(found, key=lambda one: (one.position, one.added, one.id)))


def add(plan: DownloadPlan) -> Transfer:
    """Put a plan into the queue. Raises `NotOnRemote` when it has no files."""
    if not plan.chosen:
        raise NotOnRemote(
            f"There is nothing to download of {plan.key}.",
            hint="The repository is empty." if not plan.files else "Choose at least one of its files.",
        )
    return queue.add(plan.root, queue.download_of(plan))


def pause(root: str, id: str) -> Transfer:
    return queue.pause(resolved(root), id)


def resume(root: str, id: str) -> Transfer:
    return queue.resume(resolved(root), id)


def cancel(root: str, id: str) -> int:
    return queue.cancel(resolved(root), id)


def move(library: Library, root: str, id: str, by: int) -> tuple[Transfer, ...]:
    queue.move(resolved(root), id, by, list(transfers(library)))
    return transfers(library)


def limit_rate(bytes_per_second: int) -> None:
    ALL.rate = bytes_per_second


# ---- running


def run(
    library: Library,
    root: str,
    id: str,
    *,
    profile: str = "",
    plan: DownloadPlan | None = None,
    open_giver: OpenGiver = from_hub,
    report: Report = ignore,
    emit: Emit | None = None,
) -> DownloadResult:
    """See `Hubs.run_transfer`. With a `plan` it is done whatever another process made of the same transfer.

    `open_giver` opens who gives the contents, by the profile, which may name a remote.
    """
    folder = Folder(resolved(root), id)
    seen = folder.download()
    download = queue.download_of(plan) if plan else seen
    if download is None or os.path.basename(id) != id:
        raise ModelNotFound(
            "There is no such transfer any more.",
            hint="It has ended, or was cancelled. Look at the list again.",
        )
    lock, waited = _taken(folder, download, report)
    try:
        left = _told_otherwise(folder, download, plan, seen if waited else None)
        if left is not None:
            return left
        if plan is None:
            download = folder.download() or download
            _check_planter(folder, download)
        with open_giver(profile or download.profile, report) as giver:
            download = replace(download, profile=giver.profile, endpoint=giver.endpoint)
            if folder.download() != download:
                with disk_errors(folder.path):
                    folder.path.mkdir(parents=True, exist_ok=True)
                    folder.write_download(download)
            work = Run(
                folder,
                download,
                giver,
                roots=library.roots,
                verified=is_verified(library.catalog),
                disproven=is_disproven(library.catalog),
                make_room=partial(_make_room, library, folder, report),
                paces=(ALL, giver.pace),
                report=report,
                emit=emit,
            )
            result = work.run()
    finally:
        lock.release()
    _remember(library, folder, download, result, work.checked)
    return result if result.error else replace(result, safety=_scanned(library, result, report))


def _make_room(library: Library, folder: Folder, report: Report, size: int) -> None:
    """Keep the cache within its limits, whatever else is on its way into it."""
    keep = {one.key for one in queue.transfers(folder.root)}
    root = os.fspath(folder.root)
    library.space.make_room(root, size, keep=keep, transfer=folder.id, report=report)


def _check_planter(folder: Folder, download: Download) -> None:
    """Raise `NotAllowed` for a transfer that another user put there and that leads to a place of their choice.

    In a cache of several users anybody may leave one; asking there would show who this user is.
    """
    place = download.profile.removeprefix(REMOTE)
    if not is_of_remote(download.profile) or not (":" in place or "/" in place) or not hasattr(os, "getuid"):
        return
    with disk_errors(folder.path):
        owner = (folder.path / "journal.json").stat().st_uid
    if owner != os.getuid():
        raise NotAllowed(
            f"The transfer of {download.key} from {place} was begun by another user.",
            hint="Fetch it from there yourself if you trust that place, or cancel the transfer.",
        )


def _taken(folder: Folder, download: Download, report: Report) -> tuple[BaseFileLock, bool]:
    """The lock of a transfer, and whether another process had it; waits until that ends or dies."""
    waited = 0.0
    while (lock := folder.take()) is None:
        if waited > 2 * _STEP:  # less is somebody who just looks
            total = sum(file.size for file in download.wanted)
            done = next((one.bytes_done for one in queue.transfers(folder.root) if one.id == folder.id), 0)
            report(Progress("Another Modelkeep is downloading this", done, total))
        else:
            report(Progress(f"Downloading {download.key}"))
        time.sleep(_STEP)
        waited += _STEP
    return lock, waited > 0.0


def _told_otherwise(
    folder: Folder, download: Download, plan: DownloadPlan | None, seen: Download | None
) -> DownloadResult | None:
    """The result of a transfer that is not to be run any more; `seen` is what another process was running of it."""
    repo = folder.root / layout.repo_folder(download.key.repo_type, download.key.repo_id)
    snapshot = repo / "snapshots" / download.commit
    cancelled = plan is None and folder.request() == CANCEL
    if folder.download() is None and seen is not None and (plan is None or seen.chosen == download.chosen):
        cancelled = not all((snapshot / file.path).exists() for file in download.wanted)
    if cancelled:
        folder.remove()
        error = CacheError(
            f"The download of {download.key} was cancelled.", hint="Start it again if you want it."
        )
        return _ended(folder, download, snapshot, error)
    if folder.state()[0] is TransferState.PAUSED:
        error = CacheError(
            f"The download of {download.key} is paused.", hint="Resume it to go on from there."
        )
        return _ended(folder, download, snapshot, error)
    return None


def _ended(folder: Folder, download: Download, snapshot: Path, error: CacheError) -> DownloadResult:
    return DownloadResult(
        download.key, os.fspath(folder.root), download.commit, os.fspath(snapshot), 0, 0, 0.0, error=error
    )


# ---- what is remembered


def _remember(
    library: Library, folder: Folder, download: Download, result: DownloadResult, checked: Sequence[Checked]
) -> None:
    """Keep where the model came from and what was found to be whole, and look at the cache again."""
    key, root, catalog = download.key, result.root, library.catalog
    if result.error is None:
        known = catalog.origin(root, key, download.commit)
        came = result.fetched + result.linked > 0
        if known is None or _is_news(known, download, came=came):
            catalog.record_origin(root, key, download.commit, _origin(download))
        _remember_checksums(catalog, checked)
    # Whoever paused or cancelled it knows; it did not fail.
    stopped = result.error is not None and (
        not folder.path.exists() or folder.state()[0] is TransferState.PAUSED
    )
    outcome = "cancelled" if stopped else ""
    is_fetched = is_of_remote(download.profile)
    detail = f"from {download.profile.removeprefix(REMOTE)}" if is_fetched else ""
    error = str(result.error or "")
    library.activity.log("download", key, root, result.fetched, error, outcome=outcome, detail=detail)
    if result.linked:
        for place in library.roots:
            library.forget(place)  # a hard link changes nothing in the folders of who had the content first
    library.refresh([root])


def _scanned(library: Library, result: DownloadResult, report: Report) -> ModelVerdict | None:
    """What is in the revision, which is remembered; it is there whatever is found, and whoever stops this."""
    model = library.inventory(result.root).by_key.get(result.key.at(None))
    revision = model.revision(result.commit) if model else None
    if revision is None:
        return None
    with library.catalog.batch():
        return scan_revision(revision, report, memory=library.catalog)


def _is_news(known: Origin, download: Download, *, came: bool) -> bool:
    """Whether a download changes where a revision is said to come from; `came`: it brought some of it."""
    if is_of_remote(download.profile):
        # What came from a hub before does not come from a remote only when that brings the rest of it.
        return came and known.source != "download"
    return came or is_of_remote_only(known)


def _origin(download: Download) -> Origin:
    key = download.key
    prefix = "" if key.repo_type == "model" else f"{key.repo_type}s/"
    parent, root = download.lineage
    url = f"{download.endpoint.rstrip('/')}/{prefix}{key.repo_id}"
    if is_fetched := is_of_remote(download.profile):
        url = download.origin or download.endpoint
    return Origin(
        url=url,
        downloaded_at=time.time(),
        downloaded_by=user_name(),
        last_modified=download.last_modified,
        source="remote" if is_fetched else "download",
        metadata={"lineage": {"parent": parent, "root": root}} if parent or root else {},
    )


def _remember_checksums(catalog: Catalog, checked: Sequence[Checked]) -> None:
    now = time.time()
    rows = []
    folders = {folder: os.path.realpath(folder) for folder in {os.path.dirname(path) for path, _ in checked}}
    for path, etag in checked:
        with suppress(OSError):
            folder, name = os.path.split(path)
            place = os.path.join(folders[folder], name)
            status = os.lstat(place)
            if stat.S_ISLNK(status.st_mode):
                place = os.path.realpath(place)
                status = os.stat(place)
            known = catalog.checksums(place, status)
            sha256 = etag if layout.is_sha256(etag) else known.sha256 if known else ""
            sha1 = etag if layout.is_git_sha1(etag) else known.git_sha1 if known else ""
            rows.append((place, status, Checksums(sha256, sha1, known.crc32 if known else None, now)))
    catalog.remember_checksums(rows)

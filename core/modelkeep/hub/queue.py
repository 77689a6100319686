"""The transfers of a root: what waits, runs, is paused or failed, and what the user wants of it.

Each is a folder (`modelkeep.hub.transfer_folder`). Whoever wants something of a transfer that another process runs
leaves a request in its folder, which is looked at several times a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.staging import remove_staging, staging_folders
from modelkeep.disk import disk_errors, released
from modelkeep.errors import CacheBusy, ModelNotFound
from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.hub.replies import HubFile
from modelkeep.hub.transfer import FileState, Transfer, TransferFile, TransferState
from modelkeep.hub.transfer_folder import (
    CANCEL,
    PATIENCE,
    PAUSE,
    STEP,
    Download,
    Folder,
    staged,
)

__all__ = ["add", "cancel", "download_of", "move", "pause", "resume", "still_to_come", "transfers"]

_GLANCE = 0.3  # seconds; who holds a lock for longer does more than to look whether it is held


def download_of(plan: DownloadPlan) -> Download:
    """What a plan says is to be downloaded."""
    return Download(
        plan.key,
        plan.commit,
        plan.ref,
        plan.ref_was,
        plan.profile,
        plan.endpoint,
        tuple(HubFile(f.path, f.size, f.etag, xet_hash=f.xet_hash, sha256=f.sha256) for f in plan.files),
        frozenset(file.path for file in plan.chosen),
        time.time(),
        plan.model.last_modified,
        plan.lists_all,
        plan.origin,
        plan.lineage,
    )


# ---- the queue


def transfers(root: str | os.PathLike[str]) -> list[Transfer]:
    """The transfers of a root, in the order of the queue."""
    found = []
    for path in staging_folders(root):
        folder = Folder(root, path.name)
        with suppress(OSError):
            if (download := folder.download()) is not None:
                found.append(_transfer(folder, download))
    return sorted(found, key=lambda one: (one.position, one.added, one.id))


def still_to_come(root: str | os.PathLike[str], *, but: str = "") -> int:
    """Bytes that the running transfers of a root will bring into it for which room was made; `but` one of them."""
    coming = 0
    for path in staging_folders(root):
        folder = Folder(root, path.name)
        with suppress(OSError):
            if folder.id == but or not folder.is_promised() or (download := folder.download()) is None:
                continue
            repo = folder.root / layout.repo_folder(download.key.repo_type, download.key.repo_id)
            snapshot = repo / "snapshots" / download.commit
            coming += sum(
                {
                    file.etag: file.size
                    for file in download.wanted
                    if not (repo / "blobs" / file.etag).exists()
                    and not _is_there(snapshot / file.path, file.size)
                }.values()
            )
    return coming


def add(root: str | os.PathLike[str], download: Download) -> Transfer:
    """Put a download into the queue, or back into it. One that runs is left to who runs it, with what it fetches."""
    folder = Folder(root, download.id)
    began = time.monotonic()
    while (lock := folder.take()) is None:
        passed = time.monotonic() - began
        if passed > _GLANCE and (running := folder.download()) is not None:
            return _transfer(folder, running)
        if passed > PATIENCE:
            raise CacheBusy(
                "The process that downloads this does not answer.", hint="Wait for it to end, or stop it."
            )
        time.sleep(STEP)  # whoever has it looks, begins or ends this moment
    try:
        with disk_errors(folder.path):
            folder.forget_request()
            known = folder.download()
            download = replace(download, added=known.added) if known else download
            folder.write_download(download)
            folder.write_state(TransferState.QUEUED)
    finally:
        lock.release()
    # Not looked for again: another process may run it, and come to its end, at once.
    return _transfer(folder, download)


def pause(root: str | os.PathLike[str], id: str) -> Transfer:
    """Have a transfer stop, in whichever process, and stay so. Raises `ModelNotFound`, `CacheBusy`."""
    folder = _existing(root, id)
    _ask(folder, PAUSE, lambda: folder.write_state(TransferState.PAUSED))
    return _known(folder)


def resume(root: str | os.PathLike[str], id: str) -> Transfer:
    """Put a transfer back into the queue. One that runs is left alone. Raises `ModelNotFound`, `CacheBusy`."""
    folder = _existing(root, id)
    if folder.request() or not _runs(folder):
        with folder.held(), disk_errors(folder.path):
            if folder.download() is None:
                remove_staging(folder.root, folder.path)
                raise _gone()
            folder.forget_request()
            folder.write_state(TransferState.QUEUED)
    return _known(folder)


def cancel(root: str | os.PathLike[str], id: str) -> int:
    """Stop a transfer for good and remove what it staged; returns the bytes that frees."""
    folder = _existing(root, id)
    freed = released(folder.path)
    removed: list[int] = []
    _ask(folder, CANCEL, lambda: removed.append(folder.remove()))
    return removed[0] if removed else freed


def move(root: str | os.PathLike[str], id: str, by: int, queue: list[Transfer]) -> None:
    """Change the place of a transfer in `queue`, which is that of all roots, by so many places."""
    folder = _existing(root, id)
    at = next(n for n, one in enumerate(queue) if (one.root, one.id) == (os.fspath(root), id))
    others = [one.position for n, one in enumerate(queue) if n != at]
    to = min(max(at + by, 0), len(others))
    if to == at or not others:
        return
    if to == 0:
        position = others[0] - 1.0
    elif to == len(others):
        position = others[-1] + 1.0
    else:
        position = (others[to - 1] + others[to]) / 2
    with disk_errors(folder.path):
        folder.write_position(position)


def _ask(folder: Folder, request: str, do: Callable[[], object]) -> None:
    """Do something to a transfer that nobody runs; ask whoever runs it to, and wait until it was done."""
    with disk_errors(folder.path):
        folder.write_request(request)
    until = time.monotonic() + PATIENCE
    while True:
        lock = folder.take()
        if lock is not None:
            try:
                with disk_errors(folder.path):
                    if folder.download() is None:
                        remove_staging(folder.root, folder.path)  # it came to its end meanwhile
                    elif folder.request():
                        folder.forget_request()
                        do()
                return
            finally:
                lock.release()
        if time.monotonic() > until:
            raise CacheBusy(
                "The process that downloads this does not answer; it stops as soon as it can.",
                hint="Wait for it to end, or stop it.",
            )
        time.sleep(STEP)


def _runs(folder: Folder) -> bool:
    until = time.monotonic() + _GLANCE
    while folder.is_running():
        if time.monotonic() > until:
            return True
        time.sleep(STEP)
    return False


def _existing(root: str | os.PathLike[str], id: str) -> Folder:
    folder = Folder(root, id)
    if os.path.basename(id) != id or folder.download() is None:
        raise _gone()
    return folder


def _known(folder: Folder) -> Transfer:
    download = folder.download()
    if download is None:
        raise _gone()
    return _transfer(folder, download)


def _gone() -> ModelNotFound:
    return ModelNotFound(
        "There is no such transfer any more.", hint="It has ended, or was cancelled. Look at the list again."
    )


# ---- how far it is


def _transfer(folder: Folder, download: Download) -> Transfer:
    files = _files(folder, download)
    state, error, hint = folder.state()
    if folder.is_running():
        state, error, hint = TransferState.RUNNING, "", ""
    return Transfer(
        id=folder.id,
        root=os.fspath(folder.root),
        key=download.key,
        commit=download.commit,
        profile=download.profile,
        endpoint=download.endpoint,
        state=state,
        bytes_done=sum(file.done for file in files),
        bytes_total=sum(file.size for file in files),
        files=files,
        added=download.added,
        position=folder.position(download.added),
        error=error,
        hint=hint,
    )


def _files(folder: Folder, download: Download) -> tuple[TransferFile, ...]:
    names = _names(folder.path)
    whole = _names(folder.path / "blobs")
    repo = folder.root / layout.repo_folder(download.key.repo_type, download.key.repo_id)
    snapshot = repo / "snapshots" / download.commit
    files = []
    for path, size, etag, *_ in download.wanted:
        done = size
        if etag not in whole and not _is_there(snapshot / path, size):
            done = staged(folder.journal(etag), size) if f"{etag}.journal" in names else 0
        files.append(TransferFile(path, size, done, FileState.DONE if done == size else FileState.WAITING))
    return tuple(files)


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False

"""Repairs that leave nothing in the trash: a ref that is written again, locks that go."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.in_use import open_files
from modelkeep.cache.locks import acquired
from modelkeep.disk import allocated, released, sync_folder
from modelkeep.doctor.findings import Finding
from modelkeep.errors import CacheError, ModelInUse

__all__ = ["remove_locks", "write_ref"]

_TOGETHER = 50  # locks that are held at once, each a file that is open


def write_ref(finding: Finding) -> int:
    """Put the commit there by a rename. Nothing temporary lies among the refs, where it would be taken for one."""
    path, ours = Path(finding.path), Path(finding.root) / layout.OURS
    repo = path
    while repo.parent != Path(finding.root):
        repo = repo.parent
    if not (repo / "snapshots" / finding.to).is_dir():
        raise CacheError("The snapshot is not there any more.", hint="Look again.")
    ours.mkdir(exist_ok=True)
    handle, new = tempfile.mkstemp(prefix="ref-", dir=ours)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(finding.to.encode())
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
    return 0


def remove_locks(folder: str) -> int:
    """Remove the lock files of a repository, each while it is held and when no other process has it open.

    A process that waits for a lock would go on with a file that has no name any more, beside one that makes it
    anew.
    """
    freed = 0
    with suppress(FileNotFoundError):
        names = sorted(name for name in os.listdir(folder) if name.endswith(".lock"))
        for start in range(0, len(names), _TOGETHER):
            freed += _remove_held([f"{folder}/{name}" for name in names[start : start + _TOGETHER]])
        if not os.listdir(folder):
            freed += allocated(os.lstat(folder))
            os.rmdir(folder)
    return freed


def _remove_held(paths: Sequence[str]) -> int:
    freed = 0
    with ExitStack() as held:
        mine = []
        for path in paths:
            if (lock := acquired(Path(path), 0)) is not None:
                held.callback(lock.release)
                mine.append(path)
            else:
                raise ModelInUse("It is being downloaded now.", hint="Wait until the download has ended.")
        folder = os.path.dirname(os.path.realpath(paths[0]))
        others = {file.path for file in open_files(folder).files if file.pid != os.getpid()}
        for path in mine:
            if os.path.realpath(path) not in others:
                freed += released(path)
                os.unlink(path)
    return freed

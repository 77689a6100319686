"""Who may change a cache now.

Two kinds of lock, always taken in this order: ours, one a root, held for the short moments in which a cache
changes (a publish, a delete, a restore); and the Hub's, one a blob, which its client holds while it downloads that
blob. Holding both, no Modelkeep and no `hf download` is between two of its steps on what we change.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from modelkeep.cache import layout
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheBusy, CacheNotFound, ModelInUse, ReadOnlyCache

__all__ = ["acquired", "blob_locks", "changing", "is_held", "lock_path"]

_PATIENCE = 30.0  # seconds; a change takes milliseconds, so whoever holds the lock longer hangs

# A process may have a few hundred files open (256 on macOS), and each lock is one. A small file is downloaded in an
# instant; two clients that write it both write the same.
_MOST_LOCKS = 100


def lock_path(root: str | os.PathLike[str], folder: str, etag: str) -> Path:
    """Where the Hub's client keeps the lock of a blob."""
    return Path(root) / layout.LOCKS / folder / f"{etag}.lock"


@contextmanager
def changing(root: str | os.PathLike[str], *, patience: float = _PATIENCE) -> Iterator[None]:
    """Be the only Modelkeep that changes `root`.

    Raises `CacheBusy` after `patience` seconds, `ReadOnlyCache` where no lock can be made, and `CacheNotFound` for a
    root that is not there: making the lock must not bring back a cache that somebody removed.
    """
    if not os.path.isdir(root):
        raise CacheNotFound(
            f"{os.fspath(root)} is not there any more.", hint="Scan again, or mount its disk."
        )
    if not os.access(root, os.W_OK | os.X_OK):
        raise ReadOnlyCache(
            f"You may not change {os.fspath(root)}.",
            hint="Ask its owner, or run Modelkeep as a user who may write there.",
        )
    with disk_errors(root):
        _make_folder(root, layout.LOCKS)
        lock = acquired(Path(root) / layout.OUR_LOCK, patience, _mode(root))
    if lock is None:
        raise CacheBusy(
            f"Another Modelkeep has been changing {os.fspath(root)} for {patience:.0f} seconds.",
            hint="Wait for it to end, or close it, then do this again.",
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def blob_locks(root: str | os.PathLike[str], folder: str, blobs: Iterable[tuple[str, int]]) -> Iterator[None]:
    """Hold the Hub's locks of the largest of these blobs of one repository, or raise `ModelInUse` at once.

    `blobs` are etags with bytes.

    Sorted, so that two holders of several cannot wait for each other; not waiting, because the holder is
    downloading, which takes as long as it takes.
    """
    largest = sorted(blobs, key=lambda blob: blob[1], reverse=True)[:_MOST_LOCKS]
    if largest:
        with disk_errors(root):
            _make_folder(root, layout.LOCKS)
            _make_folder(root, f"{layout.LOCKS}/{folder}")
    with ExitStack() as stack:
        for etag in sorted({etag for etag, _ in largest}):
            with disk_errors(root):
                lock = acquired(lock_path(root, folder, etag), 0, _mode(root))
            if lock is None:
                raise ModelInUse(
                    f"A file of {folder.partition('--')[2].replace('--', '/')} is being downloaded now.",
                    hint="Wait until the download has ended, or stop it.",
                )
            stack.callback(lock.release)
        yield


def is_held(path: str | os.PathLike[str]) -> bool:
    """Whether a process holds this lock now. Leaves an existing lock file as it is and makes none."""
    if (held := _is_flocked(path)) is not None:
        return held
    try:
        # With the mode that it has: some versions of filelock set it at every lock.
        lock = acquired(Path(path), 0, stat.S_IMODE(os.stat(path).st_mode))
    except OSError:
        return False
    if lock is None:
        return True
    lock.release()
    return False


def _is_flocked(path: str | os.PathLike[str]) -> bool | None:
    """The same, asked of the system itself, since a plan may ask for thousands; None where it does not say."""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(file)


def _make_folder(root: str | os.PathLike[str], name: str) -> None:
    """Make a folder for locks as open as the root is: whoever may write there has to be able to lock."""
    path = os.path.join(root, name)
    if os.path.isdir(path):
        return
    with suppress(FileExistsError):
        os.mkdir(path)
        with suppress(OSError):
            os.chmod(path, stat.S_IMODE(os.stat(root).st_mode))


def _mode(root: str | os.PathLike[str]) -> int:
    """Of a lock that everybody can take who may write to the root, where that is more than its group."""
    return 0o664 | os.stat(root).st_mode & stat.S_IWOTH


def acquired(path: Path, patience: float, mode: int = 0o664) -> BaseFileLock | None:
    """The lock, taken; None when somebody else kept it. The mode lets every user of a shared cache lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock: BaseFileLock = FileLock(path, mode=mode, thread_local=False)
    try:
        try:
            lock.acquire(timeout=patience, poll_interval=0.02)
        except NotImplementedError:
            # A file system without flock; the Hub's client falls back to the same.
            lock = SoftFileLock(path, mode=mode, thread_local=False)
            lock.acquire(timeout=patience, poll_interval=0.02)
    except Timeout:
        return None
    return lock

"""Files of snapshots that have the same content as a blob beside them: the same bytes on the disk twice."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.inventory import Blob, CachedModel
from modelkeep.disk import allocated, keeping_atime, released, sync_folder
from modelkeep.doctor.findings import Finding
from modelkeep.doctor.models import Look

__all__ = ["copies", "make_link"]

_PIECE = 1 << 20


def copies(look: Look, model: CachedModel) -> Iterator[Finding]:
    """The copies of a model, each compared with the blob byte by byte."""
    if os.environ.get("HF_HUB_DISABLE_SYMLINKS", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return
    contents: dict[int, dict[str, Blob]] = {}
    links: dict[int, int] = {}
    for revision in model.revisions:
        for file in revision.files:
            if file.linked and file.blob and file.blob.path.startswith(f"{model.path}/blobs/"):
                contents.setdefault(file.blob.size, {})[file.blob.path] = file.blob
                with suppress(OSError):
                    links[len(os.readlink(file.path))] = allocated(os.lstat(file.path))
    # Where no link is, links may not work for somebody who uses the cache.
    for revision in model.revisions if links else ():
        for file in revision.files:
            if file.linked or file.blob is None or not file.blob.size or file.blob.links > 1:
                continue
            for path, blob in sorted(contents.get(file.blob.size, {}).items()):
                if _is_better_linked(file.path, path):
                    text = os.path.relpath(path, os.path.dirname(file.path))
                    frees = released(file.path) - _link_size(len(text), links)
                    if frees > 0:
                        yield look.finding(
                            Finding(
                                "copy",
                                model.root,
                                file.path,
                                f"{model.key}: {file.name} is a copy of the content {blob.name[:12]} beside it.",
                                "It becomes a link to that content; nothing is lost.",
                                file.blob.on_disk,
                                model.key,
                                (file.path,),
                                look.users(file.path),
                                not os.path.islink(model.path),
                                frees,
                                to=path,
                            )
                        )
                    break


def _link_size(length: int, links: Mapping[int, int]) -> int:
    """What a link with a text of that length takes on the disk, from what those of other lengths take.

    A text that fits into the inode takes nothing, up to 59 bytes on most file systems; a longer one takes a block.
    """
    if length in links:
        return links[length]
    longer = [size for other, size in links.items() if other > length]
    shorter = {other: size for other, size in links.items() if 59 < other < length}
    if length <= 59 or 0 in longer:
        return 0
    return shorter[max(shorter)] if shorter else max(longer, default=4096)


def _is_better_linked(copy: str, blob: str) -> bool:
    """Whether they hold the same bytes, and whoever may read the copy may read the blob."""
    try:
        one, other = os.lstat(copy), os.stat(blob)
        if not stat.S_ISREG(one.st_mode) or (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino):
            return False
        reading = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
        if (
            one.st_mode & reading & ~other.st_mode
            or one.st_uid != other.st_uid
            or one.st_size != other.st_size
        ):
            return False
        with (
            open(copy, "rb", opener=keeping_atime) as first,
            open(blob, "rb", opener=keeping_atime) as second,
        ):
            while piece := first.read(_PIECE):
                if piece != second.read(_PIECE):
                    return False
            return not second.read(1)
    except OSError:
        return False


def make_link(finding: Finding) -> int:
    """Put the link in the copy's place by one rename; returns what the disk gains. The caller holds the locks."""
    ours = Path(finding.root) / layout.OURS
    ours.mkdir(exist_ok=True)
    temporary = ours / f"doctor-{secrets.token_hex(4)}"
    try:
        before = released(finding.path)
        os.symlink(os.path.relpath(finding.to, os.path.dirname(finding.path)), temporary)
        if not _is_better_linked(finding.path, finding.to):
            raise OSError(0, "It is no copy any more", finding.path)
        os.replace(temporary, finding.path)
        sync_folder(os.path.dirname(finding.path))
        return before - allocated(os.lstat(finding.path))
    finally:
        for clear, path in ((os.unlink, temporary), (os.rmdir, ours)):
            with suppress(OSError):
                clear(path)

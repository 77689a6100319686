"""A good content on its way into a staging folder: read or fetched, hashed while it comes, flushed when it is right.

Whatever it comes from is believed in nothing: a copy in another cache may be as bad as the one that it replaces. And
it is always a copy: with a hard link the two would be one file, which one bad write damages in both caches.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from modelkeep.archive.container import Container, open_container
from modelkeep.cache import layout
from modelkeep.cache.existing import content_name
from modelkeep.disk import disk_errors, free_space, keeping_atime, reserve
from modelkeep.errors import (
    BadReply,
    CacheError,
    Cancelled,
    DamagedArchive,
    ModelKeepError,
    NotEnoughSpace,
    ReadOnlyCache,
    RemoteBusy,
    RemoteUnreachable,
    WrongContent,
)
from modelkeep.hub.giving import from_hub, wrong_content
from modelkeep.hub.pace import ALL, Pace, wait_before
from modelkeep.hub.replies import HubFile
from modelkeep.mending.origin import Origin, Where
from modelkeep.progress import Progress, Report
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.giving import Giver
    from modelkeep.library import Library
    from modelkeep.mending.plan import MendItem
    from modelkeep.remote.remote import Remote
    from modelkeep.streams import Stream

__all__ = ["Arrivals", "Count", "is_of_origin"]

_CHUNK = 256 << 10
_ATTEMPTS = 3  # with wrong content, before a hub is given up
_STEP = 0.1  # seconds between two looks at whether a wait is still wanted

Count = Callable[[int], None]
"""Called with the bytes that came; a negative number takes back what came in vain. Raises to stop."""


class Arrivals:
    """Brings contents from wherever they are. What it opened for that stays open until it is left."""

    def __init__(self, library: Library, report: Report) -> None:
        self.fetched = 0
        """Bytes that were read or came by the network, also in vain."""
        self._library = library
        self._report = report
        self._open = ExitStack()
        self._containers: dict[str, Container] = {}
        self._hubs: dict[str, Giver] = {}
        self._remotes: dict[str, Remote] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def bring(self, item: MendItem, origin: Origin, part: Path, count: Count) -> os.stat_result:
        """Have the content of an item at `part`, whole, right and on the disk; returns its status.

        Raises `NotEnoughSpace` and `ReadOnlyCache` where it cannot be written, else what is wrong with the origin.
        """
        _check_space(item, item.size)
        came = 0

        def counted(size: int) -> None:
            nonlocal came
            came += size
            self.fetched += max(size, 0)
            count(size)

        try:
            if origin.where in (Where.HUB, Where.REMOTE):
                self._fetch(item, origin, part, counted)
            else:
                size, chunks = self._chunks(origin)
                _write(item, size, chunks, part, origin, counted)
            with disk_errors(part):
                return os.stat(part)
        except BaseException as error:
            part.unlink(missing_ok=True)
            if not isinstance(error, Cancelled):
                count(-came)
            raise

    def check(self, item: MendItem, path: str, count: Count) -> os.stat_result:
        """Make sure that a content which is where it belongs is right; returns its status from before."""
        with _reading(path):
            status = os.stat(path)
            if content_name(Path(path), item.etag, count) != item.etag:
                raise _not_right(path)
        self.fetched += status.st_size
        return status

    # ---- from a cache or an archive

    def _chunks(self, origin: Origin) -> tuple[int, Iterator[memoryview]]:
        """The bytes of a content and how many they are to be."""
        if origin.where is Where.CACHE:
            with _reading(origin.place):
                return os.stat(origin.place).st_size, _read(origin.place)
        if origin.place not in self._containers:
            container = self._open.enter_context(open_container(Path(origin.place), report=self._report))
            self._containers[origin.place] = container
        container = self._containers[origin.place]
        member = next((one for one in container.members if one.name == origin.member), None)
        if member is None:
            raise DamagedArchive(
                f"{container.path.name} has no {origin.member} any more.",
                hint="It has changed since it was looked at. Do it again.",
            )
        return member.size, container.chunks(member)

    # ---- from a hub or a remote

    def _fetch(self, item: MendItem, origin: Origin, part: Path, count: Count) -> None:
        of_hub = origin.where is Where.HUB
        ask = self._of_hub(item, origin.place) if of_hub else self._of_remote(item, origin)
        for _ in range(_ATTEMPTS):
            if _Fetch(ask, item, part, count, self._report).run():
                return
        if of_hub:
            raise wrong_content(HubFile(item.name, item.size, item.etag), _ATTEMPTS)
        raise WrongContent(
            f"{item.name} came from {origin.place} with wrong content {_ATTEMPTS} times: its blob {item.etag} is "
            "damaged there.",
            hint="What came was thrown away. Verify the remote.",
        )

    def _of_hub(self, item: MendItem, profile: str) -> _Asked:
        if profile not in self._hubs:
            self._hubs[profile] = self._open.enter_context(from_hub(profile, self._report))
        hub = self._hubs[profile]
        file = HubFile(item.name, item.size, item.etag)
        return _Asked("hub", hub.pace, lambda start: hub.open(item.key, item.commit, file, start, None))

    def _of_remote(self, item: MendItem, origin: Origin) -> _Asked:
        from modelkeep.mending.remotes import stored

        if origin.place not in self._remotes:
            self._remotes[origin.place] = self._open.enter_context(self._library.remotes.open(origin.place))
        remote = self._remotes[origin.place]
        manifest, path = stored(remote, item, origin.member)
        return _Asked("remote", Pace(), lambda start: remote.fetch(manifest, path, start=start))


class _Asked(NamedTuple):
    """Who is asked for a content: what sentences call it, its pace, and how it opens the content from a byte on."""

    kind: str
    pace: Pace
    open: Callable[[int], Stream]


class _Fetch:
    """One file on its way from a hub or a remote, gone on with where it broke off."""

    def __init__(self, asked: _Asked, item: MendItem, part: Path, count: Count, report: Report) -> None:
        self._asked = asked
        self._item = item
        self._part = part
        self._count = count
        self._report = report
        self._paces = (ALL, asked.pace)
        self._size = item.size
        self._done = 0
        self._digest = _Digest(item.etag, item.size)
        self._buffer = memoryview(bytearray(_CHUNK))

    def run(self) -> bool:
        """Fetch it; whether what came is right."""
        failures = best = 0
        with disk_errors(self._part):
            self._part.write_bytes(b"")
        while True:
            try:
                self._read_on()
            except (RemoteBusy, RemoteUnreachable) as error:
                failures, best = (0, self._done) if self._done > best else (failures, best)
                failures += 1
                if (seconds := wait_before(failures, error)) is None:
                    raise
                self._wait(seconds)
            else:
                break
        with disk_errors(self._part):
            right = self._digest.is_right(self._part)
            _flush(self._part)
        if not right:
            self._count(-self._done)
        return right

    def _read_on(self) -> None:
        item = self._item
        if self._done and self._done == self._size:
            return
        with self._asked.open(self._done) as content:
            if content.etag != item.etag and len(content.etag) == len(item.etag):
                raise WrongContent(
                    f"The {self._asked.kind} has another content for {item.name}.",
                    hint=f"What is here may not come from this {self._asked.kind}. Name the one that it came from.",
                )
            if self._size != -1 and content.size not in (None, self._size):
                raise BadReply(
                    f"The {self._asked.kind}'s {item.name} has {content.size:,} bytes, and not {self._size:,}.",
                    hint="It may have a damaged copy. Try again later, or another mirror.",
                )
            if content.start != self._done:
                self._begin_anew()
            if self._size == -1 and content.size is not None:
                self._size = content.size
                _check_space(item, self._size)
                self._digest = _Digest(item.etag, self._size)
            with disk_errors(self._part), open(self._part, "ab") as file:
                while room := self._room():
                    got = content.readinto(self._buffer[:room])
                    if not got:
                        break
                    file.write(self._buffer[:got])
                    self._digest.update(self._buffer[:got])
                    self._done += got
                    self._count(got)
                    for pace in self._paces:
                        pace.take(got, self._wait)
        if self._size not in (-1, self._done):
            raise RemoteUnreachable(
                f"The {self._asked.kind} closed the connection before {item.name} was whole.",
                hint="Try again.",
            )

    def _room(self) -> int:
        """How many bytes may come next; 0 at the end."""
        room = len(self._buffer)
        for pace in self._paces:
            room = pace.piece(room)
        return room if self._size == -1 else min(room, self._size - self._done)

    def _begin_anew(self) -> None:
        """It knows no ranges: all of it comes once more."""
        with disk_errors(self._part):
            os.truncate(self._part, 0)
        self._count(-self._done)
        self._done = 0
        self._digest = _Digest(self._item.etag, self._size)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._report(Progress(f"Wait for the {self._asked.kind}", item=self._item.name))
            time.sleep(min(_STEP, left))


class _Digest:
    """What a content is called. Git's name begins with its size: where that is not known, it is read again."""

    def __init__(self, etag: str, size: int) -> None:
        self._etag = etag
        self._hash = None
        if layout.is_sha256(etag):
            self._hash = hashlib.sha256()
        elif size != -1:
            self._hash = hashlib.sha1(layout.git_blob_header(size), usedforsecurity=False)

    def update(self, data: memoryview) -> None:
        if self._hash:
            self._hash.update(data)

    def is_right(self, part: Path) -> bool:
        return (self._hash.hexdigest() if self._hash else content_name(part, self._etag)) == self._etag


def _write(
    item: MendItem, size: int, chunks: Iterator[memoryview], part: Path, origin: Origin, count: Count
) -> None:
    """Write a content while it is hashed."""
    if item.size not in (-1, size):
        raise _not_right(origin.place)
    digest = _Digest(item.etag, size)
    with disk_errors(part), open(part, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            count(len(chunk))
    with disk_errors(part):
        if not digest.is_right(part):
            raise _not_right(origin.place)
        _flush(part)


def _read(path: str) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(_CHUNK))
    with _reading(path), open(path, "rb", buffering=0, opener=keeping_atime) as file:
        while got := file.readinto(buffer):
            yield buffer[:got]


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Tell what goes wrong with an origin from what goes wrong with the disk that is written to."""
    try:
        yield
    except OSError as error:
        raise CacheError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="See that you may read it, and that its disk is sound.",
        ) from error


def _flush(part: Path) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _check_space(item: MendItem, size: int) -> None:
    space = free_space(item.root)
    missing = max(size, 0) + reserve(space) - space.free
    if size > 0 and missing > 0:
        raise NotEnoughSpace(
            f"{size_text(missing)} more are needed on the disk of {item.root} to mend {item.name}.",
            hint="Free some space, then do it again; what was mended so far stays so.",
        )


def _not_right(place: str) -> CacheError:
    return CacheError(f"The copy in {place} is not what it should be either.", hint="Verify it as well.")


def is_of_origin(error: ModelKeepError) -> bool:
    """Whether another origin may do better: not where it cannot be written, whatever it is."""
    return not isinstance(error, (NotEnoughSpace, ReadOnlyCache))

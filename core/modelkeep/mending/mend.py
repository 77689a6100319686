"""Carrying out a plan: the good content is fetched beside the cache, checked, and takes the bad one's place.

The bad content goes to the trash, so that nothing is lost; a kill at any moment leaves one or the other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.catalog import Checksums
from modelkeep.cache.staging import Staging, Work, open_staging
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheBusy, CacheError, Cancelled, ModelInUse, ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.mending.arrival import Arrivals, Count, is_of_origin
from modelkeep.mending.origin import Origin, Where
from modelkeep.mending.placing import Placing
from modelkeep.mending.plan import MendItem, MendPlan
from modelkeep.progress import Progress, Report, ignore

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["MendResult", "Mended", "mend"]


class Mended(NamedTuple):
    """What became of an item: mended, unless there is an `error`. `entry` is the bad content in the trash.

    The `origin` of what was mended is the one that it really came from.
    """

    item: MendItem
    error: str = ""
    hint: str = ""
    entry: str = ""


@dataclass(frozen=True)
class MendResult:
    """What mending did. `fetched` is bytes that were read or came by the network."""

    items: tuple[Mended, ...]
    fetched: int = 0

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(f"{one.item.key} {one.item.name}: {one.error}" for one in self.items if one.error)

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """What went to the trash, each as (root, id)."""
        return tuple(dict.fromkeys((one.item.root, one.entry) for one in self.items if one.entry))


def mend(library: Library, plan: MendPlan, *, report: Report = ignore) -> MendResult:
    """Carry out a plan. What failed is in the result, item by item.

    A cancel leaves what was mended before, and the rest as it was. Bad contents are in the trash, an entry for each
    model; those that are put back from it come beside the good ones and never in place of them.
    """
    models: dict[tuple[str, ModelKey], list[MendItem]] = {}
    for item in plan.mendable:
        models.setdefault((item.root, item.key), []).append(item)
    done: dict[int, Mended] = {}
    try:
        with Arrivals(library, report) as arrivals:
            work = _Mending(library, plan, arrivals, report)
            for (root, key), items in models.items():
                done |= work.model(root, key, items)
            fetched = arrivals.fetched
    finally:
        if models:
            library.refresh(list(dict.fromkeys(root for root, _ in models)))
    unmended = {id(item): Mended(item, item.problem, item.hint) for item in plan.items if not item.origin}
    every = unmended | done
    return MendResult(tuple(every[id(item)] for item in plan.items), fetched)


class _Mending:
    """The work of one call."""

    def __init__(self, library: Library, plan: MendPlan, arrivals: Arrivals, report: Report) -> None:
        self._catalog = library.catalog
        self._activity = library.activity
        self._arrivals = arrivals
        self._report = report
        self._total = plan.bytes_needed
        self._done = 0
        self._item = ""

    def model(self, root: str, key: ModelKey, items: Sequence[MendItem]) -> dict[int, Mended]:
        """Mend the files of one model, each for itself."""
        work = Work((), "mend", str(key), None)
        done: dict[int, Mended] = {}
        try:
            with open_staging(root, work) as staging:
                try:
                    mending = _Model(Placing(root, key, staging.path), staging, self._arrivals, self._count)
                    for item in items:
                        done[id(item)] = self._mended(mending, item)
                except BaseException:
                    staging.clear()
                    raise
                if not mending.keeps:
                    staging.clear()
        except ModelKeepError as error:
            for item in items:
                if id(item) not in done:
                    done[id(item)] = self._failed(item, error)
        return done

    def _mended(self, mending: _Model, item: MendItem) -> Mended:
        self._item = item.name
        self._count(0)
        try:
            with disk_errors(item.path):
                placed = mending.mend(item)
        except Cancelled:
            self._log(item, "cancelled", item.name)
            raise
        except ModelKeepError as error:
            return self._failed(item, error)
        self._remember(item, placed)
        self._log(item, "done", f"{item.name} from {placed.origin.place}")
        return Mended(replace(item, origin=placed.origin), entry=placed.entry)

    def _failed(self, item: MendItem, error: ModelKeepError) -> Mended:
        self._log(item, "failed", f"{error} ({item.name})")
        return Mended(item, str(error), error.hint)

    def _count(self, size: int) -> None:
        self._done += size
        self._report(Progress("Mending", min(self._done, self._total), self._total, self._item))

    def _remember(self, item: MendItem, placed: _Placed) -> None:
        """Keep what the content was found to be, so that verifying it again need not read it."""
        etag, now = item.etag, time.time()
        sums = Checksums(*((etag, "") if layout.is_sha256(etag) else ("", etag)), None, now)
        with suppress(ModelKeepError):  # it is read again
            self._catalog.remember_checksums([(os.path.realpath(placed.path), placed.status, sums)])

    def _log(self, item: MendItem, outcome: str, detail: str) -> None:
        key, size = str(item.key.at(item.commit)), max(item.size, 0) if outcome == "done" else 0
        self._activity.log("mend", key, item.root, size, outcome=outcome, detail=detail)


class _Placed(NamedTuple):
    """A content that is in its place now: its path and status, where it came from, and what was there before."""

    path: str
    status: os.stat_result
    origin: Origin
    entry: str


class _Model:
    """The contents of one model, one after another into its staging folder and from there to their places.

    `keeps`: something that is whole could not be put in its place now; doing it again goes on from there.
    """

    def __init__(self, placing: Placing, staging: Staging, arrivals: Arrivals, count: Count) -> None:
        self.keeps = False
        self._placing = placing
        self._staging = staging
        self._arrivals = arrivals
        self._count = count
        self._here: dict[str, str] = {}
        """The contents that were put in place, by their names."""

    def mend(self, item: MendItem) -> _Placed:
        """Bring the content of an item from the first place that has a good one, and put it where it belongs."""
        assert item.origin
        origins = [item.origin, *item.more]
        if item.etag in self._here:
            origins.insert(0, Origin(Where.CACHE, self._here[item.etag]))
        errors: list[ModelKeepError] = []
        for origin in origins:
            try:
                good, status = self._brought(item, origin)
            except ModelKeepError as error:
                if not is_of_origin(error):
                    raise
                errors.append(error)
                continue
            try:
                path, entry = self._placing.put(item, good)
            except (CacheBusy, ModelInUse):
                self.keeps = True
                raise
            self._here[item.etag] = path
            return _Placed(path, status, origin, entry)
        if len(errors) == 1:
            raise errors[0]
        raise CacheError(" ".join(dict.fromkeys(map(str, errors))), hint=errors[-1].hint)

    def _brought(self, item: MendItem, origin: Origin) -> tuple[Path | None, os.stat_result]:
        """The content in the staging folder, None where it is in its place already; and its status."""
        blob = os.fspath(self._placing.blob(item))
        if origin.place == blob and not self._placing.is_copy(item):
            return None, self._arrivals.check(item, blob, self._count)
        good, part = self._staging.blob(item.etag), self._staging.part(0)
        if good.exists():  # of an interrupted run
            with suppress(CacheError):
                return good, self._arrivals.check(item, os.fspath(good), self._count)
        status = self._arrivals.bring(item, origin, part, self._count)
        with disk_errors(part):
            os.replace(part, good)
        return good, status

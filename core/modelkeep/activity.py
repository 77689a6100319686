"""What was done on this machine: who, what, when, how many bytes, and what came of it.

It is written by every operation that changes, brings or sends something, survives whatever happens to the caches, and
leaves the machine only as a file that the user exports.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from modelkeep.cache.activity_index import Condition
from modelkeep.cache.activity_log import as_json
from modelkeep.cache.catalog import Catalog, Event, user_name
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheError, Cancelled, ModelKeepError
from modelkeep.keys import ModelKey

__all__ = ["VERBS", "Activity", "ActivityPage", "ActivityQuery", "export_activity", "find_activity"]

VERBS = (
    "download",
    "import",
    "export",
    "push",
    "receive",
    "delete",
    "evict",
    "restore",
    "empty-trash",
    "collect",
    "copy",
    "move",
    "sync",
    "clear-staging",
    "set-ref",
    "verify",
    "scan",
    "mend",
    "repair",
    "convert",
    "try-loading",
    "try",
    "train",
    "allow",
)
"""What events are called, by the operation: "download" is also what is fetched from a remote, "receive" a push of
others that `serve` took in, "collect" that garbage of a store went, "try" that a model was asked something, "train"
that one was fine-tuned, "allow" that a user let a dangerous model be loaded or brought in, or a model run code of
its own.
"""


@dataclass(frozen=True)
class ActivityQuery:
    """Which events are wanted. Words of `text` have to be in the model, the user, the verb, the root or the detail.

    `since` and `until` are seconds since the epoch (UTC), 0.0 for no limit. `before` is the `id` of an event: only
    older ones, for the next page. `roots` are resolved; none for all.
    """

    text: str = ""
    verbs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    key: str = ""
    since: float = 0.0
    until: float = 0.0
    before: int = 0
    limit: int = 500
    roots: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActivityPage:
    """Events with their ids, the newest first. `next` is the `before` of the next page, 0 when this is the last.

    `total` is how many there are on all pages.
    """

    events: tuple[tuple[int, Event], ...]
    next: int = 0
    total: int = 0


class Activity:
    """The log of what a library does: `library.activity`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find(self, query: ActivityQuery) -> ActivityPage:
        """What was done, by this user and all programs of theirs that use this library."""
        return find_activity(self._catalog, query)

    def export(self, query: ActivityQuery, target: str | os.PathLike[str]) -> int:
        """Write what was done as JSON lines; returns how many. See `export_activity`."""
        return export_activity(self._catalog, query, target)

    def log(
        self,
        verb: str,
        key: ModelKey | str,
        root: str,
        size: int,
        error: str = "",
        *,
        outcome: str = "",
        detail: str = "",
    ) -> None:
        """Keep what was done; where `error` says that it was not, that comes before the detail."""
        said = f"{error} ({detail})" if error and detail else error or detail
        outcome = outcome or ("failed" if error else "done")
        event = Event(time.time(), user_name(), verb, str(key), root, size, outcome, said)
        with suppress(ModelKeepError):  # it is done, whether or not that can be kept
            self._catalog.record_event(event)

    @contextmanager
    def logged(self, verb: str, keys: Sequence[ModelKey], root: str = "") -> Iterator[None]:
        """Within it something is done whose result is logged after it; here, that it was stopped or could not be."""
        key = keys[0] if len(keys) == 1 else ""
        names = ", ".join(map(str, keys)) if len(keys) > 1 else ""
        try:
            yield
        except Cancelled:
            self.log(verb, key, root, 0, outcome="cancelled", detail=names)
            raise
        except ModelKeepError as error:
            self.log(verb, key, root, 0, str(error), detail=names)
            raise


def find_activity(catalog: Catalog, query: ActivityQuery) -> ActivityPage:
    """The events that were asked for."""
    where = _conditions(query)
    total = catalog.activity.count(where)
    page = [("id < ?", (query.before,))] if query.before else []
    found = catalog.activity.find([*where, *page], query.limit + 1)
    events = found[: query.limit]
    return ActivityPage(tuple(events), events[-1][0] if len(found) > len(events) else 0, total)


def export_activity(catalog: Catalog, query: ActivityQuery, target: str | os.PathLike[str]) -> int:
    """Write all events that were asked for as JSON lines, the oldest first; returns how many. The file is replaced
    at once when it is whole. Raises `CacheError` for what is no plain file.
    """
    path = Path(os.path.abspath(Path(target).expanduser()))
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise CacheError(f"{path} is no plain file, and would be replaced.", hint="Choose another name.")
    count = 0
    with disk_errors(path):
        handle, new = tempfile.mkstemp(prefix=f".{path.name[:50]}-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
                for event in catalog.activity.oldest_first(_conditions(query)):
                    file.write(f"{json.dumps(as_json(event))}\n")
                    count += 1
                file.flush()
                os.fsync(file.fileno())
            os.chmod(new, path.stat().st_mode & 0o777 if path.is_file() else 0o644)
            os.replace(new, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(new)
    return count


def _conditions(query: ActivityQuery) -> list[Condition]:
    where: list[Condition] = [("instr(words, ?)", (word,)) for word in query.text.casefold().split()]
    for column, wanted in (("verb", query.verbs), ("outcome", query.outcomes), ("root", query.roots)):
        if wanted:
            where.append((f"{column} IN ({', '.join('?' * len(wanted))})", wanted))
    if query.key:
        # With all its revisions, unless it names one.
        of_it = f"{query.key}@"
        size = len(of_it.encode("utf-8", "surrogatepass"))
        where.append(("model = ? OR substr(model, 1, ?) = ?", (query.key, size, of_it)))
    if query.since:
        where.append(("done_at >= ?", (query.since,)))
    if query.until:
        where.append(("done_at < ?", (query.until,)))
    return where

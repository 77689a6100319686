"""What remotes hold, as far as they were asked: that is done when it is wanted, and remembered with the window."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from modelkeep.remote.values import Where
from modelkeep.rows import ModelRow
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep.remotes import RemoteView

__all__ = ["Listing", "RemoteListings", "name_of", "root_of"]

_ROOT = "remote:"


def root_of(name: str) -> str:
    """What rows of a remote have as their root."""
    return f"{_ROOT}{name}"


def name_of(root: str) -> str:
    """The remote that a row is of, "" where its root is a cache."""
    return root.removeprefix(_ROOT) if root.startswith(_ROOT) else ""


@dataclass(frozen=True)
class Listing:
    """The models of a remote when it was asked last. `rows` is None until then; a failure keeps what came before.

    `is_old`: something has changed since, so it is to be asked again before it is shown again.
    """

    rows: tuple[ModelRow, ...] | None = None
    error: ModelKeepError | None = None
    is_loading: bool = False
    is_old: bool = True

    @cached_property
    def counts(self) -> Counter[str]:
        """How many models are where, by `Where`."""
        return Counter(row.where for row in self.rows or ())

    @property
    def there(self) -> int | None:
        """How many models the remote holds; None while nobody knows."""
        return None if self.rows is None else self.counts.total() - self.counts[Where.HERE]


_UNKNOWN = Listing()


class RemoteListings(QObject):
    """The remotes that have names, and what each lists.

    Signals:
        views_changed: tuple of `RemoteView`.
        listed: the name of a remote whose `Listing` is another now.
    """

    views_changed = Signal(object)
    listed = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._listings: dict[str, Listing] = {}
        self._jobs: dict[str, Job] = {}
        self._again: set[str] = set()
        self._changed: set[str] = set()  # while they were being asked
        self.views: tuple[RemoteView, ...] = ()

    def view(self, name: str) -> RemoteView | None:
        """The remote of that name."""
        return next((view for view in self.views if view.name == name), None)

    def listing(self, name: str) -> Listing:
        """What is known of what it holds."""
        return self._listings.get(name, _UNKNOWN)

    def refresh(self) -> None:
        """See which remotes there are. Reaches no network."""
        self._runner.run(
            self.tr("See which remotes there are"),
            "remotes.all",
            with_keys=False,
            visible=False,
            on_done=self._take_views,
            on_failed=lambda _: None,  # the page of the preferences says it, where it can be mended
        )

    def look(self, name: str, *, again: bool = False) -> None:
        """List what a remote holds, if nobody did or it is old; `again` whatever is known."""
        listing = self.listing(name)
        if name in self._jobs:
            if again:
                self._again.add(name)
            return
        if not again and not listing.is_old:
            return
        self._set(name, replace(listing, is_loading=True))
        self._changed.discard(name)
        self._jobs[name] = self._runner.run(
            self.tr("List {}").format(name),
            "remotes.rows",
            name,
            lane=f"remote {name}",
            visible=False,
            on_done=partial(self._take, name),
            on_failed=partial(self._fail, name),
        )

    def stop(self, name: str) -> None:
        """Do not wait for it any more."""
        if job := self._jobs.pop(name, None):
            job.cancel()
            self._set(name, replace(self.listing(name), is_loading=False))

    def make_old(self) -> None:
        """What is here has changed: what is listed says it wrongly from now on."""
        self._listings = {name: replace(one, is_old=True) for name, one in self._listings.items()}
        self._changed.update(self._jobs)

    # ---- within

    def _take_views(self, views: tuple[RemoteView, ...]) -> None:
        before = {view.name: view.url for view in self.views}
        self.views = tuple(views)
        for view in views:
            if before.get(view.name, view.url) != view.url:
                self._listings.pop(view.name, None)
        self.views_changed.emit(self.views)

    def _take(self, name: str, rows: tuple[ModelRow, ...]) -> None:
        self._end(name, Listing(tuple(rows), is_old=name in self._changed))

    def _fail(self, name: str, error: ModelKeepError) -> None:
        self._end(name, Listing(self.listing(name).rows, error))

    def _end(self, name: str, listing: Listing) -> None:
        if self._jobs.pop(name, None) is None:
            return  # nobody waits for it any more
        self._set(name, listing)
        if name in self._again:
            self._again.discard(name)
            self.look(name, again=True)

    def _set(self, name: str, listing: Listing) -> None:
        self._listings[name] = listing
        self.listed.emit(name)

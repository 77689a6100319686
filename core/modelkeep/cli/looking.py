"""What most commands begin with: scanning the roots, telling which are away, choosing the models that are meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cli.output import Failure, warn
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedModel
    from modelkeep.library import Library
    from modelkeep.rows import ModelRow, RootView, Selection

__all__ = ["cached", "check_roots", "choose", "look", "require_roots", "scan_roots"]

_HINT = "See that the path is right, the disk is mounted and you may read it."


def scan_roots(session: Session, library: Library) -> tuple[RootView, ...]:
    """Scan all roots, behind a progress bar."""
    with progress(session) as report:
        return library.refresh(report=report)


def look(session: Session, library: Library) -> tuple[RootView, ...]:
    """Scan all roots and read what their models say of themselves, behind a progress bar."""
    with progress(session) as report:
        views = library.refresh(report=report)
        library.describe_new(report=report, emit=lambda _: None)
    return views


def choose(
    session: Session, library: Library, keys: Sequence[ModelKey], files: Sequence[str] = ()
) -> list[Selection]:
    """What keys mean, in every root that has it; each thing once. Raises `ModelNotFound` naming the nearest."""
    require_roots(session)
    for view in scan_roots(session, library):
        if view.message and not _is_unborn(view):
            warn(view.message)
    return list(dict.fromkeys(library.choose([str(key) for key in keys], files)))


def require_roots(session: Session) -> None:
    """See that the roots are there that were named. Raises `Failure`."""
    from modelkeep.cache.roots import root_state

    states = [root_state(Path(os.path.realpath(root)).as_posix()) for root in session.roots]
    if away := [message for state, message in states if not state.is_here]:
        raise Failure(*((message, _HINT) for message in away))


def check_roots(session: Session, views: Iterable[RootView]) -> None:
    """After all was listed that there is, say which roots are away.

    Those that were named, or that are there and cannot be read, are a failure; a listed disk may be away.
    """
    failures = []
    for view in views:
        if view.message and (session.roots or view.state not in ("missing", "not-mounted")):
            failures.append((view.message, _HINT))
        elif view.message and not _is_unborn(view):
            warn(view.message)
    if failures:
        raise Failure(*failures)


def _is_unborn(view: RootView) -> bool:
    """Whether it is the default root before there was a model: nobody misses it."""
    return view.is_default and view.state == "missing"


def cached(library: Library, row: ModelRow) -> CachedModel:
    """The model that a row is of."""
    return library.inventory(row.root).by_key[ModelKey.known(row.key)]

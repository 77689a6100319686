"""What `modelkeep verify --quarantine` does with what it found damaged: shows it, asks, moves it to the trash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from modelkeep.cli.consent import Unasked, ask
from modelkeep.cli.output import can_ask, readable, say, tell
from modelkeep.errors import ModelKeepError, ModelNotFound
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.cache.deletion import Deleted, DeletionItem, DeletionPlan, DeletionResult
    from modelkeep.checking.outcome import Verification
    from modelkeep.library import Library

__all__ = ["Quarantined", "check_can_ask", "quarantine"]


class Quarantined(NamedTuple):
    """A revision's damaged files, and what became of them: None when nothing was done."""

    plan: DeletionPlan
    item: DeletionItem
    done: Deleted | None


def check_can_ask() -> None:
    """Before much is read, see that there is somebody to be asked. Raises `Unasked`."""
    if not can_ask():
        raise Unasked(
            (
                "What is damaged goes to the trash only after a question, which cannot be asked in a pipe.",
                "Look with --dry-run, then say --yes.",
            )
        )


def quarantine(
    library: Library, result: Verification, *, quiet: bool, yes: bool, dry_run: bool
) -> tuple[Quarantined, ...]:
    """Move the damaged files to the trash, unless it is a `dry_run`; `quiet` says nothing of it."""
    plans = list(_plans(library, result))
    going = [item for plan in plans for item in plan.items if not item.refusal]
    if not quiet:
        for line in _lines(plans, dry_run=dry_run):
            (say if dry_run else tell)(line)
    results: list[DeletionResult] = []
    if going and not dry_run:
        count = sum(item.files for item in going)
        files = "1 damaged file" if count == 1 else f"{count:,} damaged files"
        ask(f"Move {files} to the trash?", yes=yes)
        results = [_carry_out(library, plan) for plan in plans]
    found = tuple(_found(plans, results))
    if not quiet:
        _tell(found)
    return found


def _plans(library: Library, result: Verification) -> Iterator[DeletionPlan]:
    from modelkeep.checking.quarantine import plan_quarantine

    for root in dict.fromkeys(check.root for check in result.revisions):
        try:
            yield plan_quarantine(library.inventory(root), result, pinned=library.catalog.pins(root))
        except ModelNotFound:
            continue  # nothing in this cache is damaged


def _carry_out(library: Library, plan: DeletionPlan) -> DeletionResult:
    """What is in one root. When nothing can be done there at all, every item has failed."""
    from modelkeep.cache.deletion import Deleted, DeletionResult

    try:
        [result] = library.delete([plan])
        return result
    except ModelKeepError as error:
        failed = [
            Deleted(item.key, item.what, item.frees, 0, "", str(error), error.hint) for item in plan.items
        ]
        return DeletionResult(plan.root, tuple(failed), 0, 0, plan.permanently)


def _found(plans: Sequence[DeletionPlan], results: Sequence[DeletionResult]) -> Iterator[Quarantined]:
    for number, plan in enumerate(plans):
        done = results[number].items if results else [None] * len(plan.items)
        for item, outcome in zip(plan.items, done, strict=True):
            yield Quarantined(plan, item, outcome)


def _lines(plans: Iterable[DeletionPlan], *, dry_run: bool) -> Iterator[str]:
    for plan in plans:
        goes = "would go" if dry_run else "goes"
        yield click.style(f"To the trash of {readable(plan.root)} {goes}:", bold=True)
        for item in plan.items:
            files = "1 file" if item.files == 1 else f"{item.files:,} files"
            yield f"  {readable(str(item.key))}  {files}, {size_text(item.size)}"
            if item.refusal:
                yield click.style(f"    It stays: {readable(item.refusal)}", fg="yellow")


def _tell(found: Iterable[Quarantined]) -> None:
    entries = []
    for _, item, done in found:
        if done is None or item.refusal:
            continue
        if done.error:
            tell(f"{readable(str(item.key))}: {readable(done.error)} {readable(done.hint)}".rstrip())
        else:
            say(f"Moved what is damaged of {readable(str(item.key))} to the trash.")
            entries.append(done.entry)
    if entries := list(filter(None, entries)):
        tell(click.style(f"Undo: modelkeep trash restore {' '.join(entries)}", dim=True))

"""`modelkeep pin`, `unpin` and `note`: what a user says about models. Every cache that has a model hears it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import print_json, readable, say
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session
from modelkeep.errors import CacheError
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from modelkeep.rows import ModelRow

__all__ = ["note", "pin", "unpin"]


@click.command("pin")
@click.argument("keys", type=KEY, nargs=-1, required=True, metavar="KEY...")
@dry_run_option
@common_options
@pass_session
def pin(session: Session, keys: tuple[ModelKey, ...], dry_run: bool) -> None:
    """Pin models, so that nothing removes them.

    A pin belongs to a model with all its revisions, in every cache that has it or in those that --root names.
    """
    _set_pinned(session, keys, True, dry_run)


@click.command("unpin")
@click.argument("keys", type=KEY, nargs=-1, required=True, metavar="KEY...")
@dry_run_option
@common_options
@pass_session
def unpin(session: Session, keys: tuple[ModelKey, ...], dry_run: bool) -> None:
    """Take pins off models."""
    _set_pinned(session, keys, False, dry_run)


def _set_pinned(session: Session, keys: Sequence[ModelKey], pinned: bool, dry_run: bool) -> None:
    with session.library() as library:
        selected = choose(session, library, [key.at(None) for key in keys])
        if dry_run:
            rows = [library.details(one.root, one.key).row._replace(pinned=pinned) for one in selected]
        else:
            rows = library.set_pinned(selected, pinned)
    if not dry_run:
        _see_that_it_is_kept(rows)
    verb = "pin" if pinned else "unpin"
    would = f"Would {verb}" if dry_run else f"{verb.capitalize()}ned"
    _print(session, rows, dry_run, [f"{would} {row.key} in {readable(row.root)}." for row in rows])


@click.command("note")
@click.argument("key", type=KEY)
@click.argument("text", required=False)
@dry_run_option
@common_options
@pass_session
def note(session: Session, key: ModelKey, text: str | None, dry_run: bool) -> None:
    """Show or write a note on a model.

    TEXT takes the place of the note that there was; an empty one removes it. Without TEXT the note is shown.
    """
    with session.library() as library:
        selected = choose(session, library, [key.at(None)])
        if text is None or dry_run:
            rows = [library.details(one.root, one.key).row for one in selected]
            if text is not None:
                rows = [row._replace(note=text) for row in rows]
        else:
            rows = library.set_note(selected, text)
    if text is not None and not dry_run:
        _see_that_it_is_kept(rows)
    if text is None:
        lines = [row.note for row in rows if row.note]
    else:
        verb = "note" if text else "remove the note"
        done = "Noted" if text else "Removed the note"
        where = [f"on {row.key} in {readable(row.root)}." for row in rows]
        lines = [f"Would {verb} {place}" if dry_run else f"{done} {place}" for place in where]
    _print(session, rows, dry_run or text is None, lines)


def _see_that_it_is_kept(rows: Sequence[ModelRow]) -> None:
    """A catalog that cannot be written lives in memory, which is of no use to a command that ends now."""
    from modelkeep.cache.catalog import Catalog

    with Catalog() as catalog:
        for row in rows:
            key = ModelKey.known(row.key)
            known = (key in catalog.pins(row.root), catalog.notes(row.root).get(key, ""))
            if known != (row.pinned, row.note):
                raise CacheError(f"This could not be kept in {catalog.path}.", hint="The warning says why.")


def _print(session: Session, rows: Sequence[ModelRow], unchanged: bool, lines: Sequence[str]) -> None:
    if session.json:
        items = [
            {"key": row.key, "root": row.root, "pinned": row.pinned, "note": row.note or None} for row in rows
        ]
        print_json({"executed": not unchanged, "items": items})
    else:
        for line in lines:
            say(line)

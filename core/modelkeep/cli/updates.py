"""`modelkeep updates`: whether a hub has newer commits of what is cached. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import push_shapes as shapes
from modelkeep.cli.keys import KEY, complete_profile
from modelkeep.cli.looking import choose, scan_roots
from modelkeep.cli.output import Failure, on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.updates import Update

__all__ = ["updates"]


@click.command("updates")
@click.argument("keys", type=KEY, nargs=-1, metavar="[KEY]...")
@click.option(
    "--profile",
    default="",
    shell_complete=complete_profile,
    metavar="NAME",
    help="The hub to ask (`profile list`).",
)
@common_options
@pass_session
def updates(session: Session, keys: tuple[ModelKey, ...], profile: str) -> None:
    """Ask whether there is something newer; changes nothing.

    A hub is asked about the KEYs, or about all models. Nothing is fetched, and no ref is moved: `modelkeep download`
    does that. In a pipe there is a line for each model with something newer, with tabs between: key, root, ref, old
    commit, new commit, bytes to fetch.
    """
    with session.library() as library:
        if keys:
            selected = choose(session, library, keys)
        else:
            scan_roots(session, library)
            selected = None
        with progress(session) as report:
            found = library.hubs.updates(selected, profile=profile, report=report)
    if session.json:
        print_json([shapes.update(one) for one in found])
    elif on_terminal():
        _print(found, every=bool(keys))
    else:
        print_plain(
            (one.key, one.root, one.ref, one.old, one.new, one.bytes_new) for one in found if one.is_newer
        )
    if failed := [(f"{one.key}: {one.error}", one.error.hint) for one in found if one.error]:
        raise Failure(*failed)


def _print(found: Sequence[Update], *, every: bool) -> None:
    newer = [one for one in found if one.is_newer]
    for one in newer:
        kinds = [change.kind for change in one.changes]
        counts = [f"{kinds.count(kind)} {kind}" for kind in ("changed", "added", "removed") if kind in kinds]
        name = click.style(readable(str(one.key)), bold=True)
        say(f"{name}  {readable(one.ref)}: {one.old[:8]} → {one.new[:8]} {one.last_modified[:10]}".rstrip())
        say(f"  {', '.join(counts) or 'no file'} differ; fetches {size_text(one.bytes_new)}")
    for one in found:
        if one.note:
            say(click.style(f"{readable(str(one.key))}  {readable(one.note)}", dim=True))
        elif every and one.new and not one.is_newer:
            say(f"{readable(str(one.key))}  is the newest.")
    if newer:
        say(click.style("\nmodelkeep download KEY fetches it; modelkeep rollback KEY undoes that.", dim=True))
    elif not every:
        say("Nothing newer.")

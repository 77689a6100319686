"""`modelkeep remote`: the remotes that have names, and what is done to one of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from modelkeep.cli import remote_shapes as shapes
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.places import REMOTE
from modelkeep.cli.progress import progress_and_lines
from modelkeep.cli.remote_changing import delete, gc, restore, tag, untag
from modelkeep.cli.remote_looking import history, models, show, verify
from modelkeep.cli.session import Session, common_options, pass_session

if TYPE_CHECKING:
    from modelkeep.named_remotes import Credentials
    from modelkeep.remotes import RemoteView

__all__ = ["remote"]

_COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


@click.group("remote")
@common_options
def remote() -> None:
    """Remotes by name: list, add or test them, see what they hold.

    Models are pushed to a remote and fetched from it. It is a folder (a share, a USB stick), a store by S3, or a hub:

    \b
    /srv/models                                          a folder
    s3://bucket/prefix?endpoint=https://s3.example.org   an S3 store
    hub:PROFILE/org                                      a hub, by the name of a profile
    """


for command in (models, show, verify, history, delete, restore, tag, untag, gc):
    remote.add_command(command)


@remote.command("list")
@common_options
@pass_session
def list_remotes(session: Session) -> None:
    """List the remotes. Nothing is asked of them.

    In a pipe there is a line for each, with tabs between: name, URL, kind, where its key is found, cache.
    """
    with session.library() as library:
        _print(session, library.remotes.all())


@remote.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--cache",
    type=click.Path(file_okay=False),
    default="",
    metavar="DIR",
    help="Fetch into this cache; your first one by default.",
)
@click.option("--key-id", default="", metavar="ID", help="The id of its key; the secret is asked for.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input.")
@click.option("--in-file", is_flag=True, help="Keep the key in a plain file of yours, not in the keyring.")
@common_options
@pass_session
def add(
    session: Session, name: str, url: str, cache: str, key_id: str, secret_stdin: bool, in_file: bool
) -> None:
    """Give the remote at URL a name. Nothing is asked of it; `remote test` does that.

    Without a key of its own an S3 store is reached with AWS_ACCESS_KEY_ID and its like, or the files of AWS's tools.
    """
    if (secret_stdin or in_file) and not key_id:
        raise click.UsageError("A secret goes with --key-id ID.")
    with session.library() as library:
        if any(view.name == name for view in library.remotes.all()):
            raise Failure(
                (f"There is a remote “{name}” already.", "Remove it first, or choose another name.")
            )
        key = _read_key(key_id, from_stdin=secret_stdin) if key_id else None
        view = library.remotes.add(name, url, cache=cache, credentials=key, in_file=in_file)
        if session.json:
            _print(session, library.remotes.all())
        else:
            say(f"Added {readable(view.name)}: {readable(view.url)}.")


@remote.command("remove")
@click.argument("name", type=REMOTE)
@common_options
@pass_session
def remove(session: Session, name: str) -> None:
    """Forget a remote, its key, and what is followed of it. What it holds stays."""
    with session.library() as library:
        library.remotes.remove(name)
        if session.json:
            _print(session, library.remotes.all())
        else:
            say(f"Removed {readable(name)}.")


@remote.command("test")
@click.argument("name", type=REMOTE, metavar="NAME|URL")
@common_options
@pass_session
def test(session: Session, name: str) -> None:
    """Find out what of a remote works, from reaching it to writing. Leaves no trace.

    In a pipe there is a line for each check, with tabs between: name, outcome, what was found, hint.
    """
    with (
        session.library() as library,
        progress_and_lines(session, _pass_over if session.json else _print_check) as (report, emit),
    ):
        found = library.remotes.test(name, report=report, emit=emit)
    works = all(check.outcome != "bad" for check in found)
    if session.json:
        print_json({"remote": name, "works": works, "checks": [shapes.check(check) for check in found]})
    if not works:
        raise click.exceptions.Exit(1)


def _read_key(key_id: str, *, from_stdin: bool) -> Credentials:
    """A key whose secret nobody sees being typed, or is a line of standard input."""
    from modelkeep.named_remotes import Credentials

    if from_stdin:
        secret = sys.stdin.readline().strip()
    elif can_ask():
        secret = str(click.prompt("Secret [not shown]", hide_input=True, err=True))
    else:
        raise click.UsageError("Give the secret on standard input, and say --secret-stdin.")
    return Credentials(key_id, secret, source="typed")


def _print(session: Session, views: tuple[RemoteView, ...]) -> None:
    if session.json:
        print_json([shapes.remote(view) for view in views])
        return
    rows = [(view.name, view.url, view.kind, view.credentials, view.cache) for view in views]
    if not on_terminal():
        print_plain(rows)
        return
    if not rows:
        say("There are no remotes yet.\n\nmodelkeep remote add NAME URL adds one.")
        return
    from modelkeep.cli.tables import Column, print_table

    print_table([Column("Name"), Column("URL"), Column("Kind"), Column("Key"), Column("Cache", rank=1)], rows)


def _pass_over(check: object) -> None:
    """With --json all checks are printed together, at the end."""


def _print_check(check: object) -> None:
    from modelkeep.remote.values import Check

    assert isinstance(check, Check)
    if not on_terminal():
        print_plain([(check.name, check.outcome, check.sentence, check.hint)])
        return
    outcome = check.outcome.ljust(7)
    what = f"{check.name}: " if check.outcome == "skipped" else ""
    say(f"{click.style(outcome, fg=_COLOURS.get(check.outcome))} {what}{readable(check.sentence)}")
    if check.hint:
        say(f"        {click.style(readable(check.hint), dim=True)}")

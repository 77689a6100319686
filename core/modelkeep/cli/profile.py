"""`modelkeep profile`: the hubs that are known, and the way to each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from modelkeep.cli import hub_shapes as shapes
from modelkeep.cli.keys import complete_profile
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress_and_lines
from modelkeep.cli.rates import RATE
from modelkeep.cli.session import Session, common_options, pass_session

if TYPE_CHECKING:
    from modelkeep.hub.profile import ProfileView
    from modelkeep.hubs import Hubs

__all__ = ["profile"]

_COLOURS = {"good": "green", "warn": "yellow", "bad": "red"}


@click.group("profile")
@common_options
def profile() -> None:
    """How to reach a hub: list, add, remove or test it.

    The profile “default” is what the variables HF_ENDPOINT and HF_TOKEN say, as for the Hub's own tools.
    """


@profile.command("list")
@common_options
@pass_session
def list_profiles(session: Session) -> None:
    """List the profiles.

    In a pipe there is a line for each, with tabs between: name, address, default, where its token is, proxy.
    """
    with session.library() as library:
        views = library.hubs.profiles()
        _print(session, views)
        if len(views) == 1 and on_terminal() and not session.json:
            say(click.style("\nmodelkeep profile add NAME ADDRESS adds another hub.", dim=True))
        if reason := library.hubs.offline():
            tell(f"No hub is asked: {reason}.")


@profile.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--token", "wants_token", is_flag=True, help="Ask for a token, or read it from standard input.")
@click.option("--in-file", is_flag=True, help="Keep the token in a plain file of yours, not in the keyring.")
@click.option(
    "--proxy", default="", metavar="ADDRESS", help="http://…, socks5h://…, or none for none at all."
)
@click.option(
    "--ca-file", default="", metavar="FILE", help="Trust these authorities (PEM), not the usual ones."
)
@click.option("--connect-timeout", type=float, default=10.0, metavar="SECONDS", help="To connect (10).")
@click.option("--read-timeout", type=float, default=30.0, metavar="SECONDS", help="For an answer (30).")
@click.option("--limit-rate", type=RATE, default=0, metavar="RATE", help="Download at most so much a second.")
@click.option("--xet", is_flag=True, help="Fetch by Xet what the hub stores there.")
@click.option("--default", is_flag=True, help="Use it when no profile is named.")
@common_options
@pass_session
def add(
    session: Session,
    name: str,
    address: str,
    wants_token: bool,
    in_file: bool,
    proxy: str,
    ca_file: str,
    connect_timeout: float,
    read_timeout: float,
    limit_rate: int,
    xet: bool,
    default: bool,
) -> None:
    """Add a profile for the hub at ADDRESS. Nothing is asked of the hub; `profile test` does that."""
    from modelkeep.hub.profile import Profile

    added = Profile(
        name, address, proxy, ca_file, connect_timeout, read_timeout, xet=xet, limit_rate=limit_rate
    )
    with session.library() as library:
        if any(view.profile.name == name for view in library.hubs.profiles()):
            raise Failure(
                (f"There is a profile “{name}” already.", "Remove it first, or choose another name.")
            )
        token = _read_token() if wants_token or in_file else None
        view = library.hubs.save_profile(added, token=token, in_file=in_file, default=default)
        if session.json:
            _print(session, library.hubs.profiles())
        else:
            say(f"Added {readable(view.profile.name)}: {readable(view.profile.endpoint)}.")


@profile.command("remove")
@click.argument("name", shell_complete=complete_profile)
@common_options
@pass_session
def remove(session: Session, name: str) -> None:
    """Forget a profile and its token."""
    with session.library() as library:
        library.hubs.remove_profile(name)
        if session.json:
            _print(session, library.hubs.profiles())
        else:
            say(f"Removed {readable(name)}.")


@profile.command("use")
@click.argument("name", shell_complete=complete_profile)
@common_options
@pass_session
def use(session: Session, name: str) -> None:
    """Use a profile when none is named."""
    from modelkeep.hub.profiles import set_default

    set_default(name)
    with session.library() as library:
        if session.json:
            _print(session, library.hubs.profiles())
        else:
            say(f"{readable(name)} is used now.")


@profile.command("test")
@click.argument("name", default="", shell_complete=complete_profile)
@click.option("--model", default="", metavar="KEY", help="A model of the hub to try it with.")
@common_options
@pass_session
def test(session: Session, name: str, model: str) -> None:
    """Find out what of the way to a hub works, up to a part of a file. Writes nothing.

    In a pipe there is a line for each check, with tabs between: name, outcome, what was found, hint.
    """
    with session.library() as library:
        view = _view(library.hubs, name)
        prints = not session.json
        with progress_and_lines(session, _print_check if prints else lambda check: None) as (report, emit):
            found = library.hubs.test_profile(view.profile, repo=model, report=report, emit=emit)
    if session.json:
        print_json(shapes.diagnosis(found))
    if not found.works:
        raise click.exceptions.Exit(1)


def _view(hubs: Hubs, name: str) -> ProfileView:
    """The profile of that name, also one that cannot be used as it is: the test says why."""
    from modelkeep.hub.profiles import find_profile

    for view in hubs.profiles():
        if view.profile.name == name or (not name and view.is_default):
            return view
    raise AssertionError(find_profile(name))  # it raises, naming the profiles that there are


def _read_token() -> str:
    """A token that nobody sees being typed, or a line of standard input."""
    if can_ask():
        return str(click.prompt("Token", hide_input=True, err=True))
    return sys.stdin.readline().strip()


def _print(session: Session, views: tuple[ProfileView, ...]) -> None:
    if session.json:
        print_json([shapes.profile(view) for view in views])
        return
    rows = [
        (
            view.profile.name,
            view.profile.endpoint,
            "default" if view.is_default else "",
            view.token_source,
            shapes.proxy_text(view.profile.proxy),
        )
        for view in views
    ]
    if not on_terminal():
        print_plain(rows)
        return
    from modelkeep.cli.tables import Column, print_table

    print_table(
        [
            Column("Name"),
            Column("Address"),
            Column("", style="green"),
            Column("Token"),
            Column("Proxy", rank=1),
        ],
        rows,
    )


def _print_check(check: object) -> None:
    from modelkeep.hub.diagnose import Check

    assert isinstance(check, Check)
    if not on_terminal():
        print_plain([(check.name, check.outcome, check.sentence, check.hint)])
        return
    outcome = check.outcome.ljust(7)
    say(f"{click.style(outcome, fg=_COLOURS.get(check.outcome))} {readable(check.sentence)}")
    if check.hint:
        say(f"        {click.style(readable(check.hint), dim=True)}")

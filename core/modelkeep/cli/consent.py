"""Asking before something is lost: with the plan on the screen, or `--yes` where nobody can be asked."""

from __future__ import annotations

import click

from modelkeep.cli.output import Failure, can_ask, tell

__all__ = ["Unasked", "ask"]


class Unasked(Failure):
    """Nobody can be asked, and `--yes` was not given: bad usage."""

    exit_code = 2


def ask(question: str, *, yes: bool, default: bool = False) -> None:
    """Go on only with a yes. In a pipe raises `Unasked`; after a no the command ends.

    `default` is what Enter alone says."""
    if yes:
        return
    if not can_ask():
        raise Unasked(
            (
                "This cannot be asked in a pipe, so nothing was done.",
                "Look with --dry-run, then say --yes.",
            )
        )
    if not click.confirm(question, default, err=True):
        tell("Nothing was done.")
        raise click.exceptions.Exit(1)

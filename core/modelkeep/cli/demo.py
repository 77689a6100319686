"""`modelkeep demo`: everything once, for real, on a tiny model in caches of its own that are gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.output import print_json, readable, say
from modelkeep.cli.session import Session, common_options, pass_session

if TYPE_CHECKING:
    from modelkeep.cli.demo_steps import Outcome

__all__ = ["demo"]

_SIGNS = {"done": ("✓", "green"), "failed": ("✗", "red"), "left out": ("–", "yellow")}


@click.command("demo")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/demo"),
    show_default=True,
    metavar="DIR",
    help="Where the pictures of the window go.",
)
@common_options
@pass_session
@click.pass_context
def demo(context: click.Context, session: Session, folder: Path) -> None:
    """Try everything out on a tiny model, away from your caches.

    The model is imported, listed, verified, loaded, tried, exported, pushed, deleted and fetched in a temporary
    cache, by the same code and in the same window as your own. The exit status is 0 only if all of it worked.
    """
    from modelkeep.cli.demo_steps import run_demo

    outcomes = []
    with _own_places() as place:
        for outcome in run_demo(place, folder.absolute()):
            outcomes.append(outcome)
            if not session.json:
                _print(outcome)
    if session.json:
        print_json([outcome._asdict() for outcome in outcomes])
    context.exit(any(outcome.status == "failed" for outcome in outcomes))


def _print(outcome: Outcome) -> None:
    sign, colour = _SIGNS[outcome.status]
    seconds = click.style(f"{outcome.seconds:.1f} s", dim=True)
    say(f"{click.style(sign, fg=colour)} {outcome.step:<9} {readable(outcome.message)}, {seconds}")


@contextmanager
def _own_places() -> Iterator[Path]:
    """A folder for caches, settings and catalog: nothing of the user's is read or written."""
    before = os.environ.get("MODELKEEP_HOME")
    with tempfile.TemporaryDirectory(prefix="modelkeep-demo-") as folder:
        os.environ["MODELKEEP_HOME"] = os.path.join(folder, "home")
        try:
            yield Path(os.path.realpath(folder))
        finally:
            if before is None:
                del os.environ["MODELKEEP_HOME"]
            else:
                os.environ["MODELKEEP_HOME"] = before

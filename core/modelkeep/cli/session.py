"""What was said for every command: which caches, JSON or text; and the library that goes with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from modelkeep.cli.output import warn
from modelkeep.errors import ModelKeepError

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["Session", "common_options", "dry_run_option", "pass_session", "yes_option"]

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Session:
    """One call of the command. `roots` are those of `--root`, none for all that the user has."""

    roots: list[Path] = field(default_factory=list)
    json: bool = False
    debug: bool = False
    interrupted: threading.Event = field(default_factory=threading.Event)
    """Set by Ctrl-C while something is under way, which then stops where nothing is half done."""

    @contextmanager
    def library(self, *, all_roots: bool = False) -> Iterator[Library]:
        """The library of the chosen roots. What is wrong with settings or catalog is told, and does not stop it.

        `all_roots`: the user's other roots come after those that were chosen, for what they have need not be fetched.
        """
        from modelkeep.library import open_library

        roots: list[str | Path] = [*self.roots]
        if roots and all_roots:
            roots += open_library().roots
        with open_library(roots or None) as library:
            warn(library.problem)
            try:
                yield library
            finally:
                with suppress(ModelKeepError):  # it is not worse than what may be under way already
                    warn(library.catalog.problem)


pass_session = click.make_pass_decorator(Session, ensure=True)


def _session(context: click.Context) -> Session:
    return context.find_root().ensure_object(Session)


def _add_roots(context: click.Context, parameter: click.Parameter, value: tuple[Path, ...]) -> None:
    _session(context).roots += value


def _set_json(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    _session(context).json |= value


def _set_debug(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    _session(context).debug |= value


_root_option = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    multiple=True,
    expose_value=False,
    callback=_add_roots,
    metavar="DIR",
    help="Work with this cache instead of all of yours (repeatable).",
)
_json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_set_json, help="Print JSON (see docs/json.md)."
)
_debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, callback=_set_debug, help="Show where an error comes from."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def common_options(command: Command) -> Command:
    """The options that every command has, before its name and after it."""
    return _root_option(_json_option(_debug_option(command)))

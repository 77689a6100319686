"""`modelkeep roots`: the caches that Modelkeep looks at, beside the one of the Hub's own tools."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.evicting import limit_options, with_limits
from modelkeep.cli.output import on_terminal, print_json, print_plain, readable, say, tell, warn
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session
from modelkeep.text import age_text, size_text

if TYPE_CHECKING:
    from modelkeep.settings import Settings

__all__ = ["roots"]


@click.group("roots")
@common_options
def roots() -> None:
    """The caches that Modelkeep looks at: list, add, remove or limit.

    The default cache, where the Hub's own tools look, is always one of them.
    """


@roots.command("list")
@common_options
@pass_session
def list_roots(session: Session) -> None:
    """List the caches, and whether they are there now.

    In a pipe there is a line for each, with tabs between: root, state.
    """
    from modelkeep.cache.roots import root_state
    from modelkeep.paths import default_root
    from modelkeep.settings import all_roots, load_settings

    loaded = load_settings()
    warn(loaded.problem)
    listed = session.roots or all_roots(loaded.settings)
    states = [(path, *root_state(Path(os.path.realpath(path)).as_posix())) for path in listed]
    if session.json:
        print_json(
            [
                {
                    "root": os.path.abspath(path),
                    "state": state.value,
                    "message": message or None,
                    "default": path == default_root(),
                }
                for path, state, message in states
            ]
        )
    elif on_terminal():
        for path, state, _ in states:
            say(f"{readable(str(path))}{'' if state == 'ready' else f'  ({state.value})'}")
    else:
        print_plain((path, state.value) for path, state, _ in states)
    if os.environ.get("MODELKEEP_ROOTS") and not session.roots:
        tell("MODELKEEP_ROOTS is set, so the caches that it names are looked at instead.")


@roots.command("add")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@dry_run_option
@common_options
@pass_session
def add(session: Session, folder: Path, dry_run: bool) -> None:
    """Look at another cache too. It may be on a disk that is away now."""
    from modelkeep.settings import with_root

    _change(session, with_root, folder, dry_run, "add", "Added")
    if not folder.exists():
        warn(f"{os.path.abspath(folder)} is not there now.")


@roots.command("remove")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@dry_run_option
@common_options
@pass_session
def remove(session: Session, folder: Path, dry_run: bool) -> None:
    """Look at a cache no more. Nothing in it changes."""
    from modelkeep.settings import without_root

    _change(session, without_root, folder, dry_run, "remove", "Removed")


@roots.command("limit")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@limit_options
@click.option("--none", "forget", is_flag=True, help="No limits any more.")
@common_options
@pass_session
def limit(
    session: Session,
    folder: Path,
    max_size: int | None,
    older_than: float | None,
    order: str | None,
    grace: float | None,
    forget: bool,
) -> None:
    """Say how large a cache may become; alone, show it.

    A download, a fetch or an import that needs room under the limit makes it: its plan names the models that go to
    the trash for it. Else nothing goes by this alone: `modelkeep evict` shows what would go, and asks.
    """
    from modelkeep.cache.policy import CachePolicy
    from modelkeep.cli.evicting_shapes import limits

    root = os.path.realpath(folder)
    with session.library() as library:
        policy = library.space.policy(root)
        said = any(value is not None for value in (max_size, older_than, order, grace))
        if forget or said:
            policy = CachePolicy() if forget else policy
            policy = with_limits(policy, max_size, older_than, order, grace, together=False)
            library.space.set_policy(root, policy)
    if session.json:
        print_json({"root": root, **limits(policy)})
    elif not policy.limits:
        say(f"{readable(root)} may become as large as its disk.")
    else:
        size = f"at most {size_text(policy.max_size)}" if policy.max_size else "any size"
        age = f", nothing that was not used for {age_text(policy.expiry)}" if policy.expiry else ""
        say(f"{readable(root)}: {size}{age}; {policy.order} goes first.")


def _change(
    session: Session,
    changed: Callable[[Settings, Path], Settings],
    folder: Path,
    dry_run: bool,
    verb: str,
    done: str,
) -> None:
    """Change the list of caches, and say so; `changed` raises `SettingsError` for what makes no sense."""
    from modelkeep.settings import all_roots, change_settings, load_settings

    loaded = load_settings()
    warn(loaded.problem)
    if dry_run:
        settings = changed(loaded.settings, folder)
    else:
        settings = change_settings(lambda now: changed(now, folder))
    if session.json:
        print_json({"executed": not dry_run, "roots": [str(path) for path in all_roots(settings)]})
    else:
        place = readable(os.path.abspath(folder))
        say(f"Would {verb} {place}." if dry_run else f"{done} {place}.")

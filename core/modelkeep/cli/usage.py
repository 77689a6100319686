"""`modelkeep usage`: what each cache takes on its disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modelkeep.cli import shapes
from modelkeep.cli.looking import check_roots, scan_roots
from modelkeep.cli.output import on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.rows import RootView

__all__ = ["usage"]

_BAR = 40  # characters


@click.command("usage")
@common_options
@pass_session
def usage(session: Session) -> None:
    """Show what each cache takes on its disk.

    In a pipe there is a line for each cache, with tabs between: root, state, models, other, trash, staging,
    incomplete, free, total; all in bytes.
    """
    with session.library() as library:
        views = scan_roots(session, library)
        if session.json:
            print_json([shapes.root(view) for view in views])
        elif on_terminal():
            for number, view in enumerate(views):
                if number:
                    say()
                _print_root(view)
        else:
            print_plain(map(_line, views))
    check_roots(session, views)


def _line(view: RootView) -> tuple[object, ...]:
    parts = (view.models_on_disk, view.other, view.trash, view.staging, view.incomplete)
    return view.path, view.state, *parts, view.disk_free, view.disk_total


def _print_root(view: RootView) -> None:
    title = readable(view.path)
    if view.state != "ready":
        title += f" ({view.state})"
    say(click.style(title, bold=True))
    if view.message:
        return
    count = f"{view.models:,} {'model' if view.models == 1 else 'models'}"
    parts = [
        ("models", view.models_on_disk, count, "green"),
        ("other", view.other, "folders and files of other tools", "blue"),
        ("trash", view.trash, "modelkeep trash empty", "yellow"),
        ("staging", view.staging, "unfinished: modelkeep transfers list, staging list", "magenta"),
    ]
    say(f"  {_bar(view, [(size, colour) for _, size, _, colour in parts])}")
    for name, size, remark, colour in parts:
        if size or name == "models":
            dot = click.style("■", fg=colour)
            say(f"  {dot} {name:<10} {size_text(size):>8}  {click.style(remark, dim=True)}")
    if view.incomplete:
        part = click.style("of the models, unfinished downloads of other programs", dim=True)
        say(f"    {'incomplete':<10} {size_text(view.incomplete):>8}  {part}")
    of = click.style(f"of {size_text(view.disk_total)}", dim=True)
    say(f"  □ {'free':<10} {size_text(view.disk_free):>8}  {of}")


def _bar(view: RootView, parts: list[tuple[int, str]]) -> str:
    """The disk as a bar: our parts in colour, what others have on it shaded, what is free empty."""
    total = max(1, view.disk_total)
    bar, used = "", 0
    for size, colour in parts:
        width = max(1, round(_BAR * size / total)) if size else 0
        bar += click.style("█" * width, fg=colour)
        used += width
    free = round(_BAR * view.disk_free / total)
    rest = max(0, _BAR - used - free)
    return bar + click.style("▒" * rest, dim=True) + click.style("·" * max(0, _BAR - used - rest), dim=True)

"""`modelkeep gui`: the window."""

from __future__ import annotations

import click

from modelkeep.cli.output import Failure
from modelkeep.cli.session import Session, common_options, pass_session

__all__ = ["gui"]


@click.command("gui", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")
@common_options
@click.pass_context
@pass_session
def gui(session: Session, context: click.Context, arguments: tuple[str, ...]) -> None:
    """Open the window.

    ARGS are those of `modelkeep-gui`.
    """
    try:
        from PySide6 import QtWidgets  # noqa: F401 - only whether it can be loaded

        from modelkeep_gui.__main__ import main
    except ModuleNotFoundError as error:
        sentence = f"The window needs {error.name}, which is not installed."
        raise Failure((sentence, "Install it with: pip install 'modelkeep[gui]'")) from error
    except ImportError as error:
        libraries = "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0"
        hint = f"Install the library that it names. On Debian and Ubuntu: apt install {libraries}"
        raise Failure((f"The window cannot be opened ({error}).", hint)) from error
    roots = [part for root in session.roots for part in ("--root", str(root))]
    context.exit(main([*roots, *arguments]))

"""`modelkeep runtime`: the Python that runs models, and what it has for that."""

from __future__ import annotations

from dataclasses import replace

import click

from modelkeep.cli import trying_shapes as shapes
from modelkeep.cli.output import Failure, print_json, say
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.cli.trying_options import interpreter_of
from modelkeep.cli.trying_text import runtime_lines

__all__ = ["runtime"]


@click.command("runtime")
@click.option(
    "--interpreter", default="", metavar="PATH", help="Look at this Python instead of the chosen one."
)
@click.option("--set", "chosen", metavar="PATH", help="Let this Python run models from now on.")
@click.option("--own", is_flag=True, help="Let the Python of Modelkeep run them again.")
@common_options
@pass_session
def runtime(session: Session, interpreter: str, chosen: str | None, own: bool) -> None:
    """Show what the Python that runs models has, or choose another.

    It may be that of an environment of yours, with a PyTorch for your graphics card. Modelkeep need not be installed
    there. One that cannot run models is not chosen; the status is 1 then.
    """
    from modelkeep.settings import load_settings, save_settings

    if sum(map(bool, (interpreter, chosen, own))) > 1:
        raise click.UsageError("Name one Python: --interpreter, --set or --own.")
    with session.library() as library:
        settings = load_settings().settings
        path = interpreter_of(chosen or interpreter)
        if own:
            settings = replace(settings, inference=replace(settings.inference, interpreter=""))
            save_settings(settings)
        found = library.tryouts.interpreter(path, again=True)
        if chosen and not found.problem:
            save_settings(replace(settings, inference=replace(settings.inference, interpreter=path)))
    if session.json:
        print_json(shapes.runtime(found))
    else:
        for line in runtime_lines(found):
            say(line)
    if found.problem:
        raise Failure((found.problem, found.hint))

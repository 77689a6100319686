"""`modelkeep completion`: what makes a shell complete commands, options and the names of models."""

from __future__ import annotations

import click

from modelkeep.cli.output import say
from modelkeep.cli.session import common_options

__all__ = ["completion"]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands and names.

    \b
    bash:  echo 'eval "$(modelkeep completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(modelkeep completion zsh)"' >> ~/.zshrc
    fish:  modelkeep completion fish > ~/.config/fish/completions/modelkeep.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # click has all three
    say(kind(context.find_root().command, {}, "modelkeep", "_MODELKEEP_COMPLETE").source())

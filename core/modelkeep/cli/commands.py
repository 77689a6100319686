"""The command `modelkeep` itself: its commands by name, loaded when they are used, and how every one of them ends."""

from __future__ import annotations

import errno
import traceback
from importlib import import_module
from typing import Any, NamedTuple

import click

from modelkeep import __version__
from modelkeep.cli import STOPPED
from modelkeep.cli.output import Failure, tell, unwritten
from modelkeep.cli.session import Session, common_options
from modelkeep.errors import Cancelled, ModelKeepError

__all__ = ["COMMANDS", "modelkeep"]


class Home(NamedTuple):
    """Where a command is defined, and what the list of commands says of it."""

    module: str
    name: str
    summary: str


_SECTIONS = {
    "Look": {
        "list": Home("listing", "list_models", "List the models, what they cost and how whole they are."),
        "show": Home("showing", "show", "Show all that is known of a model."),
        "usage": Home("usage", "usage", "Show what each cache takes on its disk."),
        "log": Home("log", "log", "Show what was done: who, what, when, how many bytes."),
    },
    "Carry": {
        "import": Home("importing", "import_models", "Bring models from archives into a cache."),
        "export": Home("exporting", "export_models", "Write models to archives, for another machine."),
        "inventory": Home(
            "carrying", "inventory", "Write down what this site has, for the other side of an air gap."
        ),
        "bundle": Home(
            "carrying", "bundle", "Pack models for the other side of an air gap, less what it has."
        ),
        "staging": Home("staging", "staging", "What interrupted imports left: list, resume or clear it."),
    },
    "Trust": {
        "verify": Home("verify", "verify", "Tell whether models are what they should be, without a network."),
        "mend": Home("mending", "mend", "Bring back bad and missing files from where a good copy is."),
        "ready": Home("ready", "ready", "Tell whether models can be used offline, and what they lack."),
        "safety": Home("safety", "safety", "Look for what would run when a model is loaded."),
        "convert": Home(
            "converting", "convert", "Make safetensors of pickled weights; the old revision stays."
        ),
        "doctor": Home("doctor", "doctor", "Say what is wrong with your caches, and repair it."),
    },
    "Use": {
        "try": Home("trying", "try_model", "Ask a model that is here, without a network."),
        "train": Home("training", "train", "Fine-tune a model that is here on examples of yours."),
        "jobs": Home("jobs", "jobs", "Trainings and predictions: list, show, cancel or reorder them."),
        "runtime": Home(
            "runtime", "runtime", "Show what the Python that runs models has, or choose another."
        ),
    },
    "Hubs": {
        "search": Home("search", "search", "Search a hub for models."),
        "download": Home("download", "download", "Download a model from a hub into a cache."),
        "transfers": Home(
            "transfers", "transfers", "The queue of downloads: list, resume, cancel or reorder it."
        ),
        "updates": Home("updates", "updates", "Ask whether there is something newer; changes nothing."),
        "rollback": Home("rollback", "rollback", "Let main lead to another revision that is here."),
        "push": Home("push", "push", "Send a model or a folder to a hub, or to a remote."),
        "profile": Home("profile", "profile", "How to reach a hub: list, add, remove or test it."),
        "offline": Home("offline", "offline", "Turn the offline switch on or off, or tell how it is."),
        "serve": Home("serve", "serve", "Be a hub for other machines."),
    },
    "Remotes": {
        "remote": Home("remote", "remote", "Remotes by name: list, add or test them, see what they hold."),
        "fetch": Home("fetching", "fetch", "Fetch a model from a remote into a cache."),
        "copy": Home("copying", "copy", "Copy a model from one remote or cache to another."),
        "move": Home("copying", "move", "Copy a model to another place, then delete it where it was."),
        "sync": Home("syncing", "sync", "Copy what one place lacks of another, or what is followed."),
        "follow": Home("following", "follow", "Keep models of a remote here; alone, list what is kept."),
        "unfollow": Home("following", "unfollow", "Follow models of a remote no more; what is here stays."),
    },
    "Delete": {
        "delete": Home("deleting", "delete", "Delete models, revisions or files, into the trash."),
        "trash": Home("trash", "trash", "What was deleted: list, restore or empty it."),
        "evict": Home("evicting", "evict", "Make caches smaller: what was not used for longest goes first."),
    },
    "Keep": {
        "pin": Home("marks", "pin", "Pin models, so that nothing removes them."),
        "unpin": Home("marks", "unpin", "Take pins off models."),
        "note": Home("marks", "note", "Show or write a note on a model."),
        "roots": Home("roots", "roots", "The caches that Modelkeep looks at: list, add, remove or limit."),
        "registry": Home(
            "registry",
            "registry",
            "Models by names of their own: list, register or check them, download what is not here.",
        ),
    },
    "More": {
        "gui": Home("gui", "gui", "Open the window."),
        "demo": Home("demo", "demo", "Try everything out on a tiny model, away from your caches."),
        "completion": Home(
            "completion", "completion", "Print what makes a shell complete commands and names."
        ),
    },
}
COMMANDS = {name: home for section in _SECTIONS.values() for name, home in section.items()}


class Commands(click.Group):
    """Loads a command when it is used, and ends each in the same way."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        home = COMMANDS.get(cmd_name)
        if home is None:
            return None
        command: click.Command = getattr(import_module(f"modelkeep.cli.{home.module}"), home.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, COMMANDS))
        for title, section in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), home.summary) for name, home in section.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise _unknown(ctx, args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever stops it becomes a sentence and a status."""
        try:
            return super().invoke(ctx)
        except ModelKeepError as error:
            raise Failure((str(error), error.hint)) from error
        except (KeyboardInterrupt, Cancelled):
            tell("Stopped.")
            ctx.exit(STOPPED)
        except click.Abort as error:
            if isinstance(error.__context__, KeyboardInterrupt):
                tell("\nStopped.")
                ctx.exit(STOPPED)
            raise
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
                raise unwritten(error) from error  # what click itself prints, as the text of --help
            if ctx.ensure_object(Session).debug:
                traceback.print_exc()
            sentence = f"Something unexpected happened ({type(error).__name__}: {error})."
            raise Failure((sentence, "Run with --debug for the traceback.")) from error


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _unknown(ctx: click.Context, name: str) -> click.UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    return click.UsageError(
        f"There is no command “{name}”." + (f" Did you mean {near[0]}?" if near else ""), ctx
    )


@click.group(
    "modelkeep",
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@common_options
@click.pass_context
def modelkeep(context: click.Context) -> None:
    """Keep the machine-learning models of this machine: see what is cached and what it costs, carry models across
    an air gap, delete with undo.

    A model is named org/name, org/name@revision or hf@org/name@revision.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())

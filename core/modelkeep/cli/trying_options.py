"""The options of `modelkeep try`, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from modelkeep.cli.amounts import Size
from modelkeep.cli.trying_inputs import MESSAGE, Asked
from modelkeep.inference.values import TryOptions

if TYPE_CHECKING:
    from modelkeep.inference_choices import InferenceSettings

__all__ = ["asked_of", "interpreter_of", "options_of", "options_over", "settings_of", "trying_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_USUAL = TryOptions()

_OPTIONS = (
    click.option(
        "--task", default="", metavar="TASK", help="What to try it for, if not what it says itself."
    ),
    click.option(
        "--text", "texts", multiple=True, metavar="TEXT", help="A text; - is standard input (repeatable)."
    ),
    click.option(
        "--file",
        "files",
        type=_FILE,
        multiple=True,
        help="A file with a text on each line, with one text where a text is made of it, or a picture (repeatable).",
    ),
    click.option("--context", default="", metavar="TEXT", help="The text that has the answer to a question."),
    click.option("--context-file", type=_FILE, help="The same, from a file."),
    click.option("--image", "images", type=_FILE, multiple=True, help="A picture (repeatable)."),
    click.option(
        "--message",
        "messages",
        type=MESSAGE,
        multiple=True,
        metavar="ROLE:TEXT",
        help="What was said before: user:…, assistant:… or system:… (repeatable).",
    ),
    click.option("--system", default="", metavar="TEXT", help="What the model is told before all others."),
    click.option(
        "--chat/--no-chat", default=None, help="Put texts into the chat template of the model, or do not."
    ),
    click.option(
        "--max-tokens",
        type=click.IntRange(1),
        default=_USUAL.max_new_tokens,
        metavar="N",
        help="The most tokens that are made; 128 if not said.",
    ),
    click.option(
        "--temperature",
        type=click.FloatRange(0),
        default=_USUAL.temperature,
        metavar="X",
        help="How freely it chooses; 0, as if not said, is always the likeliest token.",
    ),
    click.option(
        "--top-p",
        type=click.FloatRange(0, 1),
        default=_USUAL.top_p,
        metavar="X",
        help="Choose among the likeliest tokens that together have this probability.",
    ),
    click.option("--seed", type=int, metavar="N", help="Choose the same again."),
    click.option("--stop", multiple=True, metavar="TEXT", help="End before this text (repeatable)."),
    click.option(
        "--top-k",
        type=click.IntRange(0),
        default=_USUAL.top_k,
        metavar="N",
        help="The most labels or candidates; 5 if not said, 0 for all.",
    ),
    click.option(
        "--multi-label/--single-label", default=None, help="Several labels may be right, or just one of them."
    ),
    click.option(
        "--from", "source_language", default="", metavar="LANG", help="The language to translate from."
    ),
    click.option("--to", "target_language", default="", metavar="LANG", help="The language to translate to."),
    click.option(
        "--device", default="auto", metavar="NAME", help="cpu, cuda, cuda:1, mps; by itself the best."
    ),
    click.option(
        "--dtype", default="auto", metavar="NAME", help="float32, bfloat16, …; by itself that of the file."
    ),
    click.option("--weights", default="", metavar="FILE", help="Which of several weights of the model."),
    click.option(
        "--allow-code", is_flag=True, help="Let it run code of its own; remembered for this commit."
    ),
    click.option(
        "--allow-unsafe",
        multiple=True,
        metavar="NAME",
        help="Load this model although dangerous files were found in it. It is written down.",
    ),
    click.option("--memory", type=Size(), metavar="SIZE", help="The most that it may take."),
    click.option("--anyway", is_flag=True, help="Load it also where it seems not to fit the memory."),
    click.option(
        "--timeout",
        type=click.FloatRange(0),
        metavar="SECONDS",
        help="The longest that loading it, or an answer, may take.",
    ),
    click.option(
        "--interpreter", metavar="PATH", help="The Python that runs it, with what is installed there."
    ),
    click.option(
        "--compare",
        "others",
        multiple=True,
        metavar="REVISION",
        help="Ask this one the same (repeatable); or a KEY.",
    ),
    click.option(
        "--save", type=click.Path(dir_okay=False, path_type=Path), help="Keep the result: JSON, or .md."
    ),
    click.option("--last", is_flag=True, help="Ask what this model was asked last."),
    click.option("--asked", "show_asked", is_flag=True, help="Show what it was asked last, and ask nothing."),
    click.option("--forget", is_flag=True, help="Forget what it was asked."),
)


def trying_options(command: Command) -> Command:
    """All of them, as a dictionary to the functions below."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_PLACES = {field.name: field.name for field in fields(TryOptions)} | {"max_new_tokens": "max_tokens"}
"""The options of an answer, and what they are called here."""


def options_of(said: dict[str, Any]) -> TryOptions:
    """How the model is to answer."""
    return TryOptions(**{name: said[place] for name, place in _PLACES.items()})


def options_over(before: TryOptions, said: dict[str, Any]) -> TryOptions:
    """How it was to answer before, but for what is said on the command line that runs."""
    source = click.get_current_context().get_parameter_source
    given = [name for name, place in _PLACES.items() if source(place) is ParameterSource.COMMANDLINE]
    return replace(before, **{name: said[_PLACES[name]] for name in given})


def settings_of(said: dict[str, Any]) -> InferenceSettings:
    """The user's settings, with what was said for this call."""
    from modelkeep.settings import load_settings

    chosen = load_settings().settings.inference
    if said["memory"] is not None:
        chosen = replace(chosen, memory=said["memory"])
    if said["timeout"] is not None:
        chosen = replace(chosen, seconds=said["timeout"])
    if said["interpreter"] is not None:
        chosen = replace(chosen, interpreter=interpreter_of(said["interpreter"]))
    return chosen


def interpreter_of(said: str) -> str:
    """The absolute path of a Python that was named as a shell would find it; "" is that of Modelkeep."""
    return str(Path(which(said) or said).expanduser().absolute()) if said else ""


def asked_of(said: dict[str, Any]) -> Asked:
    """What is asked."""
    return Asked(
        said["texts"],
        said["files"],
        said["images"],
        said["context"],
        said["context_file"],
        said["messages"],
        said["system"],
    )

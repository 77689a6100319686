"""What lets a command go on where something dangerous was found: the option, and the hint that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modelkeep.cli.keys import KEY
from modelkeep.errors import ModelKeepError, UnsafeModel

if TYPE_CHECKING:
    from modelkeep.keys import ModelKey

__all__ = ["allow_unsafe_import", "hint_of", "with_option"]

allow_unsafe_import = click.option(
    "--allow-unsafe",
    multiple=True,
    type=KEY,
    metavar="ORG/NAME",
    help="Import this model although dangerous things are in it; this once, and written down (repeatable).",
)


def hint_of(error: ModelKeepError, key: ModelKey | None) -> str:
    """The hint of an error about a model; where the model is not safe, with the option that allows it."""
    if key is None or not isinstance(error, UnsafeModel):
        return error.hint
    return with_option(error.hint, f"--allow-unsafe {key.repo_id}")


def with_option(hint: str, option: str) -> str:
    """A hint of the core, which knows of no options, with the one by which the command line does what it says."""
    return f"{hint.rstrip('.')}: {option}"

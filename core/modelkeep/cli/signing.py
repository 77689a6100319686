"""Keys on the command line: the one that signs, with its password, and those that are trusted."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.output import Failure, can_ask

if TYPE_CHECKING:
    from modelkeep.archive.minisign import PublicKey, SecretKey

__all__ = ["PASSWORD_VARIABLE", "new_password", "sign_option", "signer_of", "trusted_keys", "verify_option"]

PASSWORD_VARIABLE = "MODELKEEP_SIGN_PASSWORD"

_FILE = click.Path(exists=True, path_type=Path)

sign_option = click.option(
    "--sign",
    "sign_with",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="KEYFILE",
    help=f"Sign the checksums with this secret key (minisign's). Its password is asked for, or read from "
    f"{PASSWORD_VARIABLE}, or from standard input.",
)
verify_option = click.option(
    "--verify-with",
    "verify_with",
    type=_FILE,
    multiple=True,
    metavar="PUBFILE",
    help="Import only what this public key (minisign's), or one in this folder, has signed (repeatable).",
)


def signer_of(path: Path | None) -> SecretKey | None:
    """The key in a file, opened with its password where it has one."""
    if path is None:
        return None
    from modelkeep.archive.minisign import SecretKey, is_locked, read_key

    data = read_key(path)
    return SecretKey.parse(data, _password(f"Password of {path.name}") if is_locked(data) else None)


def trusted_keys(paths: tuple[Path, ...]) -> tuple[PublicKey, ...]:
    """The keys of `--verify-with`."""
    if not paths:
        return ()
    from modelkeep.archive.minisign import read_public_keys

    return read_public_keys(paths)


def new_password() -> str:
    """A password for a new key: asked for twice on a terminal."""
    password = _password("Password for the new key", confirm=True)
    if not password:
        raise Failure(("A key needs a password.", "With --no-password it is kept without one."))
    return password


def _password(prompt: str, *, confirm: bool = False) -> str:
    known = os.environ.get(PASSWORD_VARIABLE)
    if known is not None:
        return known
    if can_ask():
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))
    return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""

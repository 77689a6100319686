"""Where tokens are kept: the system's keyring, or a file of the user's own that nobody else may read.

A token of the environment (`HF_TOKEN`, `hf auth login`) belongs to the environment's hub and goes to no other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.disk import write_json
from modelkeep.errors import SettingsError
from modelkeep.hub.profile import Profile, Token
from modelkeep.paths import hub_tokens_file

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["forget_token", "keep_token", "token_for", "token_source", "tokens_file"]

_SERVICE = "modelkeep"
_HINT = "Keep the token in a file instead: “modelkeep profile add … --in-file”, or the box in the settings."


def tokens_file() -> Path:
    """Where tokens lie that the user wanted in a file."""
    return hub_tokens_file()


def token_for(profile: Profile) -> Token | None:
    """The token of a profile, None where there is none. Raises `SettingsError` when the keyring stays locked."""
    if profile.source == "environment":
        return _of_environment()
    if value := _in_file().get(profile.name):
        return Token(value, "file")
    if value := _from_keyring(profile.name):
        return Token(value, "keyring")
    return None


def token_source(profile: Profile) -> str:
    """Where the profile's token is, "" when there is none, or the keyring that may have it cannot be asked."""
    try:
        token = token_for(profile)
    except SettingsError:
        return ""
    return token.source if token else ""


def keep_token(name: str, value: str, *, in_file: bool = False) -> None:
    """Keep the token of the profile `name`, in place of any it had. `in_file`: the user said so.

    Raises `SettingsError` when there is no keyring, or it does not want to.
    """
    value = checked(value)
    if in_file:
        _write(_in_file() | {name: value})
        _forget_in_keyring(name)
        return
    with _keyring_errors() as keyring:
        keyring.set_password(_SERVICE, name, value)
    _forget_in_file(name)


def forget_token(name: str) -> None:
    """Forget the token of the profile `name`, wherever it is kept."""
    _forget_in_file(name)
    _forget_in_keyring(name)


def checked(value: str) -> str:
    """A token as it can be sent. Raises `SettingsError` for what cannot be one."""
    value = value.strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise SettingsError(
            "This cannot be a token: a token is one word of plain letters and digits.",
            hint="Copy it again from your settings on the hub.",
        )
    return value


# ---- the environment's


def _of_environment() -> Token | None:
    """As huggingface_hub finds it, in the same order (source: 2.4.0, `utils/_auth.py`)."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if value := _usable(os.environ.get(name, "")):
            return Token(value, name)
    home = os.path.expanduser(
        os.environ.get("HF_HOME")
        or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "huggingface")
    )
    path = os.environ.get("HF_TOKEN_PATH") or os.path.join(home, "token")
    try:
        value = _usable(Path(os.path.expandvars(os.path.expanduser(path))).read_text())
    except (OSError, ValueError):
        return None
    return Token(value, "hf auth login") if value else None


def _usable(value: str) -> str:
    try:
        return checked(value)
    except SettingsError:
        return ""


# ---- the keyring


@contextmanager
def _keyring_errors() -> Iterator[ModuleType]:
    """The keyring, its errors turned into ours."""
    import keyring
    from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

    try:
        yield keyring
    except NoKeyringError:
        raise SettingsError("This system has no keyring to keep a token in.", hint=_HINT) from None
    except KeyringLocked:
        raise SettingsError("The keyring is locked.", hint=f"Unlock it, or else: {_HINT}") from None
    except (KeyringError, OSError, RuntimeError) as error:
        # What an error of a backend says may quote what it was given.
        raise SettingsError(f"The keyring fails ({type(error).__name__}).", hint=_HINT) from None


def _from_keyring(name: str) -> str:
    if not _has_keyring():
        return ""
    with _keyring_errors() as keyring:
        value: str | None = keyring.get_password(_SERVICE, name)
        return value or ""


def _forget_in_keyring(name: str) -> None:
    if _from_keyring(name):
        with _keyring_errors() as keyring:
            keyring.delete_password(_SERVICE, name)


def _has_keyring() -> bool:
    """Whether there is a keyring at all: without one it holds no token, which is no error."""
    with _keyring_errors() as keyring:
        return bool(keyring.get_keyring().priority > 0)


# ---- the file


def _in_file() -> dict[str, str]:
    """Tokens by the names of their profiles."""
    path = tokens_file()
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}).", hint="See that the file belongs to you."
        ) from None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise SettingsError(
            f"{path} cannot be understood.", hint="Remove it, then give the tokens anew."
        ) from None
    return {name: value for name, value in said.items() if isinstance(value, str)}


def _forget_in_file(name: str) -> None:
    tokens = _in_file()
    if tokens.pop(name, None) is not None:
        _write(tokens)


def _write(tokens: dict[str, str]) -> None:
    path = tokens_file()
    try:
        if not tokens:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, tokens, mode=0o600)
    except OSError as error:
        raise SettingsError(
            f"The token cannot be kept in {path} ({error.strerror}).",
            hint="See that the folder belongs to you and its disk is not full.",
        ) from None

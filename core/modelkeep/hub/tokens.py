"""Where tokens are kept: the system's keyring, or a file of the user's own that nobody else may read.

A token of the environment (`HF_TOKEN`, `hf auth login`) belongs to the environment's hub and goes to no other.
"""

from __future__ import annotations

import os
from pathlib import Path

from modelkeep.errors import SettingsError
from modelkeep.hub.profile import Profile, Token
from modelkeep.kept_secrets import KeptSecrets
from modelkeep.paths import hub_tokens_file

__all__ = ["forget_token", "keep_token", "token_for", "token_source", "tokens_file"]

_TOKENS = KeptSecrets(
    "token",
    "Keep the token in a file instead: “modelkeep profile add … --in-file”, or the box in the settings.",
)
_OF_REMOTES = "remote:"  # names of keys that are no tokens, and go to no hub


def tokens_file() -> Path:
    """Where tokens lie that the user wanted in a file."""
    return hub_tokens_file()


def token_for(profile: Profile) -> Token | None:
    """The token of a profile, None where there is none. Raises `SettingsError` when the keyring stays locked."""
    if profile.source == "environment":
        return _of_environment()
    if profile.name.startswith(_OF_REMOTES):
        return None
    kept = _TOKENS.find(profile.name)
    return Token(kept.value, kept.source) if kept else None


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
    if name.startswith(_OF_REMOTES):
        raise SettingsError(f"A profile called “{name}” can have no token.", hint="Give it another name.")
    _TOKENS.keep(name, checked(value), in_file=in_file)


def forget_token(name: str) -> None:
    """Forget the token of the profile `name`, wherever it is kept."""
    if not name.startswith(_OF_REMOTES):
        _TOKENS.forget(name)


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

"""The keys of named remotes: kept as `remote:NAME` in the keyring or a file, or found where AWS's own tools look.

A key that is kept for a remote goes before those of the environment, and to no other remote.
"""

from __future__ import annotations

import configparser
import json
import os
from urllib.parse import parse_qs, urlsplit

from modelkeep.errors import SettingsError
from modelkeep.kept_secrets import KeptSecret, KeptSecrets
from modelkeep.named_remotes import Credentials, NamedRemote
from modelkeep.remote.naming import kind_of_url

__all__ = ["checked_key", "forget_key", "keep_key", "key_for", "key_source"]

_KEYS = KeptSecrets(
    "key", "Keep the key in a file of yours instead, or give it by AWS_ACCESS_KEY_ID and its like."
)
# What a section of the AWS files has that leads to a key.
_SAYS_KEY = (
    "aws_access_key_id",
    "credential_process",
    "role_arn",
    "sso_session",
    "sso_start_url",
    "source_profile",
)


def key_for(remote: NamedRemote) -> Credentials | None:
    """The key that is kept for a remote, None for none. Raises `SettingsError` when the keyring stays locked."""
    kept = _KEYS.find(_called(remote)) if _takes_key(remote) else None
    return _read(remote.name, kept) if kept else None


def keep_key(remote: NamedRemote, key: Credentials, *, in_file: bool = False) -> None:
    """Keep a key for a remote, in place of any that its name had. `in_file`: the user said so.

    Raises `SettingsError` for what is no key, and where there is no keyring, or it does not want to.
    """
    if not _takes_key(remote):
        what = "A hub takes the token of its profile" if _kind(remote) == "hub" else "A folder takes no key"
        raise SettingsError(f"{what}, so there is nothing to keep.", hint="Add the remote without a key.")
    key = checked_key(key)
    said = {"key_id": key.key_id, "secret": key.secret} | ({"token": key.token} if key.token else {})
    _KEYS.keep(_called(remote), json.dumps(said), in_file=in_file)


def forget_key(remote: NamedRemote) -> None:
    """Forget the key that the name of a remote has, wherever it is kept. Raises `SettingsError` when the keyring
    stays locked, but for a remote that takes no key."""
    try:
        _KEYS.forget(_called(remote))
    except SettingsError:
        if _takes_key(remote):
            raise


def key_source(remote: NamedRemote) -> str:
    """Where the key of a remote is found: "keyring", "file", "environment", "aws" (the files of AWS's tools), or
    for a hub as `token_source` says; "" for nowhere. Raises `SettingsError` as `key_for`.
    """
    kind = _kind(remote)
    if kind == "hub":
        return _of_hub(remote.url)
    kept = _KEYS.find(_called(remote)) if _takes_key(remote) else None
    if kept:
        return kept.source
    return _of_aws(remote.url) if kind == "s3" else ""


def checked_key(key: Credentials) -> Credentials:
    """A key as it can be sent. Raises `SettingsError`, which never quotes it."""
    key = key._replace(key_id=key.key_id.strip(), secret=key.secret.strip(), token=key.token.strip())
    for what, text in (("key's id", key.key_id), ("secret", key.secret), ("session token", key.token or "-")):
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise SettingsError(
                f"This cannot be a {what}: it is one word of plain letters, digits and signs.",
                hint="Copy it again from whoever runs the store.",
            )
    return key


def _called(remote: NamedRemote) -> str:
    return f"remote:{remote.name}"


def _kind(remote: NamedRemote) -> str:
    return kind_of_url(remote.url)


def _takes_key(remote: NamedRemote) -> bool:
    """Whether its kind has keys of its own: a folder has none, and a hub the token of its profile."""
    return _kind(remote) not in ("folder", "hub")


def _read(name: str, kept: KeptSecret) -> Credentials:
    try:
        said = json.loads(kept.value)
    except (ValueError, RecursionError):
        said = None
    match said:
        case {"key_id": str(key_id), "secret": str(secret), **rest}:
            token = rest.get("token", "")
            return Credentials(key_id, secret, token if isinstance(token, str) else "", kept.source)
    raise SettingsError(
        f"What is kept as the key of the remote “{name}” is no key.",
        hint="Add the remote again with its key.",
    )


def _of_aws(url: str) -> str:
    """As AWS's tools look for it; what a machine in their cloud is given by itself is not asked for here."""
    if os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY"):
        named = parse_qs(urlsplit(url).query).get("profile")
        if not named:
            return "environment"
    profile = (parse_qs(urlsplit(url).query).get("profile") or [os.environ.get("AWS_PROFILE") or "default"])[
        0
    ]
    places = (
        (os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials", profile),
        (
            os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config",
            profile if profile == "default" else f"profile {profile}",
        ),
    )
    return "aws" if any(_has_key(path, section) for path, section in places) else ""


def _has_key(path: str, section: str) -> bool:
    parser = configparser.RawConfigParser()
    try:
        parser.read(os.path.expanduser(path), encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return False
    return any(parser.has_option(section, name) for name in _SAYS_KEY)


def _of_hub(url: str) -> str:
    from modelkeep.hub.profiles import find_profile
    from modelkeep.hub.tokens import token_source

    return token_source(find_profile(url.partition(":")[2].partition("/")[0]))

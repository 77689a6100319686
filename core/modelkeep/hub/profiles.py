"""The list of ways to hubs: what the user keeps in the settings, and the one that the environment describes."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import replace
from urllib.parse import urlsplit

from modelkeep.errors import SettingsError
from modelkeep.hub.profile import NO_PROXY, OFFICIAL, Profile
from modelkeep.hub.tokens import forget_token
from modelkeep.settings import Settings, change_settings, load_settings

__all__ = [
    "ENVIRONMENT",
    "checked_profile",
    "default_name",
    "environment_profile",
    "find_profile",
    "list_profiles",
    "remove_profile",
    "save_profile",
    "set_default",
]

ENVIRONMENT = "default"
"""The name of the environment's profile."""

_TRUE = {"1", "on", "yes", "true"}  # as huggingface_hub reads them
_PROXIES = ("http", "https", "socks5", "socks5h")
_NAME_LENGTH = 64


def environment_profile() -> Profile:
    """What the Hub's own tools would use. Nothing of it is checked here, so that it can be shown as it is.

    Source: huggingface_hub 2.4.0, `constants.py`. The time for an ETag is what they give a question, that for a
    download what they give each piece of a file.
    """
    plain = Profile(ENVIRONMENT)
    return Profile(
        ENVIRONMENT,
        endpoint=(os.environ.get("HF_ENDPOINT") or OFFICIAL).strip().rstrip("/"),
        connect_timeout=_seconds("HF_HUB_ETAG_TIMEOUT") or plain.connect_timeout,
        read_timeout=_seconds("HF_HUB_DOWNLOAD_TIMEOUT") or plain.read_timeout,
        source="environment",
    )


def list_profiles() -> tuple[Profile, ...]:
    """All profiles, that of the environment first."""
    return environment_profile(), *load_settings().settings.profiles


def default_name() -> str:
    """The name of the profile that is used when none is named."""
    return load_settings().settings.default_profile or ENVIRONMENT


def find_profile(name: str = "") -> Profile:
    """The profile of that name, the default one for "". Raises `SettingsError` when there is none that works."""
    wanted = name or default_name()
    profiles = list_profiles()
    for profile in profiles:
        if profile.name == wanted:
            return _within_environment(checked_profile(profile))
    known = ", ".join(profile.name for profile in profiles)
    raise SettingsError(f"There is no profile “{wanted}”.", hint=f"There are these: {known}.")


def save_profile(profile: Profile, *, default: bool = False) -> Profile:
    """Add a profile to the settings, or replace the one of that name; returns it as it is kept.

    `default`: it is used from now on when none is named. Raises `SettingsError`.
    """
    kept = replace(checked_profile(profile), source="settings")
    if kept.name.casefold() == ENVIRONMENT.casefold():
        raise SettingsError(
            f"“{ENVIRONMENT}” is the profile that the environment describes, and cannot be changed here.",
            hint="Choose another name, or set HF_ENDPOINT.",
        )

    def changed(settings: Settings) -> Settings:
        profiles = list(settings.profiles)
        place = next((n for n, old in enumerate(profiles) if old.name == kept.name), len(profiles))
        profiles[place : place + 1] = [kept]
        return replace(
            settings,
            profiles=tuple(profiles),
            default_profile=kept.name if default else settings.default_profile,
        )

    change_settings(changed)
    return kept


def set_default(name: str) -> None:
    """Use this profile when none is named."""
    profile = find_profile(name)
    chosen = "" if profile.source == "environment" else profile.name
    change_settings(lambda settings: replace(settings, default_profile=chosen))


def remove_profile(name: str) -> None:
    """Forget a profile and its token. Raises `SettingsError` when there is none, or the token cannot be removed."""
    profile = next((one for one in list_profiles() if one.name == name), None)
    if profile is None:
        known = ", ".join(one.name for one in load_settings().settings.profiles)
        hint = f"There are these: {known}." if known else "None was added yet."
        raise SettingsError(f"There is no profile “{name}”.", hint=hint)
    if profile.source == "environment":
        raise SettingsError(
            f"“{ENVIRONMENT}” is the profile that the environment describes, and stays.",
            hint="Unset HF_ENDPOINT to use the Hugging Face Hub.",
        )
    # First: one that stays would go to whatever hub gets this name next.
    forget_token(profile.name)

    def changed(settings: Settings) -> Settings:
        default = settings.default_profile
        return replace(
            settings,
            profiles=tuple(one for one in settings.profiles if one.name != profile.name),
            default_profile="" if default == profile.name else default,
        )

    change_settings(changed)


def checked_profile(profile: Profile) -> Profile:
    """The profile, tidied. Raises `SettingsError` naming what cannot be used."""
    name = profile.name.strip()
    if not name or not name.isprintable() or len(name) > _NAME_LENGTH:
        raise SettingsError(
            "A profile needs a name.", hint=f"One line of text, at most {_NAME_LENGTH} characters."
        )
    if profile.connect_timeout <= 0 or profile.read_timeout <= 0 or profile.limit_rate < 0:
        raise SettingsError(
            f"The times of the profile “{name}” make no sense.", hint="They are seconds, more than 0."
        )
    return replace(
        profile,
        name=name,
        endpoint=_checked_endpoint(profile.endpoint),
        proxy=_checked_proxy(profile.proxy),
        ca_file=_checked_ca_file(profile.ca_file),
    )


def _checked_endpoint(text: str) -> str:
    endpoint = text.strip().rstrip("/")
    hint = f"It looks like {OFFICIAL} or http://10.0.0.5:8080."
    if not _is_address(endpoint, ("http", "https")):
        raise SettingsError(f"“{_without_password(endpoint)}” is not the address of a hub.", hint=hint)
    parts = urlsplit(endpoint)
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "The address of a hub holds no user and no password.", hint="Give the profile a token instead."
        )
    if parts.query or parts.fragment or "?" in endpoint or "#" in endpoint:
        raise SettingsError("The address of a hub ends before “?” and “#”.", hint=hint)
    return endpoint


def _checked_proxy(text: str) -> str:
    proxy = text.strip()
    if proxy in ("", NO_PROXY):
        return proxy
    if not _is_address(proxy, _PROXIES):
        raise SettingsError(
            f"“{_without_password(proxy)}” is not the address of a proxy.",
            hint=f"It looks like http://proxy:3128 or socks5h://proxy:1080; “{NO_PROXY}” is for no proxy at all.",
        )
    return proxy.rstrip("/")


def _checked_ca_file(text: str) -> str:
    if not text.strip():
        return ""
    path = os.path.abspath(os.path.expanduser(text.strip()))
    hint = "It is a PEM file: text with “BEGIN CERTIFICATE” in it. Ask whoever runs your network for it."
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise SettingsError(f"{path} holds no certificate.", hint=hint) from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).", hint=hint) from None
    return path


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in schemes
            and bool(parts.hostname)
            and parts.port != 0
            and not re.search(r"[\s\\]|[\x00-\x1f]", text)
        )
    except ValueError:
        return False


def _without_password(text: str) -> str:
    """An address to be shown."""
    return re.sub(r"//[^/]*@", "//…@", text)


def _within_environment(profile: Profile) -> Profile:
    """A profile as far as the environment lets it: it may forbid Xet for all."""
    if profile.xet and os.environ.get("HF_HUB_DISABLE_XET", "").lower() in _TRUE:
        return replace(profile, xet=False)
    return profile


def _seconds(variable: str) -> float:
    """Seconds that a variable says, 0.0 where it says nothing that makes sense."""
    try:
        seconds = float(os.environ.get(variable, ""))
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < 1e6 else 0.0

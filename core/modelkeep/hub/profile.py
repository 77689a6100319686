"""How to reach a hub. A profile holds no secret: tokens are kept apart (see `modelkeep.hub.tokens`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["NO_PROXY", "OFFICIAL", "Profile", "ProfileView", "Token"]

OFFICIAL = "https://huggingface.co"
NO_PROXY = "none"
"""A profile's `proxy` when not even the proxy of the environment is to be used."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A hub and the way to it. Times are seconds, rates bytes a second (0 for no limit).

    `source` says where it comes from: "settings" (the user's list) or "environment" (`HF_ENDPOINT` and what the Hub's
    own tools read), which cannot be edited.
    """

    name: str
    endpoint: str = OFFICIAL
    proxy: str = ""
    """`http://…`, `https://…`, `socks5://…` or `socks5h://…`; "" for what the environment says, "none" for none."""
    ca_file: str = ""
    """A PEM file of authorities to trust in place of the usual ones."""
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    xet: bool = False
    """Whether files that the hub stores in Xet come by Xet, through huggingface_hub, instead of plain HTTP."""
    limit_rate: int = 0
    source: str = "settings"


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile, whether it is the one that is used when none is named, and where its token comes from ("": none)."""

    profile: Profile
    is_default: bool
    token_source: str


class Token(NamedTuple):
    """A token and where it was found: "keyring", "file", "HF_TOKEN", "hf auth login"."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Token(…, source={self.source!r})"  # never into a log

"""What is said of profiles, and what is wrong with what one types for them. No widget in here."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from modelkeep.text import parse_size, size_text

__all__ = [
    "ca_problem",
    "endpoint_problem",
    "host_of",
    "name_problem",
    "outcome_sign",
    "outcome_text",
    "proxy_problem",
    "rate_of",
    "rate_problem",
    "rate_text",
    "token_text",
    "variable_in",
    "variables",
]

_PROXIES = ("http", "https", "socks5", "socks5h")

# What the Hub's own tools and the network library beneath ours read.
_VARIABLES = (
    "HF_ENDPOINT",
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_TOKEN_PATH",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "HF_HUB_DOWNLOAD_TIMEOUT",
    "HF_HUB_DISABLE_XET",
)
_VARIABLE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")


def variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The variables that are set and say how to reach a hub."""
    return [name for name in _VARIABLES if environment.get(name) or environment.get(name.lower())]


def variable_in(sentence: str) -> str:
    """The variable that a sentence names, "" for none."""
    found = _VARIABLE.search(sentence)
    return found.group() if found else ""


def host_of(endpoint: str) -> str:
    """An address without what every address has: "huggingface.co", "10.0.0.4:8000/mirror"."""
    parts = urlsplit(endpoint)
    host = parts.netloc.rpartition("@")[2]
    return f"{host}{parts.path.rstrip('/')}" or endpoint


def token_text(source: str) -> str:
    """Where a token comes from, in words."""
    match source:
        case "":
            return _tr("none")
        case "keyring":
            return _tr("in the system’s keyring")
        case "file":
            return _tr("in a file")
        case _:
            return _tr("from {}").format(source)


def rate_text(rate: int) -> str:
    """A limit as one types it: "10 MB", "" for none."""
    text = size_text(rate) if rate else ""
    return text if not rate or parse_size(text) == rate else f"{rate} B"


def rate_of(text: str) -> int:
    """Bytes a second; only without a `rate_problem`."""
    return parse_size(text) if text.strip() else 0


# ---- what is wrong, "" for nothing


def name_problem(name: str, taken: Collection[str]) -> str:
    if not name.strip():
        return _tr("Give it a name.")
    if not name.isprintable():
        return _tr("A name is one line of text.")
    if name.strip().casefold() in {other.casefold() for other in taken}:
        return _tr("There is a profile of that name already.")
    return ""


def endpoint_problem(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or re.search(r"\s", endpoint.strip()):
        return _tr("Write an address such as https://huggingface.co.")
    if parts.username or parts.password:
        return _tr("An address holds no password: put the token into its own field.")
    if parts.query or parts.fragment:
        return _tr("An address ends before “?” and “#”.")
    return ""


def proxy_problem(proxy: str) -> str:
    try:
        parts = urlsplit(proxy.strip())
        is_address = parts.scheme in _PROXIES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    return "" if is_address else _tr("Write an address such as http://proxy:3128 or socks5h://proxy:1080.")


def ca_problem(path: str) -> str:
    if not path.strip():
        return ""
    place = Path(path.strip()).expanduser()
    if not place.is_file():
        return _tr("There is no such file.")
    try:
        with place.open("rb") as file:
            is_pem = b"-----BEGIN CERTIFICATE-----" in file.read(1 << 20)
    except OSError as error:
        return _tr("It cannot be read ({}).").format(error.strerror or error)
    return "" if is_pem else _tr("It holds no certificate in PEM form.")


def rate_problem(text: str) -> str:
    try:
        rate_of(text)
    except ValueError:
        return _tr("Write a size with its unit, such as 10 MB, or nothing.")
    return ""


# ---- what a test found


def outcome_sign(outcome: str) -> tuple[str, str]:
    """The icon and the tone for how a check ended."""
    match outcome:
        case "good" | "ok":
            return "whole", "good"
        case "warn":
            return "warning", "warn"
        case "bad":
            return "damaged", "bad"
        case _:
            return "unproven", "muted"


def outcome_text(outcome: str) -> str:
    """The same in a word, for who cannot see it."""
    match outcome:
        case "good" | "ok":
            return _tr("works")
        case "warn":
            return _tr("take care")
        case "bad":
            return _tr("does not work")
        case _:
            return _tr("not tried")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Profiles", text)

"""Where a remote is: its parts, and the URL that they make. No widget in here."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from PySide6.QtCore import QCoreApplication

__all__ = [
    "Address",
    "Kind",
    "bucket_problem",
    "endpoint_problem",
    "folder_problem",
    "name_problem",
    "parsed",
    "url_problem",
]

Kind = Literal["folder", "s3", "hub", "other"]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_KEPT = ("endpoint", "region", "profile")


@dataclass(frozen=True)
class Address:
    """The parts of a URL of a remote; `kind` says which of them count. `rest` are parameters of no field here."""

    kind: Kind = "folder"
    folder: str = ""
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    profile: str = ""
    rest: tuple[tuple[str, str], ...] = ()
    hub: str = ""
    owner: str = ""
    other: str = ""

    @property
    def url(self) -> str:
        if self.kind == "folder":
            return str(Path(self.folder).expanduser()) if self.folder else ""
        if self.kind == "hub":
            return "/".join(filter(None, (f"hub:{self.hub}", self.owner)))
        if self.kind == "other":
            return self.other
        given = ((name, getattr(self, name)) for name in _KEPT)
        query = urlencode([pair for pair in (*given, *self.rest) if pair[1]], safe=":/")
        place = "/".join(filter(None, (f"s3://{self.bucket}", quote(self.prefix.strip("/")))))
        return f"{place}?{query}" if query else place


def parsed(url: str) -> Address:
    """The parts of a URL; whatever has no fields here is kept as it is."""
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return Address("folder", folder=unquote(urlsplit(url).path))
    if scheme == "s3":
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        given = {name: query.pop(name, "") for name in _KEPT}
        prefix = unquote(parts.path.strip("/"))
        return Address("s3", bucket=parts.netloc, prefix=prefix, rest=tuple(query.items()), **given)
    if scheme == "hub":
        hub, _, owner = url.removeprefix("hub:").partition("/")
        return Address("hub", hub=hub, owner=owner)
    if len(scheme) > 1:  # a single letter is a drive
        return Address("other", other=url)
    return Address("folder", folder=url)


# ---- what is wrong, "" for nothing


def name_problem(name: str, taken: Collection[str]) -> str:
    text = name.strip()
    if not text:
        return _tr("Give it a name.")
    if not re.fullmatch(r"\w[\w.-]{0,63}", text):
        return _tr("A name is one word of letters, digits, “-”, “_” and “.”.")
    if text.casefold() in {other.casefold() for other in taken}:
        return _tr("There is a remote of that name already.")
    return _tr("“here” means the caches of this machine.") if text.casefold() == "here" else ""


def folder_problem(folder: str) -> str:
    if not folder.strip():
        return _tr("Choose a folder.")
    place = Path(folder.strip()).expanduser()
    if not place.is_absolute():
        return _tr("Write the whole path, from the root on.")
    return _tr("It is no folder.") if place.exists() and not place.is_dir() else ""


def bucket_problem(bucket: str) -> str:
    if not bucket.strip():
        return _tr("Name the bucket.")
    if not _BUCKET.fullmatch(bucket.strip()):
        return _tr("A bucket has 3 to 63 small letters, digits, “-” and “.”.")
    return ""


def url_problem(url: str) -> str:
    if not urlsplit(url.strip()).scheme:
        return _tr("Write a URL with its scheme, such as scheme://place.")
    parts = urlsplit(url.strip())
    return _tr("A URL holds no password here.") if parts.password else ""


def endpoint_problem(endpoint: str) -> str:
    text = endpoint.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        return _tr("Write an address such as https://s3.example.org.")
    return _tr("An address holds no password: put the key into its own fields.") if parts.username else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Remotes", text)

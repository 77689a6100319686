"""`SHA256SUMS`: a line per file, as `sha256sum` writes it and `sha256sum -c` checks it anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

from modelkeep.errors import DamagedArchive

__all__ = ["SIGNATURE_NAME", "SUMS_NAME", "format_sums", "parse_sums"]

SUMS_NAME = "SHA256SUMS"
SIGNATURE_NAME = f"{SUMS_NAME}.minisig"
"""Its signature, as minisign makes it: `minisign -Vm SHA256SUMS` checks it anywhere."""

# A leading backslash says that the name is escaped; " " or "*" before the name is text or binary, which is the same.
_LINE = re.compile(r"(\\?)([0-9A-Fa-f]{64}) [ *](.+)", re.DOTALL)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escaped: character for character, escaped in _ESCAPES.items()}


def parse_sums(data: bytes) -> dict[str, str]:
    """Read a `SHA256SUMS`: the sum, 64 lower-case hex digits, by file name.

    Empty lines, comments, CRLF and a "./" before a name are taken as `sha256sum` takes them. Raises `DamagedArchive`
    for any other line, and for a name with two different sums.
    """
    sums: dict[str, str] = {}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedArchive(f"{SUMS_NAME} is not text.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise DamagedArchive(f"{SUMS_NAME} has a line {number} that is no checksum.")
        escaped, digest, name = match.groups()
        name = (_unescape(name, number) if escaped else name).removeprefix("./")
        if sums.setdefault(name, digest.lower()) != digest.lower():
            raise DamagedArchive(f"{SUMS_NAME} has two checksums for {name}.")
    return sums


def format_sums(sums: Mapping[str, str]) -> bytes:
    """Write a `SHA256SUMS` from sums by file name, sorted by name."""
    return "".join(_line(name, digest) for name, digest in sorted(sums.items())).encode()


def _line(name: str, digest: str) -> str:
    escaped = "".join(_ESCAPES.get(character, character) for character in name)
    return f"{'' if escaped == name else chr(92)}{digest}  {escaped}\n"


def _unescape(name: str, number: int) -> str:
    try:
        return re.sub(r"\\.?", lambda match: _UNESCAPES[match[0]], name)
    except KeyError as error:
        raise DamagedArchive(f"{SUMS_NAME} has a line {number} that is no checksum.") from error

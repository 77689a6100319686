"""Figures as people read them, the same in the window and on the terminal, and read back from what people write.

Sizes are decimal (1 GB = 1,000,000,000 bytes), as disks are sold and as the Hub shows them.
"""

from __future__ import annotations

import math
import os
import re
import time

__all__ = ["age_text", "count_text", "exact_size_text", "parse_size", "path_text", "size_text", "time_text"]

_SIZE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_COUNT_UNITS = ("", "K", "M", "B", "T")

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MONTH, _YEAR = 30 * _DAY, 365 * _DAY

# A number as people type it, with "," or "." before the fraction, and a unit: 1GB, 1.5 GiB, 500M.
_SIZE = re.compile(r"([0-9]{1,15}(?:[.,][0-9]{1,15})?)\s*(?:([kmgtpe])(i?)b?|b)", re.IGNORECASE)


def size_text(size: int) -> str:
    """Bytes as "433 MB" or "1.2 GB": at least two digits count."""
    return _short(size, 1000, _SIZE_UNITS)


def exact_size_text(size: int) -> str:
    """Bytes to the last one: "1,234,567,890 bytes"."""
    return f"{size:,} byte" if size == 1 else f"{size:,} bytes"


def count_text(count: int) -> str:
    """A large count as "108 M" or "7.2 B" (billions), as people speak of parameters."""
    return _short(count, 1000, _COUNT_UNITS).rstrip()


def age_text(seconds: float) -> str:
    """A length of time by its largest unit: "now", "12 min", "5 h", "23 d", "7 mo", "3 y"."""
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h"
    if seconds < 2 * _MONTH:
        return f"{int(seconds // _DAY)} d"
    if seconds < 2 * _YEAR:
        return f"{int(seconds // _MONTH)} mo"
    return f"{int(seconds // _YEAR)} y"


def time_text(when: float) -> str:
    """A time (seconds since the epoch, UTC) as "2026-03-01 14:05:10" where the reader is; "" for 0."""
    if not when:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))
    except (ValueError, OverflowError, OSError):
        return ""  # a file system can hold times that no calendar has


def path_text(path: str) -> str:
    """A path with the user's home folder as "~"."""
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if path.startswith((f"{home}/", f"{home}{os.sep}")) else path


def parse_size(text: str) -> int:
    """Bytes from "500MB", "1.5 GiB" or "2g"; raises `ValueError` for anything else, so also without a unit."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is not a size.")
    number, prefix, binary = match.groups()
    power = "kmgtpe".index(prefix.lower()) + 1 if prefix else 0
    return math.floor(float(number.replace(",", ".")) * (1024.0 if binary else 1000.0) ** power)


def _short(number: int, step: int, units: tuple[str, ...]) -> str:
    if number < step:
        return f"{number} {units[0]}"
    scaled = float(number)
    for unit in units:
        # 999.6 would be written "1000": it belongs to the next unit, as 1.0.
        if scaled < step - 0.5 or unit == units[-1]:
            return f"{scaled:.1f} {unit}" if scaled < 9.95 else f"{scaled:.0f} {unit}"
        scaled /= step
    raise AssertionError("the last unit takes every number")

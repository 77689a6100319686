"""Sizes and lengths of time as people write them on the command line."""

from __future__ import annotations

import re

import click

from modelkeep.text import parse_size

__all__ = ["Age", "Size", "VolumeSize", "seconds_of"]

_AGE = re.compile(r"([0-9]{1,6})\s*(min|h|d|w|mo|y)", re.IGNORECASE)
_SECONDS = {"min": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "mo": 30 * 86400, "y": 365 * 86400}
_FAT32 = (4 << 30) - 1  # the largest file of FAT32


class Size(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """Bytes as people write them."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            size = parse_size(value)
        except ValueError:
            size = 0
        if size < 1:
            self.fail(f"“{value}” is not a size, such as 4GB or 700MiB.", param, ctx)
        return size


class VolumeSize(Size):
    """Bytes of a volume, which may also be the most that a file system takes."""

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return _FAT32 if str(value).lower() == "fat32" else super().convert(value, param, ctx)


class Age(click.ParamType):  # type: ignore[type-arg] # as above
    """Seconds, as people write a length of time."""

    name = "age"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        seconds = seconds_of(value)
        if seconds is None:
            self.fail(f"“{value}” is not a length of time, such as 10min, 12h, 10d or 3mo.", param, ctx)
        return seconds


def seconds_of(text: str) -> float | None:
    """The seconds of "7d", "12h" or "3mo"; None for what is no length of time."""
    found = _AGE.fullmatch(text.strip())
    return float(int(found[1]) * _SECONDS[found[2].lower()]) if found else None

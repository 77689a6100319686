"""A rate on the command line: `10MB`, `500 kB/s`, `1.5MiB`."""

from __future__ import annotations

import click

from modelkeep.text import parse_size

__all__ = ["RATE"]


class RateType(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """Bytes a second as a person writes them; 0 is no limit."""

    name = "rate"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = value.strip().removesuffix("/s").removesuffix("ps")
        if text == "0":
            return 0
        try:
            return parse_size(f"{text}B" if text.isdigit() else text)
        except ValueError:
            self.fail(f"“{value}” is not a rate; write 10MB for ten million bytes a second.", param, ctx)


RATE = RateType()

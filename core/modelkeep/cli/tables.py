"""Tables for people: as wide as the terminal at most, the least important columns left out where it is narrow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from modelkeep.cli.output import elided, readable

__all__ = ["Cell", "Column", "print_table", "terminal"]

_GAP = 2
_NAME_AT_LEAST = 24

Cell = str | Text


class Column(NamedTuple):
    """A column. `rank` says what goes first when there is no room: the highest; 0 stays."""

    title: str
    right: bool = False
    rank: int = 0
    style: str = ""


def terminal(*, error: bool = False) -> Console:
    """The terminal behind standard output or error, which gets text as it is: nothing in it is markup."""
    return Console(
        file=sys.stderr if error else sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False
    )


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, error: bool = False) -> None:
    """Print rows beneath the titles of their columns; a column in which nothing is said is left out.

    The first column is the name, which is shortened before a column is dropped for it.
    """
    console = terminal(error=error)
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max([cell_len(column.title), *(row[number].cell_len for row in cells)])
        for number, column in enumerate(columns)
    ]
    shown = [number for number in range(len(columns)) if any(row[number].plain for row in cells)]
    natural, widths[0] = widths[0], min(widths[0], max(_NAME_AT_LEAST, console.width * 2 // 5))
    while _total(widths, shown) > console.width and any(columns[number].rank for number in shown):
        shown.remove(max(shown, key=lambda number: columns[number].rank))
    room = widths[0] + console.width - _total(widths, shown)
    widths[0] = min(natural, max(_NAME_AT_LEAST, room))
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    for number in shown:
        column = columns[number]
        justify: JustifyMethod = "right" if column.right else "left"
        table.add_column(
            column.title, justify=justify, style=column.style, width=widths[number], no_wrap=True
        )
    for row in cells:
        name = row[0]
        if name.cell_len > widths[0]:
            row[0] = Text(elided(name.plain, widths[0]), style=name.style)
        table.add_row(*(row[number] for number in shown))
    console.print(table)


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[number] for number in shown) + _GAP * (len(shown) - 1)


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(readable(cell))

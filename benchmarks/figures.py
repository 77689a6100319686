"""What pairs of runs amount to: a ratio with its spread, held against what it must be; and the table of all."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from pairs import Reading

__all__ = ["HEADER", "Measure", "Row", "main", "ratio", "value"]


class Row(NamedTuple):
    """A line of the table. `must` and `goal` are the most that the ratio, or without a peer the value, may be."""

    code: str
    what: str
    ours: str
    peer: str = ""
    ratio: str = ""
    spread: str = ""
    cpu: str = ""
    must: str = ""
    goal: str = ""
    verdict: str = ""

    def __str__(self) -> str:
        cells = (cell.ljust(w) if w > 0 else cell.rjust(-w) for cell, w in zip(self, _WIDTHS, strict=True))
        return "  ".join(cells).rstrip()


_WIDTHS = (3, 52, -11, -11, -6, -15, -6, -6, -6, 6)
HEADER = str(Row("", "", "ours", "peer", "ratio", "least … most", "of CPU", "must", "goal"))

Measure = Callable[[Sequence[int], int], Iterator[Row | str]]
"""A command: it gets sizes and a number of rounds; where something cannot be measured it yields a sentence."""

_MIB = (1 / (1 << 20), "MiB")
_UNITS = {"wall": (1000, "ms"), "peak": _MIB, "space": _MIB}  # all else is in milliseconds already


def ratio(
    code: str,
    what: str,
    ours: Sequence[Reading],
    peer: Sequence[Reading],
    *,
    of: str = "wall",
    must: float | None = None,
    goal: float | None = None,
) -> Row:
    """What ours took of what the peer took just then or before: the median, the least and the most."""
    ratios = [mine[of] / other[of] for mine, other in zip(ours, peer, strict=True)]
    has_cpu = of == "wall" and "cpu" in ours[0] and "cpu" in peer[0]
    cpu = median(mine["cpu"] / other["cpu"] for mine, other in zip(ours, peer)) if has_cpu else None
    return Row(
        code,
        what,
        _amount(of, [reading[of] for reading in ours]),
        _amount(of, [reading[of] for reading in peer]),
        _number(median(ratios)),
        f"{_number(min(ratios))} … {_number(max(ratios))}",
        _number(cpu),
        _number(must),
        _number(goal),
        _verdict(median(ratios), must, goal),
    )


def value(
    code: str,
    what: str,
    readings: Sequence[Reading],
    *,
    of: str = "wall",
    must: float | None = None,
    goal: float | None = None,
) -> Row:
    """What ours took where there is no peer; `must` and `goal` are in the unit that is shown."""
    numbers = [reading[of] for reading in readings]
    values = [number * _scale(of) for number in numbers]
    return Row(
        code,
        what,
        _amount(of, numbers),
        spread=f"{_number(min(values))} … {_number(max(values))}",
        must=_number(must),
        goal=_number(goal),
        verdict=_verdict(median(values), must, goal),
    )


def main(
    measure: Measure, about: str | None, *, sizes: Sequence[int], quick: Sequence[int], rounds: int, unit: str
) -> None:
    """Run a command with the arguments of this process: print its rows as they come."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--size", type=int, nargs="+", help=f"{unit} (default: {' '.join(map(str, sizes))})")
    parser.add_argument("--rounds", type=int, help=f"pairs of runs (default: {rounds})")
    parser.add_argument("--quick", action="store_true", help="a smaller size, and a third of the rounds")
    parser.add_argument("--no-header", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.no_header:
        print(HEADER, flush=True)
    chosen = given.size or (quick if given.quick else sizes)
    for row in measure(chosen, given.rounds or (-(-rounds // 3) if given.quick else rounds)):
        print(row, flush=True)


def _amount(of: str, numbers: Sequence[float]) -> str:
    middle = median(numbers) * _scale(of)
    return f"{middle:,.{1 if middle < 100 else 0}f} {_UNITS[of][1] if of in _UNITS else 'ms'}"


def _scale(of: str) -> float:
    return _UNITS[of][0] if of in _UNITS else 1


def _number(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number >= 10 else f"{number:.{2 if number >= 0.095 else 3}f}"


def _verdict(number: float, must: float | None, goal: float | None) -> str:
    if goal is not None and number <= goal:
        return "goal"
    return "" if must is None else "must" if number <= must else "MISSED"

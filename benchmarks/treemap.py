"""The treemap of thousands of models: laying it out and painting it, against painting as many plain rectangles.

    python benchmarks/treemap.py

There is no figure for it in the goals; a frame of 30 ms at 5,000 models is what a person takes for at once.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio
from pairs import Reading, child, in_turn
from windows import OFFSCREEN

_SIZE = (1600, 1000)


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        ours, plain = in_turn(
            rounds, partial(_painted, "ours", size), partial(_painted, "plain", size), warm=False
        )
        yield ratio("", f"treemap painted, {size:,} models", ours, plain, of="paint")
        yield ratio("", f"treemap laid out and painted, {size:,} models", ours, plain, of="all")


def _painted(kind: str, models: int) -> Reading:
    return dict(json.loads(child(os.fspath(Path(__file__)), kind, str(models), **OFFSCREEN).stdout))


def _paint_ours(models: int) -> Reading:
    """Milliseconds, the quickest of several."""
    from PySide6.QtWidgets import QApplication

    from modelkeep_gui.usage.treemap import Treemap
    from windows import make_rows

    application = QApplication([])
    treemap = Treemap()
    treemap.resize(*_SIZE)
    rows = make_rows("/cache", models)
    began = time.perf_counter()
    treemap.set_rows(rows)
    laid_out = time.perf_counter() - began
    paint = min(_seconds(lambda: _again(treemap)) for _ in range(7))
    del application
    return {"paint": 1000 * paint, "all": 1000 * (laid_out + paint)}


def _again(treemap: object) -> None:
    treemap._pixmap = None  # type: ignore[attr-defined]
    treemap._painted(treemap.picture)  # type: ignore[attr-defined]


def _paint_plain(models: int) -> Reading:
    from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPixmap

    application = QGuiApplication([])
    pixmap = QPixmap(*_SIZE)
    across = int(models**0.5) + 1
    wide, high = _SIZE[0] // across, _SIZE[1] // across

    def paint() -> None:
        pixmap.fill(QColor("white"))
        painter = QPainter(pixmap)
        for number in range(models):
            colour = QColor.fromHsv(number % 360, 120, 200)
            painter.fillRect(number % across * wide, number // across * high, wide, high, colour)
        painter.end()

    seconds = min(_seconds(paint) for _ in range(7))
    del application
    return {"paint": 1000 * seconds, "all": 1000 * seconds}


def _seconds(do: object) -> float:
    began = time.perf_counter()
    do()  # type: ignore[operator]
    return time.perf_counter() - began


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["plain"]):
        paint = _paint_ours if sys.argv[1] == "ours" else _paint_plain
        print(json.dumps(paint(int(sys.argv[2]))))
    else:
        main(measure, __doc__, sizes=[1000, 5000, 20_000], quick=[1000, 5000], rounds=5, unit="models")

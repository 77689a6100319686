"""The progress bar: one line, whatever the width of the terminal."""

from __future__ import annotations

import pytest

from modelkeep.cli import bars
from modelkeep.cli.bars import fitted
from modelkeep.progress import Progress

STEP = "Downloading hf@sentence-transformers/all-MiniLM-L6-v2"
FILE = "model-00001-of-00004.safetensors"


@pytest.mark.parametrize(("width", "bar"), [(60, 12), (80, 12), (99, 12), (100, 28), (200, 28)])
def test_what_goes_on_fits_one_line(width: int, bar: int) -> None:
    for step in (STEP, "Downloading hf@org/x"):
        shown, item = fitted(step, FILE, width)
        assert len(f"{shown} {item}") + bar + len(" 999 MB of 1.0 GB  1:00:00 ") <= width
        assert shown.startswith("Down")


def test_the_file_gives_way_before_the_model_does() -> None:
    step, item = fitted("Downloading hf@org/x", FILE, 80)
    assert step == "Downloading hf@org/x"
    assert item.startswith("model-")
    assert fitted(STEP, FILE, 200) == (STEP, FILE)


def test_a_bar_that_made_way_for_a_line_comes_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(bars, "_PATIENCE", 0.0)
    bar = bars.Bars()
    for done in range(2):
        bar.show(Progress("Testing", done, 2, unit="checks"))
        bar.hide()
    assert capsys.readouterr().err.count("Testing") >= 2

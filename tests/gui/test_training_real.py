"""A tiny model is really fine-tuned by the window's work process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modelkeep.rows import Selection
from modelkeep_gui.operations import training
from support.caches import CacheMaker
from support.sessions import open_session

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

PATIENCE = 120_000
THINGS = ("the film", "a day", "the cat", "a car", "paris", "anna")
DATA = "".join(
    f"{thing} was {word}\t{label}\n"
    for label, words in (("glad", ("good", "great")), ("sorry", ("bad", "awful")))
    for word in words
    for thing in THINGS
)


def test_a_model_is_trained_and_is_in_the_library_then(
    qtbot: QtBot,
    qapp: QApplication,
    tiny_models: TinyModels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = CacheMaker(tmp_path / "hub")
    tiny_models.add(cache, "base")
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    data = tmp_path / "texts.tsv"
    data.write_text(DATA)
    with open_session(qtbot, qapp) as heard:
        page = training.make_page(heard.session, heard.window)
        dialog = training.fine_tune(heard.session, heard.window, [Selection(str(cache.root), "hf@tiny/base")])
        assert dialog is not None
        dialog.form.data.set_path(str(data))
        qtbot.waitUntil(lambda: dialog.train.isEnabled(), timeout=PATIENCE)
        dialog.form.more.rate.setText("5e-3")
        dialog.form.more.epochs.setValue(15)
        assert not dialog.train.isEnabled(), "what was planned is not what is asked for now"
        qtbot.waitUntil(lambda: dialog.train.isEnabled(), timeout=PATIENCE)
        assert dialog.answer.evaluated == 2
        dialog.train.click()
        qtbot.waitUntil(lambda: bool(heard.said), timeout=PATIENCE)
        assert heard.said[0].text.startswith("Trained local/base-text-classification. Accuracy:")
        feed = heard.session.trainings
        qtbot.waitUntil(lambda: bool(feed.trainings) and feed.trainings[0].has_result, timeout=PATIENCE)
        one = feed.trainings[0]
        curve = feed.curve(one.id)
        assert [step for step, _ in curve.losses] == list(range(1, 46))
        losses = [loss for _, loss in curve.losses]
        assert sum(losses[-9:]) < sum(losses[:9])
        assert {"accuracy", "f1/glad", "f1/sorry"} & one.metrics.keys()
        assert "Accuracy" in page.pane.notice.text
        published = tmp_path / "hub" / "models--local--base-text-classification" / "snapshots" / one.commit
        assert (published / "model.safetensors").is_file()

"""Where models are exported to and how, over plans of a real tiny cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.archive.pack import ArchiveOptions, ExportPlan, plan_export
from modelkeep.errors import ArchiveError
from modelkeep.keys import ModelKey
from modelkeep_gui.dialogs.export_dialog import ExportDialog, ExportRequest
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.exports import packables
from support.windows import seen

WEIGHTS = {"config.json": b"{}", "model.safetensors": bytes(3_000_000)}
Ask = Callable[..., ExportDialog]


@pytest.fixture
def ask(qtbot: QtBot, tmp_path: Path) -> Ask:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()

    def opened(*models: str) -> ExportDialog:
        keys = [ModelKey.parse(model) for model in models or ("org/a",)]
        dialog = ExportDialog(keys, str(tmp_path / "out"), above)
        dialog.open()
        return dialog

    return opened


def planned(cache: CacheMaker, request: ExportRequest) -> ExportPlan:
    options = ArchiveOptions(request.checksums, request.split)
    return plan_export(
        packables(cache.root),
        Path(request.folder),
        options=options,
        allow_incomplete=request.allow_incomplete,
    )


def words(button: QPushButton) -> str:
    return button.text().replace("&", "")


def cells(dialog: ExportDialog, row: int = 0) -> list[str]:
    rows = dialog.table.model()
    return [rows.index(row, column).data() for column in range(rows.columnCount())]


def test_it_opens_without_a_plan(ask: Ask, tmp_path: Path) -> None:
    dialog = ask()
    assert dialog.request == ExportRequest(str(tmp_path / "out"))
    assert words(dialog.export) == "Export"
    assert not dialog.export.isEnabled()
    assert not dialog.incomplete.isVisible()


def test_a_plan_is_shown_to_the_byte(ask: Ask, cache: CacheMaker) -> None:
    cache.add("org/a", WEIGHTS)
    dialog = ask()
    dialog.set_plan(plan := planned(cache, dialog.request))
    assert cells(dialog) == ["org/a", "New archive", "org_2fa.zip", "1", "3.0 MB"]
    size = dialog.table.model().index(0, 4)
    assert size.data(3) == f"{plan.items[0].size:,} bytes"  # Qt.ToolTipRole
    assert words(dialog.export) == "Export 1 model, 3.0 MB"
    assert "3.0 MB to write" in dialog.room.text
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    dialog.export.click()
    assert dialog.result() == ExportDialog.DialogCode.Accepted
    assert (dialog.answer.plan, dialog.answer.bundle) == (plan, False)


def test_what_is_chosen_is_asked_for_and_answered(qtbot: QtBot, ask: Ask, cache: CacheMaker) -> None:
    cache.add("org/a", WEIGHTS)
    dialog = ask()
    with qtbot.waitSignal(dialog.replan_requested):
        dialog.checksums.click()
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        dialog.split.choice.setCurrentIndex(1)
        assert not dialog.export.isEnabled()
    assert asked.args == [ExportRequest(dialog.folder.text(), checksums=False, split=(4 << 30) - 1)]
    dialog.set_plan(planned(cache, dialog.request))
    dialog.bundle.click()
    assert dialog.export.isEnabled(), "a bundle is another way to write the same plan"
    assert dialog.answer.bundle


def test_a_size_is_checked_as_it_is_typed(qtbot: QtBot, ask: Ask, cache: CacheMaker) -> None:
    cache.add("org/a", WEIGHTS)
    dialog = ask()
    dialog.split.choice.setCurrentIndex(dialog.split.choice.count() - 1)
    dialog.split.text.clear()
    qtbot.keyClicks(dialog.split.text, "1.5")
    assert dialog.split.problem == "Write a size with its unit, such as 2 GB or 650 MB."
    dialog.split.text.clear()
    qtbot.keyClicks(dialog.split.text, "10 kB")
    assert dialog.split.problem == "A volume has to have at least 1 MB."
    dialog.split.text.clear()
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        qtbot.keyClicks(dialog.split.text, "1.5 MB")
        assert dialog.split.problem == ""
    assert asked.args[0].split == 1_500_000
    dialog.set_plan(planned(cache, dialog.request))
    assert cells(dialog)[2:4] == ["org_2fa.zip", "3"]


def test_another_folder_is_planned_after_a_pause(qtbot: QtBot, ask: Ask, tmp_path: Path) -> None:
    dialog = ask()
    dialog.folder.end(False)
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        qtbot.keyClicks(dialog.folder, "2")
        assert not dialog.export.isEnabled()
    assert asked.args == [ExportRequest(str(tmp_path / "out2"))]


def test_without_a_folder_there_is_nothing_to_plan(qtbot: QtBot, ask: Ask) -> None:
    dialog = ask()
    asked: list[object] = []
    dialog.replan_requested.connect(asked.append)
    dialog.folder.clear()
    dialog.folder.textEdited.emit("")
    qtbot.waitUntil(dialog.notice.isVisible)
    assert dialog.notice.text == "Choose a folder to export to."
    assert asked == []
    assert not dialog.export.isEnabled()


def test_an_older_export_that_is_replaced_is_named(ask: Ask, cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/a", WEIGHTS)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "org_2fa.zip").write_bytes(b"old")
    dialog = ask()
    dialog.set_plan(planned(cache, dialog.request))
    assert cells(dialog)[1] == "Replaces an older export"


def test_an_incomplete_model_is_refused_unless_one_wants_it(
    qtbot: QtBot, ask: Ask, cache: CacheMaker
) -> None:
    cache.add("org/a", WEIGHTS)
    commit = cache.add("org/b", {"config.json": b"{}"})
    cache.write_tree("org/b", commit, WEIGHTS)
    dialog = ask("org/a", "org/b")
    dialog.set_plan(planned(cache, dialog.request))
    assert cells(dialog, 1)[1] == "Cannot be exported"
    refusal = "hf@org/b is not complete: it lacks model.safetensors. Download the model again"
    qtbot.waitUntil(lambda: refusal in seen(dialog))
    assert words(dialog.export) == "Export 1 model, 3.0 MB"
    assert [str(item.key) for item in dialog.answer.plan.items] == ["hf@org/a"]
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        dialog.incomplete.click()
    assert asked.args[0].allow_incomplete
    dialog.set_plan(planned(cache, dialog.request))
    assert cells(dialog, 1)[1] == "Incomplete: 1 file missing"
    assert words(dialog.export) == "Export 2 models, 3.0 MB"
    assert "is not complete" not in seen(dialog)


def test_a_revision_is_called_by_its_commit_in_short(ask: Ask, cache: CacheMaker) -> None:
    commit = cache.add("org/a", WEIGHTS, refs=())
    dialog = ask(f"org/a@{commit}")
    dialog.set_plan(planned(cache, dialog.request))
    assert f"Export org/a@{commit[:7]}" in seen(dialog)
    assert cells(dialog)[0] == f"org/a@{commit[:7]}"


def test_what_does_not_fit_cannot_be_exported(ask: Ask, cache: CacheMaker) -> None:
    cache.add("org/a", WEIGHTS)
    dialog = ask()
    dialog.set_plan(replace(planned(cache, dialog.request), free=2_500_000, reserve=1_000_000))
    assert dialog.room.text.startswith("1.5 MB more are needed")
    assert not dialog.export.isEnabled()


def test_why_there_is_no_plan_is_said(ask: Ask) -> None:
    dialog = ask("org/a", "org/b")
    dialog.show_failure(ArchiveError("a.zip is one archive.", hint="Name a folder."))
    assert "a.zip is one archive. Name a folder." in seen(dialog)
    assert not dialog.export.isEnabled()

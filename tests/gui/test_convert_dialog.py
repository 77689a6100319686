"""Converting to safetensors in the window: the plan, the decision about `main`, what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.convert.plan import ConvertedFile, ShardIndex
from modelkeep.rows import Selection
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.dialogs.convert_dialog import ConvertDialog
from modelkeep_gui.dialogs.convert_result_dialog import ConvertResultDialog
from modelkeep_gui.dialogs.error_dialog import ErrorDialog
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.convert import convert
from modelkeep_gui.session import Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from support.accessible import nameless, unreachable
from support.safety import CONVERSION, MB, NEW, conversion_plan
from support.windows import seen

PATIENCE = 20_000


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()
    return above


def dialog_about(above: QWidget, **values: object) -> ConvertDialog:
    dialog = ConvertDialog(conversion_plan(**values), above)
    dialog.open()
    return dialog


def cells(dialog: ConvertDialog) -> list[list[str]]:
    rows = dialog.files.model()
    return [[str(rows.index(row, column).data()) for column in range(3)] for row in range(rows.rowCount())]


def words(dialog: ConvertDialog) -> str:
    return dialog.convert.text().replace("&", "")


# The plan ---------------------------------------------------------------------------------------------------------


def test_each_file_says_what_becomes_of_it(above: QWidget) -> None:
    dialog = dialog_about(above)
    assert cells(dialog) == [
        ["pytorch_model.bin", "model.safetensors", "433 MB"],
        ["training_args.bin", "left out", ""],
        ["config.json", "the same file", ""],
        ["vocab.txt", "the same file", ""],
    ]
    assert words(dialog) == "Convert 433 MB"
    assert "433 MB to write" in dialog.room.text
    assert "which stays as it is" in seen(dialog)
    assert (nameless(dialog), unreachable(dialog)) == ([], [])


def test_main_stays_unless_the_user_says_otherwise(above: QWidget) -> None:
    dialog = dialog_about(above)
    assert not dialog.answer.moves_main
    assert "gets what they get now" in dialog.consequence
    assert "“safetensors-aaaaaaaa”" in dialog.consequence
    dialog.main.click()
    assert dialog.answer.moves_main
    assert "make the old one main again" in dialog.consequence
    assert dialog.answer.files == conversion_plan().files


def test_what_cannot_be_converted_says_why(above: QWidget) -> None:
    dialog = dialog_about(above, files=(), dropped=(), problem="It has no pickles.", hint="Nothing is to do.")
    assert dialog.notice.text == "It has no pickles. Nothing is to do."
    assert not dialog.convert.isEnabled()
    assert not dialog.main.isVisible()


def test_what_does_not_fit_cannot_be_converted(above: QWidget) -> None:
    dialog = dialog_about(above, free=500 * MB)
    assert not dialog.convert.isEnabled()
    assert "more are needed" in dialog.room.text


def test_the_index_of_shards_is_written_anew_and_notes_are_read(above: QWidget) -> None:
    index = ShardIndex("model.safetensors.index.json", ("model-00001-of-00002.safetensors",))
    dialog = dialog_about(above, indices=(index,), notes=("pipe.joblib holds objects of Python.",))
    assert ["model.safetensors.index.json", "written anew", ""] in cells(dialog)
    assert "pipe.joblib holds objects of Python." in seen(dialog)


def test_what_was_converted_before_is_not_written_again(above: QWidget) -> None:
    dialog = dialog_about(above, present=NEW, bytes_needed=0)
    assert "It was converted before: bbbbbbb is here." in seen(dialog)
    assert not dialog.room.isVisible()
    assert words(dialog) == "Show it"
    dialog.main.click()
    assert words(dialog) == "Let main lead to it"


def test_the_figure_is_of_all_files(above: QWidget) -> None:
    files = tuple(ConvertedFile(f"{n}.bin", f"{n}.safetensors", 2_000 * MB) for n in range(3))
    assert words(dialog_about(above, files=files)) == "Convert 6.0 GB"


# What it came to --------------------------------------------------------------------------------------------------


def test_the_result_says_what_was_compared_and_what_the_revision_is_called(
    qtbot: QtBot, above: QWidget
) -> None:
    dialog = ConvertResultDialog(CONVERSION, above)
    dialog.open()
    said = seen(dialog)
    assert "All 201 tensors are the same as before, bit for bit." in said
    assert "1.2 GB of memory" in said
    assert "lm_head.weight shares its numbers" in said
    assert CONVERSION.ref in said
    assert "main leads where it led" in said
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    with qtbot.waitSignal(dialog.show_requested) as asked:
        dialog.show_button.click()
    assert asked.args == [CONVERSION]


def test_a_result_that_was_here_already_says_nothing_of_tensors(above: QWidget) -> None:
    done = replace(CONVERSION, tensors=0, written=0, seconds=0.0, memory=0, notes=("It was here already.",))
    dialog = ConvertResultDialog(done, above)
    dialog.open()
    assert "tensors" not in " ".join(dialog.texts)
    assert "It was here already." in seen(dialog)


def test_a_result_that_moved_main_says_so(above: QWidget) -> None:
    dialog = ConvertResultDialog(CONVERSION, above, has_moved_main=True)
    assert "main leads to it: who loads org/name by its name gets it." in dialog.texts


# From the click to the end ----------------------------------------------------------------------------------------


class Feed(LibraryFeed):
    def refresh(self) -> None:
        """The caches of a scripted service cannot be looked at."""


@pytest.fixture
def session(qtbot: QtBot, qapp: QApplication, service: str, own_places: Path) -> Iterator[Session]:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("support.safety:Service"), LibraryTableModel()
    yield Session(runner, table, Feed(runner, table), TransferQueue(runner), Theme(qapp, "light"), Settings())
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def wait_for(qtbot: QtBot, above: QWidget, kind: type[QDialog]) -> QDialog:
    def found() -> list[QDialog]:
        return [dialog for dialog in above.findChildren(kind) if dialog.isVisible()]

    qtbot.waitUntil(lambda: bool(found()), timeout=PATIENCE)
    return found()[0]


def begin(qtbot: QtBot, session: Session, above: QWidget, root: Path, name: str) -> None:
    """Ask for a conversion and agree to the plan."""
    convert(session, above, [Selection(str(root), f"hf@{name}")])
    dialog = wait_for(qtbot, above, ConvertDialog)
    assert isinstance(dialog, ConvertDialog)
    dialog.convert.click()


def test_a_conversion_ends_at_its_new_revision(
    qtbot: QtBot, session: Session, above: QWidget, tmp_path: Path
) -> None:
    revealed: list[object] = []
    session.revealed.connect(revealed.append)
    begin(qtbot, session, above, tmp_path, "org/name")
    done = wait_for(qtbot, above, ConvertResultDialog)
    assert isinstance(done, ConvertResultDialog)
    assert (tmp_path / "converted").read_text() == "False []"
    done.show_button.click()
    [shown] = revealed
    assert shown.models == (Selected("/models", "hf@org/name", NEW),)  # type: ignore[attr-defined]


def test_a_dangerous_model_is_converted_only_by_its_name(
    qtbot: QtBot, session: Session, above: QWidget, tmp_path: Path
) -> None:
    begin(qtbot, session, above, tmp_path, "org/bad")
    asked = wait_for(qtbot, above, AllowUnsafeDialog)
    assert isinstance(asked, AllowUnsafeDialog)
    assert not (tmp_path / "converted").exists()
    asked.field.setText("org/bad")
    asked.allow.click()
    wait_for(qtbot, above, ConvertResultDialog)
    assert (tmp_path / "converted").read_text() == "False ['org/bad']"


def test_what_has_to_be_installed_is_said(
    qtbot: QtBot, session: Session, above: QWidget, tmp_path: Path
) -> None:
    begin(qtbot, session, above, tmp_path, "org/no-torch")
    said = seen(wait_for(qtbot, above, ErrorDialog))
    assert "PyTorch is not installed." in said
    assert "pip install torch" in said

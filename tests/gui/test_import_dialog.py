"""The preview of an import, over plans of real tiny archives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.archive.import_choice import choose
from modelkeep.archive.import_plan import Action, ImportPlan, plan_import
from modelkeep.archive.unpack import execute_import
from modelkeep.errors import NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.dialogs.import_dialog import ImportDialog, ImportRequest
from support.accessible import nameless, unreachable
from support.archives import FILES, dss_zip, entries
from support.pickles import calling, torch_zip
from support.safety import CLEAN, DANGEROUS, known
from support.windows import only, seen

GB = 1_000_000_000
Ask = Callable[..., ImportDialog]


def root_view(path: Path, *, state: str = "ready", is_default: bool = False) -> RootView:
    return RootView(
        path.as_posix(), path.name, state, "", is_default, 0, 0, 0, 0, 0, 0, 1, 500 * GB, 96 * GB, (), 0.0
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def ask(qtbot: QtBot, root: Path) -> Ask:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()

    def opened(*paths: Path, roots: tuple[RootView, ...] | None = None) -> ImportDialog:
        dialog = ImportDialog(roots or (root_view(root, is_default=True),), map(str, paths), above)
        dialog.open()
        return dialog

    return opened


def archive(
    path: Path, key: str | None = "hf@org/name", commit: str = "a" * 40, *, sums: bool = False
) -> Path:
    return dss_zip(path, entries(key=key, commit=commit, sums=sums))


def planned(root: Path, *paths: Path, name: str = "") -> ImportPlan:
    """The plan that the operation has made: replacements are planned, and left to the user."""
    key = ModelKey.parse(name) if name else None
    return choose([plan_import([path], root, name=key, replace=True) for path in paths])


def words(button: QPushButton) -> str:
    return button.text().replace("&", "")


def cells(dialog: ImportDialog, row: int = 0) -> list[str]:
    rows = dialog.table.rows
    return [rows.index(row, column).data() for column in range(rows.columnCount())]


def test_it_opens_before_anything_was_read(ask: Ask, tmp_path: Path) -> None:
    dialog = ask(tmp_path / "a.tar.zst")
    assert dialog.reading.isVisible()
    assert words(dialog.import_) == "Import"
    assert not dialog.import_.isEnabled()
    dialog.show_progress(str(tmp_path / "a.tar.zst"), 1_200_000_000)
    assert "Reading archives… | a.tar.zst" in seen(dialog)
    assert "1.2 GB read" in seen(dialog)


def test_without_an_archive_it_asks_for_one(ask: Ask) -> None:
    dialog = ask()
    assert dialog.start.isVisible()
    assert "Drop archives or folders here" in seen(dialog)
    assert not dialog.import_.isEnabled()
    assert (nameless(dialog), unreachable(dialog)) == ([], [])


def test_a_new_model_is_shown_with_what_it_costs(ask: Ask, tmp_path: Path, root: Path) -> None:
    path = archive(tmp_path / "a.zip", sums=True)
    dialog = ask(path)
    dialog.set_plan(planned(root, path))
    assert cells(dialog) == ["org/name", "aaaaaaa", "New model", "512 kB", "512 kB"]
    assert words(dialog.import_) == "Import 1 model, write 512 kB"
    assert "512 kB to write" in dialog.room.text
    assert "Checksums: SHA-256 list: will be checked" in dialog.details.texts
    assert f"From: {path}" in dialog.details.texts
    assert [file.name for file in dialog.details.files.rows.values] == list(FILES)
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    dialog.import_.click()
    assert dialog.result() == ImportDialog.DialogCode.Accepted
    assert [item.action for item in dialog.answer.items] == [Action.NEW]


def test_an_archive_without_checksums_says_so(ask: Ask, tmp_path: Path, root: Path) -> None:
    dialog = ask(path := archive(tmp_path / "a.zip"))
    dialog.set_plan(planned(root, path))
    assert "Checksums: No checksums in the archive" in dialog.details.texts


def test_nothing_can_be_accepted_while_more_is_read(ask: Ask, tmp_path: Path, root: Path) -> None:
    dialog = ask(path := archive(tmp_path / "a.zip"))
    dialog.set_plan(planned(root, path), is_all=False)
    assert cells(dialog)[0] == "org/name"
    assert not dialog.import_.isEnabled()
    dialog.set_plan(planned(root, path))
    assert dialog.import_.isEnabled()


def test_a_name_is_checked_as_it_is_typed_and_planned_after_a_pause(
    qtbot: QtBot, ask: Ask, tmp_path: Path, root: Path
) -> None:
    path = archive(tmp_path / "a.zip", key=None)
    plan = planned(root, path)
    dialog = ask(path)
    dialog.set_plan(ImportPlan((replace(plan.items[0], proposal=None),), *plan_rest(plan)))
    field = dialog.details.name.field
    assert cells(dialog)[2] == "Needs a name"
    assert dialog.details.name.problem == "Give it a name, such as org/name."
    assert dialog.status == "1 without a name"
    qtbot.keyClicks(field, "no name!")
    assert "“no name!” is not the name of a model." in dialog.details.name.problem
    field.clear()
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        qtbot.keyClicks(field, "org/mine")
        assert dialog.details.name.problem == ""
    assert asked.args == [ImportRequest(root.as_posix(), (str(path),), ((str(path), "org/mine"),))]
    assert not dialog.import_.isEnabled()
    dialog.set_plan(planned(root, path, name="org/mine"))
    assert cells(dialog)[::2] == ["org/mine", "New model, check its name", "512 kB"]
    assert dialog.import_.isEnabled()


def test_a_name_that_is_spoiled_later_leaves_the_model_out(
    qtbot: QtBot, ask: Ask, tmp_path: Path, root: Path
) -> None:
    path = archive(tmp_path / "org_2fmine.zip", key=None)
    dialog = ask(path)
    dialog.set_plan(planned(root, path))
    dialog.set_plan(planned(root, path, name="org/mine"))
    assert dialog.import_.isEnabled()
    qtbot.keyClicks(dialog.details.name.field, "!")
    assert not dialog.import_.isEnabled()
    assert words(dialog.import_) == "Import"


def test_a_proposed_name_is_filled_in_and_planned_at_once(
    qtbot: QtBot, ask: Ask, tmp_path: Path, root: Path
) -> None:
    path = dss_zip(tmp_path / "a.zip", entries(key=None, folder="org_2fmine"))
    dialog = ask(path)
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        dialog.set_plan(planned(root, path))
    assert asked.args == [ImportRequest(root.as_posix(), (str(path),), ((str(path), "org/mine"),))]
    assert dialog.details.name.field.text() == "org/mine"


@pytest.fixture
def conflict(tmp_path: Path, root: Path) -> Path:
    """An archive of a commit that the cache has with another README."""
    there = {**FILES, "README.md": b"another"}
    execute_import(plan_import([dss_zip(tmp_path / "there.zip", entries(there, commit="a" * 40))], root))
    return archive(tmp_path / "a.zip")


def test_other_content_of_the_same_commit_is_skipped_unless_one_says_replace(
    ask: Ask, conflict: Path, root: Path
) -> None:
    dialog = ask(conflict)
    dialog.set_plan(planned(root, conflict))
    assert cells(dialog)[2] == "Other content here, skipped"
    assert "other content of README.md" in dialog.details.texts[0]
    assert dialog.details.choice.skip.isChecked()
    assert not dialog.import_.isEnabled()
    assert dialog.status == "1 with other content skipped"
    dialog.details.choice.replace.click()
    assert cells(dialog)[2] == "Replaces other content"
    assert dialog.import_.isEnabled()
    assert [item.action for item in dialog.answer.items] == [Action.REPLACE]
    dialog.details.choice.skip.click()
    assert not dialog.import_.isEnabled()


def test_decisions_outlive_a_new_plan(ask: Ask, conflict: Path, root: Path) -> None:
    dialog = ask(conflict)
    dialog.set_plan(planned(root, conflict))
    dialog.details.choice.replace.click()
    dialog.set_plan(planned(root, conflict))
    assert dialog.details.choice.replace.isChecked()
    assert dialog.import_.isEnabled()


def test_what_is_here_already_is_not_imported(ask: Ask, tmp_path: Path, root: Path) -> None:
    path = archive(tmp_path / "a.zip")
    execute_import(plan_import([path], root))
    dialog = ask(path)
    dialog.set_plan(planned(root, path))
    assert cells(dialog)[2] == "Already here"
    assert dialog.status == "1 already here"
    assert not dialog.import_.isEnabled()


def test_a_new_revision_says_which_ref_moves_where(ask: Ask, tmp_path: Path, root: Path) -> None:
    execute_import(plan_import([archive(tmp_path / "a.zip")], root))
    path = archive(tmp_path / "b.zip", commit="b" * 40)
    dialog = ask(path)
    dialog.set_plan(planned(root, path))
    assert cells(dialog)[2] == "New revision, main aaaaaaa → bbbbbbb"
    assert dialog.details.texts[0] == "Moves main aaaaaaa → bbbbbbb."


def test_a_refused_archive_says_why_and_what_to_do(ask: Ask, tmp_path: Path, root: Path) -> None:
    good = archive(tmp_path / "a.zip")
    bad = tmp_path / "b.zip"
    bad.write_bytes(good.read_bytes()[:-100])
    dialog = ask(good, bad)
    dialog.set_plan(plan := planned(root, good, bad))
    refused = plan.items[1]
    assert cells(dialog, 1)[:3] == ["b.zip", "", "Cannot be imported"]
    dialog.table.choose((refused.source, refused.folder))
    assert dialog.details.texts[0] == f"{refused.problem} {refused.hint}"
    assert words(dialog.import_) == "Import 1 model, write 512 kB"
    assert dialog.status == "1 cannot be imported"
    assert [item.source for item in dialog.answer.items] == [str(good)]


def plan_rest(plan: ImportPlan) -> tuple[str, int, int, int]:
    return plan.root, plan.bytes_needed, plan.free, plan.reserve


def test_what_does_not_fit_cannot_be_imported_and_says_how_much_is_missing(
    ask: Ask, tmp_path: Path, root: Path
) -> None:
    path = archive(tmp_path / "a.zip", sums=True)
    dialog = ask(path)
    dialog.set_plan(replace(planned(root, path), free=600_000, reserve=500_000))
    assert dialog.room.text.startswith("412 kB more are needed")
    assert words(dialog.import_) == "Import 1 model, write 512 kB"
    assert not dialog.import_.isEnabled()


def test_a_model_without_its_tick_is_left_out_and_costs_nothing(
    qtbot: QtBot, ask: Ask, tmp_path: Path, root: Path
) -> None:
    first = archive(tmp_path / "a.zip", "hf@org/a", "a" * 40, sums=True)
    second = archive(tmp_path / "b.zip", "hf@org/b", "b" * 40, sums=True)
    dialog = ask(first, second)
    dialog.set_plan(planned(root, first, second))
    assert words(dialog.import_) == "Import 2 models, write 512 kB", "they share all contents"
    assert [cells(dialog, row)[4] for row in range(2)] == ["512 kB", "0 B"]
    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    assert cells(dialog)[2:] == ["Left out", "512 kB", ""]
    assert cells(dialog, 1)[4] == "512 kB"
    assert words(dialog.import_) == "Import 1 model, write 512 kB"
    assert dialog.status == "1 left out"
    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    assert words(dialog.import_) == "Import 2 models, write 512 kB"


def test_only_caches_that_can_be_written_to_are_offered(ask: Ask, tmp_path: Path, qtbot: QtBot) -> None:
    roots = (
        root_view(tmp_path / "share", state="read-only"),
        root_view(tmp_path / "big"),
        root_view(tmp_path / "home", state="missing", is_default=True),
    )
    dialog = ask(path := archive(tmp_path / "a.zip"), roots=roots)
    assert [dialog.root.itemText(place) for place in range(dialog.root.count())] == [
        "big · 96 GB free",
        "home · 96 GB free",
    ]
    assert dialog.request.root == (tmp_path / "home").as_posix()
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        dialog.root.setCurrentIndex(0)
    assert asked.args == [ImportRequest((tmp_path / "big").as_posix(), (str(path),))]


def test_without_a_cache_to_write_to_nothing_can_be_imported(ask: Ask, tmp_path: Path, root: Path) -> None:
    dialog = ask(path := archive(tmp_path / "a.zip"), roots=(root_view(root, state="read-only"),))
    dialog.set_plan(planned(root, path))
    assert dialog.notice.text == "No cache can be written to. Add one in the preferences."
    assert not dialog.import_.isEnabled()


def test_a_look_at_the_disks_leaves_the_chosen_cache(ask: Ask, tmp_path: Path) -> None:
    roots = (root_view(tmp_path / "home", is_default=True), root_view(tmp_path / "big"))
    dialog = ask(roots=roots)
    dialog.root.setCurrentIndex(1)
    dialog.set_roots([root._replace(disk_free=GB) for root in roots])
    assert dialog.root.currentText() == "big · 1.0 GB free"


def test_files_dropped_on_it_are_looked_at_too(qtbot: QtBot, ask: Ask, tmp_path: Path, root: Path) -> None:
    first, second = archive(tmp_path / "a.zip"), archive(tmp_path / "b.zip", commit="b" * 40)
    dialog = ask(first)
    dialog.set_plan(planned(root, first))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (first, second)])
    drop = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        dialog.dropEvent(drop)
    assert asked.args == [ImportRequest(root.as_posix(), (str(first), str(second)))]
    assert not dialog.import_.isEnabled()


def test_what_went_wrong_while_planning_is_said(ask: Ask, tmp_path: Path) -> None:
    dialog = ask(tmp_path / "a.zip")
    dialog.show_failure(NotEnoughSpace("The disk is full.", hint="Free some space."))
    assert "The disk is full. Free some space." in seen(dialog)
    assert not dialog.import_.isEnabled()


# What is known of safety ------------------------------------------------------------------------------------------


def test_pickles_and_code_are_named_before_anything_is_imported(ask: Ask, tmp_path: Path, root: Path) -> None:
    files = {"pytorch_model.bin": b"\x80\x02}q\0.", "modeling_own.py": b"import os", "config.json": b"{}"}
    dialog = ask(path := dss_zip(tmp_path / "a.zip", entries(files)))
    dialog.set_plan(planned(root, path))
    said = " | ".join(dialog.details.texts)
    assert "Contains pickles: they can run code when loaded." in said
    assert "Comes with Python code of its own" in said
    assert "Nothing unsafe was found, but 1 file to know of. A scan is a filter" in said
    assert not dialog.details.allow.isVisible()


def test_a_dangerous_model_is_left_out_and_says_why(ask: Ask, tmp_path: Path, root: Path) -> None:
    paths = [archive(tmp_path / "a.zip"), archive(tmp_path / "b.zip", "hf@org/other")]
    dialog = ask(*paths)
    dialog.set_plan(known(planned(root, *paths), DANGEROUS, CLEAN))
    assert cells(dialog)[2] == "Dangerous, not imported"
    assert dialog.details.texts[0] == (
        "pytorch_model.bin › archive › data.pkl: It calls os.system when it is loaded."
    )
    assert dialog.status == "1 dangerous"
    assert words(dialog.import_) == "Import 1 model, write 512 kB"
    assert [item.key for item in dialog.answer.items] == [ModelKey("org/other")]
    assert not dialog.allowed


def test_what_is_in_the_files_is_said_by_the_plan(ask: Ask, tmp_path: Path, root: Path) -> None:
    files = {"pytorch_model.bin": torch_zip(calling("os", "system")), "config.json": b"{}"}
    many = {f"data/{number}.txt": b"x" for number in range(80)}
    dialog = ask(path := dss_zip(tmp_path / "a.zip", entries(files | many)))
    plan = planned(root, path)
    dialog.set_plan(plan)
    assert cells(dialog)[2] == "Dangerous, not imported"
    assert not dialog.import_.isEnabled()
    first, *others = dialog.details.texts
    assert first.startswith("pytorch_model.bin › archive/data.pkl: A pickle imports “os.system”")
    [item] = plan.items
    assert any(f"{len(item.unscanned)} files are scanned as they come in." in text for text in others)


def test_what_was_allowed_is_asked_again_under_another_name(ask: Ask, tmp_path: Path, root: Path) -> None:
    path = archive(tmp_path / "a.zip")
    dialog = ask(path)
    dialog.set_plan(known(planned(root, path), DANGEROUS))
    dialog.details.allow.click()
    asked = only(dialog, AllowUnsafeDialog)
    asked.field.setText("org/name")
    asked.allow.click()
    assert dialog.import_.isEnabled()
    dialog.set_plan(known(planned(root, path, name="org/other"), DANGEROUS))
    assert not dialog.import_.isEnabled()


@pytest.mark.parametrize("how", ["button", "tick"])
def test_a_dangerous_model_is_allowed_once_by_its_name(
    ask: Ask, tmp_path: Path, root: Path, how: str
) -> None:
    dialog = ask(path := archive(tmp_path / "a.zip"))
    dialog.set_plan(known(planned(root, path), DANGEROUS))
    assert not dialog.import_.isEnabled()
    if how == "button":
        dialog.details.allow.click()
    else:
        rows = dialog.table.rows
        rows.setData(rows.index(0, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert not dialog.import_.isEnabled()
    asked = only(dialog, AllowUnsafeDialog)
    asked.field.setText("org/name")
    asked.allow.click()
    assert cells(dialog)[2] == "New model, dangerous, allowed once"
    assert dialog.allowed == ("org/name",)
    assert dialog.import_.isEnabled()
    assert not dialog.details.allow.isVisible()
    dialog.table.toggled.emit(dialog.table.current)
    assert not dialog.allowed


def test_a_dangerous_replacement_that_is_allowed_can_still_be_skipped(
    ask: Ask, conflict: Path, root: Path
) -> None:
    dialog = ask(conflict)
    dialog.set_plan(known(planned(root, conflict), DANGEROUS))
    assert not dialog.details.choice.isVisible()
    dialog.details.allow.click()
    asked = only(dialog, AllowUnsafeDialog)
    asked.field.setText("org/name")
    asked.allow.click()
    assert dialog.details.choice.replace.isChecked()
    dialog.details.choice.skip.click()
    assert not dialog.import_.isEnabled()

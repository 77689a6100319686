"""The plan of a deletion as a dialog, and the other small dialogs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.cache.deletion import DeletionItem, DeletionPlan, plan_deletion
from modelkeep.cache.in_use import OpenFile
from modelkeep.cache.parts import Kept, Target
from modelkeep.cache.scan import scan
from modelkeep.errors import DamagedArchive, PartlyDone
from modelkeep.keys import ModelKey
from modelkeep_gui.dialogs.about_dialog import AboutDialog, versions
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.dialogs.delete_dialog import DeleteDialog
from modelkeep_gui.dialogs.error_dialog import ErrorDialog, show_error, show_failed_job
from modelkeep_gui.dialogs.shortcuts_dialog import ShortcutsDialog
from modelkeep_gui.jobs.job import JobState
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.widgets.folded import Folded, LineList
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.windows import only, seen

COMMIT = "551ca18e" * 5


def item(name: str = "org/model", what: str = "model", **values: object) -> DeletionItem:
    usual: dict = {
        "key": ModelKey(name, None if what == "model" else COMMIT),
        "what": what,
        "path": f"/cache/hub/models--{name.replace('/', '--')}",
        "size": 2_000_000_000,
        "frees": 1_000_000_000,
        "files": 3,
        "refs": ("main",),
        "moves": (),
        "payloads": (),
        "kept": (),
        "in_use": (),
        "downloading": (),
        "pinned": False,
    }
    return DeletionItem(**usual | values)


def plan(*items: DeletionItem, frees: int = 0, permanently: bool = False, unseen: int = 0) -> DeletionPlan:
    size = sum(item.size for item in items)
    return DeletionPlan(
        "/cache/hub", items, frees or sum(item.frees for item in items), size, permanently, unseen
    )


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    """The window that dialogs open above; it takes them with it."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def ask(above: QWidget) -> Callable[..., DeleteDialog]:
    def opened(*plans: DeletionPlan) -> DeleteDialog:
        dialog = DeleteDialog(plans, above)
        dialog.open()
        return dialog

    return opened


def words(button: QPushButton) -> str:
    return button.text().replace("&", "")


# What the plan says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "heading", "into_trash", "for_good"),
    [
        (
            [item()],
            "Delete org/model?",
            "Move 1 model to trash (frees 1.0 GB when emptied)",
            "Delete 1 model for good, free 1.0 GB",
        ),
        (
            [item("org/a"), item("org/b"), item("org/c")],
            "Delete 3 models?",
            "Move 3 models to trash (frees 3.0 GB when emptied)",
            "Delete 3 models for good, free 3.0 GB",
        ),
        (
            [item(what="revision")],
            "Delete 1 revision of org/model?",
            "Move 1 revision to trash (frees 1.0 GB when emptied)",
            "Delete 1 revision for good, free 1.0 GB",
        ),
        (
            [item(what="files")],
            "Delete 3 files of org/model?",
            "Move 3 files to trash (frees 1.0 GB when emptied)",
            "Delete 3 files for good, free 1.0 GB",
        ),
        (
            [item("org/a"), item("org/b", "revision")],
            "Delete 2 items?",
            "Move 2 items to trash (frees 2.0 GB when emptied)",
            "Delete 2 items for good, free 2.0 GB",
        ),
    ],
)
def test_the_button_says_what_it_does(
    ask: Callable[..., DeleteDialog], items: list[DeletionItem], heading: str, into_trash: str, for_good: str
) -> None:
    dialog = ask(plan(*items))
    assert dialog.heading.text() == heading
    assert words(dialog.delete) == into_trash
    dialog.permanently.click()
    assert words(dialog.delete) == for_good


def test_the_figure_is_of_all_together(ask: Callable[..., DeleteDialog]) -> None:
    dialog = ask(plan(item("org/a"), item("org/b"), frees=4_100_000_000), plan(item("org/c")))
    assert words(dialog.delete) == "Move 3 models to trash (frees 5.1 GB when emptied)"
    assert "The disk gains 5.1 GB when the trash is emptied." in seen(dialog)


def test_a_plan_for_a_real_cache_is_shown(ask: Callable[..., DeleteDialog], cache: CacheMaker) -> None:
    shared = {"config.json": b"{}", "vocab.txt": b"a b c"}
    commit = cache.add("org/model", shared | {"model.safetensors": b"x" * 9000})
    cache.add("org/model", shared, refs=("other",))
    found = plan_deletion(scan(cache.root), [Target(ModelKey("org/model", commit))])
    dialog = ask(found)
    assert f"revision main · {commit[:7]}" in seen(dialog)
    folded = only(dialog, Folded)
    assert folded.title == "2 files stay, 7 B: something else needs them"
    folded.set_open(True)
    lines = only(folded, LineList)
    assert lines.isVisible()
    assert lines.texts()[0] == "config.json · 2 B · another revision of the model needs it"


def test_files_that_go_are_named(ask: Callable[..., DeleteDialog], cache: CacheMaker) -> None:
    cache.add("org/model", {"a.json": b"{}", "onnx/model.onnx": b"x", "b.json": b"[]"})
    targets = [Target(ModelKey("org/model"), ("a.json", "onnx/model.onnx"))]
    dialog = ask(plan_deletion(scan(cache.root), targets))
    assert only(dialog, LineList).texts() == ["a.json", "onnx/model.onnx"]


# What the user decides --------------------------------------------------------------------------------------------


def test_enter_moves_to_the_trash(qtbot: QtBot, ask: Callable[..., DeleteDialog]) -> None:
    found = plan(item())
    dialog = ask(found)
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.answer.plans == (found,)
    assert not dialog.answer.force


def test_enter_is_not_enough_for_what_has_no_way_back(qtbot: QtBot, ask: Callable[..., DeleteDialog]) -> None:
    dialog = ask(plan(item()))
    dialog.permanently.click()
    assert dialog.answer.plans[0].permanently
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)


def test_what_is_in_use_needs_a_tick(qtbot: QtBot, ask: Callable[..., DeleteDialog]) -> None:
    users = (OpenFile(4121, "python3", "/x"), OpenFile(4121, "python3", "/y"), OpenFile(7, "vllm", "/x"))
    dialog = ask(plan(item("org/busy", in_use=users), item("org/idle")))
    assert "org/busy is in use by python3 (4121), vllm (7)." in seen(dialog)
    assert not dialog.delete.isEnabled()
    dialog.force.click()
    with qtbot.waitSignal(dialog.accepted):
        dialog.delete.click()
    assert dialog.answer.force


def test_pinned_and_downloading_ones_are_named_too(ask: Callable[..., DeleteDialog]) -> None:
    dialog = ask(plan(item("org/kept", pinned=True), item("org/coming", downloading=("/x.incomplete",))))
    assert "org/kept is pinned." in seen(dialog)
    assert "org/coming is being downloaded just now." in seen(dialog)
    assert not dialog.delete.isEnabled()


def test_without_obstacles_nothing_is_to_be_forced(ask: Callable[..., DeleteDialog]) -> None:
    dialog = ask(plan(item()))
    assert not dialog.force.isVisible()
    assert "processes" not in seen(dialog)


def test_processes_that_were_not_seen_are_told(ask: Callable[..., DeleteDialog]) -> None:
    assert "12 processes of other users" in seen(ask(plan(item(), unseen=12)))


def test_a_plan_for_good_begins_with_the_tick(ask: Callable[..., DeleteDialog]) -> None:
    dialog = ask(plan(item(), permanently=True))
    assert dialog.permanently.isChecked()
    assert words(dialog.delete).startswith("Delete 1 model for good")
    dialog.permanently.click()
    assert not dialog.answer.plans[0].permanently


def test_hundreds_of_items_fit_the_screen(ask: Callable[..., DeleteDialog]) -> None:
    kept = tuple(Kept(f"f{number}", 1, "other models share it") for number in range(200))
    dialog = ask(plan(*(item(f"org/m{number}", pinned=True, kept=kept) for number in range(300))))
    for folded in dialog.findChildren(Folded):
        folded.set_open(True)
    assert dialog.sizeHint().height() < 900


# The other dialogs ------------------------------------------------------------------------------------------------


def test_a_confirmation_is_given_only_by_its_button(qtbot: QtBot, above: QWidget) -> None:
    dialog = ConfirmDialog("Empty the trash?", "This cannot be undone.", "Empty, free 8.1 GB", above)
    dialog.open()
    assert dialog.confirm.text() == "Empty, free 8.1 GB"
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    again = ConfirmDialog("Empty the trash?", "This cannot be undone.", "Empty, free 8.1 GB", above)
    again.open()
    with qtbot.waitSignal(again.accepted):
        again.confirm.click()


def test_an_error_is_a_sentence_with_a_hint_and_its_details_folded(above: QWidget) -> None:
    error = PartlyDone("2 models were not deleted.", failures=["a is busy.", "b is gone."], hint="Try again.")
    error.__cause__ = PermissionError(13, "Permission denied")
    show_error(above, error)
    dialog = only(above, ErrorDialog)
    assert "2 models were not deleted. | Try again." in seen(dialog)
    details = only(dialog, QPlainTextEdit)
    assert not details.isVisible()
    only(dialog, Folded).set_open(True)
    assert details.toPlainText().splitlines()[:2] == ["a is busy.", "b is gone."]
    assert "Permission denied" in details.toPlainText()
    next(b for b in dialog.findChildren(QPushButton) if "Copy" in b.text()).click()
    assert (
        QGuiApplication.clipboard()
        .text()
        .startswith("2 models were not deleted.\n\nTry again.\n\na is busy.")
    )


def test_an_error_without_details_has_nothing_to_unfold(above: QWidget) -> None:
    show_error(above, DamagedArchive("The archive ends too early."))
    assert only(above, ErrorDialog).findChildren(Folded) == []


def test_a_failed_job_tells_its_error_and_what_happened(
    qtbot: QtBot, runner: JobRunner, above: QWidget
) -> None:
    job = runner.run("Import the archive", "fill_the_disk")
    qtbot.waitUntil(lambda: job.state is JobState.ERRORED, timeout=20_000)
    show_failed_job(above, job)
    dialog = only(above, ErrorDialog)
    assert "The disk is full. | Free some space." in seen(dialog)
    assert only(dialog, QPlainTextEdit).toPlainText() == job.details.strip()


def test_the_keys_of_all_commands_are_listed(above: QWidget) -> None:
    find, plain = QAction("&Filter…", above), QAction("No key", above)
    find.setShortcut(QKeySequence("Ctrl+F"))
    dialog = ShortcutsDialog([find, plain], above)
    assert [(line.command, line.keys) for line in dialog.table.rows.values] == [("Filter", "Ctrl+F")]


def test_about_has_the_versions_to_copy(above: QWidget) -> None:
    dialog = AboutDialog(above)
    dialog.open()
    assert versions() in seen(dialog)
    next(b for b in dialog.findChildren(QPushButton) if "Copy" in b.text()).click()
    assert QGuiApplication.clipboard().text() == versions()


def _dialogs(above: QWidget) -> list[QDialog]:
    kept = (Kept("a", 1, "other models share it"),)
    action = QAction("Find", above)
    action.setShortcut(QKeySequence("Ctrl+F"))
    return [
        DeleteDialog([plan(item(pinned=True, kept=kept), item("org/b"), unseen=3)], above),
        DeleteDialog(
            [plan(item(what="files", moves=("/cache/hub/models--org--model/snapshots/c/f",)))], above
        ),
        ConfirmDialog("Sure?", "Really.", "Yes, free 1 GB", above),
        ErrorDialog("It failed.", "Try again.", "details", above),
        ShortcutsDialog([action], above),
        AboutDialog(above),
    ]


@pytest.mark.parametrize("number", range(6))
def test_everything_has_a_name_and_is_reached_by_tab(above: QWidget, number: int) -> None:
    dialog = _dialogs(above)[number]
    dialog.open()
    for folded in dialog.findChildren(Folded):
        folded.set_open(True)
    assert nameless(dialog) == []
    assert unreachable(dialog) == []


def test_escape_closes_a_dialog_and_it_is_gone(qtbot: QtBot, above: QWidget) -> None:
    dialog = ConfirmDialog("Sure?", "Really.", "Yes", above)
    dialog.open()
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

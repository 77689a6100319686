"""The doctor's page: what it shows, what is chosen, and a repair from the click to the trash."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QVBoxLayout
from pytestqt.qtbot import QtBot

from modelkeep.doctor.check_up import CheckUp, LookedAt
from modelkeep.doctor.findings import DAY, Finding, RepairPlan
from modelkeep.errors import CacheBusy
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress
from modelkeep_gui.doctor.findings_model import FindingsModel
from modelkeep_gui.doctor.page import DoctorPage
from modelkeep_gui.doctor.repair_dialog import RepairDialog
from modelkeep_gui.operations import doctor, undo
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.sessions import Heard, open_session

PATIENCE = 20_000
CHECKED, PARTLY, UNCHECKED = (
    Qt.CheckState.Checked,
    Qt.CheckState.PartiallyChecked,
    Qt.CheckState.Unchecked,
)


def finding(problem: str, number: int = 0, **values: object) -> Finding:
    key = ModelKey(f"org/model-{number}")
    usual = {"on_disk": 4_000_000, "frees": 4_000_000, "around": 4_000_000, "key": key}
    path = f"/hub/models--org--model-{number}/{problem}"
    return Finding(problem, "/hub", path, f"{key}: what it is.", "What is done.", **usual | values)  # type: ignore[arg-type]


DEAD = [finding("dead-download", number) for number in range(3)]
YOUNG = finding("orphan-blob", 7, refusal="A download may be under way.")
LOCK = finding("idle-lock", 8)
STRAY = finding("stray-file", 9, key=None)
BROKEN = finding("wrong-size", 4)


def check_up(*findings: Finding) -> CheckUp:
    return CheckUp((LookedAt("/hub", 12, True),), findings, time.time())


@pytest.fixture
def page(qtbot: QtBot) -> DoctorPage:
    page = DoctorPage()
    qtbot.addWidget(page)
    page.resize(700, 500)
    page.show()
    return page


def lines(model: FindingsModel, parent: QModelIndex | None = None) -> list[str]:
    top = parent or QModelIndex()
    return [model.index(row, 0, top).data() for row in range(model.rowCount(top))]


def checks(model: FindingsModel, parent: QModelIndex | None = None) -> list[object]:
    top, role = parent or QModelIndex(), Qt.ItemDataRole.CheckStateRole
    return [model.index(row, 0, top).data(role) for row in range(model.rowCount(top))]


def test_problems_are_groups_and_the_worst_come_first(page: DoctorPage) -> None:
    page.set_check_up(check_up(STRAY, *DEAD, LOCK, BROKEN))
    model = page.findings
    assert lines(model) == [
        "Files of a wrong size (1)",
        "Downloads that died (3)",
        "Locks that nobody holds (1)",
        "What does not belong in a cache (1)",
    ]
    assert [model.index(row, 1).data() for row in range(4)] == ["damage", "waste", "note", "note"]
    assert model.index(1, 3).data() == "12 MB"
    assert len(lines(model, model.index(1, 0))) == 3
    assert "4 problems" in page.summary
    assert "2 notes" in page.summary


def test_what_is_safe_is_chosen_and_the_rest_is_not(qtbot: QtBot, page: DoctorPage) -> None:
    with qtbot.waitSignal(page.choice_made) as made:
        page.set_check_up(check_up(*DEAD, YOUNG, LOCK, STRAY))
    model = page.findings
    assert checks(model) == [None, CHECKED, UNCHECKED, None]
    assert made.args == [{"/hub": [one.id for one in DEAD]}]
    page.set_frees(4_100_000_000)
    assert page.repair.text() == "Repair 3 problems, free 4.1 GB"
    top = model.index(1, 0)
    assert model.setData(model.index(0, 0, top), UNCHECKED, Qt.ItemDataRole.CheckStateRole)
    assert checks(model)[1] is PARTLY
    assert page.repair.text() == "Repair 2 problems"
    model.setData(top, UNCHECKED, Qt.ItemDataRole.CheckStateRole)
    assert checks(model, top) == [UNCHECKED] * 3
    assert not page.repair.isEnabled()
    assert not model.setData(model.index(0, 0, model.index(0, 0)), CHECKED, Qt.ItemDataRole.CheckStateRole)


def test_the_space_bar_chooses(qtbot: QtBot, page: DoctorPage) -> None:
    page.set_check_up(check_up(*DEAD))
    page.tree.setCurrentIndex(page.findings.index(0, 0))
    qtbot.keyClick(page.tree, Qt.Key.Key_Space)
    assert page.findings.chosen_count == 0
    qtbot.keyClick(page.tree, Qt.Key.Key_Space)
    assert page.findings.chosen_count == 3


def test_a_choice_outlives_another_look(page: DoctorPage) -> None:
    page.set_check_up(check_up(*DEAD, LOCK))
    page.findings.choose(page.findings.index(0, 0, page.findings.index(0, 0)), False)
    page.findings.choose(page.findings.index(1, 0), True)
    page.set_check_up(check_up(finding("dead-download", 5), *DEAD, LOCK))
    assert page.findings.chosen == {
        "/hub": [finding("dead-download", 5).id, *(o.id for o in DEAD[1:]), LOCK.id]
    }


def test_a_line_is_explained(page: DoctorPage) -> None:
    page.set_check_up(check_up(*DEAD, YOUNG, BROKEN))
    model = page.findings
    page.tree.setCurrentIndex(model.index(0, 0, model.index(1, 0)))
    assert "Not now: A download may be under way." in page.about.text
    page.tree.setCurrentIndex(model.index(0, 0, model.index(0, 0)))
    assert "What you can do: What is done." in page.about.text
    page.tree.setCurrentIndex(model.index(0, 0, model.index(2, 0)))
    assert "Repair: What is done. It can be undone from the trash." in page.about.text
    assert page.about.model.isVisible()


def test_when_nothing_is_wrong_that_is_all_it_says(qtbot: QtBot, page: DoctorPage) -> None:
    with qtbot.waitSignal(page.counted) as counted:
        page.set_check_up(check_up())
    assert counted.args == [0]
    assert page.is_large
    assert page.state.text == "Nothing is wrong 12 models in /hub, examined just now"
    assert not page.repair.isVisible()


def test_a_disk_that_is_away_is_not_called_well(page: DoctorPage) -> None:
    page.set_check_up(CheckUp((LookedAt("/hub", 12, True), LookedAt("/stick", 0, False)), (), time.time()))
    assert page.state.text.endswith("12 models in /hub, examined just now · 1 cache is away")
    page.set_check_up(CheckUp((LookedAt("/stick", 0, False),), (), time.time()))
    assert page.state.text.startswith("There is nothing to examine")


def test_notes_are_no_problems(qtbot: QtBot, page: DoctorPage) -> None:
    with qtbot.waitSignal(page.counted) as counted:
        page.set_check_up(check_up(LOCK))
    assert counted.args == [0]
    assert page.summary.startswith("Nothing is wrong · 1 note · 12 models in /hub")


def test_it_says_how_far_it_is_and_can_be_stopped(qtbot: QtBot, page: DoctorPage) -> None:
    page.set_busy(True)
    page.show_progress(Progress("Examining", 3, 12, "org/model", "models"))
    assert page.state.text == "Examining the caches Examining · org/model · 3 of 12"
    with qtbot.waitSignal(page.cancel_requested):
        page.cancel.trigger()
    page.set_busy(False)
    assert page.state.text.startswith("Not examined yet")
    page.set_check_up(check_up(*DEAD))
    page.set_busy(True)
    page.show_progress(Progress("Examining", 3, 12, "org/model", "models"))
    assert (page.summary, page.is_large) == ("Examining · org/model · 3 of 12", False)
    assert not page.repair.isEnabled()


def test_an_error_says_what_to_do(page: DoctorPage) -> None:
    page.show_error(CacheBusy("It is busy.", hint="Wait."))
    assert page.state.text == "The caches could not be examined It is busy. Wait."
    assert page.examine.isEnabled()


def test_everything_can_be_reached_and_named(page: DoctorPage) -> None:
    page.set_check_up(check_up(*DEAD))
    page.tree.setCurrentIndex(page.findings.index(0, 0, page.findings.index(0, 0)))
    assert nameless(page) == []
    assert unreachable(page) == []


def test_a_thousand_findings_are_a_right_model(page: DoctorPage) -> None:
    tester = QAbstractItemModelTester(page.findings, QAbstractItemModelTester.FailureReportingMode.Fatal)
    page.set_check_up(check_up(*(finding("dead-download", number) for number in range(1000)), LOCK))
    page.tree.expandAll()
    page.findings.choose(page.findings.index(0, 0), False)
    page.set_check_up(check_up())
    assert page.findings.rowCount() == 0
    tester.deleteLater()


def test_the_plan_says_what_has_no_undo(qtbot: QtBot) -> None:
    dialog = RepairDialog([RepairPlan("/hub", (*DEAD, LOCK), 16_000_000)])
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.windowTitle() == "Repair 4 problems?"
    assert dialog.repair.text() == "Repair 4 problems, free 16 MB"
    assert dialog.lines.texts()[0] == "Downloads that died (3) · 12 MB\nWhat is done."
    assert dialog.cancel.isDefault()
    safe = RepairDialog([RepairPlan("/hub", tuple(DEAD), 12_000_000)])
    qtbot.addWidget(safe)
    assert safe.repair.isDefault()


# ---- with the real library


@pytest.fixture
def heard(
    qtbot: QtBot, qapp: QApplication, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heard]:
    cache.add("org/ill", {"w.bin": b"weights" * 4000})
    old = time.time() - 2 * DAY
    os.utime(cache.orphan("org/ill", b"nobody's" * 2000), (old, old))
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    with open_session(qtbot, qapp) as heard:
        yield heard


def orphans(cache: CacheMaker) -> list[Path]:
    blobs = cache.folder("org/ill") / "blobs"
    linked = {path.resolve() for path in (cache.folder("org/ill") / "snapshots").rglob("*")}
    return [path for path in blobs.iterdir() if path.resolve() not in linked]


def test_a_repair_from_the_click_to_the_trash_and_back(qtbot: QtBot, heard: Heard, cache: CacheMaker) -> None:
    page = doctor.make_page(heard.session, heard.window)
    QVBoxLayout(heard.window).addWidget(page)
    assert len(orphans(cache)) == 1
    with qtbot.waitSignal(page.counted, timeout=PATIENCE) as counted:
        heard.window.show()
    assert counted.args == [1]
    qtbot.waitUntil(lambda: "free 16 kB" in page.repair.text(), timeout=PATIENCE)
    page.repair.click()
    qtbot.waitUntil(lambda: bool(heard.window.findChildren(RepairDialog)), timeout=PATIENCE)
    with qtbot.waitSignal(page.counted, timeout=PATIENCE) as counted:
        heard.window.findChildren(RepairDialog)[0].accept()
        assert page.repair.text() == "Repairing…"
    assert counted.args == [0]
    assert orphans(cache) == []
    [message] = heard.said
    assert (message.text, message.action) == ("Repaired 1 problem; what was removed is in the trash.", "Undo")
    assert heard.undos == [message.about]
    heard.said.clear()
    undo.restore(heard.session, heard.undos[0].entries)
    qtbot.waitUntil(lambda: bool(heard.said), timeout=PATIENCE)
    assert len(orphans(cache)) == 1


def test_what_could_not_be_repaired_is_told(qtbot: QtBot, heard: Heard, cache: CacheMaker) -> None:
    page = doctor.make_page(heard.session, heard.window)
    QVBoxLayout(heard.window).addWidget(page)
    with qtbot.waitSignal(page.counted, timeout=PATIENCE):
        heard.window.show()
    page.repair.click()
    qtbot.waitUntil(lambda: bool(heard.window.findChildren(RepairDialog)), timeout=PATIENCE)
    os.utime(orphans(cache)[0])  # as if it were being downloaded again
    heard.window.findChildren(RepairDialog)[0].accept()
    qtbot.waitUntil(lambda: bool(heard.said), timeout=PATIENCE)
    assert heard.said[0].text.startswith("Repaired 0 of 1 problem: ")
    assert (heard.said[0].tone, heard.said[0].action) == ("bad", "Details")
    assert len(orphans(cache)) == 1

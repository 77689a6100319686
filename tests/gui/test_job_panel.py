"""The JOBS panel over real jobs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TypeVar

import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from modelkeep.errors import ModelKeepError, UnsafeModel
from modelkeep.progress import Progress
from modelkeep_gui.jobs.details import JobDetails
from modelkeep_gui.jobs.garbage import collect_while_unwatched
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.panel import JobPanel
from modelkeep_gui.jobs.row import JobRow, clock_text
from modelkeep_gui.jobs.runner import JobRunner

PATIENCE = 20_000

Part = TypeVar("Part", bound=QObject)


@pytest.fixture
def panel(qtbot: QtBot, runner: JobRunner) -> JobPanel:
    panel = JobPanel(runner)
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    return panel


def reach(qtbot: QtBot, job: Job, state: JobState) -> Job:
    qtbot.waitUntil(lambda: job.state is state, timeout=PATIENCE)
    return job


def failed(qtbot: QtBot, runner: JobRunner) -> Job:
    return reach(qtbot, runner.run("Import the archive", "fill_the_disk"), JobState.ERRORED)


def row_of(panel: JobPanel, job: Job) -> JobRow:
    return next(row for row in panel.rows() if row.job is job)


def part(widget: QWidget, kind: type[Part]) -> Part:
    """The one child of that kind."""
    (found,) = widget.findChildren(kind)
    return found


def texts(widget: JobPanel | JobRow) -> str:
    """What a person reads there."""
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def titles(panel: JobPanel) -> list[str]:
    """The titles as they are laid out, from top to bottom."""
    return [row.job.title for row in sorted(panel.findChildren(JobRow), key=lambda row: row.y())]


def test_without_jobs_there_is_only_a_line(panel: JobPanel) -> None:
    assert texts(panel) == "Nothing is running"
    assert not part(panel, QScrollArea).isVisible()


def test_a_running_job_shows_how_far_it_is(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    job = reach(qtbot, runner.run("Export", "wait_unheeding", "/never"), JobState.RUNNING)
    job.advance(Progress("Packing", 3 << 40, 4 << 40, "model.safetensors"))
    row = row_of(panel, job)
    bar = part(row, QProgressBar)
    assert (bar.value(), bar.maximum()) == (750, 1000)
    assert texts(row) == "Export | Packing · model.safetensors | 75 %"


def test_a_job_of_unknown_length_shows_that_it_is_busy(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    job = reach(qtbot, runner.run("Scan", "wait_unheeding", "/never"), JobState.RUNNING)
    job.advance(Progress("Looking", 1234, unit="models"))
    row = row_of(panel, job)
    bar = part(row, QProgressBar)
    assert bar.maximum() == 0
    assert part(bar, QTimer).isActive()
    assert "1,234" in texts(row)
    panel.set_open(False)
    assert not part(bar, QTimer).isActive(), "nothing moves where nobody sees it"


def test_cancel_and_try_again_are_a_click_each(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    job = reach(qtbot, runner.run("Export", "wait"), JobState.RUNNING)
    row = row_of(panel, job)
    row.cancel.click()
    assert "Stopping…" in texts(row)
    reach(qtbot, job, JobState.CANCELED)
    assert texts(row) == "Export | Cancelled"
    row.retry.click()
    reach(qtbot, job, JobState.RUNNING)
    assert row.cancel.isVisible()


def test_a_failed_job_stays_with_its_hint_until_it_is_dismissed(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    job = failed(qtbot, runner)
    panel.clear_finished()
    row = row_of(panel, job)
    assert texts(row) == "Import the archive | The disk is full. | Free some space."
    with qtbot.waitSignal(job.destroyed, timeout=PATIENCE):
        row.dismiss.click()
    assert panel.rows() == []


def test_a_finished_job_is_a_line_that_says_what_was_done(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    job = runner.run(
        "Export 3 models", "add", 1, on_done=lambda _: setattr(job, "summary", "Exported 3 models")
    )
    reach(qtbot, job, JobState.COMPLETED)
    assert texts(row_of(panel, job)).startswith("Exported 3 models | ")
    panel.clear_finished()
    assert panel.rows() == []


def test_only_the_latest_finished_jobs_are_kept(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    jobs = [runner.run(f"Job {i}", "add", 1) for i in range(30)]
    reach(qtbot, jobs[-1], JobState.COMPLETED)
    qtbot.waitUntil(lambda: titles(panel) == [f"Job {i}" for i in range(29, 9, -1)], timeout=PATIENCE)


def test_many_jobs_take_no_more_room_than_a_few(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    for lane in range(30):
        runner.run("Wait", "wait_unheeding", "/never", lane="one" if lane else "other")
        if lane == 0:
            assert part(panel, QScrollArea).height() >= panel.rows()[0].sizeHint().height()
    assert len(panel.rows()) == 30
    assert panel.sizeHint().height() < 250


def test_waiting_jobs_are_moved_by_their_buttons(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    reach(qtbot, runner.run("first", "wait_unheeding", "/never"), JobState.RUNNING)
    one, two = runner.run("one", "add", 1), runner.run("two", "add", 1)
    assert [row_of(panel, job).up.isEnabled() for job in (one, two)] == [False, True]
    row_of(panel, two).up.click()
    qtbot.waitUntil(lambda: titles(panel) == ["first", "two", "one"], timeout=PATIENCE)
    assert [row_of(panel, job).up.isEnabled() for job in (one, two)] == [True, False]


def test_what_happened_can_be_read_and_copied(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    job = failed(qtbot, runner)
    row_of(panel, job).details.click()
    dialog = part(panel, JobDetails)
    assert dialog.isVisible()
    assert part(dialog, QPlainTextEdit).toPlainText() == job.details
    copy = next(button for button in dialog.findChildren(QPushButton) if "Copy" in button.text())
    copy.click()
    assert QGuiApplication.clipboard().text() == job.details
    job.forget()
    with qtbot.waitSignal(dialog.destroyed, timeout=PATIENCE):
        dialog.close()


def test_a_closed_panel_still_says_what_runs_and_what_failed(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    failed(qtbot, runner)
    job = reach(qtbot, runner.run("Export", "wait_unheeding", "/never"), JobState.RUNNING)
    panel.set_open(False)
    job.advance(Progress("Packing", 1, 2))
    assert texts(panel) == "Export  50 %    ⚠ 1 failed"
    assert not part(panel, QScrollArea).isVisible()
    panel.set_open(True)
    assert part(panel, QScrollArea).isVisible()


def test_a_job_that_found_something_bad_has_not_failed(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    def take(_: object) -> None:
        job.summary, job.findings = "2 of 3 models are not what they should be.", "org/a: 1 file bad"

    job = runner.run("Verify all models", "add", 1, on_done=take)
    reach(qtbot, job, JobState.COMPLETED)
    assert "⚠ 1 found something" in texts(panel)
    assert "failed" not in texts(panel)
    assert "done" not in texts(panel)
    assert "org/a: 1 file bad" in job.details


def test_a_sentence_is_said_once(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    def take(_: object) -> None:
        job.summary = "1 of 2 files could not be mended."
        job.error = ModelKeepError(job.summary)

    job = runner.run("Mend 2 files", "add", 1, on_done=take)
    reach(qtbot, job, JobState.COMPLETED)
    assert texts(row_of(panel, job)).count("could not be mended") == 1


def test_no_option_of_the_command_line_is_told_in_the_window(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    def take(_: object) -> None:
        job.error = UnsafeModel("hf@org/a is not safe to load.", hint="Allow it: --allow-unsafe org/a")

    job = runner.run("Try loading org/a", "add", 1, on_done=take)
    reach(qtbot, job, JobState.COMPLETED)
    assert "org/a is not safe to load." in texts(row_of(panel, job))
    assert "--" not in texts(row_of(panel, job))
    assert "hf@" not in texts(row_of(panel, job))


def test_the_focus_stays_in_the_line_of_a_job_that_was_cancelled(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    with qtbot.waitActive(panel):
        panel.activateWindow()
    job = reach(qtbot, runner.run("Import", "wait", "/never"), JobState.RUNNING)
    row = row_of(panel, job)
    row.cancel.setFocus()
    qtbot.keyClick(row.cancel, Qt.Key.Key_Space)
    reach(qtbot, job, JobState.CANCELED)
    assert row.details.hasFocus()


def test_quiet_jobs_have_no_row(qtbot: QtBot, runner: JobRunner, panel: JobPanel) -> None:
    job = runner.run("Look", "add", 1, visible=False)
    assert panel.rows() == []
    reach(qtbot, job, JobState.COMPLETED)
    assert panel.rows() == []


def test_every_button_has_a_name_and_is_reached_by_tab(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    failed(qtbot, runner)
    reach(qtbot, runner.run("Export", "wait_unheeding", "/never"), JobState.RUNNING)
    runner.run("Export 2", "add", 1)
    buttons = panel.findChildren(QToolButton)
    buttons = [button for button in buttons if button.isVisible()]
    assert len(buttons) == 1 + 3 + 2 + 3
    assert all(button.accessibleName() for button in buttons)
    assert len({button.accessibleName() for button in buttons}) == len(buttons)
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in buttons)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00"), (11.2, "0:12"), (725.0, "12:05"), (3723.0, "1:02:03")]
)
def test_a_length_of_time_reads_like_a_clock(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


@pytest.fixture
def thresholds() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    yield before
    gc.set_threshold(*before)


def test_all_objects_are_looked_through_only_while_nobody_watches(
    qapp: QGuiApplication, thresholds: tuple[int, int, int]
) -> None:
    collections: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            collections.append(1)

    collect_while_unwatched(qapp)
    gc.callbacks.append(note)
    try:
        kept = [[i] for i in range(200_000)]
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        assert len(kept) == 200_000
        assert collections == []
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
        assert collections == [1]
    finally:
        gc.callbacks.remove(note)


def test_a_job_that_can_is_paused_and_resumed_by_the_keyboard(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    job = reach(qtbot, runner.run("Verify", "wait", can_pause=True), JobState.RUNNING)
    row = row_of(panel, job)
    assert row.pause.isVisible()
    assert row.pause.accessibleName() == "Pause: Verify"
    row.pause.setFocus()
    qtbot.keyClick(row.pause, Qt.Key.Key_Space)
    assert job.is_paused
    assert "Paused" in texts(row)
    assert "1 paused" in texts(panel)
    assert row.pause.accessibleName() == "Resume: Verify"
    bar = part(row, QProgressBar)
    assert not part(bar, QTimer).isActive(), "nothing moves while it rests"
    qtbot.keyClick(row.pause, Qt.Key.Key_Space)
    assert not job.is_paused
    assert "1 running" in texts(panel)
    job.cancel()
    reach(qtbot, job, JobState.CANCELED)
    assert not row.pause.isVisible()


def test_a_job_that_cannot_be_paused_has_no_button_for_it(
    qtbot: QtBot, runner: JobRunner, panel: JobPanel
) -> None:
    job = reach(qtbot, runner.run("Export", "wait"), JobState.RUNNING)
    assert not row_of(panel, job).pause.isVisible()
    job.cancel()
    reach(qtbot, job, JobState.CANCELED)

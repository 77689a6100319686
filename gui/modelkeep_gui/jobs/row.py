"""One job as a line of the panel."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from modelkeep.errors import UnsafeModel
from modelkeep.progress import Progress
from modelkeep.text import size_text, time_text
from modelkeep_gui.icons import icon
from modelkeep_gui.jobs.details import JobDetails
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.flat_button import FlatButton
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.sign import Sign

__all__ = ["JobRow", "clock_text", "figures_text"]

_SIGNS = {
    JobState.QUEUED: ("list", "muted"),
    JobState.RUNNING: ("refresh", "accent"),
    JobState.COMPLETED: ("done", "good"),
    JobState.CANCELED: ("cancel", "muted"),
    JobState.ERRORED: ("warning", "bad"),
}
_LOOK_HERE = ("warning", "warn")
_PAUSED = ("pause", "muted")


class JobRow(QWidget):
    """A job's title, how far it is, and what can be done with it: a quiet line once it is over, two if it failed."""

    def __init__(self, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        self._sign = Sign()
        self._title = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        self._detail = ElidedLabel(elide=Qt.TextElideMode.ElideRight, muted=True)
        self._hint = ElidedLabel(elide=Qt.TextElideMode.ElideRight, muted=True)
        self._bar = ProgressLine()
        self._figures = QLabel()
        self.up = FlatButton(self.tr("Move up"), "up")
        self.down = FlatButton(self.tr("Move down"), "down")
        self.retry = FlatButton(self.tr("Try again"), "retry")
        self.pause = FlatButton(self.tr("Pause"), "pause")
        self.details = FlatButton(self.tr("Show what happened"), "info")
        self.cancel = FlatButton(self.tr("Cancel"), "cancel")
        self.dismiss = FlatButton(self.tr("Dismiss"), "cancel")
        self._arrange()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the job's state anew."""
        job, state = self.job, self.job.state
        is_to_be_seen = state is JobState.COMPLETED and bool(job.error or job.findings)
        sign = _LOOK_HERE if is_to_be_seen else _PAUSED if job.is_paused else _SIGNS[state]
        self._sign.show_icon(*sign)
        self._title.setText(job.summary if job.summary and state is JobState.COMPLETED else job.title)
        self._title.set_muted(state in (JobState.COMPLETED, JobState.CANCELED))
        # What is dangerous is asked about in a dialog; the hint is for those who typed a command.
        has_hint = job.error is not None and not isinstance(job.error, UnsafeModel)
        self._hint.setText(job.error.hint if job.error and has_hint else "")
        self._hint.setVisible(bool(self._hint.text()))
        self._bar.setVisible(state is JobState.RUNNING)
        self._figures.setVisible(state is JobState.RUNNING)
        self.up.setVisible(state is JobState.QUEUED)
        self.down.setVisible(state is JobState.QUEUED)
        self.retry.setVisible(job.can_retry and state in (JobState.CANCELED, JobState.ERRORED))
        self.details.setVisible(state is not JobState.QUEUED)
        if (job.is_stopping or state.is_end) and (self.cancel.hasFocus() or self.pause.hasFocus()):
            self.details.setFocus()  # else it would go to whatever comes next in the window
        self._show_pause()
        self.cancel.setVisible(not state.is_end)
        self.cancel.setEnabled(not job.is_stopping)
        self.dismiss.setVisible(state.is_end)
        self._show_progress()

    def set_place(self, place: int, count: int) -> None:
        """Say which of the `count` jobs that wait in its lane it is, from 0, or -1 for none of them."""
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < count - 1)

    def show_details(self) -> None:
        JobDetails(self.job, self.window()).show()

    def _show_progress(self) -> None:
        self._detail.setText(self._detail_text())
        self._figures.setText(figures_text(self.job))
        progress = self.job.progress or Progress("")
        # Nothing moves while it rests, also where nobody knows how much there is to do.
        total = progress.total or (1 if self.job.is_paused else 0)
        self._bar.show_share(progress.done if progress.total else 0, total)

    def _show_pause(self) -> None:
        job, pause = self.job, self.pause
        text = self.tr("Resume") if job.is_paused else self.tr("Pause")
        pause.setText(text)
        pause.setToolTip(text)
        pause.setIcon(icon("resume" if job.is_paused else "pause"))
        pause.setAccessibleName(f"{text}: {job.title}")
        pause.setVisible(job.can_pause and job.state is JobState.RUNNING)
        pause.setEnabled(not job.is_stopping)

    def _detail_text(self) -> str:
        job = self.job
        match job.state:
            case JobState.QUEUED:
                return self.tr("Waiting")
            case JobState.RUNNING if job.is_stopping:
                return self.tr("Stopping…")
            case JobState.RUNNING if job.is_paused:
                return self.tr("Paused")
            case JobState.RUNNING if job.progress:
                return " · ".join(filter(None, (job.progress.step, job.progress.item)))
            case JobState.CANCELED:
                return self.tr("Cancelled")
            case JobState.ERRORED | JobState.COMPLETED if job.error and str(job.error) != job.summary:
                return str(job.error).removeprefix("hf@")
            case JobState.COMPLETED:
                return time_text(job.ended_at)[11:16]
        return ""

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(self._title)
        line.addWidget(self._detail, 1)
        line.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._figures)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for each in (self.up, self.down, self.retry, self.pause, self.details, self.cancel, self.dismiss):
            each.setAccessibleName(f"{each.text()}: {self.job.title}")
            buttons.addWidget(each)
        layout = QGridLayout(self)
        layout.setContentsMargins(3 * GRID, 1, 2 * GRID, 1)
        layout.setHorizontalSpacing(2 * GRID)
        layout.setVerticalSpacing(0)
        layout.addWidget(self._sign, 0, 0)
        layout.addLayout(line, 0, 1)
        layout.addLayout(buttons, 0, 2)
        layout.addWidget(self._hint, 1, 1, 1, 2)
        layout.setColumnStretch(1, 1)
        # As wide as the widest figures, so that nothing jumps while they change.
        self._figures.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %  888 MB/s  88:88 left"))
        self._figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar.setAccessibleName(self.job.title)

    def _connect(self) -> None:
        self.up.clicked.connect(self.job.move_up)
        self.down.clicked.connect(self.job.move_down)
        self.retry.clicked.connect(self.job.retry)
        self.cancel.clicked.connect(self._stop)
        self.pause.clicked.connect(self._pause_or_resume)
        self.dismiss.clicked.connect(self.job.forget)
        self.details.clicked.connect(self.show_details)
        self.job.started.connect(self.refresh)
        self.job.paused.connect(self.refresh)
        self.job.progressed.connect(self._show_progress)
        self.job.ended.connect(self.refresh)

    def _pause_or_resume(self) -> None:
        if self.job.is_paused:
            self.job.resume()
        else:
            self.job.pause()

    def _stop(self) -> None:
        self.job.cancel()
        self.refresh()


def figures_text(job: Job) -> str:
    """How far a running job is: "62 %  41 MB/s  0:12 left", as much of it as is known."""
    tr = QCoreApplication.translate
    progress = job.progress
    if progress is None:
        return ""
    parts = []
    if progress.total:
        parts.append(f"{min(100, progress.done * 100 // progress.total)} %")
    elif progress.done:
        parts.append(size_text(progress.done) if progress.unit == "bytes" else f"{progress.done:,}")
    if job.rate:
        parts.append(tr("JobRow", "{size}/s").format(size=size_text(round(job.rate))))
    if job.seconds_left is not None:
        parts.append(tr("JobRow", "{time} left").format(time=clock_text(job.seconds_left)))
    return "  ".join(parts)


def clock_text(seconds: float) -> str:
    """A length of time as a clock shows it: "0:12", "12:05", "1:02:03"."""
    minutes, second = divmod(math.ceil(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"

"""The JOBS panel: what runs, what waits, what went wrong and what was done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.row import JobRow, figures_text
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["JobPanel"]

_HEIGHT = 44 * GRID  # of the rows that are seen at once, in pixels
_KEPT = 20  # lines of jobs that went well; older ones go by themselves

_ORDER = {
    JobState.RUNNING: 0,
    JobState.QUEUED: 1,
    JobState.ERRORED: 2,
    JobState.CANCELED: 3,
    JobState.COMPLETED: 3,
}
_CLEARED = (JobState.COMPLETED, JobState.CANCELED)


class JobPanel(QFrame):
    """A line that sums up the jobs, and beneath it, unless it is closed, a row for each."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._rows: dict[Job, JobRow] = {}
        self._is_open = True
        self._head = FlatButton(self.tr("Jobs"))
        self._summary = ElidedLabel(elide=Qt.TextElideMode.ElideRight, muted=True)
        self._clear = FlatButton(self.tr("Clear finished"), "done")
        self._body = QWidget()
        self._scroll = QScrollArea(widgetResizable=True)
        self._lay_out()
        self._connect()
        self._arrange()

    @property
    def is_open(self) -> bool:
        return self._is_open

    def set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        self._arrange()

    def rows(self) -> list[JobRow]:
        """All rows from top to bottom: what runs, what waits in its order, what failed, then the latest end first."""
        queue = {job: place for place, job in enumerate(self._runner.waiting())}

        def place(row: JobRow) -> tuple[int, float]:
            state = row.job.state
            return _ORDER[state], -row.job.ended_at if state.is_end else queue.get(row.job, -1)

        return sorted(self._rows.values(), key=place)

    def clear_finished(self) -> None:
        """Dismiss what is over, but for what failed: that stays until somebody has seen it."""
        for job in self._jobs(*_CLEARED):
            job.forget()

    def _jobs(self, *states: JobState) -> list[Job]:
        return [row.job for row in self.rows() if row.job.state in states]

    def _lay_out(self) -> None:
        for each in (self._head, self._clear):
            each.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            each.setToolTip("")
        self._summary.setAccessibleName(self.tr("Jobs in short"))
        self._scroll.setAccessibleName(self.tr("Jobs"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._body)
        self._list = QVBoxLayout(self._body)
        self._list.setContentsMargins(0, 0, 0, GRID)
        self._list.setSpacing(0)
        line = QHBoxLayout()
        line.setContentsMargins(GRID, GRID, 2 * GRID, GRID)
        line.setSpacing(2 * GRID)
        line.addWidget(self._head)
        line.addWidget(self._summary, 1)
        line.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self._scroll)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self._head.clicked.connect(lambda: self.set_open(not self._is_open))
        self._clear.clicked.connect(self.clear_finished)
        self._runner.added.connect(self._add)
        self._runner.requeued.connect(self._refresh)
        self._runner.removed.connect(self._remove)

    def _add(self, job: Job) -> None:
        row = self._rows[job] = JobRow(job)
        self._list.addWidget(row)
        row.show()  # not only when the loop comes round: the height counts it now
        job.started.connect(self._arrange)
        job.paused.connect(self._sum_up)
        job.progressed.connect(self._sum_up)
        job.ended.connect(self._end)
        self._arrange()

    def _refresh(self, job: Job) -> None:
        if row := self._rows.get(job):
            row.refresh()
            self._arrange()

    def _end(self) -> None:
        for job in self._jobs(*_CLEARED)[_KEPT:]:
            job.forget()
        self._arrange()

    def _remove(self, job: Job) -> None:
        if row := self._rows.pop(job, None):
            row.hide()
            row.deleteLater()
            self._arrange()

    def _arrange(self) -> None:
        """Put the rows in their order, and take as much height as they need and may have."""
        rows = self.rows()
        for place, row in enumerate(rows):
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
            lane = self._runner.waiting(row.job.call.lane)
            row.set_place(lane.index(row.job) if row.job in lane else -1, len(lane))
        self._head.setArrowType(Qt.ArrowType.DownArrow if self._is_open else Qt.ArrowType.RightArrow)
        self._head.setAccessibleName(self.tr("Hide the jobs") if self._is_open else self.tr("Show the jobs"))
        self._clear.setVisible(any(row.job.state in _CLEARED for row in rows))
        self._scroll.setVisible(self._is_open and bool(rows))
        self._list.activate()
        self._scroll.setFixedHeight(min(_HEIGHT, self._list.sizeHint().height()))
        self._sum_up()

    def _sum_up(self) -> None:
        begun = self._jobs(JobState.RUNNING)
        running = [job for job in begun if not job.is_paused]
        parts = []
        if running and not self._is_open:
            parts.append(f"{running[0].title}  {figures_text(running[0])}")
        elif running:
            parts.append(self.tr("%n running", "", len(running)))
        if paused := len(begun) - len(running):
            parts.append(self.tr("%n paused", "", paused))
        if waiting := self._jobs(JobState.QUEUED):
            parts.append(self.tr("%n waiting", "", len(waiting)))
        ended = self._jobs(JobState.COMPLETED)
        # One that came to its end may still say why not all of it was done.
        if failed := self._jobs(JobState.ERRORED) + [job for job in ended if job.error]:
            parts.append("⚠ " + self.tr("%n failed", "", len(failed)))
        if found := [job for job in ended if job.findings]:
            parts.append("⚠ " + self.tr("%n found something", "", len(found)))
        if done := [job for job in ended if not job.error and not job.findings]:
            parts.append("✓ " + self.tr("%n done", "", len(done)))
        self._summary.setText("    ".join(parts) or self.tr("Nothing is running"))

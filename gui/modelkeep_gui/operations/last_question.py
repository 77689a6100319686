"""Asks the work process for a dialog: of all it asks only the last question counts, and none outlives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner

__all__ = ["LastQuestion"]

_LANES = 4
"""One that is out of date may hang on a slow remote, and the next must not wait for it."""


class LastQuestion(QObject):
    """The questions of one dialog. Asking anew cancels what was asked before."""

    def __init__(self, runner: JobRunner, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._runner = runner
        self._jobs: list[Job] = []
        self._turn = 0
        dialog.finished.connect(lambda _: self.withdraw())

    def withdraw(self) -> None:
        """Nobody wants to know any more what was asked so far."""
        jobs, self._jobs = self._jobs, []
        self._turn += 1
        for job in jobs:
            job.cancel()

    def ask(
        self,
        title: str,
        method: str,
        *args: object,
        on_done: Callable[[Any], object],
        on_failed: Callable[[Any], object],
        on_progress: Callable[[Any], object] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Ask, beside what was asked since the last `withdraw`."""
        turn = self._turn

        def if_wanted(hear: Callable[[Any], object]) -> Callable[[Any], object]:
            return lambda answer: hear(answer) if turn == self._turn else None

        job = self._runner.run(
            title,
            method,
            *args,
            lane=f"question {turn % _LANES}",
            visible=False,
            on_done=if_wanted(on_done),
            on_failed=if_wanted(on_failed),
            **kwargs,
        )
        if on_progress:
            job.progressed.connect(if_wanted(on_progress))
        self._jobs.append(job)
        return job

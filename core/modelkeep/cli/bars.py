"""The progress bar itself. It appears when something takes long enough to wait for, and leaves nothing behind."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from modelkeep.cli.output import elided, readable
from modelkeep.progress import Progress
from modelkeep.text import size_text

__all__ = ["Bars"]

_PATIENCE = 0.3  # seconds before a bar is worth its flicker
_ITEM_WIDTH = 32


class Bars:
    """One bar for the step that goes on now; each new step takes the place of the one before."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._bar: RichProgress | None = None
        self._step = ""

    def show(self, state: Progress) -> None:
        """Show where an operation is."""
        if self._bar is None:
            if time.monotonic() - self._begun < _PATIENCE:
                return
            self._bar = _new_bar()
            self._bar.start()
        if state.step != self._step:
            for old in self._bar.task_ids:
                self._bar.remove_task(old)
            self._bar.add_task(readable(state.step), total=state.total or None, unit=state.unit, item="")
            self._step = state.step
        [task] = self._bar.task_ids
        self._bar.update(
            task,
            completed=state.done,
            total=state.total or None,
            unit=state.unit,
            item=elided(readable(state.item), _ITEM_WIDTH),
        )

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _new_bar() -> RichProgress:
    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        _Amount(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[item]}", style="dim", markup=False),
        console=Console(stderr=True, highlight=False),
        transient=True,
    )


class _Amount(ProgressColumn):
    """How much is done of how much: sizes as everywhere in Modelkeep, or a count."""

    def render(self, task: Task) -> Text:
        text = size_text if task.fields["unit"] == "bytes" else _count_text
        done, total = int(task.completed), task.total
        if total is None:
            return Text(text(done) if done else "")
        return Text(f"{text(done)} of {text(int(total))}")


def _count_text(count: int) -> str:
    return f"{count:,}"

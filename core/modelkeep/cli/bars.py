"""The progress bar itself. It appears when something takes long enough to wait for, and leaves nothing behind."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Column
from rich.text import Text

from modelkeep.cli.output import elided, readable
from modelkeep.progress import Progress
from modelkeep.text import size_text

__all__ = ["Bars", "fitted"]

_PATIENCE = 0.3  # seconds before a bar is worth its flicker
_ITEM_WIDTH = 32
_WIDE = 100  # columns of a terminal that has room for the long bar
_LONG, _SHORT = 28, 12
_FIGURES = 19 + 7 + 4  # “999 MB of 1,000 MB”, the time left, and spaces between


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
        step, item = fitted(state.step, state.item, self._bar.console.width)
        if state.step != self._step:
            for old in self._bar.task_ids:
                self._bar.remove_task(old)
            self._bar.add_task(step, total=state.total or None, unit=state.unit, item="")
            self._step = state.step
        [task] = self._bar.task_ids
        self._bar.update(
            task,
            completed=state.done,
            total=state.total or None,
            unit=state.unit,
            item=item,
        )

    def hide(self) -> None:
        """Take the bar away; it comes again when there is more to show."""
        if self._bar is not None:
            self._bar.stop()
            self._bar, self._step = None, ""


def fitted(step: str, item: str, width: int) -> tuple[str, str]:
    """Both as they fit on one line of that width: the item gives way first."""
    room = max(8, width - (_LONG if width >= _WIDE else _SHORT) - _FIGURES)
    step = elided(readable(step), room)
    left = min(_ITEM_WIDTH, room - len(step))
    return step, elided(readable(item), left) if left >= 8 else ""


def _new_bar() -> RichProgress:
    console = Console(stderr=True, highlight=False)
    return RichProgress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=_LONG if console.width >= _WIDE else _SHORT),
        _Amount(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True, table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[item]}", style="dim", markup=False, table_column=Column(no_wrap=True)),
        console=console,
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

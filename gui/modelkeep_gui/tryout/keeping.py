"""What is kept of tries: what was asked, what was allowed, answers in files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from modelkeep.errors import ModelKeepError
from modelkeep.inference.outcome import Comparison, RememberedInputs
from modelkeep.inference.values import TryResult
from modelkeep.rows import Selection
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.tryout.asking import LOOK

__all__ = ["Keeping"]


class Keeping(QObject):
    """Keeps it of one model, in the core. What comes after `close` is not heard.

    Signals:
        remembered: list of `RememberedInputs`, the latest first.
        code_settled: the yes or no to a model's own code is kept.
        saved: the path of the file with the answer.
        not_saved: the `ModelKeepError`.
    """

    remembered = Signal(object)
    code_settled = Signal()
    saved = Signal(str)
    not_saved = Signal(object)

    def __init__(self, runner: JobRunner, chosen: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._chosen = chosen
        self._is_closed = False

    def close(self) -> None:
        """Nothing more is heard."""
        self._is_closed = True

    def allow_code(self, selected: Selection, allowed: bool) -> None:
        """Remember the user's yes, or no, to the code of this commit."""
        self._run(self.tr("Remember the answer"), "tryouts.allow_code", self._settle, selected, allowed)

    def recall(self) -> None:
        """Ask what the model was asked last."""
        if not self._is_closed:
            self._run(self.tr("See what was asked"), "tryouts.last_inputs", self._show, self._chosen)

    def forget(self) -> None:
        """Forget what the model was asked."""
        title = self.tr("Forget what was asked")
        self._run(title, "tryouts.forget_inputs", lambda _: self.recall(), self._chosen)

    def save(self, result: TryResult | Comparison, path: str) -> None:
        """Write an answer to a file."""

        def fail(error: ModelKeepError) -> None:
            if not self._is_closed:
                self.not_saved.emit(error)

        def tell(_: object) -> None:
            if not self._is_closed:
                self.saved.emit(path)

        self._run(self.tr("Save the answer"), "tryouts.save", tell, result, path, on_failed=fail)

    def _settle(self, _: object) -> None:
        if not self._is_closed:
            self.code_settled.emit()

    def _show(self, found: Sequence[RememberedInputs]) -> None:
        if not self._is_closed:
            self.remembered.emit(list(found))

    def _run(
        self,
        title: str,
        method: str,
        then: Callable[..., object],
        *values: object,
        on_failed: Callable[[ModelKeepError], object] | None = None,
    ) -> None:
        self._runner.run(title, method, *values, lane=LOOK, visible=False, on_done=then, on_failed=on_failed)

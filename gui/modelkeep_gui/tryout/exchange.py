"""From a question to its answer: what is shown while a model loads, thinks, speaks, and when it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from modelkeep.errors import ModelKeepError, OutOfMemory, UnsafeModel
from modelkeep.inference.outcome import Comparison
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import Generated, LoadedModel, Message, TryResult
from modelkeep.progress import Progress
from modelkeep.text import size_text
from modelkeep_gui.tryout.asking import Asking
from modelkeep_gui.tryout.form import Form
from modelkeep_gui.tryout.prompt_form import PromptForm
from modelkeep_gui.tryout.results import Results
from modelkeep_gui.tryout.run_bar import RunBar
from modelkeep_gui.tryout.worker_line import WorkerLine

__all__ = ["Exchange"]

_PATIENCE = 250  # milliseconds that an answer may take before it is said that one waits


class Exchange(QObject):
    """Asks what the form says of what is planned, and shows what comes. The last answer is `answer`.

    Signals:
        unsafe_met: the `UnsafeModel` because of which a dangerous model was not loaded.
        known: the `LoadedModel`, whenever something is known of it.
        answered: there is an answer; whether the model was loaded for it (bool).
    """

    unsafe_met = Signal(object)
    known = Signal(object)
    answered = Signal(bool)

    def __init__(self, asking: Asking, bar: RunBar, results: Results, worker: WorkerLine) -> None:
        super().__init__(bar)
        self.form: Form | None = None
        self.plans: Sequence[TryPlan] = ()
        self.answer: TryResult | Comparison | None = None
        self._asking, self._bar, self._results, self._worker = asking, bar, results, worker
        self._step = ""
        self._since = 0.0
        self._prompt = ""
        self._wanted: Callable[[], object] = self.run
        self._late = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._late.timeout.connect(self._say_waiting)
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._say_step)
        asking.progressed.connect(self._show_progress)
        asking.received.connect(self._show_piece)
        asking.answered.connect(self._show_answer)
        asking.loaded.connect(self._show_loaded)
        asking.failed.connect(self._show_failure)
        asking.stopped.connect(self._show_stopped)
        bar.run.clicked.connect(lambda _: self.run())
        results.trouble.force_wanted.connect(self.run_all_the_same)
        bar.stop.clicked.connect(lambda _: asking.stop())

    @property
    def can_run(self) -> bool:
        """Whether nothing stands in the way but what is missing in the form."""
        if self.form is None or not self.plans or self._asking.is_running:
            return False
        plan = self.plans[0]
        return not plan.problem and (plan.code_allowed or not plan.wants_code)

    def set_form(self, form: Form | None) -> None:
        """Ask by this form from now on; what was answered before is no more."""
        self.form, self.answer = form, None
        self._results.begin_text()
        if form is None:
            self._results.say(self.tr("There is nothing that it can be asked."))
        else:
            self._results.say_nothing()
        self.follow()

    def begin_anew(self) -> None:
        """Forget the conversation."""
        self.answer = None
        self._results.begin_text()
        self._results.say_nothing()
        self.follow()

    def follow(self) -> None:
        """Allow what can be done now."""
        form = self.form if self.can_run else None
        problem = form.problem() if form is not None else ""
        self._bar.follow(
            is_running=self._asking.is_running,
            problem=problem,
            remark=form.remark() if form is not None else "",
            can_run=self.can_run,
            has_answer=self.answer is not None,
        )

    def run(self) -> None:
        """Ask the model, if it can be asked."""
        form = self.form
        if form is None or not self.can_run or form.problem() or not self._is_let(self.run):
            return
        inputs, options = form.inputs(), form.options()
        if isinstance(form, PromptForm) and form.is_chat and len(self.plans) == 1:
            inputs = form.in_conversation(self._results.turns)
            self._prompt = form.text.toPlainText()
            self._results.begin_turn(self._prompt)
            form.text.clear()
        self._begin()
        self._asking.run(self.plans, inputs, options)
        self.follow()

    def run_all_the_same(self) -> None:
        """Ask the model even if it seems not to fit the memory, as the user wants."""
        self._asking.force = True
        self.run()

    def load(self) -> None:
        """Have the model loaded, to know more of it."""
        if self.can_run and self._is_let(self.load):
            self._begin()
            self._asking.load(self.plans[0])
            self.follow()

    def allow_once(self) -> None:
        """Do what was not done because the model is dangerous. The yes is for this once: the next load asks again."""
        self._asking.allow_unsafe = (self.plans[0].key.name,)
        try:
            self._wanted()
        finally:
            self._asking.allow_unsafe = ()

    def _is_let(self, wanted: Callable[[], object]) -> bool:
        self._wanted = wanted
        plan = self.plans[0]
        if plan.verdict != "dangerous" or plan.is_loaded or plan.key.name in self._asking.allow_unsafe:
            return True
        self.unsafe_met.emit(UnsafeModel(self.tr("{} is dangerous to load.").format(plan.key.repo_id)))
        return False

    def _begin(self) -> None:
        self._step, self._since = "", time.monotonic()
        self._late.start()
        self._tick.start()

    def _end(self) -> None:
        self._late.stop()
        self._tick.stop()
        self._worker.follow(self.plans[0].root, self.plans[0].load.key)
        self.follow()

    # ---- what comes

    def _say_waiting(self) -> None:
        is_said = self._results.is_flowing and self._results.has_text
        if not is_said and not self._results.turns:
            self._results.say_busy(self._step or self.tr("Waiting for the answer…"))
        self._say_step()

    def _say_step(self) -> None:
        is_said = self._results.is_flowing and self._results.has_text and not self._results.turns
        said = self._step or (self.tr("Answering…") if is_said else self.tr("Waiting for the answer…"))
        seconds = int(time.monotonic() - self._since)
        self._bar.said.setText(f"{said} {seconds} s" if seconds else said)

    def _show_progress(self, progress: Progress) -> None:
        self._step = progress.step
        if progress.total and progress.unit == "bytes":
            done, total = size_text(progress.done), size_text(progress.total)
            self._step = self.tr("{step}: {done} of {total}").format(
                step=progress.step, done=done, total=total
            )
        if not self._late.isActive():
            self._say_waiting()

    def _show_piece(self, piece: str) -> None:
        self._late.stop()
        if self._step or not self._results.is_flowing:
            self._step = ""
            self._worker.follow(self.plans[0].root, self.plans[0].load.key)
        if not self._results.is_flowing:
            self._results.begin_text()
        self._results.flow.append_piece(piece)

    def _show_answer(self, answer: TryResult | Comparison) -> None:
        self.answer = answer
        if isinstance(answer, Comparison):
            self._results.show_comparison(answer)
        else:
            self._show_result(answer)
        self._prompt = ""
        self._end()
        self.answered.emit(not isinstance(answer, TryResult) or not answer.warm)

    def _show_result(self, result: TryResult) -> None:
        made = result.outputs[0] if result.outputs else None
        was_chat = isinstance(self.form, PromptForm) and self.form.is_chat
        self.known.emit(result.model)
        is_chat = isinstance(self.form, PromptForm) and self.form.is_chat
        if is_chat and not was_chat and isinstance(made, Generated) and result.inputs.texts:
            turns = (Message("user", result.inputs.texts[0]), Message("assistant", made.text))
            self._results.begin_text()
            self._results.flow.set_turns(turns)
            if isinstance(self.form, PromptForm):
                self.form.text.clear()
        self._results.show_result(result)

    def _show_loaded(self, model: LoadedModel) -> None:
        self._results.say_nothing()
        self._end()
        self.known.emit(model)

    def _show_failure(self, error: ModelKeepError) -> None:
        self.answer = None
        self._give_back()
        can_force = isinstance(error, OutOfMemory) and not self._asking.force
        self._results.show_error(error, self._asking.details, can_force=can_force)
        self._end()
        if isinstance(error, UnsafeModel):
            self.unsafe_met.emit(error)

    def _show_stopped(self) -> None:
        self._give_back()
        if not self._results.is_flowing:
            self._results.say(self.tr("It was stopped before it answered."))
        self._end()

    def _give_back(self) -> None:
        """What got no answer can be asked again."""
        if isinstance(self.form, PromptForm) and self._prompt:
            self._results.take_back_turn()
            if not self.form.text.toPlainText():
                self.form.text.setPlainText(self._prompt)
            self._prompt = ""

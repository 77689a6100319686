"""Trying a model in a window of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from modelkeep.errors import UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.operations import roots
from modelkeep_gui.operations.unsafe import ask_to_allow
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.inference.outcome import Comparison, Interpreter
    from modelkeep.inference.plan import TryPlan
    from modelkeep.inference.values import TryResult
    from modelkeep_gui.tryout.window import TryWindow

__all__ = ["try_it"]


def try_it(session: Session, parent: QWidget, chosen: Selection) -> TryWindow:
    """Open the window in which this model or revision is tried; the one that is open already comes to the front."""
    from modelkeep_gui.dialogs.error_dialog import show_error
    from modelkeep_gui.tryout.asking import Asking
    from modelkeep_gui.tryout.keeping import Keeping
    from modelkeep_gui.tryout.window import TryWindow
    from modelkeep_gui.tryout.worker_line import WorkerLine

    chosen = Selection(chosen.root, chosen.key)
    for window in parent.findChildren(TryWindow):
        if window.asking.chosen == chosen and window.isVisible():
            window.raise_()
            window.activateWindow()
            return window
    runner = session.runner
    window = TryWindow(Asking(runner, chosen), Keeping(runner, chosen), WorkerLine(runner), parent)
    window.code_asked.connect(partial(_ask_for_code, window))
    window.exchange.unsafe_met.connect(partial(_ask_for_danger, session, window))
    window.compare_wanted.connect(partial(_choose_other, session, window))
    window.save_wanted.connect(partial(_choose_file, window))
    window.keeping.not_saved.connect(lambda error: show_error(window, error))
    window.preferences_wanted.connect(lambda: roots.show_preferences(session, parent, page="inference"))
    session.inference_changed.connect(window.plan)
    window.show()
    _ask_for_devices(session, window)
    return window


def _ask_for_devices(session: Session, window: TryWindow) -> None:
    """Which devices there are takes seconds to say, so they are offered when they are known."""

    def take(found: Interpreter) -> None:
        if not window.asking.is_closed:
            window.set_devices(found.devices)

    session.runner.run(
        _tr("Look what there is to run models"),
        "tryouts.interpreter",
        lane="interpreter",
        visible=False,
        on_done=take,
        on_failed=lambda _: None,
    )


def _ask_for_code(window: TryWindow, plan: TryPlan) -> None:
    from modelkeep_gui.tryout.code_dialog import CodeDialog

    dialog = CodeDialog(plan.key.repo_id, plan.commit, plan.code_files, window)
    dialog.accepted.connect(lambda: window.allow_code(plan, True))
    dialog.open()


def _ask_for_danger(session: Session, window: TryWindow, error: UnsafeModel) -> None:
    plan = window.plans[0]

    def allow() -> None:
        if not window.asking.is_closed:
            window.exchange.allow_once()

    chosen = Selection(plan.root, str(plan.key.at(plan.commit)))
    ask_to_allow(session, window, chosen, _tr("load"), error, allow)


def _choose_other(session: Session, window: TryWindow, plan: TryPlan) -> None:
    from modelkeep_gui.tryout.compare_dialog import CompareDialog, others

    found = others(session.table.rows, window.asking.chosen, plan.commit, plan.task.value)
    dialog = CompareDialog(plan.key.repo_id, found, window)
    dialog.accepted.connect(lambda: window.compare_with([dialog.chosen]))
    dialog.open()


def _choose_file(window: TryWindow, answer: TryResult | Comparison) -> None:
    dialog = QFileDialog(window, _tr("Save the answer"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([_tr("Markdown (*.md)"), _tr("JSON (*.json)")])
    dialog.setDefaultSuffix("md")
    dialog.filterSelected.connect(
        lambda chosen: dialog.setDefaultSuffix("json" if "json" in chosen else "md")
    )
    dialog.selectFile(ModelKey.known(window.asking.chosen.key).repo_id.replace("/", "-") + ".md")
    dialog.fileSelected.connect(lambda path: window.keeping.save(answer, path))
    dialog.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

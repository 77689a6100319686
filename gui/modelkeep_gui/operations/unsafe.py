"""What is asked when something was refused because the model is dangerous."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.errors import UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.dialogs.safety_text import dangers
from modelkeep_gui.session import Session

__all__ = ["ask_to_allow"]


def ask_to_allow(
    session: Session,
    parent: QWidget,
    chosen: Selection,
    what: str,
    error: UnsafeModel,
    then: Callable[[], object],
) -> None:
    """Show all that was found in the chosen revision, and do `then` if the user still wants to `what`, a verb."""
    name = ModelKey.known(chosen.key).repo_id

    def ask(findings: Sequence[str]) -> None:
        from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog

        dialog = AllowUnsafeDialog(name, what, findings or [str(error)], parent)
        dialog.accepted.connect(then)
        dialog.open()

    # What was found is remembered: it is asked for here only to be told in full.
    session.runner.run(
        _tr("Look what is unsafe"),
        "trust.scan",
        [chosen],
        lane="details",
        visible=False,
        on_done=lambda found: ask([text for _, verdict in found for text in dangers(verdict)]),
        on_failed=lambda _: ask(()),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""The offline switch: while it is on, nothing leaves this machine."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

from modelkeep_gui.session import Session

__all__ = ["follow"]


def follow(session: Session, switch: QAction) -> None:
    """Let an action show whether Modelkeep works offline, and turn that on and off."""
    switch.triggered.connect(lambda on: _turn(session, switch, on))
    session.runner.run(
        _tr("Look whether Modelkeep works offline"),
        "hubs.offline",
        visible=False,
        on_done=lambda reason: _show(switch, reason),
    )


def _turn(session: Session, switch: QAction, on: bool) -> None:
    def show(reason: str) -> None:
        _show(switch, reason)
        if reason:
            session.tell(_tr("Nothing leaves this machine now."))
        else:
            session.transfers.refresh()

    session.runner.run(_tr("Work offline"), "hubs.set_offline", on, visible=False, on_done=show)


def _show(switch: QAction, reason: str) -> None:
    switch.setChecked(bool(reason))
    # A variable of the environment holds it whatever the switch says.
    held = bool(reason) and "switch" not in reason
    switch.setEnabled(not held)
    switch.setToolTip(reason if held else _tr("Nothing leaves this machine"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

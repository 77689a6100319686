"""The offline switch: while it is on, nothing leaves this machine."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

from modelkeep_gui.session import Session

__all__ = ["follow"]


def follow(session: Session, switch: QAction) -> None:
    """Let an action show whether Modelkeep works offline, and turn that on and off."""
    switch.triggered.connect(lambda on: _turn(session, on))
    session.offline_changed.connect(lambda reason: _show(session, switch, reason))
    session.runner.run(
        _tr("Look whether Modelkeep works offline"),
        "hubs.offline",
        visible=False,
        on_done=session.offline_changed.emit,
    )


def _turn(session: Session, on: bool) -> None:
    def tell(reason: str) -> None:
        session.offline_changed.emit(reason)
        if reason:
            session.tell(_tr("Nothing leaves this machine now."))

    session.runner.run(_tr("Work offline"), "hubs.set_offline", on, visible=False, on_done=tell)


def _show(session: Session, switch: QAction, reason: str) -> None:
    switch.setChecked(bool(reason))
    if not reason:
        session.transfers.refresh()
    # A variable of the environment holds it whatever the switch says.
    held = bool(reason) and "switch" not in reason
    switch.setEnabled(not held)
    switch.setToolTip(reason if held else _tr("Nothing leaves this machine"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

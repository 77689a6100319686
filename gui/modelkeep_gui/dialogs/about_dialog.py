"""What this program is, and the versions that a report of a fault should name."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import QSysInfo, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep import __version__
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark, value

__all__ = ["AboutDialog", "versions"]


class AboutDialog(Sheet):
    """The program's name, purpose, licence and versions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Modelkeep", "app", "accent", parent)
        self.setWindowTitle(self.tr("About Modelkeep"))
        self.setMinimumWidth(100 * GRID)
        self.body.addWidget(value(self.tr("Keeps the machine-learning models of a machine.")))
        self.body.addWidget(
            remark(self.tr("Open source under the Apache License 2.0. It calls nobody unless you ask it to."))
        )
        self.body.addWidget(value(versions()))
        self.body.addStretch()
        copy = self.add_button(
            self.tr("&Copy versions"), QDialogButtonBox.ButtonRole.ActionRole, icon_name="copy"
        )
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(versions()))
        self.set_default(self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole))


def versions() -> str:
    """A line for each part that a fault may lie in."""
    return "\n".join(
        (
            f"Modelkeep {__version__}",
            f"Python {platform.python_version()}",
            f"PySide {PySide6.__version__}, Qt {qVersion()}",
            f"{QSysInfo.prettyProductName()}, {platform.machine()}, {QGuiApplication.platformName()}",
        )
    )

"""What another machine has to set, to copy."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit, urlunsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from modelkeep.serve.environment import Shell, environment_block
from modelkeep_gui.sharing.addresses import interfaces
from modelkeep_gui.sharing.sharing import Sharing
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.labels import caption, fixed_font, remark

__all__ = ["UseIt"]

_SHELLS = (("bash", "sh"), ("PowerShell", "powershell"), ("cmd", "cmd"))
_LINES = 4  # of variables, at most


class UseIt(QWidget):
    """The address, and the lines for a shell. Where this machine has several addresses, one is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._url = ""
        self._variables: dict[str, str] = {}
        self.address = ElidedField("", self.tr("Address"))
        self.ways = QComboBox()
        self.shell = QComboBox()
        self.block = QPlainTextEdit(readOnly=True)
        self.copy_address = CopyButton(self.tr("Copy the address"), self.address.text)
        self.copy_block = CopyButton(self.tr("Copy the lines"), self.block.toPlainText)
        self._lay_out()
        self.ways.currentIndexChanged.connect(lambda _: self._show())
        self.shell.currentIndexChanged.connect(lambda _: self._show())

    def show_sharing(self, sharing: Sharing) -> None:
        """Show how what is shared now can be used."""
        listening = sharing.listening
        if (listening.url, dict(listening.environment)) == (self._url, self._variables):
            return
        self._url, self._variables = listening.url, dict(listening.environment)
        self.ways.blockSignals(True)
        self.ways.clear()
        if sharing.options.network and listening.url:
            for name, address in interfaces():
                self.ways.addItem(f"{address} ({name})", address)
            self.ways.setCurrentIndex(max(0, self.ways.findData(urlsplit(listening.url).hostname)))
        self.ways.blockSignals(False)
        self.ways.setVisible(self.ways.count() > 1)
        self._show()

    def _show(self) -> None:
        url = self._url
        if address := self.ways.currentData():
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(netloc=f"{address}:{parts.port}"))
        variables = {name: url if value == self._url else value for name, value in self._variables.items()}
        self.address.setText(url)
        self.block.setPlainText(environment_block(variables, cast(Shell, self.shell.currentData())))
        for button in (self.copy_address, self.copy_block):
            button.setEnabled(bool(url))

    def _lay_out(self) -> None:
        for name, shell in _SHELLS:
            self.shell.addItem(name, shell)
        self.shell.setAccessibleName(self.tr("Shell"))
        self.ways.setAccessibleName(self.tr("Which address of this machine"))
        self.ways.hide()
        self.block.setFont(fixed_font())
        self.block.setAccessibleName(self.tr("What other machines set"))
        self.block.setTabChangesFocus(True)
        self.block.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        around = 2 * (int(self.block.document().documentMargin()) + GRID)
        bar = self.block.horizontalScrollBar().sizeHint().height()
        self.block.setFixedHeight(_LINES * self.block.fontMetrics().lineSpacing() + around + bar)
        for button in (self.copy_address, self.copy_block):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        address = QHBoxLayout()
        address.setSpacing(2 * GRID)
        address.addWidget(self.address, 1)
        address.addWidget(self.ways)
        address.addWidget(self.copy_address)
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(caption(self.tr("Others set this before Python starts")), 1)
        head.addWidget(self.shell)
        head.addWidget(self.copy_block)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(caption(self.tr("Address")))
        layout.addLayout(address)
        layout.addSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.block)
        layout.addWidget(remark(self.tr("Then transformers, hf and others fetch from here.")))

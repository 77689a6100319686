"""The tokens that other machines use, to see, to make and to take away."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import SettingsError
from modelkeep.serve.tokens import Token, Tokens
from modelkeep.text import time_text
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.dialogs.noted_field import NotedField
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.labels import fixed_font
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["TokensBox"]

_ROWS = 3  # that are seen at once


class TokensBox(QWidget):
    """A list of tokens, and a line for a new one. What is done here counts at once, for a running server too.

    Signals:
        changed: there is another token, or one less.
    """

    changed = Signal()

    def __init__(self, tokens: Tokens | None = None) -> None:
        super().__init__()
        self._tokens = tokens or Tokens()
        self.table = PlainTable(self.tr("Tokens"), self._columns(), is_muted=_is_over)
        self.name = QLineEdit()
        self.write = QCheckBox(self.tr("may pus&h"))
        self.add = QPushButton(icon("plus"), self.tr("Ma&ke token"))
        self.field = NotedField(self.name, self.write, self.add)
        self.remove = QPushButton(self.tr("Re&move"))
        self.secret = ElidedField("", self.tr("The new token"))
        self._once = Notice()
        self._new = QWidget()
        self._lay_out()
        self.table.selection_changed.connect(lambda chosen: self.remove.setEnabled(bool(chosen)))
        self.name.textEdited.connect(lambda _: self.field.say(""))
        self.name.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._ask_to_remove)
        self.refresh()

    @property
    def can_write(self) -> bool:
        """Whether there is a token with which one may push."""
        return any(token.can_write and not _is_over(token) for token in self.table.rows.values)

    @property
    def is_empty(self) -> bool:
        """Whether no token is valid."""
        return all(map(_is_over, self.table.rows.values))

    def refresh(self) -> None:
        """Look at the tokens again."""
        try:
            self.table.set_values(self._tokens.all())
        except SettingsError as error:
            self._say(error)
        self.remove.setEnabled(bool(self.table.selected))

    def _add(self) -> None:
        name = self.name.text().strip()
        try:
            secret = self._tokens.add(name, can_write=self.write.isChecked())
        except SettingsError as error:
            self._say(error)
            self.name.setFocus()
            return
        self.secret.setText(secret)
        text = self.tr("The token of {}. It is shown this once and kept nowhere: copy it now.").format(name)
        self._once.say(text, "key", "accent")
        self._new.show()
        self.name.clear()
        self.field.say("")
        self.refresh()
        self.changed.emit()

    def _ask_to_remove(self) -> None:
        for token in self.table.selected:
            dialog = ConfirmDialog(
                self.tr("Remove the token of {}?").format(token.name),
                self.tr("Who has it is refused from now on. The same token cannot be made again."),
                self.tr("&Remove"),
                self,
            )
            dialog.accepted.connect(partial(self._remove, token))
            dialog.open()

    def _remove(self, token: Token) -> None:
        try:
            self._tokens.remove(token.name)
        except SettingsError as error:
            self._say(error)
        self._new.hide()
        self.refresh()
        self.changed.emit()

    def _say(self, error: SettingsError) -> None:
        # The hint is for a terminal.
        self.field.say(str(error))

    def _lay_out(self) -> None:
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.table.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        self.table.set_placeholder(self.tr("No token yet"))
        self.table.setFixedHeight((_ROWS + 1) * self.table.row_height + 2 * GRID)
        self.name.setPlaceholderText(self.tr("Who will use it"))
        self.name.setAccessibleName(self.tr("Name of the new token"))
        self.secret.setFont(fixed_font())
        copy = CopyButton(self.tr("Copy the token"), self.secret.text)
        copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for button in (self.add, self.remove):
            button.setAutoDefault(False)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(self.secret, 1)
        line.addWidget(copy)
        new = QVBoxLayout(self._new)
        new.setContentsMargins(0, 0, 0, 0)
        new.setSpacing(GRID)
        new.addWidget(self._once)
        new.addLayout(line)
        self._new.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.table)
        layout.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.field)
        layout.addWidget(self._new)

    def _columns(self) -> tuple[TableColumn[Token], ...]:
        return (
            TableColumn(
                self.tr("Token of"), lambda token: token.name, lambda token: token.name.casefold(), 14
            ),
            TableColumn(self.tr("May"), self._rights, lambda token: token.can_write, 13),
            TableColumn(self.tr("Until"), self._until, lambda token: token.expires, 11),
        )

    def _rights(self, token: Token) -> str:
        return self.tr("read and push") if token.can_write else self.tr("read")

    def _until(self, token: Token) -> str:
        if _is_over(token):
            return self.tr("expired")
        return time_text(token.expires)[:10]


def _is_over(token: Token) -> bool:
    return not token.is_valid(time.time())

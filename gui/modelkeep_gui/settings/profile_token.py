"""The token of a profile: typed where nobody sees it, and where it will be kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.settings.profile_text import token_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.flat_button import FlatToggle
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.notice import Notice

__all__ = ["TokenField"]

_KEPT_HERE = ("keyring", "file")


class TokenField(QWidget):
    """A field for a new token. The one that is there, of which only the `source` is known, is never shown.

    Signals:
        changed: something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source
        self.text = QLineEdit()
        self.text.setEchoMode(QLineEdit.EchoMode.Password)
        self.text.setAccessibleName(self.tr("Token"))
        self.show_button = FlatToggle(self.tr("Show the token"), "eye")
        self.in_file = QCheckBox(self.tr("Keep it in a &file instead of the keyring"))
        self.in_file.setChecked(source == "file")
        self.forget = QCheckBox(self.tr("F&orget the token that is kept"))
        self.forget.setVisible(source in _KEPT_HERE)
        self._place = remark("")
        self._warning = Notice(
            self.tr("Whoever can read your files can read the token then."), "warning", "warn"
        )
        self._lay_out()
        self.text.textChanged.connect(lambda _: self._follow())
        self.show_button.toggled.connect(self._show)
        self.in_file.toggled.connect(lambda _: self._follow())
        self.forget.toggled.connect(lambda _: self._follow())
        self._follow()

    @property
    def token(self) -> str | None:
        """None to keep what is there, "" to forget it."""
        if self.forget.isChecked():
            return ""
        return self.text.text().strip() or None

    def lock(self) -> None:
        """Only say where it is."""
        for part in (self.text, self.show_button, self.in_file, self.forget, self._warning):
            part.hide()
        self._place.show()
        self._place.setText(token_text(self._source))
        self._place.setMinimumHeight(self.text.sizeHint().height())

    def _show(self, is_shown: bool) -> None:
        self.text.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)
        self.show_button.setIcon(icon("eye-off" if is_shown else "eye"))
        text = self.tr("Hide the token") if is_shown else self.tr("Show the token")
        self.show_button.setToolTip(text)
        self.show_button.setAccessibleName(text)

    def _follow(self) -> None:
        forgets, in_file = self.forget.isChecked(), self.in_file.isChecked()
        self.text.setEnabled(not forgets)
        self.show_button.setEnabled(not forgets)
        self.in_file.setEnabled(not forgets)
        self._warning.setVisible(in_file and not forgets)
        self._place.setText(self._where(forgets, in_file))
        self._place.setVisible(bool(self._place.text()))
        self.changed.emit()

    def _where(self, forgets: bool, in_file: bool) -> str:
        self.text.setPlaceholderText(self.tr("None: only what is public"))
        if forgets:
            self.text.setPlaceholderText("")
            return self.tr("It is forgotten when you save.")
        if self._source and not self.text.text():
            self.text.setPlaceholderText(self.tr("The one there is, {}").format(token_text(self._source)))
            return ""
        return "" if in_file else self.tr("Kept in the system’s keyring.")

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.text, 1)
        line.addWidget(self.show_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        for part in (self._place, self.in_file, self._warning, self.forget):
            layout.addWidget(part)
        self.setFocusProxy(self.text)

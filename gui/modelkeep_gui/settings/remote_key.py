"""The key of an S3 store: typed where nobody sees its secret, and where it will be kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from modelkeep.named_remotes import Credentials
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.flat_button import FlatToggle
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.notice import Notice

__all__ = ["KeyField"]


class KeyField(QWidget):
    """Fields for a key pair. The one that is there, of which only the `source` is known, is never shown.

    Signals:
        changed: something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source
        self.key_id = QLineEdit()
        self.secret = QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_id.setPlaceholderText(self.tr("Key id"))
        self.secret.setPlaceholderText(self.tr("Secret"))
        self.key_id.setAccessibleName(self.tr("Key id"))
        self.secret.setAccessibleName(self.tr("Secret"))
        self.show_button = FlatToggle(self.tr("Show the secret"), "eye")
        self.in_file = QCheckBox(self.tr("Keep it in a &file instead of the keyring"))
        self._place = remark("")
        self._warning = Notice(
            self.tr("Whoever can read your files can read the key then."), "warning", "warn"
        )
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.key_id, 2)
        line.addWidget(self.secret, 3)
        line.addWidget(self.show_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        for part in (self._place, self.in_file, self._warning):
            layout.addWidget(part)
        self.setFocusProxy(self.key_id)
        for field in (self.key_id, self.secret):
            field.textChanged.connect(lambda _: self._follow())
        self.in_file.toggled.connect(lambda _: self._follow())
        self.show_button.toggled.connect(self._show)
        self._follow()

    @property
    def credentials(self) -> Credentials | None:
        """What was typed; None to keep what there is."""
        key_id, secret = self.key_id.text().strip(), self.secret.text().strip()
        return Credentials(key_id, secret, source="typed") if key_id and secret else None

    @property
    def problem(self) -> str:
        """What is wrong with it, "" for nothing."""
        if bool(self.key_id.text().strip()) == bool(self.secret.text().strip()):
            return ""
        return self.tr("A key has an id and a secret: fill in both, or neither.")

    def _show(self, is_shown: bool) -> None:
        self.secret.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)
        self.show_button.setIcon(icon("eye-off" if is_shown else "eye"))

    def _follow(self) -> None:
        typed = self.credentials is not None
        self.in_file.setVisible(typed)
        self._warning.setVisible(typed and self.in_file.isChecked())
        if typed:
            text = "" if self.in_file.isChecked() else self.tr("Kept in the system’s keyring.")
        elif self._source:
            text = self.tr("The one there is comes from: {}.").format(self._source)
        else:
            text = self.tr("Empty: the key of the environment or of the AWS profile is used.")
        self._place.setText(text)
        self._place.setVisible(bool(text))
        self.changed.emit()

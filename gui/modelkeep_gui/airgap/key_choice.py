"""With which key archives are signed: its file, and the password that opens it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ArchiveError, ModelKeepError
from modelkeep_gui.airgap.aside import aside
from modelkeep_gui.airgap.text import missing_text
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID

if TYPE_CHECKING:
    from modelkeep.archive.minisign import SecretKey

__all__ = ["KeyChoice"]

_PAUSE = 300  # milliseconds after the last letter of a path, before its file is read
_FILE = "airgap/key"


class KeyChoice(QWidget):
    """A tick, and beneath it the key once it is set. The file of the last one is remembered, never its password.

    Signals:
        changed: whether it signs, or with which key.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signer: SecretKey | None = None
        self._data = b""
        self._asked = 0  # how often something was asked aside: only the last answer counts
        self.sign = QCheckBox(self.tr("Si&gn it, so that the other side can prove who packed it"))
        self.file = QLineEdit(str(QSettings().value(_FILE, "")))
        self.browse = QPushButton(icon("key"), self.tr("Choose &key…"))
        self.new = QPushButton(icon("plus"), self.tr("&New key…"))
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.unlock = QPushButton(icon("lock"), self.tr("Un&lock"))
        self.state = TonedNotice()
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._form, self._beneath = QWidget(), QWidget()
        self._lay_out()
        self._connect()
        self._follow()

    @property
    def signer(self) -> SecretKey | None:
        """The key, opened; None where nothing is signed, or it is not open yet."""
        return self._signer if self.sign.isChecked() and self.isEnabled() else None

    @property
    def is_ready(self) -> bool:
        """Whether one can go on: nothing is signed, or there is the key for it."""
        return not (self.sign.isChecked() and self.isEnabled()) or self._signer is not None

    def choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Key to sign with"), str(Path(self.file.text()).parent))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Secret keys") + " (*.key)", self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def take_file(self, path: str) -> None:
        """Sign with the key in a file."""
        self.file.setText(path)
        self._read()

    def make_key(self) -> None:
        """Ask for a name and a password of a new key, and sign with it."""
        from modelkeep_gui.airgap.new_key_dialog import NewKeyDialog

        place = Path(self.file.text()).parent if self.file.text() else Path.home()
        dialog = NewKeyDialog(place, self)
        dialog.accepted.connect(lambda: self._take_new(dialog.path, dialog.key))
        dialog.open()

    # ---- within

    def _take_new(self, path: Path, key: SecretKey) -> None:
        self._later.stop()
        self._asked += 1
        self.file.setText(str(path))
        self._data = b""
        self._take(key)

    def _turn(self, is_on: bool) -> None:
        if is_on and self._signer is None and self.file.text():
            self._read()
        else:
            self._tell()
        if is_on:
            (self.file if not self.file.text() else self.password).setFocus()

    def _edit(self) -> None:
        self._forget()
        self._later.start()
        self._tell()

    def _forget(self) -> None:
        self._asked += 1
        self._signer, self._data = None, b""
        self.password.clear()
        self._say("", "key", "muted")

    def _read(self) -> None:
        from modelkeep.archive.minisign import SecretKey, is_locked, read_key

        self._later.stop()
        self._forget()
        self._tell()
        path = self.file.text().strip()
        place = Path(path).expanduser()
        if not path:
            return

        advice = self.tr("Choose it, or make a new one.")

        def work() -> tuple[bytes, SecretKey | None]:
            if missing := missing_text(place):
                raise ArchiveError(missing, hint=advice)
            data = read_key(place)
            return data, None if is_locked(data) else SecretKey.parse(data)

        self._ask(work, self._take_file_content)

    def _take_file_content(self, answer: tuple[bytes, SecretKey | None]) -> None:
        self._data, key = answer
        if key is not None:
            self._take(key)
            return
        self._say(self.tr("The key has a password. Type it, and unlock the key."), "lock", "warn")
        self._tell()
        self.password.setFocus()

    def _open(self) -> None:
        from modelkeep.archive.minisign import SecretKey

        data, password = self._data, self.password.text()
        if not data or not password:
            return
        self._asked += 1
        self._say(self.tr("Unlocking… (this takes a moment on purpose)"), "lock", "muted")
        self.unlock.setEnabled(False)
        self._ask(lambda: SecretKey.parse(data, password), self._take)

    def _ask(self, work: Callable[[], Any], take: Callable[[Any], object]) -> None:
        asked = self._asked

        def if_wanted(hear: Callable[[Any], object]) -> Callable[[Any], object]:
            return lambda value: hear(value) if asked == self._asked else None

        aside(self, work, if_wanted(take), if_wanted(self._fail))

    def _take(self, key: SecretKey) -> None:
        self._signer = key
        self.password.clear()
        QSettings().setValue(_FILE, self.file.text().strip())
        self._say(self.tr("Signed by the key {}.").format(key.public.name), "signed", "good")
        self._tell()

    def _fail(self, error: ModelKeepError) -> None:
        self._say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self._tell()
        if self._data:
            self.password.setFocus()
            self.password.selectAll()

    def _say(self, text: str, name: str, tone: str) -> None:
        self.state.say(text, name, tone)
        self._follow()

    def _tell(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        self._form.setVisible(self.sign.isChecked())
        self._beneath.setVisible(self.sign.isChecked() and bool(self.state.text))
        is_locked = bool(self._data) and self._signer is None
        self._fields.setRowVisible(self._password_line, is_locked)
        self.unlock.setEnabled(is_locked and bool(self.password.text()))

    # ---- where things are

    def _lay_out(self) -> None:
        self.file.setPlaceholderText(self.tr("The .key file of minisign or Modelkeep"))
        self.file.setAccessibleName(self.tr("Key to sign with"))
        self.password.setAccessibleName(self.tr("Password of the key"))
        for button in (self.browse, self.new, self.unlock):
            button.setAutoDefault(False)
        self._password_line = NotedField(self.password, self.unlock)
        self._fields = FieldForm()
        self._fields.setContentsMargins(6 * GRID, 0, 0, 0)
        self._fields.add(self.tr("Ke&y"), NotedField(self.file, self.browse, self.new))
        self._fields.add(self.tr("Pass&word"), self._password_line)
        self._form.setLayout(self._fields)
        # Not a row of the form: that would guess how high a text is before it knows how wide.
        beneath = QVBoxLayout(self._beneath)
        beneath.setContentsMargins(6 * GRID, 0, 0, 0)
        beneath.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.sign)
        layout.addWidget(self._form)
        layout.addWidget(self._beneath)

    def _connect(self) -> None:
        self.sign.toggled.connect(self._turn)
        self.file.textEdited.connect(lambda _: self._edit())
        self._later.timeout.connect(self._read)
        self.browse.clicked.connect(self.choose_file)
        self.new.clicked.connect(self.make_key)
        self.password.textEdited.connect(lambda _: self._follow())
        self.password.returnPressed.connect(self._open)
        self.unlock.clicked.connect(self._open)

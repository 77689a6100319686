"""A new pair of keys: a secret one that signs, and a public one that the other side checks with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from modelkeep.errors import ModelKeepError
from modelkeep_gui.airgap.aside import aside
from modelkeep_gui.airgap.said_line import SaidLines
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.notice import Notice

if TYPE_CHECKING:
    from modelkeep.archive.minisign import SecretKey

__all__ = ["NewKeyDialog"]

_NAME = "modelkeep"


class NewKeyDialog(Sheet):
    """Makes the pair and says where it lies. Who wants to use it accepts: then there are `path` and `key`."""

    path: Path
    key: SecretKey

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("", "key", "accent", parent)
        self.setWindowTitle(self.tr("New key"))
        self.heading.setText(self.tr("Make a key to sign with"))
        self._is_made = self._is_making = False
        self.name = QLineEdit(str(folder / _NAME))
        self.browse = QPushButton(icon("folder"), self.tr("&Browse…"))
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.again = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.open_key = QCheckBox(self.tr("&Without a password: who gets hold of the file can sign with it"))
        self.files = ElidedLabel(muted=True)
        self.wait = PlanWait()
        self.lines = SaidLines()
        self._pages = QStackedWidget()
        self.make = self.add_button("", QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self._connect()
        self._follow()

    @property
    def problem(self) -> str:
        """Why no key can be made as it stands, "" when one can."""
        if not Path(self.name.text().strip()).name:
            return self.tr("Give it a name.")
        if not self.open_key.isChecked() and self.password.text() != self.again.text():
            return self.tr("The two passwords differ.")
        return ""

    def _begin(self) -> None:
        if self._is_made:
            self.accept()
            return
        from modelkeep.archive.minisign import make_key, write_key

        stem = Path(self.name.text().strip()).expanduser()
        password = None if self.open_key.isChecked() else self.password.text()

        def work() -> tuple[SecretKey, Path, Path]:
            key = make_key()
            return key, *write_key(key, stem, password)

        self._is_making = True
        self.wait.begin(self.tr("Making the key, which takes a moment on purpose"))
        self._follow()
        aside(self, work, self._take, self._fail)

    def _take(self, made: tuple[SecretKey, Path, Path]) -> None:
        self.key, self.path, public = made
        self._is_made, self._is_making = True, False
        self.wait.end()
        self.heading.setText(self.tr("The key is made"))
        self.lines.show_lines(
            [
                (self.tr("Key"), self.key.public.name),
                (self.tr("Secret"), str(self.path)),
                (self.tr("Public"), str(public)),
            ]
        )
        self._pages.setCurrentIndex(1)
        self._follow()
        self.set_default(self.make)

    def _fail(self, error: ModelKeepError) -> None:
        self._is_making = False
        self.wait.fail(error)
        self.wait.again.hide()
        self._follow()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Name of the key"), self.name.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda path: self._rename(path))
        dialog.open()

    def _rename(self, path: str) -> None:
        self.name.setText(path.removesuffix(".key").removesuffix(".pub"))
        self._edit()

    def _edit(self) -> None:
        self.wait.end()
        self._follow()

    def _follow(self) -> None:
        name = Path(self.name.text().strip()).name
        said = self.tr("It makes {0}.key, which only you can read, and {0}.pub.")
        self.files.setText(said.format(name) if name else "")
        has_password = not self.open_key.isChecked()
        for field in (self.password, self.again):
            field.setEnabled(has_password)
        differs = has_password and bool(self.again.text()) and self.password.text() != self.again.text()
        self._again_line.say(self.tr("The two passwords differ.") if differs else "")
        self.make.setText(self.tr("&Use this key") if self._is_made else self.tr("&Make the key"))
        can = not self.problem and (not has_password or bool(self.password.text()))
        self.make.setEnabled(self._is_made or (can and not self._is_making))
        self._pages.setEnabled(not self._is_making)
        self.cancel.setText(self.tr("Close") if self._is_made else self.tr("Cancel"))

    def _lay_out(self) -> None:
        self.resize(150 * GRID, 80 * GRID)
        self.browse.setAutoDefault(False)
        self._again_line = NotedField(self.again)
        self.name.setAccessibleName(self.tr("Name of the key"))
        self.password.setAccessibleName(self.tr("Password"))
        self.again.setAccessibleName(self.tr("The password again"))
        form = FieldForm()
        form.add(self.tr("&Name"), NotedField(self.name, self.browse))
        form.addRow("", self.files)
        form.add(self.tr("&Password"), NotedField(self.password))
        form.add(self.tr("A&gain"), self._again_line)
        form.addRow("", self.open_key)
        asking = QWidget()
        asking.setLayout(form)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * GRID)
        column.addWidget(self.lines)
        column.addWidget(
            Notice(
                self.tr("Keep the secret key to yourself: who has it can sign in your name."), "lock", "warn"
            )
        )
        column.addWidget(
            Notice(
                self.tr(
                    "Whoever imports needs the public key. Carry it by another way than the bundles, so that nobody "
                    "can exchange both."
                ),
                "info",
                "muted",
            )
        )
        column.addStretch()
        for page in (asking, made):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages)
        self.body.addWidget(self.wait)
        self.body.addStretch(1)
        self.set_default(self.make)
        self.name.setFocus()
        self.name.setSelection(len(self.name.text()) - len(_NAME), len(_NAME))

    def _connect(self) -> None:
        self.browse.clicked.connect(self._choose)
        self.make.clicked.connect(self._begin)
        for field in (self.name, self.password, self.again):
            field.textEdited.connect(lambda _: self._edit())
        self.open_key.toggled.connect(lambda _: self._edit())

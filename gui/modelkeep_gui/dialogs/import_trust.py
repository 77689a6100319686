"""Whose signatures are trusted: public keys from files, of which one has to have signed what is imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.flat_button import FlatButton

if TYPE_CHECKING:
    from modelkeep.archive.minisign import PublicKey

__all__ = ["TrustChoice", "is_public_key"]


def is_public_key(path: str) -> bool:
    """Whether a file is a public key by its name."""
    return path.endswith(".pub")


class TrustChoice(QWidget):
    """A line with the keys that are trusted, none at first: then anybody's archive is taken.

    Signals:
        changed: other keys than before, a tuple of `PublicKey`.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: dict[bytes, tuple[PublicKey, str]] = {}
        self.shown = ElidedField(name=self.tr("Trusted keys"))
        self.choose = QPushButton(icon("key"), self.tr("Choose &keys…"))
        self.clear = FlatButton(self.tr("Trust none of them"), "cancel")
        self.notice = TonedNotice()
        menu = QMenu(self)
        menu.addAction(self.tr("Key &files…"), self.choose_files)
        menu.addAction(self.tr("A f&older with keys…"), self.choose_folder)
        self.choose.setMenu(menu)
        self.choose.setAutoDefault(False)
        self.clear.clicked.connect(self.forget)
        label = QLabel(self.tr("Si&gned by"))
        label.setBuddy(self.shown)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(label)
        line.addWidget(self.shown, 1)
        line.addWidget(self.clear)
        line.addWidget(self.choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        layout.addWidget(self.notice)
        self._follow("")

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """The keys that are trusted."""
        return tuple(key for key, _ in self._keys.values())

    def add(self, paths: Iterable[str]) -> None:
        """Trust the keys of `.pub` files, and all of folders with such files."""
        from modelkeep.archive.minisign import read_public_keys

        before, problem = self.keys, ""
        for path in paths:
            if not Path(path).exists():
                problem = self.tr("There is no file {}.").format(path)
                continue
            try:
                for key in read_public_keys([Path(path)]):
                    self._keys[key.id] = key, Path(path).name
            except ModelKeepError as error:
                problem = " ".join(filter(None, (str(error), error.hint)))
        self._follow(problem)
        if self.keys != before:
            self.changed.emit(self.keys)

    def set_keys(self, other: TrustChoice) -> None:
        """Trust what is trusted there."""
        self._keys = dict(other._keys)
        self._follow("")

    def forget(self) -> None:
        """Trust none, so that it does not matter who signed."""
        if self._keys:
            self._keys = {}
            self._follow("")
            self.choose.setFocus()
            self.changed.emit(())

    def choose_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Trusted keys"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Public keys") + " (*.pub)", self.tr("All files") + " (*)"])
        dialog.filesSelected.connect(self.add)
        dialog.open()

    def choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("A folder with public keys"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.add([folder]))
        dialog.open()

    def _follow(self, problem: str) -> None:
        named = ", ".join(f"{key.name} ({name})" for key, name in self._keys.values())
        self.shown.setText(named or self.tr("anybody, or nobody: choose keys to take only what they signed"))
        self.clear.setVisible(bool(self._keys))
        self.notice.say(problem, "damaged", "bad")
        self.notice.setVisible(bool(problem))

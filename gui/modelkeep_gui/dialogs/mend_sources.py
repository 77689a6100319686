"""The choices of the mend dialog: which archives, remotes and hub may be asked for good files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from modelkeep.hub.profile import ProfileView
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["MendSources", "MendWish"]


@dataclass(frozen=True)
class MendWish:
    """Where good files may come from, beside the other caches. `remotes` are names; `profile` is the name of a hub,
    "" for none.
    """

    archives: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    hub: bool = False
    profile: str = ""


class MendSources(QWidget):
    """Has archives, remotes and a hub chosen.

    Signals:
        changed: the `MendWish` as it is now.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._archives: tuple[str, ...] = ()
        self.remote = QCheckBox(self.tr("&Look into"))
        self.remotes = QComboBox()
        self._remote_field = NotedField(self.remote, self.remotes, stretches=False)
        self.hub = QCheckBox(self.tr("&Fetch from"))
        self.profile = QComboBox()
        self.files = QPushButton(icon("model"), self.tr("&Add files…"))
        self.folder = QPushButton(icon("folder"), self.tr("Add a f&older…"))
        self.clear = FlatButton(self.tr("Look into no archive"), "cancel")
        self._named = ElidedLabel(muted=True)
        self._hub_note = NotedField(self.hub, self.profile, stretches=False)
        self._lay_out()
        self._connect()
        self._show_archives()

    @property
    def wish(self) -> MendWish:
        """What is chosen now."""
        is_wanted = self.hub.isChecked() and self.hub.isEnabled()
        profile = str(self.profile.currentData() or "") if is_wanted else ""
        remotes = tuple(self.remotes.currentData() or ()) if self.remote.isChecked() else ()
        return MendWish(self._archives, remotes, is_wanted, profile)

    def set_remotes(self, names: Sequence[str]) -> None:
        """Offer these remotes, at first all of them; where there is none nothing is said of remotes."""
        self.remotes.clear()
        if len(names) > 1:
            self.remotes.addItem(self.tr("all {} remotes").format(f"{len(names):,}"), tuple(names))
        for name in names:
            self.remotes.addItem(name, (name,))
        self._form.setRowVisible(self._remote_field, bool(names))

    def set_profiles(self, views: Sequence[ProfileView]) -> None:
        """Offer these hubs, at first the default one."""
        self.profile.clear()
        for view in views:
            host = view.profile.endpoint.partition("://")[2].rstrip("/")
            name = view.profile.name
            self.profile.addItem(name if name == host else f"{name} · {host}", name)
            if view.is_default:
                self.profile.setCurrentIndex(self.profile.count() - 1)

    def set_offline(self, why: str) -> None:
        """Offer a hub only while nothing says `why` it cannot be asked."""
        before = self.wish
        self.hub.setEnabled(not why)
        said = self.tr("Nothing is asked of a hub: {}.").format(why.rstrip(".")) if why else ""
        self._hub_note.say(said, name="away", tone="muted")
        self._follow()
        if self.wish != before:
            self.changed.emit(self.wish)

    def add_archives(self, paths: Sequence[str]) -> None:
        """Look into these too."""
        archives = tuple(dict.fromkeys((*self._archives, *paths)))
        if archives != self._archives:
            self._archives = archives
            self._show_archives()
            self.changed.emit(self.wish)

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Archives that may have good files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.add_archives)
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("A folder that may have good files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self.add_archives)
        dialog.open()

    def _forget_archives(self) -> None:
        self._archives = ()
        self._show_archives()
        self.files.setFocus()  # the button that had it is gone
        self.changed.emit(self.wish)

    def _show_archives(self) -> None:
        names = [os.path.basename(path.rstrip("/")) or path for path in self._archives]
        self._named.setText(", ".join(names) or self.tr("none chosen"))
        if names:
            self._named.setToolTip("\n".join(self._archives))
        self.clear.setVisible(bool(names))

    def _follow(self) -> None:
        self.remotes.setEnabled(self.remote.isChecked())
        self.profile.setEnabled(self.hub.isChecked() and self.hub.isEnabled())

    def _lay_out(self) -> None:
        self.profile.setAccessibleName(self.tr("Hub"))
        self.profile.setMinimumWidth(50 * GRID)
        self.profile.setEnabled(False)
        self.remotes.setAccessibleName(self.tr("Remotes"))
        self.remotes.setMinimumWidth(50 * GRID)
        archives = QHBoxLayout()
        archives.setSpacing(2 * GRID)
        for button in (self.files, self.folder):
            button.setAutoDefault(False)
            archives.addWidget(button)
        archives.addWidget(self._named, 1)
        archives.addWidget(self.clear)
        form = self._form = FieldForm()
        form.addRow(
            QLabel(self.tr("Caches")), QLabel(self.tr("all other caches of this machine are looked into"))
        )
        form.addRow(QLabel(self.tr("Archives")), archives)
        form.addRow(QLabel(self.tr("Remotes")), self._remote_field)
        form.addRow(QLabel(self.tr("Hub")), self._hub_note)
        self.setLayout(form)
        self.set_remotes(())
        self._follow()

    def _connect(self) -> None:
        for box in (self.remote, self.hub):
            box.toggled.connect(lambda _: self._follow())
            box.toggled.connect(lambda _: self.changed.emit(self.wish))
        for choice in (self.remotes, self.profile):
            choice.activated.connect(lambda _: self.changed.emit(self.wish))
        self.files.clicked.connect(self._choose_files)
        self.folder.clicked.connect(self._choose_folder)
        self.clear.clicked.connect(self._forget_archives)

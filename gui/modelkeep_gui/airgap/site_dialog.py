"""The isolated side: say what is here, carry that away, and import what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.rows import RootView
from modelkeep.text import size_text
from modelkeep_gui.airgap.assistant import Assistant
from modelkeep_gui.airgap.drop_area import DropArea
from modelkeep_gui.airgap.here_choice import HereChoice
from modelkeep_gui.airgap.said_line import SaidLines
from modelkeep_gui.airgap.text import count_models
from modelkeep_gui.dialogs.import_trust import TrustChoice, is_public_key
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import heading
from modelkeep_gui.widgets.notice import Notice

__all__ = ["SiteDialog", "Written"]

_HERE, _AWAY, _BACK = range(3)


class Written(NamedTuple):
    """An inventory file that was written: its bytes, what it tells of, and its id."""

    path: Path
    size: int
    models: int
    contents: int
    id: str


class SiteDialog(Assistant):
    """Three steps, of which the last may come days later: one can go there at once.

    When it is accepted, the `bundle` is to be looked at, with what `trust` says.

    Signals:
        write_requested: the `HereRequest`; `show_written` or `show_failure` is to follow.
        folder_requested: the folder of a file (Path) is to be opened.
    """

    write_requested = Signal(object)
    folder_requested = Signal(object)

    def __init__(
        self, views: Sequence[RootView], name: str, path: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("here", parent)
        self.here = HereChoice(views, name, path)
        self.away = _AwayPage()
        self.back_page = _BackPage()
        self.set_steps(
            self.tr("Say what this site has"),
            (self.tr("What is here"), self.tr("Carry it"), self.tr("Import the bundle")),
            (self.here, self.away, self.back_page),
        )
        self.skip = self.add_button(self.tr("I have a b&undle…"), QDialogButtonBox.ButtonRole.ResetRole)
        self._is_writing = False
        self._connect()
        self.go(_HERE)

    @property
    def bundle(self) -> tuple[str, ...]:
        """What is to be imported."""
        return self.back_page.paths

    @property
    def trust(self) -> TrustChoice:
        """Whose signatures are trusted."""
        return self.back_page.trust

    def show_written(self, written: Written) -> None:
        """The file is there: it can be carried away."""
        self._is_writing = False
        self.here.wait.end()
        self.away.show_written(written)
        self.go(_AWAY)

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why it was not written."""
        self._is_writing = False
        self.here.wait.fail(error)
        self.here.wait.again.hide()
        self._follow()

    def _press_next(self) -> None:
        if self.step == _HERE:
            self._is_writing = True
            self.here.wait.begin(self.tr("Looking at what is here"))
            self._follow()
            self.write_requested.emit(self.here.request)
        elif self.step == _AWAY:
            self.go(_BACK)
        else:
            self.accept()

    def _follow(self) -> None:
        texts = (self.tr("&Write the file"), self.tr("&Next"), self.tr("&Look at the bundle…"))
        can = (self.here.is_decided and not self._is_writing, True, bool(self.bundle))
        self.next.setText(texts[self.step])
        self.next.setEnabled(can[self.step])
        self.skip.setVisible(self.step == _HERE)
        self.here.setEnabled(not self._is_writing)
        self.cancel.setText(self.tr("Close") if self.step == _AWAY else self.tr("Cancel"))

    def _connect(self) -> None:
        self.next.clicked.connect(lambda _: self._press_next())
        self.skip.clicked.connect(lambda _: self.go(_BACK))
        self.stepped.connect(lambda _: self._follow())
        self.here.changed.connect(self._follow)
        self.back_page.changed.connect(self._follow)
        self.away.open.clicked.connect(lambda: self.folder_requested.emit(self.away.path))


class _AwayPage(QWidget):
    """What to do with the file."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path()
        self.lines = SaidLines()
        self.open = QPushButton(icon("folder"), self.tr("&Open folder"))
        self.open.setAutoDefault(False)
        button = QHBoxLayout()
        button.addWidget(self.open)
        button.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(heading(self.tr("Take this file to the connected side")))
        layout.addWidget(self.lines)
        layout.addLayout(button)
        layout.addSpacing(2 * GRID)
        steps = (
            self.tr("Copy it to a stick or a disc. It is text, so whoever has to let it pass can read it."),
            self.tr("There, choose File > Carry to an isolated site, and drop the file on its first page."),
            self.tr(
                "Come back with the bundle. You can close this until then; it begins with “I have a bundle”."
            ),
        )
        for name, text in zip(("push", "export", "import"), steps):
            layout.addWidget(Notice(text, name, "accent"))
        layout.addStretch()

    def show_written(self, written: Written) -> None:
        self.path = written.path
        contents = self.tr("{} contents").format(f"{written.contents:,}")
        self.lines.show_lines(
            [
                (self.tr("File"), str(written.path)),
                (self.tr("Size"), size_text(written.size)),
                (self.tr("Tells of"), f"{count_models(written.models)} · {contents}"),
                (self.tr("Id"), written.id),
            ],
            codes=(self.tr("Id"),),
        )


class _BackPage(QWidget):
    """Where the bundle is, and whose keys are trusted.

    Signals:
        changed: another bundle.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.paths: tuple[str, ...] = ()
        self.trust = TrustChoice()
        self.drop = DropArea("import", "", "")
        self.folder = self.drop.add_button(self.tr("Choose a f&older…"), "folder")
        self.files = self.drop.add_button(self.tr("Choose &archives…"), "model")
        about = self.tr(
            "With the public key of the other side, only what it signed is imported. Before anything is written, you "
            "see what comes, who signed it, and what is joined with what is here."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self.drop, 1)
        layout.addWidget(self.trust)
        layout.addWidget(Notice(about, "info", "muted"))
        self.setFocusProxy(self.folder)
        self.drop.dropped.connect(self.take)
        self.folder.clicked.connect(self._choose_folder)
        self.files.clicked.connect(self._choose_files)
        self.take(())

    def take(self, paths: Sequence[str]) -> None:
        """Import these; public keys among them are those to trust."""
        if keys := [path for path in paths if is_public_key(path)]:
            self.trust.add(keys)
        others = tuple(path for path in paths if path not in keys)
        self.paths = others or self.paths
        if not self.paths:
            title, text = (
                self.tr("Drop the bundle here"),
                self.tr("The folder that came back, or its archives."),
            )
        elif len(self.paths) == 1:
            title, text = Path(self.paths[0]).name, self.paths[0]
        else:
            title = self.tr("{} archives").format(f"{len(self.paths):,}")
            text = str(Path(self.paths[0]).parent)
        self.drop.title.setText(title)
        self.drop.said.setText(text)
        self.changed.emit()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Bundle to import"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.take([folder]))
        dialog.open()

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Archives to import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        archives = self.tr("Archives") + " (*.zip *.zip.001 *.tar *.tar.gz *.tgz *.tar.zst)"
        dialog.setNameFilters([archives, self.tr("All files") + " (*)"])
        dialog.filesSelected.connect(self.take)
        dialog.open()

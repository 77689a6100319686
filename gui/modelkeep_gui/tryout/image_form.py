"""Images for a model to say what is on them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImageReader
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QSpinBox

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.form import Form
from modelkeep_gui.tryout.option_line import OptionLine
from modelkeep_gui.tryout.preview import Preview
from modelkeep_gui.widgets.drops import local_files
from modelkeep_gui.widgets.elided_label import ElidedLabel

__all__ = ["ImageForm"]

_LABELS = 5


class ImageForm(Form):
    """Images are chosen, or dropped on it."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: tuple[str, ...] = ()
        self.preview = Preview()
        self.names = ElidedLabel(elide=Qt.TextElideMode.ElideRight, muted=True)
        self.choose = QPushButton(icon("image"), self.tr("C&hoose an image…"))
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(lambda _: self._choose())
        self.count = QSpinBox()
        self.count.setRange(0, 999)
        self.count.setSpecialValueText(self.tr("all"))
        self.count.setValue(_LABELS)
        line = OptionLine()
        line.insertWidget(0, self.choose)
        line.add(self.tr("La&bels"), self.count)
        beside = QHBoxLayout()
        beside.addWidget(self.preview)
        beside.addWidget(self.names, 1)
        beside.setSpacing(3 * GRID)
        self.body.addLayout(beside)
        self.body.addLayout(line)
        self.setAcceptDrops(True)
        self.setFocusProxy(self.choose)
        self._show(())

    def inputs(self) -> TryInputs:
        return TryInputs(images=self._paths)

    def options(self) -> TryOptions:
        return TryOptions(top_k=self.count.value())

    def problem(self) -> str:
        return "" if self._paths else self.tr("Choose an image first, or drop one here.")

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        self.count.setValue(options.top_k)
        self._show(inputs.images)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self._show(files)

    def _show(self, paths: Sequence[str]) -> None:
        self._paths = tuple(paths)
        names = ", ".join(os.path.basename(path) for path in paths)
        self.names.setText(names or self.tr("No image yet. One can be dropped here."))
        self.preview.show_file(paths[0] if paths else "", names)
        self.changed.emit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose an image"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        kinds = sorted(f"*.{bytes(kind.data()).decode()}" for kind in QImageReader.supportedImageFormats())
        dialog.setNameFilters([self.tr("Images ({})").format(" ".join(kinds)), self.tr("All files (*)")])
        dialog.filesSelected.connect(self._show)
        dialog.open()

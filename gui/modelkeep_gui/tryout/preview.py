"""A small picture of an image file, read beside the window's own work."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QLabel

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID

__all__ = ["Preview"]

_SIDE = 36 * GRID
_EMPTY = 12 * GRID


class Preview(QLabel):
    """Shows an image no larger than a stamp; a sign while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(_SIDE, _SIDE * 3 // 4)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFrameShape(QLabel.Shape.StyledPanel)
        self._path = ""
        self._reading = _Reading(self)
        self._reading.read.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def show_file(self, path: str, name: str) -> None:
        """Show this file, "" for none, as soon as it was read."""
        self._path = path
        self.setAccessibleName(name or self.tr("No image"))
        self.setPixmap(icon("image", "muted").pixmap(_EMPTY, _EMPTY))
        if path:
            QThreadPool.globalInstance().start(
                _Read(path, self.size() * self.devicePixelRatioF(), self._reading)
            )

    def _show(self, path: str, image: QImage) -> None:
        if path == self._path and not image.isNull():
            picture = QPixmap.fromImage(image)
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            self.setPixmap(picture)


class _Reading(QObject):
    read = Signal(str, QImage)


class _Read(QRunnable):
    def __init__(self, path: str, most: QSize, told: _Reading) -> None:
        super().__init__()
        self._path, self._most, self._told = path, most, told

    def run(self) -> None:
        reader = QImageReader(self._path)
        reader.setAutoTransform(True)
        if (size := reader.size()).isValid():
            reader.setScaledSize(size.scaled(self._most, Qt.AspectRatioMode.KeepAspectRatio))
        image = reader.read()
        try:
            self._told.read.emit(self._path, image)
        except RuntimeError:
            pass  # the window is gone

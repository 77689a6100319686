"""Files that are dragged in from a file manager."""

from __future__ import annotations

from PySide6.QtCore import QMimeData

__all__ = ["local_files"]


def local_files(data: QMimeData) -> list[str]:
    """The paths of the files on this machine that are dragged, in their order."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]

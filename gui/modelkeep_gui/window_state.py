"""What the window looks like at its next start: its place and size, what it shows, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize

if TYPE_CHECKING:
    from modelkeep_gui.main_window import MainWindow

__all__ = ["keep", "restore"]

_SIZE = QSize(1280, 800)
_FRAME = QSize(4, 40)  # about what a desktop puts around it, which nobody knows before it is shown
_GEOMETRY, _SPLITTER, _MAP, _GROUPING = (
    "window/geometry",
    "window/splitter",
    "window/map",
    "disk_bar/grouping",
)


def restore(window: MainWindow, store: QSettings) -> None:
    """Bring back what `keep` wrote. What is chosen by a click is written at once from now on."""
    window.resize(_SIZE.boundedTo(window.screen().availableSize() - _FRAME))
    for name, bring_back in (
        (_GEOMETRY, window.restoreGeometry),
        (_SPLITTER, window.splitter.restoreState),
    ):
        state = store.value(name)
        if isinstance(state, QByteArray):
            bring_back(state)
    window.view.restore_layout(store)
    window.map_link.restore(store)
    show_map = window.actions_.show_map
    show_map.setChecked(store.value(_MAP, False, bool) is True)
    show_map.toggled.connect(lambda on: store.setValue(_MAP, on))
    grouping = store.value(_GROUPING)
    if grouping in ("library", "cache", "owner"):
        window.overview.group_by(grouping)
    window.overview.grouping_changed.connect(lambda chosen: store.setValue(_GROUPING, chosen))


def keep(window: MainWindow, store: QSettings) -> None:
    """Write down how the window is laid out."""
    store.setValue(_GEOMETRY, window.saveGeometry())
    store.setValue(_SPLITTER, window.splitter.saveState())
    window.view.save_layout(store)
    window.remotes.keep_layout()

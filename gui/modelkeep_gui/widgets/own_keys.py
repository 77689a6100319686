"""Keys for which a widget has commands of its own while it has the focus, even if the window has some for them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

__all__ = ["OwnKeys"]


class OwnKeys(QObject):
    """Adds commands with keys to the context menu of `widget`.

    As shortcuts they would be ambiguous with the window's, and neither would work. A key whose command cannot be used
    just now does nothing: Del among files must never reach for the whole model.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._actions: list[tuple[QKeySequence.StandardKey, QAction]] = []
        widget.installEventFilter(self)

    def add(self, icon: QIcon, text: str, keys: QKeySequence.StandardKey | None = None) -> QAction:
        """A new command of the widget, with a key or without."""
        action = QAction(icon, text, self._widget)
        if keys is not None:
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            action.setText(f"{text}\t{shown}")
            self._actions.append((keys, action))
        self._widget.addAction(action)
        return action

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        assert isinstance(event, QKeyEvent)
        for keys, action in self._actions:
            if event.matches(keys):
                event.accept()
                if event.type() == QEvent.Type.KeyPress and action.isEnabled():
                    action.trigger()
                return True
        return False

"""Keys for which a widget has commands of its own while it has the focus, even if the window has some for them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

__all__ = ["OwnKeys"]

_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class OwnKeys(QObject):
    """Adds commands with keys to the context menu of `widget`.

    As shortcuts they would be ambiguous with the window's, and neither would work. A key whose command cannot be used
    just now does nothing: Del among files must never reach for the whole model.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._actions: list[tuple[QKeySequence, QAction]] = []
        widget.installEventFilter(self)

    def add(self, icon: QIcon, text: str, keys: QKeySequence.StandardKey | None = None) -> QAction:
        """A new command of the widget, with a key or without."""
        action = QAction(icon, text, self._widget)
        if keys is not None:
            usual = QKeySequence(keys)
            action.setText(f"{text}\t{usual.toString(QKeySequence.SequenceFormat.NativeText)}")
            self._actions.append((usual, action))
        self._widget.addAction(action)
        return action

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        assert isinstance(event, QKeyEvent)
        pressed = QKeySequence(QKeyCombination(event.modifiers() & ~_KEYPAD, Qt.Key(event.key())))
        for keys, action in self._actions:
            # The usual key alone: by `matches`, Ctrl+D would delete too where Emacs's keys count.
            if pressed == keys:
                event.accept()
                if event.type() == QEvent.Type.KeyPress and action.isEnabled():
                    action.trigger()
                return True
        return False

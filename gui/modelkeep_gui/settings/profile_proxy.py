"""Which proxy is on the way to a hub."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from modelkeep.hub.profile import NO_PROXY
from modelkeep_gui.dialogs.noted_field import NotedField
from modelkeep_gui.settings.profile_text import proxy_problem

__all__ = ["ProxyChoice"]

_SYSTEM, _NONE, _OWN = range(3)


class ProxyChoice(QWidget):
    """The system's, none, or one that is typed.

    Signals:
        changed: another choice, or another text.
    """

    changed = Signal()

    def __init__(self, proxy: str) -> None:
        super().__init__()
        self.choice = QComboBox()
        self.choice.addItems([self.tr("As the system says"), self.tr("None"), self.tr("This one")])
        self.choice.setAccessibleName(self.tr("Proxy"))
        self.choice.setCurrentIndex(_SYSTEM if not proxy else _NONE if proxy == NO_PROXY else _OWN)
        self.text = QLineEdit(proxy if proxy != NO_PROXY else "")
        self.text.setPlaceholderText("http://proxy:3128")
        self.text.setAccessibleName(self.tr("Address of the proxy"))
        self._field = NotedField(self.text, self.choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._field)
        self.setFocusProxy(self.choice)
        self.choice.currentIndexChanged.connect(lambda _: self._follow())
        self.text.textEdited.connect(lambda _: self._typed())
        self.text.editingFinished.connect(self.note)
        self._follow()

    @property
    def proxy(self) -> str:
        """As a profile has it."""
        match self.choice.currentIndex():
            case 0:
                return ""
            case 1:
                return NO_PROXY
            case _:
                return self.text.text().strip()

    @property
    def problem(self) -> str:
        """Why what is typed is no proxy, "" when it is one or none is typed."""
        return proxy_problem(self.text.text()) if self.choice.currentIndex() == _OWN else ""

    def note(self) -> None:
        """Say beneath the field what is wrong with it."""
        self._field.say(self.problem)

    def _typed(self) -> None:
        if self._field.problem:
            self.note()
        self.changed.emit()

    def _follow(self) -> None:
        self.text.setVisible(self.choice.currentIndex() == _OWN)
        self._field.say("")
        self.changed.emit()

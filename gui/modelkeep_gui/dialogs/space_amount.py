"""How much is to be freed: a slider, and a field for the exact size."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QVBoxLayout, QWidget

from modelkeep.text import parse_size, size_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID

__all__ = ["SpaceAmount"]

_STEPS = 1000


class SpaceAmount(QWidget):
    """From nothing to all that can be freed.

    Signals:
        changed: the user wants another amount.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = 0
        self._asked = 0
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setSingleStep(_STEPS // 100)
        self.slider.setPageStep(_STEPS // 10)
        self.slider.setAccessibleName(self.tr("How much to free"))
        self.slider.valueChanged.connect(self._slide)
        self.text = QLineEdit()
        self.text.setFixedWidth(26 * GRID)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.text.setAccessibleName(self.tr("How much to free, typed"))
        self.text.textEdited.connect(self._type)
        self.text.editingFinished.connect(self._finish)
        self._notice = TonedNotice()
        line = QHBoxLayout()
        line.setSpacing(3 * GRID)
        line.addWidget(self.slider, 1)
        line.addWidget(self.text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        layout.addWidget(self._notice)
        self.setFocusProxy(self.slider)
        self._show(slide=True, write=True)

    @property
    def wanted(self) -> int:
        """In bytes; no more than can be freed."""
        return min(self._asked, self._most)

    @property
    def problem(self) -> str:
        """What is wrong with what is typed."""
        return self._notice.text if not self._notice.isHidden() else ""

    def set_most(self, most: int) -> None:
        """All that can be freed, in bytes. What is wanted stays, and comes back when it can be freed again."""
        self._most = most
        self.setEnabled(most > 0)
        self._show(slide=True, write=not self.text.hasFocus())

    def set_wanted(self, wanted: int) -> None:
        """Another amount; not a wish of the user."""
        self._asked = max(0, wanted)
        self._show(slide=True, write=True)

    def _slide(self, step: int) -> None:
        self._asked = self._most if step == _STEPS else self._most * step // _STEPS
        self._show(slide=False, write=True)
        self.changed.emit()

    def _type(self, text: str) -> None:
        try:
            typed = parse_size(text) if text.strip() not in ("", "0") else 0
        except ValueError:
            self._say(self.tr("Write a size with its unit, such as 2 GB or 650 MB."), "bad")
            return
        self._asked = typed
        self._show(slide=True, write=False)
        if typed > self._most:
            self._say(self.tr("No more than {} can be freed here.").format(size_text(self._most)), "warn")
        self.changed.emit()

    def _finish(self) -> None:
        """What is typed is left: write what it came to."""
        if self.text.isModified():
            self._show(slide=False, write=True)

    def _show(self, *, slide: bool, write: bool) -> None:
        if slide:
            self.slider.blockSignals(True)
            self.slider.setValue(round(_STEPS * self.wanted / self._most) if self._most else 0)
            self.slider.blockSignals(False)
        if write:
            self.text.setText(size_text(self.wanted))
        self.slider.setAccessibleDescription(size_text(self.wanted))
        self._say("", "muted")

    def _say(self, text: str, tone: str) -> None:
        self._notice.say(text, "warning", tone)
        self._notice.setVisible(bool(text))

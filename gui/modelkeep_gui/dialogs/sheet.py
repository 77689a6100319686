"""What dialogs have in common: a sign and a heading, something to read beneath, and buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import heading
from modelkeep_gui.widgets.sign import Sign

__all__ = ["GrowingSheet", "Sheet"]

_ICON = 8 * GRID


class Sheet(QDialog):
    """A dialog with the icon `name` in the colour `tone`, and a heading. `body` is for what there is to say."""

    def __init__(self, title: str, name: str, tone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        sign = Sign()
        sign.setFixedSize(_ICON, _ICON)
        sign.show_icon(name, tone)
        self.heading = heading(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(3 * GRID)
        self._led_to: QWidget | None = None
        self._buttons = QDialogButtonBox()
        self._buttons.setContentsMargins(0, 2 * GRID, 0, 0)
        self._buttons.rejected.connect(self.reject)
        self._buttons.accepted.connect(self.accept)
        self._grid = layout = QGridLayout(self)
        layout.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 4 * GRID)
        layout.setHorizontalSpacing(4 * GRID)
        layout.setVerticalSpacing(3 * GRID)
        layout.setColumnStretch(1, 1)
        layout.setRowStretch(1, 1)
        layout.addWidget(sign, 0, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.heading, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(self.body, 1, 1)
        layout.addWidget(self._buttons, 2, 0, 1, 2)
        layout.setRowMinimumHeight(0, _ICON)

    def add_button(self, text: str, role: QDialogButtonBox.ButtonRole, *, icon_name: str = "") -> QPushButton:
        """A button at the bottom. The accepting and the rejecting ones close the dialog."""
        button = self._buttons.addButton(text, role)
        button.setIcon(icon(icon_name) if icon_name else QIcon())
        button.setAutoDefault(False)
        return button

    def set_default(self, button: QPushButton) -> None:
        """Have `button` pressed by Enter, and at first by the space bar too."""
        button.setDefault(True)
        button.setFocus()
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # While there is nothing yet to say yes to, Qt leads the focus on to the next button. It is led back when
        # there is, or Enter would mean Cancel.
        if event.type() == QEvent.Type.EnabledChange and isinstance(watched, QPushButton):
            focused = self.focusWidget()
            if not watched.isEnabled():
                is_button = isinstance(focused, QPushButton) and focused in self._buttons.buttons()
                self._led_to = focused if is_button else None
            elif watched.isDefault() and focused is not None and focused is self._led_to:
                watched.setFocus()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QPushButton):
            focused.click()  # who has gone to a button means that one, and not the default one
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        # Qt guesses the height of texts before it knows how wide they will be.
        if not self.testAttribute(Qt.WidgetAttribute.WA_Resized):
            width = max(self.minimumWidth(), self.minimumSizeHint().width())
            self.resize(width, self._grid.totalHeightForWidth(width))
        super().showEvent(event)


class GrowingSheet(Sheet):
    """One whose parts come and go: what is unfolded, or said at a field, takes its room from the screen and not from
    the other fields."""

    def fit(self) -> None:
        """Be as high as the parts need, and so high on the screen that all of it is seen."""
        screen = self.screen().availableGeometry()
        self.resize(self.width(), min(self._needed(), screen.height()))
        frame = self.frameGeometry()
        if frame.bottom() > screen.bottom():
            self.move(frame.left(), max(screen.top(), screen.bottom() + 1 - frame.height()))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.height() < self._needed():
            self.fit()
        return done

    def _needed(self) -> int:
        return self._grid.totalHeightForWidth(self.width())

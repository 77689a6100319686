"""Something that is not in the way until one asks for it: a line with an arrow, and beneath it the rest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID

__all__ = ["Folded", "LineList"]


class Folded(QWidget):
    """Shows `content` once its title was pressed, and hides it again."""

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self._title = QToolButton()
        self._title.setAutoRaise(True)
        self._title.setCheckable(True)
        self._title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._title.toggled.connect(self._unfold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(content)
        self.set_title(title)
        self._unfold(False)

    @property
    def title(self) -> str:
        return self._title.text()

    @property
    def is_open(self) -> bool:
        return self._title.isChecked()

    def set_title(self, title: str) -> None:
        self._title.setText(title)
        self._title.setAccessibleName(title)

    def set_open(self, is_open: bool) -> None:
        self._title.setChecked(is_open)

    def _unfold(self, is_open: bool) -> None:
        self._title.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._content.setVisible(is_open)
        self.updateGeometry()


class LineList(QListWidget):
    """Lines to read, each with a tooltip, no higher than they need and than `most` of them."""

    def __init__(self, name: str, most: int = 6) -> None:
        super().__init__()
        self._most = most
        self.setAccessibleName(name)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these lines: the text of each and its tooltip."""
        self.clear()
        for text, tooltip in lines:
            item = QListWidgetItem(text, self)
            item.setToolTip("\n".join(filter(None, (text, tooltip))))
        self.updateGeometry()

    def texts(self) -> list[str]:
        """The lines, as they are read."""
        return [self.item(number).text() for number in range(self.count())]

    def sizeHint(self) -> QSize:
        high = self.sizeHintForRow(0) if self.count() else 0
        return QSize(60 * GRID, high * min(self.count(), self._most) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, self.sizeHint().height())

"""Something that is not in the way until one asks for it: a line with an arrow, and beneath it the rest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QListView, QSizePolicy, QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.flat_button import FlatToggle

__all__ = ["Folded", "LineList"]

_SPACING = 2  # pixels around a line
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class Folded(QWidget):
    """Shows `content` once its title was pressed, and hides it again."""

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self._title = FlatToggle("")
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


class LineList(QListView):
    """Lines to read, each with a tooltip, no higher than they need and than `most` of them."""

    def __init__(self, name: str, most: int = 6) -> None:
        super().__init__()
        self._most = most
        self._lines = _LinesModel(self)
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setSpacing(_SPACING)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setModel(self._lines)

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these lines: the text of each, and what its tooltip says beside it."""
        self._lines.set_lines(lines)
        self.updateGeometry()

    def texts(self) -> list[str]:
        """The lines, as they are read."""
        return [text for text, _ in self._lines.lines]

    def sizeHint(self) -> QSize:
        count = len(self._lines.lines)
        high = self.sizeHintForRow(0) + 2 * _SPACING if count else 0
        return QSize(60 * GRID, high * min(count, self._most) + 2 * _SPACING)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, self.sizeHint().height())


class _LinesModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lines: list[tuple[str, str]] = []

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = _DISPLAY) -> str | None:
        if role == _DISPLAY:
            return self.lines[index.row()][0]
        if role == _TOOLTIP:
            return "\n".join(filter(None, self.lines[index.row()]))
        return None

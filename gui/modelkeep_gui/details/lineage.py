"""What a model was made from and what was made from it, as a tree from the first of all downwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QTreeView, QWidget

from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey
from modelkeep.remote.values import Lineage
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID

__all__ = ["LineageTree", "Relative", "relatives"]

Role = Literal["root", "gap", "parent", "this", "child"]

_ROWS = 8  # that are seen at once
_KEY = int(Qt.ItemDataRole.UserRole)


class Relative(NamedTuple):
    """A line of the tree, `depth` steps below the first one. A gap is what nobody wrote down."""

    role: Role
    key: str
    depth: int


def relatives(
    this: str, lineage: Lineage, children: Sequence[str] = (), line: Sequence[str] = ()
) -> tuple[Relative, ...]:
    """The family of a model, from the first of all down to what was made from it; empty when it has none known.

    `line` is all that it was made from, when that is known.
    """
    above: list[Relative] = []
    if len(line) > 1:
        above += [Relative("parent" if depth else "root", key, depth) for depth, key in enumerate(line[:-1])]
    elif lineage.root and lineage.root != lineage.parent:
        above.append(Relative("root", lineage.root, 0))
        # The root says where it began, the parent what came just before: what lies between them neither says.
        if lineage.parent and ModelKey.known(lineage.parent).name != ModelKey.known(lineage.root).name:
            above.append(Relative("gap", "", 1))
    if lineage.parent:
        above.append(Relative("parent", lineage.parent, len(above)))
    if not above and not children:
        return ()
    depth = len(above)
    beneath = [Relative("child", child, depth + 1) for child in children]
    return (*above, Relative("this", this, depth), *beneath)


class LineageTree(QTreeView):
    """A line for each relative. Those that are in no list here are grey.

    Signals:
        chosen: the key (str) of a relative that was clicked or entered.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = QStandardItemModel(self)
        self._shown: tuple[tuple[Relative, bool], ...] = ()
        self.setAccessibleName(self.tr("Lineage"))
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.setItemsExpandable(False)
        self.setRootIsDecorated(False)
        self.setIndentation(4 * GRID)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setModel(self._items)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def set_relatives(self, family: Sequence[Relative], is_known: Callable[[str], bool]) -> None:
        """Show these; `is_known` says of a key whether there is something to go to."""
        shown = tuple((one, bool(one.key) and is_known(one.key)) for one in family)
        if shown == self._shown:
            return
        self._shown = shown
        self._items.clear()
        path: list[QStandardItem] = [self._items.invisibleRootItem()]
        for one, known in shown:
            item = self._item(one, known)
            del path[one.depth + 1 :]
            path[-1].appendRow(item)
            path.append(item)
        self.expandAll()
        self.updateGeometry()

    def lines(self) -> list[str]:
        """What is to be read, from top to bottom, each as far to the right as it stands."""
        return [f"{'  ' * one.depth}{_text(one)}" for one, _ in self._shown]

    def sizeHint(self) -> QSize:
        high = self.fontMetrics().height() + 2 * GRID
        return QSize(60 * GRID, min(_ROWS, max(1, len(self._shown))) * high + GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, self.sizeHint().height())

    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Nothing: all is seen, so there is nothing to unfold."""

    def _item(self, one: Relative, known: bool) -> QStandardItem:
        item = QStandardItem(_text(one))
        item.setData(one.key, _KEY)
        item.setAccessibleText(f"{self._role_text(one.role)}: {_text(one)}")
        item.setSizeHint(QSize(0, self.fontMetrics().height() + 2 * GRID))
        if one.role == "this":
            font = QFont(self.font())
            font.setBold(True)
            item.setFont(font)
        if one.role != "gap":
            item.setIcon(icon("model", "text" if known or one.role == "this" else "muted"))
        if not known and one.role != "this":
            item.setForeground(QGuiApplication.palette().placeholderText())
        # Greyed, but it can be read and copied all the same.
        where = "" if known or one.role in ("this", "gap") else self.tr("It is in no list here.")
        item.setToolTip("\n".join(filter(None, (self._role_text(one.role), one.key, where))))
        if one.role == "gap":
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        return item

    def _role_text(self, role: Role) -> str:
        words: dict[Role, str] = {
            "root": self.tr("The first of all"),
            "gap": self.tr("What lies between is not known"),
            "parent": self.tr("What it was made from"),
            "this": self.tr("This model"),
            "child": self.tr("Made from it"),
        }
        return words[role]

    def _choose(self, index: QModelIndex | QPersistentModelIndex) -> None:
        key = index.data(_KEY)
        for one, known in self._shown:
            if one.key == key and known and one.role != "this":
                self.chosen.emit(key)
                return


def _text(one: Relative) -> str:
    if one.role == "gap":
        return "…"
    try:
        key = ModelKey.parse(one.key)
    except InvalidKey:  # whatever a card or a manifest calls it
        return one.key
    return " ".join(filter(None, (key.repo_id, (key.revision or "")[:7])))

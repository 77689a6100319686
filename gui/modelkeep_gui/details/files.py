"""The third tab: the files of the revision, with those that should be here and are not."""

from __future__ import annotations

from operator import attrgetter

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep.details import FileLine, ModelDetails
from modelkeep.rows import Selection
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["Files"]


class Files(QWidget):
    """A table of files, with what they are together beneath it.

    Signals:
        delete_requested: a `Selection`, the chosen files of the revision.
    """

    delete_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = ("", "")
        self.table = PlainTable(self.tr("Files"), self._columns(), is_muted=lambda line: not line.is_here)
        self.table.set_placeholder(self.tr("This revision has no files here."))
        self.table.selection_changed.connect(self._follow_selection)
        self._sum = remark("")
        self._sum.setContentsMargins(GRID, 2 * GRID, 4 * GRID, 2 * GRID)
        keys = OwnKeys(self.table)
        self.copy_path = keys.add(icon("copy"), self.tr("Copy path"), QKeySequence.StandardKey.Copy)
        self.copy_path.triggered.connect(self._copy_paths)
        self.delete = keys.add(icon("delete"), self.tr("Delete files…"), QKeySequence.StandardKey.Delete)
        self.delete.triggered.connect(self._request_deletion)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 0, GRID, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._sum)
        self._follow_selection([])

    def set_details(self, details: ModelDetails) -> None:
        """Show the files of the revision that the details are of."""
        self._place = (details.row.root, f"{details.row.key}@{details.commit}")
        missing = [FileLine(name, 0, 0, "", "", "", is_here=False) for name in details.missing]
        self.table.set_values([*details.files, *missing])
        self._follow_selection(self.table.selected)

    @property
    def summary(self) -> str:
        """How many files it is about, and how large they are together."""
        return self._sum.text()

    def _follow_selection(self, selected: list[FileLine]) -> None:
        self.copy_path.setEnabled(any(line.path for line in selected))
        self.delete.setEnabled(any(line.path for line in selected))
        shown = selected or self.table.rows.values
        count = len(shown)
        parts = [self.tr("1 file") if count == 1 else self.tr("{} files").format(f"{count:,}")]
        if selected:
            parts[0] = self.tr("{} selected").format(f"{count:,}")
        parts.append(size_text(sum(line.size for line in shown)))
        if missing := sum(not line.is_here for line in shown):
            parts.append(self.tr("{} not here").format(f"{missing:,}"))
        self._sum.setText(" · ".join(parts))

    def _copy_paths(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(line.path for line in self.table.selected if line.path))

    def _request_deletion(self) -> None:
        names = tuple(line.name for line in self.table.selected if line.path)
        self.delete_requested.emit(Selection(*self._place, names))

    def _columns(self) -> tuple[TableColumn[FileLine], ...]:
        not_here = self.tr("not here")
        # The other kinds are formats of weights, whose names are the same everywhere.
        kinds = {
            "tokenizer": self.tr("tokenizer"),
            "config": self.tr("config"),
            "code": self.tr("code"),
            "card": self.tr("card"),
            "licence": self.tr("licence"),
            "data": self.tr("data"),
            "image": self.tr("image"),
            "other": self.tr("other"),
        }
        return (
            TableColumn(
                self.tr("Name"),
                lambda line: line.name,
                lambda line: line.name.casefold(),
                18,
                tooltip=lambda line: line.path or line.name,
            ),
            TableColumn(
                self.tr("Kind"), lambda line: kinds.get(line.kind, line.kind), attrgetter("kind"), 11
            ),
            TableColumn(
                self.tr("Content"),
                lambda line: line.blob[:8],
                lambda line: line.blob,
                9,
                tooltip=lambda line: line.blob,
            ),
            TableColumn(
                self.tr("Size"),
                lambda line: size_text(line.size) if line.is_here else not_here,
                lambda line: line.size if line.is_here else -1,
                9,
                tooltip=lambda line: exact_size_text(line.size) if line.is_here else "",
                is_figure=True,
            ),
        )

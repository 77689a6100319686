"""The parts of a text that a model found, as a table: for the keyboard, for screen readers, and to be sorted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QSizePolicy

from modelkeep.inference.values import Span
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.text import share_text
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["SpanTable"]

_MOST = 8  # lines that are seen at once


class SpanTable(PlainTable):
    """What was found, what it is, how sure that is, and where it stands."""

    def __init__(self, name: str) -> None:
        super().__init__(name, _columns())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, values: Sequence[Span]) -> None:
        super().set_values(values)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        lines = min(max(1, self.rows.rowCount()), _MOST)
        return QSize(80 * GRID, self.horizontalHeader().sizeHint().height() + lines * self.row_height + GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())


def _columns() -> list[TableColumn[Span]]:
    return [
        TableColumn[Span](_tr("Text"), lambda one: one.text, lambda one: one.text.casefold(), width=24),
        TableColumn[Span](_tr("Label"), lambda one: one.label, lambda one: one.label, width=14),
        TableColumn[Span](
            _tr("Sure"), lambda one: share_text(one.score), lambda one: one.score, width=10, is_figure=True
        ),
        TableColumn[Span](
            _tr("Characters"),
            lambda one: f"{one.start:,}–{one.end:,}",
            lambda one: one.start,
            width=16,
            is_figure=True,
        ),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("tryout", text)

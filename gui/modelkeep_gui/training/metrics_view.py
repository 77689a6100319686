"""How good what was trained is: all together and label by label, with the parent's figures beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.training.text import figure_text, metric_title
from modelkeep_gui.widgets.labels import value
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["MetricsView"]

_OF_ALL = ("accuracy", "macro_f1", "precision", "recall", "f1", "loss")
_PARTS = ("precision", "recall", "f1")
_OF_PARENT = (2, 4, 6)  # columns


class MetricRow(NamedTuple):
    """A label, and of each of `_PARTS` the figure of the result and that of its parent; None is not known."""

    label: str
    own: tuple[float | None, ...]
    parent: tuple[float | None, ...]


class MetricsView(QWidget):
    """What is true of all examples in a line, beneath it a table of the labels."""

    def __init__(self) -> None:
        super().__init__()
        self._all = value("")
        self.table = PlainTable(self.tr("How good it is, label by label"), _columns())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._all)
        layout.addWidget(self.table, 1)

    @property
    def text(self) -> str:
        """What is said of all examples."""
        return self._all.text()

    def show_metrics(self, metrics: Mapping[str, float], parent: Mapping[str, float], why_not: str) -> None:
        """Show those of the result, and those of the parent on the same examples where it has them; `why_not` is
        said where there are none."""
        said = []
        for name in _OF_ALL:
            if name in metrics:
                text = f"{metric_title(name)} {figure_text(name, metrics[name])}"
                if name in parent:
                    text = _tr("{} (the parent {})").format(text, figure_text(name, parent[name]))
                said.append(text)
        self._all.setText(" · ".join(said))
        self._all.setVisible(bool(said))
        self.table.set_placeholder(why_not)
        labels = [name.removeprefix("f1/") for name in metrics if name.startswith("f1/")]
        self.table.set_values(
            [
                MetricRow(
                    label,
                    tuple(metrics.get(f"{part}/{label}") for part in _PARTS),
                    tuple(parent.get(f"{part}/{label}") for part in _PARTS),
                )
                for label in labels
            ]
        )
        for number in _OF_PARENT:
            self.table.setColumnHidden(number, not parent)


def _columns() -> list[TableColumn[MetricRow]]:
    columns = [
        TableColumn[MetricRow](
            _tr("Label"), lambda row: row.label, lambda row: row.label.casefold(), width=18
        )
    ]
    for number, part in enumerate(_PARTS):
        columns.append(_column(metric_title(part), number, is_parent=False))
        columns.append(_column(_tr("Parent"), number, is_parent=True))
    return columns


def _column(title: str, number: int, *, is_parent: bool) -> TableColumn[MetricRow]:
    def figure(row: MetricRow) -> float | None:
        return (row.parent if is_parent else row.own)[number]

    def sort_key(row: MetricRow) -> float:
        known = figure(row)
        return -1.0 if known is None else known

    return TableColumn[MetricRow](
        title, lambda row: figure_text("f1", figure(row)), sort_key, width=10, is_figure=True
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("training", text)

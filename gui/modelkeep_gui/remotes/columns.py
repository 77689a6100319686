"""The columns of the list of a remote: those of a cache that make sense there, and where each model is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from modelkeep.remote.values import Where
from modelkeep.rows import ModelRow, RevisionRow
from modelkeep_gui.library.columns import Column, StateSign, columns

__all__ = ["remote_columns", "where_sign", "where_text"]

_KEPT = ("name", "task", "library", "licence", "parameters", "size", "modified", "formats", "languages")
_SHOWN = ("name", "task", "library", "size", "modified")

_SIGNS = {
    Where.HERE: StateSign("here", "muted", False),
    Where.THERE: StateSign("cloud", "accent", False),
    Where.BOTH: StateSign("done", "good", False),
    Where.NEWER: StateSign("update", "warn", False),
}
_ORDER = {Where.NEWER: 0, Where.THERE: 1, Where.BOTH: 2, Where.HERE: 3}


def remote_columns() -> tuple[Column, ...]:
    """All columns in their first order, in the language of the application."""
    kept = {column.id: replace(column, shown=column.id in _SHOWN) for column in columns()}
    kept["modified"] = _unless_here(replace(kept["modified"], title=_tr("Pushed")))
    where = Column(
        "where",
        _tr("Where"),
        where_text,
        lambda row: _ORDER.get(Where(row.where), 0) if row.where else 0,
        9,
        tooltip=_where_tooltip,
        hideable=False,
        sign=where_sign,
    )
    name, *rest = (kept[id] for id in _KEPT)
    return (name, where, *rest)


def _unless_here(column: Column) -> Column:
    """The column, empty for what the remote has not got."""
    return replace(
        column,
        text=lambda row: "" if row.where == Where.HERE else column.text(row),
        sort_key=lambda row: 0.0 if row.where == Where.HERE else column.sort_key(row),
        tooltip=lambda row: "" if row.where == Where.HERE else column.tooltip(row),
    )


def where_text(row: ModelRow) -> str:
    """Where a model is, in a word or two."""
    words = {
        Where.HERE: _tr("here"),
        Where.THERE: _tr("there"),
        Where.BOTH: _tr("both"),
        Where.NEWER: _tr("newer"),
    }
    return words[Where(row.where)] if row.where else ""


def where_sign(row: ModelRow | RevisionRow) -> StateSign | None:
    """The sign before it; a revision has none."""
    return _SIGNS[Where(row.where)] if isinstance(row, ModelRow) and row.where else None


def _where_tooltip(row: ModelRow) -> str:
    words = {
        Where.HERE: _tr("In a cache of this machine. The remote has not got it."),
        Where.THERE: _tr("On the remote. No cache of this machine has it."),
        Where.BOTH: _tr("On the remote and in a cache of this machine, the same revision."),
        Where.NEWER: _tr("In both, and main leads to another revision there than here."),
    }
    return words[Where(row.where)] if row.where else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Remotes", text)

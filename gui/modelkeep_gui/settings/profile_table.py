"""The profiles as a table: what they are called, where they lead, and where their tokens are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from modelkeep.hub.profile import ProfileView
from modelkeep_gui.settings.profile_text import host_of, token_text
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["ProfileTable"]


class ProfileTable(PlainTable):
    """A list of `ProfileView`, of which one can be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", self._columns(), parent=parent)
        self.setAccessibleName(self.tr("Hubs"))
        self.setFrameShape(PlainTable.Shape.StyledPanel)
        self.setSelectionMode(PlainTable.SelectionMode.SingleSelection)

    @property
    def chosen(self) -> ProfileView | None:
        return next(iter(self.selected), None)

    def show_views(self, views: Sequence[ProfileView]) -> None:
        """Show these; the chosen one stays chosen."""
        name = self.chosen.profile.name if self.chosen else ""
        self.set_values(views)
        for row, view in enumerate(self.rows.values):
            if view.profile.name == name:
                self.selectRow(row)

    def _columns(self) -> tuple[TableColumn[ProfileView], ...]:
        return (
            TableColumn(
                self.tr("Name"),
                self._name_text,
                lambda view: view.profile.name.casefold(),
                18,
                tooltip=lambda view: view.profile.name,
            ),
            TableColumn(
                self.tr("Hub"),
                lambda view: host_of(view.profile.endpoint),
                lambda view: host_of(view.profile.endpoint),
                24,
                tooltip=lambda view: view.profile.endpoint,
            ),
            TableColumn(
                self.tr("Token"),
                lambda view: token_text(view.token_source),
                lambda view: view.token_source,
                24,
                tooltip=lambda view: token_text(view.token_source),
            ),
            TableColumn(
                self.tr("Used"),
                lambda view: self.tr("by default") if view.is_default else "",
                lambda view: not view.is_default,
                11,
            ),
        )

    def _name_text(self, view: ProfileView) -> str:
        name = view.profile.name
        if view.profile.source == "environment" and name != "environment":
            return self.tr("{} (environment)").format(name)
        return name

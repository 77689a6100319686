"""Who is connected, what they fetch now, and what was fetched and pushed."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep.text import exact_size_text, size_text, time_text
from modelkeep_gui.sharing.events import Transferred
from modelkeep_gui.sharing.sharing import Guest, Sharing
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import LineList
from modelkeep_gui.widgets.labels import caption
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["GuestsView", "transfer_text"]

_SHORT = 5  # lines of the log that are seen at once
_ROWS = 4


class GuestsView(QWidget):
    """A table of who is connected, and beneath it the last transfers, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.table = PlainTable(self.tr("Who is connected"), self._columns())
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.table.set_placeholder(self.tr("Nobody yet"))
        self.table.setMinimumHeight((_ROWS + 1) * self.table.row_height)
        self.log = LineList(self.tr("What was fetched and pushed"), _SHORT)
        self._log_title = caption(self.tr("Fetched and pushed"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(caption(self.tr("Connected")))
        layout.addWidget(self.table, 1)
        layout.addSpacing(2 * GRID)
        layout.addWidget(self._log_title)
        layout.addWidget(self.log)

    def show_guests(self, sharing: Sharing) -> None:
        self.table.set_values(sharing.guests)

    def show_log(self, sharing: Sharing) -> None:
        lines = [(transfer_text(each), exact_size_text(each.size)) for each in reversed(sharing.log)]
        self.log.set_lines(lines)
        self.log.setVisible(bool(lines))
        self._log_title.setVisible(bool(lines))

    def _columns(self) -> tuple[TableColumn[Guest], ...]:
        return (
            TableColumn(self.tr("Who"), _who, _who, 16, tooltip=_who),
            TableColumn(
                self.tr("Fetches now"),
                lambda guest: guest.client.now,
                lambda guest: guest.client.now,
                22,
                tooltip=lambda guest: guest.client.now,
            ),
            TableColumn(
                self.tr("Files"),
                lambda guest: f"{guest.client.files:,}",
                lambda guest: guest.client.files,
                5,
                is_figure=True,
            ),
            TableColumn(
                self.tr("Got"),
                lambda guest: size_text(guest.client.size),
                lambda guest: guest.client.size,
                7,
                tooltip=lambda guest: exact_size_text(guest.client.size),
                is_figure=True,
            ),
            TableColumn(
                self.tr("Rate"),
                self._rate,
                lambda guest: guest.rate,
                9,
                is_figure=True,
            ),
        )

    def _rate(self, guest: Guest) -> str:
        return self.tr("{}/s").format(size_text(round(guest.rate))) if guest.rate else ""


def transfer_text(transferred: Transferred) -> str:
    """A line of the log: "14:05:10  alice ← org/name config.json, 4.1 kB"."""
    when = time_text(transferred.at or time.time())[11:]
    who = transferred.name or transferred.address
    arrow = "→" if transferred.pushed else "←"
    what = " ".join(filter(None, (transferred.repo_id, transferred.path)))
    return f"{when}  {who} {arrow} {what}, {size_text(transferred.size)}"


def _who(guest: Guest) -> str:
    client = guest.client
    return f"{client.name} · {client.address}" if client.name else client.address

"""The remotes that models are pushed to and fetched from, with ways to add, change, test and remove one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.rows import RootView
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.remotes.facts import kind_text
from modelkeep_gui.settings.remote_editing import ask_to_remove, open_remote
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption, remark
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView
    from modelkeep_gui.settings.remote_dialog import RemoteDialog

__all__ = ["RemotesPage"]

_LANE = "network"


class RemotesPage(QWidget):
    """The list of remotes. They are the work process's to keep, so that keys never lie in the settings: what is done
    here counts at once.

    Signals:
        changed: there is another remote than before, or one fewer.
    """

    changed = Signal()

    def __init__(self, runner: JobRunner, roots: Sequence[RootView] = ()) -> None:
        super().__init__()
        self._runner = runner
        self._roots = roots
        self.table = PlainTable(self.tr("Remotes"), self._columns())
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.table.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        self.table.set_placeholder(self.tr("Looking…"))
        self.notice = TonedNotice()
        self.add = QPushButton(icon("plus"), self.tr("&Add a remote…"))
        self.edit = QPushButton(self.tr("&Edit…"))
        self.test = QPushButton(self.tr("&Test"))
        self.remove = QPushButton(self.tr("&Remove"))
        self._lay_out()
        self.table.selection_changed.connect(lambda _: self._enable())
        self.table.activated.connect(lambda _: self._edit())
        self.add.clicked.connect(lambda: self.open_remote())
        self.edit.clicked.connect(self._edit)
        self.test.clicked.connect(self._open_and_test)
        self.remove.clicked.connect(self._ask_to_remove)
        self._enable()

    @property
    def title(self) -> str:
        return self.tr("Remotes")

    def load(self, settings: Settings) -> None:
        """Ask the work process, since the settings do not say it all."""
        self._look()

    def save(self, settings: Settings) -> Settings:
        """The same: what is done here is kept already."""
        return settings

    def open_remote(self, view: RemoteView | None = None) -> RemoteDialog:
        """Open a remote, or an empty one."""
        return open_remote(self._runner, self, view, self.views, self._roots, self._after_change)

    @property
    def views(self) -> list[RemoteView]:
        """The remotes that are listed."""
        return self.table.rows.values

    # ---- what is shown

    def _look(self) -> None:
        self.notice.hide()
        self._runner.run(
            self.tr("See which remotes there are"),
            "remotes.all",
            lane=_LANE,
            visible=False,
            on_done=self._show_remotes,
            on_failed=self._say,
        )

    def _show_remotes(self, views: Sequence[RemoteView]) -> None:
        self.table.set_placeholder(self.tr("There is no remote yet."))
        self.table.set_values(views)
        self._enable()

    def _enable(self) -> None:
        for button in (self.edit, self.test, self.remove):
            button.setEnabled(bool(self.table.selected))

    def _say(self, error: ModelKeepError) -> None:
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self.notice.show()

    # ---- what the user does

    def _edit(self) -> None:
        for view in self.table.selected:
            self.open_remote(view)

    def _open_and_test(self) -> None:
        for view in self.table.selected:
            self.open_remote(view).begin_test()

    def _ask_to_remove(self) -> None:
        for view in self.table.selected:
            ask_to_remove(self._runner, self, view, self._after_change)

    def _after_change(self) -> None:
        self._look()
        self.changed.emit()

    # ---- where things are

    def _columns(self) -> tuple[TableColumn[RemoteView], ...]:
        tr = self.tr
        return (
            TableColumn(tr("Name"), lambda view: view.name, lambda view: view.name.casefold(), 16),
            TableColumn(tr("Kind"), lambda view: kind_text(view.kind), lambda view: view.kind, 10),
            TableColumn(
                tr("Where"), lambda view: view.url, lambda view: view.url, 36, tooltip=lambda view: view.url
            ),
            TableColumn(
                tr("Key"),
                self._key_text,
                lambda view: view.credentials,
                16,
                tooltip=lambda view: view.problem,
            ),
        )

    def _key_text(self, view: RemoteView) -> str:
        return view.credentials or self.tr("none")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        for button in (self.add, self.edit, self.test, self.remove):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Places that models are pushed to and fetched from")))
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.notice)
        layout.addWidget(remark(self.tr("What is changed on this page counts at once.")))
        self.notice.hide()

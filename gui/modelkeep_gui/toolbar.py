"""The toolbar: the commands one needs most for what is shown, and the filter."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolBar, QWidget

from modelkeep_gui.actions import Actions
from modelkeep_gui.theme import GRID

__all__ = ["CommandBar"]


class CommandBar(QToolBar):
    """Has the commands of caches, or those of a remote; the filter stays at the right."""

    def __init__(self, actions: Actions, search: QWidget) -> None:
        super().__init__(QCoreApplication.translate("menus", "Commands"))
        remote = actions.remote
        self._of_caches = [
            *(actions.download, actions.import_, actions.export, actions.push),
            *(actions.try_it, actions.verify, actions.delete),
        ]
        self._of_a_remote = [remote.fetch, actions.push, remote.sync, remote.verify, remote.delete]
        self._shown: list[QAction] = []
        self.setObjectName("commands")
        self.setMovable(False)
        self.setIconSize(QSize(5 * GRID, 5 * GRID))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._line = self.addSeparator()
        self.addAction(actions.refresh)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        search.setMaximumWidth(110 * GRID)
        self.addWidget(search)
        self.show_for(is_remote=False)

    def show_for(self, *, is_remote: bool) -> None:
        """Offer what can be done with what is shown now."""
        wanted = self._of_a_remote if is_remote else self._of_caches
        if wanted == self._shown:
            return
        for action in self._shown:
            self.removeAction(action)
        self.insertActions(self._line, wanted)
        self._shown = wanted

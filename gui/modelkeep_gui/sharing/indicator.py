"""A sign for the window's edge that others can fetch from this machine now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.sharing.sharing import ShareState, Sharing
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["SharingIndicator"]


class SharingIndicator(FlatButton):
    """Hidden while nothing is shared; pressed, it should open the panel, which is for its owner to do."""

    def __init__(self, sharing: Sharing, parent: QWidget | None = None) -> None:
        super().__init__("", "share")
        if parent is not None:
            self.setParent(parent)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        sharing.changed.connect(self._show)
        sharing.guests_changed.connect(self._show)
        self._show(sharing)

    def _show(self, sharing: Sharing) -> None:
        failed = sharing.state is ShareState.FAILED
        self.setVisible(sharing.state is not ShareState.OFF)
        self.setIcon(icon("share", "bad" if failed else "accent"))
        self.setText(self._text(sharing))
        where = sharing.problem if failed else sharing.listening.url
        self.setToolTip("\n".join(filter(None, (self.text(), where))))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(where)

    def _text(self, sharing: Sharing) -> str:
        match sharing.state:
            case ShareState.STARTING:
                return self.tr("Sharing begins…")
            case ShareState.STOPPING:
                return self.tr("Sharing ends…")
            case ShareState.FAILED:
                return self.tr("Sharing stopped")
        if fetching := sharing.fetching:
            return self.tr("Sharing · {} fetching").format(f"{fetching:,}")
        return self.tr("Sharing with the network") if sharing.options.network else self.tr("Sharing")

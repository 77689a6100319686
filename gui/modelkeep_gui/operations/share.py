"""Sharing a cache with other machines, for as long as the window is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep_gui.sharing.indicator import SharingIndicator
    from modelkeep_gui.sharing.sharing import Sharing

__all__ = ["indicator", "sharing_of", "show"]


def show(session: Session, parent: QWidget) -> None:
    """Open the panel, or bring it to the front."""
    from modelkeep_gui.sharing.closing import AsksBeforeClosing
    from modelkeep_gui.sharing.panel import SharePanel

    window = parent.window()
    panel = window.findChild(SharePanel)
    if panel is None:
        sharing = sharing_of(session)
        if window.findChild(AsksBeforeClosing) is None:
            AsksBeforeClosing(session, sharing, window)
        panel = SharePanel(sharing, [view.path for view in session.feed.views], QSettings(), window)
    panel.show()
    panel.raise_()
    panel.activateWindow()


def indicator(session: Session, parent: QWidget) -> SharingIndicator:
    """What shows at the window's edge that sharing is on; pressed, it opens the panel above `parent`."""
    from modelkeep_gui.sharing.indicator import SharingIndicator

    sign = SharingIndicator(sharing_of(session), parent)  # whose it is: the menu bar keeps none
    sign.clicked.connect(lambda: show(session, parent))
    return sign


def sharing_of(session: Session) -> Sharing:
    """The one of this window."""
    from modelkeep_gui.sharing.sharing import Sharing

    sharing = session.findChild(Sharing)
    if sharing is None:
        sharing = Sharing(session)
        # What others push is in the caches of this window.
        sharing.logged.connect(lambda transferred: session.feed.refresh() if transferred.pushed else None)
    return sharing

"""What stands in the middle of the window: the models, or a page of its own in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from modelkeep_gui.actions import Actions
from modelkeep_gui.library.scopes import PageName
from modelkeep_gui.library.trash_view import TrashView
from modelkeep_gui.operations import activity, doctor, registering, remotes, training, transfers
from modelkeep_gui.session import Session
from modelkeep_gui.widgets.empty_state import BigChoice, EmptyState

if TYPE_CHECKING:
    from modelkeep_gui.doctor.page import DoctorPage
    from modelkeep_gui.remotes.page import RemotePage
    from modelkeep_gui.training.page import TrainingsPage
    from modelkeep_gui.transfers.view import TransfersView

__all__ = ["Pages", "empty_state"]

_MAKERS: dict[PageName, Callable[[Session, QWidget], QWidget]] = {
    "downloads": transfers.make_page,
    "doctor": doctor.make_page,
    "activity": activity.make_page,
    "trainings": training.make_page,
    "registered": registering.make_page,
    "remote": remotes.make_page,
}


class Pages(QStackedWidget):
    """The pages that have a name are made when they are first shown, but for the trash.

    Signals:
        problems_counted: how many problems the doctor found (int).
    """

    problems_counted = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.trash = TrashView()
        self._pages: dict[PageName, QWidget] = {"trash": self.trash}
        self.addWidget(self.trash)

    def page(self, name: PageName) -> QWidget:
        """A page that stands in place of the models. Only once this is in its window, which owns their dialogs."""
        if name not in self._pages:
            self._pages[name] = _MAKERS[name](self._session, self.window())
            self.addWidget(self._pages[name])
            if name == "doctor":
                cast("DoctorPage", self._pages[name]).counted.connect(self.problems_counted)
        return self._pages[name]

    @property
    def remote(self) -> RemotePage:
        """The page of the remote that is chosen."""
        return cast("RemotePage", self.page("remote"))

    @property
    def trainings(self) -> TrainingsPage:
        """The page of trainings."""
        return cast("TrainingsPage", self.page("trainings"))

    @property
    def downloads(self) -> TransfersView:
        """The page of downloads."""
        return cast("TransfersView", self.page("downloads"))


def empty_state(actions: Actions) -> EmptyState:
    """What is shown while there is no model at all: the ways to get one."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("window", text)

    return EmptyState(
        tr("No models yet"),
        tr("Modelkeep shows what lies in the model caches of this machine."),
        [
            BigChoice(
                actions.download, "download", tr("Find a model on a hub, see what it takes, fetch it.")
            ),
            BigChoice(actions.import_, "import", tr("Bring models from an archive, a folder or a clone.")),
            BigChoice(actions.add_cache, "folder", tr("Show a cache on another disk or share.")),
        ],
    )

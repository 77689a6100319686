"""Builds and connects every object of the window, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QCoreApplication, QSettings, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from modelkeep import __version__
from modelkeep.settings import load_settings
from modelkeep_gui.actions import Actions
from modelkeep_gui.icons import icon
from modelkeep_gui.jobs.garbage import collect_while_unwatched
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.main_window import MainWindow
from modelkeep_gui.session import Session
from modelkeep_gui.theme import Choice, Theme
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.translations import install_translation

__all__ = ["App", "build", "make_application"]

_SERVICE = "modelkeep.library:open_library"


@dataclass(frozen=True)
class App:
    """A window with all that it works with. `begin` starts the work process and the first look at the disks."""

    application: QApplication
    session: Session
    window: MainWindow
    store: QSettings

    def show(self) -> None:
        """Show the window; everything that takes time begins after it was painted."""
        self.window.show()
        QTimer.singleShot(0, self.begin)

    def begin(self) -> None:
        self.session.runner.start()
        self.session.feed.refresh()
        self.session.transfers.start()
        self.session.remotes.refresh()
        self.session.runner.run(
            QCoreApplication.translate("app", "Look at Modelkeep's own files"),
            "problems",
            visible=False,
            on_done=self._tell_problems,
        )
        from modelkeep_gui.operations import import_, offline, training

        offline.follow(self.session, self.window.actions_.offline)
        import_.offer_leftovers(self.session, self.window)
        training.offer_interrupted(self.session, self.window, self.store)

    def close(self) -> None:
        """End the work process; nothing of this window runs afterwards."""
        self.session.feed.stop()
        self.session.transfers.stop()
        self.session.following.stop()
        self.session.runner.shutdown()

    def _tell_problems(self, problems: Sequence[str]) -> None:
        for problem in problems:
            self.session.tell(problem, tone="warn")


def make_application(arguments: Sequence[str]) -> QApplication:
    """The one QApplication of the process."""
    QCoreApplication.setOrganizationName("Modelkeep")
    QCoreApplication.setApplicationName("Modelkeep")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("modelkeep")
    application = cast(QApplication | None, QApplication.instance()) or QApplication(list(arguments))
    application.setWindowIcon(icon("app"))
    collect_while_unwatched(application)
    return application


def build(application: QApplication, *, store: QSettings | None = None, theme: Choice | None = None) -> App:
    """Make a window. `store` keeps its layout (the user's own when None), `theme` overrules the user's choice."""
    loaded = load_settings()
    install_translation(application, loaded.settings.language)
    dress = Theme(application, theme or loaded.settings.theme)
    runner = JobRunner(_SERVICE)
    table = LibraryTableModel()
    feed = LibraryFeed(runner, table)
    session = Session(runner, table, feed, TransferQueue(runner), dress, loaded.settings)
    kept = store or QSettings()
    window = MainWindow(session, Actions(), kept)
    feed.show_remembered()
    return App(application, session, window, kept)

"""The right side of the download dialog: what is known of the chosen model, and which of its files come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.hub.replies import HubModel, HubRefs
from modelkeep_gui.dialogs.download_about import AboutModel
from modelkeep_gui.dialogs.download_picker import FilePicker
from modelkeep_gui.dialogs.download_text import danger, fit_text, fit_tooltip, ways_out
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.state_page import StatePage

__all__ = ["FailurePage", "ModelPane"]


class FailurePage(StatePage):
    """Says what failed, and offers what there is to do about it.

    Signals:
        retry_requested, test_requested, online_requested: a button was pressed.
    """

    retry_requested = Signal()
    test_requested = Signal()
    online_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._url = ""
        self.online = self.add_button(self.tr("&Work online"), self.online_requested.emit)
        self.retry = self.add_button(self.tr("Try a&gain"), self.retry_requested.emit)
        self.test = self.add_button(self.tr("Test the &connection…"), self.test_requested.emit)
        self.copy = self.add_button(self.tr("Cop&y the address of its page"), self._copy)

    def show_error(self, error: ModelKeepError, url: str = "") -> None:
        """Show an error; `url` is the page where something can be done about it."""
        way = ways_out(error)
        self._url = url
        shown: list[QPushButton] = []
        for wanted, button in (
            (way.goes_online, self.online),
            (way.has_page and bool(url), self.copy),
            (way.retries, self.retry),
            (way.tests, self.test),
        ):
            shown += [button] if wanted else []
        name, tone = ("lock", "warn") if way.has_page else ("hub", "muted")
        if not (way.has_page or way.goes_online or way.tests):
            name, tone = "warning", "bad"
        hint = error.hint
        if way.has_page and url and url not in hint:
            hint = f"{hint}\n{url}".strip()
        self.say(str(error), hint, name=name, tone=tone, buttons=tuple(shown))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._url)


class ModelPane(QWidget):
    """Shows a model as more becomes known of it: what it is, then its files, or why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = AboutModel()
        self.picker = FilePicker()
        self.page = FailurePage()
        self.fit = TonedNotice()
        self.danger = TonedNotice()
        self._area = QStackedWidget()
        files = QWidget()
        column = QVBoxLayout(files)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.picker, 1)
        for notice in (self.danger, self.fit):
            column.addWidget(notice)
        self._files = files
        for page in (self.page, files):
            self._area.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self.about)
        layout.addWidget(self._area, 1)
        self.show_nothing()

    @property
    def has_files(self) -> bool:
        """Whether files are shown to choose from."""
        return self._area.currentWidget() is self._files

    def show_nothing(self) -> None:
        """Say how to begin."""
        self.about.hide()
        self._area.setCurrentWidget(self.page)
        self.page.say(
            self.tr("Choose a model"),
            self.tr(
                "Its files, their sizes and whether it fits the disk and the memory are shown here first."
            ),
            name="model",
        )

    def show_waiting(self, name: str) -> None:
        """Say that a model is being looked at, of which nothing is known yet."""
        self.about.hide()
        self._area.setCurrentWidget(self.page)
        self.page.say(self.tr("Looking at {}…").format(name), name="model", is_busy=True)

    def show_listing(self) -> None:
        """Say that the files are being looked at."""
        self._area.setCurrentWidget(self.page)
        self.page.say(self.tr("Looking at its files…"), name="model", is_busy=True)

    def show_model(
        self, model: HubModel, url: str, notes: Sequence[str] = (), *, has_token: bool = True
    ) -> None:
        """Show what is known of the model itself."""
        if self.about.isHidden():
            self.about.show_revisions(HubRefs(), "")
        self.about.show_model(model, url, notes, has_token=has_token)
        self.about.show()

    def show_files(self, plan: DownloadPlan, recommended: frozenset[str] | None) -> None:
        """Show a plan; `recommended` is None while it is only chosen otherwise."""
        if recommended is None:
            self.picker.show_plan(plan)
        else:
            self.picker.begin(plan, recommended)
        text = danger(plan)
        self.danger.setVisible(bool(text))
        self.danger.say(text, "warning", "warn")
        self._area.setCurrentWidget(self._files)

    def show_fit(self, plan: DownloadPlan | None) -> None:
        """Say whether what is chosen fits the memory, if that is known."""
        fit = plan.fit if plan else None
        self.fit.setVisible(fit is not None and fit.run > 0)
        if fit is not None:
            text, name, tone = fit_text(fit)
            self.fit.say(text, name, tone, tooltip=fit_tooltip(fit))

    def show_error(self, error: ModelKeepError, url: str) -> None:
        self.page.show_error(error, url)
        self._area.setCurrentWidget(self.page)

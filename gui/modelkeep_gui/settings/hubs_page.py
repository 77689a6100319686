"""How to reach hubs: the profiles, and whether anything may leave this machine at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError, SettingsError
from modelkeep.hub.profile import ProfileView
from modelkeep.hub.profiles import set_default
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.settings.offline_switch import OfflineSwitch
from modelkeep_gui.settings.profile_dialog import ProfileDialog
from modelkeep_gui.settings.profile_form import ProfileChoice
from modelkeep_gui.settings.profile_table import ProfileTable
from modelkeep_gui.settings.profile_text import variables
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption, remark

__all__ = ["HubsPage"]

_LANE = "network"


class HubsPage(QWidget):
    """The list of profiles, with ways to add, change, test and remove, and the offline switch.

    Profiles and the switch are the work process's to keep, so that tokens never lie in the settings: what is
    done here counts at once.

    Signals:
        offline_changed: why nothing may leave this machine now, "" when it may.
    """

    offline_changed = Signal(object)

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self.table = ProfileTable()
        self.table.set_placeholder(self.tr("Looking…"))
        self.notice = TonedNotice()
        self.environment = remark("")
        self.offline = OfflineSwitch()
        self.add = QPushButton(icon("plus"), self.tr("Add &hub…"))
        self.edit = QPushButton(self.tr("&Edit…"))
        self.test = QPushButton(self.tr("&Test"))
        self.default = QPushButton(self.tr("&Make default"))
        self.remove = QPushButton(self.tr("&Remove"))
        self._lay_out()
        self._connect()
        self._enable()

    @property
    def title(self) -> str:
        return self.tr("Hubs")

    def load(self, settings: Settings) -> None:
        """Ask the work process, since the settings do not say it."""
        self._look()
        self._run(
            self.tr("See whether hubs may be reached"), "hubs.offline", on_done=self.offline.show_reason
        )

    def save(self, settings: Settings) -> Settings:
        """The same: what is done here is kept already."""
        return settings

    # ---- what is shown

    def _look(self) -> None:
        self._run(self.tr("List the hubs"), "hubs.profiles", on_done=self._show_profiles)

    def _show_profiles(self, views: Sequence[ProfileView]) -> None:
        self.table.set_placeholder("")
        self.table.show_views(views)
        names = [view.profile.name for view in views if view.profile.source == "environment"]
        where = ", ".join(variables()) or self.tr("the environment")
        text = self.tr("“{}” comes from {} and cannot be changed here.").format("”, “".join(names), where)
        self.environment.setText(text)
        self.environment.setVisible(bool(names))
        self._enable()

    def _enable(self) -> None:
        chosen = self.table.chosen
        is_own = chosen is not None and chosen.profile.source != "environment"
        self.edit.setEnabled(chosen is not None)
        self.edit.setText(self.tr("&Edit…") if is_own or chosen is None else self.tr("&Show…"))
        self.test.setEnabled(chosen is not None)
        self.default.setEnabled(chosen is not None and not chosen.is_default)
        self.remove.setEnabled(is_own)

    def _say(self, error: ModelKeepError) -> None:
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self.notice.show()

    # ---- what the user does

    def open_profile(self, view: ProfileView | None = None) -> ProfileDialog:
        """Open a profile, or an empty one."""
        taken = [other.profile.name for other in self.table.rows.values]
        dialog = ProfileDialog(view, taken, variables(), self)
        dialog.test_requested.connect(partial(self._test, dialog))
        dialog.save_requested.connect(partial(self._save, dialog))
        dialog.open()
        return dialog

    def _edit(self) -> None:
        for view in self.table.selected:
            self.open_profile(view)

    def _open_and_test(self) -> None:
        for view in self.table.selected:
            self.open_profile(view).begin_test()

    def _test(self, dialog: ProfileDialog, choice: ProfileChoice) -> None:
        job = self._runner.run(
            self.tr("Test {}").format(choice.profile.name),
            "hubs.test_profile",
            choice.profile,
            token=choice.token,
            lane=_LANE,
            visible=False,
            on_failed=dialog.show_failure,
        )
        job.received.connect(dialog.show_check)
        job.ended.connect(dialog.end_test)
        dialog.finished.connect(job.cancel)

    def _save(self, dialog: ProfileDialog, choice: ProfileChoice) -> None:
        job = self._runner.run(
            self.tr("Save {}").format(choice.profile.name),
            "hubs.save_profile",
            choice.profile,
            token=choice.token,
            in_file=choice.in_file,
            default=dialog.view.is_default,
            lane=_LANE,
            visible=False,
            on_failed=dialog.show_failure,
        )
        job.succeeded.connect(dialog.accept)
        job.succeeded.connect(self._look)

    def _make_default(self) -> None:
        for view in self.table.selected:
            self.notice.hide()
            try:
                set_default(view.profile.name)
            except SettingsError as error:
                self._say(error)
            self._look()

    def _ask_to_remove(self) -> None:
        for view in self.table.selected:
            name = view.profile.name
            dialog = ConfirmDialog(
                self.tr("Remove {}?").format(name),
                self.tr("Its token is forgotten too. Models that came from there stay."),
                self.tr("&Remove"),
                self,
            )
            dialog.accepted.connect(partial(self._remove, name))
            dialog.open()

    def _remove(self, name: str) -> None:
        self._run(self.tr("Remove {}").format(name), "hubs.remove_profile", name).succeeded.connect(
            self._look
        )

    def _switch(self, on: bool) -> None:
        self._run(
            self.tr("Work offline") if on else self.tr("Work online"),
            "hubs.set_offline",
            on,
            on_done=self._switched,
        )

    def _switched(self, why: str) -> None:
        self.offline.show_reason(why)
        self.offline_changed.emit(why)

    def _run(
        self,
        title: str,
        method: str,
        *args: object,
        on_done: Callable[[Any], object] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Have it done quietly; why it cannot be is said on the page."""
        self.notice.hide()
        return self._runner.run(
            title, method, *args, lane=_LANE, visible=False, on_done=on_done, on_failed=self._say, **kwargs
        )

    # ---- where things are

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        for button in (self.add, self.edit, self.test, self.default, self.remove):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Hubs that models come from and go to")))
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.notice)
        layout.addWidget(self.environment)
        layout.addSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Network")))
        layout.addWidget(self.offline)
        layout.addWidget(remark(self.tr("What is changed on this page counts at once.")))
        for part in (self.notice, self.environment):
            part.hide()

    def _connect(self) -> None:
        self.table.selection_changed.connect(lambda _: self._enable())
        self.table.activated.connect(lambda _: self._edit())
        self.add.clicked.connect(lambda: self.open_profile())
        self.edit.clicked.connect(self._edit)
        self.test.clicked.connect(self._open_and_test)
        self.default.clicked.connect(self._make_default)
        self.remove.clicked.connect(self._ask_to_remove)
        self.offline.box.clicked.connect(self._switch)

"""Which caches are shown, and how large each may become."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.cache.inventory import RootState
from modelkeep.cache.policy import CachePolicy
from modelkeep.errors import SettingsError
from modelkeep.rows import RootView
from modelkeep.settings import Settings, all_roots, with_root, without_root
from modelkeep.text import size_text
from modelkeep_gui.icons import icon
from modelkeep_gui.settings.limit_dialog import LimitDialog
from modelkeep_gui.settings.registry_folder import RegistryFolder
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption, remark
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["CachesPage", "RootLine"]


class RootLine(NamedTuple):
    """A cache in the list."""

    path: str
    state: str
    limit: str
    tooltip: str
    is_default: bool
    is_away: bool


class CachesPage(QWidget):
    """The list of caches, with a way to add and to remove. `views` say how each was when it was last looked at."""

    def __init__(self, views: Sequence[RootView]) -> None:
        super().__init__()
        self._views = {view.path: view for view in views}
        self._settings = Settings()
        self.table = PlainTable(self.tr("Caches"), self._columns(), is_muted=lambda line: line.is_away)
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.table.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        self.table.selection_changed.connect(lambda _: self._enable())
        self._notice = Notice()
        self.registry = RegistryFolder()
        self.add = QPushButton(icon("plus"), self.tr("Add &folder…"))
        self.add.clicked.connect(self._choose_folder)
        self.remove = QPushButton(self.tr("&Remove from list"))
        self.remove.clicked.connect(self._remove)
        self.limit = QPushButton(self.tr("&Limit…"))
        self.limit.clicked.connect(self._ask_for_limit)
        for button in (self.add, self.remove, self.limit):
            button.setAutoDefault(False)
        self._lay_out()

    @property
    def title(self) -> str:
        return self.tr("Caches")

    def load(self, settings: Settings) -> None:
        self._settings = settings
        self.registry.load(settings)
        self._say("")
        self._show()

    def save(self, settings: Settings) -> Settings:
        settings = self.registry.save(settings)
        return replace(settings, roots=self._settings.roots, policies=self._settings.policies)

    def set_policy(self, root: str, policy: CachePolicy) -> None:
        """Keep how large a cache may become; what is as if nothing was chosen is forgotten."""
        policies = {place: kept for place, kept in self._settings.policies.items() if place != _place(root)}
        if policy != CachePolicy():
            policies[_place(root)] = policy
        self._settings = replace(self._settings, policies=policies)
        self._show()

    def add_folder(self, folder: str) -> None:
        """Put a folder on the list; why it cannot be is said on the page."""
        self._change(partial(with_root, self._settings, folder))

    @property
    def notice(self) -> str:
        """What the page says about the last change, "" for nothing."""
        return self._notice.text

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        buttons.addWidget(self.limit)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Caches that are shown")))
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        layout.addWidget(self._notice)
        text = self.tr(
            "The first is where programs keep models by themselves; HF_HUB_CACHE and HF_HOME say where it is."
            " Removing a cache from the list leaves its files as they are."
        )
        layout.addWidget(remark(text))
        layout.addSpacing(2 * GRID)
        layout.addWidget(self.registry)

    def _show(self) -> None:
        lines = [
            self._line(root.as_posix(), number == 0) for number, root in enumerate(all_roots(self._settings))
        ]
        self.table.set_values(lines)
        self._enable()

    def _line(self, root: str, is_default: bool) -> RootLine:
        view, limit = self._views.get(_place(root)), self._limit_text(root)
        if view is None:
            return RootLine(root, self.tr("not looked at yet"), limit, root, is_default, is_away=False)
        state = RootState(view.state)
        text = self._states()[state]
        if state.is_here:
            models = (
                self.tr("1 model") if view.models == 1 else self.tr("{} models").format(f"{view.models:,}")
            )
            text = " · ".join(filter(None, (models, size_text(view.models_on_disk), text)))
        return RootLine(root, text, limit, view.message or root, is_default, is_away=not state.is_here)

    def _limit_text(self, root: str) -> str:
        policy = self._settings.policies.get(_place(root), CachePolicy())
        days = round(policy.expiry / 86400)
        return " · ".join(
            filter(
                None,
                (
                    size_text(policy.max_size) if policy.max_size else "",
                    (self.tr("1 day") if days == 1 else self.tr("{} days").format(f"{days:,}"))
                    if days
                    else "",
                ),
            )
        )

    def _states(self) -> dict[RootState, str]:
        return {
            RootState.READY: "",
            RootState.READ_ONLY: self.tr("read-only"),
            RootState.UNREADABLE: self.tr("cannot be read"),
            RootState.MISSING: self.tr("not there yet"),
            RootState.NOT_MOUNTED: self.tr("not mounted"),
            RootState.NOT_A_FOLDER: self.tr("not a folder"),
        }

    def _enable(self) -> None:
        selected = self.table.selected
        self.remove.setEnabled(any(not line.is_default for line in selected))
        self.limit.setEnabled(len(selected) == 1)

    def _ask_for_limit(self) -> None:
        (line,) = self.table.selected
        view = self._views.get(_place(line.path))
        policy = self._settings.policies.get(_place(line.path), CachePolicy())
        on_disk = view.models_on_disk if view else 0
        dialog = LimitDialog(view.name if view else line.path, policy, on_disk, self)
        dialog.accepted.connect(lambda: self.set_policy(line.path, dialog.policy))
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Add a cache"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.add_folder)
        dialog.open()

    def _remove(self) -> None:
        for line in self.table.selected:
            self._change(partial(without_root, self._settings, line.path))

    def _change(self, change: Callable[[], Settings]) -> None:
        try:
            self._settings = change()
        except SettingsError as error:
            self._say(" ".join(filter(None, (str(error), error.hint))))
            return
        self._say("")
        self._show()

    def _say(self, text: str) -> None:
        self._notice.say(text, "warning", "warn")
        self._notice.setVisible(bool(text))

    def _columns(self) -> tuple[TableColumn[RootLine], ...]:
        return (
            TableColumn(
                self.tr("Folder"),
                lambda line: line.path,
                lambda line: line.path.casefold(),
                30,
                tooltip=lambda line: line.tooltip,
            ),
            TableColumn(
                self.tr("State"),
                lambda line: line.state,
                lambda line: line.state,
                24,
                tooltip=lambda line: line.tooltip,
            ),
            TableColumn(
                self.tr("Limit"),
                lambda line: line.limit,
                lambda line: line.limit,
                18,
                tooltip=lambda line: line.limit,
            ),
        )


def _place(root: str) -> str:
    """A cache as policies name it."""
    return Path(os.path.realpath(root)).as_posix()

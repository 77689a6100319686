"""Keeping models of a remote here: which ones, in which cache, and how often the window looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from modelkeep.named_remotes import Follow
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.root_choice import RootChoice
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark

__all__ = ["FollowAnswer", "FollowDialog", "intervals"]

_KEY = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True)
class FollowAnswer:
    """What the user decided: what is followed from now on, and every how many minutes the window looks."""

    keys: tuple[str, ...]
    tag: str
    root: str
    minutes: int


def intervals() -> tuple[tuple[str, int], ...]:
    """How often the window can look: what it is called, and minutes."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("FollowDialog", text)

    return (
        (tr("Only when asked"), 0),
        (tr("Every 15 minutes"), 15),
        (tr("Every hour"), 60),
        (tr("Every 6 hours"), 360),
        (tr("Every day"), 1440),
    )


class FollowDialog(Sheet):
    """Lists what is followed of a remote, with ticks. `offered` are keys that could be, ticked at first."""

    def __init__(
        self,
        remote: str,
        follows: Sequence[Follow],
        offered: Sequence[str],
        roots: Sequence[RootView],
        minutes: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "update", "accent", parent)
        self.setWindowTitle(self.tr("Follow {}").format(remote))
        self.heading.setText(self.tr("Keep models of {} here, up to date").format(remote))
        self.models = QListWidget()
        self.models.setAccessibleName(self.tr("Models that are kept here"))
        self.tag = QLineEdit(next((one.tag for one in follows if one.tag), ""))
        self.tag.setPlaceholderText(self.tr("production"))
        self.tag.setAccessibleName(self.tr("And all that have this tag"))
        self.root = RootChoice()
        self.root.setAccessibleName(self.tr("Cache they are kept in"))
        self.root.show_roots(roots)
        chosen = next((one.root for one in follows if one.root), "")
        if (place := self.root.findData(chosen)) >= 0:
            self.root.setCurrentIndex(place)
        self.interval = QComboBox()
        self.interval.setAccessibleName(self.tr("How often the window looks"))
        for text, every in intervals():
            self.interval.addItem(text, every)
        self.interval.setCurrentIndex(max(0, self.interval.findData(minutes)))
        followed = [key for one in follows for key in one.keys]
        for key in dict.fromkeys((*followed, *offered)):
            item = QListWidgetItem(icon("model"), key.removeprefix("hf@"), self.models)
            item.setData(_KEY, key)
            item.setCheckState(Qt.CheckState.Checked)
        self._empty = remark(self.tr("Select models in the list of the remote first, or name a tag."))
        self._empty.setVisible(not self.models.count())
        form = FieldForm()
        form.add(self.tr("And all with the &tag"), self.tag)
        form.add(self.tr("In&to"), NotedField(self.root, stretches=False))
        form.add(self.tr("&Look"), NotedField(self.interval, stretches=False))
        self.body.addWidget(self.models, 1)
        self.body.addWidget(self._empty)
        self.body.addLayout(form)
        self.body.addWidget(
            remark(self.tr("The window looks while it is open. What is followed no more stays here."))
        )
        self.ok = self.add_button(self.tr("&Follow"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.resize(130 * GRID, 110 * GRID)
        self.set_default(self.ok)
        self._was_empty = not follows
        self.models.itemChanged.connect(lambda _: self._follow())
        self.tag.textChanged.connect(lambda _: self._follow())
        self._follow()

    @property
    def answer(self) -> FollowAnswer:
        """What is ticked now."""
        items = [self.models.item(row) for row in range(self.models.count())]
        keys = tuple(item.data(_KEY) for item in items if item.checkState() == Qt.CheckState.Checked)
        return FollowAnswer(keys, self.tag.text().strip(), self.root.root, int(self.interval.currentData()))

    def _follow(self) -> None:
        follows = bool(self.answer.keys or self.answer.tag)
        self.ok.setEnabled(follows or not self._was_empty)
        self.ok.setText(self.tr("&Follow") if follows or self._was_empty else self.tr("&Follow nothing more"))

"""What is seen of freeing up space: the choices, the disk before and after, the models, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QDialogButtonBox, QLineEdit, QWidget

from modelkeep.cache.inventory import RootState
from modelkeep.rows import RootView
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.noted_field import FieldForm
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.space_amount import SpaceAmount
from modelkeep_gui.dialogs.space_bar import SpaceBar
from modelkeep_gui.dialogs.space_choice import SpaceChoice
from modelkeep_gui.dialogs.space_choices import SpaceChoices
from modelkeep_gui.dialogs.space_table import SpaceTable
from modelkeep_gui.dialogs.space_text import button_text, count_text, gain_text, spared_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList

__all__ = ["SpaceForm"]

_LINES = 4  # of what stays, that are seen at once


class SpaceForm(Sheet):
    """Offers the caches that can be written to; `root` is chosen at first, else the one on the fullest disk."""

    def __init__(self, views: Sequence[RootView], parent: QWidget | None = None, *, root: str = "") -> None:
        super().__init__("", "disk", "accent", parent)
        self.setWindowTitle(self.tr("Free up space"))
        self.heading.setText(self.tr("Free up space"))
        self.setMinimumWidth(180 * GRID)
        self.resize(205 * GRID, 165 * GRID)
        self._views = [view for view in views if view.state == RootState.READY]
        self._make_parts()
        self._lay_out()
        self._offer(root)

    @property
    def root(self) -> str:
        return str(self.roots.currentData() or "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and isinstance(self.focusWidget(), QLineEdit | QAbstractSpinBox):
            event.accept()  # it ends what is typed, and not the dialog
        else:
            super().keyPressEvent(event)

    def show_choice(self, choice: SpaceChoice | None, frees: int, *, is_asking: bool) -> None:
        """Show what goes and that it frees so many bytes; without a choice, that it `is_asking` for one."""
        if choice is not None:
            self._show_models(choice, frees)
        self.bar.setVisible(choice is not None and choice.ranking.disk_total > 0)
        self.table.set_placeholder(self._why_empty(choice, is_asking))
        permanently, count = self.permanently.isChecked(), len(choice.chosen) if choice else 0
        self.go.setText(button_text(count, frees, permanently))
        self.go.setToolTip(exact_size_text(frees))
        tone = ("warning", "bad") if permanently else ("info", "muted")
        self.gain.say(gain_text(frees, permanently), *tone)
        self.gain.setVisible(bool(count))
        # There is a way back from the trash; from anything else Enter should not be enough.
        (self.cancel if permanently or not count else self.go).setDefault(True)

    def _show_models(self, choice: SpaceChoice, frees: int) -> None:
        ranking, stays = choice.ranking, choice.stays
        self.table.rows.show_first(choice.shown, choice.count, choice.running, choice.kept, choice.busy)
        self.bar.show_gain(ranking.disk_total, ranking.disk_free, frees, at_once=self.permanently.isChecked())
        self.lines.set_lines([(spared_text(one, ranking), one.why) for one in stays])
        if len(stays) == 1:
            title = self.tr("1 model would come before, and stays")
        else:
            title = self.tr("{} would come before, and stay").format(count_text(len(stays)))
        self.stay.set_title(title)
        self.stay.setVisible(bool(stays))

    def _why_empty(self, choice: SpaceChoice | None, is_asking: bool) -> str:
        if not self._views:
            return self.tr("No cache is here that can be written to.")
        if choice is None:
            return self.tr("Looking at the models…") if is_asking else ""
        if choice.ranking.candidates:
            return self.tr("Say how much to free: the models that this means are listed here.")
        if choice.ranking.spared:
            return self.tr("Nothing can go: what is here is pinned, or has just come.")
        return self.tr("No model is in this cache.")

    def say(self, text: str, tone: str) -> None:
        """Say something about what was done or came back; "" takes it away."""
        self.notice.say(text, "warning", tone)
        self.notice.setVisible(bool(text))

    def _make_parts(self) -> None:
        self.roots = QComboBox()
        self.roots.setAccessibleName(self.tr("Cache"))
        self.amount = SpaceAmount()
        self.choices = SpaceChoices()
        self.bar = SpaceBar()
        self.table = SpaceTable()
        self.lines = LineList(self.tr("Models that stay"), most=_LINES)
        self.stay = Folded("", self.lines)
        self.gain = TonedNotice()
        self.notice = TonedNotice()
        self.permanently = QCheckBox(self.tr("Delete for &good, free it now"))
        self.go = self.add_button("", QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)

    def _lay_out(self) -> None:
        form = FieldForm()
        form.add(self.tr("&Cache"), self.roots)
        form.add(self.tr("H&ow much"), self.amount)
        form.labelForField(self.amount).setFixedHeight(self.amount.text.sizeHint().height())
        form.add(self.tr("Goes &first"), self.choices)
        self.body.addLayout(form)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.table, 1)
        for part in (self.stay, self.notice, self.gain, self.permanently):
            self.body.addWidget(part)
        self.notice.hide()

    def _offer(self, root: str) -> None:
        self.roots.blockSignals(True)
        for view in self._views:
            self.roots.addItem(_root_text(view), view.path)
        fullest = min(self._views, key=lambda view: view.disk_free / max(1, view.disk_total), default=None)
        place = self.roots.findData(root or (fullest.path if fullest else ""))
        self.roots.setCurrentIndex(max(0, place))
        self.roots.setEnabled(len(self._views) > 1)
        self.roots.blockSignals(False)


def _root_text(view: RootView) -> str:
    return f"{view.name} · {size_text(view.models_on_disk)}"

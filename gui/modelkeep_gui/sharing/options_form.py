"""With whom and how a cache is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from modelkeep.text import path_text
from modelkeep_gui.dialogs.noted_field import NotedField
from modelkeep_gui.sharing.addresses import interfaces
from modelkeep_gui.sharing.options import ShareOptions
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import caption, remark

__all__ = ["OptionsForm"]


class OptionsForm(QWidget):
    """The choices. `roots` are the caches there are.

    Signals:
        changed: the new `ShareOptions`, when they can be used.
        noted: something was chosen that may not be usable.
    """

    changed = Signal(object)
    noted = Signal()

    def __init__(self, roots: Sequence[str]) -> None:
        super().__init__()
        self._roots = tuple(roots)
        self._can_write = True
        self._has_tokens = True
        self.here = QRadioButton(self.tr("&This machine only"))
        self.network = QRadioButton(self.tr("Other machines of the &network"))
        group = QButtonGroup(self)
        self._addresses = remark("")
        self.port = QSpinBox()
        self.caches = [QCheckBox(path_text(root).replace("&", "&&")) for root in roots]
        self.caches_field = NotedField(self._stacked(self.caches))
        self.push = QCheckBox(self.tr("Let others p&ush models"))
        self.push_field = NotedField(self.push)
        self.into = QComboBox()
        self._into_line = QWidget()
        self.token_required = QCheckBox(self.tr("Rea&ding needs a token too"))
        self.token_field = NotedField(self.token_required)
        for button in (self.here, self.network):
            group.addButton(button)
        self._lay_out()
        self._connect()
        self.load(ShareOptions())

    @property
    def is_sound(self) -> bool:
        """Whether the server would start with it."""
        has_cache = not self.caches or any(box.isChecked() for box in self.caches)
        can_push = not (self.push.isChecked() and self.network.isChecked()) or self._can_write
        can_read = not self.token_required.isChecked() or self._has_tokens
        return has_cache and can_push and can_read

    @property
    def options(self) -> ShareOptions:
        chosen = tuple(root for root, box in zip(self._roots, self.caches) if box.isChecked())
        options = ShareOptions(
            network=self.network.isChecked(),
            port=self.port.value(),
            allow_push=self.push.isChecked(),
            token_required=self.token_required.isChecked(),
            roots=() if chosen == self._roots else chosen,
        )
        return replace(options, into=self.into.currentData() or "") if options.allow_push else options

    def load(self, options: ShareOptions) -> None:
        """Show what was chosen before; a cache that is gone is not among them any more."""
        self.blockSignals(True)
        (self.network if options.network else self.here).setChecked(True)
        self.port.setValue(options.port)
        known = set(options.roots) & set(self._roots)
        for root, box in zip(self._roots, self.caches):
            box.setChecked(not known or root in known)
        self.push.setChecked(options.allow_push)
        self.token_required.setChecked(options.token_required)
        self.into.setCurrentIndex(max(0, self.into.findData(options.into)))
        self.blockSignals(False)
        self._note()

    def know_tokens(self, *, can_write: bool, has_any: bool) -> None:
        """Which tokens there are decides what can be chosen."""
        self._can_write, self._has_tokens = can_write, has_any
        self._note()

    def _note(self) -> None:
        pushes, others = self.push.isChecked(), self.network.isChecked()
        self._into_line.setVisible(pushes and len(self._roots) > 1)
        self.push_field.say(
            self.tr("Make a token that may push.") if pushes and not self._can_write else "",
            tone="bad" if others else "warn",
        )
        self.token_field.say(
            self.tr("Make a token first.") if self.token_required.isChecked() and not self._has_tokens else ""
        )
        has_cache = not self.caches or any(box.isChecked() for box in self.caches)
        self.caches_field.say("" if has_cache else self.tr("Choose a cache."))
        self._addresses.setText(self._addresses_text() if others else "")
        self._addresses.setVisible(others)

    def _addresses_text(self) -> str:
        found = interfaces()
        if not found:
            return self.tr("This machine has no address in a network now.")
        return "\n".join(f"{address}:{self.port.value()} ({name})" for name, address in found)

    def _change(self) -> None:
        self._note()
        self.noted.emit()
        if self.is_sound:
            self.changed.emit(self.options)

    # ---- where things are

    def _lay_out(self) -> None:
        self.port.setRange(1, 65535)
        self.port.setKeyboardTracking(False)
        self.port.setAccessibleName(self.tr("Port"))
        self.port.setGroupSeparatorShown(False)
        for root, box in zip(self._roots, self.caches):
            box.setToolTip(root)
            self.into.addItem(path_text(root), root)
        self.into.setAccessibleName(self.tr("Cache that takes what is pushed"))
        self.into.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._addresses.setContentsMargins(6 * GRID, 0, 0, 0)
        port = QHBoxLayout()
        port.setSpacing(2 * GRID)
        label = QLabel(self.tr("P&ort"))
        label.setBuddy(self.port)
        port.addWidget(label)
        port.addWidget(self.port)
        port.addStretch()
        into = QHBoxLayout(self._into_line)
        into.setContentsMargins(6 * GRID, 0, 0, 0)
        into.setSpacing(2 * GRID)
        label = QLabel(self.tr("&into"))
        label.setBuddy(self.into)
        into.addWidget(label)
        into.addWidget(self.into, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Who can reach it")))
        for button in (self.here, self.network):
            layout.addWidget(button)
        layout.addWidget(self._addresses)
        layout.addLayout(port)
        layout.addSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Caches")))
        layout.addWidget(self.caches_field)
        layout.addSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("What others may do")))
        layout.addWidget(ElidedLabel(self.tr("Fetch every model of these caches."), muted=True))
        for part in (self.token_field, self.push_field, self._into_line):
            layout.addWidget(part)

    def _connect(self) -> None:
        self.network.toggled.connect(lambda _: self._change())
        self.port.valueChanged.connect(lambda _: self._change())
        self.into.currentIndexChanged.connect(lambda _: self._change())
        for box in (*self.caches, self.push, self.token_required):
            box.toggled.connect(lambda _: self._change())

    def _stacked(self, boxes: Sequence[QWidget]) -> QWidget:
        stack = QWidget()
        layout = QVBoxLayout(stack)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for box in boxes:
            layout.addWidget(box)
        return stack

"""Which models go first when space is freed, which go in any case, and which are too new to go."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from modelkeep.cache.policy import CachePolicy, Order
from modelkeep_gui.dialogs.space_text import order_text, orders
from modelkeep_gui.theme import GRID

__all__ = ["SpaceChoices"]

_DAY, _HOUR = 86400.0, 3600.0
_USUAL_DAYS = 90


class SpaceChoices(QWidget):
    """The parts of a policy but for its size. `with_none`: that nothing goes by itself is a choice too.

    Signals:
        changed: the user chose something else.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, *, with_none: bool = False) -> None:
        super().__init__(parent)
        self._policy = CachePolicy()
        self.order = QComboBox()
        for order in orders():
            if with_none or order is not Order.NONE:
                self.order.addItem(order_text(order), order)
        self.expires = QCheckBox(self.tr("&Also what was not used for"))
        self.days = QSpinBox()
        self.days.setRange(1, 3650)
        self.days.setSuffix(self.tr(" days"))
        self.days.setAccessibleName(self.tr("Days without use"))
        self.hours = QSpinBox()
        self.hours.setRange(0, 24 * 365)
        self.hours.setSuffix(self.tr(" h"))
        self.order.setAccessibleName(self.tr("What goes first"))
        self.hours.setAccessibleName(self.tr("Hours within which what came stays"))
        self._lay_out()
        self.show_policy(self._policy)
        self.order.currentIndexChanged.connect(self._take_order)
        self.expires.toggled.connect(self._take_expiry)
        self.days.valueChanged.connect(self._take_expiry)
        self.hours.valueChanged.connect(self._take_grace)

    @property
    def policy(self) -> CachePolicy:
        """What is chosen; its size is as it was given."""
        return self._policy

    def show_policy(self, policy: CachePolicy) -> None:
        """Show another one. What the user does not touch stays as exact as it is, such as a grace of minutes."""
        for part in (self.order, self.expires, self.days, self.hours):
            part.blockSignals(True)
        place = self.order.findData(policy.order)
        self.order.setCurrentIndex(max(0, place))
        self.expires.setChecked(bool(policy.expiry))
        self.days.setValue(round(policy.expiry / _DAY) if policy.expiry else _USUAL_DAYS)
        self.days.setEnabled(bool(policy.expiry))
        self.hours.setValue(round(policy.grace / _HOUR))
        for part in (self.order, self.expires, self.days, self.hours):
            part.blockSignals(False)
        self._policy = policy if place >= 0 else replace(policy, order=self.order.currentData())

    def _take_order(self) -> None:
        self._policy = replace(self._policy, order=self.order.currentData())
        self.changed.emit()

    def _take_expiry(self) -> None:
        expires = self.expires.isChecked()
        self.days.setEnabled(expires)
        self._policy = replace(self._policy, expiry=self.days.value() * _DAY if expires else 0.0)
        self.changed.emit()

    def _take_grace(self) -> None:
        self._policy = replace(self._policy, grace=self.hours.value() * _HOUR)
        self.changed.emit()

    def _lay_out(self) -> None:
        stays = QLabel(self.tr("What came within this &time stays:"))
        stays.setBuddy(self.hours)
        for spin in (self.days, self.hours):
            spin.setFixedHeight(self.order.sizeHint().height())
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.order)
        first.addWidget(self.expires)
        first.addWidget(self.days)
        second.addWidget(stays)
        second.addWidget(self.hours)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        for line in (first, second):
            line.setSpacing(2 * GRID)
            line.addStretch()
            layout.addLayout(line)
        self.setFocusProxy(self.order)

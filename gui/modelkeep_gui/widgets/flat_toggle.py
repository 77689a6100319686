"""A flat button that stays down without looking as if it was pressed in."""

from __future__ import annotations

from PySide6.QtWidgets import QStyle, QStyleOptionToolButton

from modelkeep_gui.jobs.parts import FlatButton

__all__ = ["FlatToggle"]


class FlatToggle(FlatButton):
    """Who makes one shows in another way whether it is down: an arrow that turns, a coloured ground."""

    def __init__(self, text: str, icon_name: str = "") -> None:
        super().__init__(text, icon_name)
        self.setCheckable(True)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        option.state &= ~QStyle.StateFlag.State_On

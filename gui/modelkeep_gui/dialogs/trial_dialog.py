"""Before a model is loaded for trial: what will run, with what rights, and what it takes."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QWidget

from modelkeep.text import size_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark, value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["TrialDialog"]


class TrialDialog(Sheet):
    """Says what loading the model `name` for trial does. `size` is bytes of its files, 0 when not known.

    `has_code`: it comes with Python of its own, which runs only if the user ticks that.
    """

    def __init__(self, name: str, size: int, has_code: bool, parent: QWidget | None = None) -> None:
        super().__init__("", "try", "accent", parent)
        title = self.tr("Try loading {}?").format(name)
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.setMinimumWidth(115 * GRID)
        self.body.addWidget(
            value(
                self.tr(
                    "It is loaded as its library does it, by its name, in a process of its own that has no network. "
                    "If that works, it works offline."
                )
            )
        )
        if size:
            text = self.tr("It may take {} of memory or more until it ends, and some minutes if it is large.")
            self.body.addWidget(Notice(text.format(size_text(size)), "memory", "muted"))
        self.code = QCheckBox(self.tr("&Run the model’s own code"))
        self._add_code(has_code)
        self.body.addWidget(remark(self.tr("Nothing in the cache changes. It can be cancelled at any time.")))
        self.body.addStretch()
        role = QDialogButtonBox.ButtonRole
        self.begin = self.add_button(self.tr("&Try loading"), role.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), role.RejectRole)
        self.set_default(self.begin)

    @property
    def allow_code(self) -> bool:
        """Whether the user lets the model's own code run."""
        return self.code.isChecked()

    def _add_code(self, has_code: bool) -> None:
        self.code.setVisible(has_code)
        if has_code:
            text = self.tr(
                "It comes with Python code of its own, and may not load without it. "
                "That code can read what you can read."
            )
            self.body.addWidget(Notice(text, "code", "warn"))
        self.body.addWidget(self.code)

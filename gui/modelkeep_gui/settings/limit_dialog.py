"""How large one cache may become, and what goes first then."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QLineEdit, QWidget

from modelkeep.cache.policy import CachePolicy
from modelkeep.text import parse_size, size_text
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.space_choices import SpaceChoices
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark

__all__ = ["LimitDialog"]

_USUAL = 100_000_000_000  # bytes


class LimitDialog(Sheet):
    """Asks for the limits of the cache `name`, which takes `on_disk` bytes now. Its `policy` counts once accepted."""

    def __init__(
        self, name: str, policy: CachePolicy, on_disk: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__("", "disk", "accent", parent)
        self.setWindowTitle(self.tr("Limit"))
        self.heading.setText(self.tr("How large may {} become?").format(name))
        self.setMinimumWidth(140 * GRID)
        self._policy = policy
        self.is_limited = QCheckBox(self.tr("&No more than"))
        self.is_limited.setChecked(bool(policy.max_size))
        self.size_ = QLineEdit(_exact(policy.max_size or _USUAL))
        self.size_.setFixedWidth(30 * GRID)
        self.size_.setAccessibleName(self.tr("No more than"))
        self.field = NotedField(self.size_, stretches=False)
        self.choices = SpaceChoices(with_none=True)
        self.choices.show_policy(policy)
        self.body.addWidget(
            remark(
                self.tr(
                    "What comes into the cache makes room for itself: its plan says what goes to the trash first."
                    " Nothing else is removed by itself; “Free up space” shows what would go now."
                )
            )
        )
        form = FieldForm()
        self.is_limited.setFixedHeight(self.size_.sizeHint().height())
        form.addRow(self.is_limited, self.field)
        form.add(self.tr("Goes &first"), self.choices)
        self.body.addLayout(form)
        if on_disk:
            self.body.addWidget(remark(self.tr("Its models take {} now.").format(size_text(on_disk))))
        self.body.addStretch()
        self.ok = self.add_button(self.tr("OK"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.ok.setDefault(True)
        self.is_limited.toggled.connect(lambda _: self._follow())
        self.size_.textEdited.connect(lambda _: self._follow())
        self._follow()

    @property
    def policy(self) -> CachePolicy:
        """What is chosen. Only while OK can be pressed."""
        size = parse_size(self.size_.text()) if self.is_limited.isChecked() else 0
        return replace(self.choices.policy, max_size=size)

    def _follow(self) -> None:
        self.field.setEnabled(self.is_limited.isChecked())
        problem = ""
        try:
            if self.is_limited.isChecked() and not self.policy.max_size:
                problem = self.tr("Write a size that is more than nothing.")
        except ValueError:
            problem = self.tr("Write a size with its unit, such as 100 GB or 500 GiB.")
        self.field.say(problem)
        self.ok.setEnabled(not problem)


def _exact(size: int) -> str:
    """A size as it is typed, so that reading it gives just that size again."""
    # 100 GiB, as a cache of a remote has at first, is no round number in powers of ten.
    for text in (size_text(size), f"{size >> 30} GiB"):
        if parse_size(text) == size:
            return text
    return f"{size} B"

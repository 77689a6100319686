"""What a conversion did: the new revision, what was compared, what it took."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QWidget

from modelkeep.convert.plan import Conversion
from modelkeep.text import size_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.labels import caption, remark, value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["ConvertResultDialog"]


class ConvertResultDialog(Sheet):
    """Shows a `Conversion`.

    Signals:
        show_requested: the `Conversion` whose new revision the user wants to see; the dialog closes itself.
    """

    show_requested = Signal(object)

    def __init__(
        self, done: Conversion, parent: QWidget | None = None, *, has_moved_main: bool = False
    ) -> None:
        name = done.key.repo_id
        super().__init__(self.tr("{} has a revision of safetensors").format(name), "whole", "good", parent)
        self.setWindowTitle(self.tr("Convert to safetensors"))
        self.setMinimumWidth(130 * GRID)
        self._said = [*self._done(done), self._who_gets_it(done, has_moved_main)]
        for text in self._said:
            self.body.addWidget(value(text))
        for note in done.notes:
            self.body.addWidget(Notice(note, "info", "muted"))
        for title, text, copied in (
            (self.tr("Revision"), done.ref or done.commit, self.tr("Copy the name of the revision")),
            (self.tr("Commit"), done.commit, self.tr("Copy the commit")),
        ):
            self._add_field(title, text, copied)
        self.body.addWidget(remark(self.tr("The old revision {} is here as before.").format(done.old[:7])))
        self.body.addStretch()
        role = QDialogButtonBox.ButtonRole
        self.show_button = self.add_button(self.tr("&Show"), role.AcceptRole)
        self.close_button = self.add_button(self.tr("Close"), role.RejectRole)
        self.accepted.connect(lambda: self.show_requested.emit(done))
        self.set_default(self.show_button)

    @property
    def texts(self) -> list[str]:
        """What is said, from top to bottom."""
        return list(self._said)

    def _done(self, done: Conversion) -> Iterator[str]:
        if not done.tensors:  # it was here already, as a note says
            return
        yield self._compared(done.tensors)
        yield self.tr("Wrote {} in {}. The process that read the pickles held {} of memory at most.").format(
            size_text(done.written), self._seconds(done.seconds), size_text(done.memory)
        )

    def _compared(self, tensors: int) -> str:
        if tensors == 1:
            return self.tr("Its 1 tensor is the same as before, bit for bit.")
        return self.tr("All {} tensors are the same as before, bit for bit.").format(f"{tensors:,}")

    def _seconds(self, seconds: float) -> str:
        if seconds < 100:
            return self.tr("{} s").format(f"{seconds:.1f}")
        return self.tr("{} min").format(f"{seconds / 60:.0f}")

    def _who_gets_it(self, done: Conversion, has_moved_main: bool) -> str:
        if has_moved_main:
            return self.tr("main leads to it: who loads {} by its name gets it.").format(done.key.repo_id)
        return self.tr("main leads where it led: load the new one by the name of its revision.")

    def _add_field(self, title: str, text: str, copied: str) -> None:
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(ElidedField(text, title), 1)
        line.addWidget(CopyButton(copied, lambda: text))
        self.body.addWidget(caption(title))
        self.body.addLayout(line)

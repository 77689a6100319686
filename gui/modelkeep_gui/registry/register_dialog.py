"""A model to register by a name, with all that is wrong said before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.text import path_text
from modelkeep_gui.dialogs.sheet import GrowingSheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.registry.register_form import RegisterForm
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from modelkeep.registered import RegisteredView

__all__ = ["RegisterDialog"]


class RegisterDialog(GrowingSheet):
    """Shows empty fields, or those of a `model` of a cache. It stays open until the model was registered.

    Signals:
        save_requested: the `ToRegister`; `accept` or `show_failure` is to follow.
    """

    save_requested = Signal(object)

    def __init__(
        self, view: RegisteredView, cached: Sequence[str], model: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__("", "tag", "accent", parent)
        self.setWindowTitle(self.tr("Register a model"))
        self.heading.setText(self.tr("Register a model"))
        self.form = RegisterForm(view, cached, model)
        self.notice = TonedNotice()
        self.notice.hide()
        where = ElidedLabel(self.tr("Kept in {}").format(path_text(view.own_file)), muted=True)
        self.body.addWidget(self.form, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.notice)
        self.body.addStretch()
        self.body.addWidget(where)
        # Not of the role that closes: what is wrong is said here.
        self.save = self.add_button(self.tr("&Register"), QDialogButtonBox.ButtonRole.ApplyRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.save.setDefault(True)
        self.resize(140 * GRID, 10 * GRID)
        self.form.name.setFocus()
        self.form.name.selectAll()
        self.form.changed.connect(self.notice.hide)
        self.save.clicked.connect(lambda _: self._save())

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why it could not be registered."""
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self.notice.show()
        self.save.setEnabled(True)

    def _save(self) -> None:
        if self.form.check():
            self.save.setEnabled(False)
            self.save_requested.emit(self.form.choice)

"""A remote to fill in, and a test of what of it works."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.sheet import GrowingSheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.settings.profile_checks import ProfileChecks
from modelkeep_gui.settings.remote_form import RemoteForm
from modelkeep_gui.theme import GRID

if TYPE_CHECKING:
    from modelkeep.remote.values import Check
    from modelkeep.remotes import RemoteView

__all__ = ["RemoteDialog"]


class _Shown(NamedTuple):
    """A check of a remote, as those of hubs are shown."""

    name: str
    outcome: str
    sentence: str
    hint: str
    seconds: float = 0.0


class RemoteDialog(GrowingSheet):
    """Shows a remote, or an empty one. It stays open until it was saved.

    Signals:
        test_requested: the `RemoteChoice` to be tested; `show_check` and `end_test` are to follow.
        save_requested: the `RemoteChoice` to be kept; `accept` or `show_failure` is to follow.
    """

    test_requested = Signal(object)
    save_requested = Signal(object)

    def __init__(
        self,
        view: RemoteView | None = None,
        taken: Collection[str] = (),
        roots: Sequence[RootView] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "cloud", "accent", parent)
        self.form = RemoteForm(view, [name for name in taken if view is None or name != view.name], roots)
        self.checks = ProfileChecks()
        self.notice = TonedNotice()
        self.test = self.add_button(self.tr("&Test"), QDialogButtonBox.ButtonRole.ActionRole)
        # Not of the role that closes: what is wrong is said here.
        self.save = self.add_button(self.tr("&Save"), QDialogButtonBox.ButtonRole.ApplyRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.setWindowTitle(self.tr("Remote"))
        self.heading.setText(view.name if view else self.tr("Add a remote"))
        self.body.addWidget(self.form, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.checks, 1)
        self.notice.hide()
        self.checks.hide()
        self.resize(150 * GRID, 10 * GRID)
        self.save.setDefault(True)
        (self.form.folder if view else self.form.name).setFocus()
        self.save.clicked.connect(lambda _: self._save())
        self.test.clicked.connect(lambda _: self.begin_test())
        self.form.changed.connect(self.notice.hide)
        # Only once the fields of the other kind are laid out.
        self.form.kind_changed.connect(lambda: QTimer.singleShot(0, self, self._fit))

    def begin_test(self) -> None:
        """Ask for a test of what is filled in now."""
        if not self.form.check():
            return
        choice = self.form.choice
        self.notice.hide()
        self.test.setEnabled(False)
        self.checks.begin(f"{choice.name} · {choice.url}")
        self.checks.show()
        self.test_requested.emit(choice)

    def show_check(self, check: Check) -> None:
        """Show what one check of the test found."""
        if check.outcome == "skipped":
            # All that come are the same line, which is shown once.
            said = _Shown("", check.outcome, self.tr("The rest was not tested: it needs what failed."), "")
        else:
            said = _Shown(check.name, check.outcome, check.sentence, check.hint)
        self.checks.add(said)

    def end_test(self) -> None:
        """The test is over, however."""
        self.checks.end()
        self.test.setEnabled(True)

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why it could not be saved, or not be tested."""
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self.notice.show()
        self.save.setEnabled(True)

    def _fit(self) -> None:
        """Be as high as the fields of the kind need."""
        if self.checks.isHidden():
            self.fit()

    def _save(self) -> None:
        if self.form.check():
            self.save.setEnabled(False)
            self.save_requested.emit(self.form.choice)

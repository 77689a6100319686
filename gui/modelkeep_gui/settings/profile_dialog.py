"""A profile to fill in, and a test of whether the way to its hub works."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.hub.profile import Profile, ProfileView
from modelkeep_gui.dialogs.sheet import GrowingSheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.settings.profile_checks import CheckLike, ProfileChecks
from modelkeep_gui.settings.profile_form import ProfileForm
from modelkeep_gui.settings.profile_text import host_of
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.notice import Notice

__all__ = ["ProfileDialog"]


class ProfileDialog(GrowingSheet):
    """Shows a profile; one that comes from the environment cannot be changed. It stays open until it was saved.

    Signals:
        test_requested: the `ProfileChoice` to be tested; `show_check` and `end_test` are to follow.
        save_requested: the `ProfileChoice` to be kept; `accept` or `show_failure` is to follow.
    """

    test_requested = Signal(object)
    save_requested = Signal(object)

    def __init__(
        self,
        view: ProfileView | None = None,
        taken: Collection[str] = (),
        variables: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "hub", "accent", parent)
        self.view = view or ProfileView(Profile(""), is_default=False, token_source="")
        self.is_locked = self.view.profile.source == "environment"
        others = [name for name in taken if name != self.view.profile.name]
        self.form = ProfileForm(self.view.profile, self.view.token_source, others)
        self.checks = ProfileChecks()
        self.notice = TonedNotice()
        self.test = self.add_button(self.tr("T&est"), QDialogButtonBox.ButtonRole.ActionRole)
        if not self.is_locked:
            # Not of the role that closes: what is wrong is said here.
            self.save = self.add_button(self.tr("&Save"), QDialogButtonBox.ButtonRole.ApplyRole)
            self.save.clicked.connect(self._save)
        text = self.tr("Close") if self.is_locked else self.tr("Cancel")
        self.cancel = self.add_button(text, QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out(variables)
        self.test.clicked.connect(self.begin_test)
        self.form.changed.connect(self.notice.hide)

    def begin_test(self) -> None:
        """Ask for a test of what is filled in now."""
        if not self.form.check():
            return
        choice = self.form.choice
        self.notice.hide()
        self.test.setEnabled(False)
        self.checks.begin(f"{choice.profile.name} · {choice.profile.endpoint}")
        self.checks.show()
        self.test_requested.emit(choice)

    def show_check(self, check: CheckLike) -> None:
        """Show what one check of the test found."""
        self.checks.add(check)

    def end_test(self) -> None:
        """The test is over, however."""
        self.checks.end()
        self.test.setEnabled(True)

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why it could not be saved, or not be tested."""
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self.notice.show()
        if not self.is_locked:
            self.save.setEnabled(True)

    def _save(self) -> None:
        if self.form.check():
            self.save.setEnabled(False)
            self.save_requested.emit(self.form.choice)

    def _lay_out(self, variables: Sequence[str]) -> None:
        profile = self.view.profile
        title = profile.name or self.tr("New profile")
        self.setWindowTitle(self.tr("Profile of a hub"))
        self.heading.setText(title)
        self.resize(145 * GRID, 10 * GRID)
        if self.is_locked:
            where = ", ".join(variables) or self.tr("the environment")
            text = self.tr("It comes from {}, so it cannot be changed here.").format(where)
            self.body.addWidget(Notice(text))
            self.form.lock()
            self.heading.setText(f"{title} · {host_of(profile.endpoint)}")
        self.body.addWidget(self.form, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.checks, 1)
        self.notice.hide()
        self.checks.hide()
        if self.is_locked:
            self.set_default(self.cancel)
        else:
            self.save.setDefault(True)
            (self.form.token if profile.name else self.form.name).setFocus()

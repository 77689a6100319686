"""What is pushed and where to: the name there, the hub or remote, the branch, what the history says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from modelkeep.hub.profile import ProfileView
from modelkeep.hub.push_plan import PushPlan
from modelkeep.hub.replies import Whoami
from modelkeep.rows import Selection
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.push_source import PushSource
from modelkeep_gui.dialogs.push_text import name_problem
from modelkeep_gui.icons import icon
from modelkeep_gui.library.sidebar import KIND_ICONS
from modelkeep_gui.remotes.listings import name_of, root_of
from modelkeep_gui.settings.profile_text import host_of
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.flat_button import FlatButton

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView

__all__ = ["PushForm"]


class PushForm(QWidget):
    """The fields.

    Signals:
        typed: another name or branch is being typed.
        changed: something else that asks for another plan.
        profile_changed: another hub or remote; a hub's user is to be asked for.
    """

    typed = Signal()
    changed = Signal()
    profile_changed = Signal(object)

    def __init__(self, source: PushSource) -> None:
        super().__init__()
        self.source = source
        self.name = QLineEdit()
        self.suggestion = FlatButton("")
        self.name_field = NotedField(self.name, self.suggestion)
        self.profile = QComboBox()
        self.visibility = QComboBox()
        self.branch = QLineEdit("main")
        self.pull_request = QCheckBox(self.tr("As a pull &request"))
        self.delete = QCheckBox(self.tr("Rem&ove there what is not here"))
        self.branch_field = NotedField(self.branch, self.pull_request, self.delete, stretches=False)
        self.message = QLineEdit()
        self.tags = QLineEdit()
        self._who = Whoami("")
        self._is_own_name = False  # typed by the user
        self._is_private = True
        self._lay_out()
        self._connect()
        self.show_plan(None)
        self.follow_source()

    @property
    def is_sound(self) -> bool:
        """Whether something can be planned with it."""
        return not self._name_problem and bool(self.branch.text().strip())

    @property
    def remote(self) -> str:
        """The remote that is chosen by its name, "" for a hub."""
        return name_of(self.profile.currentData() or "")

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The tags that are to lead to what is pushed."""
        return tuple(dict.fromkeys(self.tags.text().replace(",", " ").split()))

    @property
    def private(self) -> bool:
        """Whether a new repository is to be private."""
        return self._is_private

    def follow_source(self) -> None:
        """Call it there as it is called here, as long as nobody typed another name."""
        if not self._is_own_name:
            self.name.setText(self._suggested or self.source.name)
        self._note()

    def restore_source(self, source: Selection | str, to: str) -> None:
        """What was chosen before, and the name it was to have."""
        self.source.choose(source)
        self._is_own_name = True
        self.name.setText(to)
        self._note()

    def set_private(self, private: bool) -> None:
        """What a new repository is to be."""
        self._is_private = private

    def set_who(self, who: Whoami) -> None:
        """Whose token it is: the name begins with theirs, unless one was typed or may be theirs."""
        self._who = who
        self.follow_source()

    def offer_name_of(self, who: str) -> None:
        """Whose token it is, as a plan says: offer a name that begins with theirs."""
        if who and not self._who.name:
            self._who = Whoami(who)
            self._note()

    def set_profiles(
        self, views: Sequence[ProfileView], chosen: str, remotes: Sequence[RemoteView] = ()
    ) -> None:
        """The hubs and remotes there are; `chosen` is a hub's name, "" for the default one, or a remote's root."""
        self.profile.blockSignals(True)
        self.profile.clear()
        for remote in remotes:
            self.profile.addItem(
                icon(KIND_ICONS.get(remote.kind, "cloud")), remote.name, root_of(remote.name)
            )
            if root_of(remote.name) == chosen:
                self.profile.setCurrentIndex(self.profile.count() - 1)
        for view in views:
            text = f"{view.profile.name} · {host_of(view.profile.endpoint)}"
            self.profile.addItem(icon("hub"), text, view.profile.name)
            if view.profile.name == chosen or (not chosen and view.is_default):
                self.profile.setCurrentIndex(self.profile.count() - 1)
        self.profile.blockSignals(False)
        self._follow_kind()

    def show_plan(self, plan: PushPlan | None) -> None:
        """Only a new repository can still be private or public."""
        creates = plan is not None and plan.creates
        self.visibility.blockSignals(True)
        self.visibility.setEnabled(creates)
        self.visibility.setCurrentIndex((0 if self._is_private else 1) if creates else -1)
        self.visibility.blockSignals(False)

    # ---- what follows from what is typed

    def _follow_kind(self) -> None:
        """Show the fields that what is chosen has."""
        is_remote = bool(self.remote)
        for part in (self.visibility, self.pull_request, self.delete):
            part.setVisible(not is_remote)
        self._form.setRowVisible(self.tags, is_remote)
        hint = self.tr("What changed (optional)") if is_remote else self.tr("What is new (optional)")
        self.message.setPlaceholderText(hint)
        self._note()

    def _choose_profile(self) -> None:
        self._follow_kind()
        self.profile_changed.emit(self.profile.currentData())

    @property
    def _name_problem(self) -> str:
        return name_problem(self.name.text(), needs_owner=not self.remote)

    @property
    def _suggested(self) -> str:
        """The name below the user's own, "" when it may go where it is called to."""
        owner, _, name = self.source.name.rpartition("/")
        if (
            self.remote
            or not self._who.name
            or not name
            or owner in (self._who.name, *self._who.organizations)
        ):
            return ""
        return f"{self._who.name}/{name}"

    def _note(self) -> None:
        problem = self._name_problem if self.name.text() or self._is_own_name else ""
        self.name_field.say(problem)
        suggested = self._suggested
        self.suggestion.setText(self.tr("Use {}").format(suggested))
        self.suggestion.setAccessibleName(self.suggestion.text())
        self.suggestion.setToolTip(self.tr("The name below your own"))
        self.suggestion.setVisible(bool(suggested) and self.name.text().strip() != suggested)
        self.branch_field.say("" if self.branch.text().strip() else self.tr("Name a branch, such as main."))

    def _change_source(self) -> None:
        self.follow_source()
        self.changed.emit()

    def _type(self) -> None:
        self._is_own_name = True
        self._note()
        self.typed.emit()

    def _type_branch(self) -> None:
        self._note()
        self.typed.emit()

    def _take_suggestion(self) -> None:
        self.name.setText(self._suggested)
        self.name.setFocus()
        self._note()
        self.changed.emit()

    def _choose_visibility(self, index: int) -> None:
        self._is_private = index == 0

    # ---- where things are

    def _lay_out(self) -> None:
        self.visibility.addItems([self.tr("Private"), self.tr("Public: everybody can see it")])
        self.visibility.setPlaceholderText(self.tr("As it is there"))
        self.visibility.setToolTip(self.tr("Only a new repository can be made private or public here."))
        self.tags.setPlaceholderText(self.tr("None, or such as production"))
        self.name.setPlaceholderText(self.tr("user/name"))
        self.suggestion.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.suggestion.hide()
        for part, text in (
            (self.name, self.tr("Name there")),
            (self.profile, self.tr("Hub or remote")),
            (self.visibility, self.tr("Who can see it")),
            (self.branch, self.tr("Branch")),
            (self.message, self.tr("Message")),
            (self.tags, self.tr("Tags")),
        ):
            part.setAccessibleName(text)
        self.branch.setMaximumWidth(40 * GRID)
        self.profile.setMinimumWidth(60 * GRID)
        form = FieldForm()
        form.add(self.tr("Pu&sh"), self.source)
        form.add(self.tr("&To"), self.name_field)
        form.add(self.tr("&Where"), NotedField(self.profile, self.visibility, stretches=False))
        form.add(self.tr("&Branch"), self.branch_field)
        form.add(self.tr("Ta&gs"), self.tags)
        form.add(self.tr("&Message"), self.message)
        self._form = form
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)

    def _connect(self) -> None:
        self.source.changed.connect(self._change_source)
        self.name.textEdited.connect(lambda _: self._type())
        self.branch.textEdited.connect(lambda _: self._type_branch())
        self.suggestion.clicked.connect(self._take_suggestion)
        self.profile.currentIndexChanged.connect(lambda _: self._choose_profile())
        self.tags.textEdited.connect(lambda _: self.typed.emit())
        self.visibility.currentIndexChanged.connect(self._choose_visibility)
        for box in (self.pull_request, self.delete):
            box.clicked.connect(lambda _: self.changed.emit())

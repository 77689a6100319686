"""The fields of a profile; each says itself what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from modelkeep.hub.profile import OFFICIAL, Profile
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.icons import icon
from modelkeep_gui.settings.profile_proxy import ProxyChoice
from modelkeep_gui.settings.profile_seconds import SecondsField
from modelkeep_gui.settings.profile_text import (
    ca_problem,
    endpoint_problem,
    name_problem,
    rate_of,
    rate_problem,
    rate_text,
)
from modelkeep_gui.settings.profile_token import TokenField
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.folded import Folded

__all__ = ["ProfileChoice", "ProfileForm"]


@dataclass(frozen=True)
class ProfileChoice:
    """What was filled in. `token` is None to keep the one that is there, "" to forget it."""

    profile: Profile
    token: str | None = None
    in_file: bool = False


class ProfileForm(QWidget):
    """The fields. What is wrong is said once a field was left, or `check` was called.

    Signals:
        changed: something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, profile: Profile, token_source: str, taken: Collection[str]) -> None:
        super().__init__()
        self._profile = profile
        self._taken = frozenset(taken)
        self.name = QLineEdit(profile.name)
        self.endpoint = QLineEdit(profile.endpoint)
        self.token = TokenField(token_source)
        self.proxy = ProxyChoice(profile.proxy)
        self.ca_file = QLineEdit(profile.ca_file)
        self.browse = QPushButton(icon("folder"), self.tr("&Browse…"))
        self.connect_timeout = SecondsField(self.tr("To connect, in seconds"), profile.connect_timeout)
        self.read_timeout = SecondsField(self.tr("For an answer, in seconds"), profile.read_timeout)
        self.limit = QLineEdit(rate_text(profile.limit_rate))
        self.xet = QCheckBox(self.tr("Fetch by &Xet what the hub stores there"))
        self.xet.setChecked(profile.xet)
        self.name_field = NotedField(self.name)
        self.endpoint_field = NotedField(self.endpoint)
        self.ca_field = NotedField(self.ca_file, self.browse)
        self.limit_field = NotedField(self.limit, QLabel(self.tr("a second")), stretches=False)
        self.more = Folded(self.tr("How to get there"), self._make_more())
        self._lay_out()
        self._connect()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with what is filled in."""
        return not any(self._problems().values()) and not self.proxy.problem

    @property
    def choice(self) -> ProfileChoice:
        """What is filled in; only when it `is_sound`."""
        profile = replace(
            self._profile,
            name=self.name.text().strip(),
            endpoint=self.endpoint.text().strip().rstrip("/"),
            proxy=self.proxy.proxy,
            ca_file=self.ca_file.text().strip(),
            connect_timeout=self.connect_timeout.seconds,
            read_timeout=self.read_timeout.seconds,
            limit_rate=rate_of(self.limit.text()),
            xet=self.xet.isChecked(),
        )
        return ProfileChoice(profile, self.token.token, self.token.in_file.isChecked())

    def check(self) -> bool:
        """Say at each field what is wrong with it, and go to the first that is; returns whether none is."""
        wrong = [field for field, problem in self._problems().items() if problem]
        for field in self._problems():
            self._note(field)
        self.proxy.note()
        if self.ca_field in wrong or self.limit_field in wrong or self.proxy.problem:
            self.more.set_open(True)
        if wrong:
            wrong[0].main.setFocus()
        elif self.proxy.problem:
            self.proxy.text.setFocus()
        return self.is_sound

    def lock(self) -> None:
        """Only show it: it comes from somewhere else."""
        for field in (self.name, self.endpoint, self.ca_file, self.limit):
            field.setReadOnly(True)
        for part in (self.proxy, self.browse, self.connect_timeout, self.read_timeout, self.xet):
            part.setEnabled(False)
        self.token.lock()

    # ---- what is wrong

    def _problems(self) -> dict[NotedField, str]:
        return {
            self.name_field: name_problem(self.name.text(), self._taken),
            self.endpoint_field: endpoint_problem(self.endpoint.text()),
            self.ca_field: ca_problem(self.ca_file.text()),
            self.limit_field: rate_problem(self.limit.text()),
        }

    def _note(self, field: NotedField) -> None:
        field.say(self._problems()[field])

    def _typed(self, field: NotedField) -> None:
        if field.problem:  # it may be right now
            self._note(field)
        self.changed.emit()

    # ---- where things are

    def _lay_out(self) -> None:
        self.name.setPlaceholderText(self.tr("Mirror"))
        self.endpoint.setPlaceholderText(OFFICIAL)
        self.ca_file.setPlaceholderText(self.tr("The system’s"))
        self.limit.setPlaceholderText(self.tr("No limit"))
        self.limit.setMaximumWidth(30 * GRID)
        for field, text in (
            (self.name, self.tr("Name")),
            (self.endpoint, self.tr("Address")),
            (self.ca_file, self.tr("File of certificate authorities")),
            (self.limit, self.tr("Speed limit, bytes a second")),
        ):
            field.setAccessibleName(text)
        self.browse.setAutoDefault(False)
        if self._profile.name:
            self.name.setReadOnly(True)
            self.name.setToolTip(self.tr("A token is kept by this name, so it stays."))
        form = FieldForm()
        form.add(self.tr("&Name"), self.name_field)
        form.add(self.tr("&Address"), self.endpoint_field)
        form.add(self.tr("&Token"), self.token)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addLayout(form)
        layout.addWidget(self.more)
        layout.addStretch()
        profile = self._profile
        plain = Profile(profile.name, profile.endpoint, source=profile.source)
        self.more.set_open(profile != plain)

    def _make_more(self) -> QWidget:
        more = QWidget()
        form = FieldForm()
        above = QVBoxLayout(more)
        above.setContentsMargins(0, 0, 0, 0)
        above.addLayout(form)
        above.addStretch()
        form.setContentsMargins(4 * GRID, 0, 0, 0)
        form.add(self.tr("&Proxy"), self.proxy)
        form.add(self.tr("&CA file"), self.ca_field)
        form.add(
            self.tr("T&ime limits"),
            NotedField(
                self.connect_timeout,
                QLabel(self.tr("to connect,")),
                self.read_timeout,
                QLabel(self.tr("for an answer")),
                stretches=False,
            ),
        )
        form.add(self.tr("Speed &limit"), self.limit_field)
        form.addRow("", self.xet)
        form.addRow("", ElidedLabel(self.tr("Quicker for large files; needs huggingface_hub."), muted=True))
        return more

    def _connect(self) -> None:
        for line, field in (
            (self.name, self.name_field),
            (self.endpoint, self.endpoint_field),
            (self.ca_file, self.ca_field),
            (self.limit, self.limit_field),
        ):
            line.textEdited.connect(lambda _, field=field: self._typed(field))
            line.editingFinished.connect(lambda field=field: self._left(field))
        self.browse.clicked.connect(self._choose_file)
        for signal in (self.token.changed, self.proxy.changed, self.connect_timeout.changed):
            signal.connect(self.changed)
        self.read_timeout.changed.connect(self.changed)
        self.xet.toggled.connect(self.changed)

    def _left(self, field: NotedField) -> None:
        if field is not self.name_field or self.name.text():  # an empty name is not wrong before one is done
            self._note(field)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a CA file"), self.ca_file.text())
        dialog.setNameFilters([self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._take_file)
        dialog.open()

    def _take_file(self, path: str) -> None:
        self.ca_file.setText(path)
        self._note(self.ca_field)
        self.changed.emit()

"""Sharing a cache: the switch, how, what others set, and who is there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.sharing.guests import GuestsView
from modelkeep_gui.sharing.options import ShareOptions, remember_options, remembered_options
from modelkeep_gui.sharing.options_form import OptionsForm
from modelkeep_gui.sharing.sharing import ShareState, Sharing
from modelkeep_gui.sharing.tokens import TokensBox
from modelkeep_gui.sharing.use_it import UseIt
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption

__all__ = ["SharePanel"]


class SharePanel(Sheet):
    """Shows a `Sharing` and works it. Closing the panel stops nothing."""

    def __init__(
        self, sharing: Sharing, roots: Sequence[str], store: QSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__("", "share", "accent", parent)
        self._sharing = sharing
        self._store = store
        self.status = TonedNotice()
        self.switch = QPushButton()
        self.form = OptionsForm(roots)
        self.tokens = TokensBox()
        self.use_it = UseIt()
        self.guests = GuestsView()
        self.waiting = TonedNotice()
        self.restart = QPushButton(self.tr("Begin &anew"))
        self._warnings = TonedNotice()
        self.close_button = self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self.form.load(sharing.options if sharing.is_on else remembered_options(store))
        self._connect()
        self._know_tokens()
        self._show()
        self.guests.show_guests(sharing)
        self.guests.show_log(sharing)

    # ---- what the user does

    def _turn(self) -> None:
        if self._sharing.state in (ShareState.OFF, ShareState.FAILED):
            self._begin()
        else:
            self._sharing.stop()

    def _begin(self) -> None:
        self.waiting.hide()
        self.restart.hide()
        remember_options(self._store, self.form.options)
        self._sharing.start(self.form.options)

    def _follow_options(self, options: ShareOptions) -> None:
        """Use other options at once, unless that would cut somebody off."""
        remember_options(self._store, options)
        sharing = self._sharing
        differs = sharing.is_on and options != sharing.options
        if differs and not sharing.fetching:
            self._begin()
            return
        self.waiting.setVisible(differs)
        self.restart.setVisible(differs)

    def _know_tokens(self) -> None:
        self.form.know_tokens(can_write=self.tokens.can_write, has_any=not self.tokens.is_empty)
        self._show()

    # ---- what is shown

    def _show(self) -> None:
        sharing, state = self._sharing, self._sharing.state
        self.status.say(*self._status())
        is_off = state in (ShareState.OFF, ShareState.FAILED)
        self.switch.setText(self._switch_text(state))
        self.switch.setDefault(is_off)
        self.switch.setEnabled(not is_off or self.form.is_sound)
        self.use_it.show_sharing(sharing)
        self.use_it.setEnabled(state is ShareState.ON)
        self._warnings.say(" ".join(sharing.warnings), "warning", "warn")
        self._warnings.setVisible(bool(sharing.warnings) and not is_off)
        if is_off:
            self.waiting.hide()
            self.restart.hide()

    def _status(self) -> tuple[str, str, str]:
        sharing = self._sharing
        match sharing.state:
            case ShareState.OFF:
                return self.tr("Off. Nobody can fetch anything from here."), "cancel", "muted"
            case ShareState.STARTING:
                return self.tr("Starting…"), "refresh", "accent"
            case ShareState.STOPPING:
                return self.tr("Stopping, once what is on its way has ended…"), "refresh", "muted"
            case ShareState.FAILED:
                return " ".join(filter(None, (sharing.problem, sharing.hint))), "damaged", "bad"
            case ShareState.ON:
                return self._on_text(), "whole", "good"

    def _on_text(self) -> str:
        sharing = self._sharing
        count = sharing.listening.repositories
        models = self.tr("1 model") if count == 1 else self.tr("{} models").format(f"{count:,}")
        whom = self.tr("the network") if sharing.options.network else self.tr("programs of this machine")
        if sharing.options.allow_push:
            return self.tr("On: {} for {}, who may push too.").format(models, whom)
        return self.tr("On: {} for {}.").format(models, whom)

    def _switch_text(self, state: ShareState) -> str:
        if state is ShareState.STOPPING:
            return self.tr("&Stop at once")
        return self.tr("&Share") if state in (ShareState.OFF, ShareState.FAILED) else self.tr("&Stop sharing")

    # ---- where things are

    def _lay_out(self) -> None:
        title = self.tr("Share this cache")
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.resize(235 * GRID, 150 * GRID)
        self.switch.setAutoDefault(False)
        self.restart.setAutoDefault(False)
        text = self.tr(
            "Somebody is fetching. The change counts once sharing begins anew, which cuts them off."
        )
        self.waiting.say(text, "warning", "warn")
        head = QHBoxLayout()
        head.setSpacing(4 * GRID)
        head.addWidget(self.status, 1, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.switch)
        again = QHBoxLayout()
        again.setSpacing(4 * GRID)
        again.addWidget(self.waiting, 1, Qt.AlignmentFlag.AlignVCenter)
        again.addWidget(self.restart)
        how = QVBoxLayout()
        how.setSpacing(2 * GRID)
        how.addWidget(self.form)
        how.addSpacing(2 * GRID)
        how.addWidget(caption(self.tr("Tokens")))
        how.addWidget(self.tokens)
        how.addStretch()
        now = QVBoxLayout()
        now.setSpacing(4 * GRID)
        now.addWidget(self.use_it)
        now.addWidget(self.guests, 1)
        columns = QHBoxLayout()
        columns.setSpacing(7 * GRID)
        columns.addLayout(how, 3)
        columns.addLayout(now, 4)
        self.body.addLayout(head)
        self.body.addWidget(self._warnings)
        self.body.addLayout(again)
        self.body.addSpacing(GRID)
        self.body.addLayout(columns, 1)
        for part in (self.waiting, self.restart):
            part.hide()
        self.switch.setFocus()

    def _connect(self) -> None:
        sharing = self._sharing
        self.switch.clicked.connect(self._turn)
        self.restart.clicked.connect(self._begin)
        self.form.changed.connect(self._follow_options)
        self.form.noted.connect(self._show)
        self.tokens.changed.connect(self._know_tokens)
        sharing.changed.connect(self._show)
        sharing.guests_changed.connect(self._show_guests)
        sharing.logged.connect(self._show_log)

    def _show_guests(self) -> None:
        self.guests.show_guests(self._sharing)

    def _show_log(self) -> None:
        self.guests.show_log(self._sharing)

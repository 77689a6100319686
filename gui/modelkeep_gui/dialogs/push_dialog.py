"""What is pushed and where to, and exactly what that sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.hub.push_plan import PushAction, PushPlan
from modelkeep.progress import Progress
from modelkeep.remote.plans import RemotePush
from modelkeep.rows import Selection
from modelkeep_gui.dialogs.push_form import PushForm
from modelkeep_gui.dialogs.push_secrets import SecretsBox
from modelkeep_gui.dialogs.push_source import PushSource
from modelkeep_gui.dialogs.push_table import FilesTable
from modelkeep_gui.dialogs.push_text import button_text, moves_refs, place_text, remote_text, total_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["PushAnswer", "PushDialog", "PushRequest"]

_PAUSE = 400  # milliseconds after the last key, before a hub is asked


@dataclass(frozen=True)
class PushRequest:
    """What the dialog wants to know the plan of. `source` is a folder by its path, or what was selected."""

    source: Selection | str
    to: str
    profile: str = ""
    branch: str = "main"
    pull_request: bool = False
    delete: bool = False
    private: bool = True
    message: str = ""
    remote: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PushAnswer:
    """What the user decided: the plan without the files that stay, and which go although they look like secrets.

    `remote` is the whole of what is pushed where that is a remote by its name, with the same plan.
    """

    plan: PushPlan
    allow_secrets: tuple[str, ...] = ()
    remote: RemotePush | None = None


class PushDialog(Sheet):
    """Asks what and where to, and shows what would be sent. Its `answer` counts once it was accepted.

    Signals:
        replan_requested: the `PushRequest` whose plan `set_plan` is to bring.
        withdrawn: the last question is of no interest any more.
        who_requested: the name of the profile whose user `form.set_who` is to bring; a request follows then.
    """

    replan_requested = Signal(object)
    withdrawn = Signal()
    who_requested = Signal(object)

    def __init__(self, selections: Sequence[Selection], parent: QWidget | None = None) -> None:
        super().__init__("", "push", "accent", parent)
        self._plan: PushPlan | None = None
        self._remote: RemotePush | None = None
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self.form = PushForm(PushSource(selections))
        self.files = FilesTable()
        self.secrets = SecretsBox()
        self.place = Notice()
        self.totals = remark("")
        self.notice = TonedNotice()
        self.again = QPushButton(self.tr("&Look again"))
        self._progress = ProgressLine()
        self._step = remark("")
        self._notes = QVBoxLayout()
        self.push = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self._connect()
        self._follow()

    # ---- what the operation asks and tells

    @property
    def request(self) -> PushRequest | None:
        """What is to be planned as it stands now; None while something is missing or wrong."""
        source, form = self.form.source.source, self.form
        if source is None or not form.is_sound:
            return None
        return PushRequest(
            source,
            form.name.text().strip(),
            "" if form.remote else form.profile.currentData() or "",
            form.branch.text().strip(),
            form.pull_request.isChecked(),
            form.delete.isChecked(),
            form.private,
            form.message.text().strip(),
            form.remote,
            form.tag_names if form.remote else (),
        )

    def restore(self, request: PushRequest) -> None:
        """Fill in what was asked for before; its hub is chosen by who knows them."""
        form = self.form
        form.restore_source(request.source, request.to)
        form.branch.setText(request.branch)
        form.pull_request.setChecked(request.pull_request)
        form.delete.setChecked(request.delete)
        form.set_private(request.private)
        form.message.setText(request.message)
        form.tags.setText(", ".join(request.tags))

    @property
    def answer(self) -> PushAnswer:
        """The plan of what is ticked, in the words that were typed."""
        assert self._plan is not None, "without a plan nothing can be accepted"
        message = self.form.message.text().strip() or self._plan.message
        plan = replace(self._kept(self._plan), private=self.form.private, message=message)
        remote = self._remote and replace(self._remote, plan=plan, tags=self.form.tag_names)
        return PushAnswer(plan, tuple(dict.fromkeys(secret.path for secret in plan.secrets)), remote)

    def set_plan(self, found: PushPlan | RemotePush) -> None:
        """Show what pushing would do."""
        self._remote = found if isinstance(found, RemotePush) else None
        self._plan = plan = found.plan if isinstance(found, RemotePush) else found
        # A revision is pushed to a remote as it is: which files it has makes it the one it is.
        self.files.rows.is_fixed = self._remote is not None
        self._look_is_over()
        self.form.show_plan(plan)
        self.form.offer_name_of(plan.who)
        wanted = {file.path for file in plan.files if file.action is not PushAction.SAME}
        self.files.show_values(plan.files, set(wanted))
        self.secrets.forget()
        self._show_notes(plan)
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self._plan = None
        self.files.show_values((), set())
        self._look_is_over()
        self.notice.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")
        self.notice.show()
        self.again.show()
        self._follow()

    def show_progress(self, progress: Progress) -> None:
        """Say how far the looking is."""
        self._progress.show_share(progress.done, progress.total)
        self._step.setText(" · ".join(filter(None, (progress.step, progress.item))))

    def ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be accepted."""
        self._later.stop()
        self._forget_plan()
        if request := self.request:
            self._show_looking()
            self.replan_requested.emit(request)
        self._follow()

    def ask_who(self) -> None:
        """Ask whose token it is, before there is a plan. A remote has none: it is asked for the plan at once."""
        if self.form.remote:
            self.ask()
            return
        self._forget_plan()
        self._show_looking()
        self.who_requested.emit(self.form.profile.currentData() or "")
        self._follow()

    # ---- what follows from it

    def _kept(self, plan: PushPlan) -> PushPlan:
        """The plan without the files whose tick was taken away."""
        rows = self.files.rows
        files = tuple(file for file in plan.files if not rows.can_tick(file) or rows.is_ticked(file))
        paths = {file.path for file in files}
        return replace(plan, files=files, secrets=tuple(s for s in plan.secrets if s.path in paths))

    def _follow(self) -> None:
        plan = self._plan and self._kept(self._plan)
        self.push.setEnabled(False)
        self.push.setText(self.tr("&Push") if plan is None else button_text(plan))
        for part in (self.files, self.place, self.totals):
            part.setEnabled(plan is not None)
        self.place.setVisible(plan is not None)
        self.secrets.show_plan(plan)
        if plan is None:
            self.totals.setText("")
            return
        if self._remote is not None and self._remote.manifest is not None:
            self.place.say(remote_text(self._remote, self.form.tag_names), "push", "muted")
        else:
            self.place.say(place_text(plan, self.form.private), "hub", "muted")
        nothing = self.tr("The hub has all of it already: there is nothing to push.")
        moves = self._remote is not None and moves_refs(self._remote, self.form.tag_names)
        if moves:
            nothing = self.tr("The remote has all of its files already: only names are set.")
        elif self._remote is not None:
            nothing = self.tr("The remote has all of it already: there is nothing to push.")
        self.totals.setText(nothing if self._plan and self._plan.is_nothing else total_text(plan))
        self.push.setEnabled((moves or not plan.is_nothing) and not self.secrets.open_in(plan))

    def _show_notes(self, plan: PushPlan | None) -> None:
        while item := self._notes.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        if plan is None:
            return
        for note in plan.notes:
            self._notes.addWidget(Notice(note, "info", "warn"))
        if plan.ignored:
            lines = LineList(self.tr("What is left out"))
            lines.set_lines([(path, "") for path in plan.ignored])
            title = self.tr("{} left out, as .gitignore and the like say").format(f"{len(plan.ignored):,}")
            self._notes.addWidget(Folded(title, lines))

    def _forget_plan(self) -> None:
        self._plan = self._remote = None
        self.withdrawn.emit()
        self._look_is_over()
        self._show_notes(None)

    def _show_looking(self) -> None:
        self.show_progress(Progress(self.tr("Looking at what is there")))
        self._progress.show()
        self._step.show()

    def _look_is_over(self) -> None:
        for part in (self._progress, self._step, self.notice, self.again):
            part.hide()

    # ---- what the user does

    def _ask_later(self) -> None:
        self._forget_plan()
        self._later.start()
        self._follow()

    # ---- where things are

    def _lay_out(self) -> None:
        self.setWindowTitle(self.tr("Push"))
        self.heading.setText(self.tr("Push to a hub or a remote"))
        self.resize(200 * GRID, 165 * GRID)
        self.set_default(self.push)
        self.again.setAutoDefault(False)
        self.body.addWidget(self.form)
        failure = QHBoxLayout()
        failure.setSpacing(3 * GRID)
        failure.addWidget(self.notice, 1)
        failure.addWidget(self.again)
        looking = QHBoxLayout()
        looking.setSpacing(3 * GRID)
        looking.addWidget(self._progress)
        looking.addWidget(self._step, 1)
        self._progress.setAccessibleName(self.tr("Looking at what is there"))
        self._notes.setSpacing(2 * GRID)
        self.body.addLayout(failure)
        self.body.addLayout(looking)
        self.body.addWidget(self.place)
        self.body.addWidget(self.files, 1)
        self.body.addWidget(self.totals)
        self.body.addWidget(self.secrets)
        self.body.addLayout(self._notes)
        for part in (self.notice, self.again, self._progress, self._step):
            part.hide()
        self.form.name.setFocus()

    def _connect(self) -> None:
        self._later.timeout.connect(self.ask)
        self.again.clicked.connect(self.ask)
        self.form.typed.connect(self._ask_later)
        self.form.changed.connect(self.ask)
        self.form.profile_changed.connect(lambda _: self.ask_who())
        self.form.visibility.currentIndexChanged.connect(lambda _: self._follow())
        self.files.toggled.connect(lambda _: self._follow())
        self.secrets.changed.connect(self._follow)

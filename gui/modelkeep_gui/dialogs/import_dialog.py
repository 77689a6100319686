"""The preview of an import: which models come, what the cache makes of them, what they cost, what is to decide."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from modelkeep.archive.import_choice import choose
from modelkeep.archive.import_plan import ImportItem, ImportPlan
from modelkeep.errors import ModelKeepError
from modelkeep.rows import RootView
from modelkeep.text import size_text
from modelkeep_gui.dialogs.disk_room import DiskRoom
from modelkeep_gui.dialogs.import_choices import ImportChoices, identity
from modelkeep_gui.dialogs.import_details import ImportDetails
from modelkeep_gui.dialogs.import_start import ImportReading, ImportStart
from modelkeep_gui.dialogs.import_table import ImportTable
from modelkeep_gui.dialogs.import_text import button_text, is_dangerous, name_problem, summary
from modelkeep_gui.dialogs.import_trust import TrustChoice, is_public_key
from modelkeep_gui.dialogs.root_choice import RootChoice
from modelkeep_gui.dialogs.safety_text import dangers
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.drops import local_files
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.progress_line import ProgressLine

if TYPE_CHECKING:
    from modelkeep.archive.minisign import PublicKey

__all__ = ["ImportDialog", "ImportRequest"]

_PAUSE = 400  # milliseconds after the last key of a name, before its plan is asked for
_START, _READING, _MODELS = range(3)


@dataclass(frozen=True)
class ImportRequest:
    """What the dialog wants to know the plan of: `sources` into `root` ("" for the first one).

    `names` are what the user calls models that have no name, by their source. What other content the cache has under
    the same commit is to be planned as a replacement: whether it is one, the user says. With `trusted` keys, one of
    them has to have signed what is imported.
    """

    root: str
    sources: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = ()
    trusted: tuple[PublicKey, ...] = ()


class ImportDialog(Sheet):
    """Opens before anything was read, and shows a plan when there is one. Its `answer` counts once it was accepted.

    Signals:
        replan_requested: the `ImportRequest` whose plan `set_plan` is to bring.
    """

    replan_requested = Signal(object)

    def __init__(
        self, roots: Sequence[RootView], sources: Iterable[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__("", "import", "accent", parent)
        self._sources = tuple(dict.fromkeys(map(os.path.abspath, sources)))
        self._choices = ImportChoices()
        self._plan: ImportPlan | None = None
        self._answer: ImportPlan | None = None
        self._is_reading = bool(self._sources)
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self.root = RootChoice()
        self.room = DiskRoom()
        self.trust = TrustChoice()
        self.add = QPushButton(icon("plus"), self.tr("&Add"))
        self.notice = TonedNotice()
        self.start = ImportStart()
        self.reading = ImportReading()
        self.table = ImportTable()
        self.details = ImportDetails()
        self._pages = QStackedWidget()
        self._bar = ProgressLine()
        self._status = ElidedLabel()
        self.import_ = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self.set_roots(roots)
        self._connect()
        self._follow()

    # ---- what the operation asks and tells

    @property
    def request(self) -> ImportRequest:
        """What is to be planned as it stands now."""
        return ImportRequest(self.root.root, self._sources, self._choices.valid_names, self.trust.keys)

    @property
    def answer(self) -> ImportPlan:
        """The plan of what the user wants."""
        assert self._answer is not None, "without a plan nothing can be accepted"
        return self._answer

    @property
    def allowed(self) -> tuple[str, ...]:
        """The names of the dangerous models in the answer, each of which the user typed."""
        return tuple(item.key.repo_id for item in self.answer.items if item.key and is_dangerous(item))

    @property
    def is_busy(self) -> bool:
        """Whether archives are being read, or will be as soon as a name is typed."""
        return self._is_reading or self._later.isActive()

    @property
    def status(self) -> str:
        """What is said beneath the table."""
        return self._status.text()

    def set_roots(self, views: Sequence[RootView]) -> None:
        """Offer these caches, as far as they can be written to. The chosen one stays chosen."""
        self.root.show_roots(views)
        if views and not self.root.root:
            self._say(self.tr("No cache can be written to. Add one in the preferences."))

    def add_sources(self, paths: Iterable[str]) -> None:
        """Look at more archives or folders. What is a public key by its name is one to trust."""
        paths = list(paths)
        if keys := [path for path in paths if is_public_key(path)]:
            self.trust.add(keys)
        others = (os.path.abspath(path) for path in paths if path not in keys)
        sources = tuple(dict.fromkeys((*self._sources, *others)))
        if sources != self._sources:
            self._sources = sources
            self._ask()

    def set_plan(self, plan: ImportPlan, *, is_all: bool = True) -> None:
        """Show what importing would do. Unless it `is_all`, more of it follows."""
        is_first = self._plan is None
        self._plan = plan
        self._is_reading = not is_all
        are_proposed = self._choices.propose(plan.items)
        self._follow()
        if is_first:
            (self.details.name.field if self.details.wants_name else self.table).setFocus()
        if are_proposed:
            self._ask()

    def show_progress(self, source: str, done: int) -> None:
        """Show that `source` is being read, and that so many bytes of it were."""
        name = os.path.basename(source)
        read = self.tr("{} read").format(size_text(done)) if done else ""
        self.reading.show_progress(name, read)
        self._status.setText(" · ".join(filter(None, (self.tr("Reading archives…"), name, read))))

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self._is_reading = False
        self._say(" ".join(filter(None, (str(error), error.hint))))
        self._follow()

    # ---- what the user does

    def choose_files(self) -> None:
        """Ask for archives."""
        dialog = QFileDialog(self, self.tr("Import archives"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        archives = self.tr("Archives") + " (*.zip *.zip.001 *.tar *.tar.gz *.tgz *.tar.zst)"
        dialog.setNameFilters([archives, self.tr("All files") + " (*)"])
        dialog.filesSelected.connect(self.add_sources)
        dialog.open()

    def choose_folder(self) -> None:
        """Ask for a folder: an unpacked archive, a clone, a bundle."""
        dialog = QFileDialog(self, self.tr("Import a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.add_sources([folder]))
        dialog.open()

    def _toggle(self, item: ImportItem) -> None:
        if self._choices.is_blocked(item):
            self._ask_to_allow(item)
        else:
            self._choices.toggle(item)
            self._follow()

    def _ask_to_allow(self, item: ImportItem) -> None:
        from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog

        assert item.key is not None, "who has no name cannot be imported at all"
        findings = dangers(item.safety) if item.safety else []
        dialog = AllowUnsafeDialog(item.key.repo_id, self.tr("import"), findings, self)
        dialog.accepted.connect(lambda: self._allow(item))
        dialog.open()

    def _allow(self, item: ImportItem) -> None:
        self._choices.allow(item)
        self._follow()

    def _request_allowing(self) -> None:
        if item := self.table.current:
            self._ask_to_allow(item)

    def _decide(self, replaces: bool) -> None:
        item = self.table.current
        if item is not None and replaces != self._choices.is_wanted(item):
            self._toggle(item)

    def _name(self, text: str) -> None:
        item = self.table.current
        if item is None:
            return
        self._choices.names[item.source] = text
        if name_problem(text):
            self._later.stop()
        else:
            self._later.start()
        self._follow()

    # ---- what follows from it

    def _ask(self) -> None:
        self._later.stop()
        self.notice.hide()
        if self._sources:
            self._is_reading = True
            self._status.setText(self.tr("Reading archives…"))
            self._follow()
            self.replan_requested.emit(self.request)

    def _follow(self) -> None:
        """Bring everything to what was planned and decided."""
        self._answer = choose([self._plan], self._choices.is_wanted) if self._plan else None
        wanted = {identity(item): item for item in self._answer.items} if self._answer else {}
        # With the figures that they have in the answer: there a content that several bring is counted once.
        items = [wanted.get(identity(item), item) for item in self._plan.items] if self._plan else []
        self.table.show_items(items, wanted)
        self._show_details()
        if self._answer:
            self.room.show_room(self._answer.bytes_needed, self._answer.free, self._answer.reserve)
        self._show_state(items)

    def _show_state(self, items: Sequence[ImportItem]) -> None:
        page = _MODELS if items else _READING if self._is_reading else _START
        self._pages.setCurrentIndex(page)
        self.add.setVisible(page != _START)
        self._bar.setVisible(self.is_busy and page == _MODELS)
        self._status.setVisible(page == _MODELS)
        answer = self._answer
        if answer and not self.is_busy:
            self._status.setText(summary(items, {identity(item) for item in answer.items}))
        size = answer.bytes_needed if answer else 0
        self.import_.setText(button_text(len(answer.items) if answer else 0, size))
        can = bool(answer and answer.items and answer.fits and self.root.root)
        self.import_.setEnabled(can and not self.is_busy)

    def _show_details(self) -> None:
        item = self.table.current
        if item is None:
            self.details.show_item(None)
        else:
            name = self._choices.names.get(item.source)
            self.details.show_item(
                item,
                name,
                is_wanted=self._choices.is_wanted(item),
                is_blocked=self._choices.is_blocked(item),
            )

    def _say(self, text: str) -> None:
        self.notice.say(text, "damaged", "bad")
        self.notice.show()

    # ---- where things are

    def _lay_out(self) -> None:
        self.setWindowTitle(self.tr("Import models"))
        self.heading.setText(self.tr("Import models"))
        self.setAcceptDrops(True)
        self.resize(240 * GRID, 165 * GRID)
        self.set_default(self.import_)
        self.notice.hide()
        self.body.addLayout(self._target_line())
        self.body.addWidget(self.trust)
        self.body.addWidget(self.notice)
        models = QWidget()
        column = QVBoxLayout(models)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * GRID)
        column.addWidget(self.table)
        column.addWidget(self.details, 1)
        for page in (self.start, self.reading, models):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages, 1)
        status = QHBoxLayout()
        status.setSpacing(2 * GRID)
        status.addWidget(self._bar)
        status.addWidget(self._status, 1)
        self.body.addLayout(status)

    def _target_line(self) -> QHBoxLayout:
        label = QLabel(self.tr("In&to"))
        label.setBuddy(self.root)
        self.root.setAccessibleName(self.tr("Cache to import into"))
        menu = QMenu(self)
        menu.addAction(self.tr("&Files…"), self.choose_files)
        menu.addAction(self.tr("F&older…"), self.choose_folder)
        self.add.setMenu(menu)
        self.add.setAutoDefault(False)
        self.room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(label)
        line.addWidget(self.root)
        line.addSpacing(2 * GRID)
        line.addWidget(self.room, 1)
        line.addStretch()
        line.addWidget(self.add)
        return line

    def _connect(self) -> None:
        self.root.root_chosen.connect(lambda _: self._ask())
        self.trust.changed.connect(lambda _: self._ask())
        self._later.timeout.connect(self._ask)
        self.start.files_wanted.connect(self.choose_files)
        self.start.folder_wanted.connect(self.choose_folder)
        self.table.chosen.connect(lambda _: self._show_details())
        self.table.toggled.connect(self._toggle)
        self.details.named.connect(self._name)
        self.details.decided.connect(self._decide)
        self.details.allow.clicked.connect(lambda _: self._request_allowing())

    # ---- files dropped from elsewhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.add_sources(files)

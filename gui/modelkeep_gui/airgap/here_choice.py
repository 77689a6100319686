"""The first step of the isolated side: which caches it tells of, by what name, and into which file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from modelkeep.cache.inventory import RootState
from modelkeep.rows import RootView
from modelkeep.text import size_text
from modelkeep_gui.airgap.text import count_models
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption, remark
from modelkeep_gui.widgets.notice import Notice

__all__ = ["HereChoice", "HereRequest"]

_LONGEST = 100  # characters of the name of a site


@dataclass(frozen=True)
class HereRequest:
    """What is to be written, and where to."""

    roots: tuple[str, ...]
    name: str
    path: Path


class HereChoice(QWidget):
    """Asks for it.

    Signals:
        changed: anything of it.
    """

    changed = Signal()

    def __init__(
        self, views: Sequence[RootView], name: str, path: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = QLineEdit(name)
        self.file = QLineEdit(path)
        self.browse = QPushButton(icon("folder"), self.tr("B&rowse…"))
        self.roots = [_Root(view) for view in views]
        self.wait = PlanWait()
        self.wait.again.hide()
        self._lay_out()
        self._connect()
        self._follow()

    @property
    def request(self) -> HereRequest:
        path = Path(self.file.text().strip()).expanduser()
        roots = tuple(root.path for root in self.roots if root.isChecked())
        return HereRequest(roots, self.name.text().strip(), path)

    @property
    def is_decided(self) -> bool:
        """Whether it can be written as it stands."""
        return not self._name_problem and not self._file_problem and bool(self.request.roots)

    @property
    def _name_problem(self) -> str:
        name = self.name.text()
        if len(name) > _LONGEST or not name.isprintable():
            return self.tr("The name of a site is one line of {} characters at most.").format(_LONGEST)
        return ""

    @property
    def _file_problem(self) -> str:
        path = self.request.path
        if not self.file.text().strip() or path.is_dir():
            return self.tr("Name the file, such as here.json.")
        return ""

    def _follow(self) -> None:
        self._name.say(self._name_problem)
        problem = self._file_problem
        if not problem and self.request.path.exists():
            self._file.say(self.tr("It is there already, and is replaced."), tone="warn")
        else:
            self._file.say(problem)
        self._none.setVisible(not self.request.roots)
        self.wait.end()
        self.changed.emit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Write what is here to"), self.file.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # which is said beneath the field
        dialog.setNameFilters([self.tr("Inventories") + " (*.json *.json.gz)", self.tr("All files") + " (*)"])
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(self.file.setText)
        dialog.fileSelected.connect(lambda _: self._follow())
        dialog.open()

    def _lay_out(self) -> None:
        self.name.setAccessibleName(self.tr("Name of this site"))
        self.name.setPlaceholderText(self.tr("Such as “site B”; without one it says nothing of where it is"))
        self.file.setAccessibleName(self.tr("File to write"))
        self.browse.setAutoDefault(False)
        self._name = NotedField(self.name)
        self._file = NotedField(self.file, self.browse)
        caches = QWidget()
        column = QVBoxLayout(caches)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for root in self.roots:
            column.addWidget(root)
        column.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(caches)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName(self.tr("Caches"))
        scroll.setFocusPolicy(self.focusPolicy())
        scroll.setMinimumHeight(16 * GRID)
        self._none = Notice(
            self.tr("Choose a cache: without one there is nothing to tell of."), "warning", "warn"
        )
        form = FieldForm()
        form.add(self.tr("Na&me"), self._name)
        form.add(self.tr("&File"), self._file)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(
            remark(
                self.tr(
                    "A small file tells the connected side what is here, so that it packs only what is missing. It "
                    "has names of models, their commits, and sizes and checksums of contents; no paths, no notes, no "
                    "name of this machine or its users."
                )
            )
        )
        layout.addLayout(form)
        layout.addWidget(caption(self.tr("Caches")))
        layout.addWidget(scroll, 1)
        layout.addWidget(self._none)
        layout.addWidget(self.wait)
        self.setFocusProxy(self.name)

    def _connect(self) -> None:
        for field in (self.name, self.file):
            field.textEdited.connect(lambda _: self._follow())
        for root in self.roots:
            root.toggled.connect(lambda _: self._follow())
        self.browse.clicked.connect(self._choose)


class _Root(QCheckBox):
    """A cache, ticked unless it cannot be read."""

    def __init__(self, view: RootView) -> None:
        can = view.state in (RootState.READY, RootState.READ_ONLY)
        about = f"{count_models(view.models)}, {size_text(view.models_on_disk)}" if can else view.message
        super().__init__(f"{view.name.replace('&', '&&')} · {about}")
        self.path = view.path
        self.setToolTip(view.path)
        self.setChecked(can and view.models > 0)
        self.setEnabled(can)

"""Which files of a model come: a tree with ticks, quick choices above it, and what the choice adds up to beneath."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.text import size_text
from modelkeep_gui.dialogs.download_choice import (
    by_globs,
    chosen_paths,
    globs,
    quantisations,
    with_quantisation,
)
from modelkeep_gui.dialogs.download_files import FileTree
from modelkeep_gui.dialogs.download_text import summary
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel

__all__ = ["FilePicker", "QuietField"]

_PAUSE = 200  # milliseconds after the last key of a pattern


class QuietField(QLineEdit):
    """A line in which Enter is its own, and never presses the default button of a dialog.

    Signals:
        entered: None; Enter was pressed.
    """

    entered = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(None)
            return
        super().keyPressEvent(event)


class FilePicker(QWidget):
    """Shows the files of a plan and has them chosen.

    Signals:
        chosen: the paths (frozenset) that are wanted now.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: DownloadPlan | None = None
        self._recommended: frozenset[str] = frozenset()
        self.tree = FileTree()
        self.recommended = _button(self.tr("&Recommended"), self._choose_recommended)
        self.recommended.setToolTip(self.tr("One copy of the weights, the safest, with all that loads them"))
        self.everything = _button(self.tr("&Everything"), self._choose_everything)
        self.none = _button(self.tr("&None"), lambda: self.chosen.emit(frozenset()))
        self.quantisation = QComboBox()
        self.include = self._pattern_field("*.safetensors *.json", self.tr("Only files that match"))
        self.exclude = self._pattern_field("*.bin onnx/*", self.tr("Leave out files that match"))
        self._quantisation_label = QLabel(self.tr("&Quantisation"))
        self._summary = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._later.timeout.connect(self._choose_by_patterns)
        self.tree.rows.toggled.connect(self.chosen)
        self.quantisation.activated.connect(lambda _: self._choose_quantisation())
        self.include.entered.connect(lambda _: self._choose_by_patterns())
        self.exclude.entered.connect(lambda _: self._choose_by_patterns())
        self._lay_out()

    @property
    def summary(self) -> str:
        """What is said beneath the files."""
        return self._summary.text()

    @property
    def patterns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is typed to take, and to leave out."""
        return globs(self.include.text()), globs(self.exclude.text())

    def begin(self, plan: DownloadPlan, recommended: frozenset[str]) -> None:
        """Show the files of another model or revision, of which these are chosen unless the user says otherwise."""
        self._recommended = recommended
        for field in (self.include, self.exclude):
            field.clear()
        self._later.stop()
        self.show_plan(plan)

    def show_plan(self, plan: DownloadPlan) -> None:
        """Show what is chosen now."""
        self._plan = plan
        self.tree.show_plan(plan)
        self._summary.setText(summary(plan))
        self._show_quantisations(plan)

    def _show_quantisations(self, plan: DownloadPlan) -> None:
        found = quantisations(plan.files, plan.fit)
        can_choose = len(found) > 1
        self.quantisation.setVisible(can_choose)
        self._quantisation_label.setVisible(can_choose)
        if not can_choose:
            return
        names = [one.name for one in found]
        if [self.quantisation.itemData(row) for row in range(self.quantisation.count())] != names:
            self.quantisation.clear()
            for one in found:
                self.quantisation.addItem("", one.name)
        for row, one in enumerate(found):
            self.quantisation.setItemText(row, f"{one.name} · {size_text(one.size)}")
            if plan.fit is None or not one.run:
                continue
            room = max(plan.fit.ram_free, plan.fit.gpu_free)
            fits = one.run <= room
            self.quantisation.setItemIcon(row, icon("whole", "good") if fits else icon("warning", "warn"))
            text = self.tr("takes about {} of memory, {} free").format(size_text(one.run), size_text(room))
            self.quantisation.setItemData(row, text, Qt.ItemDataRole.ToolTipRole)
            words = self.tr("fits") if fits else self.tr("does not fit")
            self.quantisation.setItemText(row, f"{one.name} · {size_text(one.size)} · {words}")
        taken = {
            file.group.rpartition(":")[2] for file in plan.chosen if file.group.startswith("weights:gguf:")
        }
        self.quantisation.setCurrentIndex(names.index(taken.pop()) if len(taken) == 1 else -1)

    # ---- the quick choices

    def _choose_recommended(self) -> None:
        self.chosen.emit(self._recommended)

    def _choose_everything(self) -> None:
        if self._plan:
            self.chosen.emit(frozenset(file.path for file in self._plan.files))

    def _choose_quantisation(self) -> None:
        if self._plan:
            name = self.quantisation.currentData()
            self.chosen.emit(with_quantisation(self._plan, chosen_paths(self._plan), name))

    def _choose_by_patterns(self) -> None:
        self._later.stop()
        if self._plan:
            include, exclude = self.patterns
            both = include or exclude
            self.chosen.emit(by_globs(self._plan, include, exclude) if both else self._recommended)

    # ---- where things are

    def _pattern_field(self, example: str, name: str) -> QuietField:
        field = QuietField()
        field.setPlaceholderText(example)
        field.setAccessibleName(name)
        field.setToolTip(self.tr("Patterns with * and ?, parted by blanks; they go over folders too."))
        field.setClearButtonEnabled(False)
        field.textEdited.connect(lambda _: self._later.start())
        return field

    def _lay_out(self) -> None:
        self.quantisation.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.quantisation.setAccessibleName(self.tr("Quantisation"))
        self._quantisation_label.setBuddy(self.quantisation)
        quick = QHBoxLayout()
        quick.setSpacing(2 * GRID)
        for part in (self.recommended, self.everything, self.none):
            quick.addWidget(part)
        quick.addStretch()
        quick.addWidget(self._quantisation_label)
        quick.addWidget(self.quantisation)
        patterns = QHBoxLayout()
        patterns.setSpacing(2 * GRID)
        for text, field in ((self.tr("On&ly"), self.include), (self.tr("Lea&ve out"), self.exclude)):
            label = QLabel(text)
            label.setBuddy(field)
            patterns.addWidget(label)
            patterns.addWidget(field, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(quick)
        layout.addLayout(patterns)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._summary)


def _button(text: str, pressed: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _: pressed())
    return button

"""What a remote says of the model that is chosen: facts and lineage, revisions, how main came to be, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.remote.values import ManifestFile
from modelkeep.rows import ModelRow
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.details.counted_tabs import CountedTabs
from modelkeep_gui.details.lineage import LineageTree, relatives
from modelkeep_gui.details.overview import Facts
from modelkeep_gui.remotes.columns import where_sign, where_text
from modelkeep_gui.remotes.facts import history_steps, remote_sections, remote_warnings, revision_steps
from modelkeep_gui.remotes.steps import Steps
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import caption, heading
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn
from modelkeep_gui.widgets.sign import Sign
from modelkeep_gui.widgets.state_page import StatePage

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteDetails

__all__ = ["RemotePane"]

_REVISIONS, _HISTORY, _FILES = 1, 2, 3


class RemotePane(QFrame):
    """Shows what it is told. The tab that was looked at stays, whichever model is chosen.

    Signals:
        revision_chosen: the commit (str) of a revision to look at.
        relative_chosen: the key (str) of a model in the lineage.
    """

    revision_chosen = Signal(object)
    relative_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = Sign()
        self._name = heading("")
        self._where = ElidedLabel(muted=True)
        self.facts = Facts()
        self._family = caption(self.tr("Lineage"))
        self.lineage = LineageTree()
        self.revisions = Steps(self.tr("Revisions"), self.tr("No revision is there."))
        self.history = Steps(self.tr("History of main"), self.tr("The remote keeps no history."))
        self.files = PlainTable(self.tr("Files"), self._columns())
        self.tabs = CountedTabs()
        self.state = StatePage()
        self._lay_out()
        self.revisions.chosen.connect(self.revision_chosen)
        self.lineage.chosen.connect(self.relative_chosen)
        self.show_nothing()

    def show_nothing(self, text: str = "") -> None:
        """Nothing is chosen, or several models."""
        self._head.hide()
        self._say(text or self.tr("Select a model to see what the remote says of it."))

    def show_waiting(self, row: ModelRow) -> None:
        """Say that a model is being asked about; a model that is shown already stays until the answer comes."""
        is_new = self._name.text() != row.repo_id or self._pages.currentWidget() is not self.tabs
        self._show_head(row)
        if is_new:
            self._say(self.tr("Asking the remote…"), is_busy=True)

    def show_only_here(self, row: ModelRow) -> None:
        """The remote has not got it."""
        self._show_head(row)
        self._say(self.tr("The remote has not got this model. Push it to share it there."), name="here")

    def show_failure(self, row: ModelRow, text: str, hint: str) -> None:
        """Say why nothing is known of it."""
        self._show_head(row)
        self._say(text, hint, name="warning", tone="warn")

    def show_details(self, row: ModelRow, details: RemoteDetails, is_known: Callable[[str], bool]) -> None:
        """Show all of it; `is_known` says of a key whether one can go to it."""
        manifest = details.manifest
        self._show_head(row)
        self.facts.show_facts(remote_warnings(details), remote_sections(details))
        family = relatives(str(manifest.key), manifest.lineage, details.children, details.line)
        self.lineage.set_relatives(family, is_known)
        for part in (self._family, self.lineage):
            part.setVisible(bool(family))
        self.revisions.set_steps(revision_steps(details.model.revisions), manifest.commit)
        self.history.set_steps(history_steps(details.history))
        self.files.set_values(manifest.files)
        for tab, count in (
            (_REVISIONS, len(details.model.revisions)),
            (_HISTORY, len(details.history)),
            (_FILES, len(manifest.files)),
        ):
            self.tabs.set_count(tab, count)
        self._pages.setCurrentWidget(self.tabs)

    # ---- within

    def _show_head(self, row: ModelRow) -> None:
        self._head.show()
        self._name.setText(row.repo_id)
        self._where.setText(where_text(row))
        sign = where_sign(row)
        if sign is not None:
            self._sign.show_icon(sign.icon, sign.tone)

    def _say(
        self, text: str, hint: str = "", *, name: str = "model", tone: str = "muted", is_busy: bool = False
    ) -> None:
        self.state.say(text, hint, name=name, tone=tone, is_busy=is_busy)
        self._pages.setCurrentWidget(self.state)

    def _columns(self) -> tuple[TableColumn[ManifestFile], ...]:
        return (
            TableColumn(
                self.tr("File"),
                lambda file: file.path,
                lambda file: file.path.casefold(),
                18,
                tooltip=lambda file: "\n".join(filter(None, (file.path, file.sha256 or file.etag))),
            ),
            TableColumn(
                self.tr("Size"),
                lambda file: size_text(file.size),
                lambda file: file.size,
                9,
                tooltip=lambda file: exact_size_text(file.size),
                is_figure=True,
            ),
            TableColumn(
                self.tr("SHA-256"),
                lambda file: file.sha256[:8],
                lambda file: file.sha256,
                9,
                tooltip=lambda file: file.sha256,
            ),
        )

    def _lay_out(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setMinimumWidth(68 * GRID)
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(4 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        head.setSpacing(GRID)
        where = QHBoxLayout()
        where.setSpacing(2 * GRID)
        where.addWidget(self._sign)
        where.addWidget(self._where, 1)
        head.addWidget(self._name)
        head.addLayout(where)
        self.tabs.tabBar().setAccessibleName(self.tr("What the remote says"))
        self.tabs.add(self._make_overview(), self.tr("Overview"))
        self.tabs.add(self.revisions, self.tr("Revisions"))
        self.tabs.add(self.history, self.tr("History"))
        self.tabs.add(self.files, self.tr("Files"))
        self._pages = QStackedWidget()
        for page in (self.state, self.tabs):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self._pages, 1)

    def _make_overview(self) -> QScrollArea:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(2 * GRID)
        for part in (self.facts, QLabel(), self._family, self.lineage):
            column.addWidget(part)
        column.addStretch()
        area = QScrollArea(widgetResizable=True)
        area.setWidget(body)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(self.tr("Overview"))
        return area

"""The fifth tab: what is known of what is in the revision's files, and what can be done about it."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.details import ModelDetails
from modelkeep.rows import Selection
from modelkeep.safety.verdict import ModelVerdict
from modelkeep.text import time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs.safety_findings import FindingsList
from modelkeep_gui.dialogs.safety_text import (
    advice,
    filter_text,
    known_before_scanning,
    lines,
    pickles_of,
    report,
    scanner_text,
    sign,
    summary,
)
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.labels import remark

__all__ = ["Safety"]

_MINUTE = 60


class Safety(QWidget):
    """The verdict with when and by what it was found, the findings, and what helps.

    Signals:
        scan_requested: the `Selection` of the revision.
        convert_requested: the `Selection` of the revision.
    """

    scan_requested = Signal(object)
    convert_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._place = Selection("", "")
        self._verdict: ModelVerdict | None = None
        self._notice = TonedNotice()
        self._advice = remark("")
        self._scanned = remark("")
        self._filter = remark(filter_text())
        self.findings = FindingsList(self.tr("Findings"))
        self.scan = QPushButton(icon("shield"), "")
        self.scan.setAutoDefault(False)
        self.scan.clicked.connect(lambda: self.scan_requested.emit(self._place))
        self.convert = QPushButton(icon("convert"), self.tr("Convert to safetensors…"))
        self.convert.setAutoDefault(False)
        self.convert.clicked.connect(lambda: self.convert_requested.emit(self._place))
        self.copy = CopyButton(
            self.tr("Copy what was found"),
            lambda: report([(self._name, self._verdict)]) if self._verdict else "",
        )
        self._lay_out()

    def set_details(self, details: ModelDetails) -> None:
        """Show what is known of the revision that the details are of."""
        self._name = details.row.repo_id
        self._place = Selection(
            details.row.root, f"{details.row.key}@{details.commit}" if details.commit else details.row.key
        )
        self._verdict = verdict = details.trusted.safety
        names = [file.name for file in details.files]
        if verdict is None:
            self._show_unknown(names)
        else:
            self._show_verdict(verdict)
        self.scan.setVisible(bool(details.commit))
        self.copy.setVisible(verdict is not None)
        self.convert.setVisible(bool(details.commit and pickles_of(names)))

    @property
    def texts(self) -> list[str]:
        """What is said, from top to bottom."""
        said = (self._notice.text, self._advice.text(), self._scanned.text(), self._filter.text())
        return [text for text in said if text]

    def _show_unknown(self, names: list[str]) -> None:
        self._notice.say(self.tr("Nobody has scanned this revision yet."), "unproven", "muted")
        self._advice.setText(self.tr("A scan reads its files and loads none of them."))
        self._advice.show()
        self._scanned.hide()
        self._scanned.setText("")
        self.scan.setText(self.tr("Scan now"))
        self.findings.set_findings(known_before_scanning(names))
        self.findings.set_placeholder("")

    def _show_verdict(self, verdict: ModelVerdict) -> None:
        self._notice.say(summary(verdict), *sign(verdict.verdict))
        self._advice.setText(advice(verdict.verdict))
        self._advice.setVisible(bool(self._advice.text()))
        self._scanned.setText(self._scanned_text(verdict))
        self._scanned.setToolTip(time_text(verdict.scanned_at))
        self._scanned.show()
        self.scan.setText(self.tr("Scan again"))
        self.findings.set_findings(lines(verdict))
        self.findings.set_placeholder(self.tr("No finding in any file."))

    def _scanned_text(self, verdict: ModelVerdict) -> str:
        seconds, scanners = time.time() - verdict.scanned_at, scanner_text(verdict)
        if seconds < _MINUTE:
            return self.tr("Scanned just now by {}").format(scanners)
        return self.tr("Scanned {} ago by {}").format(age_text(seconds), scanners)

    def _lay_out(self) -> None:
        # One above the other: side by side they would be wider than the pane may become.
        buttons = QGridLayout()
        buttons.setSpacing(2 * GRID)
        buttons.setColumnStretch(1, 1)
        buttons.addWidget(self.scan, 0, 0)
        buttons.addWidget(self.copy, 0, 2)
        buttons.addWidget(self.convert, 1, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
        above = QVBoxLayout()
        above.setContentsMargins(4 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        above.setSpacing(2 * GRID)
        for part in (self._notice, self._advice, self._scanned):
            above.addWidget(part)
        above.addLayout(buttons)
        self._filter.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 2 * GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(above)
        layout.addWidget(self.findings, 1)
        layout.addWidget(self._filter)

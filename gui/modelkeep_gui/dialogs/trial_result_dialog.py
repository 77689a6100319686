"""What came of loading a model for trial."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QLabel, QPlainTextEdit, QWidget

from modelkeep.checking.trial import TrialLoad
from modelkeep_gui.dialogs import trial_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import fixed_font, remark, value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["TrialResultDialog"]


class TrialResultDialog(Sheet):
    """Says whether it loads, what was loaded and what that took, or why it does not."""

    def __init__(self, result: TrialLoad, parent: QWidget | None = None) -> None:
        icon, tone = ("whole", "good") if result.works else ("damaged", "bad")
        super().__init__(trial_text.heading(result), icon, tone, parent)
        self.setMinimumWidth(125 * GRID)
        self._result = result
        if result.works:
            self._add_what_was_loaded()
        else:
            self.body.addWidget(value(result.error))
            if result.hint:
                self.body.addWidget(remark(result.hint))
        self._add_addresses()
        self._add_log()
        self.body.addStretch()
        role = QDialogButtonBox.ButtonRole
        self.copy = self.add_button(self.tr("C&opy"), role.ActionRole, icon_name="copy")
        self.copy.clicked.connect(self._copy)
        self.close_button = self.add_button(self.tr("&Close"), role.RejectRole)
        self.set_default(self.close_button)

    def _add_what_was_loaded(self) -> None:
        result = self._result
        form = QFormLayout()
        form.setHorizontalSpacing(4 * GRID)
        form.setVerticalSpacing(GRID)
        form.addRow(_label(self.tr("Loaded")), value("\n".join(result.loaded)))
        form.addRow(_label(self.tr("Took")), value(trial_text.cost_text(result)))
        self.body.addLayout(form)
        if result.with_code:
            self.body.addWidget(Notice(self.tr("It ran code of its own, as you allowed."), "code", "warn"))

    def _add_addresses(self) -> None:
        tried = self._result.tried
        if not tried:
            return
        if len(tried) == 1:
            text = self.tr("It wanted to reach {}, and could not.").format(tried[0])
            self.body.addWidget(Notice(text, "away", "warn"))
            return
        text = self.tr("It wanted to reach {} addresses, and could not.").format(f"{len(tried):,}")
        self.body.addWidget(Notice(text, "away", "warn"))
        lines = LineList(self.tr("Addresses"))
        lines.set_lines([(address, "") for address in tried])
        self.body.addWidget(Folded(self.tr("Addresses"), lines))

    def _add_log(self) -> None:
        if not self._result.log:
            return
        text = QPlainTextEdit("\n".join(self._result.log), readOnly=True)
        text.setFont(fixed_font())
        text.setAccessibleName(self.tr("What the process wrote last"))
        text.setTabChangesFocus(True)
        text.setMinimumHeight(30 * GRID)
        self.body.addWidget(Folded(self.tr("What the process wrote last"), text), 1)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(trial_text.report_text(self._result))
        self.copy.setText(self.tr("Copied"))


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label

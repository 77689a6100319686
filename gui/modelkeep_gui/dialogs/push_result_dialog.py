"""What a push did: what the hub has now, what was compared with it, and where its page is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QWidget

from modelkeep.hub.push_plan import PushResult
from modelkeep_gui.dialogs.push_text import result_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.folded import LineList
from modelkeep_gui.widgets.labels import caption, remark, value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["PushResultDialog"]


class PushResultDialog(Sheet):
    """Shows a `PushResult`. Files that the hub has otherwise than they were sent come first."""

    def __init__(self, result: PushResult, parent: QWidget | None = None) -> None:
        name, tone = ("warning", "warn") if result.differs else ("whole", "good")
        super().__init__(self.tr("Pushed to {}").format(result.plan.to.repo_id), name, tone, parent)
        self._url = result.pull_request_url or result.url
        self.setWindowTitle(self.tr("Push"))
        self.setMinimumWidth(120 * GRID)
        if result.differs:
            self._add_differences(result)
        self.body.addWidget(value(result_text(result)))
        if result.commit:
            self.body.addWidget(remark(self.tr("Commit {}").format(result.commit)))
        if self._url:
            self._add_page(is_request=bool(result.pull_request_url))
        self.body.addStretch()
        if self._url:
            self.open_page = self.add_button(
                self.tr("&Open the page"), QDialogButtonBox.ButtonRole.ActionRole
            )
            self.open_page.clicked.connect(self._open_page)
        self.close_button = self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self.set_default(self.close_button)

    def _add_differences(self, result: PushResult) -> None:
        count = len(result.differs)
        text = self.tr("1 file is not there as it was sent. Push again, or look at it there.")
        if count > 1:
            text = self.tr("{} files are not there as they were sent. Push again, or look at them there.")
            text = text.format(f"{count:,}")
        self.body.addWidget(TonedNotice(text, "damaged", "bad"))
        lines = LineList(self.tr("Files that differ"))
        lines.set_lines([(path, "") for path in result.differs])
        self.body.addWidget(lines)
        if result.verified:
            text = self.tr("1 other is there as it is here.")
            if result.verified > 1:
                text = self.tr("{} others are there as they are here.").format(f"{result.verified:,}")
            self.body.addWidget(Notice(text, "done", "good"))

    def _add_page(self, *, is_request: bool) -> None:
        title = self.tr("Pull request") if is_request else self.tr("Page")
        self.body.addWidget(caption(title))
        copy = CopyButton(self.tr("Copy the link"), lambda: self._url)
        copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(ElidedField(self._url, title), 1)
        line.addWidget(copy)
        self.body.addLayout(line)

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self._url))

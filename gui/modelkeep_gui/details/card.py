"""The second tab: the model's card. Nothing that a card names is ever loaded, from the network or from the disk."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QShowEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from modelkeep_gui.details.card_text import plain_markdown
from modelkeep_gui.theme import GRID, Colours, colours_of
from modelkeep_gui.widgets.labels import fixed_font
from modelkeep_gui.widgets.notice import Notice

__all__ = ["MOST", "Card"]

MOST = 100_000
"""Characters of a card that are shown: what is laid out in a tenth of a second."""

_MARKDOWN = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_CODE = int(QTextFormat.Property.BlockCodeFence.value)
_LANGUAGE = int(QTextFormat.Property.BlockCodeLanguage.value)
_QUOTE = int(QTextFormat.Property.BlockQuoteLevel.value)
_ALT = int(QTextFormat.Property.ImageAltText.value)
_SIZE = int(QTextFormat.Property.FontSizeAdjustment.value)
_OBJECT = "\ufffc"


class Card(QWidget):
    """Shows a card as a page of text. It is laid out when it is first looked at.

    Signals:
        link_activated: the address of a link that was clicked; it is not followed.
    """

    link_activated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = CardPage()
        self.page.anchorClicked.connect(lambda url: self.link_activated.emit(url.toString()))
        self._cut = Notice(
            self.tr("This card is very long: here is its beginning. All of it is in the file README.md.")
        )
        self._cut.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 2 * GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._cut)
        layout.addWidget(self.page, 1)
        self.set_card("")

    @property
    def is_cut(self) -> bool:
        """Whether not all of the card is shown."""
        return self._cut.isVisibleTo(self)

    def set_card(self, text: str) -> None:
        """Show a card, in Markdown; "" when there is none."""
        self._cut.setVisible(len(text) > MOST)
        if len(text) > MOST:
            text = text[: max(text.rfind("\n", 0, MOST), MOST // 2)]
        self.page.set_text(text)


class CardPage(QTextBrowser):
    """The text of a card."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._is_waiting = False
        self._worn: Colours | None = None
        self._document = _OfflineDocument(self)
        self.setAccessibleName(self.tr("Model card"))
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setPlaceholderText(self.tr("This model has no card."))
        self.highlighted.connect(lambda url: self.setToolTip(url.toString()))

    def set_text(self, text: str) -> None:
        """Show Markdown, as soon as the page is looked at."""
        if text != self._text:
            self._text = text
            self._lay_out_when_seen()

    def loadResource(self, type: int, name: QUrl | str) -> None:
        return None

    def showEvent(self, event: QShowEvent) -> None:
        if self._is_waiting:
            self._lay_out()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        is_ours = event.type() == QEvent.Type.PaletteChange and hasattr(self, "_document")
        if is_ours and self._worn != colours_of(self.palette()):
            self._lay_out_when_seen()  # a text carries its colours

    def _lay_out_when_seen(self) -> None:
        self._is_waiting = True
        if self.isVisible():
            self._lay_out()

    def _lay_out(self) -> None:
        self._is_waiting = False
        self._worn = colours_of(self.palette())
        before, self._document = self._document, _OfflineDocument(self)
        self._document.setDefaultFont(self.font())
        self._document.setDocumentMargin(4 * GRID)
        self._document.setIndentWidth(5 * GRID)
        self._document.setMarkdown(plain_markdown(self._text), _MARKDOWN)
        # Before anything is laid out: Qt would look for images that have no resource among the files.
        _replace_images(self._document)
        _dress(self._document, self._worn)
        self.setDocument(self._document)
        before.deleteLater()


class _OfflineDocument(QTextDocument):
    """A document that has nothing but its text. Qt's own reads local files where the view has no answer."""

    def loadResource(self, type: int, name: QUrl | str) -> None:
        return None


def _replace_images(document: QTextDocument) -> None:
    """Put the words for each image in its place."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    found = document.find(_OBJECT)
    while not found.isNull():
        shape = found.charFormat()
        words = str(shape.property(_ALT) or "")
        plain = QTextCharFormat()
        if shape.isAnchor():
            plain.setAnchor(True)
            plain.setAnchorHref(shape.anchorHref())
        found.insertText(words, plain)
        found = document.find(_OBJECT, found)
    cursor.endEditBlock()


def _dress(document: QTextDocument, colours: Colours) -> None:
    """Give headings, code, links and tables the looks of the theme."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for block in _blocks(document):
        shape = block.blockFormat()
        if shape.headingLevel():
            _dress_heading(cursor, block, shape.headingLevel())
        elif shape.hasProperty(_CODE) or shape.hasProperty(_LANGUAGE):
            _dress_code(cursor, block, colours)
        elif shape.hasProperty(_QUOTE):
            _dress_quote(cursor, block, colours)
    for table in list(_tables(document.rootFrame())):
        _dress_table(table, colours)
    cursor.endEditBlock()


def _dress_heading(cursor: QTextCursor, block: QTextBlock, level: int) -> None:
    size = QTextCharFormat()
    size.setProperty(_SIZE, max(0, 3 - level))
    around = QTextBlockFormat()
    around.setTopMargin(4 * GRID if block.blockNumber() else 0)
    around.setBottomMargin(2 * GRID)
    _merge(cursor, block, size, around)


def _dress_code(cursor: QTextCursor, block: QTextBlock, colours: Colours) -> None:
    font = QTextCharFormat()
    font.setFont(fixed_font(), QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesSpecifiedOnly)
    ground = QTextBlockFormat()
    ground.setBackground(QColor(colours.window))
    ground.setNonBreakableLines(False)  # in a narrow pane, lines that go on beneath are read, others are not
    _merge(cursor, block, font, ground)


def _dress_quote(cursor: QTextCursor, block: QTextBlock, colours: Colours) -> None:
    quiet = QTextCharFormat()
    quiet.setForeground(QColor(colours.muted))
    _merge(cursor, block, quiet, QTextBlockFormat())


def _dress_table(table: QTextTable, colours: Colours) -> None:
    look = table.format()
    look.setBorder(1)
    look.setBorderCollapse(True)
    look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    look.setBorderBrush(QBrush(QColor(colours.strong_line)))
    look.setCellPadding(GRID)
    look.setCellSpacing(0)
    look.setTopMargin(2 * GRID)
    look.setBottomMargin(2 * GRID)
    table.setFormat(look)
    head = (table.cellAt(0, column) for column in range(table.columns()))
    # Markdown has no table without a head, so people leave it empty.
    if table.rows() > 1 and all(cell.firstPosition() == cell.lastPosition() for cell in head):
        table.removeRows(0, 1)


def _merge(cursor: QTextCursor, block: QTextBlock, letters: QTextCharFormat, lines: QTextBlockFormat) -> None:
    cursor.setPosition(block.position())
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeCharFormat(letters)
    cursor.mergeBlockFormat(lines)


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _tables(frame: QTextFrame) -> Iterator[QTextTable]:
    for child in frame.childFrames():
        if isinstance(child, QTextTable):
            yield child
        yield from _tables(child)

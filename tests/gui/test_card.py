"""The model card: as Markdown alone, and as a page that loads nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QPixmap, QTextDocument, QTextTable
from pytestqt.qtbot import QtBot

from modelkeep_gui.details.card import MOST, Card, CardPage
from modelkeep_gui.details.card_text import plain_markdown
from modelkeep_gui.theme import DARK, palette_of


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("one<br>two", "one  \ntwo"),
        ("a <b>bold</b> <em>word</em>", "a **bold** *word*"),
        ('<a href="https://x.y/z">there</a>', "[there](<https://x.y/z>)"),
        ("<!-- nothing -->text<script>alert(1)</script>", "text"),
        ('<img src="logo.png" alt="our logo">', " our logo "),
        ("2 < 3 and <https://x.y>", "2 < 3 and <https://x.y>"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert plain_markdown(html) == markdown


def test_code_is_left_as_it_is() -> None:
    card = "`<b>` and\n\n```html\n<p>kept</p>\n```\n"
    assert plain_markdown(card) == card


def test_an_html_table_becomes_one_of_markdown() -> None:
    table = "<table><tr><th>Task</th><th>F1</th></tr><tr><td>a|b</td></tr></table>"
    assert plain_markdown(table).strip().splitlines() == ["| Task | F1 |", "|---|---|", r"| a\|b |  |"]


def test_a_huge_table_is_cut() -> None:
    table = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 5000
    lines = plain_markdown(f"{table}\nafter").splitlines()
    assert len(lines) < 1000
    assert lines[-3:] == ["| … |", "", "after"]


TAGS = [
    *(
        "<p>",
        "</p>",
        "<div align=center>",
        "</div>",
        "<br>",
        "<br/>",
        "<b>",
        "</b>",
        "<h2>",
        "</h2>",
        "<ul>",
        "<li>",
    ),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</tr>",
        "</table>",
        '<a href="x">',
        "</a>",
        "<img src=x>",
        "<details>",
    ),
    *("<summary>", "</summary>", "\n", "\n\n", "    ", "<unknown>", "</nothing"),
]


@given(st.lists(st.sampled_from(TAGS), max_size=12))
def test_no_word_of_a_card_is_lost(tags: list[str]) -> None:
    words = [f"word{number}" for number in range(len(tags) + 1)]
    card = "".join(f"{word} {tag}" for word, tag in zip(words, [*tags, ""]))
    document = QTextDocument()
    document.setMarkdown(plain_markdown(card), QTextDocument.MarkdownFeature.MarkdownNoHTML)
    shown = document.toPlainText()
    assert [word for word in words if word not in shown] == []


@given(st.text(alphabet="<>/!-`~|abtr= \n\"'", max_size=60))
def test_any_text_is_a_card(text: str) -> None:
    assert isinstance(plain_markdown(text), str)


# The page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(qtbot: QtBot) -> CardPage:
    page = CardPage()
    qtbot.addWidget(page)
    page.resize(400, 400)
    page.show()
    return page


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A web server of this machine that notes what it is asked for, in `asked`."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_card_asks_nobody_for_anything(
    page: CardPage, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(CardPage, "loadResource", lambda page, type, name: asked.append(str(name)))
    place = f"http://127.0.0.1:{server.server_port}"
    page.set_text(
        f'<img src="{place}/a.png"> ![words]({place}/b.png) <link rel="stylesheet" href="{place}/c.css">\n\n'
        f'<p style="background-image: url({place}/d.png)">text</p>\n\n<iframe src="{place}/e"></iframe>'
    )
    page.grab()
    assert asked == []
    assert server.asked == []  # type: ignore[attr-defined]
    assert "words" in page.toPlainText()


def test_a_card_reads_no_file_of_this_machine(page: CardPage, tmp_path: Path) -> None:
    picture = tmp_path / "red.png"
    pixmap = QPixmap(200, 200)
    pixmap.fill(QColor("red"))
    pixmap.save(str(picture))
    page.set_text(
        f'before ![one]({picture}) ![two](file://{picture}) <img src="{picture}" alt="three"> after'
    )
    image = page.grab().toImage()
    assert page.toPlainText().split() == ["before", "one", "two", "three", "after"]
    points = (image.pixelColor(x, y) for x in range(0, 400, 5) for y in range(0, 400, 5))
    assert QColor("red") not in points
    kind = int(QTextDocument.ResourceType.ImageResource.value)
    assert page.document().resource(kind, QUrl.fromLocalFile(str(picture))) is None


def test_a_link_is_told_and_not_followed(qtbot: QtBot) -> None:
    card = Card()
    qtbot.addWidget(card)
    card.resize(400, 300)
    card.show()
    card.set_card("[a link](https://somewhere.example/x) and more")
    place = card.page.cursorRect(card.page.textCursor()).center() + QPoint(8, 0)
    with qtbot.waitSignal(card.link_activated) as told:
        qtbot.mouseClick(card.page.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == ["https://somewhere.example/x"]
    assert card.page.source().isEmpty()
    assert "and more" in card.page.toPlainText()


def test_a_very_long_card_is_cut_and_says_so(qtbot: QtBot) -> None:
    card = Card()
    qtbot.addWidget(card)
    card.show()
    card.set_card("A line of a card.\n\n" * 60_000)
    assert card.is_cut
    assert 0 < len(card.page.toPlainText()) <= MOST
    card.set_card("Short")
    assert not card.is_cut


def test_the_empty_head_of_a_table_is_left_out(page: CardPage) -> None:
    page.set_text("| | |\n|---|---|\n| Licence | mit |\n\n| a | |\n|---|---|\n| 1 | 2 |")
    tables = [frame for frame in page.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert [table.rows() for table in tables] == [1, 2]


def test_a_card_is_laid_out_only_when_it_is_looked_at(qtbot: QtBot) -> None:
    card = Card()
    qtbot.addWidget(card)
    card.set_card("# Title")
    assert card.page.toPlainText() == ""
    card.show()
    assert card.page.toPlainText() == "Title"


def test_a_card_takes_on_other_colours(page: CardPage) -> None:
    page.set_text("```\ncode\n```")
    page.setPalette(palette_of(DARK))
    assert page.document().begin().blockFormat().background().color() == QColor(DARK.window)

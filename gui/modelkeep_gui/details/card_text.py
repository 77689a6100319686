"""Model cards as Markdown alone. Cards are full of HTML, which Qt's Markdown reader loses half of a text over.

What HTML says of a text (headings, emphasis, links, lists, tables) becomes the Markdown for it, what only says how it
should look goes, and so does what is no text at all: scripts, styles, comments. Code is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape

__all__ = ["plain_markdown"]

# A fenced block (an open one goes to the end), or a span of code: nothing in them is HTML.
_CODE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(?P<ticks>`{1,2})(?!`)[^`\n]+(?P=ticks)(?!`)",
    re.DOTALL | re.MULTILINE,
)
_NO_TEXT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|svg|iframe|video|audio|picture)\b[^>]*>.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TABLE = re.compile(r"<table\b[^>]*>(.*?)(?:</table\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)(?=<tr\b|</tr\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)(?=<t[hd]\b|</t[hd]\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<rest>(?:\s[^<>]*)?)/?>")
_ATTRIBUTE = re.compile(r"""\b([a-zA-Z-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
# Indented lines would be code once the tags before them are gone.
_INDENTED_TAG = re.compile(r"^[ \t]+(?=<[/a-zA-Z!])", re.MULTILINE)

_MOST_CELLS = 1500
"""Of a table: what Qt lays out in a tenth of a second. Twice as many take four times as long."""

_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`", "kbd": "`", "s": "~~"}
_BLOCKS = frozenset({"p", "div", "center", "section", "figure", "figcaption", "ul", "ol", "dl", "details"})
_HEADINGS = {f"h{level}": f"\n\n{'#' * level} " for level in range(1, 7)}


def plain_markdown(text: str) -> str:
    """The card `text` without HTML tags. Never fails: what is not understood stays as text.

    Of a table with thousands of cells the beginning is left, with "…" beneath it.
    """
    parts = _parts(text.replace("\r\n", "\n").replace("\0", "\ufffd"))
    plain = "".join(part if is_code else _without_html(part) for part, is_code in parts)
    return "\n".join(_with_short_tables(plain.split("\n")))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for match in _CODE.finditer(text):
        yield text[at : match.start()], False
        yield match.group(), True
        at = match.end()
    yield text[at:], False


def _without_html(text: str) -> str:
    if "<" not in text:
        return text
    text = _NO_TEXT.sub("", text)
    text = _INDENTED_TAG.sub("", text)
    text = _TABLE.sub(lambda match: f"\n\n{_table(match.group(1))}\n\n", text)
    return _without_tags(text)


def _without_tags(text: str) -> str:
    links: list[str] = []
    return _TAG.sub(lambda match: _markdown_for(match, links), text)


def _markdown_for(match: re.Match[str], links: list[str]) -> str:
    name, ends = match["name"].lower(), bool(match["end"])
    if name in _MARKS:
        return _MARKS[name]
    if name in _HEADINGS:
        return "\n\n" if ends else _HEADINGS[name]
    if name in _BLOCKS:
        return "\n\n"
    match name:
        case "br":
            return "  \n"
        case "hr":
            return "\n\n---\n\n"
        case "li":
            return "" if ends else "\n- "
        case "summary":
            return "**\n\n" if ends else "\n\n**"
        case "img":
            return f" {_attribute(match['rest'], 'alt')} "
        case "a" if ends:
            return f"](<{links.pop()}>)" if links else ""
        case "a" if target := _attribute(match["rest"], "href"):
            links.append(target.replace(">", "%3E").replace("<", "%3C"))
            return "["
    return ""


def _attribute(text: str, name: str) -> str:
    for found, value in _ATTRIBUTE.findall(text):
        if found.lower() == name:
            return " ".join(unescape(str(value).strip("\"'")).split())
    return ""


def _table(content: str) -> str:
    found = (
        [" ".join(_without_tags(cell).split()).replace("|", "\\|") for cell in _CELL.findall(row)]
        for row in _ROW.findall(content)
    )
    rows = [row for row in found if row]
    if not rows:
        return _without_tags(content)
    beside = " ".join(_without_tags(_CELL.sub(" ", content)).split())
    width = max(map(len, rows))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    return "\n".join([beside, "", lines[0], "|---" * width + "|", *lines[1:]])


def _with_short_tables(lines: Iterable[str]) -> Iterator[str]:
    cells = 0
    for line in lines:
        before, cells = cells, cells + line.count("|") if "|" in line else 0
        if cells <= _MOST_CELLS:
            yield line
        elif before <= _MOST_CELLS:
            yield "| … |"

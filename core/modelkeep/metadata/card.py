"""The model card: `README.md` with a YAML front matter that says what the model is.

The fields are those of https://huggingface.co/docs/hub/model-cards#model-card-metadata. Cards are written by hand, so
whatever is wrong with one becomes a note, and the rest of it is still read.
"""

from __future__ import annotations

import os

from modelkeep.metadata.facts import Facts
from modelkeep.metadata.reading import Unreadable, open_file, refuse_pointer

__all__ = ["read_card", "read_card_text"]

_LONGEST_FRONT_MATTER = 256 << 10
_LONGEST_TEXT = 4 << 20
_DEEPEST = 32


def read_card(path: str | os.PathLike[str]) -> Facts:
    """What the front matter of the card at `path` says; what is wrong with it is in `notes`.

    Raises only `OSError`, when the file cannot be read.
    """
    notes: list[str] = []
    try:
        with open_file(path) as file:
            content = file.read(_LONGEST_FRONT_MATTER)
        refuse_pointer(content)
        if not _is_utf8(content):
            notes.append("The card is not UTF-8.")
        front_matter, _ = _split(content.decode(errors="replace"))
        return _facts(_load(front_matter), notes)
    except Unreadable as error:
        return Facts(notes=(*notes, error.note))


def read_card_text(path: str | os.PathLike[str]) -> str:
    """The Markdown text of a card without its front matter, at most 4 MiB of it; "" when it cannot be read."""
    try:
        with open_file(path) as file:
            text = file.read(_LONGEST_TEXT).decode(errors="replace")
    except (OSError, Unreadable):
        return ""
    try:
        return _split(text)[1].lstrip("\r\n")
    except Unreadable:
        return text


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        # A character that the limit cuts in two is nobody's mistake.
        return len(content) == _LONGEST_FRONT_MATTER and error.start >= len(content) - 3
    return True


def _split(text: str) -> tuple[str, str]:
    """The front matter, which stands between two lines "---" at the start, and the text after it."""
    text = text.removeprefix("\ufeff").lstrip()
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        return "", text
    at = 0
    for line in rest.splitlines(keepends=True):
        if line.rstrip() == "---":
            return rest[:at], rest[at + len(line) :]
        at += len(line)
    raise Unreadable("The front matter of the card has no end.")


def _load(front_matter: str) -> dict[str, object]:
    """The fields of a front matter: strings, and lists and dictionaries of them.

    No value is given a type, so that the language `no` stays a language and a licence `1.0` a name.
    """
    import yaml  # costs 15 ms, and a cache may have no card at all

    loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        depth = 0
        # The composer recurses in C: a text of 100,000 "[" would end the process.
        for event in yaml.parse(front_matter, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                raise Unreadable("The front matter of the card is nested too deeply.")
        fields = yaml.load(front_matter, Loader=loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 2}" if mark else ""
        raise Unreadable(f"The front matter of the card is not YAML{place}.") from error
    if fields is None or fields == "":
        return {}
    if not isinstance(fields, dict):
        raise Unreadable("The front matter of the card is not a list of fields.")
    return fields


def _facts(fields: dict[str, object], notes: list[str]) -> Facts:
    licence = _text(fields, "license", notes)
    if licence in ("", "other"):
        licence = _text(fields, "license_name", notes) or licence
    return Facts(
        licence=licence,
        languages=_texts(fields, "language", notes),
        tags=_texts(fields, "tags", notes),
        library=_text(fields, "library_name", notes),
        task=_text(fields, "pipeline_tag", notes),
        base_models=_texts(fields, "base_model", notes),
        datasets=_texts(fields, "datasets", notes),
        notes=tuple(notes),
    )


def _text(fields: dict[str, object], name: str, notes: list[str]) -> str:
    return ", ".join(_texts(fields, name, notes))


def _texts(fields: dict[str, object], name: str, notes: list[str]) -> tuple[str, ...]:
    value = fields.get(name, "")
    items = value if isinstance(value, list) else [value]
    texts = [_clean(item) for item in items if isinstance(item, str)]
    if len(texts) < len(items):
        notes.append(f"The card's field “{name}” has something in it that is not text.")
    return tuple(dict.fromkeys(text for text in texts if text))


def _clean(text: str) -> str:
    text = " ".join(text.split())
    return "" if text in ("~", "null", "None") else text

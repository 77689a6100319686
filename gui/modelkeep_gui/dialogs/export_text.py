"""What an export plan says, in words and figures. No widget in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QCoreApplication

from modelkeep.archive.pack import ExportItem
from modelkeep.cache.layout import is_commit
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

__all__ = ["action_text", "button_text", "key_text", "refusals", "sign"]


def key_text(key: ModelKey) -> str:
    """A key as people write it: without the scheme of a model, and with a commit in short."""
    revision = key.revision or ""
    return str(key.at(revision[:7] if is_commit(revision) else key.revision)).removeprefix("hf@")


def action_text(item: ExportItem) -> str:
    """What becomes of a model, in a few words."""
    if item.refusal:
        return _tr("Cannot be exported")
    if item.missing:
        return _tr("Incomplete: {} missing").format(_files(len(item.missing)))
    if item.replaces:
        return _tr("Replaces an older export")
    return _tr("New archive")


def sign(item: ExportItem) -> tuple[str, str]:
    """The icon and the tone that go with it."""
    if item.refusal:
        return "damaged", "bad"
    if item.missing:
        return "incomplete", "warn"
    if item.replaces:
        return "refresh", "warn"
    return "plus", "good"


def refusals(items: Sequence[ExportItem]) -> Iterator[str]:
    """Why models are not exported, and what to do about it."""
    for item in items:
        if item.refusal:
            yield " ".join(filter(None, (item.refusal, item.hint)))


def button_text(models: int, size: int) -> str:
    """What the button does, with the figure."""
    if not models:
        return _tr("&Export")
    if models == 1:
        return _tr("&Export 1 model, {}").format(size_text(size))
    return _tr("&Export {} models, {}").format(f"{models:,}", size_text(size))


def _files(count: int) -> str:
    return _tr("1 file") if count == 1 else _tr("{} files").format(f"{count:,}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Export", text)

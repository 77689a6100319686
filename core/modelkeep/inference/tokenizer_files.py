"""What the small files of a tokenizer say before it is loaded: whether it has a chat template, how its mask is
written."""

from __future__ import annotations

from contextlib import suppress

from modelkeep.cache.inventory import CachedRevision
from modelkeep.metadata.reading import Unreadable, read_json

__all__ = ["has_chat_template", "mask_of"]

_SETTINGS = "tokenizer_config.json"
_TEMPLATES = ("chat_template.jinja", "chat_template.json")


def has_chat_template(revision: CachedRevision) -> bool:
    """Whether there is one. False also where only the weights' own file could say it, as in a GGUF."""
    if any((file := revision.file(name)) and file.size for name in _TEMPLATES):
        return True
    return bool(_said(revision, _SETTINGS).get("chat_template"))


def mask_of(revision: CachedRevision) -> str:
    """How a blank is written, "" when they do not say."""
    for name in (_SETTINGS, "special_tokens_map.json"):
        mask = _said(revision, name).get("mask_token")
        text = mask.get("content") if isinstance(mask, dict) else mask
        if isinstance(text, str) and text:
            return text
    return ""


def _said(revision: CachedRevision, name: str) -> dict[str, object]:
    file = revision.file(name)
    if file and file.blob:
        with suppress(OSError, Unreadable):
            said = read_json(file.blob.payload)
            if isinstance(said, dict):
                return said
    return {}

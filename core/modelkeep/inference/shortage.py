"""What to do where a model had too little memory."""

from __future__ import annotations

from modelkeep.text import size_text

__all__ = ["what_helps"]


def what_helps(limit: int) -> str:
    """For a worker that may allocate so many bytes, 0 for as many as there are."""
    if limit:
        return f"It may take {size_text(limit)} at most: ask for less at once, take a smaller model, or raise that."
    return "Ask for less at once, use a smaller model, or close other programs."

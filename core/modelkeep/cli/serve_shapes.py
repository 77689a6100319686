"""The JSON of `serve`, as `docs/serve.md` describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from modelkeep.cli.shapes import iso_time

if TYPE_CHECKING:
    from modelkeep.serve.options import ServeOptions
    from modelkeep.serve.tokens import Token

__all__ = ["listening", "token"]

Json = dict[str, object]


def listening(
    url: str, variables: Mapping[str, str], options: ServeOptions, roots: Sequence[str], repositories: int
) -> Json:
    """The first event."""
    return {
        "event": "listening",
        "url": url,
        "environment": dict(variables),
        "push": options.allow_push,
        "token_required": options.token_required,
        "roots": list(roots),
        "into": str(options.into) if options.into else None,
        "repositories": repositories,
    }


def token(kept: Token) -> Json:
    """A token of `token list`."""
    return {
        "name": kept.name,
        "write": kept.can_write,
        "created": iso_time(kept.created),
        "expires": iso_time(kept.expires),
    }

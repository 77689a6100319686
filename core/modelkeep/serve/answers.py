"""What a hub answers when it cannot answer as asked: a status, a code for the client and a sentence for its user.

Source: huggingface_hub 2.4.0, `utils/_http.py`: its client reads the two headers, not the body.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

__all__ = [
    "ENTRY_NOT_FOUND",
    "GATED_REPO",
    "REPO_NOT_FOUND",
    "REVISION_NOT_FOUND",
    "OVERLOADED",
    "HubError",
    "entry_not_found",
    "overloaded",
    "render",
    "repo_not_found",
    "revision_not_found",
]

REPO_NOT_FOUND = "RepoNotFound"
REVISION_NOT_FOUND = "RevisionNotFound"
ENTRY_NOT_FOUND = "EntryNotFound"
GATED_REPO = "GatedRepo"

OVERLOADED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
"""What the system says when it has too much to do: it tells nothing of the file that was asked for."""

# A header holds no typographic characters.
_PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "–": "-"})


class HubError(Exception):
    """An answer that is not what was asked for. `code` is "" where the status alone says it.

    `body` replaces the usual `{"error": message}`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: object | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.body = body


def repo_not_found(repo_id: str) -> HubError:
    return HubError(404, REPO_NOT_FOUND, f"There is no repository “{repo_id}” here.")


def revision_not_found(repo_id: str, revision: str) -> HubError:
    return HubError(404, REVISION_NOT_FOUND, f"“{repo_id}” has no revision “{revision}” here.")


def entry_not_found(path: str, commit: str) -> HubError:
    """With the commit, by which the client remembers that the file does not exist."""
    message = f"There is no file “{path}” at this revision."
    return HubError(404, ENTRY_NOT_FOUND, message, headers={"X-Repo-Commit": commit})


def overloaded() -> HubError:
    message = "This server has too much to do now; try again in a moment."
    return HubError(503, "", message, headers={"Retry-After": "5"})


async def render(_: Request, error: Exception) -> Response:
    """The exception handler of the application."""
    assert isinstance(error, HubError)
    headers = dict(error.headers)
    if error.code:
        headers["X-Error-Code"] = error.code
    plain = error.message.translate(_PLAIN).encode("ascii", "replace").decode()
    headers["X-Error-Message"] = "".join(c if c.isprintable() else " " for c in plain)
    message = error.message.encode(errors="replace").decode()
    body = {"error": message} if error.body is None else error.body
    return JSONResponse(body, error.status, headers)

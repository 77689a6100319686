"""Who asks, and what they may do: read, and push where that is on.

Pushing always needs a token that may write. Reading needs one only where the administrator said so, or where the
repository is private; elsewhere a token that is not known here counts as none, because clients send the one that
their user has for another hub.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from modelkeep.errors import SettingsError
from modelkeep.serve.answers import HubError
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.tokens import Tokens

__all__ = ["Access", "Identity"]

# Word for word: by it the client tells a wrong token from a repository that is not there.
_INVALID = "Invalid credentials in Authorization header"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the name of their token, "" for nobody in particular, and the address they ask from."""

    name: str
    can_write: bool
    address: str


class Access:
    """Says who asks; its methods are dependencies of routes."""

    def __init__(self, tokens: Tokens, options: ServeOptions) -> None:
        self._tokens = tokens
        self._options = options

    async def identity(self, request: Request) -> Identity:
        """Who wants to read. Raises `HubError` 401 where that needs a token and none that is known came."""
        who = self.known(request)
        if who is not None:
            return who
        if self._options.token_required:
            raise _unauthorized(
                request, "This server needs a token for reading; set HF_TOKEN to one of its tokens."
            )
        return Identity("", False, _address(request))

    async def writer(self, request: Request) -> Identity:
        """Who wants to push. Raises `HubError` 403 where pushing is off or not for this token, 401 without one."""
        if not self._options.allow_push:
            raise HubError(403, "", "This server does not take pushes.")
        who = self.known(request)
        if who is None:
            raise _unauthorized(
                request, "Pushing needs a token; set HF_TOKEN to one of this server’s tokens."
            )
        if not who.can_write:
            raise HubError(403, "", f"The token “{who.name}” may read, but not push.")
        return who

    def known(self, request: Request) -> Identity | None:
        """Who asks, when they brought a token of this server; else None."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = self._tokens.find(secret.strip())
        except SettingsError as error:
            raise HubError(500, "", str(error)) from error
        return Identity(token.name, token.can_write, _address(request)) if token else None


def _unauthorized(request: Request, reason: str) -> HubError:
    message = _INVALID if "authorization" in request.headers else reason
    return HubError(401, "", message, headers={"WWW-Authenticate": "Bearer"}, body={"error": reason})


def _address(request: Request) -> str:
    return request.client.host if request.client else ""

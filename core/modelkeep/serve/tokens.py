"""The tokens of this user's servers, in a file of their own that only they can read.

Kept is the SHA-256 of each, not the token. A slow hash, as passwords need one, would add nothing: a token is 256
random bits, and nobody finds those by trying, however fast.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from modelkeep.cache.locks import acquired
from modelkeep.disk import write_atomically
from modelkeep.errors import SettingsError
from modelkeep.paths import serve_tokens_file

__all__ = ["Token", "Tokens", "tokens_file"]

_A_DAY = 86400.0
_PATIENCE = 10.0  # seconds; a change takes milliseconds
_PREFIX = "mk_"  # by which people and secret scanners see what it is


def tokens_file() -> Path:
    return serve_tokens_file()


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept. Times are seconds since the epoch (UTC); `expires` is 0.0 when it never does."""

    name: str
    digest: str
    can_write: bool
    created: float
    expires: float = 0.0

    def is_valid(self, at: float) -> bool:
        return not self.expires or at < self.expires


class Tokens:
    """The tokens in a file; what another process changes in it holds from the next question on. For all threads."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or tokens_file()
        self._lock = threading.Lock()
        self._mark: tuple[int, int, int] | None = None
        self._known: tuple[Token, ...] = ()

    def all(self) -> tuple[Token, ...]:
        """Every token by name, those that have expired too. Raises `SettingsError` for a file that makes no sense."""
        with self._lock:
            try:
                status = os.stat(self.path)
                mark = (status.st_mtime_ns, status.st_size, status.st_ino)
                if mark != self._mark:
                    self._known, self._mark = _read(self.path), mark
            except FileNotFoundError:
                self._known, self._mark = (), None
            except OSError as error:
                raise SettingsError(f"{self.path} cannot be read ({error.strerror}).") from error
            return self._known

    def find(self, secret: str) -> Token | None:
        """The token with that secret, while it is valid."""
        digest = _digest(secret)
        found = None
        for token in self.all():
            # All of them, each in constant time: how long it takes says nothing of what is kept.
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found if found and found.is_valid(time.time()) else None

    def add(self, name: str, *, can_write: bool = False, days: float = 0.0) -> str:
        """Make a token; returns its secret, which is kept nowhere. Raises `SettingsError` when the name is taken."""
        if not name.strip() or not name.isprintable():
            raise SettingsError("A token needs a name.", hint="Name who will use it: a person or a machine.")
        with self._changing():
            return self._add(name, can_write, days)

    def remove(self, name: str) -> None:
        """Forget a token. Raises `SettingsError` when there is none of that name."""
        with self._changing():
            self._remove(name)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Be the only process that changes the file: of two that do, neither loses what the other did."""
        try:
            lock = acquired(self.path.with_name(f"{self.path.name}.lock"), _PATIENCE)
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be changed ({error.strerror}).") from error
        if lock is None:
            raise SettingsError(f"{self.path} is being changed by another program.", hint="Try again.")
        try:
            yield
        finally:
            lock.release()

    def _add(self, name: str, can_write: bool, days: float) -> str:
        tokens = self.all()
        if any(token.name == name for token in tokens):
            raise SettingsError(
                f"There is a token “{name}” already.",
                hint=f"Remove it first: `modelkeep serve token remove {name}`.",
            )
        secret = _PREFIX + secrets.token_urlsafe(32)
        now = time.time()
        self._write(
            (*tokens, Token(name, _digest(secret), can_write, now, now + days * _A_DAY if days else 0.0))
        )
        return secret

    def _remove(self, name: str) -> None:
        tokens = self.all()
        kept = tuple(token for token in tokens if token.name != name)
        if len(kept) == len(tokens):
            raise SettingsError(
                f"There is no token “{name}”.",
                hint="`modelkeep serve token list` shows those that there are.",
            )
        self._write(kept)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        content = json.dumps(
            [asdict(token) for token in sorted(tokens, key=lambda token: token.name)], indent=1
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, content.encode(), mode=0o600)
        except OSError as error:
            raise SettingsError(f"The token cannot be kept in {self.path} ({error.strerror}).") from error


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _read(path: Path) -> tuple[Token, ...]:
    try:
        return tuple(
            Token(
                str(entry["name"]),
                str(entry["digest"]),
                entry["can_write"] is True,
                float(entry["created"]),
                float(entry["expires"]),
            )
            for entry in json.loads(path.read_bytes())
        )
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise SettingsError(
            f"{path} cannot be understood.",
            hint="Move it away and make new tokens; no other works meanwhile.",
        ) from error

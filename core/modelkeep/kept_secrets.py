"""Where secrets are kept: the system's keyring, or a file of the user's own that nobody else may read.

Both hold texts by names. What a text means is known by those who keep it: a token of a hub by the name of its
profile (`hub/tokens.py`), a key of a remote as `remote:NAME` (`remote/secrets.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.disk import write_json
from modelkeep.errors import SettingsError
from modelkeep.paths import hub_tokens_file

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["KeptSecret", "KeptSecrets"]

_SERVICE = "modelkeep"


class KeptSecret(NamedTuple):
    """A text, and where it was: "keyring" or "file"."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"KeptSecret(…, source={self.source!r})"  # never into a log


@dataclass(frozen=True)
class KeptSecrets:
    """Secrets of one kind: `what` one of them is called in an error, and a `hint` where there is no keyring."""

    what: str
    hint: str

    def find(self, name: str) -> KeptSecret | None:
        """The text of that name, None where there is none. Raises `SettingsError` when the keyring stays locked."""
        if value := self._in_file().get(name):
            return KeptSecret(value, "file")
        if value := self._from_keyring(name):
            return KeptSecret(value, "keyring")
        return None

    def keep(self, name: str, value: str, *, in_file: bool = False) -> None:
        """Keep a text in place of any of that name. `in_file`: the user said so.

        Raises `SettingsError` when there is no keyring, or it does not want to.
        """
        if in_file:
            self._write(self._in_file() | {name: value})
            self._forget_in_keyring(name)
            return
        with self._keyring_errors() as keyring:
            keyring.set_password(_SERVICE, name, value)
        self._forget_in_file(name)

    def forget(self, name: str) -> None:
        """Forget the text of that name, wherever it is kept."""
        self._forget_in_file(name)
        self._forget_in_keyring(name)

    # ---- the keyring

    @contextmanager
    def _keyring_errors(self) -> Iterator[ModuleType]:
        """The keyring, its errors turned into ours."""
        import keyring
        from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

        try:
            yield keyring
        except NoKeyringError:
            raise SettingsError(
                f"This system has no keyring to keep a {self.what} in.", hint=self.hint
            ) from None
        except KeyringLocked:
            raise SettingsError("The keyring is locked.", hint=f"Unlock it, or else: {self.hint}") from None
        except (KeyringError, OSError, RuntimeError) as error:
            # What an error of a backend says may quote what it was given.
            raise SettingsError(f"The keyring fails ({type(error).__name__}).", hint=self.hint) from None

    def _from_keyring(self, name: str) -> str:
        if not self._has_keyring():
            return ""
        with self._keyring_errors() as keyring:
            value: str | None = keyring.get_password(_SERVICE, name)
            return value or ""

    def _forget_in_keyring(self, name: str) -> None:
        if self._from_keyring(name):
            with self._keyring_errors() as keyring:
                keyring.delete_password(_SERVICE, name)

    def _has_keyring(self) -> bool:
        """Whether there is a keyring at all: without one it holds nothing, which is no error."""
        with self._keyring_errors() as keyring:
            return bool(keyring.get_keyring().priority > 0)

    # ---- the file

    def _in_file(self) -> dict[str, str]:
        """Texts by their names."""
        path = hub_tokens_file()
        try:
            said = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SettingsError(
                f"{path} cannot be read ({error.strerror}).", hint="See that the file belongs to you."
            ) from None
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise SettingsError(
                f"{path} cannot be understood.", hint=f"Remove it, then give the {self.what}s anew."
            ) from None
        return {name: value for name, value in said.items() if isinstance(value, str)}

    def _forget_in_file(self, name: str) -> None:
        kept = self._in_file()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _write(self, kept: dict[str, str]) -> None:
        path = hub_tokens_file()
        try:
            if not kept:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, kept, mode=0o600)
        except OSError as error:
            raise SettingsError(
                f"The {self.what} cannot be kept in {path} ({error.strerror}).",
                hint="See that the folder belongs to you and its disk is not full.",
            ) from None

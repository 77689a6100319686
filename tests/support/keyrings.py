"""A keyring of one process, for tests that keep secrets. Take its fixtures by `from support.keyrings import ring`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

__all__ = ["MemoryKeyring", "no_keyring", "ring"]

Backend = TypeVar("Backend", bound=KeyringBackend)


class MemoryKeyring(KeyringBackend):
    """What is kept, by service and user. `locked`: it gives nothing, and says too much about why."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check(username)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check(password)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check(username)
        del self.kept[service, username]

    def _check(self, said: str) -> None:
        if self.locked:
            raise KeyringLocked(f"locked: {said}, {self.kept}")


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    """A keyring that works."""
    yield from _used(MemoryKeyring())


@pytest.fixture
def no_keyring() -> Iterator[None]:
    """A system without a keyring, which the backend of a process may have forgotten."""
    from keyring.backends.fail import Keyring

    for _ in _used(Keyring()):  # type: ignore[no-untyped-call]
        yield


def _used(backend: Backend) -> Iterator[Backend]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)

"""What the tests of a misbehaving hub begin with: the hub, and somebody who downloads from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.hub import pace
from support.hub import HubServer
from support.hub_fetching import FILES, NAME, Client, client_of


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again as often as ever, but sooner."""
    monkeypatch.setattr(pace, "FIRST_WAIT", 0.01)


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, FILES)
        yield server


@pytest.fixture
def client(server: HubServer, tmp_path: Path) -> Iterator[Client]:
    with client_of(server, tmp_path / "hub") as client:
        yield client

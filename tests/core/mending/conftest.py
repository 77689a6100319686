"""What the tests of mending begin with: two caches, of which one may have what the other lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import Library, open_library
from support.caches import CacheMaker


@pytest.fixture
def other(tmp_path: Path) -> CacheMaker:
    return CacheMaker(tmp_path / "other")


@pytest.fixture
def library(cache: CacheMaker, other: CacheMaker) -> Iterator[Library]:
    with open_library([cache.root, other.root]) as library:
        yield library

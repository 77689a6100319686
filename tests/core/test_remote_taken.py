"""What was trained from a den's model goes to no remote that takes no such models, by no way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.cache.catalog import Origin
from modelkeep.errors import NotAllowed
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.rows import Selection
from support.caches import CacheMaker

TUNED = ModelKey("local/tuned")
COMMIT = "7" * 40


@pytest.fixture
def library(cache: CacheMaker, tmp_path: Path) -> Iterator[Library]:
    cache.add(TUNED.repo_id, {"config.json": b"{}", "model.safetensors": b"w" * 99}, commit=COMMIT)
    with open_library([cache.root]) as library:
        for name in ("den", "other"):
            (tmp_path / name).mkdir()
            library.remotes.add(name, os.fspath(tmp_path / name))
        url = next(one.url for one in library.remotes.all() if one.name == "den")
        origin = Origin(source="local", metadata={"notPushedTo": [f"{url}/"]})
        library.catalog.record_origin(library.roots[0], TUNED, COMMIT, origin)
        yield library


def test_it_is_neither_pushed_nor_copied_nor_synchronized_there(library: Library, cache: CacheMaker) -> None:
    root = library.roots[0]
    with pytest.raises(NotAllowed, match="takes no such models"):
        library.remotes.plan_push(Selection(root, str(TUNED)), "den")
    with pytest.raises(NotAllowed):
        library.remotes.plan_copy(TUNED.repo_id, "here", "den")
    done = library.remotes.sync(library.remotes.plan_sync("here", "den"))
    assert "takes no such models" in done.failures[0]
    assert library.remotes.models("den") == ()


def test_another_remote_takes_it(library: Library) -> None:
    library.remotes.push(library.remotes.plan_push(Selection(library.roots[0], str(TUNED)), "other"))
    assert [model.key for model in library.remotes.models("other")] == [TUNED]

"""Rows say what verifying and scanning came to last, for as long as nothing changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from modelkeep.cache.inventory import CachedRevision
from modelkeep.library import Library, open_library
from support.caches import CacheMaker


@pytest.fixture
def library(cache: CacheMaker) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        yield library


def remember_safety(library: Library, revision: CachedRevision, verdict: str) -> None:
    library.catalog.remember(
        "safety-revision", revision.path, revision.size, revision.modified, {"verdict": verdict}
    )


def test_rows_say_what_verifying_came_to(library: Library, cache: CacheMaker) -> None:
    cache.add("org/a", {"config.json": b"{}"})
    cache.add("org/a", {"config.json": b"[]"}, refs=("v1",))
    other = cache.add("org/b", {"config.json": b"{}"})
    (cache.folder("org/b") / "snapshots" / other / "config.json").unlink()
    began = time.time()
    assert {row.verified for row in library.rows()} == {""}
    library.trust.check()
    library.refresh()
    a, b = library.rows()
    assert (a.verified, b.verified) == ("good", "incomplete")
    assert [revision.verified for revision in a.revisions] == ["good", "good"]
    assert began <= a.verified_at <= time.time()
    assert a.verified_at in [revision.verified_at for revision in a.revisions]
    assert a.safety == ""
    assert library.details(a.root, a.key).row == a, "Of one model it is asked for alone."


def test_what_changed_since_is_not_said_any_more(library: Library, cache: CacheMaker) -> None:
    cache.add("org/a", {"config.json": b"{}"})
    library.trust.check()
    [model] = library.inventory(cache.root).models
    remember_safety(library, model.revisions[0], "clean")
    [row] = library.rows()
    assert (row.verified, row.safety, row.revisions[0].safety) == ("good", "clean", "clean")
    [blob] = (cache.folder("org/a") / "blobs").iterdir()
    os.utime(blob, (2e9, 2e9))
    library.refresh()
    [row] = library.rows()
    assert (row.verified, row.verified_at, row.safety) == ("", 0.0, "")


def test_facts_that_wait_to_be_written_are_recalled_with_the_others(
    library: Library, cache: CacheMaker
) -> None:
    catalog, root = library.catalog, "/hub"
    catalog.remember("kind", "/hub/a", 1, 2.5, {"a": 1})
    catalog.remember("kind", "/hub/b", 1, 2.5, "old")
    catalog.remember("kind", "/hub-2/c", 1, 2.5, "of another root")
    catalog.remember("other", "/hub/a", 1, 2.5, "of another kind")
    with catalog.batch():
        catalog.remember("kind", "/hub/b", 2, 3.5, "new")
        catalog.remember("kind", "/hub-2/d", 2, 3.5, "of another root")
        catalog.remember("other", "/hub/c", 2, 3.5, "of another kind")
        assert catalog.recall_all("kind", root) == {
            "/hub/a": (1, 2.5, {"a": 1}),
            "/hub/b": (2, 3.5, "new"),
        }
    assert catalog.recall_all("kind", root)["/hub/b"] == (2, 3.5, "new")
    assert catalog.recall_all("nothing", root) == {}

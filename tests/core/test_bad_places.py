"""Caches in places that do not behave: read-only, full of models, huge, gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.cache.inventory import RootState
from modelkeep.cache.scan import scan
from modelkeep.errors import CacheNotFound, ReadOnlyCache
from support.caches import CacheMaker, sha256
from support.models import tiny_bert_files


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[CacheMaker]:
    """A cache on a file system that is mounted read-only; where mounting is not allowed, a folder without write."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "modelkeep-test", place], capture_output=True, check=False
    )
    cache = CacheMaker(place / "hub")
    cache.add("org/model", tiny_bert_files())
    if mounted.returncode == 0:
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        yield cache
        subprocess.run(["umount", "--lazy", place], check=True)
    else:
        cache.root.chmod(0o555)
        yield cache
        cache.root.chmod(0o755)


def test_a_read_only_cache_is_shown_and_stays_as_it_is(read_only: CacheMaker, tmp_path: Path) -> None:
    with open_library([read_only.root]) as library:
        [view] = library.refresh()
        assert view.state == "read-only"
        [row] = library.rows()
        assert row.state == "whole"
        chosen = library.choose(["org/model"])
        with pytest.raises(ReadOnlyCache) as caught:
            library.delete(library.plan_deletion(chosen))
        assert caught.value.hint
        [archive] = library.archives.export(library.archives.plan_export(chosen, tmp_path / "out")).archives
        result = library.archives.run_import(
            library.archives.plan_import([archive.paths[0]], name="org/other")
        )
        assert isinstance(result.items[0].error, ReadOnlyCache)
        # What a user says is Modelkeep's own to keep, and not in the cache.
        [pinned] = library.set_pinned(chosen, True)
        assert pinned.pinned


def test_five_thousand_models_are_listed_and_found(cache: CacheMaker) -> None:
    for number in range(5000):
        snapshot = cache.root / f"models--org--m{number}" / "snapshots" / f"{number:040x}"
        snapshot.mkdir(parents=True)
        (snapshot / "config.json").write_bytes(b"{}")
    with open_library([cache.root]) as library:
        assert len(library.rows()) == 5000
        [chosen] = library.choose(["org/m4999"])
        [plan] = library.plan_deletion([chosen])
        assert library.delete([plan])[0].freed == plan.frees
        assert len(library.rows()) == 4999


def test_one_file_of_twenty_gigabytes_costs_no_time(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/huge", {"model.safetensors": b"x", "config.json": b"{}"}, tree=False)
    blob = cache.folder("org/huge") / "blobs" / sha256(b"x")
    os.truncate(blob, 20 << 30)
    began = time.process_time()
    with open_library([cache.root]) as library:
        [row] = library.rows()
        assert row.size > 20 << 30
        assert row.frees < 1 << 20
        chosen = library.choose(["org/huge"])
        plan = library.archives.plan_export(chosen, tmp_path / "out")
        assert plan.items[0].size > 20 << 30
        [result] = library.delete(library.plan_deletion(chosen))
        assert result.freed == result.promised
    assert time.process_time() - began < 5


def test_a_cache_that_is_deleted_while_it_is_shown(cache: CacheMaker) -> None:
    cache.add("org/model")
    with open_library([cache.root]) as library:
        chosen = library.choose(["org/model"])
        [plan] = library.plan_deletion(chosen)
        shutil.rmtree(cache.root)
        with pytest.raises(CacheNotFound):
            library.delete([plan])
        assert not cache.root.exists()
        [view] = library.refresh()
        assert view.state == "missing"
        assert library.rows() == []
    assert scan(cache.root).state is RootState.MISSING

"""A model is exported, carried, and imported: what arrives is what left, and leaves again as the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelkeep.archive.bundle import execute_bundle
from modelkeep.archive.import_plan import Action, plan_import
from modelkeep.archive.pack import ArchiveOptions, execute_export, plan_export
from modelkeep.archive.unpack import execute_import
from modelkeep.cache.inventory import CachedRevision, Inventory, State
from modelkeep.cache.scan import scan
from support.archives import FILES, WEIGHTS
from support.caches import CacheMaker
from support.exports import packables


@pytest.fixture
def source(tmp_path: Path) -> CacheMaker:
    """A cache with two models, one of which has two revisions and a content in the shared store."""
    cache = CacheMaker(tmp_path / "source")
    cache.add("org/name", FILES | {"empty.txt": b"", "a/ü 模型.json": b"{}"})
    cache.share("org/name", WEIGHTS)
    cache.add("org/name", {"config.json": b"old"}, refs=("v1.0",))
    cache.add("org/second", {"model.safetensors": WEIGHTS, "config.json": b"[]"})
    return cache


def files(inventory: Inventory) -> dict[tuple[str, str], dict[str, tuple[str, int]]]:
    """What each revision has: names, and the names and sizes of their contents."""

    def of(revision: CachedRevision) -> dict[str, tuple[str, int]]:
        return {file.name: (file.blob.name, file.size) for file in revision.files if file.blob}

    return {(m.repo_id, r.commit): of(r) for m in inventory.models for r in m.revisions}


@pytest.mark.parametrize(
    "options",
    [ArchiveOptions(), ArchiveOptions(checksums=False), ArchiveOptions(split=100_000)],
    ids=["whole", "plain", "split"],
)
@pytest.mark.parametrize("as_bundle", [False, True])
def test_what_is_carried_arrives(
    options: ArchiveOptions, as_bundle: bool, source: CacheMaker, tmp_path: Path
) -> None:
    stick, root = tmp_path / "stick", tmp_path / "hub"
    execute = execute_bundle if as_bundle else execute_export
    done = execute(plan_export(packables(source.root), stick, options=options))
    assert not done.failures
    plan = plan_import([stick] if as_bundle else [archive.paths[0] for archive in done.archives], root)
    assert {item.action for item in plan.items} == {Action.NEW}
    assert {item.checksums for item in plan.items} == {"listed" if options.checksums else "none"}
    assert not execute_import(plan).failures
    assert files(scan(root)) == files(scan(source.root))
    again = plan_import([archive.paths[0] for archive in done.archives], root)
    assert {item.action for item in again.items} == {Action.PRESENT}


def test_an_archive_made_of_an_import_has_the_same_bytes(source: CacheMaker, tmp_path: Path) -> None:
    first = execute_export(plan_export(packables(source.root), tmp_path / "first"))
    root = tmp_path / "hub"
    execute_import(plan_import([archive.paths[0] for archive in first.archives], root))
    assert all(model.state in (State.WHOLE, State.UNPROVEN) for model in scan(root).models)
    second = execute_export(plan_export(packables(root), tmp_path / "second"))
    assert [a.paths[0].read_bytes() for a in first.archives] == [
        a.paths[0].read_bytes() for a in second.archives
    ]

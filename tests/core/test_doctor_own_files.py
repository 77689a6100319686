"""What the doctor says of Modelkeep's own files, and how it mends them."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog, Origin
from modelkeep.doctor.findings import Finding
from modelkeep.doctor.own_files import own_findings, plan_own_repairs, repair_own_files
from modelkeep.doctor.repair import RepairResult
from modelkeep.keys import ModelKey
from modelkeep.library import open_library
from modelkeep.paths import catalog_file, hub_tokens_file, serve_tokens_file, settings_file
from support.caches import CacheMaker
from support.cli import run, tree

MODELS = [ModelKey(f"org/model-{number:04}") for number in range(400)]
COMMIT = "a" * 40


def found() -> dict[str, Finding]:
    with Catalog() as catalog:
        return {one.problem: one for one in own_findings(catalog)}


def mended(*problems: str) -> RepairResult:
    with Catalog() as catalog:
        [plan] = plan_own_repairs(own_findings(catalog), problems)
        result = repair_own_files(plan, catalog)
        assert [one.error for one in result.items if one.error] == []
        assert plan_own_repairs(own_findings(catalog), problems) == ()
        assert [one.gone for one in repair_own_files(plan, catalog).items] == [True] * len(result.items)
    return result


@pytest.fixture
def spoilt(cache: CacheMaker) -> Path:
    """A catalog of which a page in the middle is garbage, so that it was begun anew; returns the root."""
    with Catalog() as catalog:
        for key in MODELS:
            catalog.set_note(cache.root, key, f"what I think of {key} " * 4)
        catalog.pin(cache.root, MODELS[0])
        catalog.record_use(cache.root, MODELS[0], at=5.0, by="me")
        catalog.record_origin(cache.root, MODELS[0], COMMIT, Origin(source="import", tags=("a",)))
    path = catalog_file()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    place = path.read_bytes().index(str(MODELS[200].repo_id).encode())
    size = 4096
    with path.open("r+b") as file:
        file.seek(place // size * size)
        file.write(b"\xff" * size)
    with Catalog() as catalog:
        with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.DatabaseError):
            database.execute("SELECT * FROM notes").fetchall()
        assert catalog.notes(cache.root) == {}
        assert "begun anew" in catalog.problem
    return cache.root


def test_nothing_is_wrong_with_what_is_not_there() -> None:
    assert found() == {}


def test_pins_and_notes_of_a_broken_catalog_come_back(spoilt: Path) -> None:
    with Catalog() as catalog:
        catalog.set_note(spoilt, MODELS[0], "what I think now")
    before = found()["broken-catalog"]
    assert "1 pin, " in before.message
    [item] = mended("broken-catalog").items
    assert item.note.startswith("Taken back: 1 pin, ")
    with Catalog() as catalog:
        notes = catalog.notes(spoilt)
        assert catalog.pins(spoilt) == {MODELS[0]}
        assert len(notes) > 300
        assert (notes[MODELS[0]], notes[MODELS[-1]][:30]) == (
            "what I think now",
            "what I think of hf@org/model-03"[:30],
        )
        use = catalog.last_use(spoilt, MODELS[0])
        assert use is not None
        assert (use.at, use.by) == (5.0, "me")
        assert catalog.origin(spoilt, MODELS[0], COMMIT) == Origin(source="import", tags=("a",))
    assert found().keys() == {"set-aside"}


def test_a_look_leaves_a_broken_catalog_as_it_is(spoilt: Path) -> None:
    before = tree(catalog_file().parent)
    found()
    after = tree(catalog_file().parent)
    aside = {name: what for name, what in before.items() if ".broken-" in name}
    assert aside
    assert aside == {name: what for name, what in after.items() if ".broken-" in name}


def test_a_catalog_of_which_nothing_can_be_read_is_only_told() -> None:
    catalog_file().parent.mkdir(parents=True)
    catalog_file().write_bytes(b"no database" * 1000)
    with Catalog() as catalog:
        assert "begun anew" in catalog.problem
    assert found().keys() == {"set-aside"}


@pytest.mark.parametrize("place", [settings_file, hub_tokens_file, serve_tokens_file])
def test_a_file_that_cannot_be_understood_is_put_aside(place: object) -> None:
    assert callable(place)
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{ garbage")
    assert path.name in found()["broken-own-file"].message
    assert path.exists()
    mended("broken-own-file")
    assert not path.exists()
    [aside] = path.parent.glob(f"{path.name}.broken-*")
    assert aside.read_text() == "{ garbage"
    assert found().keys() == {"set-aside"}


def test_lines_of_the_log_that_are_torn_are_told(cache: CacheMaker) -> None:
    with open_library([str(cache.root)]) as library:
        library.activity.log("verify", "", str(cache.root), 0, outcome="done", detail="")
        folder = library.catalog.path.with_name("activity")
    [log] = folder.glob("*.jsonl")
    assert found() == {}
    with log.open("a") as file:
        file.write('{"at": "2026\n')
    assert "1 line" in found()["broken-lines"].message


def test_the_command_mends_them_and_writes_it_down(spoilt: Path) -> None:
    root = ("--root", str(spoilt))
    hub_tokens_file().parent.mkdir(parents=True, exist_ok=True)
    hub_tokens_file().write_text("garbage")
    names = ("--repair", "broken-catalog", "--repair", "broken-own-file")
    assert "Taken" not in run("doctor", *root, "--repair-all", "--yes").out
    planned = json.loads(run("doctor", *root, *names, "--dry-run", "--json").out)
    assert {one["problem"]: one["status"] for one in planned["findings"]}["broken-catalog"] == "planned"
    assert hub_tokens_file().exists()
    done = run("doctor", *root, *names, "--yes")
    assert done.status == 0, done.err
    assert not hub_tokens_file().exists()
    [event] = [one for one in json.loads(run("log", "--json").out) if "Taken back" in one["detail"]]
    assert (event["verb"], event["outcome"], event["root"]) == ("repair", "done", "")
    assert os.listdir(spoilt) in ([], [".locks"])


def test_the_window_can_choose_them(spoilt: Path) -> None:
    with open_library([str(spoilt)]) as library:
        check_up = library.trust.check_up()
        [one] = [one for one in check_up.findings if one.problem == "broken-catalog"]
        [plan] = library.trust.plan_repairs({one.root: [one.id]})
        assert library.trust.frees_of({one.root: [one.id]}) == 0
        result = library.trust.repair(plan)
        assert [item.error for item in result.items] == [""]
        assert library.catalog.pins(spoilt) == {MODELS[0]}

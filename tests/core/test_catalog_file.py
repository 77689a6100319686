from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.catalog_file import CatalogFile
from modelkeep.errors import CacheBusy, CacheError
from modelkeep.keys import ModelKey
from support.users import as_nobody

ROOT = "/disk/hub"
BERT, GPT = ModelKey("google/bert"), ModelKey("openai/gpt2")
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalog with a pin in it, closed."""
    path = tmp_path / "data" / "catalog.sqlite"
    with Catalog(path) as catalog:
        catalog.pin(ROOT, BERT)
    return path


def asides(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.broken-*"))


# ---- what was broken before


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(50_000))


def a_text(path: Path) -> None:
    path.write_text("not a catalog")


def the_first_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def the_first_bytes(path: Path) -> None:
    os.truncate(path, 90)


def a_database_of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE bookmarks (url)")


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


@pytest.mark.parametrize(
    "leave",
    [random_bytes, a_text, the_first_half, the_first_bytes, a_database_of_another_program, a_folder],
)
def test_what_is_no_catalog_is_set_aside_and_a_new_one_begun(
    path: Path, leave: Callable[[Path], None]
) -> None:
    leave(path)
    content = path.read_bytes() if path.is_file() else None
    with Catalog(path) as catalog:
        assert catalog.pins(ROOT) == frozenset()
        catalog.pin(ROOT, GPT)
        (aside,) = asides(path)
        assert (
            catalog.problem == f"The catalog was damaged and is begun anew; the old one is kept as {aside}."
        )
    assert aside.is_dir() if content is None else aside.read_bytes() == content
    with Catalog(path) as catalog:
        assert catalog.problem == ""
        assert catalog.pins(ROOT) == {GPT}


def test_the_log_of_a_broken_catalog_goes_with_it(path: Path) -> None:
    a_folder(path)
    Path(f"{path}-wal").write_bytes(b"log")
    Path(f"{path}-shm").write_bytes(b"index")
    with Catalog(path) as catalog:
        assert "damaged" in catalog.problem
    aside = asides(path)[0]
    assert Path(f"{aside}-wal").read_bytes() == b"log"
    assert Path(f"{aside}-shm").read_bytes() == b"index"


def test_an_empty_file_is_a_new_catalog(path: Path) -> None:
    os.truncate(path, 0)
    with Catalog(path) as catalog:
        assert catalog.pins(ROOT) == frozenset()
        assert catalog.problem == ""
    assert not asides(path)


# ---- what may not be used


def look_and_pin(path: Path) -> tuple[str, frozenset[ModelKey]]:
    with Catalog(path) as catalog:
        catalog.pin(ROOT, GPT)
        return catalog.problem, catalog.pins(ROOT)


def test_a_catalog_that_may_not_be_written_is_copied_to_one_that_may(path: Path, tmp_path: Path) -> None:
    """As after one call as the superuser in the home of somebody else."""
    path.chmod(0o444)
    give_to_nobody(path.parent)
    problem, pins = as_nobody(lambda: look_and_pin(path), tmp_path)
    (aside,) = (aside for aside in asides(path) if not aside.name.endswith(("-wal", "-shm")))
    assert problem == f"The catalog could not be changed and was copied; the old one is kept as {aside}."
    assert pins == {BERT, GPT}
    assert as_nobody(lambda: look_and_pin(path), tmp_path) == ("", pins)


def test_a_catalog_that_may_not_be_read_is_set_aside(path: Path, tmp_path: Path) -> None:
    path.chmod(0)
    give_to_nobody(path.parent)
    problem, pins = as_nobody(lambda: look_and_pin(path), tmp_path)
    assert "begun anew" in problem
    assert pins == {GPT}


def give_to_nobody(folder: Path) -> None:
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)


def test_where_no_file_can_be_kept_the_catalog_is_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o555)
    for path in (folder / "catalog.sqlite", folder / "deeper" / "catalog.sqlite"):
        problem, pins = as_nobody(lambda path=path: look_and_pin(path), folder)  # type: ignore[misc]
        assert problem.startswith(f"The catalog cannot be kept in {path} ({os.strerror(errno.EACCES)});")
        assert pins == {GPT}
    assert not os.listdir(folder)


def test_a_file_in_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    problem, pins = look_and_pin(tmp_path / "data" / "catalog.sqlite")
    assert "cannot be kept" in problem
    assert pins == {GPT}
    assert (tmp_path / "data").read_text() == "mine"


def test_memory_is_left_as_soon_as_a_file_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with Catalog(tmp_path / "data" / "catalog.sqlite") as catalog:
        assert catalog.problem
        (tmp_path / "data").unlink()
        catalog.close()
        catalog.pin(ROOT, BERT)
        assert catalog.problem == ""
        assert catalog.path.exists()


# ---- other versions


def test_a_newer_catalog_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA user_version = 1000")
        database.execute("DROP TABLE pins")
    before = path.read_bytes()
    problem, pins = look_and_pin(path)
    assert problem.startswith(f"The catalog {path} was written by a newer Modelkeep and is left as it is;")
    assert pins == {GPT}
    assert path.read_bytes() == before
    assert not asides(path)


def test_an_older_catalog_is_brought_up_to_date(tmp_path: Path) -> None:
    first = ["CREATE TABLE words (word)"]
    second = ["ALTER TABLE words ADD COLUMN length", "UPDATE words SET length = 3"]
    path = tmp_path / "catalog.sqlite"
    old = CatalogFile(path, [first])
    old.write("INSERT INTO words VALUES (?)", [("one",), ("two",)])
    old.close()
    for _ in range(2):
        new = CatalogFile(path, [first, second])
        assert new.read("SELECT word, length FROM words ORDER BY word") == [("one", 3), ("two", 3)]
        assert new.problem == ""
        new.close()


def test_a_migration_that_fails_leaves_the_catalog_as_it_was(tmp_path: Path) -> None:
    first, bad = ["CREATE TABLE words (word)"], ["CREATE TABLE more (word)", "CREATE TABLE words (word)"]
    path = tmp_path / "catalog.sqlite"
    old = CatalogFile(path, [first])
    old.write("INSERT INTO words VALUES (?)", [("one",)])
    new = CatalogFile(path, [first, bad])
    with pytest.raises(CacheError, match="words already exists"):
        new.read("SELECT * FROM words")
    assert old.read("SELECT * FROM words") == [("one",)]
    assert old.read("SELECT count(*) FROM sqlite_master") == [(1,)]
    old.close()


# ---- what breaks while it is open


def test_a_catalog_that_is_lost_is_begun_anew(path: Path) -> None:
    with Catalog(path) as catalog:
        assert catalog.pins(ROOT) == {BERT}
        for file in list(path.parent.iterdir()):
            file.unlink()
        path.parent.rmdir()
        assert catalog.pins(ROOT) == frozenset()
        catalog.pin(ROOT, GPT)
        assert catalog.problem == ""
    problem, pins = look_and_pin(path)
    assert (problem, set(pins)) == ("", {GPT})


def damage_the_middle(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4 // 4096 * 4096)
        file.write(b"\xff" * (size // 2))


def test_damage_that_shows_later_is_treated_once(path: Path) -> None:
    def fill(catalog: Catalog) -> None:
        with catalog.batch():
            for number in range(3000):
                catalog.remember("card", f"/{number}", 1, 1.0, "x" * 1000)

    def recalled(catalog: Catalog) -> int:
        return sum(catalog.recall("card", f"/{number}", 1, 1.0) is not None for number in range(3000))

    with Catalog(path) as catalog:
        fill(catalog)
    damage_the_middle(path)
    with Catalog(path) as catalog:
        assert catalog.pins(ROOT) == {BERT}
        assert catalog.problem == ""
        assert recalled(catalog) < 3000
        (aside,) = asides(path)
        assert (
            catalog.problem == f"The catalog was damaged and is begun anew; the old one is kept as {aside}."
        )
        fill(catalog)
        assert recalled(catalog) == 3000
        catalog.close()
        damage_the_middle(path)
        with pytest.raises(CacheError, match="malformed") as caught:
            recalled(catalog)
        assert caught.value.hint
        assert asides(path) == [aside]


def test_all_go_on_in_the_new_catalog_when_one_has_set_the_old_aside(path: Path) -> None:
    with Catalog(path) as first, Catalog(path) as second, Catalog(path) as third:
        first.pin(ROOT, GPT)
        assert second.pins(ROOT) == {BERT, GPT}
        path.rename(path.with_name("elsewhere"))
        random_bytes(path)
        assert "damaged" in third.problem
        third.set_note(ROOT, GPT, "third")
        first.set_note(ROOT, BERT, "first")
        assert second.notes(ROOT) == {BERT: "first", GPT: "third"}
        assert first.problem == second.problem == ""
    assert len(asides(path)) == 1
    with Catalog(path) as catalog:
        assert catalog.notes(ROOT) == {BERT: "first", GPT: "third"}


def test_a_catalog_that_another_program_keeps_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelkeep.cache.catalog_file._PATIENCE", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Catalog(path) as catalog:
        other.execute("BEGIN EXCLUSIVE")
        assert catalog.pins(ROOT) == {BERT}
        with pytest.raises(CacheBusy) as caught:
            catalog.pin(ROOT, GPT)
        assert caught.value.hint
        catalog.remember("card", "/a", 1, 1.0, "is not worth an error")
        other.execute("COMMIT")
        catalog.pin(ROOT, GPT)
        assert catalog.pins(ROOT) == {BERT, GPT}

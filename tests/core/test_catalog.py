from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog, Checksums, Event, Origin, Use, content_key, user_name
from modelkeep.cache.scan import scan
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import Memory, describe
from modelkeep.paths import catalog_file
from support.caches import CacheMaker

ROOT = "/disk/hub"
BERT = ModelKey("google/bert")
DATA = ModelKey("google/bert", repo_type="dataset")
COMMIT = "0" * 39 + "1"


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with Catalog() as catalog:
        yield catalog


def event(number: int, by: str = "anna") -> Event:
    return Event(float(number), by, "delete", "hf@google/bert", ROOT, 1 << 40, "done", f"number {number}")


# ---- what is kept


def test_an_empty_catalog_knows_nothing_and_is_no_problem(catalog: Catalog) -> None:
    assert catalog.origin(ROOT, BERT, COMMIT) is None
    assert catalog.last_use(ROOT, BERT) is None
    assert catalog.last_uses(ROOT) == {}
    assert catalog.pins(ROOT) == frozenset()
    assert catalog.notes(ROOT) == {}
    assert catalog.events() == ()
    assert catalog.problem == ""


def test_making_a_catalog_touches_no_disk(catalog: Catalog) -> None:
    assert not catalog.path.parent.exists()
    assert catalog.pins(ROOT) == frozenset()
    assert catalog.path == catalog_file()
    assert catalog.path.exists()


def test_everything_is_there_again_after_closing(catalog: Catalog) -> None:
    origin = Origin(
        url="https://hub.example/google/bert",
        downloaded_at=1_700_000_000.25,
        downloaded_by="Ånna",
        last_modified="2022-11-07T08:44:33.000Z",
        source="import",
        archive="/media/usb/bert.zip",
        library="transformers",
        pipeline="fill-mask",
        languages=("en", "de"),
        tags=("bert",),
        metadata={"dssField": {"nested": [1, None, "ü"]}},
    )
    catalog.record_origin(ROOT, BERT, COMMIT, origin)
    catalog.record_use(ROOT, BERT, at=12.5, by="anna")
    catalog.pin(ROOT, BERT)
    catalog.set_note(ROOT, BERT, "for ward 3 — ask Jörg")
    catalog.record_event(event(1))
    catalog.close()
    assert catalog.origin(ROOT, BERT, COMMIT) == origin
    assert catalog.origin(ROOT, BERT, "f" * 40) is None
    assert catalog.last_use(ROOT, BERT) == Use(12.5, "anna", "journal")
    assert catalog.pins(ROOT) == {BERT}
    assert catalog.notes(ROOT) == {BERT: "for ward 3 — ask Jörg"}
    assert catalog.events() == (event(1),)


def test_an_origin_of_which_little_is_known(catalog: Catalog) -> None:
    catalog.record_origin(ROOT, BERT, COMMIT, Origin(source="local"))
    assert catalog.origin(ROOT, BERT, COMMIT) == Origin(source="local")


def test_what_is_said_of_one_repository_is_said_of_no_other(catalog: Catalog) -> None:
    catalog.pin(ROOT, BERT)
    catalog.set_note(ROOT, BERT, "note")
    catalog.record_use(ROOT, BERT, at=1.0, by="anna")
    catalog.pin(ROOT, DATA)
    assert catalog.pins(ROOT) == {BERT, DATA}
    assert set(catalog.notes(ROOT)) == set(catalog.last_uses(ROOT)) == {BERT}
    assert catalog.last_use(ROOT, DATA) is None
    assert catalog.pins("/other/hub") == frozenset()
    assert catalog.last_uses("/other/hub") == {}


def test_a_pin_and_a_note_are_of_all_revisions(catalog: Catalog) -> None:
    catalog.pin(ROOT, BERT.at("main"))
    catalog.set_note(ROOT, BERT.at("v2"), "note")
    assert catalog.pins(ROOT) == {BERT}
    assert catalog.notes(ROOT) == {BERT: "note"}
    catalog.unpin(ROOT, BERT)
    catalog.set_note(ROOT, BERT, "")
    assert (catalog.pins(ROOT), catalog.notes(ROOT)) == (frozenset(), {})
    catalog.unpin(ROOT, BERT)


def test_all_names_of_a_root_are_one(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "link").symlink_to("hub")
    monkeypatch.chdir(tmp_path)
    catalog.pin(tmp_path / "link", BERT)
    assert catalog.pins("hub/") == catalog.pins(tmp_path / "hub") == {BERT}


def test_only_a_later_use_counts(catalog: Catalog) -> None:
    catalog.record_use(ROOT, BERT, at=200.0, by="anna")
    catalog.record_use(ROOT, BERT, at=100.0, by="dss", source="archive")
    assert catalog.last_use(ROOT, BERT) == Use(200.0, "anna", "journal")
    catalog.record_use(ROOT, BERT, at=300.0, by="dss", source="archive")
    assert catalog.last_uses(ROOT) == {BERT: Use(300.0, "dss", "archive")}


def test_names_that_are_not_unicode_are_kept(catalog: Catalog) -> None:
    odd = os.fsdecode(b"/disk/\xff\xfe")
    key = ModelKey(os.fsdecode(b"org/\xe9"))
    catalog.set_note(odd, key, "\ud800")
    assert catalog.notes(odd) == {key: "\ud800"}
    catalog.remember("card", odd, 1, 1.0, [odd])
    assert catalog.recall("card", odd, 1, 1.0) == [odd]


def test_events_come_newest_first_and_as_many_as_asked(catalog: Catalog) -> None:
    for number in range(5):
        catalog.record_event(event(number))
    assert catalog.events(2) == (event(4), event(3))
    assert len(catalog.events()) == 5


def test_there_is_a_name_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "anna")
    assert user_name() == "anna"


# ---- check sums


def test_check_sums_hold_until_the_file_changes(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"one")
    sums = Checksums("a" * 64, "b" * 40, 0xFFFFFFFF, 1_700_000_000.5)
    before = file.stat()
    assert catalog.checksums(file, before) is None
    catalog.remember_checksums([(file, before, sums)])
    assert catalog.checksums(str(file), file.stat()) == sums

    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert catalog.checksums(file, file.stat()) is None
    file.write_bytes(b"other")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert catalog.checksums(file, file.stat()) is None
    copy = tmp_path / "copy"
    copy.write_bytes(b"two")
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    copy.replace(file)
    assert catalog.checksums(file, file.stat()) is None

    newer = Checksums("c" * 64, "", None, 1_800_000_000.0)
    catalog.remember_checksums([(file, file.stat(), newer)])
    assert catalog.checksums(file, file.stat()) == newer
    assert catalog.checksums(file, before) is None


def test_all_check_sums_below_a_folder_come_at_once(catalog: Catalog, tmp_path: Path) -> None:
    sums = Checksums("a" * 64, "", None, 1.0)
    status = os.stat_result((0o100644, 2**64 - 1, 1, 1, 0, 0, 7, 0, 0, 0), {"st_mtime_ns": 5})
    places = ("/hub/a/blobs/1", "/hub/a/blobs/\udcff", "/hub/a-2/blobs/1", "/hub/a0", "/hub/a")
    catalog.remember_checksums([(place, status, sums) for place in places])
    assert catalog.all_checksums("/hub/a") == {content_key(place, status): sums for place in places[:2]}
    assert all(catalog.checksums(place, status) == sums for place in places)
    assert catalog.all_checksums("/hub/b") == {}


def test_an_inode_may_be_as_large_as_the_system_likes(catalog: Catalog) -> None:
    status = os.stat_result((0o100644, 2**64 - 1, 1, 1, 0, 0, 7, 0, 0, 0), {"st_mtime_ns": 5})
    sums = Checksums("a" * 64, "", None, 1.0)
    catalog.remember_checksums([("/disk/file", status, sums)])
    assert catalog.checksums("/disk/file", status) == sums


# ---- facts about files


def test_facts_are_recalled_of_an_unchanged_file_only(catalog: Catalog) -> None:
    memory: Memory = catalog
    memory.remember("card", "/a", 10, 1.5, {"licence": "mit", "tags": ["x"]})
    memory.remember("config", "/a", 10, 1.5, {"dtype": "float32"})
    assert memory.recall("card", "/a", 10, 1.5) == {"licence": "mit", "tags": ["x"]}
    assert memory.recall("config", "/a", 10, 1.5) == {"dtype": "float32"}
    assert memory.recall("card", "/a", 11, 1.5) is None
    assert memory.recall("card", "/a", 10, 1.25) is None
    assert memory.recall("card", "/b", 10, 1.5) is None
    memory.remember("card", "/a", 11, 2.5, [])
    assert memory.recall("card", "/a", 11, 2.5) == []
    assert memory.recall("card", "/a", 10, 1.5) is None


def test_a_batch_is_recalled_before_and_after_it_is_written(catalog: Catalog) -> None:
    with catalog.batch():
        for number in range(1234):
            catalog.remember("card", f"/{number}", number, 1.0, number)
        assert catalog.recall("card", "/0", 0, 1.0) == 0
        assert catalog.recall("card", "/1233", 1233, 1.0) == 1233
        with Catalog() as other:
            assert other.recall("card", "/0", 0, 1.0) == 0
            assert other.recall("card", "/1233", 1233, 1.0) is None
    with Catalog() as other:
        assert [other.recall("card", f"/{n}", n, 1.0) for n in range(1234)] == list(range(1234))


def test_a_model_is_described_from_memory(catalog: Catalog, cache: CacheMaker) -> None:
    cache.add(
        "org/name", {"README.md": b"---\nlicense: mit\n---\n", "config.json": b'{"model_type": "bert"}'}
    )
    (model,) = scan(cache.root).models
    with catalog.batch():
        first = describe(model.revisions[0], memory=catalog)
    for blob in (cache.folder("org/name") / "blobs").iterdir():
        status = blob.stat()
        blob.write_bytes(b"x" * status.st_size)
        os.utime(blob, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert first.licence == "mit"
    assert describe(model.revisions[0], memory=catalog) == first


# ---- several at once


HAMMER = """
import sys
from modelkeep.cache.catalog import Catalog, Checksums, Event, Origin
from modelkeep.keys import ModelKey

name, count = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
with Catalog() as catalog:
    for number in range(count):
        key = ModelKey(f"{name}/{number}")
        catalog.record_event(Event(number, name, "use", str(key), "/hub", 0, "done"))
        catalog.record_use("/hub", ModelKey("both/use"), at=number, by=name)
        catalog.pin("/hub", key)
        catalog.remember("card", f"/{name}/{number}", number, 1.0, number)
        if number % 10 == 0:
            catalog.pins("/hub"), catalog.events(5), catalog.last_uses("/hub")
    print(catalog.problem)
"""


@pytest.mark.parametrize("found", [None, b"garbage" * 10_000])
def test_several_processes_write_at_once_and_nothing_is_lost(catalog: Catalog, found: bytes | None) -> None:
    """From the first moment: none of them finds a catalog, or all of them find a broken one."""
    if found:
        catalog.path.parent.mkdir(parents=True)
        catalog.path.write_bytes(found)
    names, count = ("anna", "ben", "carla"), 200
    hammers = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, name, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for hammer in hammers:
        assert hammer.stdout
        assert hammer.stdout.readline() == "ready\n"
    for hammer in hammers:
        assert hammer.stdin
        hammer.stdin.write("go\n")
        hammer.stdin.flush()
    said = [hammer.communicate() for hammer in hammers]
    assert [errors for _, errors in said] == ["", "", ""]
    assert sum("damaged" in problem for problem, _ in said) == (1 if found else 0)
    assert [aside.read_bytes() for aside in catalog.path.parent.glob("*.broken-*")] == (
        [found] if found else []
    )
    done = catalog.events(10_000)
    for name in names:
        assert [event.at for event in done if event.by == name] == [*range(count)][::-1]
        assert all(
            catalog.recall("card", f"/{name}/{number}", number, 1.0) == number for number in range(count)
        )
    assert catalog.pins("/hub") == {ModelKey(f"{name}/{number}") for name in names for number in range(count)}
    assert catalog.last_uses("/hub")[ModelKey("both/use")].at == count - 1


def test_threads_share_a_catalog(catalog: Catalog) -> None:
    def work(name: str) -> None:
        with catalog.batch():
            for number in range(100):
                catalog.record_event(event(number, name))
                catalog.remember("card", f"/{name}/{number}", 1, 1.0, name)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalog.events(1000)) == 400
    assert all(catalog.recall("card", f"/{name}/99", 1, 1.0) == name for name in "abcd")


ENDLESS = """
import itertools
from modelkeep.cache.catalog import Catalog, Event
from modelkeep.keys import ModelKey

catalog = Catalog()
for number in itertools.count():
    catalog.record_event(Event(number, "anna", "use", "", "/hub", 0, "done", "x" * 2000))
    catalog.pin("/hub", ModelKey(f"org/{number}"))
    print(number, flush=True)
"""


def test_a_process_that_is_killed_while_it_writes_loses_nothing_it_had_written(catalog: Catalog) -> None:
    last = -1
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True)
        with writer:
            assert writer.stdout
            written = [int(writer.stdout.readline()) for _ in range(150)]
            writer.kill()
            written += [int(line) for line in writer.stdout if line.endswith("\n")]
        last = max(last, *written)
        assert catalog.problem == ""
        assert {int(event.at) for event in catalog.events(100_000)} >= set(range(last + 1))
        assert len(catalog.pins("/hub")) > last
    assert not list(catalog.path.parent.glob("*.broken-*"))
    with closing(sqlite3.connect(catalog.path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)

"""The log of what was done: it survives, it is found, it is exported."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.activity import ActivityQuery, export_activity, find_activity
from modelkeep.cache.activity_log import ActivityLog
from modelkeep.cache.catalog import _MIGRATIONS, Catalog, Event
from modelkeep.cache.catalog_file import CatalogFile
from modelkeep.errors import Cancelled, ModelKeepError
from modelkeep.library import Library
from modelkeep.progress import Progress
from modelkeep.rows import Selection
from modelkeep.serve.access import Identity
from modelkeep.serve.journal import Journal
from modelkeep.serve.shelf import Shelf
from support.caches import CacheMaker
from support.push_hub import PushHub

MARCH = 1_772_373_600.0  # 2026-03-01 14:00 UTC
BERT = "hf@google/bert"


def event(number: int = 0, **values: object) -> Event:
    usual = Event(MARCH + number, "anna", "delete", BERT, "/disk/hub", 1000, "done", f"number {number}")
    return usual._replace(**values)  # type: ignore[arg-type]


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with Catalog() as catalog:
        yield catalog


def found(catalog: Catalog, **query: object) -> list[Event]:
    page = find_activity(catalog, ActivityQuery(**query))  # type: ignore[arg-type]
    assert page.total >= len(page.events)
    return [one for _, one in page.events]


def logs(catalog: Catalog) -> list[Path]:
    return sorted((catalog.path.parent / "activity").glob("*.jsonl"))


# ---- it survives


def test_what_was_done_outlives_a_broken_catalog(catalog: Catalog) -> None:
    for number in range(3):
        catalog.record_event(event(number))
    assert len(found(catalog)) == 3
    catalog.close()
    catalog.path.write_bytes(b"no database at all" * 100)
    assert found(catalog) == [event(2), event(1), event(0)]
    assert "damaged" in catalog.problem


def test_any_program_can_read_it(catalog: Catalog) -> None:
    catalog.record_event(event(detail="Jörg said: “no”", root="/disk/\udcff"))
    [log] = logs(catalog)
    [line] = log.read_text("ascii").splitlines()
    assert (log.name, json.loads(line)["at"]) == ("2026-03.jsonl", "2026-03-01T14:00:00.000Z")
    assert found(catalog) == [event(detail="Jörg said: “no”", root="/disk/\udcff")]


def test_a_torn_line_is_passed_over_and_spoils_no_other(catalog: Catalog) -> None:
    catalog.record_event(event(1))
    [log] = logs(catalog)
    with log.open("ab") as file:
        file.write(b'{"at": "2026-03-01T14')
    assert found(catalog) == [event(1)]
    catalog.record_event(event(2))
    assert found(catalog) == [event(2), event(1)]


def test_lines_that_say_nothing_are_passed_over(catalog: Catalog) -> None:
    catalog.record_event(event(1))
    [log] = logs(catalog)
    with log.open("ab") as file:
        file.write(b'[]\n\n{"at": 3}\n\xff\xfe\n' + b"[" * 100_000 + b"\n")
    catalog.record_event(event(2))
    assert found(catalog) == [event(2), event(1)]


MANY = """
import sys
from modelkeep.cache.catalog import _MIGRATIONS, Catalog, Event
from modelkeep.cache.catalog_file import CatalogFile
with Catalog() as catalog:
    for number in range(100):
        catalog.record_event(Event(number, sys.argv[1], "use", "", "/hub", 0, "done", "x" * 3000))
        if number == 50:
            catalog.events(1)
"""


def test_many_processes_write_at_once(catalog: Catalog) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", MANY, name]) for name in "abcd"]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    done = found(catalog, limit=1000)
    for name in "abcd":
        assert [one.at for one in done if one.by == name] == [*range(100)][::-1]


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path, most=1500)
    month = 31 * 86400
    for number in range(6):
        log.append(event(number * month, detail="x" * 500))
    assert len(log.files()) == 3
    assert log.files()[-1] == "2026-08.jsonl"


def test_a_file_that_was_removed_is_forgotten(catalog: Catalog) -> None:
    catalog.record_event(event(1))
    catalog.record_event(event(40 * 86400))
    assert len(found(catalog)) == 2
    logs(catalog)[0].unlink()
    assert found(catalog) == [event(40 * 86400)]


def test_where_no_log_can_be_kept_the_catalog_has_it(catalog: Catalog) -> None:
    (catalog.path.parent).mkdir(parents=True)
    (catalog.path.parent / "activity.lock").touch()
    catalog.path.with_name("activity").symlink_to("/dev/null/nowhere")
    catalog.record_event(event(1))
    with closing(sqlite3.connect(catalog.path)) as database:
        assert database.execute("SELECT COUNT(*) FROM events").fetchone() == (1,)


def test_old_events_with_a_sentence_for_an_outcome_read_well(catalog: Catalog) -> None:
    before = CatalogFile(catalog.path, _MIGRATIONS[:1])
    rows = [(1.0, "anna", "delete", "hf@a/B", "/hub", 0, said, "") for said in ("done", "It is in use.")]
    before.write("INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    before.close()
    assert [(one.outcome, one.detail) for one in found(catalog)] == [
        ("failed", "It is in use."),
        ("done", ""),
    ]
    assert len(found(catalog, text="IN USE a/b")) == 1


# ---- it is found


def test_words_are_found_wherever_they_are(catalog: Catalog) -> None:
    catalog.record_event(event(1, key="hf@org/Übung", by="Ada"))
    catalog.record_event(event(2, outcome="failed", detail="The disk is full."))
    catalog.record_event(event(3, verb="export", root="/other/hub", outcome="cancelled"))
    assert [one.at - MARCH for one in found(catalog, text="übung")] == [1]
    assert [one.at - MARCH for one in found(catalog, text="ADA delete")] == [1]
    assert [one.at - MARCH for one in found(catalog, text="FULL")] == [2]
    assert [one.at - MARCH for one in found(catalog, text="other")] == [3]
    assert found(catalog, text="ada full") == []
    assert [one.at - MARCH for one in found(catalog, verbs=("export", "push"))] == [3]
    assert [one.at - MARCH for one in found(catalog, outcomes=("failed", "cancelled"))] == [3, 2]
    assert [one.at - MARCH for one in found(catalog, roots=("/other/hub",))] == [3]
    assert [one.at - MARCH for one in found(catalog, since=MARCH + 2, until=MARCH + 3)] == [2]


def test_a_model_is_found_with_all_its_revisions_and_no_other(catalog: Catalog) -> None:
    for number, key in enumerate((BERT, f"{BERT}@abc", f"{BERT}-large", "hf@other/bert")):
        catalog.record_event(event(number, key=key))
    assert [one.key for one in found(catalog, key=BERT)] == [f"{BERT}@abc", BERT]
    assert [one.key for one in found(catalog, key=f"{BERT}@abc")] == [f"{BERT}@abc"]


def test_pages_lead_to_each_other(catalog: Catalog) -> None:
    for number in range(7):
        catalog.record_event(event(number))
    query, seen = ActivityQuery(limit=3), []
    while True:
        page = find_activity(catalog, query)
        assert page.total == 7
        seen += [one.at - MARCH for _, one in page.events]
        if not page.next:
            break
        query = replace(query, before=page.next)
    assert seen == [6, 5, 4, 3, 2, 1, 0]


def test_it_is_exported_the_oldest_first(catalog: Catalog, tmp_path: Path) -> None:
    for number in range(3):
        catalog.record_event(event(number))
    target = tmp_path / "log.jsonl"
    target.write_text("what was here before")
    assert export_activity(catalog, ActivityQuery(limit=1), target) == 3
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["detail"] for line in lines] == ["number 0", "number 1", "number 2"]
    assert list(lines[0]) == ["at", "by", "verb", "model", "root", "bytes", "outcome", "detail"]
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]


def test_an_export_that_cannot_be_written_says_so(catalog: Catalog, tmp_path: Path) -> None:
    catalog.record_event(event())
    with pytest.raises(ModelKeepError):
        export_activity(catalog, ActivityQuery(), tmp_path / "nowhere" / "log.jsonl")


# ---- what operations write down


def stop(progress: Progress) -> None:
    raise Cancelled


def test_what_a_library_does_is_written_down(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", {"config.json": b"{}"})
    with Library([cache.root], Catalog()) as library:
        chosen = library.choose(["org/model"])
        library.archives.export(library.archives.plan_export(chosen, tmp_path))
        [result] = library.delete(library.plan_deletion(chosen))
        library.restore([(result.root, result.entries[0])])
        [result] = library.delete(library.plan_deletion(chosen))
        library.empty_trash([(result.root, result.entries[0])])
        done = library.catalog.events()
        assert [one.verb for one in done] == ["empty-trash", "delete", "restore", "delete", "export"]
        assert {one.key for one in done} == {"hf@org/model"}
        assert {one.outcome for one in done} == {"done"}
        assert done[0].bytes > 0
        assert done[4].detail.startswith(f"to {tmp_path}")


def test_what_fails_or_is_stopped_is_written_down_too(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", {"config.json": b"{}", "w.bin": b"w" * 100_000})
    with Library([cache.root], Catalog()) as library:
        chosen = [Selection(str(cache.root), "hf@org/model")]
        with pytest.raises(Cancelled):
            library.archives.export(library.archives.plan_export(chosen, tmp_path), report=stop)
        plans = library.plan_deletion(chosen)
        library.set_pinned(chosen, True)
        library.delete(library.plan_deletion(chosen))
        with pytest.raises(ModelKeepError):
            library.hubs.set_ref(str(cache.root), "hf@org/model", "main", "f" * 40)
        done = library.catalog.events()
        assert [(one.verb, one.outcome) for one in done] == [
            ("set-ref", "failed"),
            ("delete", "failed"),
            ("export", "cancelled"),
        ]
        assert "is not in" in done[0].detail
        assert plans[0].items


def test_a_push_is_written_down_whether_or_not_it_goes(
    tmp_path: Path, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_bytes(b'{"model_type": "bert"}')
    cache.root.mkdir(exist_ok=True)
    with PushHub() as hub, Library([cache.root], Catalog()) as library:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_write")
        plan = library.hubs.plan_push(tmp_path / "mine", "tester/model")
        result = library.hubs.push(plan)
        (tmp_path / "mine" / "config.json").write_bytes(b'{"model_type": "gpt2"}')
        plan = library.hubs.plan_push(tmp_path / "mine", "tester/model")
        (tmp_path / "mine" / "config.json").unlink()
        with pytest.raises(ModelKeepError):
            library.hubs.push(plan)
        failed, done = library.catalog.events()
    assert (done.verb, done.outcome, done.key) == ("push", "done", f"hf@tester/model@{result.commit}")
    assert done.bytes == result.sent > 0
    assert done.detail == f"{plan.source} to {hub.endpoint}"
    assert (failed.verb, failed.outcome, failed.bytes) == ("push", "failed", 0)


def test_what_others_push_here_is_written_down_with_their_name(cache: CacheMaker, catalog: Catalog) -> None:
    cache.add("org/model", {"config.json": b"{}"})
    [repo] = Shelf([cache.root]).repos()
    journal = Journal(catalog=catalog)
    journal.pushed(Identity("ward-3", True, "10.0.0.7"), repo, "a" * 40, 12)
    [one] = catalog.events()
    assert (one.by, one.verb, one.key, one.bytes) == ("ward-3", "receive", f"hf@org/model@{'a' * 40}", 12)
    assert (one.root, one.detail) == (repo.root, "from 10.0.0.7")

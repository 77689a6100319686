"""`pin`, `unpin`, `note` and `roots`: what a user chooses stays chosen."""

from __future__ import annotations

from pathlib import Path

from modelkeep.paths import default_root
from support.caches import CacheMaker
from support.cli import check_shape, done, roots, run
from support.json_shapes import MARKS, ROOT, ROOTS_CHANGED


def test_a_pin_and_a_note_are_kept(cache: CacheMaker) -> None:
    cache.add("org/bert")
    assert done("pin", "org/bert", *roots(cache.root)).out == f"Pinned hf@org/bert in {cache.root}.\n"
    check_shape(done("note", "org/bert", "für 临床", "--json", *roots(cache.root)).json, MARKS)
    [model] = done("list", "--json", *roots(cache.root)).json
    assert (model["pinned"], model["note"]) == (True, "für 临床")
    assert done("note", "org/bert", *roots(cache.root)).out == "für 临床\n"
    done("unpin", "org/bert", *roots(cache.root))
    done("note", "org/bert", "", *roots(cache.root))
    [model] = done("list", "--json", *roots(cache.root)).json
    assert (model["pinned"], model["note"]) == (False, None)


def test_a_pin_that_cannot_be_kept_is_a_failure(cache: CacheMaker, own_places: Path) -> None:
    cache.add("org/bert")
    (own_places / "modelkeep").mkdir()
    (own_places / "modelkeep" / "data").write_text("in the way")
    result = run("pin", "org/bert", *roots(cache.root))
    assert (result.status, result.out) == (1, "")
    assert "could not be kept" in result.err


def test_every_cache_that_has_it_hears_of_a_pin(cache: CacheMaker, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "other")
    for one in (cache, other):
        one.add("org/bert")
    items = done("pin", "org/bert", "--json", *roots(cache.root, other.root)).json["items"]
    assert [item["root"] for item in items] == [str(cache.root), str(other.root)]
    assert done("unpin", "org/bert", *roots(other.root)).out.count("Unpinned") == 1
    pinned = done("list", "--json", *roots(cache.root, other.root)).json
    assert [model["pinned"] for model in pinned] == [True, False]


def test_caches_are_added_and_removed(cache: CacheMaker) -> None:
    cache.add("org/bert")
    changed = done("roots", "add", cache.root, "--json").json
    check_shape(changed, ROOTS_CHANGED)
    assert changed["roots"] == [str(default_root()), str(cache.root)]
    listed = done("roots", "list", "--json").json
    check_shape(listed, [ROOT])
    assert [(root["state"], root["default"]) for root in listed] == [("missing", True), ("ready", False)]
    assert [line[0] for line in done("list").lines] == ["hf@org/bert"]
    done("roots", "remove", cache.root)
    assert done("roots", "list").lines == [[str(default_root()), "missing"]]
    assert cache.folder("org/bert").is_dir()


def test_a_dry_run_leaves_the_list_of_caches(cache: CacheMaker) -> None:
    before = done("roots", "list").out
    assert done("roots", "add", cache.root, "--dry-run").out == f"Would add {cache.root}.\n"
    assert done("roots", "list").out == before


def test_a_cache_that_is_away_may_be_added(tmp_path: Path) -> None:
    assert "is not there now" in done("roots", "add", tmp_path / "stick").err


def test_what_makes_no_sense_is_refused(cache: CacheMaker) -> None:
    done("roots", "add", cache.root)
    for verb, folder in (("add", cache.root), ("remove", cache.root / "x"), ("remove", default_root())):
        result = run("roots", verb, folder)
        assert result.status == 1
        assert result.err.startswith("Error: ")

"""`delete` and `trash`: plans that change nothing, what really happened, and every way back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.caches import CacheMaker
from support.cli import check_shape, done, roots, run, run_on_terminal, tree
from support.json_shapes import DELETION, EMPTIED, RESTORED, TRASH
from support.models import tiny_bert_files
from support.users import as_nobody


@pytest.fixture
def bert(cache: CacheMaker) -> CacheMaker:
    """A cache with a model of two revisions, and another model."""
    cache.add("org/bert", tiny_bert_files())
    cache.add("org/bert", tiny_bert_files({"README.md": b"# Other"}), refs=("v2",))
    cache.add("org/other")
    return cache


def names(cache: CacheMaker) -> list[str]:
    return [line[0] for line in done("list", *roots(cache.root)).lines]


def test_a_model_goes_to_the_trash_and_comes_back(bert: CacheMaker) -> None:
    before = tree(bert.folder("org/bert"))
    result = done("delete", "org/bert", "--yes", "--json", *roots(bert.root)).json
    check_shape(result, DELETION)
    [item] = result["items"]
    assert (result["executed"], item["status"], item["freed"]) == (True, "deleted", item["frees"])
    assert names(bert) == ["hf@org/other"]
    listed = done("trash", "list", "--json", *roots(bert.root)).json
    check_shape(listed, [TRASH])
    assert [entry["id"] for entry in listed] == [item["entry"]]
    restored = done("trash", "restore", item["entry"], "--json", *roots(bert.root)).json
    check_shape(restored, RESTORED)
    assert restored["items"][0]["status"] == "restored"
    assert tree(bert.folder("org/bert")) == before


def test_permanently_frees_what_was_promised(bert: CacheMaker) -> None:
    [planned] = done("delete", "org/bert", "--dry-run", "--json", *roots(bert.root)).json["items"]
    result = done("delete", "org/bert", "--permanently", "--yes", "--json", *roots(bert.root)).json
    assert result["freed"] == planned["frees"] > 0
    assert done("trash", "list", *roots(bert.root)).out == ""


def test_a_revision_goes_and_what_it_shares_stays(bert: CacheMaker) -> None:
    [item] = done("delete", "org/bert@v2", "--yes", "--json", *roots(bert.root)).json["items"]
    assert (item["what"], item["refs"]) == ("revision", ["v2"])
    assert len(item["stays"]) == len(tiny_bert_files()) - 1
    [model] = done("list", "--json", "--filter", "bert", *roots(bert.root)).json
    assert [revision["refs"] for revision in model["revisions"]] == [["main"]]


def test_single_files_of_a_revision_go(bert: CacheMaker) -> None:
    [item] = done("delete", "org/bert@v2", "--file", "README.md", "--yes", "--json", *roots(bert.root)).json[
        "items"
    ]
    assert (item["what"], item["files"]) == ("files", 1)
    shown = done("show", "org/bert@v2", "--json", *roots(bert.root)).json
    assert "README.md" not in [file["name"] for file in shown["files"]]
    for option, name in (("--dry-run", "  config.json"), ("--yes", "Moved config.json of hf@org/bert@")):
        assert name in done("delete", "org/bert", "--file", "config.json", option, *roots(bert.root)).out
    assert "Put back 1 file of hf@org/bert@" in done("trash", "restore", "org/bert", *roots(bert.root)).out
    result = run("delete", "org/bert", "--file", "no.such", "--yes", *roots(bert.root))
    assert result.status == 1
    assert "no.such" in result.err


# ---- nothing without a word


@pytest.mark.parametrize(
    "arguments",
    [
        ["delete", "org/bert", "org/other", "--dry-run"],
        ["delete", "org/bert", "--permanently", "--dry-run", "--yes"],
        ["trash", "restore", "org/old", "--dry-run"],
        ["trash", "empty", "--dry-run"],
        ["pin", "org/bert", "--dry-run"],
        ["note", "org/bert", "mine", "--dry-run"],
        ["delete", "org/bert"],
        ["trash", "empty"],
    ],
)
@pytest.mark.parametrize("json", [False, True])
def test_a_dry_run_or_a_pipe_without_yes_changes_nothing(
    bert: CacheMaker, arguments: list[str], json: bool
) -> None:
    bert.add("org/old")
    done("delete", "org/old", "--yes", *roots(bert.root))
    before, listed = tree(bert.root), done("list", "--json", *roots(bert.root)).json
    result = run(*arguments, *["--json"] * json, *roots(bert.root))
    assert result.status == (0 if "--dry-run" in arguments else 2), result.err
    if json and "--dry-run" in arguments:
        assert result.json["executed"] is False
        assert result.json["items"]
    if "--dry-run" not in arguments:
        assert "--yes" in result.err
    assert tree(bert.root) == before
    assert _without_use(done("list", "--json", *roots(bert.root)).json) == _without_use(listed)


def _without_use(models: list[dict]) -> list[dict]:
    return [model | {"last_used": None} for model in models]


def test_a_person_is_shown_the_plan_and_asked(bert: CacheMaker) -> None:
    status, shown = run_on_terminal("delete", "org/bert@v2", *roots(bert.root), answer="n\n")
    assert status == 1
    assert "files stay" in shown
    assert "[y/N]" in shown
    assert "Nothing was done." in shown
    assert names(bert) == ["hf@org/bert", "hf@org/other"]
    status, shown = run_on_terminal("delete", "org/other", *roots(bert.root), answer="y\n")
    assert status == 0
    assert "Undo: modelkeep trash restore" in shown
    assert names(bert) == ["hf@org/bert"]


def test_ctrl_c_at_the_question_is_an_end(bert: CacheMaker) -> None:
    status, shown = run_on_terminal("delete", "org/bert", *roots(bert.root), answer="\x03")
    assert status == 130
    assert shown.endswith("Stopped.\n")
    assert len(names(bert)) == 2


# ---- what does not go


def test_what_is_pinned_stays_unless_forced(bert: CacheMaker) -> None:
    done("pin", "org/bert", *roots(bert.root))
    result = run("delete", "org/bert", "org/other", "--yes", "--json", *roots(bert.root))
    assert result.status == 1
    assert "hf@org/bert is pinned." in result.err
    assert {item["key"]: item["status"] for item in result.json["items"]} == {
        "hf@org/bert": "failed",
        "hf@org/other": "deleted",
    }
    assert names(bert) == ["hf@org/bert"]
    done("delete", "org/bert", "--yes", "--force", *roots(bert.root))
    assert names(bert) == []


def test_what_a_process_has_open_stays(bert: CacheMaker) -> None:
    blob = next((bert.folder("org/other") / "blobs").iterdir())
    with open(blob, "rb"):
        dry = run("delete", "org/other", "--dry-run", "--json", *roots(bert.root))
        assert dry.status == 1
        planned = dry.json
        assert planned["items"][0]["in_use"][0]["pid"] == os.getpid()
        assert planned["items"][0]["status"] == "refused"
        result = run("delete", "org/other", "--yes", *roots(bert.root))
    assert result.status == 1
    assert f"({os.getpid()})" in result.err
    assert "hf@org/other" in names(bert)


def test_several_caches_lose_a_model_only_by_name(bert: CacheMaker, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "other")
    other.add("org/bert")
    both = {"MODELKEEP_ROOTS": os.pathsep.join([str(bert.root), str(other.root)])}
    result = run("delete", "org/bert", "--yes", **both)
    assert result.status == 2
    assert str(bert.root) in result.err
    assert str(other.root) in result.err
    planned = run("delete", "org/bert", "--dry-run", "--json", **both).json
    assert len(planned["items"]) == 2
    done("delete", "org/bert", "--yes", *roots(other.root))
    assert names(other) == []
    assert "hf@org/bert" in names(bert)


def test_a_key_that_is_nowhere_stops_it_all(bert: CacheMaker) -> None:
    result = run("delete", "org/other", "org/brt", "--yes", *roots(bert.root))
    assert (result.status, result.out) == (1, "")
    assert "org/bert" in result.err
    assert len(names(bert)) == 2


def test_a_root_that_is_away_stops_it(bert: CacheMaker) -> None:
    away = Path("/media/nobody/stick/hub")
    result = run("delete", "org/other", "--yes", *roots(bert.root, away))
    assert result.status == 1
    assert "not mounted" in result.err
    assert len(names(bert)) == 2


def test_a_cache_of_somebody_else_is_named_and_the_others_are_done(bert: CacheMaker, tmp_path: Path) -> None:
    theirs = CacheMaker(tmp_path / "theirs")
    theirs.add("org/other")
    done("delete", "org/other", "--dry-run", *roots(theirs.root))  # loads what nobody may not read
    result = as_nobody(
        lambda: run("delete", "org/other", "--yes", "--json", *roots(theirs.root), MODELKEEP_HOME=""),
        tmp_path,
    )
    assert result.status == 1
    [item] = result.json["items"]
    assert item["status"] == "failed"
    assert item["error"] in result.err


# ---- the trash


def test_the_trash_is_emptied_in_part_or_whole(bert: CacheMaker) -> None:
    done("delete", "org/bert", "--yes", *roots(bert.root))
    done("delete", "org/other", "--yes", *roots(bert.root))
    lines = done("trash", "list", *roots(bert.root)).lines
    assert [line[2] for line in lines] == ["hf@org/other", "hf@org/bert"]
    emptied = done("trash", "empty", "org/bert", "--yes", "--json", *roots(bert.root)).json
    check_shape(emptied, EMPTIED)
    assert emptied["freed"] == emptied["frees"] == int(lines[1][7])
    assert len(done("trash", "list", *roots(bert.root)).lines) == 1
    done("trash", "empty", "--yes", *roots(bert.root))
    assert done("trash", "empty", "--yes", *roots(bert.root)).out == "The trash is empty.\n"


def test_what_is_there_again_is_not_overwritten(bert: CacheMaker) -> None:
    done("delete", "org/other", "--yes", *roots(bert.root))
    bert.add("org/other", {"config.json": b'{"new": 1}'})
    result = run("trash", "restore", "org/other", "--json", *roots(bert.root))
    [item] = result.json["items"]
    assert (result.status, item["status"]) == (1, "partly")
    assert item["kept"]
    assert "there again" in result.err


@pytest.mark.parametrize("name", ["org/never", "no such id", ""])
def test_what_is_not_in_the_trash_cannot_be_restored(bert: CacheMaker, name: str) -> None:
    result = run("trash", "restore", name, *roots(bert.root))
    assert result.status == 1
    assert "trash" in result.err

"""`copy`, `move`, `sync`, `follow` and `unfollow` as they are called, with folders for remotes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.caches import CacheMaker
from support.cli import COMMAND, check_shape, done, json_keys, run, run_on_terminal
from support.json_shapes import BETWEEN, COPIED, FOLLOW, FOLLOWED, SYNCED

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"weights" * 100}
SIZE = sum(map(len, FILES.values()))


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """The folder with those of the remotes “team” and “stick”."""
    for name in ("team", "stick"):
        (tmp_path / name).mkdir()
        done("remote", "add", name, tmp_path / name)
    return tmp_path


@pytest.fixture
def here(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> CacheMaker:
    """The user's cache, “here”."""
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    return cache


@pytest.fixture
def commit(here: CacheMaker, stores: Path) -> str:
    """The commit of org/bert, which is here and on team, with the tag v1 there."""
    commit = here.add("org/bert", FILES)
    done("push", "org/bert", "--remote", "team", "--tag", "v1", "-y")
    return commit


def models(name: str) -> list[str]:
    return [line[0] for line in done("remote", "models", name).lines]


# ---- copy and move


def test_a_copy_is_shown_and_done(commit: str) -> None:
    copy = ["copy", "org/bert", "--from", "team", "--to", "stick"]
    plan = done(*copy, "--dry-run", "--json").json
    check_shape(plan, COPIED)
    assert (plan["key"], plan["refs"], plan["sends"], plan["executed"], plan["result"]) == (
        f"hf@org/bert@{commit}",
        ["main", "v1"],
        SIZE,
        False,
        None,
    )
    assert models("stick") == []
    assert f"sends {SIZE} B of {SIZE} B" in done(*copy, "--dry-run").out
    result = done(*copy, "--json").json
    check_shape(result, COPIED)
    assert (result["result"]["sent"], result["deletes"]) == (SIZE, None)
    assert done(*copy).out == "hf@org/bert is in stick already.\n"
    assert models("stick") == models("team") == ["hf@org/bert"]


def test_a_cache_of_yours_is_a_place_and_another_folder_a_store(
    commit: str, here: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cache 2", "plain"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv("MODELKEEP_ROOTS", os.pathsep.join([str(here.root), str(tmp_path / "cache 2")]))
        done("copy", "org/bert", "--from", "team", "--to", tmp_path / name)
    assert [line[0] for line in done("list", "--root", tmp_path / "cache 2").lines] == ["hf@org/bert"]
    assert (tmp_path / "plain" / "modelkeep-store.json").exists()
    assert models(str(tmp_path / "plain")) == ["hf@org/bert"]
    done("copy", "org/bert", "--to", "stick")
    assert models("stick") == ["hf@org/bert"], "without --from it comes from here"


def test_a_move_asks_and_says_what_it_deletes(commit: str) -> None:
    move = ["move", "org/bert", "--from", "team", "--to", "stick"]
    plan = done(*move, "--dry-run", "--json").json
    check_shape(plan, COPIED)
    assert plan["deletes"]["commits"] == [commit]
    refused = run(*move)
    assert (refused.status, "--yes" in refused.err, models("stick")) == (2, True, [])
    status, shown = run_on_terminal(*move, answer="n\n")
    assert (status, "then deletes its revision from team" in shown) == (1, True)
    assert models("team") == ["hf@org/bert"]
    status, shown = run_on_terminal(*move, answer="y\n")
    assert (status, "2 files read back and right; deleted from team." in shown) == (0, True), shown
    assert (models("team"), models("stick")) == ([], ["hf@org/bert"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["copy", "org/brt", "--from", "team", "--to", "stick"], "has no hf@org/brt"),
        (["copy", "org/bert", "--from", "team", "--to", "stik"], "stik"),
        (["move", "org/bert", "--from", "team", "--to", "team", "-y"], "both origin and destination"),
        (["sync", "team", "stik"], "stik"),
        (["sync", "team", "team"], "both origin and destination"),
        (["follow", "teem", "org/bert"], "There is no remote “teem”."),
    ],
)
def test_a_mistake_is_a_sentence_and_status_1(commit: str, arguments: list[str], sentence: str) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (1, ""), result.err
    assert sentence in result.err
    assert "Hint:" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "team"],
        ["sync", "team", "stick", "--watch"],
        ["sync", "--delete"],
        ["sync", "--watch", "--every", "0h"],
        ["sync", "--watch", "--every", "soon"],
        ["copy", "org/bert"],
        ["follow", "team", "--into", "x"],
    ],
)
def test_what_makes_no_sense_is_status_2(stores: Path, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")


# ---- sync


def test_a_sync_brings_what_is_missing_and_deletes_only_when_told(commit: str, here: CacheMaker) -> None:
    here.add("org/old", {"config.json": b"{}"})
    done("push", "org/old", "--remote", "stick", "-y")
    plan = done("sync", "team", "stick", "--dry-run", "--json").json
    check_shape(plan, SYNCED)
    assert [(item["action"], item["refs"]) for item in plan["items"] if item["action"] == "copy"] == [
        ("copy", ["main", "v1"])
    ]
    assert "1 revision done" in done("sync", "team", "stick").out
    assert "Nothing is missing there." in done("sync", "team", "stick").out
    assert models("stick") == ["hf@org/bert", "hf@org/old"]
    assert run("sync", "team", "stick", "--delete").status == 2
    status, shown = run_on_terminal("sync", "team", "stick", "--delete", answer="n\n")
    assert (status, "Delete 1 revision from stick?" in shown) == (1, True), shown
    gone = done("sync", "team", "stick", "--delete", "-y", "--json").json
    check_shape(gone, SYNCED)
    assert [item["action"] for item in gone["items"]] == ["same", "delete"]
    assert models("stick") == ["hf@org/bert"]


def test_a_sync_that_fails_in_part_says_so_and_does_the_rest(
    commit: str, here: CacheMaker, stores: Path
) -> None:
    here.add("org/lost", {"config.json": b"{}", "lost.bin": b"only here" * 100})
    done("push", "org/lost", "--remote", "team", "-y")
    [blob] = [
        path
        for path in (stores / "team" / "blobs").rglob("*")
        if path.is_file() and path.stat().st_size == 900
    ]
    blob.unlink()
    result = run("sync", "team", "stick", "--json")
    check_shape(result.json, SYNCED)
    assert (result.status, len(result.json["failures"])) == (1, 1)
    assert "org/lost" in result.err
    assert models("stick") == ["hf@org/bert"]


# ---- following


def test_what_is_followed_is_listed_and_brought(commit: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert done("follow").out == done("follow", "team").out == "Nothing is followed.\n"
    assert "Nothing is followed" in done("sync").out
    done("follow", "team", "--tag", "v1", "--into", tmp_path / "other")
    listed = done("follow", "team", "org/none", "--json").json
    check_shape(listed, [FOLLOW])
    assert [(one["keys"], one["tag"]) for one in listed] == [([], "v1"), (["hf@org/none"], None)]
    planned = run("sync", "--dry-run", "--json")
    check_shape(planned.json, [FOLLOWED])
    assert [run["executed"] for run in planned.json] == [False, False]
    brought = run("sync", "--json")
    check_shape(brought.json, [FOLLOWED])
    by_root = {Path(one["root"]).name: one for one in brought.json}
    assert by_root["other"]["fetched"] == [f"hf@org/bert@{commit}"]
    assert [len(one["gone"]) for one in brought.json if one["root"] != by_root["other"]["root"]] == [1]
    assert "org/none" in run("sync").err
    assert [line[0] for line in done("list", "--root", tmp_path / "other").lines] == ["hf@org/bert"]
    assert [one["tag"] for one in done("unfollow", "team", "org/none", "--json").json] == ["v1"]
    assert "All that is followed of team is in" in done("sync").out
    status, shown = run_on_terminal("follow")
    assert (status, "all with the tag v1, in " in shown) == (0, True)
    assert done("unfollow", "team").out == "Nothing is followed.\n"


def test_watching_ends_with_ctrl_c(commit: str) -> None:
    done("follow", "team", "org/bert")
    watching = subprocess.Popen(
        [*COMMAND, "sync", "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert watching.stderr is not None
    with watching:
        assert watching.stderr.readline() == "Looking again in 1 h; Ctrl-C ends it.\n"
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate()
    assert (watching.returncode, err) == (130, "Stopped.\n")
    check_shape(json.loads(out), [FOLLOWED])


def test_the_documentation_names_every_field() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert not {key for key in json_keys(BETWEEN) if f"`{key}`" not in text}


# ---- limits


def test_what_may_not_go_is_no_reason_to_say_that_nothing_has_to(commit: str) -> None:
    done("pin", "org/bert")
    result = run("evict", "--max-size", "1kB", "--dry-run")
    assert (result.status, result.out) == (1, "")
    assert "more would have to go" in result.err
    status, shown = run_on_terminal("evict", "--max-size", "1kB", "--dry-run")
    assert (status, "org/bert stays: It is pinned." in shown) == (1, True), shown
    assert "Nothing has to go." not in shown


def test_what_makes_room_is_named_where_nobody_is_asked(
    commit: str, stores: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = stores / "small"
    small.mkdir()
    monkeypatch.setenv("MODELKEEP_ROOTS", str(small))
    for name in ("one", "two"):
        (stores / name).mkdir()
        (stores / name / "weights.safetensors").write_bytes(name.encode() * 20000)
        done("push", stores / name, "--to", f"org/{name}", "--remote", "team", "-y")
    done("roots", "limit", small, "--max-size", "100kB", "--grace", "0min")
    assert "limits" not in done("fetch", "org/one", "--remote", "team").err
    assert "org/one" in done("fetch", "org/two", "--remote", "team").err
    assert [line[0] for line in done("list").lines] == ["hf@org/two"]
    assert [line[2] for line in done("trash", "list").lines] == ["hf@org/one"]

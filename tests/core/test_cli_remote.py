"""`remote`, `push --remote`, `fetch` and `mend --remote` as they are called, with a folder for a remote."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from modelkeep.cli.remote import remote
from modelkeep.settings import load_settings
from support import remote_shapes as shapes
from support.caches import CacheMaker
from support.cli import check_shape, done, json_keys, roots, run, run_on_terminal
from support.remote_shapes import ALL
from support.transfer_shapes import DOWNLOAD

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"weights" * 100}
SIZE = sum(map(len, FILES.values()))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder that is the remote “team”."""
    place = tmp_path / "store"
    place.mkdir()
    done("remote", "add", "team", place)
    return place


@pytest.fixture
def pushed(store: Path, cache: CacheMaker) -> str:
    """The commit of a model that team has, with the tag v1."""
    commit = cache.add("org/bert", FILES)
    done("push", "org/bert", "--remote", "team", "-m", "First", "--tag", "v1", "-y", *roots(cache.root))
    return commit


@pytest.fixture
def other(tmp_path: Path) -> list[str]:
    """The arguments that name another, empty cache."""
    (tmp_path / "other").mkdir()
    return list(roots(tmp_path / "other"))


# ---- names


def test_remotes_are_added_listed_and_removed(store: Path, tmp_path: Path) -> None:
    assert done("remote", "list").lines == [["team", str(store), "folder", "", ""]]
    listed = done("remote", "add", "stick", tmp_path / "x", "--cache", tmp_path / "c", "--json").json
    check_shape(listed, [shapes.REMOTE])
    assert [(one["name"], one["cache"]) for one in listed] == [("team", None), ("stick", str(tmp_path / "c"))]
    again = run("remote", "add", "team", tmp_path)
    assert (again.status, "already" in again.err) == (1, True)
    assert "Removed stick." in done("remote", "remove", "stick").out
    assert [line[0] for line in done("remote", "list").lines] == ["team"]


def test_a_remote_is_tested_check_by_check(store: Path) -> None:
    tested = done("remote", "test", "team", "--json").json
    check_shape(tested, shapes.TESTED)
    assert tested["works"]
    lines = done("remote", "test", "team").lines
    assert [line[:2] for line in lines] == [[check["name"], "ok"] for check in tested["checks"]]
    assert not list(store.iterdir()), "no trace is left"
    status, shown = run_on_terminal("remote", "test", "team")
    assert (status, "ok" in shown) == (0, True)


def test_on_a_terminal_a_check_that_was_left_out_is_named(store: Path) -> None:
    shutil.rmtree(store)
    status, shown = run_on_terminal("remote", "test", "team")
    assert (status, "There is no folder" in shown) == (1, True)
    assert "write: Not tested, because “reach” failed." in shown


# ---- pushing


def test_a_push_shows_its_plan_and_sends_only_what_is_not_there(store: Path, cache: CacheMaker) -> None:
    commit = cache.add("org/bert", FILES)
    place = roots(cache.root)
    push = ["push", "org/bert", "--remote", "team", "-m", "First"]
    plan = done(*push, "--dry-run", "--json", *place).json
    assert plan.keys() >= shapes.PUSH_BESIDE.keys()
    check_shape({key: plan[key] for key in shapes.PUSH_BESIDE}, shapes.PUSH_BESIDE)
    assert (plan["executed"], plan["bytes_to_send"], plan["commit"], plan["remote"]) == (
        False,
        SIZE,
        commit,
        "team",
    )
    text = done(*push, "--dry-run", *place).out
    assert f"main will lead to {commit[:12]}" in text
    assert "private" not in text, "that is a hub's matter"
    assert run(*push, *place).status == 2, "in a pipe it is not asked, and not done"
    assert not list(store.iterdir())
    result = done(*push, "--tag", "v1", "--describe", "For the ward", "-y", "--json", *place).json
    assert (result["result"]["sent"], result["description"], result["tags"]) == (SIZE, "For the ward", ["v1"])
    assert "team has all of org/bert already." in done(*push, *place).out
    again = done(*push, "--tag", "v1", "-y", *place)
    assert (f"as {commit[:12]}: 0 B sent" in again.out, again.err) == (True, ""), "nothing to be warned of"
    newer = cache.add("org/bert", FILES | {"new.txt": b"n"})
    said = done("push", "org/bert", "--remote", "team", "--dry-run", *place).out
    assert f"main leads to {commit[:12]} now" in said
    assert "sends 1 B" in said.replace("  ", " ")
    assert f"as {newer[:12]}: 1 B sent" in done("push", "org/bert", "--remote", "team", "-y", *place).out
    status, shown = run_on_terminal(
        "push", "org/bert", "--remote", "team", "--ref", "next", *place, answer="y\n"
    )
    assert (status, "Pushed org/bert to team" in shown) == (0, True), shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["--remote", "team", "--profile", "x"],
        ["--remote", "team", "--include", "*"],
        ["--remote", "team", "--pull-request"],
        ["--tag", "v1"],
        ["--parent", "org/base"],
    ],
)
def test_options_of_a_hub_and_of_a_remote_are_not_mixed(arguments: list[str]) -> None:
    assert run("push", "org/bert", *arguments).status == 2


def test_a_secret_is_not_pushed(store: Path, cache: CacheMaker) -> None:
    cache.add("org/bert", FILES | {"notes.txt": b"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n"})
    push = ["push", "org/bert", "--remote", "team", "-y", *roots(cache.root)]
    refused = run(*push)
    assert (refused.status, "notes.txt" in refused.err, list(store.iterdir())) == (1, True, [])
    done(*push, "--allow-secret", "notes.txt")


# ---- looking


def test_the_models_of_a_remote_say_where_they_are(pushed: str, cache: CacheMaker, other: list[str]) -> None:
    cache.add("org/here", FILES)
    place = roots(cache.root)
    listed = done("remote", "models", "team", "--json", *place).json
    check_shape(listed, [shapes.MODEL])
    assert [(one["key"], one["where"], one["size"]) for one in listed] == [("hf@org/bert", "both", SIZE)]
    assert [line[:3] for line in done("remote", "models", "team", *other).lines] == [
        ["hf@org/bert", "there", str(SIZE)]
    ]
    both = done("remote", "models", "team", "--all", "--json", *place).json
    check_shape(both, [shapes.MODEL])
    assert [(one["repo_id"], one["where"]) for one in both] == [("org/bert", "both"), ("org/here", "here")]
    cache.add("org/bert", FILES | {"new.txt": b"n"})
    [newer] = done("remote", "models", "team", "bert", "--json", *place).json
    assert (newer["where"], newer["note"]) == ("newer", "What is here has not been pushed there.")
    assert done("remote", "models", "team", "nothing-like-it", *place).out == ""
    assert run("remote", "models", "team", "siz>1GB").status == 2
    status, shown = run_on_terminal("remote", "models", "team", *place)
    assert (status, "newer" in shown, "1 model" in shown) == (0, True, True)


def test_one_model_is_shown_with_its_history(pushed: str, cache: CacheMaker) -> None:
    cache.add("org/tuned", FILES | {"t": b"1"})
    done("push", "org/tuned", "--remote", "team", "--parent", "org/bert", "-y", *roots(cache.root))
    shown = done("remote", "show", "team", "org/bert", "--json").json
    check_shape(shown, shapes.DETAILS)
    assert (shown["commit"], shown["children"]) == (pushed, ["hf@org/tuned"])
    assert shown["revisions"][0]["refs"] == ["main", "v1"]
    tuned = done("remote", "show", "team", "org/tuned", "--json").json
    assert tuned["parent"] == tuned["root"] == f"hf@org/bert@{pushed}"
    text = done("remote", "show", "team", f"org/bert@{pushed[:8]}").out
    assert "made from it  hf@org/tuned" in text
    history = done("remote", "history", "team", "org/bert", "--json").json
    check_shape(history, [shapes.STEP])
    assert [(step["commit"], step["message"]) for step in history] == [(pushed, "First")]


def test_a_remote_is_verified_and_damage_is_named(pushed: str, store: Path) -> None:
    found = done("remote", "verify", "team", "--json").json
    check_shape(found, shapes.VERIFIED)
    assert (found["good"], found["files"], found["read"]) == (True, 2, 0)
    assert "read and right" in done("remote", "verify", "team", "--deep").out
    blob = next(
        path for path in (store / "blobs").rglob("*") if path.is_file() and path.stat().st_size == 700
    )
    blob.chmod(0o644)
    blob.write_bytes(b"Weights" * 100)
    done("remote", "verify", "team", "org/bert")
    bad = run("remote", "verify", "team", "--deep", "--json")
    check_shape(bad.json, shapes.VERIFIED)
    assert (bad.status, bad.json["problems"][0]["problem"]) == (1, "wrong-content")
    assert "model.safetensors" in bad.err
    os.unlink(blob)
    assert "is missing there" in run("remote", "verify", "team").err


# ---- changing


def test_what_is_deleted_is_shown_asked_for_and_restored(pushed: str, store: Path) -> None:
    plan = done("remote", "delete", "team", "org/bert", "--dry-run", "--json").json
    check_shape(plan, shapes.DELETION)
    assert (plan["executed"], plan["commits"], set(plan["refs"])) == (False, [pushed], {"main", "v1"})
    assert run("remote", "delete", "team", "org/bert").status == 2
    status, shown = run_on_terminal("remote", "delete", "team", "org/bert", answer="n\n")
    assert (status, "can be restored for" in shown, "Nothing was done." in shown) == (1, True, True)
    gone = done("remote", "delete", "team", "org/bert", "-y")
    assert "Undo, within" in gone.err
    assert done("remote", "models", "team").out == ""
    listed = done("remote", "restore", "team", "--json").json
    check_shape(listed, [shapes.DELETED])
    assert [line[:2] for line in done("remote", "restore", "team").lines] == [["hf@org/bert", pushed]]
    restored = done("remote", "restore", "team", "org/bert", "--json").json
    check_shape(restored, shapes.RESTORED)
    assert restored["commits"] == [pushed]
    assert [line[0] for line in done("remote", "models", "team").lines] == ["hf@org/bert"]


def test_tags_are_moved_and_removed_with_a_reason(pushed: str) -> None:
    step = done("remote", "tag", "team", "org/bert@v1", "production", "-m", "Approved", "--json").json
    check_shape(step, shapes.STEP)
    assert (step["ref"], step["commit"]) == ("production", pushed)
    gone = done("remote", "untag", "team", "org/bert", "production", "-m", "Recalled", "--json").json
    check_shape(gone, shapes.UNTAGGED)
    steps = done("remote", "history", "team", "org/bert@production").lines
    assert [(line[0], line[2], line[5]) for line in steps] == [
        ("2", "", "Recalled"),
        ("1", pushed, "Approved"),
    ]
    verbs = [(line[2], line[-1]) for line in done("log", "--verb", "set-ref").lines]
    assert verbs == [
        ("set-ref", "production removed on team: Recalled"),
        ("set-ref", "production on team: Approved"),
    ]


def test_garbage_goes_after_its_grace_and_not_before(pushed: str, store: Path) -> None:
    done("remote", "delete", "team", "org/bert", "-y")
    assert "too young to go" in done("remote", "gc", "team").out
    blobs = [path for path in (store / "blobs").rglob("*") if path.is_file()]
    for path in store.rglob("*"):
        os.utime(path, (1.0, 1.0))
    plan = done("remote", "gc", "team", "--grace", "1d", "--dry-run", "--json").json
    check_shape(plan, shapes.COLLECTION)
    assert (plan["executed"], plan["removed"]) == (False, 0)
    assert all(path.exists() for path in blobs)


# ---- fetching


def test_a_model_is_fetched_and_a_second_time_is_here_already(
    pushed: str, other: list[str], tmp_path: Path
) -> None:
    plan = done("fetch", "org/bert", "--remote", "team", "--dry-run", "--json", *other).json
    check_shape(plan, DOWNLOAD)
    assert (plan["bytes_missing"], plan["profile"], plan["executed"]) == (SIZE, "remote:team", False)
    assert not any((tmp_path / "other").iterdir())
    fetched = done("fetch", "org/bert", "--remote", "team", "--json", *other).json
    check_shape(fetched, DOWNLOAD)
    assert fetched["result"]["fetched"] == SIZE
    snapshot = Path(fetched["result"]["snapshot"])
    assert {path.name: path.read_bytes() for path in snapshot.iterdir()} == FILES
    assert "already" in done("fetch", "org/bert", "--remote", "team", *other).out
    assert "already" in done("fetch", "org/bert@v1", "--remote", "team", *other).out


def test_single_files_are_fetched_and_the_cache_of_the_remote_is_used(
    pushed: str, store: Path, tmp_path: Path
) -> None:
    done("remote", "remove", "team")
    done("remote", "add", "team", store, "--cache", tmp_path / "for-team")
    done("fetch", "org/bert", "--remote", "team", "--file", "config.json")
    assert load_settings().settings.roots == (str(tmp_path / "for-team"),)
    assert ["hf@org/bert", str(tmp_path / "for-team")] == done("list").lines[0][:2]
    assert run("fetch", "org/bert", "--remote", "team", "--file", "none.txt").status == 1


def test_on_a_terminal_the_plan_is_shown_before_it_is_fetched(pushed: str, other: list[str]) -> None:
    status, shown = run_on_terminal("fetch", "org/bert", "--remote", "team", *other, answer="\n")
    assert (status, "model.safetensors" in shown, "Fetched hf@org/bert" in shown) == (0, True, True), shown


def test_a_bad_file_is_mended_from_a_remote(store: Path, cache: CacheMaker) -> None:
    commit = cache.add("org/bert", {"config.json": b"{}", "notes.txt": b"notes" * 100})
    place = roots(cache.root)
    done("push", "org/bert", "--remote", "team", "-y", *place)
    notes = cache.folder("org/bert") / "snapshots" / commit / "notes.txt"
    notes.resolve().write_bytes(b"wrong" * 100)
    mend = ["mend", "org/bert", "--remote", "team", "--deep", *place]
    plan = done(*mend, "--dry-run", "--json").json
    assert [file["origin"]["where"] for file in plan["files"]] == ["remote"]
    assert "from the remote team" in done(*mend, "-y").out
    assert notes.read_bytes() == b"notes" * 100


# ---- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "sentence", "hint"),
    [
        (["remote", "models", "teem"], "There is no remote “teem”.", "Did you mean team?"),
        (["remote", "show", "team", "org/brt"], "has no hf@org/brt", "Did you mean org/bert?"),
        (["fetch", "org/brt", "--remote", "team"], "has no hf@org/brt", "Did you mean org/bert?"),
        (["fetch", "org/bert@v9", "--remote", "team"], "v9", "main"),
        (["remote", "delete", "team", "org/brt", "-y"], "has no hf@org/brt", "Did you mean org/bert?"),
        (["remote", "history", "team", "org/brt"], "org/brt", ""),
        (["remote", "tag", "team", "org/brt", "x"], "has no hf@org/brt", "org/bert"),
        (["remote", "restore", "team", "org/bert"], "org/bert", ""),
        (["remote", "add", "here", "/tmp"], "cannot be the name of a remote", "One word"),
        (["remote", "add", "x", "ftp://host"], "ftp:", "s3:"),
    ],
)
def test_a_mistake_is_a_sentence_a_hint_and_status_1(
    pushed: str, arguments: list[str], sentence: str, hint: str
) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (1, ""), result.err
    assert sentence in result.err
    assert hint in result.err
    assert "unexpected" not in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["remote", "models", "team"],
        ["remote", "show", "team", "org/bert"],
        ["remote", "verify", "team"],
        ["remote", "delete", "team", "org/bert", "-y"],
        ["remote", "restore", "team"],
        ["remote", "gc", "team", "-y"],
        ["fetch", "org/bert", "--remote", "team"],
        ["remote", "test", "team"],
    ],
)
def test_a_folder_that_is_away_is_said(pushed: str, store: Path, arguments: list[str]) -> None:
    shutil.rmtree(store)
    result = run(*arguments)
    said = result.err + result.out
    assert result.status == 1
    assert "There is no folder" in said
    assert "Plug it in or mount it" in said
    assert not store.exists(), "it is not made by looking"


def test_a_push_to_a_folder_that_is_away_makes_none(pushed: str, store: Path, cache: CacheMaker) -> None:
    shutil.rmtree(store)
    result = run("push", "org/bert", "--remote", "team", "-y", *roots(cache.root))
    assert (result.status, "There is no folder" in result.err, store.exists()) == (1, True, False)


def test_offline_nothing_but_a_folder_is_reached(pushed: str) -> None:
    done("remote", "add", "far", "s3://models?endpoint=http://127.0.0.1:9")
    done("offline", "on")
    refused = run("remote", "models", "far")
    assert (refused.status, "offline switch is on" in refused.err) == (1, True)
    assert "Hint:" in refused.err
    done("remote", "models", "team")


# ---- the documentation


def test_the_documentation_names_every_field_and_every_command() -> None:
    docs = Path(__file__).parents[2] / "docs"
    text = (docs / "json.md").read_text(encoding="utf-8")
    assert not {key for key in json_keys(ALL) if f"`{key}`" not in text}
    commands = (docs / "command-line.md").read_text(encoding="utf-8")
    assert not [name for name in remote.commands if f"remote {name}" not in commands]

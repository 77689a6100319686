"""`push`, `updates` and `rollback` as they are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.caches import CacheMaker
from support.cli import check_shape, done, json_keys, roots, run, run_on_terminal
from support.push_hub import PushHub

MAYBE = (str, None)
CHANGE = {"path": str, "kind": str, "old_size": (int, None), "new_size": (int, None)}
UPDATE = {
    "key": str,
    "root": str,
    "ref": MAYBE,
    "old": MAYBE,
    "new": MAYBE,
    "is_newer": bool,
    "last_modified": MAYBE,
    "bytes_new": int,
    "changes": [CHANGE],
    "note": MAYBE,
    "error": MAYBE,
    "hint": MAYBE,
}
ROLLBACK = {
    "executed": bool,
    "key": str,
    "root": str,
    "ref": str,
    "old": MAYBE,
    "new": str,
    "changes": [CHANGE],
    "notes": [str],
}
PUSHED = {
    "commit": MAYBE,
    "url": str,
    "pull_request_url": MAYBE,
    "sent": int,
    "verified": int,
    "differs": [str],
}
PUSH = {
    "source": str,
    "to": str,
    "repo_type": str,
    "profile": str,
    "endpoint": str,
    "who": MAYBE,
    "branch": str,
    "base": MAYBE,
    "creates": bool,
    "private": (bool, None),
    "creates_branch": bool,
    "pull_request": bool,
    "message": MAYBE,
    "bytes_to_send": int,
    "files": [
        {
            "path": str,
            "source": MAYBE,
            "size": int,
            "action": str,
            "is_lfs": bool,
            "etag": str,
            "sends": int,
        }
    ],
    "secrets": [{"path": str, "kind": str, "line": (int, None)}],
    "ignored": [str],
    "notes": [str],
    "executed": bool,
    "result": (PUSHED, None),
}
FILES = {"config.json": b"{}", "model.safetensors": b"weights"}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushHub]:
    with PushHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_write")
        yield server


def test_a_model_is_pushed_and_then_there_is_nothing_to_do(hub: PushHub, cache: CacheMaker) -> None:
    cache.add("tester/bert", FILES)
    place = roots(cache.root)
    plan = done("push", "tester/bert", "--plan", "--json", *place).json
    check_shape(plan, PUSH)
    assert (plan["executed"], plan["creates"], plan["private"], plan["bytes_to_send"]) == (
        False,
        True,
        True,
        9,
    )
    assert hub.repositories == {}
    assert "a new repository, private" in done("push", "tester/bert", "--plan", *place).out
    refused = run("push", "tester/bert", *place)
    assert (refused.status, hub.repositories) == (2, {}), "in a pipe it is not asked, and not done"
    pushed = done("push", "tester/bert", "-y", "--json", *place).json
    check_shape(pushed, PUSH)
    assert (pushed["executed"], pushed["result"]["verified"], pushed["result"]["differs"]) == (True, 2, [])
    assert "has all of it already" in done("push", "tester/bert", *place).out


def test_a_folder_needs_a_name_and_may_go_elsewhere(hub: PushHub, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("a")
    (tmp_path / "mine" / "b.txt").write_text("b")
    assert run("push", tmp_path / "mine", "-y").status == 2
    said = done(
        *("push", tmp_path / "mine", "--to", "org/there", "--public", "--branch", "v1"),
        *("--include", "a*", "-m", "First", "-y"),
    )
    assert said.out.startswith("Pushed to org/there: 1 B sent, 1 file there as it is here.")
    assert hub.paths("org/there", "v1") == {"a.txt", ".gitattributes"}
    repository = hub.repository("org/there")
    assert repository.about == {"private": False}
    assert repository.commits[repository.branches["v1"]].title == "First"


def test_a_secret_is_not_pushed_unless_named(hub: PushHub, tmp_path: Path) -> None:
    (tmp_path / "id_rsa").write_text("x")
    (tmp_path / "a.txt").write_text("a")
    refused = run("push", tmp_path, "--to", "tester/x", "-y", "--json")
    assert refused.status == 1
    assert "looks like a secret: id_rsa" in refused.err
    check_shape(refused.json, PUSH)
    assert refused.json["secrets"] == [{"path": "id_rsa", "kind": "SSH private key", "line": None}]
    assert hub.repositories == {}
    done("push", tmp_path, "--to", "tester/x", "-y", "--allow-secret", "id_rsa")
    assert hub.paths("tester/x") == {"id_rsa", "a.txt", ".gitattributes"}


def test_a_person_is_shown_what_goes_and_asked(hub: PushHub, cache: CacheMaker) -> None:
    cache.add("tester/bert", FILES)
    status, shown = run_on_terminal("push", "tester/bert", *roots(cache.root), answer="n\n")
    assert status == 1
    assert "model.safetensors" in shown
    assert "Nothing was done." in shown
    assert hub.repositories == {}


def test_updates_are_listed_and_a_rollback_leads_back(hub: PushHub, cache: CacheMaker) -> None:
    place = roots(cache.root)
    old = cache.add("org/bert", FILES, commit=hub.add("org/bert", FILES))
    cache.add("org/mine", FILES)
    new = hub.add("org/bert", FILES | {"config.json": b"{ }"})
    listed = done("updates", "--json", *place).json
    check_shape(listed, [UPDATE])
    assert [(one["key"], one["is_newer"], bool(one["note"])) for one in listed] == [
        ("hf@org/bert", True, False),
        ("hf@org/mine", False, True),
    ]
    assert done("updates", *place).lines == [["hf@org/bert", str(cache.root), "main", old, new, "3"]]
    cache.add("org/bert", FILES | {"config.json": b"{ }"}, commit=new)
    assert done("updates", "org/bert", *place).out == ""
    planned = done("rollback", "org/bert", "--dry-run", "--json", *place).json
    check_shape(planned, ROLLBACK)
    assert (planned["executed"], planned["old"], planned["new"]) == (False, new, old)
    assert [change["path"] for change in planned["changes"]] == ["config.json"]
    assert run("rollback", "org/bert", *place).status == 2
    assert "leads to" in done("rollback", "org/bert", "-y", *place).out
    assert done("list", "--json", *place).json[0]["revisions"]
    assert (cache.folder("org/bert") / "refs" / "main").read_text() == old
    assert done("rollback", "org/bert", "--to", new[:10], "-y", "--json", *place).json["executed"]
    assert "already" in done("rollback", "org/bert", "--to", new, *place).out


def test_a_hub_that_is_away_is_a_failure(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    with PushHub() as gone:
        endpoint = gone.endpoint
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    cache.add("org/bert", FILES)
    result = run("updates", *roots(cache.root))
    assert result.status == 1
    assert "refused the connection" in result.err


def test_every_field_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert {key for key in json_keys([PUSH, UPDATE, ROLLBACK, PUSHED]) if f"`{key}`" not in text} == set()

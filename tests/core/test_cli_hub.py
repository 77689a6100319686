"""`modelkeep search` and `modelkeep profile`, as scripts and people call them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelkeep.cli.commands import modelkeep
from modelkeep.hub.tokens import tokens_file
from support.cli import check_shape, done, json_keys, run, run_on_terminal
from support.hub import HubServer

MAYBE = (str, None)
SEARCH = {
    "models": [
        {
            "key": str,
            "repo_id": str,
            "commit": MAYBE,
            "author": MAYBE,
            "created": MAYBE,
            "last_modified": MAYBE,
            "private": bool,
            "gated": MAYBE,
            "downloads": int,
            "likes": int,
            "tags": [str],
            "task": MAYBE,
            "library": MAYBE,
            "licence": MAYBE,
            "parameters": (int, None),
            "used_storage": (int, None),
        }
    ],
    "next": MAYBE,
}
PROFILE = {
    "name": str,
    "endpoint": str,
    "proxy": MAYBE,
    "ca_file": MAYBE,
    "connect_timeout": float,
    "read_timeout": float,
    "xet": bool,
    "limit_rate": int,
    "source": str,
    "default": bool,
    "token_source": MAYBE,
}
DIAGNOSIS = {
    "profile": str,
    "endpoint": str,
    "works": bool,
    "checks": [{"name": str, "outcome": str, "sentence": str, "hint": MAYBE, "seconds": float}],
}
OFFLINE = {"offline": bool, "reason": MAYBE}
SECRET = "hf_" + "s3cret" * 5


@pytest.fixture
def server() -> Iterator[HubServer]:
    """A hub with two models, which is the default one."""
    with HubServer() as server:
        server.add("org/name", {"config.json": b"{}"}, downloads=5, pipeline_tag="ner")
        server.add("org/other", {"config.json": b"{1}"}, downloads=9)
        done("profile", "add", "tests", server.endpoint, "--default")
        yield server


def test_json_is_as_documented(server: HubServer) -> None:
    check_shape(done("search", "--json").json, SEARCH)
    check_shape(done("profile", "list", "--json").json, [PROFILE])
    check_shape(done("profile", "test", "--json").json, DIAGNOSIS)
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    missing = {key for key in json_keys([SEARCH, PROFILE, DIAGNOSIS, OFFLINE]) if f"`{key}`" not in text}
    assert not missing


def test_a_search_prints_a_line_for_each_model(server: HubServer) -> None:
    assert [line[:2] for line in done("search").lines] == [["hf@org/other", "9"], ["hf@org/name", "5"]]
    assert [line[0] for line in done("search", "name", "--task", "ner").lines] == ["hf@org/name"]
    assert done("search", "nothing").out == ""
    first = done("search", "--limit", "1", "--json").json
    second = done("search", "--page", first["next"], "--json").json
    assert [model["repo_id"] for model in first["models"] + second["models"]] == ["org/other", "org/name"]


def test_people_see_a_table(server: HubServer) -> None:
    status, shown = run_on_terminal("search")
    assert status == 0
    assert "org/name" in shown
    assert "Downloads" in shown
    status, shown = run_on_terminal("profile", "list")
    assert server.endpoint in shown
    status, shown = run_on_terminal("profile", "test")
    assert (status, "answers as a hub does" in shown) == (0, True)


def test_profiles_are_added_used_and_removed(server: HubServer) -> None:
    other = ("profile", "add", "other", "https://other.example", "--proxy", "http://me:secret@proxy:3128")
    assert "Added other" in done(*other).out
    again = run(*other)
    assert (again.status, "already" in again.err) == (1, True)
    done("profile", "use", "other")
    listed = {one["name"]: one for one in done("profile", "list", "--json").json}
    assert listed["other"]["default"]
    assert listed["other"]["proxy"] == "http://me:…@proxy:3128"
    assert "secret" not in done("profile", "list").out
    done("profile", "remove", "other")
    assert [line[0] for line in done("profile", "list").lines] == ["default", "tests"]
    assert run("profile", "use", "other").status == 1


def test_a_token_comes_from_standard_input_and_is_never_shown(server: HubServer) -> None:
    server.token = SECRET
    arguments = ["profile", "add", "mine", server.endpoint, "--token", "--in-file", "--default"]
    added = CliRunner().invoke(modelkeep, arguments, input=f"{SECRET}\n")
    assert added.exit_code == 0, added.stderr
    assert SECRET in tokens_file().read_text()
    assert len(done("search").lines) == 2
    for result in (added.output, *(done("profile", *words).out for words in (["list"], ["test"]))):
        assert SECRET not in result
    done("profile", "remove", "mine")
    assert not tokens_file().exists()


def test_a_way_that_does_not_work_is_a_failure_that_says_why() -> None:
    done("profile", "add", "gone", "http://127.0.0.1:1")
    found = run("profile", "test", "gone")
    assert found.status == 1
    assert [line[1] for line in found.lines[:3]] == ["good", "good", "bad"]
    searched = run("search", "--profile", "gone")
    assert (searched.status, "refused the connection" in searched.err) == (1, True)
    nobody = run("profile", "test", "nobody")
    assert "There are these: default, gone." in nobody.err


def test_offline_nothing_is_asked(server: HubServer) -> None:
    server.forget()
    for words in (["search"], ["profile", "test"]):
        found = run(*words, HF_HUB_OFFLINE="1")
        assert (found.status, "HF_HUB_OFFLINE is set" in found.err) == (1, True)
    assert "HF_HUB_OFFLINE is set" in run("profile", "list", HF_HUB_OFFLINE="1").err
    assert not server.requests


def test_the_switch_is_turned_and_told(server: HubServer) -> None:
    assert done("offline").out == "off\t\n"
    assert done("offline", "on").out == "on\tthe offline switch is on\n"
    server.forget()
    assert run("search").status == 1
    assert not server.requests
    told = done("offline", "--json").json
    check_shape(told, OFFLINE)
    assert told == {"offline": True, "reason": "the offline switch is on"}
    held = run("offline", "off", HF_HUB_OFFLINE="1")
    assert (held.status, held.out) == (0, "on\tHF_HUB_OFFLINE is set\n")
    assert "unset it" in held.err
    assert done("offline", "--json").json == {"offline": False, "reason": None}
    assert done("search").lines
    assert run("offline", "perhaps").status == 2


def test_who_has_no_profile_is_told_how_to_add_one() -> None:
    _, shown = run_on_terminal("profile", "list")
    assert "modelkeep profile add NAME ADDRESS" in shown
    assert "profile add" not in done("profile", "list").out


def test_a_pipe_is_told_too_that_there_is_more(server: HubServer) -> None:
    found = done("search", "--limit", "1")
    assert (len(found.lines), "There is more" in found.err) == (1, True)
    assert done("search").err == ""

"""`list`, `show` and `usage`: for a pipe, for JSON and for a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from modelkeep.cli.keys import short_name
from modelkeep.cli.output import readable
from modelkeep.keys import ModelKey, RepoType
from support.caches import CacheMaker
from support.cli import check_shape, done, roots, run, run_on_terminal
from support.json_shapes import DETAILS, MODEL, USAGE
from support.models import tiny_bert_files, tiny_gguf


@pytest.fixture
def full(cache: CacheMaker) -> CacheMaker:
    """A cache with models in several states."""
    cache.add("org/bert", tiny_bert_files(), refs=("main",))
    cache.add("org/llama", {"model.gguf": tiny_gguf()}, tree=False)
    cache.add("org/text", {"train.csv": b"a,b\n"}, repo_type="dataset")
    cache.add("zoo/broken", {"config.json": b"{}", "vocab.txt": b"a\n"})
    next((cache.folder("zoo/broken") / "blobs").iterdir()).unlink()
    return cache


# ---- list


def test_a_pipe_gets_a_line_for_each_model(full: CacheMaker) -> None:
    result = done("list", *roots(full.root))
    assert [line[0] for line in result.lines] == [
        "hf@org/bert",
        "hf@org/llama",
        "hf-dataset@org/text",
        "hf@zoo/broken",
    ]
    key, root, state, size, frees, used, task, library, pinned = result.lines[0]
    assert (key, root, state, pinned) == ("hf@org/bert", str(full.root), "whole", "")
    assert int(size) == sum(map(len, tiny_bert_files().values()))
    assert int(frees) > int(size)
    assert used.endswith("Z")
    assert (task, library) == ("feature-extraction", "transformers")
    assert "\x1b" not in result.out


def test_a_pipe_gets_a_line_for_each_revision_or_problem(full: CacheMaker) -> None:
    full.add("org/bert", tiny_bert_files({"README.md": b"# Other"}), refs=("v2", "v3"))
    lines = done("list", "--revisions", "--filter", "org/bert", *roots(full.root)).lines
    assert {(line[0], line[6]) for line in lines} == {("hf@org/bert", "main"), ("hf@org/bert", "v2,v3")}
    (full.root / "stray").write_text("?")
    lines = done("list", "--problems", *roots(full.root)).lines
    assert {(line[0], line[1]) for line in lines} >= {("broken-link", "hf@zoo/broken"), ("stray-file", "")}


def test_list_json_has_what_is_documented(full: CacheMaker) -> None:
    found = done("list", "--json", *roots(full.root)).json
    check_shape(found, [MODEL])
    bert, llama, text, broken = found
    assert bert["revisions"][0]["files"] == len(tiny_bert_files())
    assert (llama["state"], text["repo_type"], broken["state"]) == ("unproven", "dataset", "damaged")
    assert {problem["kind"] for problem in broken["problems"]} >= {"broken-link"}
    assert bert["path"] == full.folder("org/bert").as_posix()


def test_filters_and_orders(full: CacheMaker) -> None:
    def names(*arguments: str) -> list[str]:
        return [model["repo_id"] for model in done("list", "--json", *arguments, *roots(full.root)).json]

    assert names("--filter", "is:damaged") == ["zoo/broken"]
    assert names("--filter", "format:gguf") == ["org/llama"]
    assert names("--sort", "size")[0] == "org/bert"
    assert names("--problems") == ["zoo/broken"]


def test_options_may_stand_before_the_command_and_after_it(full: CacheMaker) -> None:
    before = done("--root", full.root, "--json", "list").json
    assert before == done("list", "--json", "--root", full.root).json


def test_json_is_readable_whatever_the_console(full: CacheMaker) -> None:
    full.add("org/chinese", {"README.md": "---\ntags: [分词]\n---\n".encode()})
    result = done("list", "--json", *roots(full.root))
    assert result.out.isascii()
    assert ["分词"] in [model["tags"] for model in result.json]


@pytest.mark.parametrize("repo_type", get_args(RepoType))
@pytest.mark.parametrize("repo_id", ["org/name", "name", "models/name", "datasets/name"])
def test_a_name_that_is_shown_can_be_typed(repo_id: str, repo_type: RepoType) -> None:
    assert ModelKey.parse(short_name(repo_id, repo_type)) == ModelKey(repo_id, None, repo_type)


# ---- roots that are not there


def test_a_root_that_was_asked_for_and_is_away_is_a_failure(full: CacheMaker) -> None:
    result = run("list", *roots(full.root, Path("/media/nobody/stick/hub")))
    assert result.status == 1
    assert "not mounted" in result.err
    assert len(result.lines) == 4  # what is there is listed all the same


def test_a_listed_root_that_is_away_is_a_warning(full: CacheMaker) -> None:
    done("roots", "add", "/media/nobody/stick/hub")
    done("roots", "add", full.root)
    result = done("list")
    assert result.err == "Warning: /media/nobody/stick/hub is on a disk that is not mounted now.\n"
    assert len(result.lines) == 4


@pytest.mark.parametrize("command", [["trash", "list"], ["trash", "empty", "--yes"], ["staging", "list"]])
def test_every_command_misses_a_root_that_was_asked_for(command: list[str], tmp_path: Path) -> None:
    result = run(*command, *roots(tmp_path / "nowhere"))
    assert result.status == 1
    assert f"{tmp_path}/nowhere does not exist." in result.err


def test_before_the_first_model_there_is_nothing_to_complain_about() -> None:
    assert done("list") == (0, "", "")
    assert done("list", "--json").json == []


# ---- show


def test_show_json_has_what_is_documented(full: CacheMaker) -> None:
    found = done("show", "org/bert", "--json", *roots(full.root)).json
    check_shape(found, DETAILS)
    assert found["parameters_by_dtype"] == {"F32": found["parameters"]}
    assert {file["name"]: file["kind"] for file in found["files"]}["model.safetensors"] == "safetensors"


def test_a_revision_is_shown_as_it_is(full: CacheMaker) -> None:
    commit = full.add("org/bert", {"README.md": b"# Other"}, refs=("v2",))
    found = done("show", "hf@org/bert@v2", "--json", *roots(full.root)).json
    assert (found["commit"], [file["name"] for file in found["files"]]) == (commit, ["README.md"])
    assert done("show", "org/bert@v2", "--card", *roots(full.root)).out.strip() == "# Other"


def test_show_in_a_pipe_is_made_of_names_and_values(full: CacheMaker) -> None:
    lines = done("show", "zoo/broken", *roots(full.root)).lines
    facts = {line[0]: line[1] for line in lines}
    assert (facts["key"], facts["state"]) == ("hf@zoo/broken", "damaged")
    assert "broken-link" in {line[1] for line in lines if line[0] == "problem"}


def test_of_two_caches_the_first_is_shown_and_the_other_named(full: CacheMaker, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "other")
    other.add("org/bert")
    result = done("show", "org/bert", "--json", *roots(full.root, other.root))
    assert result.json["root"] == full.root.as_posix()
    assert f"--root {other.root}" in result.err


@pytest.mark.parametrize("key", ["org/bert@v9", "org/nothing", "hf-space@org/bert"])
def test_what_is_not_there_is_not_shown(full: CacheMaker, key: str) -> None:
    result = run("show", key, *roots(full.root))
    assert (result.status, result.out) == (1, "")
    assert "Hint: " in result.err


# ---- usage


def test_usage_json_has_what_is_documented(full: CacheMaker) -> None:
    full.incomplete("org/llama", 5000)
    (full.root / "stray").write_bytes(b"x" * 5000)
    [found] = done("usage", "--json", *roots(full.root)).json
    check_shape(found, USAGE)
    assert found["models"] > found["incomplete"] >= 5000
    assert found["other"] >= 5000
    assert found["total"] > found["free"] > 0


def test_usage_in_a_pipe_is_bytes(full: CacheMaker) -> None:
    [line] = done("usage", *roots(full.root)).lines
    [found] = done("usage", "--json", *roots(full.root)).json
    assert line[:3] == [found["root"], "ready", str(found["models"])]


# ---- on a terminal


@pytest.mark.parametrize("width", [60, 100, 140])
def test_a_terminal_gets_a_table_that_fits_it(full: CacheMaker, width: int) -> None:
    full.add("a-rather-long-organisation/with-a-name-that-goes-on-and-on-and-on", tiny_bert_files())
    status, shown = run_on_terminal("list", *roots(full.root), width=width)
    plain = _without_colour(shown)
    assert status == 0
    assert "\x1b[" in shown
    assert max(map(len, plain.splitlines()[:6])) <= width
    assert "damaged" in plain
    assert "datasets/org/text" in plain
    assert "5 models" in plain


def test_a_terminal_is_shown_a_model_and_the_disk(full: CacheMaker) -> None:
    status, shown = run_on_terminal("show", "org/bert", *roots(full.root))
    assert status == 0
    assert "from_pretrained" in shown
    status, shown = run_on_terminal("usage", *roots(full.root))
    assert status == 0
    assert "4 models" in shown


def test_what_commands_a_terminal_is_not_printed(full: CacheMaker) -> None:
    full.add("org/evil", {"README.md": b"---\ntags: ['\x1b]0;owned\x07']\n---\n"})
    (full.root / "st\x1b[2Jray").write_text("?")
    for arguments in (["list", "--problems"], ["show", "org/evil"]):
        _, shown = run_on_terminal(*arguments, *roots(full.root))
        assert "\x1b[2J" not in shown
        assert "\x1b]0;" not in shown


def _without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_name_can_neither_command_the_terminal_nor_turn_what_is_read_round() -> None:
    assert (
        readable("good\u202egpj.exe \x1b[2J \ud800 \udce9 Ärzte 模型")
        == "good\ufffdgpj.exe \ufffd[2J \ufffd \udce9 Ärzte 模型"
    )

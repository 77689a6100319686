"""`modelkeep train`: the plan, what is refused, and one training from the question to its undo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.caches import CacheMaker
from support.cli import check_shape, done, roots, run, tree
from support.json_shapes import TRAINING, TRAINING_JOB

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

DATA = "".join(
    f"the {thing} was {word}\t{label}\n"
    for word, label in (("good", "glad"), ("bad", "sorry"))
    for thing in ("film", "day", "cat", "car", "dog", "engine")
)


@pytest.fixture
def place(cache: CacheMaker, tiny_models: TinyModels, tmp_path: Path) -> CacheMaker:
    tiny_models.add(cache, "base")
    (tmp_path / "data.tsv").write_text(DATA)
    return cache


def asked(cache: CacheMaker, *more: str) -> list[str]:
    data = str(cache.root.parent / "data.tsv")
    task = ["--task", "text-classification", "--data", data, "--device", "cpu"]
    return ["train", "tiny/base", *task, *more, *roots(cache.root)]


def test_a_dry_run_shows_the_plan_and_changes_nothing(place: CacheMaker) -> None:
    before = tree(place.root)
    said = done(*asked(place, "--dry-run", "--json")).json
    check_shape(said, TRAINING)
    assert (said["executed"], said["result"], said["steps"]) == (False, None, 6)
    out = done(*asked(place, "--dry-run", "--epochs", "2")).out
    assert "labels: glad (6), sorry (6)" in out
    assert "to: local/base-text-classification" in out
    assert tree(place.root) == before
    assert done("train", "--list", "--json").json == []


def test_bad_lines_are_all_named(place: CacheMaker) -> None:
    (place.root.parent / "data.tsv").write_text(DATA + "no label\n \n\tglad\n")
    result = run(*asked(place, "--yes"))
    assert (result.status, result.out) == (1, "")
    assert "data.tsv, line 13: There is no tab, and so no label." in result.err
    assert "data.tsv, line 15: The text is empty." in result.err
    (place.root.parent / "data.tsv").write_text("one\ntwo\nthree\nwhat a day\tglad\nfive\n")
    said = run(*asked(place, "--yes"))
    assert "data.tsv, lines 1 to 3: There is no tab" in said.err
    assert "data.tsv, line 5: There is no tab" in said.err
    (place.root.parent / "data.tsv").write_text(DATA + "no label\n \n\tglad\n")
    said = run(*asked(place, "--dry-run", "--json"))
    assert said.status == 1
    assert [problem["line"] for problem in said.json["data"]["problems"]] == [13, 15]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["tiny/base"],
        ["tiny/base", "--list"],
        ["--list", "--resume", "x"],
        ["tiny/base", "--task", "summarization"],
        ["tiny/base", "--task", "text-classification", "--data", "nowhere.tsv"],
        ["tiny/base", "--batch", "0"],
    ],
)
def test_bad_usage_is_status_2(arguments: list[str]) -> None:
    assert run("train", *arguments).status == 2


def test_a_pipe_has_to_say_yes(place: CacheMaker) -> None:
    result = run(*asked(place))
    assert (result.status, result.out) == (2, "")


def test_what_is_not_there_is_a_sentence() -> None:
    for option in ("--resume", "--cancel"):
        result = run("train", option, "nowhere")
        assert (result.status, "There is no job nowhere." in result.err) == (1, True)


def test_it_trains_and_says_how_to_go_on(place: CacheMaker) -> None:
    said = done(*asked(place, "--yes", "--json", "--epochs", "1", "--to", "local/mine")).json
    check_shape(said, TRAINING)
    assert said["executed"] is True
    assert "accuracy" in said["result"]["metrics"]
    [job] = done("train", "--list", "--json").json
    check_shape(job, TRAINING_JOB)
    assert (job["status"], job["step"], job["can_resume"]) == ("COMPLETED", said["steps"], False)
    [line] = done("train", "--list").lines
    assert line[:4] == [job["id"], "COMPLETED", str(said["steps"]), str(said["steps"])]
    assert done("show", "local/mine", "--json", *roots(place.root)).json["commit"] == said["result"]["commit"]
    result = run("train", "--resume", job["id"])
    assert (result.status, "has ended well" in result.err) == (1, True)
    assert "Go on" not in result.err
    assert "accuracy " in done("jobs", "show", job["id"]).out
    freed = done("train", "--discard", job["id"], "--yes", "--json").json
    assert (freed["discarded"], done("train", "--list", "--json").json) == (job["id"], [])
    assert (place.folder("local/mine") / "refs" / "main").read_text() == said["result"]["commit"]

"""`try` and `runtime` as they are called."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from rich.cells import cell_len

from modelkeep.cli.trying_inputs import Asked, inputs_of
from modelkeep.cli.trying_text import answer_lines, answer_values, shown_text
from modelkeep.inference.values import (
    Embedded,
    Fill,
    Filled,
    Generated,
    Label,
    Labelled,
    Output,
    Span,
    Tagged,
    Task,
)
from modelkeep.settings import load_settings
from support.caches import CacheMaker
from support.cli import COMMAND, check_shape, done, json_keys, roots, run, run_on_terminal
from support.json_shapes import RUNTIME, TRY_ASKED, TRY_COMPARED, TRY_PLAN, TRYING
from support.models import tiny_bert_files

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> Iterator[list[str]]:
    """A cache with tiny models, as the arguments that name it."""
    cache = CacheMaker(tmp_path_factory.mktemp("try") / "hub")
    for kind in ("classifier", "causal"):
        tiny_models.add(cache, kind)
    files = tiny_models.files("classifier", {"extra.txt": b"another commit"})
    cache.add("tiny/classifier", files, refs=("v2",))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OMP_NUM_THREADS", "1")
        yield [*roots(cache.root)]


def test_labels_in_a_pipe_are_lines_of_values_and_can_be_saved_and_asked_again(
    hub: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("a good day\n\nan awful film\r\n")
    report, both = tmp_path / "result.md", tmp_path / "both.json"
    asked_both = ("--file", file, "--top-k", "1", "--compare", "v2", "--save", both)
    lines = done("try", "tiny/classifier", *asked_both, *hub).lines
    assert [line[1:3] for line in lines] == [["1", "positive"], ["2", "negative"]] * 2
    assert len({line[0] for line in lines}) == 2
    again = done("try", "tiny/classifier", "--last", "--top-k", "2", "--save", report, *hub)
    assert [line[0] for line in again.lines] == ["1", "1", "2", "2"]
    assert [again.lines[0][1], again.lines[2][1]] == ["positive", "negative"]
    assert "loaded in" in again.err
    assert "> an awful film" in report.read_text(encoding="utf-8")
    compared = json.loads(both.read_bytes())
    check_shape(compared, [TRY_COMPARED])
    result, other = (one["result"] for one in compared)
    assert compared[0]["key"] != compared[1]["key"]
    assert result["inputs"]["texts"] == ["a good day", "an awful film"]
    assert [len(one["labels"]) for one in result["outputs"]] == [1, 1]
    assert result["outputs"] == other["outputs"]
    asked = done("try", "tiny/classifier", "--asked", "--json", *hub).json
    check_shape(asked, [TRY_ASKED])
    assert "a good day | an awful film" in done("try", "tiny/classifier", "--asked", *hub).out
    forgotten = done("try", "tiny/classifier", "--forget", "--json", *hub).json
    assert forgotten == {"forgotten": len(asked)}
    nothing = run("try", "tiny/classifier", "--last", *hub)
    assert (nothing.status, nothing.out) == (1, "")
    assert "try" in {event["verb"] for event in done("log", "--json", *hub).json}


def test_a_revision_that_is_not_here_cannot_be_compared(hub: list[str]) -> None:
    unknown = run("try", "tiny/classifier", "--text", "good", "--compare", "v9", *hub)
    assert (unknown.status, unknown.out) == (1, "")
    assert "has no revision v9 here" in unknown.err


def test_a_person_is_asked_for_texts_and_sees_bars(hub: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    status, shown = run_on_terminal("try", "tiny/classifier", *hub, answer="a good day\n\n")
    assert status == 0
    assert "\x1b[3" not in shown
    assert "positive" in shown
    assert "█" in shown
    assert shown.count("[Enter ends it]") == 2
    assert "loaded in" in shown


def test_ctrl_c_keeps_what_was_generated_until_then(hub: list[str]) -> None:
    many = [part for _ in range(1_500) for part in ("--text", "once")]
    master, slave = os.openpty()
    with subprocess.Popen(
        [*COMMAND, "try", "tiny/causal", *many, *hub],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0),
    ) as process:
        os.close(slave)
        shown, asked = b"", False
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                piece = b""
            if not piece:
                break
            shown += piece
            if shown.count(b"Generating") > 2 and not asked:
                asked = True
                os.write(master, b"\x03")
        assert process.stdout is not None
        answered = process.stdout.read().decode()
    os.close(master)
    assert asked
    assert process.returncode == 0, shown.decode()
    assert "Stopped" in shown.decode()
    assert answered.strip()
    assert answered.count("small model") < 1_500


# ---- without loading anything


def test_a_plan_is_shown_and_changes_nothing(cache: CacheMaker) -> None:
    cache.add("org/model", tiny_bert_files())
    plan = done("try", "org/model", "--dry-run", "--json", *roots(cache.root)).json
    check_shape(plan, TRY_PLAN)
    assert plan["key"] == "hf@org/model"
    assert plan["problem"] is None
    assert plan["memory_needed"] > 0
    assert "Memory: about" in done("try", "org/model", "--dry-run", *roots(cache.root)).out


def test_what_cannot_be_tried_is_a_sentence_and_a_status(cache: CacheMaker) -> None:
    cache.add("org/audio", {"config.json": b'{"architectures": ["WhisperModel"]}', "model.safetensors": b"x"})
    cache.add("org/data", {"a.csv": b"1"}, repo_type="dataset")
    for key, said in (("org/audio", "org/audio cannot be tried"), ("datasets/org/data", "is a dataset")):
        for how in (("--text", "x"), ("--dry-run",)):
            result = run("try", key, *how, *roots(cache.root))
            assert result.status == 1
            assert said in result.err
            assert "Hint:" in result.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--task", "baking", "--text", "x"), 1, "is no task"),
        (("--task", "translation", "--text", "x"), 1, "cannot be tried for translation"),
        ((), 2, "There is nothing to ask"),
        (("--message", "nobody:x"), 2, "is no message"),
        (("--max-tokens", "0"), 2, "--max-tokens"),
        (("--memory", "much"), 2, "is not a size"),
        (("--file", "/nowhere"), 2, "/nowhere"),
        (("--weights", "other.gguf", "--text", "x"), 1, "has no file other.gguf"),
        (("--interpreter", "/nowhere", "--text", "x"), 1, "/nowhere"),
    ],
)
def test_bad_usage(cache: CacheMaker, arguments: tuple[str, ...], status: int, said: str) -> None:
    cache.add("org/model", tiny_bert_files())
    result = run("try", "org/model", *arguments, *roots(cache.root))
    assert (result.status, result.out) == (status, "")
    assert said in result.err


@pytest.mark.parametrize(
    ("kind", "option"), [("question-answering", "--context"), ("image-classification", "--image")]
)
def test_what_is_missing_is_asked_for_by_its_option(kind: str, option: str) -> None:
    with pytest.raises(click.UsageError, match=option):
        inputs_of(Asked(texts=("Who?",)), Task(kind))


def test_what_is_no_text_is_a_sentence(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", tiny_bert_files())
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    result = run("try", "org/model", "--file", tmp_path / "bytes", *roots(cache.root))
    assert result.status == 1
    assert "is no text in UTF-8" in result.err


def test_code_of_its_own_names_the_option(cache: CacheMaker) -> None:
    own = b'{"architectures": ["Own"], "auto_map": {"AutoModel": "own.Own"}}'
    card = b"---\npipeline_tag: text-classification\n---\n"
    cache.add("org/model", tiny_bert_files({"config.json": own, "own.py": b"", "README.md": card}))
    result = run("try", "org/model", "--text", "x", *roots(cache.root))
    assert result.status == 1
    assert "own.py" in result.err
    assert "--allow-code" in result.err


def test_the_python_that_runs_models_is_shown_and_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = done("runtime", "--json").json
    check_shape(found, RUNTIME)
    assert found["interpreter"] is None
    assert "torch" in found["packages"]
    assert found["devices"][0]["name"] == "cpu"
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)
    assert run("runtime", "--interpreter", "./python", "--json").json["interpreter"] == str(python)
    python.unlink()
    nothing = run("runtime", "--set", python)
    assert nothing.status == 1
    assert str(tmp_path / "python") in nothing.err
    assert load_settings().settings.inference.interpreter == ""
    assert run("runtime", "--set", "x", "--own").status == 2


# ---- how answers look


def test_nothing_that_a_terminal_would_obey_comes_from_a_model() -> None:
    evil = "\x1b]0;title\x07a\nb\u202e"
    assert shown_text(evil) == "�]0;title�a\nb�"
    outputs: list[Output] = [
        Labelled((Label(evil, 0.5),)),
        Tagged(evil, (Span(1, 3, evil, 0.5, evil),)),
        Filled(evil, ((Fill(evil, 0.5, evil),),)),
        Generated(evil, 1, "end"),
        Embedded(((0.0,), (0.0,)), ((1.0, 0.5), (0.5, 1.0))),
    ]
    for output in outputs:
        text = "\n".join(answer_lines(output, (evil, evil)))
        for piece in ("\x1b]", "\x07", "\u202e"):
            assert piece not in text
        assert all(str(value) for row in answer_values(1, output) for value in row)


def test_spans_stand_in_brackets_in_their_text() -> None:
    spans = (Span(0, 4, "PER", 0.99, "Anna"), Span(14, 19, "LOC", 0.9, "Paris"))
    [line] = answer_lines(Tagged("Anna lives in Paris.", spans), ())
    assert line.replace("\x1b", "").count("[Anna PER 0.99]") == 1
    assert "[Paris LOC 0.90]" in line
    assert line.endswith(".")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_answers_fit_the_terminal(width: int) -> None:
    long, wide = "a label that has many more words than any terminal has room for", "漢字" * 30
    labelled = Labelled((Label(long, 1.0), Label(wide, 0.5), Label("short", 0.0)))
    bars = [cell_len(click.unstyle(line)) for line in answer_lines(labelled, (), width)]
    assert max(bars) == min(bars) <= width
    embedded = Embedded(((0.0,),) * 20, (((0.5,) * 20),) * 20)
    rows = [click.unstyle(line) for line in answer_lines(embedded, (long,) * 19 + (wide,), width)]
    assert max(map(cell_len, rows)) <= width


def test_all_similarities_are_shown_however_many_there_are() -> None:
    rows = tuple(tuple(first * 0.01 + second * 0.0001 for second in range(12)) for first in range(12))
    shown = "\n".join(answer_lines(Embedded(((0.0,),) * 12, rows), ("text",) * 12, 60))
    assert all(f"{rows[number][number]:.3f}" in shown for number in range(12))
    assert shown.count(" 12  text") > 1


def test_a_text_without_spans_says_so() -> None:
    assert [click.unstyle(line) for line in answer_lines(Tagged("Nobody.", ()), ())] == [
        "Nobody.",
        "Nothing was found in it.",
    ]


def test_the_documentation_names_every_field() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert not {key for key in json_keys(TRYING) if f"`{key}`" not in text}

"""`log`: what was done, for people, pipes and programs."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelkeep.cache.catalog import Catalog, Event
from modelkeep.cli.log import log
from support.cli import Result, check_shape

EVENT = {
    "at": str,
    "by": str,
    "verb": str,
    "model": str,
    "root": str,
    "bytes": int,
    "outcome": str,
    "detail": str,
}


@pytest.fixture(autouse=True)
def events() -> None:
    now = time.time()
    with Catalog() as catalog:
        for event in (
            Event(now - 10 * 86400, "ada", "import", "hf@org/old", "/hub", 5, "done", "from /stick"),
            Event(now - 3600, "ada", "delete", "hf@org/new@abc", "/hub", 7, "failed", "It is\tin use."),
            Event(now, "bob", "export", "hf@org/new", "", 9, "done"),
        ):
            catalog.record_event(event)


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(log, arguments)
    return Result(result.exit_code, result.stdout, result.stderr)


def verbs(*arguments: str) -> list[str]:
    result = call("--json", *arguments)
    assert result.status == 0, result.err
    value = json.loads(result.out)
    check_shape(value, [EVENT])
    return [one["verb"] for one in value]


def test_the_newest_comes_first() -> None:
    assert verbs() == ["export", "delete", "import"]
    assert verbs("--limit", "1") == ["export"]


def test_it_is_narrowed() -> None:
    assert verbs("ADA", "stick") == ["import"]
    assert verbs("--failed") == ["delete"]
    assert verbs("--verb", "export", "--verb", "import") == ["export", "import"]
    assert verbs("--model", "org/new") == ["export", "delete"]
    assert verbs("--since", "7d") == ["export", "delete"]
    assert verbs("--until", "7d") == ["import"]
    assert verbs("--until", time.strftime("%Y-%m-%d")) == ["export", "delete", "import"]
    assert verbs("--since", "2999-01-01") == []
    assert verbs("--root", "/hub") == ["delete", "import"]


@pytest.mark.parametrize("wrong", [["--since", "yesterday"], ["--verb", "dance"], ["--limit", "0"]])
def test_what_cannot_be_meant_is_refused(wrong: list[str]) -> None:
    assert call(*wrong).status == 2


def test_in_a_pipe_there_is_a_line_for_each() -> None:
    lines = call().lines
    assert [line[2] for line in lines] == ["export", "delete", "import"]
    assert lines[1][3:] == ["hf@org/new@abc", "/hub", "7", "failed", "It is�in use."]


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "log.jsonl"
    result = call("--since", "7d", "--limit", "1", "--export", str(target))
    assert result.out == f"Wrote 2 events to {target}.\n"
    assert [json.loads(line)["verb"] for line in target.read_text().splitlines()] == ["delete", "export"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_only_a_file_is_replaced(tmp_path: Path) -> None:
    fifo, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to(fifo)
    for target in (fifo, link):
        result = call("--export", str(target))
        assert result.status == 1
        assert "is no file that could be replaced" in result.err
    assert fifo.is_fifo()
    assert link.is_symlink()
    result = call("--export", str(tmp_path / "no" / "log.jsonl"))
    assert result.status == 1
    assert f"There is no folder {tmp_path / 'no'}." in result.err

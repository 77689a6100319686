"""`safety`: for a pipe and for JSON; of models, files and folders."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import click.testing
import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.cli.importing import import_models
from modelkeep.cli.safety import safety
from support.caches import CacheMaker
from support.cli import check_shape, json_keys, roots
from support.cli import run as run_cli
from support.json_shapes import FOUND as FOUND_BY_THE_WAY
from support.pickles import calling, torch_zip, zip_of

EVIL = torch_zip(calling("os", "system"))
FOUND = [
    {
        "what": str,
        "root": (str, None),
        "commit": (str, None),
        "verdict": str,
        "scanned_at": str,
        "scanners": {"modelkeep": str, "picklescan": str},
        "files": [
            {
                "path": str,
                "verdict": str,
                "findings": [{"kind": str, "verdict": str, "sentence": str, "where": (str, None)}],
            }
        ],
    }
]


def run(*arguments: str | os.PathLike[str]) -> click.testing.Result:
    return click.testing.CliRunner().invoke(safety, [os.fspath(argument) for argument in arguments])


@pytest.fixture
def evil(cache: CacheMaker) -> CacheMaker:
    cache.add("org/evil", {"pytorch_model.bin": EVIL, "config.json": b"{}"}, refs=("main",))
    cache.add("org/good", {"config.json": b"{}"}, refs=("main",))
    return cache


def found(*arguments: str | os.PathLike[str]) -> Any:
    return json.loads(run("--json", *arguments).stdout)


def test_a_dangerous_model_is_a_failure(evil: CacheMaker) -> None:
    result = run("org/evil", *roots(evil.root))
    assert result.exit_code == 1
    what, commit, path, verdict, kind, where, sentence = result.stdout.rstrip("\n").split("\t")
    assert (what, path, verdict, kind) == ("hf@org/evil", "pytorch_model.bin", "dangerous", "pickle")
    assert (len(commit), where) == (40, "archive/data.pkl")
    assert "os.system" in sentence
    assert "dangerous" in result.stderr


def test_a_harmless_model_is_not(evil: CacheMaker) -> None:
    result = run("org/good", *roots(evil.root))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_json_has_what_is_documented(evil: CacheMaker) -> None:
    said = found("org/evil", "org/good", *roots(evil.root))
    check_shape(said, FOUND)
    assert [one["verdict"] for one in said] == ["dangerous", "clean"]
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text().partition("## `safety KEY...`")[2]
    for key in json_keys(FOUND):
        assert f"`{key}`" in text, key


def test_a_file_and_a_folder_are_scanned_too(tmp_path: Path, evil: CacheMaker) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "model.pt").write_bytes(EVIL)
    said = found(tmp_path / "some", tmp_path / "some" / "model.pt", *roots(evil.root))
    assert [(one["what"], one["root"], one["verdict"]) for one in said] == [
        (str(tmp_path / "some"), None, "dangerous"),
        (str(tmp_path / "some" / "model.pt"), None, "dangerous"),
    ]


def test_a_path_that_is_not_there_is_said(evil: CacheMaker) -> None:
    result = run("./nosuch", *roots(evil.root))
    assert result.exit_code == 1
    assert "There is no ./nosuch." in result.stderr


def test_what_was_scanned_is_remembered_until_it_changes(evil: CacheMaker, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(EVIL)
    os.utime(path, (5, 5))
    assert found(path, *roots(evil.root))[0]["verdict"] == "dangerous"
    # Of the same size and time in the same place it is not read again …
    with open(path, "r+b") as file:
        file.write(bytes(len(EVIL)))
    os.utime(path, (5, 5))
    assert found(path, *roots(evil.root))[0]["verdict"] == "dangerous"
    # … and with another time it is.
    os.utime(path, (6, 6))
    assert found(path, *roots(evil.root))[0]["verdict"] == "clean"


# ---- as a model comes in


def imported(*arguments: str | os.PathLike[str]) -> click.testing.Result:
    return click.testing.CliRunner().invoke(import_models, [os.fspath(argument) for argument in arguments])


def test_an_import_says_what_stopped_it_and_how_to_allow_it(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    archive.write_bytes(zip_of({"model/pytorch_model.bin": EVIL}))
    to: list[str | os.PathLike[str]] = [archive, "--as", "org/evil", *roots(tmp_path / "hub")]
    stopped = imported(*to)
    assert stopped.exit_code == 1
    assert "--allow-unsafe org/evil" in stopped.stderr
    assert "archive/data.pkl" in stopped.stderr
    assert not list((tmp_path / "hub").glob("models--*"))
    said = json.loads(imported("--json", *to).stdout)["items"][0]
    assert (said["status"], said["safety"]["verdict"]) == ("failed", "dangerous")
    check_shape(said["safety"], FOUND_BY_THE_WAY)
    allowed = imported(*to, "--allow-unsafe", "org/evil")
    assert allowed.exit_code == 0, allowed.stderr
    assert "Imported hf@org/evil" in allowed.stdout
    assert "os.system" in allowed.stderr
    with Catalog() as catalog:
        events = [event for event in catalog.events() if event.verb == "import" and event.outcome == "done"]
    assert "allowed by name" in events[0].detail


def test_a_hint_of_staging_works_as_it_stands(tmp_path: Path) -> None:
    archive, root = tmp_path / "it is evil.zip", tmp_path / "the hub"
    archive.write_bytes(zip_of({"model/pytorch_model.bin": EVIL}))
    assert imported(archive, "--as", "org/evil", *roots(root)).exit_code == 1
    resumed = run_cli("staging", "resume", *roots(root))
    assert resumed.status == 1
    _, _, command = resumed.err.partition("this once by name: ")
    run_cli(*shlex.split(command)[1:])
    assert [line[0] for line in run_cli("list", *roots(root)).lines] == ["hf@org/evil"]

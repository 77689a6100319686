"""The command itself: its help, its statuses, what it loads, and how it ends when something goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from modelkeep import __version__
from modelkeep.activity import VERBS
from modelkeep.cli.commands import COMMANDS, Commands, modelkeep
from modelkeep.doctor.findings import PROBLEMS
from support.caches import CacheMaker
from support.cli import COMMAND, json_keys, roots, run, run_process
from support.json_shapes import ALL
from support.models import tiny_bert_files


def test_alone_it_prints_its_help() -> None:
    alone, asked = run(), run("--help")
    assert (alone.status, asked.status) == (0, 0)
    assert alone.out == asked.out
    assert all(name in alone.out for name in COMMANDS)


def test_version() -> None:
    assert run("--version").out == f"modelkeep {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_as_the_list_of_commands_does(name: str) -> None:
    command = modelkeep.get_command(click.Context(modelkeep), name)
    assert command is not None
    help_ = run(name, "--help")
    assert help_.status == 0
    assert "--root" in help_.out
    assert "--json" in help_.out
    assert COMMANDS[name].summary == (command.help or "").splitlines()[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["lisst"],
        ["list", "--sort", "colour"],
        ["list", "--filter", "siz>1GB"],
        ["show"],
        ["show", "not a name"],
        ["delete", "org/a", "org/b", "--file", "x"],
        ["import", "no-such-file.zip"],
        ["export", "org/a"],
        ["export", "org/a", "--to", "x", "--split", "some"],
        ["export", "org/a", "--to", "x", "--split", "0B"],
        ["completion", "tcsh"],
        ["trash", "restore"],
    ],
)
def test_bad_usage_is_status_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert "Error:" in result.err


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    assert "Did you mean list?" in run("lisst").err


def test_a_failure_is_a_sentence_and_a_hint(cache: CacheMaker) -> None:
    cache.add("org/bert")
    result = run("show", "org/brt", "--root", cache.root)
    assert (result.status, result.out) == (1, "")
    assert result.err == "Error: No cache has hf@org/brt.\nHint: Did you mean org/bert?\n"


class Broken(Commands):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        return click.Command("list", callback=lambda: 1 / 0)


@pytest.mark.parametrize("debug", [False, True])
def test_what_nobody_expected_is_a_sentence_too(debug: bool) -> None:
    broken = Broken("modelkeep", params=modelkeep.params, callback=modelkeep.callback)
    done = CliRunner().invoke(broken, [*["--debug"] * debug, "list"], prog_name="modelkeep")
    assert done.exit_code == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Run with --debug for the traceback." in done.stderr
    assert ("Traceback" in done.stderr) is debug


# ---- processes


def test_the_help_loads_nothing_heavy() -> None:
    loaded = _modules("--help")
    assert "click" in loaded
    assert not loaded & {"modelkeep.library", "modelkeep.cache.scan", "sqlite3", "rich", "yaml", "filelock"}


def test_listing_loads_no_framework_no_hub_client_and_no_window(cache: CacheMaker) -> None:
    cache.add("org/bert", tiny_bert_files())
    loaded = _modules("list", "--json", *roots(cache.root))
    assert "modelkeep.library" in loaded
    assert not loaded & {"torch", "transformers", "huggingface_hub", "numpy", "PySide6", "rich"}


def _modules(*arguments: str) -> set[str]:
    script = (
        "import json, sys\n"
        "from modelkeep.cli import main\n"
        "try:\n    main()\nfinally:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(process.stderr))


def test_a_reader_that_goes_away_makes_no_noise(cache: CacheMaker) -> None:
    cache.add("org/bert")
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [*COMMAND, "list", *roots(cache.root)], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert process.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="closes the output as a shell does")
def test_an_output_that_is_closed_makes_no_noise(cache: CacheMaker) -> None:
    cache.add("org/bert")
    for command in ("doctor", "log", "safety org/bert"):
        line = f'"$0" -m modelkeep {command} --root "$1" >&-'
        ended = subprocess.run(
            ["sh", "-c", line, sys.executable, str(cache.root)],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, ""), command


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "arguments", [["list"], ["list", "--json"], ["list", "--help"], ["--help"], ["profile", "list"]]
)
def test_output_that_cannot_be_written_is_a_sentence(cache: CacheMaker, arguments: list[str]) -> None:
    cache.add("org/bert", tiny_bert_files())
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, *roots(cache.root), *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: The output could not be written (No space left on device).\n")
    assert "Traceback" not in ended.stderr


def test_a_name_that_is_no_text_is_printed_as_it_is(cache: CacheMaker) -> None:
    cache.add("org/bert")
    stray = os.fsencode(cache.root) + b"/caf\xe9"
    with open(stray, "wb"):
        pass
    process = subprocess.run(
        [*COMMAND, "list", "--problems", *roots(cache.root)],
        capture_output=True,
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, b"")
    assert stray in process.stdout
    assert run_process("usage", "--json", *roots(cache.root)).status == 0


def test_without_the_window_there_is_a_sentence_that_says_how_to_get_it() -> None:
    script = "import sys; sys.modules['PySide6'] = None; from modelkeep.cli import main; main()"
    process = subprocess.run(
        [sys.executable, "-c", script, "gui"], capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    assert "pip install 'modelkeep[gui]'" in process.stderr
    assert "Traceback" not in process.stderr


# ---- completion


def test_names_are_completed_from_the_last_list(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.add("org/bert", tiny_bert_files(), refs=("main", "v1"))
    cache.add("org/bart")
    cache.add("org/text", repo_type="dataset")
    monkeypatch.setenv("HF_HUB_CACHE", str(cache.root))
    assert run("list").status == 0
    assert _completed("show", "org/b") == ["org/bart", "org/bert"]
    assert _completed("delete", "hf@org/be") == ["hf@org/bert"]
    assert _completed("delete", "org/bert@") == ["org/bert@main", "org/bert@v1"]
    assert _completed("pin", "data") == ["datasets/org/text"]
    assert "list" in _completed("li")
    assert _completed("download", "org/be") == _completed("push", "org/be") == ["org/bert"]
    assert _completed("push", "./fold") == ["./fold"]


def test_names_of_profiles_are_completed() -> None:
    assert run("profile", "add", "company", "http://127.0.0.1:1").status == 0
    for words in (["search", "--profile"], ["profile", "use"]):
        assert _completed(*words, "c") == ["company"]


def _completed(*words: str) -> list[str]:
    arguments = " ".join(("modelkeep", *words))
    process = subprocess.run(
        COMMAND,
        env=os.environ
        | {"_MODELKEEP_COMPLETE": "bash_complete", "COMP_WORDS": arguments, "COMP_CWORD": str(len(words))},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.partition(",")[2] for line in process.stdout.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str) -> None:
    result = run("completion", shell)
    assert result.status == 0
    assert "_MODELKEEP_COMPLETE" in result.out


# ---- broken files of our own


def test_settings_that_are_garbage_are_a_warning(cache: CacheMaker, own_places: Path) -> None:
    cache.add("org/bert")
    config = own_places / "modelkeep" / "config"
    config.mkdir(parents=True)
    (config / "settings.json").write_bytes(b"\x00{not json")
    result = run("list", *roots(cache.root))
    assert result.status == 0
    assert result.err.startswith("Warning: ")
    assert "settings.json" in result.err
    assert [line[0] for line in result.lines] == ["hf@org/bert"]


def test_a_catalog_that_is_garbage_is_a_warning(cache: CacheMaker, own_places: Path) -> None:
    cache.add("org/bert")
    data = own_places / "modelkeep" / "data"
    data.mkdir(parents=True)
    (data / "catalog.sqlite").write_bytes(b"garbage" * 1000)
    result = run("list", *roots(cache.root))
    assert result.status == 0
    assert result.err.startswith("Warning: ")
    assert "catalog" in result.err
    assert [line[0] for line in result.lines] == ["hf@org/bert"]
    assert run("list", *roots(cache.root)).err == ""


def test_the_documentation_names_every_field_of_the_json() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    missing = {key for key in json_keys(ALL) if f"`{key}`" not in text}
    assert missing == {"main", "F32"}  # a ref and a type of numbers, which stand for any


def documentation(name: str) -> str:
    return (Path(__file__).parents[2] / "docs" / name).read_text(encoding="utf-8")


def test_the_documentation_names_every_command() -> None:
    text = documentation("command-line.md")
    assert not [name for name in COMMANDS if f"modelkeep {name}" not in text and f"`{name}" not in text]


def test_the_documentation_names_every_problem_and_every_verb() -> None:
    for page in ("json.md", "trust.md"):
        assert not [name for name in PROBLEMS if f"`{name}`" not in documentation(page)], page
    assert not [verb for verb in VERBS if f"`{verb}`" not in documentation("json.md")]

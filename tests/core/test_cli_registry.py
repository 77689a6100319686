"""`modelkeep registry`: list, show, register, unregister, check, download, types."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.caches import CacheMaker
from support.cli import check_shape, done, json_keys, roots, run, run_on_terminal
from support.hub import HubServer
from support.json_shapes import REGISTERED, REGISTRY, REGISTRY_PROBLEM


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's files."""
    made = tmp_path / "models"
    made.mkdir()
    monkeypatch.setenv("MODELKEEP_MODELS_DIR", str(made))
    return made


def test_the_list_says_what_is_here_and_where_it_is_from(cache: CacheMaker, folder: Path) -> None:
    cache.add("dmis-lab/biobert-v1.1")
    (folder / "ours.yaml").write_text("\nours: {model: org/ours}\nbad: {model: 1 2}\n")
    result = done("registry", "list", *roots(cache.root))
    assert result.lines[0] == ["ours", "generic", "org/ours", "not here", f"{folder / 'ours.yaml'}:2"]
    assert ["biobert-base", "biomedical", "dmis-lab/biobert-v1.1", "whole", "preset"] in result.lines
    assert "ours.yaml, line 3" in result.err
    found = done("registry", "list", "--json", "--type", "biomedical", *roots(cache.root)).json
    check_shape(found, REGISTRY)
    assert {one["model_type"] for one in found["models"]} == {"biomedical"}
    assert found["problems"][0]["line"] == 3


def test_a_person_gets_a_table() -> None:
    status, shown = run_on_terminal("registry", "list", width=120)
    assert status == 0
    assert "clinical-bert-base" in shown
    assert "Type" in shown


def test_registering_keeps_it_until_it_is_unregistered(cache: CacheMaker, folder: Path) -> None:
    cache.add("org/ours")
    arguments = (
        "ours",
        "org/ours",
        "--type",
        "clinical",
        "--tag",
        "x",
        "--param",
        "num_labels=3",
        "--param",
        "a=b",
    )
    said = done("registry", "register", *arguments, "--json", *roots(cache.root)).json
    check_shape(said, REGISTERED)
    assert (said["parameters"], said["here"]) == ({"num_labels": 3, "a": "b"}, True)
    assert "num_labels=3" in done("registry", "show", "ours").out
    again = run("registry", "register", "ours", "org/other")
    assert (again.status, "already" in again.err) == (1, True)
    done("registry", "register", "ours", "org/other", "--force")
    assert "not here" in done("registry", "list", "--type", "generic").out
    done("registry", "unregister", "ours", "--dry-run")
    done("registry", "unregister", "ours")
    assert run("registry", "show", "ours").status == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["unregister", "biobert-base"], "comes with Modelkeep"),
        (["show", "biobert-bose"], "Did you mean biobert-base"),
        (["register", "x", "org/x", "--type", "cliental"], "There are generic, biomedical, clinical"),
        (["register", "x", "org/x", "--param", "trust_remote_code=true"], "when it is loaded"),
        (["register", "x", "org/x", "--loader", "None"], "There are ModelLoader"),
        (["register", "a b", "org/x"], "cannot be the name"),
        (["register", "x", "not a name"], "is not the name of a model"),
        (["types", "--add", "a b"], "cannot be the name of a type"),
        (["check", "no-such-file.yaml"], "is not there"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(folder: Path, arguments: list[str], said: str) -> None:
    result = run("registry", *arguments)
    assert (result.status, result.out) == (1, "")
    assert said in result.err
    assert not any(folder.iterdir())


def test_bad_usage_is_status_2() -> None:
    assert run("registry", "register", "x", "org/x", "--param", "novalue").status == 2
    assert run("registry", "list", "--type", "cliental").status == 2


def test_checking_says_every_line_and_has_a_status(folder: Path) -> None:
    assert done("registry", "check").out == "Nothing is wrong.\n"
    path = folder / "ours.yaml"
    path.write_text("a: {modle: x}\n\nb: {tags: 1, model: org/b}\n")
    result = run("registry", "check")
    assert result.status == 1
    assert (f"{path}, line 1:" in result.err, f"{path}, line 3:" in result.err) == (True, True)
    found = run("registry", "check", path, "--json")
    assert found.status == 1
    check_shape(found.json, [REGISTRY_PROBLEM])


def test_a_declared_type_can_be_used(folder: Path) -> None:
    assert done("registry", "types", "--add", "radiology", "--json").json[-1] == "radiology"
    done("registry", "register", "x", "org/x", "--type", "Radiology")
    assert done("registry", "list", "--type", "radiology").lines[0][:2] == ["x", "radiology"]


def test_what_is_not_here_is_downloaded_by_its_name(
    cache: CacheMaker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as hub:
        hub.add("dmis-lab/biobert-v1.1", {"config.json": b'{"model_type": "bert"}', "vocab.txt": b"[UNK]\n"})
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        found = done("registry", "download", "biobert-base", "--json", *roots(cache.root)).json
    assert found["key"].startswith("hf@dmis-lab/biobert-v1.1")
    here = done("registry", "show", "biobert-base", "--json", *roots(cache.root)).json
    assert (here["here"], here["commit"], here["state"]) == (True, found["commit"], "whole")


def test_downloading_goes_by_the_key_and_stays_offline_where_it_was_said(
    folder: Path, tmp_path: Path
) -> None:
    result = run("registry", "download", "biobert-base", "--plan", MODELKEEP_OFFLINE="1")
    assert (result.status, "Nothing leaves this machine" in result.err) == (1, True)
    done("registry", "register", "x", str(tmp_path))
    result = run("registry", "download", "x", "--plan")
    assert (result.status, "is a folder" in result.err) == (1, True)


def test_the_documentation_names_every_field() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    part = text.partition("## `registry`")[2].partition("\n## ")[0]
    assert not {key for key in json_keys([REGISTRY, REGISTERED]) if f"`{key}`" not in part}


def test_a_parameter_that_no_file_can_hold_is_text(cache: CacheMaker, folder: Path) -> None:
    words = ("--param", "since=2024-05-01", "--param", "many=3", "--json", *roots(cache.root))
    said = done("registry", "register", "ours", "org/ours", *words).json
    assert said["parameters"] == {"since": "2024-05-01", "many": 3}

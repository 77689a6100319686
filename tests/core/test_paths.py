from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelkeep import paths

THE_HUB_CLIENT = """
import importlib, json, os, sys
from huggingface_hub import constants

def root(environment):
    os.environ.update(environment)
    importlib.reload(constants)
    for name in environment:
        del os.environ[name]
    return os.path.abspath(constants.HF_HUB_CACHE)

json.dump([root(environment) for environment in json.load(sys.stdin)], sys.stdout)
"""
VALUES = {
    "HF_HUB_CACHE": (None, "", "/disk/hub", "~/hub", "$ELSEWHERE/hub", "relative/hub"),
    "HUGGINGFACE_HUB_CACHE": (None, "", "/old/hub", "~/old", "$ELSEWHERE/old"),
    "HF_HOME": (None, "", "/disk/home", "~nobody-has-this-name/home", "${ELSEWHERE}/home", "$TWICE/home"),
    "XDG_CACHE_HOME": (None, "", "/xdg", "~/xdg", "$UNKNOWN/xdg"),
}


def test_the_default_root_is_the_one_of_the_hub_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELSEWHERE", "/some/place")
    monkeypatch.setenv("TWICE", "$ELSEWHERE")
    environments = [
        {name: value for name, value in zip(VALUES, values) if value is not None}
        for values in itertools.product(*VALUES.values())
    ]
    client = subprocess.run(
        [sys.executable, "-c", THE_HUB_CLIENT],
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        check=True,
    )
    ours = []
    for environment in environments:
        with monkeypatch.context() as context:
            for name, value in environment.items():
                context.setenv(name, value)
            ours.append(str(paths.default_root()))
    assert ours == json.loads(client.stdout)


def test_everything_is_below_our_home_where_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELKEEP_HOME", str(tmp_path))
    assert paths.settings_file() == tmp_path / "config" / "settings.json"
    assert paths.catalog_file() == tmp_path / "data" / "catalog.sqlite"
    assert paths.rows_file() == tmp_path / "cache" / "rows.json"
    assert not os.listdir(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own folders")
def test_everything_is_in_the_folders_of_the_user_else(
    own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELKEEP_HOME")
    assert paths.settings_file() == own_places / ".config/modelkeep/settings.json"
    assert paths.catalog_file() == own_places / ".local/share/modelkeep/catalog.sqlite"
    assert paths.rows_file() == own_places / ".cache/modelkeep/rows.json"


def test_what_is_set_aside_twice_in_a_second_is_there_twice(tmp_path: Path) -> None:
    broken = tmp_path / "some.file"
    asides = []
    for content in ("one", "two", "three"):
        broken.write_text(content)
        asides.append(paths.set_aside(broken))
    assert [aside.read_text() for aside in asides] == ["one", "two", "three"]
    assert all(aside.name.startswith("some.file.broken-2") for aside in asides)
    assert not broken.exists()


def test_the_files_beside_a_broken_one_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "db").touch()
    (tmp_path / "db-wal").touch()
    aside = paths.set_aside(tmp_path / "db", "-wal", "-shm")
    assert {path.name for path in tmp_path.iterdir()} == {aside.name, f"{aside.name}-wal"}

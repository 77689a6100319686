"""The functions for scripts: where a model lies, without a network; and where it lies once it was downloaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import modelkeep
from modelkeep.errors import InvalidKey, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.library import open_library
from support.caches import CacheMaker

_WITHOUT_SOCKETS = """
import socket, sys
class Refused(socket.socket):
    def __init__(self, *arguments, **options):
        raise AssertionError("a socket was opened")
socket.socket = Refused
import modelkeep
print(modelkeep.get_model_from_cache(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def own_root(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELKEEP_ROOTS", os.fspath(cache.root))


@pytest.mark.parametrize("name", ["org/name", "hf@org/name", "org/name@main", " org/name "])
def test_a_cached_model_is_a_folder(cache: CacheMaker, name: str) -> None:
    commit = cache.add("org/name")
    path = modelkeep.get_model_from_cache(name)
    assert path == os.fspath(cache.folder("org/name") / "snapshots" / commit)
    assert Path(path, "config.json").is_file()


def test_the_use_is_recorded(cache: CacheMaker) -> None:
    cache.add("org/name")
    modelkeep.get_model_from_cache("org/name")
    with open_library() as library:
        use = library.catalog.last_use(cache.root, ModelKey("org/name"))
    assert use is not None
    assert use.source == "journal"


def test_it_never_downloads(cache: CacheMaker) -> None:
    cache.add("org/name")
    found = subprocess.run(
        [sys.executable, "-c", _WITHOUT_SOCKETS, "org/name"], capture_output=True, text=True, check=True
    )
    assert Path(found.stdout.strip()).is_dir()
    missing = subprocess.run(
        [sys.executable, "-c", _WITHOUT_SOCKETS, "org/other"], capture_output=True, text=True, check=False
    )
    assert "ModelNotFound: No cache has hf@org/other" in missing.stderr


def test_a_damaged_model_is_not_given_out(cache: CacheMaker) -> None:
    cache.add("org/name", {"config.json": b"{}", "model.safetensors": b"weights"})
    next(blob for blob in (cache.folder("org/name") / "blobs").iterdir() if len(blob.name) == 64).unlink()
    with pytest.raises(ModelNotFound, match="damaged"):
        modelkeep.get_model_from_cache("org/name")


def test_a_whole_one_in_another_cache_is_taken_instead(
    cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CacheMaker(tmp_path / "other")
    for maker in (cache, other):
        maker.add("org/name")
    next((cache.folder("org/name") / "blobs").iterdir()).unlink()
    monkeypatch.setenv("MODELKEEP_ROOTS", f"{cache.root}{os.pathsep}{other.root}")
    assert modelkeep.get_model_from_cache("org/name").startswith(os.fspath(other.root))


def test_what_no_model_can_be_called_is_refused() -> None:
    with pytest.raises(InvalidKey):
        modelkeep.get_model_from_cache("../etc/passwd")


def test_what_is_here_is_not_asked_for(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    commit = cache.add("org/name")
    for revision in (None, "main", commit):
        assert modelkeep.download_model_to_cache("org/name", revision=revision).endswith(commit)

"""A store is read without Modelkeep, just as docs/store.md says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.stores import folder_store, offer, push

DOCS = Path(__file__).parents[2] / "docs" / "store.md"
FILES = {
    "config.json": b"{}",
    "model.safetensors": b"x" * 10_000,
    "sub folder/ä b.txt": b"words",
    "empty": b"",
}


def recipe() -> str:
    """The shell commands of the documentation."""
    [commands] = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    return str(commands)


def in_a_shell(store: Path, here: Path, ref: str = "main") -> subprocess.CompletedProcess[str]:
    [folder] = re.findall(r"```\n(get\(\) \{ cp .*?)```", DOCS.read_text(), re.DOTALL)
    here.mkdir()
    script = folder.replace("/srv/models", str(store)).replace("org/name ref=main", f"org/model ref={ref}")
    return subprocess.run(
        ["sh", "-e", "-c", script + recipe()],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )


@pytest.mark.skipif(os.name == "nt", reason="there is no sh")
def test_a_store_is_read_by_a_shell(tmp_path: Path) -> None:
    with folder_store(tmp_path / "store") as store:
        push(store, offer(tmp_path, {"old": b"old"}, tags=("v1",)))
        push(store, offer(tmp_path, FILES))
    done = in_a_shell(tmp_path / "store", tmp_path / "here")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 4
    for path, content in FILES.items():
        assert (tmp_path / "here" / path).read_bytes() == content
    assert in_a_shell(tmp_path / "store", tmp_path / "tag", "v1").stdout == "old: OK\n"


@pytest.mark.skipif(os.name == "nt", reason="there is no sh")
def test_a_shell_finds_out_what_is_damaged(tmp_path: Path) -> None:
    with folder_store(tmp_path / "store") as store:
        push(store, offer(tmp_path, FILES))
        blob = max(store.objects.list("blobs/"), key=lambda info: info.size)
        store.objects.put(blob.name, b"y" * 10_000)
    done = in_a_shell(tmp_path / "store", tmp_path / "here")
    assert done.returncode != 0
    assert "model.safetensors: FAILED" in done.stdout

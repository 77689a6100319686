"""Several who push to one store at the same time, and some who are killed at it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from modelkeep.errors import NotOnRemote
from support.stores import KEY, files_of, folder_store, start_process


@pytest.mark.parametrize("kind", ["folder", "loose"])
def test_no_work_is_lost_when_several_push_the_same_model(tmp_path: Path, kind: str) -> None:
    count = 5
    processes = [
        start_process("compete", tmp_path / "store", tmp_path / name, name, count, kind) for name in "abc"
    ]
    looks = 0
    with folder_store(tmp_path / "store", loose=kind == "loose") as store:
        try:
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            while any(process.poll() is None for process in processes):
                try:
                    files = files_of(store)
                except NotOnRemote:
                    assert not looks, "what was there once is there"
                    continue
                assert {*files} == {"model.safetensors", "config.json"}
                looks += 1
        finally:
            said = []
            for process in processes:
                if process.poll() is None and looks == 0:
                    process.kill()
                said.append(process.communicate()[0])
        assert [process.returncode for process in processes] == [0, 0, 0]
        lines = [line.split() for text in said for line in text.splitlines()]
        pushed = {commit for word, commit in lines if word == "pushed"}
        assert len(pushed) == 3 * count
        [model] = store.list()
        assert {revision.commit for revision in model.revisions} == pushed
        steps = store.history(KEY)
        assert [step.number for step in steps] == list(range(3 * count, 0, -1))
        assert {step.commit for step in steps} == pushed
        assert all(new.was == old.commit for new, old in itertools.pairwise(steps))


@pytest.mark.parametrize("kind", ["folder", "loose"])
def test_a_push_killed_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path, kind: str) -> None:
    process = start_process("killed", tmp_path / "store", tmp_path, kind, 25)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert int(said.split()[-1]) > 15, "it was killed at each step"

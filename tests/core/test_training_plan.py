"""What a training would take, and what keeps it from being done; nothing is trained here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from modelkeep.cache.catalog import Origin
from modelkeep.errors import BadTrainingData, InvalidKey, JobFailed, JobNotFound, NotAllowed, UnsupportedModel
from modelkeep.jobs.jobs import Jobs
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from modelkeep.training import devices
from modelkeep.training.devices import queue_of, visible_card
from modelkeep.training.run import points_of
from modelkeep.training.stored import plan_as_json, plan_of_json, point_of_json
from modelkeep.training.values import TrainingParameters, TrainingPlan
from support.caches import CacheMaker
from support.cli import tree
from support.models import tiny_safetensors

CONFIG = {
    "model_type": "bert",
    "architectures": ["BertForSequenceClassification"],
    "id2label": {"0": "sorry", "1": "glad"},
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 32,
}
FILES = {
    "config.json": json.dumps(CONFIG).encode(),
    "model.safetensors": tiny_safetensors(),
    "tokenizer.json": b"{}",
}
DATA = "".join(f"text {number}\t{'glad' if number % 2 else 'sorry'}\n" for number in range(20))


@pytest.fixture(autouse=True)
def has_all(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What training takes is looked for and not loaded, so that something of that name will do."""
    folder = tmp_path_factory.mktemp("packages")
    for name in ("torch", "transformers", "accelerate", "peft"):
        if find_spec(name) is None:
            (folder / name).mkdir()
            (folder / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(folder)


@pytest.fixture
def library(cache: CacheMaker) -> Iterator[Library]:
    cache.add("org/model", FILES)
    with open_library([cache.root]) as found:
        yield found
        found.trainings.close()


def plan(
    library: Library, tmp_path: Path, data: str = DATA, key: str = "hf@org/model", **options: Any
) -> TrainingPlan:
    (tmp_path / "data.tsv").write_text(data)
    selected = Selection(library.roots[0], key)
    return library.trainings.plan(
        selected, tmp_path / "data.tsv", **{"task": "text-classification", **options}
    )


def test_a_plan_says_what_it_takes_and_changes_nothing(library: Library, tmp_path: Path) -> None:
    before = tree(Path(library.roots[0]))
    found = plan(library, tmp_path, parameters=TrainingParameters(epochs=2, batch=4, eval_share=0.2))
    assert found.problem == ""
    assert (found.target, found.target_exists) == (ModelKey("local/model-text-classification"), False)
    assert (found.evaluated, found.steps, found.checkpoint_every) == (4, 8, 4)
    assert (found.labels, found.keeps_head) == (("sorry", "glad"), True)
    assert found.memory_needed > 100 << 20
    assert found.disk_needed > 0
    assert found.lineage == (f"hf@org/model@{found.commit}",) * 2
    assert tree(Path(library.roots[0])) == before
    assert plan_of_json(json.loads(json.dumps(plan_as_json(found)))) == found


def test_other_labels_get_a_new_head(library: Library, tmp_path: Path) -> None:
    found = plan(library, tmp_path, DATA + "more\tother\n")
    assert (found.labels, found.keeps_head) == (("glad", "other", "sorry"), False)


def test_lora_is_taken_where_the_rest_does_not_fit(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan(library, tmp_path).method == "full"
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1))
    found = plan(library, tmp_path)
    assert found.method == "lora"
    assert "a smaller batch, shorter texts or LoRA take less" in " ".join(found.notes)


def test_a_name_there_gets_a_next_revision(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    commit = cache.add("local/mine", FILES | {"README.md": b""})
    library.refresh()
    found = plan(library, tmp_path, to="local/mine")
    assert (found.target_exists, found.main) == (True, commit)
    assert any("becomes its next revision" in note for note in found.notes)


@pytest.mark.parametrize("name", ["local/mine@main", "a/b/c", "hf-dataset@local/mine"])
def test_a_name_that_no_model_can_have_is_refused(library: Library, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidKey):
        plan(library, tmp_path, to=name)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"tokenizer.json": None}, "It reads no texts."),
        ({"config.json": None}, "It has no config.json that could be read."),
        (
            {"config.json": None, "adapter_config.json": b"{}"},
            "It is an adapter, which cannot be trained on here.",
        ),
        ({"model.safetensors": None, "model.onnx": b"x"}, "Its weights are onnx, which cannot be trained."),
    ],
)
def test_what_cannot_be_trained_says_why(
    library: Library, cache: CacheMaker, tmp_path: Path, files: dict[str, bytes | None], sentence: str
) -> None:
    chosen = {name: content for name, content in (FILES | files).items() if content is not None}
    cache.add("org/other", chosen)
    library.refresh()
    found = plan(library, tmp_path, key="hf@org/other")
    assert found.problem == sentence
    with pytest.raises(UnsupportedModel, match="^" + sentence[:20]):
        library.trainings.run(found)


def test_data_that_are_wrong_stop_it_with_their_lines(library: Library, tmp_path: Path) -> None:
    found = plan(library, tmp_path, DATA + "no label\nnor here\n")
    assert (
        found.problem
        == "data.tsv cannot be trained with (2 problems): line 21: There is no tab, and so no label."
    )
    with pytest.raises(BadTrainingData) as caught:
        library.trainings.run(found)
    assert [line for line, _ in caught.value.problems] == [21, 22]
    assert library.trainings.list() == ()


def test_what_is_measured_with_has_the_same_labels(library: Library, tmp_path: Path) -> None:
    (tmp_path / "eval.tsv").write_text("one\tglad\ntwo\tnever\n")
    found = plan(library, tmp_path, evaluation=tmp_path / "eval.tsv")
    assert "The label “never” is in none of the examples to train with." in found.problem
    (tmp_path / "eval.tsv").write_text("one\tglad\ntwo\tsorry\n")
    found = plan(library, tmp_path, evaluation=tmp_path / "eval.tsv")
    assert (found.problem, found.evaluated) == ("", 2)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"lr": 0}, {"batch": 0}, {"method": "magic"}, {"eval_share": 1}]
)
def test_parameters_that_make_no_sense_are_refused(
    library: Library, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    found = plan(library, tmp_path, parameters=replace(TrainingParameters(), **wrong))
    assert "makes no sense" in found.problem


# ---- policies


def fetched(library: Library, key: str, url: str) -> None:
    model = library.model(library.roots[0], ModelKey.known(key))
    assert model.main is not None
    library.catalog.record_origin(model.root, model.key, model.main.commit, Origin(url=url, source="remote"))


def test_a_den_may_forbid_that_its_models_are_trained_here(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(library, "hf@org/model", "/srv/den")
    assert plan(library, tmp_path).policy == ()  # of a remote that is no den
    monkeypatch.setenv("MEDCAT_DEN_TYPE", "remote")
    monkeypatch.setenv("MEDCAT_DEN_REMOTE_HOST", "/srv/den/")
    with pytest.raises(NotAllowed, match="came from /srv/den/, whose models may not be fine-tuned") as caught:
        plan(library, tmp_path)
    assert "MODELKEEP_DEN_REMOTE_ALLOW_LOCAL_FINE_TUNE=true" in caught.value.hint
    monkeypatch.setenv("MEDCAT_DEN_REMOTE_ALLOW_LOCAL_FINE_TUNE", "Yes")
    found = plan(library, tmp_path)
    assert found.policy == ("/srv/den/",)
    assert "What is trained here may not be pushed to /srv/den/." in found.notes
    monkeypatch.setenv("MODELKEEP_DEN_REMOTE_ALLOW_PUSH_FINETUNED", "true")
    assert plan(library, tmp_path).policy == ()


def test_the_file_of_dens_is_read_and_remotes_are_known_by_name(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.remotes.add("team", "s3://models/nlp")
    fetched(library, "hf@org/model", "s3://models/nlp")
    backends = {
        "here": {"type": "local_user"},
        "open": {"type": "remote", "host": "/srv/open", "remote_allow_local_fine_tune": "1"},
        "team": {"type": "REMOTE", "host": "team"},
    }
    (tmp_path / "dens.json").write_text(json.dumps({"backends": backends}))
    monkeypatch.setenv("MODELKEEP_DEN_BACKENDS_JSON", str(tmp_path / "dens.json"))
    with pytest.raises(NotAllowed, match="s3://models/nlp"):
        plan(library, tmp_path)


def test_what_a_den_put_somewhere_says_so_by_its_name(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    cache.add("den/0123456789abcdef", FILES)
    library.refresh()
    fetched(library, "hf@den/0123456789abcdef", "/srv/store")
    with pytest.raises(NotAllowed):
        plan(library, tmp_path, key="hf@den/0123456789abcdef")


# ---- jobs


def test_only_a_training_can_go_on(library: Library) -> None:
    jobs = library.trainings.jobs
    jobs.submit("prediction", "other", "something", {}, id="other")
    jobs.cancel("other")
    with pytest.raises(JobNotFound):
        library.trainings.resume("nowhere")
    with pytest.raises(JobNotFound, match="no training other"):
        library.trainings.resume("other")
    jobs.submit("training", "local", "of another version", {"plan": {"key": 1}}, id="old")
    jobs.cancel("old")
    with pytest.raises(JobFailed, match="cannot be understood"):
        library.trainings.resume("old")
    assert isinstance(jobs, Jobs)


@pytest.mark.parametrize("said", [None, [], {}, {"step": "1"}, {"step": 1, "metrics": {"a": "b"}}])
def test_what_is_no_point_is_none(said: object) -> None:
    assert point_of_json(said) is None


# ---- where it runs


def test_one_card_is_seen_of_those_that_we_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert [visible_card(name) for name in ("auto", "cuda", "cuda:1", "cpu", "mps")] == [
        "0",
        "0",
        "1",
        None,
        None,
    ]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert [visible_card(name) for name in ("auto", "cuda:1", "cuda:2")] == ["2", "3", ""]


def test_those_that_want_the_same_device_wait_in_one_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices, "_SIGNS", (str(tmp_path / "card*"),))
    monkeypatch.setattr(sys, "platform", "linux")
    # It answers what a Python with a card would, whose torch is asked only where there may be one.
    python = tmp_path / "python"
    known = {"version": "3.12.1", "packages": {"torch": "2.8.0", "transformers": "5.0.0"}}
    found = {"devices": [["cuda:0", "a card", 8, 4], ["cpu", "CPU", 8, 4]], "problem": ""}
    python.write_text(f"#!/bin/sh\necho '{json.dumps(known)}'\necho '{json.dumps(found)}'\n")
    python.chmod(0o755)
    assert queue_of("auto", str(python)) == "cpu"
    (tmp_path / "card0").touch()
    assert queue_of("auto", str(python)) == queue_of("cuda") == queue_of("cuda:0") == "cuda:0"
    assert queue_of("cpu") == "cpu"
    assert queue_of("mps") == "mps"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert queue_of("cuda:1") == "cuda:3"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="There are no named pipes here.")
def test_a_pipe_or_a_link_in_place_of_the_points_is_no_point(tmp_path: Path) -> None:
    work = tmp_path / "checkpoint"
    work.mkdir()
    program = "import sys; from modelkeep.training.run import points_of; print(points_of(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(tmp_path)]
    os.mkfifo(work / "points.jsonl")
    assert subprocess.run(command, capture_output=True, timeout=300, check=True).stdout == b"()\n"
    (work / "points.jsonl").unlink()
    point = {"step": 1, "steps": 2, "epoch": 0.5, "loss": 1.0, "lr": 0.1, "metrics": {}, "seconds": 1.0}
    (tmp_path / "other").write_text(json.dumps(point) + "\n")
    (work / "points.jsonl").symlink_to(tmp_path / "other")
    assert points_of(tmp_path) == ()
    shutil.copyfile(tmp_path / "other", tmp_path / "points.jsonl")
    assert [one.step for one in points_of(tmp_path)] == [1]

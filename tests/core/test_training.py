"""Training for real, on tiny models: what is learned, what is published, what interrupts it, and going on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.refs import set_ref
from modelkeep.errors import BadTrainingData, CacheError, Cancelled, InferenceError, JobConflict, OutOfMemory
from modelkeep.jobs.values import JobStatus
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.metadata.card import read_card
from modelkeep.metadata.safetensors import read_header
from modelkeep.progress import Progress, ignore
from modelkeep.rows import Selection
from modelkeep.training import child
from modelkeep.training.values import TrainingParameters, TrainingPlan, TrainingPoint, TrainingResult
from support.caches import CacheMaker
from support.cli import tree

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

QUICK = TrainingParameters(epochs=8, lr=5e-3, device="cpu", seed=7)
_THINGS = (
    "the film",
    "a day",
    "the cat",
    "a car",
    "the engine",
    "paris",
    "berlin",
    "anna",
    "john",
    "the dog",
)
TEXTS = "".join(
    f"{thing} was {word}\t{label}\n"
    for label, words in (("glad", ("good", "great")), ("sorry", ("bad", "awful")))
    for word in words
    for thing in _THINGS
)
TAGGED = (
    "".join(
        f"<START:PER>{name}<END> lives in <START:LOC>{place}<END>\nthe {thing} was in {place} .\n"
        for name in ("anna", "john smith", "anna smith", "john")
        for place, thing in (("paris", "film"), ("new york", "car"), ("berlin", "dog"))
    )
    .replace(" in paris .", " in <START:LOC>paris<END> .")
    .replace("in new york .", "in <START:LOC>new york<END> .")
)


class Trained(NamedTuple):
    """A library with what was trained in it."""

    library: Library
    root: Path
    plan: TrainingPlan
    result: TrainingResult
    points: tuple[TrainingPoint, ...]


class Places(NamedTuple):
    """A cache with tiny models, and a folder for data."""

    cache: CacheMaker
    data: Path

    def plan(self, library: Library, model: str, text: str, task: str, **options: object) -> TrainingPlan:
        file = self.data / f"{task}.txt"
        file.write_text(text)
        selected = Selection(str(self.cache.root), f"hf@{model}")
        return library.trainings.plan(selected, file, task=task, **{"parameters": QUICK, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> Iterator[Places]:
    """One cache and one home for all of this module, since each training costs seconds."""
    top = tmp_path_factory.mktemp("training")
    cache = CacheMaker(top / "hub")
    for kind in ("base", "masked-lm", "vision"):
        tiny_models.add(cache, kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELKEEP_HOME", str(top / "modelkeep"))
        patch.setenv("HOME", str(top))
        patch.setenv("OMP_NUM_THREADS", "1")
        (top / "data").mkdir()
        yield Places(cache, top / "data")


@pytest.fixture(autouse=True)
def at_home(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of the module in place of that of the test."""
    monkeypatch.setenv("MODELKEEP_HOME", str(places.data.parent / "modelkeep"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def library(places: Places) -> Iterator[Library]:
    with open_library([places.cache.root]) as found:
        yield found
        found.trainings.close()


def train(places: Places, model: str, text: str, task: str, **options: object) -> Iterator[Trained]:
    points: list[object] = []
    with open_library([places.cache.root]) as library:
        plan = places.plan(library, model, text, task, **options)
        result = library.trainings.run(plan, message="a try", emit=points.append)
        yield Trained(
            library, places.cache.root, plan, result, tuple(p for p in points if isinstance(p, TrainingPoint))
        )
        library.trainings.close()


@pytest.fixture(scope="module")
def texts(places: Places) -> Iterator[Trained]:
    yield from train(places, "tiny/base", TEXTS, "text-classification")


@pytest.fixture(scope="module")
def tokens(places: Places) -> Iterator[Trained]:
    parameters = replace(QUICK, epochs=20)
    yield from train(places, "tiny/base", TAGGED, "token-classification", parameters=parameters)


def answers(root: Path, *asked: tuple[str, str, str]) -> list[list[str]]:
    """What plain transformers says, offline and by the name alone, in a process that knows nothing of ours."""
    script = f"""
        import transformers
        for name, kind, text in {asked!r}:
            tokenizer = transformers.AutoTokenizer.from_pretrained(name)
            model = getattr(transformers, kind).from_pretrained(name)
            best = model(**tokenizer(text, return_tensors="pt")).logits[0].argmax(-1).tolist()
            print(*(model.config.id2label[one] for one in (best if isinstance(best, list) else [best])))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=os.environ | {"HF_HUB_CACHE": str(root), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split() for line in done.stdout.splitlines()]


# ---- what is learned


def test_a_classifier_learns(texts: Trained) -> None:
    result = texts.result
    assert (result.metrics["accuracy"], result.metrics["macro_f1"], result.metrics["f1/glad"]) == (1, 1, 1)
    assert result.key == ModelKey("local/base-text-classification")
    losses = [point.loss for point in texts.points if point.loss is not None]
    assert losses[-1] < losses[0] / 2
    assert texts.points[-1].step == texts.plan.steps == result.steps
    assert texts.library.trainings.points(result.id) == texts.points


def test_what_was_trained_is_loaded_by_its_name(texts: Trained, tokens: Trained) -> None:
    assert tokens.plan.labels == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert tokens.result.metrics["f1"] >= 0.8
    assert "precision/PER" in tokens.result.metrics
    said = answers(
        texts.root,
        ("local/base-text-classification", "AutoModelForSequenceClassification", "the dog was awful"),
        (
            "local/base-token-classification",
            "AutoModelForTokenClassification",
            "john smith lives in new york",
        ),
    )
    assert said == [["sorry"], ["O", "B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"]]


def test_lora_gives_a_model_that_needs_no_peft(texts: Trained, places: Places, library: Library) -> None:
    pytest.importorskip("peft")
    parameters = replace(QUICK, method="lora", lr=2e-2, epochs=10)
    plan = places.plan(
        library, "tiny/masked-lm", TEXTS, "text-classification", to="local/small", parameters=parameters
    )
    result = library.trainings.run(plan)
    assert (result.method, result.metrics["accuracy"]) == ("lora", 1.0)
    small, full = (
        Path(library.details(str(places.cache.root), f"hf@{name}").snapshot)
        for name in ("local/small", "local/base-text-classification")
    )
    assert {path.name for path in small.iterdir()} == {path.name for path in full.iterdir()}
    weights = [read_header(folder / "model.safetensors") for folder in (small, full)]
    assert weights[0].parameters == weights[1].parameters
    assert weights[0].tensors == weights[1].tensors


def test_a_head_that_fits_is_kept_and_compared(texts: Trained, places: Places, library: Library) -> None:
    parameters = replace(QUICK, epochs=0.2)
    plan = places.plan(
        library,
        "local/base-text-classification",
        TEXTS,
        "text-classification",
        to="local/base-text-classification",
        parameters=parameters,
    )
    assert (plan.keeps_head, plan.target_exists, plan.main) == (True, True, texts.result.commit)
    result = library.trainings.run(plan)
    assert result.parent_metrics == pytest.approx(texts.result.metrics, abs=1e-6)
    details = library.details(str(places.cache.root), "hf@local/base-text-classification")
    assert details.commit == result.commit != texts.result.commit
    assert details.lineage is not None
    assert (details.lineage.parent, details.lineage.root) == (result.parent, texts.result.parent)
    model = library.model(str(places.cache.root), result.key)
    assert model.revision(texts.result.commit) is not None
    set_ref(places.cache.root, result.key, "main", texts.result.commit)


# ---- what is published


def test_the_card_says_what_it_was_made_from(texts: Trained) -> None:
    details = texts.library.details(str(texts.root), str(texts.result.key))
    said = details.description
    assert (said.base_models, said.task, said.library) == (
        ("tiny/base",),
        "text-classification",
        "transformers",
    )
    assert said.notes == ()
    for part in (
        texts.result.parent,
        texts.plan.data.sha256,
        "learning rate: 0.005",
        "| glad | 1.0000",
        "a try",
    ):
        assert part in details.card
    assert read_card(str(Path(details.snapshot, "README.md"))).notes == ()


def test_no_path_of_this_machine_is_published(texts: Trained, tokens: Trained) -> None:
    for trained in (texts, tokens):
        snapshot = Path(trained.library.details(str(trained.root), str(trained.result.key)).snapshot)
        top = str(trained.root.parent).encode()
        assert [path.name for path in snapshot.iterdir() if top in path.read_bytes()] == []


def test_the_lineage_is_known(texts: Trained, tmp_path: Path) -> None:
    details = texts.library.details(str(texts.root), str(texts.result.key))
    assert details.lineage is not None
    assert details.lineage.parent == texts.result.parent == details.lineage.root
    assert details.provenance.source == "local"
    selected = Selection(str(texts.root), str(texts.result.key))
    (tmp_path / "store").mkdir()
    texts.library.remotes.add("store", str(tmp_path / "store"))
    push = texts.library.remotes.plan_push(selected, "store")
    assert push.manifest is not None
    assert push.manifest.lineage.parent == texts.result.parent


def test_a_den_that_takes_nothing_trained_here_refuses_it(texts: Trained, tmp_path: Path) -> None:
    from modelkeep.den import CannotSendToRemoteException, get_default_den

    snapshot = texts.library.details(str(texts.root), str(texts.result.key)).snapshot
    with pytest.raises(CannotSendToRemoteException, match="fine-tuned elsewhere"):
        get_default_den("remote", host=str(tmp_path)).push_model(snapshot, "a try")


def test_an_archive_carries_it_whole(texts: Trained, tmp_path: Path) -> None:
    selected = Selection(str(texts.root), str(texts.result.key))
    plan = texts.library.archives.plan_export([selected], tmp_path)
    [archive] = texts.library.archives.export(plan).archives
    there = tmp_path / "there"
    there.mkdir()
    with Library([there], Catalog(tmp_path / "catalog.sqlite")) as other:
        other.archives.run_import(other.archives.plan_import([str(archive.paths[0])], str(there)))
        other.refresh()
        details = other.details(str(there), str(texts.result.key))
    assert details.commit == texts.result.commit
    assert details.description.base_models == ("tiny/base",)
    assert texts.plan.data.sha256 in details.card


def test_what_was_done_is_in_the_log(texts: Trained) -> None:
    from modelkeep.activity import ActivityQuery

    events = texts.library.activity.find(ActivityQuery(verbs=("train",))).events
    assert str(texts.result.key.at(texts.result.commit)) in [event.key for _, event in events]
    [job] = [job for job in texts.library.trainings.list() if job.id == texts.result.id]
    assert (job.status, job.can_resume) == (JobStatus.COMPLETED, False)
    assert sorted(os.listdir(job.folder)) == ["log.txt", "owner.lock", "points.jsonl"]
    assert any("was published" in line for line in texts.library.trainings.log(job.id))
    with pytest.raises(JobConflict):
        texts.library.trainings.resume(job.id)


# ---- what interrupts it


def test_a_kill_leaves_the_cache_alone_and_it_goes_on_to_the_same_end(
    texts: Trained, places: Places, library: Library
) -> None:
    plan = replace(texts.plan, target=ModelKey("local/again"), main="")
    script = f"""
        import os, signal, sys
        from modelkeep.library import open_library
        from modelkeep.training.stored import plan_of_json
        import json

        def point(told):
            if told.step >= {plan.steps // 2 + 2}:
                os.kill(os.getpid(), signal.SIGKILL)

        with open_library([{str(places.cache.root)!r}]) as library:
            library.trainings.run(plan_of_json(json.loads(sys.stdin.read())), id="killed", emit=point)
    """
    from modelkeep.training.stored import plan_as_json

    before = tree(places.cache.root)
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        input=json.dumps(plan_as_json(plan)),
        text=True,
        check=False,
        capture_output=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert tree(places.cache.root) == before
    job = library.trainings.jobs.get("killed")
    assert (job.status, job.can_resume) == (JobStatus.ERRORED, True)
    begun: list[Progress] = []
    points: list[object] = []
    result = library.trainings.resume("killed", report=begun.append, emit=points.append)
    steps = [progress.done for progress in begun if progress.step == "Training"]
    assert min(steps) > plan.checkpoint_every
    assert result.resumed == 1
    assert result.loss == pytest.approx(texts.result.loss, abs=1e-6)
    assert result.metrics == pytest.approx(texts.result.metrics, abs=1e-6)
    again = library.trainings.points("killed")
    assert [point.step for point in again] == [point.step for point in texts.points]


def test_cancelled_it_stops_and_data_that_changed_are_refused(
    texts: Trained, places: Places, library: Library
) -> None:
    parameters = replace(QUICK, epochs=4000)
    plan = places.plan(
        library, "tiny/base", TEXTS, "text-classification", to="local/endless", parameters=parameters
    )

    def stop(point: object) -> None:
        if isinstance(point, TrainingPoint) and point.step > 20:
            library.trainings.cancel("endless")

    before = tree(places.cache.folder("tiny/base"))
    with pytest.raises(Cancelled):
        library.trainings.run(plan, id="endless", emit=stop)
    job = library.trainings.jobs.get("endless")
    assert (job.status, job.can_resume) == (JobStatus.CANCELED, True)
    assert tree(places.cache.folder("tiny/base")) == before
    assert not places.cache.folder("local/endless").exists()
    file = Path(plan.data.path)
    file.write_text(TEXTS + "one more\tglad\n")
    with pytest.raises(BadTrainingData, match="has changed since"):
        library.trainings.resume("endless")
    file.write_text(TEXTS)
    assert library.trainings.discard("endless") > 0
    assert "endless" not in [job.id for job in library.trainings.list()]


def test_a_loss_that_is_no_number_is_a_sentence(places: Places, library: Library) -> None:
    parameters = replace(QUICK, lr=9.9, weight_decay=9.9, epochs=1000)
    plan = places.plan(library, "tiny/base", TEXTS, "text-classification", parameters=parameters)
    with pytest.raises(InferenceError, match="no number any more"):
        library.trainings.run(replace(plan, target=ModelKey("local/wild"), main=""))
    assert not places.cache.folder("local/wild").exists()


def test_too_little_memory_is_a_sentence(
    places: Places, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelkeep.settings import load_settings, save_settings

    settings = load_settings().settings
    save_settings(replace(settings, inference=replace(settings.inference, memory=60 << 20)))
    try:
        plan = places.plan(library, "tiny/base", TEXTS, "text-classification", to="local/large")
        with pytest.raises(OutOfMemory):
            library.trainings.run(plan)
    finally:
        save_settings(settings)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "full"),
        (RuntimeError("[enforce fail at inline_container.cc:672] . PytorchStreamWriter failed"), "full"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
            "memory",
        ),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."), "memory"),
        (ValueError("something else"), ""),
    ],
)
def test_what_libraries_say_is_understood(error: Exception, kind: str) -> None:
    found = child.translated(error)
    assert (found.kind if found else "") == kind


def test_a_target_that_moved_meanwhile_is_refused(texts: Trained, library: Library) -> None:
    with pytest.raises(CacheError, match="leads to another revision"):
        library.trainings.run(replace(texts.plan, main="0" * 40), report=ignore)


def test_what_is_no_text_model_is_refused(places: Places, library: Library) -> None:
    plan = places.plan(library, "tiny/vision", TEXTS, "text-classification")
    assert plan.problem == "It reads no texts."

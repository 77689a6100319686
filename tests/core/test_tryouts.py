"""Trying real, tiny models in real worker processes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.errors import (
    BadInput,
    Cancelled,
    InferenceError,
    ModelKeepError,
    ModelNotFound,
    OutOfMemory,
    UnsafeModel,
)
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import Generated, Labelled, TryInputs
from modelkeep.inference_choices import InferenceSettings
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.progress import Progress
from support.caches import CacheMaker
from support.pickles import calling, torch_zip

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

SETTINGS = InferenceSettings(workers=4)
GOOD = TryInputs(("a good day", "an awful film"))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> CacheMaker:
    cache = CacheMaker(tmp_path_factory.mktemp("tryouts") / "hub")
    for kind in ("classifier", "causal"):
        tiny_models.add(cache, kind)
    tiny_models.add(cache, "classifier", "tiny/doomed")
    config = json.loads(tiny_models.files("classifier")["config.json"])
    config["id2label"] = {number: f"the {label}" for number, label in config["id2label"].items()}
    config["label2id"] = {label: number for number, label in config["id2label"].items()}
    files = tiny_models.files("classifier", {"config.json": json.dumps(config).encode()})
    cache.add("tiny/classifier", files, refs=("renamed",))
    return cache


@pytest.fixture(scope="module")
def library(hub: CacheMaker) -> Iterator[Library]:
    """One for all tests, so that what one has loaded is warm for the next."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OMP_NUM_THREADS", "1")
        environment.setenv("MODELKEEP_HOME", str(hub.root.parent / "home"))
        with Library([hub.root], Catalog(hub.root.parent / "data" / "catalog.sqlite")) as opened:
            yield opened
    assert opened.tryouts.workers() == ()


def plan_of(library: Library, name: str, **how: str) -> TryPlan:
    [selected] = library.choose([name])
    return library.tryouts.plan(selected, settings=SETTINGS, **how)


def first_labels(outputs: object) -> list[str]:
    assert isinstance(outputs, tuple)
    return [one.labels[0].label for one in outputs if isinstance(one, Labelled)]


def test_a_try_answers_with_its_figures_and_is_written_down(library: Library) -> None:
    plan = plan_of(library, "tiny/classifier")
    files = [os.path.join(plan.load.folder, name) for name in plan.load.files]
    for file in files:
        os.utime(file, (1_000_000_000, os.stat(file).st_mtime))
    result = library.tryouts.run(plan, GOOD, settings=SETTINGS)
    assert first_labels(result.outputs) == ["positive", "negative"]
    assert (result.commit, result.task, result.inputs) == (plan.commit, plan.task, GOOD)
    assert result.model.device == "cpu"
    assert {"torch", "transformers"} <= result.model.versions.keys()
    assert min(result.tokens, result.peak_memory, result.memory, result.run_seconds, result.load_seconds) > 0
    assert [os.stat(file).st_atime for file in files] == [1_000_000_000] * len(files)
    [selected] = library.choose(["tiny/classifier"])
    [asked, *_] = library.tryouts.last_inputs(selected)  # which waits until all is written down
    assert asked.inputs == GOOD
    use = library.catalog.last_use(plan.root, plan.key)
    assert use is not None
    assert use.source == "journal"
    assert use.at >= result.at
    [event, *_] = library.catalog.events()
    assert (event.verb, event.key, event.outcome) == ("try", result.key, "done")


def test_the_next_is_warm_and_keeps_nothing_where_that_is_not_wanted(library: Library) -> None:
    [selected] = library.choose(["tiny/classifier"])
    library.tryouts.load(plan_of(library, "tiny/classifier"), settings=SETTINGS)
    plan = plan_of(library, "tiny/classifier")
    assert plan.is_loaded
    before = library.tryouts.last_inputs(selected)
    result = library.tryouts.run(
        plan, TryInputs(("a secret",)), settings=replace(SETTINGS, keep_inputs=False)
    )
    assert (result.warm, result.load_seconds) == (True, 0.0)
    assert library.tryouts.last_inputs(selected) == before
    assert library.tryouts.forget_inputs(selected) == len(before)


@pytest.mark.parametrize("text", ["🙂 a good day", "a good\0day", "\ud800 day", "   "])
def test_any_text_is_answered(library: Library, text: str) -> None:
    result = library.tryouts.run(plan_of(library, "tiny/classifier"), TryInputs((text,)), settings=SETTINGS)
    assert len(result.outputs) == 1


def test_a_megabyte_and_nothing_at_all_keep_nobody_from_the_next(library: Library) -> None:
    plan = plan_of(library, "tiny/classifier")
    with suppress(BadInput):
        assert library.tryouts.run(plan, TryInputs(("a" * 1_000_000,)), settings=SETTINGS).outputs
    [note] = library.tryouts.run(plan, TryInputs(("good " * 200,)), settings=SETTINGS).notes
    assert "was cut to the 64" in note
    with pytest.raises(BadInput):
        library.tryouts.run(plan, TryInputs(), settings=SETTINGS)
    assert library.catalog.events()[0].outcome == "failed"
    assert library.tryouts.run(plan, GOOD, settings=SETTINGS).outputs


def test_eight_at_once_share_one_load(library: Library) -> None:
    plan = plan_of(library, "tiny/classifier@renamed")
    begin = threading.Barrier(8)

    def one(number: int) -> str:
        begin.wait()
        return library.tryouts.run(plan, TryInputs((f"a good day {number}",)), settings=SETTINGS).key

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(one, range(8)))) == 8
    [view] = [view for view in library.tryouts.workers() if view.key == plan.load.key]
    assert view.tries == 8


def test_generation_stops_at_a_token_with_what_there_is(library: Library) -> None:
    plan = plan_of(library, "tiny/causal")
    pieces: list[object] = []

    def emit(piece: object) -> None:
        pieces.append(piece)
        library.tryouts.stop("mine")

    [one] = library.tryouts.run(plan, TryInputs(("once",)), settings=SETTINGS).outputs
    assert isinstance(one, Generated)
    assert one.finish != "stopped"
    many = TryInputs(("once",) * 400)
    result = library.tryouts.run(plan, many, id="mine", settings=SETTINGS, emit=emit)
    assert result.stopped
    assert 0 < result.tokens < 400 * one.tokens
    made = [output.text for output in result.outputs if isinstance(output, Generated)]
    assert "".join(map(str, pieces)) == "".join(made)
    assert not library.tryouts.stop("mine")


def test_what_is_stopped_while_it_is_loaded_has_no_answer(library: Library) -> None:
    plan = plan_of(library, "tiny/doomed")

    def report(progress: Progress) -> None:
        assert library.tryouts.stop("early")

    with pytest.raises(Cancelled):
        library.tryouts.run(plan, GOOD, id="early", settings=SETTINGS, report=report)
    assert library.catalog.events()[0].outcome == "cancelled"
    assert first_labels(library.tryouts.run(plan, GOOD, settings=SETTINGS).outputs)


def test_two_revisions_are_compared_and_saved(library: Library, tmp_path: Path) -> None:
    plans = [plan_of(library, "tiny/classifier"), plan_of(library, "tiny/classifier@renamed")]
    gone = replace(plans[0], problem="It is not there.", cause="missing")
    comparison = library.tryouts.compare([*plans, gone], GOOD, settings=SETTINGS)
    first, second, third = comparison.results
    assert first is not None and second is not None and third is None  # noqa: PT018 - for mypy
    assert first_labels(first.outputs) == ["positive", "negative"]
    assert first_labels(second.outputs) == ["the positive", "the negative"]
    assert comparison.errors == ("", "", "It is not there.")
    assert comparison.keys[0] != comparison.keys[1]
    library.tryouts.save(comparison, tmp_path / "both.json")
    written = json.loads((tmp_path / "both.json").read_bytes())
    assert [one["error"] for one in written] == [None, None, "It is not there."]
    assert written[1]["result"]["outputs"][0]["labels"][0]["label"] == "the positive"
    library.tryouts.save(comparison, tmp_path / "both.md")
    report = (tmp_path / "both.md").read_text(encoding="utf-8")
    assert "| the positive |" in report
    assert "> an awful film" in report
    assert first.commit in report
    (tmp_path / "link.json").symlink_to(tmp_path / "both.json")
    with pytest.raises(ModelKeepError, match="no plain file"):
        library.tryouts.save(first, tmp_path / "link.json")


def test_a_model_that_is_deleted_while_it_is_loaded(library: Library) -> None:
    plan = plan_of(library, "tiny/doomed")
    library.tryouts.run(plan, GOOD, settings=SETTINGS)
    [selected] = library.choose(["tiny/doomed"])
    library.delete(library.plan_deletion([selected]), force=True)
    with pytest.raises((ModelNotFound, InferenceError), match="not"):
        library.tryouts.run(plan, GOOD, settings=SETTINGS)
    assert plan.load.key not in [view.key for view in library.tryouts.workers()]
    assert library.tryouts.run(plan_of(library, "tiny/classifier"), GOOD, settings=SETTINGS).outputs


def test_what_does_not_fit_is_not_loaded_unless_one_says_so(library: Library) -> None:
    library.tryouts.end()
    plan = replace(plan_of(library, "tiny/classifier"), memory_needed=1 << 60)
    with pytest.raises(OutOfMemory, match="are free") as refused:
        library.tryouts.run(plan, GOOD, settings=SETTINGS)
    assert refused.value.hint
    assert library.tryouts.workers() == ()
    assert library.tryouts.run(plan, GOOD, settings=SETTINGS, force=True).outputs
    [view] = library.tryouts.workers()
    assert library.tryouts.end(view.pid) == 1
    assert library.tryouts.workers() == ()


def test_a_dangerous_model_is_not_loaded(library: Library, hub: CacheMaker, tiny_models: TinyModels) -> None:
    attack = torch_zip(calling("os", "system", "true"))
    changed = {"model.safetensors": None, "pytorch_model.bin": attack}
    hub.add("tiny/attack", tiny_models.files("classifier", changed))
    library.refresh()
    plan = plan_of(library, "tiny/attack")
    with pytest.raises(UnsafeModel, match="not safe to load"):
        library.tryouts.run(plan, GOOD, settings=SETTINGS)
    assert library.tryouts.workers() == ()
    assert plan_of(library, "tiny/attack").verdict == "dangerous"
    assert library.catalog.last_use(plan.root, ModelKey("tiny/attack")) is None

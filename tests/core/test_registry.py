"""The registry of models: what is registered, what is kept of what was loaded, and how often anything is loaded."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest

from modelkeep.errors import RegistryError
from modelkeep.lifecycle import ModelLoader, ModelRegistry, ModelType, get_registry
from modelkeep.lifecycle.registry_errors import (
    ModelInitializationError,
    ModelLoadingError,
    ModelNotFoundError,
    ModelRegistrationError,
    ModelRegistryError,
    ModelValidationError,
)
from support.caches import CacheMaker
from support.pickles import calling, torch_zip

EVIL = torch_zip(calling("os", "system"))


class Weight:
    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


class Model:
    """A model whose weights are 100 bytes, and from where it was loaded."""

    def __init__(self, folder: str, options: dict[str, Any]) -> None:
        self.folder, self.options = folder, options

    def parameters(self) -> list[Weight]:
        return [Weight(60), Weight(40)]


class Counting(ModelLoader):
    """Counts loads, and lets a test say what happens during one."""

    MODEL_NAME = "org/counted"
    loads: ClassVar[list[str]] = []
    during: ClassVar[Callable[[], object]] = staticmethod(lambda: None)

    @classmethod
    def load_model(
        cls, model_class: Any = None, config: Any = None, device: Any = None, **kwargs: Any
    ) -> Model:
        cls.loads.append(cls.MODEL_NAME)
        Counting.during()
        return Model(cls.MODEL_NAME, {"config": config, "device": device, **kwargs})


class Alone(Counting):
    """Needs no files of a cache."""

    MODEL_NAME = ""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(Counting, "loads", [])
    monkeypatch.setattr(Counting, "during", staticmethod(lambda: None))
    return Clock()


@pytest.fixture
def registry(cache: CacheMaker, clock: Clock) -> ModelRegistry:
    cache.add("org/counted", {"config.json": b"{}"})
    registry = ModelRegistry(roots=[cache.root], clock=clock)
    registry.register("counted", ModelType.GENERIC, loader=Counting)
    for name in "abc":
        registry.register(name, loader=Alone)
    return registry


# ---- types


def test_a_type_is_found_by_name_in_any_case_and_by_value() -> None:
    assert ModelType.of("clinical") is ModelType["CLINICAL"] is ModelType(3) is ModelType.CLINICAL
    assert (ModelType.GENERIC.name, ModelType.GENERIC.value) == ("GENERIC", 1)
    assert [*ModelType][:3] == [ModelType.GENERIC, ModelType.BIOMEDICAL, ModelType.CLINICAL]
    for wrong in ("cliental", 99, None, True):
        with pytest.raises(ValueError, match=r"type|ModelType"):
            ModelType.of(wrong)  # type: ignore[arg-type]


def test_a_further_type_is_declared_once_and_crosses_to_other_processes() -> None:
    dental = ModelType.declare("dental")
    assert ModelType.declare("DENTAL") is dental is ModelType.of("dental")
    assert pickle.loads(pickle.dumps(dental)) is dental
    with pytest.raises(ValueError, match="cannot be the name"):
        ModelType.declare("a b")


# ---- registering


def test_what_is_registered_is_listed_by_its_type(registry: ModelRegistry) -> None:
    registry.register(
        "ours", "clinical", description="Ours.", tags=["x"], capabilities={"tasks": ["ner"]}, num_labels=2
    )
    assert {one["name"] for one in registry.list_models("clinical")} >= {"ours", "clinical-bert-base"}
    said = registry.get_metadata("ours").to_dict()
    assert (said["model_type"], said["tags"], said["parameters"]) == ("CLINICAL", ["x"], {"num_labels": 2})
    assert registry.list_capabilities() == {"ours": {"tasks": ["ner"]}}
    assert set(said) == {
        *("name", "model_type", "model_class", "config_class", "tokenizer_class", "description", "version"),
        *("tags", "parameters", "load_count", "last_loaded", "avg_load_time", "capabilities", "created_at"),
        "updated_at",
    }


def test_parameters_and_further_arguments_are_both_kept(registry: ModelRegistry) -> None:
    registry.register("both", parameters={"num_labels": 2}, return_dict=True)
    assert registry.get_metadata("both").parameters == {"num_labels": 2, "return_dict": True}


@pytest.mark.parametrize("name", ["", "a b", "a;b", "é!"])
def test_a_name_that_none_can_have(registry: ModelRegistry, name: str) -> None:
    with pytest.raises(ModelRegistrationError) as caught:
        registry.register(name)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value.__cause__, ModelValidationError)


def test_a_name_is_taken_once_unless_it_is_forced(registry: ModelRegistry) -> None:
    with pytest.raises(ValueError, match="Model with name 'counted' is already registered"):
        registry.register("counted", loader=Counting)
    first = registry.load_model("counted")
    registry.register("counted", loader=Counting, force=True)
    assert registry.load_model("counted") is not first


def test_what_cannot_be_registered(registry: ModelRegistry) -> None:
    with pytest.raises(ValueError, match="is not a type"):
        registry.register("x", "cliental")
    with pytest.raises(ModelRegistrationError, match="when it is loaded"):
        registry.register("x", trust_remote_code=True)
    with pytest.raises(ModelRegistrationError, match="is not the name of a model"):
        registry.register("x", model="not a name")
    with pytest.raises(ModelRegistrationError, match="subclass of ModelLoader"):
        registry.register("x", loader=Model)  # type: ignore[arg-type]
    assert not registry.is_registered("x")


def test_unregistering_takes_the_loader_and_what_is_loaded_along(registry: ModelRegistry) -> None:
    registry.load_model("counted")
    registry.unregister("counted")
    assert registry.get_cache_stats()["cached_models"] == []
    with pytest.raises(ModelNotFoundError, match=r"\(model: counted\)"):
        registry.get_metadata("counted")
    with pytest.raises(ModelNotFoundError):
        registry.unregister("counted")
    registry.register("counted", loader=Alone)
    assert registry.load_model("counted").folder == ""


def test_loaders_belong_to_names_not_to_types(registry: ModelRegistry) -> None:
    registry.load_model("counted")
    registry.load_model("a")
    assert [Path(one).name[:1] != "" for one in Counting.loads] == [True, False]


def test_errors_are_sentences_of_ours_and_survive_a_process_border() -> None:
    error = ModelLoadingError("It is gone.", "ours", hint="Look.", device="cpu")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.hint, again.model_name, again.details) == (
        "It is gone (model: ours).",
        "Look.",
        "ours",
        {"device": "cpu"},
    )
    assert isinstance(again, (ModelRegistryError, RegistryError))


def test_importing_it_reads_no_file_and_loads_no_framework(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "import modelkeep.lifecycle.registry as home\n"
        "home.get_registry()\n"
        "assert not os.path.exists(os.environ['MODELKEEP_HOME'])\n"
        "assert not {'torch', 'transformers', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert get_registry() is get_registry()


def test_the_module_has_the_functions_of_the_registry_of_the_process() -> None:
    from modelkeep.lifecycle import registry as home

    assert home.registry is get_registry()
    home.register("by-function", ModelType.CLINICAL, description="Ours", model="our-org/ner", num_labels=3)
    assert get_registry().get_metadata("by-function").parameters == {"num_labels": 3}
    home.unregister("by-function")
    assert not home.is_registered("by-function")
    with pytest.raises(AttributeError):
        home.registered  # noqa: B018


# ---- loading


def test_a_model_is_loaded_from_its_snapshot_and_counted(registry: ModelRegistry, cache: CacheMaker) -> None:
    model = registry.load_model("counted", device="cpu", config={"x": 1}, num_labels=2)
    assert Path(model.folder).parent == cache.folder("org/counted") / "snapshots"
    assert model.options == {"config": {"x": 1}, "device": "cpu", "num_labels": 2}
    known = registry.get_metadata("counted")
    assert known.load_count == 1
    assert known.avg_load_time == known.load_durations[0] > 0.0
    assert known.last_loaded is not None


@pytest.mark.parametrize(
    "other",
    [
        {"device": "cpu"},
        {"config": {"x": 1}},
        {"num_labels": 2},
        {"use_cache": False},
        {"dtype": "float16"},
        {"allow_code": True},
    ],
)
def test_whatever_makes_another_model_of_it_is_a_part_of_the_key(
    registry: ModelRegistry, other: dict[str, Any]
) -> None:
    first = registry.load_model("counted")
    assert registry.load_model("counted", **other) is not first
    assert registry.load_model("counted") is first


def test_a_loader_for_any_model_gets_the_one_of_the_name(registry: ModelRegistry, cache: CacheMaker) -> None:
    cache.add("org/any")
    registry.register("org/any", loader=Alone)
    assert Path(registry.load_model("org/any").folder).parent == cache.folder("org/any") / "snapshots"
    registry.register("none", loader=ModelLoader)
    with pytest.raises(ModelLoadingError, match="ModelLoader has no MODEL_NAME"):
        registry.load_model("none")


def test_a_newer_revision_is_another_model(registry: ModelRegistry, cache: CacheMaker) -> None:
    first = registry.load_model("counted")
    cache.add("org/counted", {"config.json": b'{"newer": 1}'})
    assert registry.load_model("counted") is not first


def test_a_folder_whose_files_change_is_another_model(registry: ModelRegistry, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    registry.register("plain", model=str(folder), loader=Alone)
    first = registry.load_model("plain")
    assert first.folder == str(folder)
    assert registry.load_model("plain") is first
    (folder / "config.json").write_text("{}")
    assert registry.load_model("plain") is not first


def test_the_least_recently_used_goes_first(registry: ModelRegistry) -> None:
    registry.set_cache_size(2)
    a = registry.load_model("a")
    registry.load_model("b")
    assert registry.load_model("a") is a
    registry.load_model("c")
    assert registry.get_cache_stats()["cached_models"] == ["a", "c"]
    registry.set_cache_size(1)
    assert registry.get_cache_stats()["cached_models"] == ["c"]


def test_the_bytes_of_all_are_bounded_too(registry: ModelRegistry) -> None:
    registry.set_cache_size(5, max_bytes=250)
    for name in "abc":
        registry.load_model(name)
    stats = registry.get_cache_stats()
    assert (stats["cached_models"], stats["current_bytes"]) == (["b", "c"], 200)
    registry.set_cache_size(5, max_bytes=50)
    registry.load_model("a")  # it is given, and not kept
    assert registry.get_cache_stats()["current_size"] == 0


def test_what_is_old_is_loaded_again(registry: ModelRegistry, clock: Clock) -> None:
    registry.set_cache_ttl(10)
    first = registry.load_model("a")
    clock.now = 9.9
    assert registry.load_model("a") is first
    clock.now = 10.0
    assert registry.load_model("a") is not first
    registry.set_cache_ttl(0)
    assert registry.get_cache_stats()["current_size"] == 0


def test_limits_of_one_registry_are_not_those_of_another(registry: ModelRegistry) -> None:
    registry.set_cache_ttl(10)
    assert ModelRegistry().get_cache_stats()["ttl_seconds"] == 3600.0


@pytest.mark.parametrize("size", [0, -1, 1.5, True])
def test_sizes_that_make_no_sense(registry: ModelRegistry, size: Any) -> None:
    with pytest.raises(ValueError, match="At least 1"):
        registry.set_cache_size(size)
    with pytest.raises(ValueError, match="not less than 0"):
        registry.set_cache_ttl(-1)


def test_hits_and_misses_are_counted_until_the_cache_is_cleared(registry: ModelRegistry) -> None:
    for _ in range(4):
        registry.load_model("a")
    assert registry.get_cache_stats() == {
        "hits": 3,
        "misses": 1,
        "hit_rate": 0.75,
        "current_size": 1,
        "max_size": 5,
        "ttl_seconds": 3600.0,
        "cached_models": ["a"],
        "current_bytes": 100,
        "max_bytes": None,
    }
    assert registry.cache_hit_rate() == 0.75
    registry.clear_cache()
    assert (registry.cache_hit_rate(), registry.get_cache_stats()["current_size"]) == (0.0, 0)


def test_what_is_let_go_of_is_gone_from_memory(registry: ModelRegistry) -> None:
    import weakref

    model = registry.load_model("a")
    model.itself = model  # as models of torch refer to themselves
    gone = weakref.ref(model)
    del model
    registry.clear_cache()
    assert gone() is None


# ---- at the same time


def at_once(registry: ModelRegistry, name: str, count: int) -> list[Any]:
    """What `count` threads get that ask for the same; a load goes on when all of them have asked."""

    def until_all_have_asked() -> None:
        while registry.get_cache_stats()["misses"] < count:
            pass

    Counting.during = staticmethod(until_all_have_asked)

    def ask(_: int) -> Any:
        try:
            return registry.load_model(name)
        except ModelLoadingError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def test_eight_threads_that_want_the_same_model_share_one_load(registry: ModelRegistry) -> None:
    models = at_once(registry, "counted", 8)
    assert len(Counting.loads) == 1
    assert all(model is models[0] for model in models)


def test_a_load_that_fails_does_so_for_all_who_wait_and_is_tried_again_by_the_next(
    registry: ModelRegistry,
) -> None:
    class Failing(Alone):
        @classmethod
        def load_model(cls, *arguments: Any, **kwargs: Any) -> Model:
            super().load_model(*arguments, **kwargs)
            raise OSError("the disk is gone")

    registry.register("failing", loader=Failing)
    errors = at_once(registry, "failing", 8)
    assert len(Counting.loads) == 1
    assert {str(error) for error in errors} == {
        "It could not be loaded (OSError: the disk is gone) (model: failing)"
    }
    registry.register("failing", loader=Alone, force=True)
    assert registry.load_model("failing")


def test_two_models_are_loaded_at_the_same_time(registry: ModelRegistry) -> None:
    both = threading.Barrier(2, timeout=60)
    Counting.during = staticmethod(both.wait)
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(registry.load_model, ["a", "b"]))


def test_what_is_unregistered_while_it_is_loaded_is_not_kept(registry: ModelRegistry) -> None:
    Counting.during = staticmethod(lambda: registry.unregister("a"))
    assert registry.load_model("a")
    assert registry.get_cache_stats()["current_size"] == 0


def test_a_loader_that_wants_itself_is_told_so(registry: ModelRegistry) -> None:
    Counting.during = staticmethod(lambda: registry.load_model("a"))
    with pytest.raises(ModelLoadingError, match="wants the same model"):
        registry.load_model("a")


def test_whoever_waits_for_a_load_that_was_stopped_loads_it(registry: ModelRegistry) -> None:
    registry.register("stopped", loader=Alone)
    stopped = threading.Event()

    def stop_the_first() -> None:
        if not stopped.is_set():
            while registry.get_cache_stats()["misses"] < 2:
                pass
            stopped.set()
            raise KeyboardInterrupt

    Counting.during = staticmethod(stop_the_first)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(registry.load_model, "stopped") for _ in range(2)]
        ended = [one.exception() for one in asked]
    assert sorted(type(one).__name__ for one in ended) == ["KeyboardInterrupt", "NoneType"]


# ---- what is not loaded


def test_a_model_that_is_not_here_says_how_to_bring_it(registry: ModelRegistry) -> None:
    with pytest.raises(ModelLoadingError, match=r"No cache has hf@dmis-lab/biobert-v1\.1") as caught:
        registry.load_model("biobert-base")
    assert "Download dmis-lab/biobert-v1.1" in caught.value.hint


def test_a_name_that_nobody_knows(registry: ModelRegistry) -> None:
    with pytest.raises(ModelLoadingError, match="Nothing is registered by this name") as caught:
        registry.load_model("biobert-bose")
    assert "Did you mean biobert-base" in caught.value.hint
    assert not registry.is_registered("biobert-bose")


@pytest.mark.parametrize(("name", "device"), [("", None), ("a", "tpu"), ("a", "cuda:x"), ("a", "")])
def test_no_name_and_no_device_are_value_errors(
    registry: ModelRegistry, name: str, device: str | None
) -> None:
    with pytest.raises(ValueError, match=r"name|device"):
        registry.load_model(name, device=device)


def test_a_dangerous_model_is_not_loaded_before_somebody_allows_it(
    registry: ModelRegistry, cache: CacheMaker
) -> None:
    cache.add("org/evil", {"config.json": b"{}", "pytorch_model.bin": EVIL})
    registry.register("evil", model="org/evil", loader=Counting)
    with pytest.raises(ModelLoadingError, match="not safe to load") as caught:
        registry.load_model("evil")
    assert "allow_unsafe=True" in caught.value.hint
    assert Counting.loads == []
    assert registry.load_model("evil", allow_unsafe=True)


def test_a_dangerous_folder_is_not_loaded_either(registry: ModelRegistry, tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(EVIL)
    registry.register("evil", model=str(tmp_path), loader=Counting)
    with pytest.raises(ModelLoadingError, match="not safe to load"):
        registry.load_model("evil")
    assert Counting.loads == []


def test_code_that_a_model_brings_runs_only_when_it_is_allowed(
    registry: ModelRegistry, cache: CacheMaker
) -> None:
    cache.add("org/coded", {"config.json": b'{"auto_map": {"AutoModel": "m.M"}}', "m.py": b"class M: pass\n"})
    registry.register("coded", model="org/coded", loader=Counting)
    with pytest.raises(ModelLoadingError, match="code of its own"):
        registry.load_model("coded")
    assert Counting.loads == []
    assert registry.load_model("coded", allow_code=True)


# ---- files


def test_files_register_too_and_their_errors_can_be_read(
    registry: ModelRegistry, cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "our_loaders.py").write_text(
        "from modelkeep.lifecycle import ModelLoader\n\nclass Ours(ModelLoader):\n"
        "    @classmethod\n    def load_model(cls, **kwargs):\n        return cls.MODEL_NAME\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "ours.yaml").write_text(
        "model_types: [nursing]\nours: {model: org/counted, model_type: nursing, loader: 'our_loaders:Ours'}\n"
        "named: {model: org/counted, loader: Counting}\nnone: {model: org/counted, loader: 'our_loaders:None'}\n"
        "gone: {model: org/counted, loader: 'no_such_module:X'}\nbad: {modle: x}\n"
    )
    registry = ModelRegistry(roots=[cache.root], folder=folder)
    assert registry.get_metadata("ours").model_type is ModelType.of("nursing")
    assert Path(registry.load_model("ours")).parent.name == "snapshots"
    assert [one.line for one in registry.problems] == [6, 6]
    for name, said in (
        ("named", "There is no loader"),
        ("gone", "cannot be imported"),
        ("none", "cannot be imported"),
    ):
        with pytest.raises(ModelInitializationError, match=said):
            registry.load_model(name)
    registry.add_loader(Counting)
    assert registry.load_model("named")
    registry.register("mine", loader=Alone)
    (folder / "ours.yaml").write_text("later: {model: org/counted}\n")
    registry.reload()
    assert (registry.is_registered("later"), registry.is_registered("mine")) == (True, True)
    assert not registry.is_registered("ours")

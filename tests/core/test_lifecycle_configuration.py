"""Named instances: what is configured where, and what is made of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelkeep import lifecycle
from modelkeep.errors import LifecycleError, NoFinder, NoInitializer
from modelkeep.lifecycle import (
    Factory,
    ImportableFactory,
    JobStatus,
    ModelFinder,
    ReversibleHasher,
    configuration,
    configure,
    get_config,
)
from modelkeep.lifecycle.configuration import ConfigurationError, merged
from modelkeep.lifecycle.durations import seconds_of
from modelkeep.lifecycle.finders.local import FolderModelFinder, LocalModelFinder


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [
        name for name in os.environ if name.startswith("MODEL_MANAGEMENT_") or name == "CONFIG_FILES"
    ]:
        monkeypatch.delenv(name)
    configuration.reset()
    yield
    configuration.reset()


def finders(**instances: object) -> dict[str, Any]:
    return {"model_management": {"finders": instances}}


def trainer_config() -> Mapping[str, Any]:
    config: Mapping[str, Any] = get_config()["model_management"]["trainers"]["default"]["config"]
    return config


def retention(value: str) -> dict[str, Any]:
    return {"model_management": {"trainers": {"default": {"config": {"retention_duration": value}}}}}


def test_the_names_and_numbers_are_those_of_caikit() -> None:
    assert ReversibleHasher.hash("default") == "wTHxlsu"
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    assert ReversibleHasher.hash(plain) == "xzhwTHt7UjOsQFqvKPDulYNWdEy3e52Xka8CSA0mJ1MG6nZ-cBLfI4Rg9i_prVbo"
    assert {state.name: state.value for state in JobStatus} == {
        "QUEUED": 1,
        "RUNNING": 2,
        "COMPLETED": 3,
        "CANCELED": 4,
        "ERRORED": 5,
    }
    assert lifecycle.TrainingStatus is lifecycle.PredictionJobStatus is JobStatus
    assert lifecycle.ModelFinderBase is ModelFinder
    assert lifecycle.JobFutureBase.ID_DELIMITER == ":"


@given(st.text())
@settings(deadline=None)
def test_a_name_can_be_read_back(name: str) -> None:
    assert ReversibleHasher.reverse_hash(ReversibleHasher.hash(name)) == name


def test_what_is_said_later_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trainer_config()["retention_duration"] == "1d"
    configure(config_dict=retention("2d"))
    file = tmp_path / "config.yml"
    file.write_text(
        "model_management: {trainers: {default: {config: {retention_duration: 3d, use_subprocess: no}}}}"
    )
    configure(file)
    assert trainer_config()["retention_duration"] == "3d"
    configure(file, retention("4d"))
    assert trainer_config()["retention_duration"] == "4d"
    more = tmp_path / "more.yml"
    more.write_text("model_management: {trainers: {default: {config: {retention_duration: 5d}}}}")
    monkeypatch.setenv("CONFIG_FILES", f"{more},")
    configure(config_dict=retention("6d"))
    assert trainer_config()["retention_duration"] == "5d"
    monkeypatch.setenv("MODEL_MANAGEMENT_TRAINERS_DEFAULT_CONFIG_RETENTION_DURATION", "7d")
    assert trainer_config()["retention_duration"] == "7d"
    assert trainer_config()["use_subprocess"] is False
    monkeypatch.setenv("MODEL_MANAGEMENT_TRAINERS_DEFAULT_CONFIG_USE_SUBPROCESS", "true")
    assert trainer_config()["use_subprocess"] is True
    assert trainer_config()["subprocess_start_method"] == "spawn"


def test_a_configuration_cannot_be_changed_behind_our_back() -> None:
    given = {"a": {"type": "LOCAL", "config": {"load_path": "/models"}}}
    configure(config_dict=finders(**given))
    given["a"]["type"] = "other"
    assert get_config()["model_management"]["finders"]["a"]["type"] == "LOCAL"
    with pytest.raises(TypeError):
        get_config()["model_management"]["finders"]["a"]["type"] = "other"


def test_lists_are_put_before_and_override_replaces_what_is_topmost() -> None:
    base = {"a": {"b": [1], "c": 2}, "d": 4}
    assert merged(base, {"a": {"b": [0]}}) == {"a": {"b": [0, 1], "c": 2}, "d": 4}
    assert merged(base, {"a": {"b": [0]}}, "override") == {"a": {"b": [0]}, "d": 4}


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
_CONFIGS = st.dictionaries(st.sampled_from("abc"), _VALUES, max_size=3)


@given(_CONFIGS, _CONFIGS, _CONFIGS)
@settings(deadline=None)
def test_merging_loses_nothing_that_is_said_last(base: Any, over: Any, last: Any) -> None:
    before = repr((base, over))
    result: Any = merged(base, over)
    assert repr((base, over)) == before
    assert set(result) == {*base, *over}
    assert merged({}, over) == over
    assert merged(base, {}) == base
    assert merged(merged(base, over), last) == merged(base, merged(over, last)) or _changes_kind(
        base, over, last
    )


def _changes_kind(*values: Any) -> bool:
    """Whether a mapping, a list and a plain value take each other's place, where the order of merging counts."""
    kinds: dict[str, set[type]] = {}

    def look(value: Any, path: str) -> None:
        kinds.setdefault(path, set()).add(type(value) if isinstance(value, (dict, list)) else str)
        if isinstance(value, dict):
            for key, part in value.items():
                look(part, f"{path}/{key}")

    for value in values:
        look(value, "")
    return any(len(found) > 1 for found in kinds.values())


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ({"model_management": {"finder": {}}}, "model_management.finder "),
        (finders(a="LOCAL"), "model_management.finders.a "),
        (finders(a={"type": 3}), "model_management.finders.a.type"),
        (finders(a={"type": "LOCAL", "confg": {}}), "model_management.finders.a.confg"),
        (finders(a={"type": "LOCAL", "config": []}), "model_management.finders.a.config"),
        ({"merge_strategy": "mix"}, "merge_strategy"),
    ],
)
def test_an_error_says_where_and_changes_nothing(config: dict[str, Any], where: str) -> None:
    before = get_config()
    with pytest.raises(ConfigurationError, match=where.replace(".", r"\.")):
        configure(config_dict=config)
    assert get_config() == before


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    with pytest.raises(ConfigurationError, match=r"config\.yml cannot be read"):
        configure(file)
    file.write_text("a: 1\nb: [1,\nc: }")
    with pytest.raises(ConfigurationError, match=r"config\.yml, line 3"):
        configure(file)
    file.write_text("model_management: {finders: {a: {typ: LOCAL}}}")
    with pytest.raises(ConfigurationError, match=r"config\.yml: model_management\.finders\.a\.typ"):
        configure(file)
    with pytest.raises(ValueError, match="nothing to configure"):
        configure()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"type": "NOWHERE"}, "no type “NOWHERE”"),
        ({"type": "MULTI", "config": {}}, "missing or empty"),
        ({"type": "MULTI", "config": {"finder_priority": "cache"}}, "list of names"),
        ({"type": "MULTI", "config": {"finder_priority": [3]}}, "no name"),
        ({"type": "MULTI", "config": {"finder_sequence": ["nobody"]}}, "not configured"),
        ({"type": "MULTI", "config": {"finder_priority": ["a"]}}, "leads back"),
        ({"type": "MULTI", "config": {"finder_priority": ["b"]}}, "leads back"),
        ({"type": "REMOTE", "config": {}}, "config.remote is missing"),
        ({"type": "FOLDER", "config": {}}, "config.path is missing"),
        ({"import_class": "no.such.Module"}, "cannot be imported"),
        ({"import_class": "modelkeep.errors.NoFinder"}, "no FactoryConstructible"),
    ],
)
def test_an_instance_that_cannot_be_made_says_which(config: dict[str, Any], said: str) -> None:
    back = {"type": "MULTI", "config": {"finder_priority": ["a"]}}
    configure(config_dict=finders(a=config, b=back))
    with pytest.raises(ConfigurationError, match=r"^model_management\.finders\.a: ") as caught:
        lifecycle.get_finder("a")
    assert said in str(caught.value)


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(NoFinder, match="“nobody”") as caught:
        lifecycle.get_finder("nobody")
    assert "cache" in caught.value.hint
    with pytest.raises(NoInitializer):
        lifecycle.get_initializer("nobody")
    with pytest.raises(ValueError, match="no trainer"):
        lifecycle.get_trainer("nobody")
    with pytest.raises(LifecycleError, match="no predictor"):
        lifecycle.get_predictor("nobody")


def test_an_instance_is_made_once_and_again_when_its_configuration_changes() -> None:
    configure(config_dict=finders(a={"type": "LOCAL", "config": {"load_path": "/one"}}))
    first = lifecycle.get_finder("a")
    assert lifecycle.get_finder("a") is first
    assert lifecycle.get_finder(first) is first
    configure(config_dict=finders(a={"config": {"load_path": "/two"}}))
    assert lifecycle.get_finder("a") is not first


class OwnFinder(LocalModelFinder):
    """A finder of the user's own."""

    name = "OWN"


def test_a_class_of_the_users_own_is_imported() -> None:
    configure(config_dict=finders(own={"type": "OWN", "import_class": f"{__name__}.OwnFinder"}))
    assert isinstance(lifecycle.get_finder("own"), OwnFinder)


def test_a_factory_makes_what_was_registered_with_it() -> None:
    factory = Factory("Finders")
    factory.register(LocalModelFinder)
    factory.register(LocalModelFinder)
    assert isinstance(factory.construct({"type": "LOCAL"}), LocalModelFinder)
    other = type("Other", (FolderModelFinder,), {"name": "LOCAL"})
    with pytest.raises(ValueError, match="LOCAL"):
        factory.register(other)
    with pytest.raises(ValueError, match="no type"):
        factory.construct({"type": "OTHER"})
    with pytest.raises(TypeError):
        ImportableFactory("Finders").construct({"import_class": 3})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1d", 86400),
        ("1d12h3m0.2s", 129780.2),
        ("0.01s", 0.01),
        (".5s", 0.5),
        ("90m", 5400),
        ("0s", 0),
        (None, None),
    ],
)
def test_how_long_jobs_are_kept(text: str | None, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "1w", "h1", "1h1d", "-1s", "s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        seconds_of(text)

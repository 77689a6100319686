"""Which den is meant: arguments before variables before defaults, ours before medcat-den's; add-ons."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from modelkeep.den import (
    Den,
    DenConfigError,
    DenType,
    LocalDenConfig,
    RemoteDenConfig,
    get_default_den,
    get_default_machine_local_den,
    get_default_user_local_den,
    get_registered_remote_den,
    has_registered_remote_den,
    kinds,
    register_remote_den,
)
from modelkeep.den.backend import FileBackend
from modelkeep.den.local import LocalFileDen
from support.dens import make_pack, model_id


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of a den is set, and no add-on registered."""
    for name in list(os.environ):
        if name.startswith(("MODELKEEP_DEN_", "MEDCAT_DEN_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(kinds, "_remote_den_map", {})
    monkeypatch.setattr(kinds, "_loaded", {})


def backend(den: Den, name: str | None = None) -> FileBackend:
    found = den.backend(name)
    assert isinstance(found, FileBackend)
    return found


def config(den: Den) -> Any:
    return backend(den)._cnf


def write(path: Path, value: object) -> str:
    path.write_text(json.dumps(value))
    return str(path)


def test_the_default_is_the_den_of_the_user_where_medcat_den_has_it(own_places: Path) -> None:
    found = config(get_default_den())
    assert found.type is DenType.LOCAL_USER
    if sys.platform == "linux":
        assert Path(found.location) == own_places / ".local" / "share" / "medcat-den"
    assert not Path(found.location).exists()
    assert backend(get_default_den()).cache is None


@pytest.mark.parametrize("text", ["LOCAL_MACHINE", "local_machine", "Local_Machine", " local_machine "])
@pytest.mark.parametrize("prefix", ["MODELKEEP_DEN", "MEDCAT_DEN"])
def test_kinds_in_upper_and_lower_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, prefix: str
) -> None:
    monkeypatch.setenv(f"{prefix}_TYPE", text)
    monkeypatch.setenv(f"{prefix}_PATH", str(tmp_path))
    assert config(get_default_den()) == LocalDenConfig(DenType.LOCAL_MACHINE, tmp_path)


def test_an_argument_goes_before_our_variable_and_that_before_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDCAT_DEN_PATH", str(tmp_path / "theirs"))
    assert config(get_default_den()).location == tmp_path / "theirs"
    monkeypatch.setenv("MODELKEEP_DEN_PATH", str(tmp_path / "ours"))
    assert config(get_default_den()).location == tmp_path / "ours"
    assert config(get_default_den(location=tmp_path / "given")).location == tmp_path / "given"
    assert config(get_default_user_local_den(str(tmp_path / "given"))).location == tmp_path / "given"
    assert config(get_default_machine_local_den(tmp_path)).type is DenType.LOCAL_MACHINE


def test_an_unknown_kind_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="“floppy” is no kind of den") as caught:
        get_default_den("floppy")
    assert "local_user" in str(getattr(caught.value, "hint", ""))
    for kind in ("remote", "MEDCATTERY"):
        with pytest.raises(DenConfigError, match="has a host"):
            get_default_den(kind)
    with pytest.raises(DenConfigError, match="Nothing here serves"):
        get_default_den("medcattery", host="x")
    with pytest.raises(DenConfigError):
        get_default_den("multi_backend")


def test_the_policy_is_refused_unless_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path)
    monkeypatch.setenv("MODELKEEP_DEN_TYPE", "REMOTE")
    monkeypatch.setenv("MEDCAT_DEN_REMOTE_HOST", place)
    assert config(get_default_den()) == RemoteDenConfig(DenType.REMOTE, place)
    monkeypatch.setenv("MEDCAT_DEN_REMOTE_ALLOW_LOCAL_FINE_TUNE", "Yes")
    monkeypatch.setenv("MODELKEEP_DEN_REMOTE_ALLOW_PUSH_FINETUNED", "y")
    found = config(get_default_den())
    assert (found.allow_local_fine_tune, found.allow_push_fine_tuned) == (True, True)
    found = config(get_default_den(remote_allow_local_fine_tune=False, remote_allow_push_fine_tuned="no"))
    assert (found.allow_local_fine_tune, found.allow_push_fine_tuned) == (False, False)


def test_the_cache_is_configured_by_variables_and_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDCAT_DEN_LOCAL_CACHE_PATH", str(tmp_path / "c"))
    cache = backend(get_default_den()).cache
    assert cache is not None
    said = cache.config
    assert (said.expiration_time, said.max_size, said.eviction_policy) == (
        864000,
        100 << 30,
        "least-recently-used",
    )
    monkeypatch.setenv("MODELKEEP_DEN_LOCAL_CACHE_EXPIRATION_TIME", "0")
    monkeypatch.setenv("MODELKEEP_DEN_LOCAL_CACHE_MAX_SIZE", "5")
    monkeypatch.setenv("MODELKEEP_DEN_LOCAL_CACHE_EVICTION_POLICY", "NONE")
    cache = backend(get_default_den(max_size=7)).cache
    assert cache is not None
    assert (cache.config.expiration_time, cache.config.max_size, cache.order) == (0, 7, "none")
    for wrong in ({"max_size": "much"}, {"expiration_time": -1}, {"eviction_policy": "random"}):
        with pytest.raises(DenConfigError):
            get_default_den(**wrong)


def test_credentials_are_never_shown(tmp_path: Path) -> None:
    den = get_default_den("remote", host=str(tmp_path), credentials={"key_id": "k", "secret": "hush"})
    assert "hush" not in repr(config(den))
    with pytest.raises(DenConfigError, match="secret"):
        get_default_den("remote", host=str(tmp_path), credentials={"user": "hush"})


# ---- several backends


def test_a_file_of_backends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "default_backend": "two",
        "local_cache_path": str(tmp_path / "common"),
        "backends": {
            "one": {"location": str(tmp_path / "1")},
            "two": {
                "type": "LOCAL_MACHINE", "location": str(tmp_path / "2"), "local_cache_path": str(tmp_path / "own"),
            },
            "three": {"type": "cache", "location": str(tmp_path / "3"), "expiration_time": 0},
            "four": {"type": "remote", "host": str(tmp_path / "4"), "remote_allow_push_fine_tuned": "true"},
            "five": {"type": "medcattery", "host": "nowhere"},
            "six": {"type": "floppy"},
            "seven": 7,
        },
    }  # fmt: skip
    monkeypatch.setenv("MEDCAT_DEN_BACKENDS_JSON", write(tmp_path / "dens.json", said))
    den = get_default_den()
    assert den.backend_names == ("one", "two", "three", "four", "five", "six", "seven")
    assert den.problems.keys() == {"five", "six", "seven"}
    assert den.default_backend_name == "two"
    caches = {name: backend(den, name).cache for name in ("one", "two", "three")}
    assert {name: cache.path.name for name, cache in caches.items() if cache} == {
        "one": "common", "two": "own", "three": "common",
    }  # fmt: skip
    assert caches["three"] is not None
    assert caches["three"].config.expiration_time == 0
    with pytest.raises(DenConfigError):
        den.list_available_models("five")
    # An explicit kind or place is meant, whatever the file says.
    assert config(get_default_den(location=tmp_path / "9")).location == tmp_path / "9"


@pytest.mark.parametrize(
    ("said", "default"),
    [
        ({"backends": {"only": {}}}, "only"),
        ({"backends": {"a": {}, "default": {}}}, "default"),
        ({"backends": {"a": {}, "b": {}}, "default_backend": "b"}, "b"),
    ],
)
def test_the_default_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: object, default: str
) -> None:
    monkeypatch.setenv("MODELKEEP_DEN_BACKENDS_JSON", write(tmp_path / "dens.json", said))
    assert get_default_den().default_backend_name == default


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "{}", '{"backends": {}}', '{"backends": {"a": {}, "b": {}}}',
        '{"backends": {"a": {}}, "default_backend": "b"}',
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "dens.json").write_text(text)
    monkeypatch.setenv("MODELKEEP_DEN_BACKENDS_JSON", str(tmp_path / "dens.json"))
    with pytest.raises(DenConfigError):
        get_default_den()
    monkeypatch.setenv("MODELKEEP_DEN_BACKENDS_JSON", str(tmp_path / "none.json"))
    with pytest.raises(DenConfigError, match="cannot be read"):
        get_default_den()


# ---- add-ons


class Local(LocalFileDen):
    """What an add-on of ours may register."""

    def __init__(self, cnf: RemoteDenConfig) -> None:
        super().__init__(LocalDenConfig(cnf.type, cnf.host))
        self._cnf = cnf


def test_a_kind_is_registered_once(tmp_path: Path) -> None:
    assert not has_registered_remote_den(DenType.MEDCATTERY)
    register_remote_den(DenType.MEDCATTERY, Local)
    assert get_registered_remote_den(DenType.MEDCATTERY) is Local
    with pytest.raises(ValueError):
        register_remote_den(DenType.MEDCATTERY, Local)
    for call in (has_registered_remote_den, get_registered_remote_den):
        with pytest.raises(ValueError):
            call(DenType.LOCAL_USER)
    with pytest.raises(ValueError):
        register_remote_den(DenType.LOCAL_MACHINE, Local)
    den = get_default_den("MEDCATTERY", host=str(tmp_path / "den"))
    den.push_model(make_pack(tmp_path, model_id(1)), "")
    assert len(den.list_available_models()) == 1


def test_add_ons_are_found_and_one_that_fails_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registers = (
        "from modelkeep.den import register_remote_den\n"
        "from test_den_resolve_kind import Kind\n"
        "register_remote_den('team', Kind)\n"
    )
    for name, group, code in (
        ("good_add_on", "modelkeep.den", registers),
        ("bad_add_on", "medcat_den.addons", "raise RuntimeError('no such luck')\n"),
    ):
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}\n")
    (tmp_path / "test_den_resolve_kind.py").write_text(
        "from modelkeep.den import LocalDenConfig, LocalFileDen\n"
        "class Kind(LocalFileDen):\n"
        "    def __init__(self, cnf):\n"
        "        super().__init__(LocalDenConfig(cnf.type, cnf.host))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    den = get_default_den("TEAM", host=str(tmp_path / "den"))
    assert den.list_available_models() == []
    assert den.backend().den_type == "team"
    with pytest.raises(DenConfigError) as caught:
        get_default_den("medcattery", host="x")
    assert "no such luck" in caught.value.hint

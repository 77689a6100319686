"""Finders in every kind of place, and the models that are made of what they find."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelkeep import lifecycle
from modelkeep.errors import (
    CacheError,
    InvalidKey,
    LifecycleError,
    ModelKeepError,
    ModelNotFound,
    NoFinder,
    NoInitializer,
    NotOnRemote,
    Offline,
    UnknownArchive,
    UnsafeArchive,
)
from modelkeep.lifecycle import LocalModel, ModuleConfig, configuration, initializers, opened
from support.archives import dss_zip, entries
from support.caches import CacheMaker
from support.dens import BASE, medcat_den
from support.hub import HubServer
from support.modules import Greeter
from support.remote_fetching import push


@pytest.fixture(autouse=True)
def own_root(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cache.root.mkdir(exist_ok=True)
    monkeypatch.setenv("MODELKEEP_ROOTS", os.fspath(cache.root))
    monkeypatch.setattr(initializers, "_modules", {})
    configuration.reset()
    lifecycle.register_module("greeter", Greeter)
    yield
    opened.close()
    configuration.reset()


@pytest.fixture
def greeter(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "greeter"
    folder.mkdir(parents=True)
    Greeter("Hello").save(str(folder))
    return folder


def find(name: str, kind: str, **config: Any) -> ModuleConfig:
    told = {"it": {"type": kind, "config": config}}
    lifecycle.configure(config_dict={"model_management": {"finders": told}})
    found = lifecycle.get_finder("it").find_model(name)
    assert found is not None
    return found


def test_a_folder_with_a_configuration_is_loaded_by_its_class(greeter: Path) -> None:
    model = lifecycle.load(greeter)
    assert model.greet("you") == {"greeting": "Hello, you"}
    assert find("greeter", "LOCAL", load_path=str(greeter.parent)).module_id == "greeter"
    found = find("greeter", "FOLDER", path=str(greeter.parent))
    assert (found["name"], found["model_path"], os.fspath(found)) == ("Greeter", str(greeter), str(greeter))
    assert dict(found) == {"model_path": str(greeter), "module_id": "greeter", "name": "Greeter"}
    with pytest.raises(AttributeError):
        found.module_id = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["../secret", "/etc", "link"])
def test_a_folder_is_not_left(greeter: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "config.json").write_text("{}")
    (greeter.parent / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(FileNotFoundError, match="leads out"):
        find(name, "FOLDER", path=str(greeter.parent))


def test_what_a_folder_says_of_itself_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    for id in ("module_id", "block_id", "workflow_id", "resource_id"):
        file.write_text(f"{id}: abc")
        assert ModuleConfig.load(tmp_path).module_id == "abc"
    file.write_text("module_id: abc\nmodel_path: /elsewhere")
    with pytest.raises(KeyError, match="reserved"):
        ModuleConfig.load(tmp_path)
    for wrong in ("name: it", "- a list", "a: ["):
        file.write_text(wrong)
        with pytest.raises(LifecycleError, match=r"config\.yml"):
            ModuleConfig.load(tmp_path)
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r"no config\.yml"):
        ModuleConfig.load(tmp_path)


def test_a_cached_model_is_found_by_its_name(cache: CacheMaker) -> None:
    commit = cache.add("org/name")
    for name in ("org/name", "org/name@main", f"org/name@{commit}"):
        found = find(name, "CACHE")
        assert (found.module_id, found.root, found.key) == (
            "huggingface",
            str(cache.root),
            f"hf@org/name@{commit}",
        )
        assert Path(found.model_path, "config.json").is_file()
    by_path = find(found.model_path, "LOCAL")
    assert (by_path.root, by_path.key, by_path.commit) == (found.root, found.key, commit)
    with pytest.raises(ModelNotFound):
        find("org/other", "CACHE")
    with pytest.raises(ModelNotFound):
        find("org/name", "CACHE", roots=["/nowhere"])
    with pytest.raises(InvalidKey):
        find("../up", "CACHE")


def test_a_cached_model_becomes_an_object_that_loads_later(cache: CacheMaker, greeter: Path) -> None:
    commit = cache.add("org/name")
    model = lifecycle.load("org/name", device="cpu")
    assert isinstance(model, LocalModel)
    assert repr(model) == f"LocalModel(hf@org/name@{commit})"
    assert lifecycle.load("org/name", load_singleton=True) is lifecycle.load("org/name", load_singleton=True)
    (greeter / "config.yml").unlink()
    (greeter / "config.json").write_text("{}")
    with pytest.raises(NoInitializer, match="in no cache"):
        lifecycle.load(greeter)


def test_the_damaged_is_not_found(cache: CacheMaker) -> None:
    cache.add("org/name", {"config.json": b"{}", "model.safetensors": b"weights"})
    next(blob for blob in (cache.folder("org/name") / "blobs").iterdir() if len(blob.name) == 64).unlink()
    with pytest.raises(ModelNotFound, match="damaged"):
        find("org/name", "CACHE")


def test_a_finder_of_one_cache_looks_into_no_other(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name")
    assert find("org/name", "CACHE", root=os.fspath(cache.root)).root == os.fspath(cache.root)
    with pytest.raises(ModelNotFound):
        find("org/name", "CACHE", root=os.fspath(tmp_path / "other"))


class BrokenFinder(lifecycle.ModelFinder):
    name = "BROKEN"

    def __init__(self, config: Any, instance_name: str) -> None:
        pass

    def find_model(self, model_path: str, **kwargs: Any) -> ModuleConfig:
        raise NotImplementedError("not yet")


def test_a_finder_that_is_not_done_yet_keeps_no_other_from_finding(cache: CacheMaker) -> None:
    instances = {
        "own": {"type": "BROKEN", "import_class": f"{__name__}.BrokenFinder"},
        "all": {"type": "MULTI", "config": {"finder_priority": ["own", "cache"]}},
    }
    lifecycle.configure(config_dict={"model_management": {"finders": instances}})
    with pytest.raises(NoFinder, match=r"own: NotImplementedError: not yet\. cache: "):
        lifecycle.get_finder("all").find_model("org/name")
    cache.add("org/name")
    assert lifecycle.get_finder("all").find_model("org/name") is not None


def test_the_failures_of_each_that_was_asked_are_in_the_error(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    instances = {
        "hub": {"type": "HUB", "config": {}},
        "all": {"type": "MULTI", "config": {"finder_sequence": ["local", "cache", "hub"]}},
    }
    lifecycle.configure(config_dict={"model_management": {"finders": instances}})
    with pytest.raises(Offline):
        lifecycle.get_finder("hub").find_model("org/name")
    with pytest.raises(NoFinder) as caught:
        lifecycle.load("org/name", finder="all")
    said = str(caught.value)
    assert said.startswith("No finder finds org/name. local: FileNotFoundError: ")
    assert "cache: No cache has hf@org/name." in said
    assert " hub: " in said
    cache.add("org/name")
    assert isinstance(lifecycle.load("org/name", finder="all"), LocalModel)


def test_no_initializer_says_why_each_did_not(greeter: Path) -> None:
    initializers._modules.clear()
    instances = {
        "class": {"type": "LOCAL", "config": {"backend_priority": [{"type": "LOCAL"}]}},
        "all": {"type": "MULTI", "config": {"initializer_sequence": ["class", "default"]}},
    }
    lifecycle.configure(config_dict={"model_management": {"initializers": instances}})
    with pytest.raises(NoInitializer, match="“greeter”"):
        lifecycle.load(greeter)
    with pytest.raises(NoInitializer, match=r"class: It makes no model of “greeter”\. default: It"):
        lifecycle.load(greeter, initializer="all")


@pytest.mark.parametrize("ways", ["LOCAL", [{}], ["LOCAL"], [{"type": "TGIS"}]])
def test_ways_that_there_are_not(ways: object) -> None:
    told = {"wrong": {"type": "LOCAL", "config": {"backend_priority": ways}}}
    lifecycle.configure(config_dict={"model_management": {"initializers": told}})
    with pytest.raises(ValueError, match="backend_priority"):
        lifecycle.get_initializer("wrong")


def test_a_model_is_fetched_from_a_remote_or_only_told_of(cache: CacheMaker, tmp_path: Path) -> None:
    store = tmp_path / "store"
    push(store, below=tmp_path)
    library = opened.shared_library()
    library.remotes.add("team", str(store), cache=str(cache.root))
    told = find("org/name", "REMOTE", remote="team", fetch=False)
    assert (told.model_path, told.remote) == ("", "team")
    assert not list(cache.root.iterdir())
    found = find("org/name", "REMOTE", remote="team", fetch=True)
    assert (found.key, found.commit) == (told.key, told.commit)
    assert Path(found.model_path).parent.parent == cache.folder("org/name")
    with pytest.raises(NotOnRemote):
        find("org/other", "REMOTE", remote="team")


def test_what_no_cache_has_is_downloaded(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        hub.add("org/name", {"config.json": b'{"model_type": "bert"}', "vocab.txt": b"[UNK]\n"})
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        found = find("org/name", "HUB")
    assert (found.root, found.key) == (str(cache.root), f"hf@org/name@{found.commit}")
    assert find("org/name", "HUB") == found, "what is here is taken as it is"
    assert Path(found.model_path, "vocab.txt").is_file()


def test_a_model_of_a_den_is_found_by_its_id(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    found = find(BASE, "DEN", type="local_user", location=str(place))
    assert found.module_id == "den"
    assert Path(found.model_path).exists()
    with pytest.raises(ModelKeepError, match="no model 0000"):
        find("0000000000000000", "DEN")


def test_the_model_of_an_archive_is_imported_first(cache: CacheMaker, tmp_path: Path) -> None:
    archive = dss_zip(tmp_path / "model.zip", entries())
    found = find(str(archive), "ARCHIVE")
    assert Path(found.model_path, "config.json").is_file()
    assert found.root != str(cache.root)
    assert not list(cache.root.iterdir())
    kept = find("model.zip", "ARCHIVE", folder=str(tmp_path), root=str(cache.root))
    assert kept.root == str(cache.root)
    assert (kept.key, kept.commit) == (found.key, found.commit)
    with pytest.raises(FileNotFoundError):
        find("nothing.zip", "ARCHIVE")


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


GREETER = {"config.yml": "module_id: greeter", "word": "Hi"}


def test_a_zip_is_unpacked_and_loaded(tmp_path: Path) -> None:
    flat = zipped(tmp_path / "flat.zip", GREETER)
    nested = zipped(tmp_path / "nested.zip", {"__MACOSX/x": "", **{f"it/{k}": v for k, v in GREETER.items()}})
    for archive in (flat, nested):
        target = tmp_path / archive.stem
        assert lifecycle.extract(archive, target) == str(target)
        assert lifecycle.load(target).word == "Hi"
        assert lifecycle.load(archive.read_bytes()).word == "Hi"
        assert lifecycle.load(io.BytesIO(archive.read_bytes())).word == "Hi"
        with pytest.raises(CacheError, match="is there already"):
            lifecycle.extract(archive, target)
        (target / "old").touch()
        lifecycle.extract(archive, target, force_overwrite=True)
        assert not (target / "old").exists()


def test_a_zip_writes_nowhere_else(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    archive = zipped(place / "bad.zip", {**GREETER, "../../escaped": "x"})
    with pytest.raises(UnsafeArchive):
        lifecycle.extract(archive, place / "deep" / "target")
    assert not list(tmp_path.rglob("escaped"))
    assert not list((place / "deep").iterdir())
    with pytest.raises(UnknownArchive):
        lifecycle.extract(place / "none.zip", place / "target")

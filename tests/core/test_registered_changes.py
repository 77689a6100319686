"""What the registry keeps: new types, registrations that come back, and the code that loads a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import RegistryError
from modelkeep.library import Library
from modelkeep.registrations.folder import deciding_variable, models_folder, usual_folder
from modelkeep.registrations.values import Registration, loader_problem, parameter_value, snippet
from modelkeep.settings import Settings, save_settings
from support.caches import CacheMaker


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELKEEP_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def library(cache: CacheMaker, folder: Path) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        yield library


def test_a_model_and_its_new_type_are_registered_together(library: Library) -> None:
    with pytest.raises(RegistryError, match="not a type"):
        library.registered.register("chest", "org/chest", model_type="radiology")
    one = library.registered.register("chest", "org/chest", model_type="Radiology", new_type=True)
    assert one.registration.model_type == "radiology"
    assert library.registered.look().types[-1] == "radiology"
    with pytest.raises(RegistryError, match="name of a type"):
        library.registered.register("other", "org/other", model_type="x-ray", new_type=True)
    library.registered.register("third", "org/third", model_type="clinical", new_type=True)
    assert library.registered.look().types == ("generic", "biomedical", "clinical", "radiology")


def test_what_was_unregistered_comes_back_as_it_was(library: Library, folder: Path) -> None:
    own = folder / "registered.yaml"
    library.registered.register(
        "first",
        "org/first",
        tags=["a"],
        parameters={"num_labels": 3},
        model_class="AutoModelForTokenClassification",
    )
    said = library.registered.unregister("first")
    assert "first" not in own.read_text()
    back = library.registered.bring_back(said).registration
    assert (back.model, back.tags, back.parameters) == ("org/first", ("a",), {"num_labels": 3})
    assert back.model_class == "AutoModelForTokenClassification"
    with pytest.raises(RegistryError, match="already"):
        library.registered.bring_back(said)


def test_what_took_the_place_of_a_preset_comes_back_too(library: Library) -> None:
    library.registered.register("biobert-base", "org/ours", force=True)
    said = library.registered.unregister("biobert-base")
    assert library.registered.get("biobert-base").registration.origin == "preset"
    assert library.registered.bring_back(said).registration.model == "org/ours"


def test_a_loader_that_no_file_could_name_is_refused(library: Library, folder: Path) -> None:
    with pytest.raises(RegistryError, match="not a class of yours"):
        library.registered.register("bad", "org/bad", loader="no path:C")
    assert not (folder / "registered.yaml").exists()
    assert loader_problem("ours.loading:Loader") == loader_problem("BioBERTLoader") == ""


def test_a_cache_says_by_which_name_it_has_a_model(library: Library, cache: CacheMaker) -> None:
    cache.add("bert-base-uncased", {"config.json": b"{}"})
    assert library.registered.get("bert-base-uncased").key == "hf@bert-base-uncased"
    assert library.registered.get("biobert-base").key == ""
    assert library.registered.look().own_file.endswith("registered.yaml")


@pytest.mark.parametrize(
    ("values", "given"),
    [
        ({"model_type": "clinical"}, "model, tokenizer = "),
        ({"model_type": "radiology"}, "model = "),
        ({"model_type": "clinical", "loader": "ModelLoader"}, "model = "),
        ({"loader": "BioBERTLoader"}, "model, tokenizer = "),
        ({"loader": "ours.loading:Loader"}, "loaded = "),
    ],
)
def test_the_code_takes_what_the_loader_gives(values: dict[str, str], given: str) -> None:
    code = snippet(Registration("ours", **values))  # type: ignore[arg-type]
    assert code.splitlines()[-1] == f'{given}get_registry().load_model("ours")'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("true", True),
        ("0.5", 0.5),
        ("[1, 2]", [1, 2]),
        ("five", "five"),
        ("2024-01-01", "2024-01-01"),
        ("", ""),
        ("{", "{"),
        ("null", "null"),
    ],
)
def test_a_value_is_read_as_in_a_file(text: str, value: object) -> None:
    assert parameter_value(text) == value


def test_the_folder_is_that_of_the_variable_or_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (models_folder(), deciding_variable()) == (usual_folder(), "")
    save_settings(Settings(registry="/srv/registered"))
    assert models_folder() == Path("/srv/registered")
    monkeypatch.setenv("MEDVL_MEDICAL_MODELS_DIR", "/srv/medical")
    assert (models_folder(), deciding_variable()) == (Path("/srv/medical"), "MEDVL_MEDICAL_MODELS_DIR")

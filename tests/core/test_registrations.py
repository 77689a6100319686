"""The files that register models: what they say, what is wrong in them and where, and what is written there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep import open_library
from modelkeep.errors import RegistryError
from modelkeep.registrations.folder import check_path, models_folder, read_registrations
from modelkeep.registrations.reading import read_document, read_models, read_types
from modelkeep.registrations.values import BUILT_IN_TYPES, Registration
from modelkeep.settings import Settings, save_settings
from support.caches import CacheMaker

GOOD = """\
model_types: [radiology]
chest:
  model_type: Radiology
  name: chest-reports
  model: org/chest
  revision: main
  description: Reports of chest X-rays.
  tags: [bert, reports]
  loader: MedicalModelLoader
  parameters: {num_labels: 5, use_cache: false, layers: [1, 2]}
  capabilities: {tasks: [ner]}
  version: 2.0
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's files."""
    made = tmp_path / "models"
    made.mkdir()
    monkeypatch.setenv("MODELKEEP_MODELS_DIR", str(made))
    return made


def write(folder: Path, text: str | bytes, name: str = "ours.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def by_name(folder: Path) -> dict[str, Registration]:
    return {model.name: model for model in read_registrations(folder).models}


def problems(folder: Path) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in read_registrations(folder).problems]


def test_a_file_registers_what_it_says(folder: Path) -> None:
    path = write(folder, GOOD)
    read = read_registrations()
    assert read.problems == ()
    assert read.types == ("generic", "biomedical", "clinical", "radiology")
    assert by_name(folder)["chest-reports"] == Registration(
        "chest-reports",
        "radiology",
        "org/chest",
        "main",
        "Reports of chest X-rays.",
        ("bert", "reports"),
        "MedicalModelLoader",
        {"num_labels": 5, "use_cache": False, "layers": [1, 2]},
        {"tasks": ["ner"]},
        "2.0",
        origin="file",
        file=str(path),
        line=2,
    )


def test_the_presets_are_there_without_any_file() -> None:
    found = {model.name: (model.model_type, model.model) for model in read_registrations().models}
    assert found["biobert-base"] == ("biomedical", "dmis-lab/biobert-v1.1")
    assert found["clinical-bert-base"] == ("clinical", "emilyalsentzer/Bio_ClinicalBERT")
    assert not models_folder().exists()


def test_the_file_that_med_vllm_ships_needs_no_word_more(folder: Path) -> None:
    write(
        folder,
        "biobert:\n  model_type: biomedical\n  name: biobert-base\n  loader: BioBERTLoader\n"
        "  parameters:\n    num_labels: 2\n    torch_dtype: float16\n",
    )
    found = by_name(folder)["biobert-base"]
    assert (found.model, found.origin, found.parameters["num_labels"]) == ("dmis-lab/biobert-v1.1", "file", 2)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a:\n  model: org/a\n  nmae: b\n", 3, "Did you mean name?"),
        ("a:\n  model: org/a\n  model_type: legal\n", 3, "“legal” is not a type."),
        ("a:\n  model_type: generic\n", 1, "which model"),
        ("a:\n  model: not a name\n", 2, "is not the name of a model"),
        ("a:\n  model: org/a\n  revision: ..\n", 2, "is not the name of a revision"),
        ("a:\n  model: org/a@v1\n  revision: v2\n", 2, "another revision"),
        ("a:\n  model: org/a\n  repo_id: org/b\n", 3, "different models"),
        ("a:\n  model: org/a\n  tags: b\n", 3, "list of texts"),
        ("a:\n  model: org/a\n  tags: [b, {c: d}]\n", 3, "has to be a text"),
        ("a:\n  model: org/a\n  description: true\n", 3, "has to be a text"),
        ("a:\n  model: org/a\n  parameters: [1]\n", 3, "names with values"),
        ("a:\n  model: org/a\n  parameters:\n    num_labels: many\n", 4, "whole number"),
        ("a:\n  model: org/a\n  parameters: {use_cache: 1}\n", 3, "true or false"),
        ("a:\n  model: org/a\n  parameters: {torch_dtype: int3}\n", 3, "one of auto"),
        ("a:\n  model: org/a\n  parameters: {trust_remote_code: true}\n", 3, "when it is loaded"),
        ("a:\n  model: org/a\n  parameters: {x: !!python/name:os.system a}\n", 3, "is not a value"),
        ("a:\n  model: org/a\n  loader: os system\n", 3, "is not a loader"),
        ("a:\n  model: org/a\n  model_class: os.system\n", 3, "class of transformers"),
        ("a b:\n  model: org/a\n", 1, "cannot be the name"),
        ("a:\n  model: org/a\na:\n  model: org/b\n", 3, "line 1 already"),
        ("a: 3\n", 1, "has to say what is registered"),
        ("- a\n", 1, "names with what is registered"),
        ("model_types: [a b]\n", 1, "cannot be the name of a type"),
        ("a: &x {model: org/a}\nb: *x\n", 2, "reference"),
        ("a: {model: org/a\nb: c: d\n", 2, "not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        ("a: 1\nb: \x07\n", 2, "a character"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(folder: Path, text: str | bytes, line: int, said: str) -> None:
    write(folder, text)
    found = problems(folder)
    assert any(at == line and said in message for at, message in found), found


def test_all_that_is_wrong_in_a_file_is_said_at_once_and_hides_nothing_good(folder: Path) -> None:
    write(folder, "a:\n  modle: org/a\n  tags: x\ngood:\n  model: org/good\nb:\n  model: '?'\n")
    write(folder, "{", "broken.yaml")
    write(folder, "other:\n  model: org/other\n", "others.yml")
    assert {"good", "other", "biobert-base"} <= by_name(folder).keys()
    lines = [line for line, _ in problems(folder)]
    assert lines == [1, 1, 2, 3, 7]


def test_of_one_name_the_first_file_counts_and_the_second_is_told_of_it(folder: Path) -> None:
    first = write(folder, "same:\n  model: org/a\n", "a.yaml")
    write(folder, "same:\n  model: org/b\n", "b.yaml")
    assert by_name(folder)["same"].model == "org/a"
    assert problems(folder) == [(1, f"“same” is registered in {first}, line 1 already.")]


def test_code_is_named_only_in_a_file_that_nobody_else_writes(folder: Path) -> None:
    path = write(folder, "a:\n  model: org/a\n  loader: our.module:Loader\n")
    assert by_name(folder)["a"].loader == "our.module:Loader"
    path.chmod(0o666)
    [(line, message)] = problems(folder)
    assert (line, "not only yours" in message) == (3, True)
    path.chmod(0o644)
    folder.chmod(0o777)
    assert len(problems(folder)) == 1


def test_a_folder_is_relative_to_its_file(folder: Path) -> None:
    write(folder, "a:\n  model: ./weights\n")
    assert by_name(folder)["a"].model == str(folder / "weights")


def test_the_folder_is_that_of_the_variables_then_of_the_settings(
    tmp_path: Path, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models_folder() == own_places / "modelkeep" / "config" / "models"
    save_settings(Settings(registry=str(tmp_path / "said")))
    assert models_folder() == tmp_path / "said"
    monkeypatch.setenv("MEDVL_MEDICAL_MODELS_DIR", str(tmp_path / "medical"))
    assert models_folder() == tmp_path / "medical"
    monkeypatch.setenv("MODELKEEP_MODELS_DIR", str(tmp_path / "ours"))
    assert models_folder() == tmp_path / "ours"


def test_a_folder_that_cannot_be_read_is_a_problem_and_the_presets_stay(folder: Path) -> None:
    (folder / "a.yaml").symlink_to(folder / "nowhere")
    assert by_name(folder)["biobert-base"]
    with pytest.raises(RegistryError, match="is not there"):
        check_path(folder / "a.yaml")


def test_a_checked_file_knows_the_types_of_its_neighbours(folder: Path) -> None:
    write(folder, GOOD, "types.yaml")
    path = write(folder, "a:\n  model_type: radiology\n  model: org/a\n")
    assert check_path(path) == ()
    assert check_path(folder) == ()


# What is close to such a file, and what is not.
yaml_like = st.text(
    st.sampled_from(list("abmodel_type: -[]{}#&*!|>'\"\\\n\t%@`,?~0.9\ufeff\x00é")), max_size=80
) | st.builds(
    lambda name, value: f"a:\n  model: org/a\n  {name}: {value}\n",
    st.sampled_from(["parameters", "tags", "version", "loader", "revision", "model_type", "name", "x"]),
    st.text(max_size=20)
    | st.sampled_from(
        ["{a: 0x}", "!!int z", "!!float x", "1:2:3", "2020-99-99", "{a: !!bool b}", "[" * 3000, "{? : }"]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=yaml_like.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60))
def test_no_file_makes_more_than_problems(text: bytes, tmp_path: Path) -> None:
    document = read_document(write(tmp_path, text))
    types = (*BUILT_IN_TYPES, *read_types(document))
    for model in read_models(document, types):
        assert model.keys or model.is_folder
        assert document.may_name_code or ":" not in model.loader
    assert all(
        problem.line >= 0 and problem.message.endswith((".", "/", "`.", "?")) for problem in document.problems
    )


# ---- what is kept


def test_what_is_registered_is_kept_and_forgotten(folder: Path, cache: CacheMaker) -> None:
    commit = cache.add("org/ours")
    with open_library([cache.root]) as library:
        one = library.registered.register(
            "ours", "org/ours", model_type="clinical", tags=["a"], parameters={"num_labels": 3}
        )
        assert (one.commit, one.state, one.registration.parameters) == (commit, "whole", {"num_labels": 3})
        assert library.registered.list("clinical")[0] == one
        with pytest.raises(RegistryError, match="already"):
            library.registered.register("ours", "org/other")
        library.registered.register("ours", "org/other", force=True)
        assert not library.registered.get("ours").is_here
        library.registered.unregister("ours")
        with pytest.raises(RegistryError, match="No model is registered as “ours”"):
            library.registered.get("ours")


def test_what_the_user_wrote_is_not_rewritten(folder: Path) -> None:
    path = write(folder, "# mine\nours:\n  model: org/ours\n")
    before = path.read_bytes()
    with open_library() as library:
        with pytest.raises(RegistryError, match=r"ours\.yaml, line 2"):
            library.registered.unregister("ours")
        with pytest.raises(RegistryError, match="a file that you wrote"):
            library.registered.register("ours", "org/b", force=True)
        library.registered.register("more", "org/more")
        assert library.registered.add_type("Radiology") == ("generic", "biomedical", "clinical", "radiology")
    assert path.read_bytes() == before
    assert {"ours", "more"} <= by_name(folder).keys()


def test_a_broken_file_of_ours_is_not_overwritten(folder: Path) -> None:
    path = write(folder, "a: [", "registered.yaml")
    with open_library() as library, pytest.raises(RegistryError, match="has an error"):
        library.registered.register("more", "org/more")
    assert path.read_bytes() == b"a: ["


def test_a_model_in_the_cache_of_medvl_is_here(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = cache.add("dmis-lab/biobert-v1.1")
    with open_library() as library:
        assert not library.registered.get("biobert-base").is_here
        monkeypatch.setenv("MEDVL_CACHE_DIR", os.fspath(cache.root))
        assert library.registered.get("biobert-base").commit == commit


def test_a_loader_that_only_a_program_has_is_a_problem_of_the_model(folder: Path) -> None:
    write(folder, "a:\n  model: org/a\n  loader: OurLoader\n")
    with open_library() as library:
        assert "OurLoader" in library.registered.get("a").problem
        assert library.registered.check() == ()


def test_an_older_name_of_a_repository_is_looked_for_too(cache: CacheMaker) -> None:
    commit = cache.add("bert-base-uncased")
    with open_library([cache.root]) as library:
        assert library.registered.get("bert-base-uncased").commit == commit

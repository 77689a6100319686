"""Dens with the real MedCAT and medcat-den, where a Python has them; the variable names one that is not this."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelkeep.den import ModelInfo, get_default_user_local_den
from support.dens import BASE, ask_medcat, medcat_den, medcat_python

pytestmark = pytest.mark.skipif(
    medcat_python() is None,
    reason="medcat-den is not installed; MODELKEEP_TEST_MEDCAT_PYTHON may name a Python that has it",
)

FOUND = ["cough", "fever"]


def test_a_den_of_medcat_den_is_listed_fetched_and_deleted_from(tmp_path: Path) -> None:
    said = ask_medcat("theirs-write", tmp_path / "den")
    den = get_default_user_local_den(tmp_path / "den")
    models = den.list_available_models()
    assert {one.model_id for one in models} == {one["id"] for one in said["models"]}
    newest = max(models, key=lambda one: len(one.history))
    for model in models:
        assert ask_medcat("ours-fetch", tmp_path / "den", model.model_id) == {
            "found": FOUND, "is_cat": True, "saved": False,
        }  # fmt: skip
    den.delete_model(newest)
    left = ask_medcat("theirs-list", tmp_path / "den")
    assert {one["id"] for one in left} == {one.model_id for one in models} - {newest.model_id}


def test_a_den_of_ours_is_listed_and_fetched_by_medcat_den(tmp_path: Path) -> None:
    said = ask_medcat("ours-write", tmp_path / "den")
    listed = {one["id"]: one for one in ask_medcat("theirs-list", tmp_path / "den")}
    assert list(listed) == said["models"]
    base, child = said["models"]
    assert (listed[base]["root"], listed[child]["root"]) == (None, base)
    assert listed[child]["description"].endswith("] more fever")
    for model_id in said["models"]:
        assert ask_medcat("theirs-fetch", tmp_path / "den", model_id) == FOUND
        get_default_user_local_den(tmp_path / "den").fetch_path(ModelInfo(model_id))


def test_a_pack_of_medcat_is_pushed_by_its_path(tmp_path: Path) -> None:
    pack = ask_medcat("pack", tmp_path)
    den = get_default_user_local_den(tmp_path / "den")
    den.push_model(pack, "by its path")
    [info] = den.list_available_models()
    assert ask_medcat("theirs-fetch", tmp_path / "den", info.model_id) == FOUND


def test_a_fetched_cat_comes_through_the_cache(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    for _ in range(2):
        assert ask_medcat("ours-fetch", place, BASE, tmp_path / "cache")["found"] == FOUND


def test_an_add_on_of_medcat_den_is_a_backend_of_ours(tmp_path: Path) -> None:
    said = ask_medcat("ours-add-on", tmp_path / "den", tmp_path / "cache")
    assert said["id"] == BASE
    assert said["found"] == [FOUND, FOUND]
    assert Path(said["path"]).is_relative_to(tmp_path / "cache")


def test_the_policy_of_a_remote_holds_for_a_real_cat(tmp_path: Path) -> None:
    said = ask_medcat("ours-policy", tmp_path / "store", tmp_path / "cache")
    assert len(said["refused"]) == 2
    assert said["unchanged"]  # what was refused had not changed the CAT
    assert sorted(said["models"].values()) == ["", said["base"]]

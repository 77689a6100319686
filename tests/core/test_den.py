"""A den in a folder, and the den of several backends: lists, lineage, push, fetch, delete, move, policies."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelkeep.den import (
    CannotDeleteBaseModel,
    CannotSaveOnDiskException,
    CannotSendToRemoteException,
    CannotWrapModel,
    Den,
    DenBackend,
    DenType,
    DuplicateModelException,
    LocalDenConfig,
    LocalFileDen,
    ModelInfo,
    NoSuchBackendException,
    NoSuchModel,
    NotAllowedToFineTuneLocallyException,
    RemoteDenConfig,
    UnsupportedAPIException,
    get_default_user_local_den,
    loaders,
    register_loader,
    summarise,
)
from modelkeep.den.add_on import AddOnBackend
from modelkeep.den.wrapping import wrap_cat
from modelkeep.errors import DamagedArchive, ModelKeepError, Offline, PartlyDone, UnsafeArchive
from support.dens import (
    BASE,
    LAST,
    MIDDLE,
    PlainCat,
    load_plain,
    make_pack,
    medcat_den,
    model_id,
)
from support.users import as_nobody

A, B, C, D = map(model_id, range(1, 5))


@pytest.fixture(autouse=True)
def plain_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs load without MedCAT."""
    monkeypatch.setattr(loaders, "_loaders", dict(loaders._loaders))
    register_loader("medcat", load_plain)


def local(place: Path) -> LocalFileDen:
    return LocalFileDen(LocalDenConfig(DenType.LOCAL_USER, place))


def ids(models: list[ModelInfo]) -> set[str]:
    return {one.model_id for one in models}


# ---- what medcat-den wrote


def test_a_den_of_medcat_den_is_read_in_place(tmp_path: Path) -> None:
    den = get_default_user_local_den(medcat_den(tmp_path / "den"))
    models = {one.model_id: one for one in den.list_available_models()}
    assert models.keys() == {BASE, MIDDLE, LAST}
    assert [models[one].parent_id for one in (BASE, MIDDLE, LAST)] == ["", BASE, MIDDLE]
    assert {one.root_id for one in models.values()} == {BASE}
    assert "the first" in models[BASE].model_card["Description"]  # type: ignore[index]
    assert ids(den.list_available_base_models()) == {BASE}
    assert ids(den.list_available_derivative_models(models[BASE])) == {MIDDLE, LAST}
    assert ids(den.list_available_derivative_models(models[MIDDLE])) == {LAST}  # medcat-den lists none
    path = den.fetch_path(models[MIDDLE])
    assert path.name == f"{MIDDLE}.zip"
    assert zipfile.is_zipfile(path)


def test_its_lineage_is_a_tree(tmp_path: Path) -> None:
    den = get_default_user_local_den(medcat_den(tmp_path / "den"))
    den.push_model(make_pack(tmp_path, BASE, MIDDLE, A), "", push_unchanged=True)
    den.push_model(make_pack(tmp_path, BASE, "gone", B), "", push_unchanged=True)
    tree = den.lineage(ModelInfo(MIDDLE), "default")
    assert tree.model_id == BASE
    middle, gone = (tree.find(one) for one in (MIDDLE, "gone"))
    assert middle is not None
    assert {one.model_id for one in middle.children} == {LAST, A}
    assert gone is not None
    assert gone.info is None
    assert [one.model_id for one in gone.children] == [B]


def test_a_model_of_medcat_den_is_deleted_with_what_it_unpacked(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    models = place / ".medcat-den" / "models"
    with zipfile.ZipFile(models / f"{LAST}.zip") as archive:
        archive.extractall(models / LAST)
    den = get_default_user_local_den(place)
    den.delete_model(ModelInfo(LAST))
    assert ids(den.list_available_models()) == {BASE, MIDDLE}
    assert not (models / LAST).exists()
    assert not (models / f"{LAST}.zip").exists()


def test_what_is_unpacked_beside_a_pack_counts_only_when_it_is_the_same(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    models = place / ".medcat-den" / "models"
    with zipfile.ZipFile(models / f"{LAST}.zip") as archive:
        archive.extractall(models / LAST)
    seen: list[Path] = []

    def load(folder: Path, info: object) -> PlainCat:
        seen.append(folder)
        return load_plain(folder, info)

    register_loader("medcat", load)
    den = get_default_user_local_den(place)
    den.fetch_model(ModelInfo(LAST))
    (models / LAST / "vocab" / "raw_dict.dat").write_bytes(b"something else")
    den.fetch_model(ModelInfo(LAST))
    assert seen[0] == models / LAST
    assert seen[1] != models / LAST
    assert not seen[1].exists()  # it was unpacked for this once


def test_a_damaged_pack_is_not_handed_out(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    pack = place / ".medcat-den" / "models" / f"{LAST}.zip"
    den = get_default_user_local_den(place)
    den.fetch_path(ModelInfo(LAST))  # whose SHA-256 is remembered by this
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    with pytest.raises(DamagedArchive, match="SHA-256"):
        den.fetch_path(ModelInfo(LAST))


def test_a_pack_that_medcat_den_put_there_is_the_one_that_its_name_says(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    models = place / ".medcat-den" / "models"
    os.replace(models / f"{BASE}.zip", models / f"{LAST}.zip")
    with pytest.raises(DamagedArchive, match=BASE):
        get_default_user_local_den(place).fetch_path(ModelInfo(LAST))


# ---- what we write


def test_a_pushed_pack_is_listed_with_its_new_line(tmp_path: Path) -> None:
    den = get_default_user_local_den(tmp_path / "den")
    assert den.list_available_models() == []
    assert not (tmp_path / "den").exists()  # looking makes nothing
    den.push_model(make_pack(tmp_path, A), "a first one")
    [info] = den.list_available_models()
    assert info.model_card is not None
    assert info.model_card["Description"].startswith("N/A\n[")
    assert info.model_card["Description"].endswith("] a first one")
    with zipfile.ZipFile(den.fetch_path(info)) as archive:
        assert json.loads(archive.read("model_card.json"))["Description"] == info.model_card["Description"]
        assert archive.testzip() is None


def test_a_pack_that_is_pushed_unchanged_is_the_same_to_the_byte(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, A)
    den = get_default_user_local_den(tmp_path / "den")
    den.push_model(str(pack), "not written anywhere", push_unchanged=True)
    assert den.fetch_path(ModelInfo(A)).read_bytes() == pack.read_bytes()


def test_the_registry_is_that_of_medcat_den(tmp_path: Path) -> None:
    den = get_default_user_local_den(tmp_path / "den")
    den.push_model(make_pack(tmp_path, A), "")
    den.push_model(make_pack(tmp_path, A, B), "")
    den.push_model(make_pack(tmp_path, "gone", C), "")
    theirs = medcat_den(tmp_path / "theirs")
    schemas = []
    for place in (tmp_path / "den", theirs):
        connection = sqlite3.connect(place / ".medcat-den" / "registry.db")
        schemas.append(connection.execute("PRAGMA table_info(models)").fetchall())
        rows = connection.execute("SELECT id, root_id, created_at FROM models ORDER BY id").fetchall()
        connection.close()
        if place != theirs:
            assert [row[:2] for row in rows] == [(A, None), (B, A), (C, None)]
            assert all("T" in row[2] and "+" not in row[2] for row in rows)
    assert schemas[0] == schemas[1]


def test_a_cat_is_pushed_once_with_its_history(tmp_path: Path) -> None:
    den = get_default_user_local_den(tmp_path / "den")
    new = PlainCat(content="one")
    den.push_model(new, "from a CAT")
    [base] = den.list_available_models()
    with pytest.raises(DuplicateModelException):
        den.push_model(new, "again")
    assert new.saves == 1  # a CAT that is refused is not changed
    cat = den.fetch_model(base)
    cat.trainer.train_supervised_raw("two")
    den.push_model(cat, "more")
    child = next(one for one in den.list_available_models() if one.model_id != base.model_id)
    assert child.history == (base.model_id, child.model_id)
    assert child.base_model == ModelInfo(base.model_id)
    assert cat._model_info.model_id == child.model_id


def test_the_folder_of_a_transformers_model_is_a_pack_too(tmp_path: Path) -> None:
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert", "architectures": ["BertModel"]}')
    (folder / "README.md").write_text("---\nlibrary_name: transformers\n---\nhello")
    den = get_default_user_local_den(tmp_path / "den")
    den.push_model(folder, "ours")
    [info] = den.list_available_models()
    assert info.model_card is not None
    assert info.model_card["Library"] == "transformers"
    register_loader("transformers", lambda folder, info: sorted(one.name for one in folder.iterdir()))
    assert den.fetch_model(info) == ["README.md", "config.json", "model_card.json"]
    with pytest.raises(DuplicateModelException):
        den.push_model(folder, "again")


@pytest.mark.parametrize("card", [b"{", b"[]", b'{"Model ID": "../../x"}', b'{"Model ID": 3}'])
def test_a_card_that_makes_no_sense_is_refused(tmp_path: Path, card: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("model_card.json", card)
    with pytest.raises(DamagedArchive):
        get_default_user_local_den(tmp_path / "den").push_model(tmp_path / "x.zip", "")


def test_a_pack_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, A)
    with zipfile.ZipFile(pack, "a") as archive:
        archive.writestr("../evil", "x")
    with pytest.raises(UnsafeArchive):
        get_default_user_local_den(tmp_path / "den").push_model(pack, "")


def test_a_registry_that_names_another_place_does_not_lead_there(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    connection = sqlite3.connect(place / ".medcat-den" / "registry.db")
    connection.execute("INSERT INTO models VALUES ('../../../secret', NULL, '{', 'x')")
    connection.commit()
    connection.close()
    (tmp_path / "secret.zip").write_bytes(b"secret")
    den = get_default_user_local_den(place)
    assert len(den.list_available_models()) == 4
    with pytest.raises(NoSuchModel):
        den.fetch_path(ModelInfo("../../../secret"))


def test_a_den_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    place = medcat_den(tmp_path / "den")
    pack = make_pack(tmp_path, A)

    def use() -> tuple[list[str], str]:
        den = get_default_user_local_den(place)
        found = [den.fetch_path(ModelInfo(BASE)).name, den.fetch_model(ModelInfo(BASE)).history[0]]
        try:
            den.push_model(pack, "")
        except ModelKeepError as error:
            return found, type(error).__name__
        return found, "pushed"

    assert as_nobody(use, place) == ([f"{BASE}.zip", BASE], "ReadOnlyCache")


# ---- deleting


def test_a_base_model_is_deleted_on_request_only_and_comes_back(tmp_path: Path) -> None:
    den = local(medcat_den(tmp_path / "den"))
    before = {one.model_id: one for one in den.list_available_models()}
    with pytest.raises(CannotDeleteBaseModel):
        den.delete_model(ModelInfo(BASE))
    den.delete_model(ModelInfo(BASE), allow_delete_base_models=True)
    assert ids(den.list_available_models()) == {MIDDLE, LAST}
    assert ids(den.list_available_base_models()) == {MIDDLE}  # nothing is out of reach
    [deleted] = den.deleted_models()
    assert deleted.info.model_id == BASE
    den.restore_model(deleted)
    assert {one.model_id: one for one in den.list_available_models()} == before
    den.verify_model(ModelInfo(BASE))
    assert den.deleted_models() == []
    den.delete_model(ModelInfo(LAST))
    assert den.empty_trash() > 0
    assert den.deleted_models() == []


def test_a_deleted_model_can_be_pushed_again(tmp_path: Path) -> None:
    den = local(tmp_path / "den")
    pack = make_pack(tmp_path, A)
    den.push_model(pack, "", push_unchanged=True)
    den.delete_model(ModelInfo(A), True)
    den.push_model(pack, "", push_unchanged=True)
    [deleted] = den.deleted_models()
    with pytest.raises(DuplicateModelException):
        den.restore_model(deleted)
    den.verify_model(ModelInfo(A))


# ---- several backends


def pair(tmp_path: Path) -> Den:
    return Den({"one": local(tmp_path / "1"), "two": local(tmp_path / "2")}, "one")


def test_moving_deletes_at_the_origin_and_changes_nothing(tmp_path: Path) -> None:
    den = pair(tmp_path)
    den.push_model(make_pack(tmp_path, A), "first")
    before = den.list_available_models()
    den.move_model(before[0], "one", "two")
    assert den.list_available_models() == []
    assert den.list_available_models("two") == before
    assert "Base model" not in summarise(den)


def test_what_the_destination_cannot_verify_stays_at_the_origin(tmp_path: Path) -> None:
    class Forgetful(LocalFileDen):
        def _put(self, pack: Any, **kwargs: Any) -> None:
            super()._put(pack, **kwargs)
            path = self._zip(pack.model_id)
            path.write_bytes(path.read_bytes()[:-1] + b"x")

    den = Den(
        {"one": local(tmp_path / "1"), "two": Forgetful(LocalDenConfig(DenType.LOCAL_USER, tmp_path / "2"))},
        "one",
    )
    den.push_model(make_pack(tmp_path, A), "")
    with pytest.raises(DamagedArchive):
        den.move_model(ModelInfo(A), "one", "two")
    assert den.has_model(ModelInfo(A), "one")


def test_moving_says_what_is_missing(tmp_path: Path) -> None:
    den = pair(tmp_path)
    with pytest.raises(NoSuchBackendException):
        den.move_model(ModelInfo(A), "one", "three")
    with pytest.raises(NoSuchModel):
        den.move_model(ModelInfo(A), "one", "two")
    for name in ("one", "two"):
        den.push_model(make_pack(tmp_path, A), "", backend_name=name)
    with pytest.raises(DuplicateModelException):
        den.move_model(ModelInfo(A), "one", "two")
    assert den.has_model(ModelInfo(A), "one")
    with pytest.raises(NoSuchBackendException):
        den.list_available_models("three")


def test_syncing_copies_what_is_missing_parents_first(tmp_path: Path) -> None:
    den = pair(tmp_path)
    for history in ([A, B], [A], [A, B, C], [D]):
        den.push_model(make_pack(tmp_path, *history), "")
    den.sync_backend("one", "two")
    assert ids(den.list_available_models("two")) == ids(den.list_available_models("one")) == {A, B, C, D}
    connection = sqlite3.connect(tmp_path / "2" / ".medcat-den" / "registry.db")
    assert dict(connection.execute("SELECT id, root_id FROM models")) == {A: None, B: A, C: A, D: None}
    connection.close()
    den.sync_backend("one", "two")  # a second time there is nothing to do


def test_a_sync_goes_on_after_what_failed(tmp_path: Path) -> None:
    den = pair(tmp_path)
    for one in (A, B):
        den.push_model(make_pack(tmp_path, one), "")
    (tmp_path / "1" / ".medcat-den" / "models" / f"{A}.zip").unlink()
    with pytest.raises(PartlyDone) as caught:
        den.sync_backend("one", "two")
    assert len(caught.value.failures) == 1
    assert ids(den.list_available_models("two")) == {B}


def test_a_backend_that_cannot_be_used_keeps_no_other_from_working(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = ModelKeepError("It is away.")
    backends: dict[str, DenBackend] = {"good": local(tmp_path / "1"), "bad": local(tmp_path / "file")}
    den = Den(backends, "good", broken={"worse": error})
    den.push_model(make_pack(tmp_path, A), "")
    assert den.problems == {"worse": "It is away."}
    assert list(den.list_all_models()) == ["good"]
    assert "not a folder" in den.problems["bad"]
    with pytest.raises(NoSuchModel):
        den.fetch_path(ModelInfo(B))
    (tmp_path / "1" / ".medcat-den" / "models" / f"{A}.zip").write_bytes(b"nonsense")
    with pytest.raises(DamagedArchive):
        den.fetch_path(ModelInfo(A))
    assert "good" not in den.problems  # one model is wrong, or none of that id there
    with pytest.raises(ModelKeepError, match="It is away"):
        den.list_available_models("worse")
    assert "worse: It is away." in summarise(den)
    (tmp_path / "file").unlink()
    assert den.list_available_models("bad") == []
    assert "bad" not in den.problems


def test_a_single_backend_neither_moves_nor_trains(tmp_path: Path) -> None:
    den = local(tmp_path / "den")
    assert isinstance(den, DenBackend)
    calls: list[Callable[[], object]] = [
        lambda: den.move_model(ModelInfo(A), "x", "y"),
        lambda: den.sync_backend("x", "y"),
        lambda: den.finetune_model(ModelInfo(A), []),
        lambda: den.evaluate_model(ModelInfo(A), []),
    ]
    for call in calls:
        with pytest.raises(UnsupportedAPIException):
            call()


# ---- what is handed out


def test_a_fetched_cat_goes_back_into_a_den_not_into_a_folder(tmp_path: Path) -> None:
    den = get_default_user_local_den(tmp_path / "den")
    den.push_model(make_pack(tmp_path, A), "")
    cat = den.fetch_model(ModelInfo(A))
    assert PlainCat in type(cat).mro()  # for MedCAT it is a CAT
    with pytest.raises(CannotSaveOnDiskException):
        cat.save_model_pack(str(tmp_path))
    assert Path(cat.save_model_pack(str(tmp_path), force_save_local=True)).exists()
    cat.content = "set on the CAT itself"
    assert cat._get_hash() != A


def test_a_policy_refuses_supervised_training_only() -> None:
    cat = PlainCat([A])
    strict = RemoteDenConfig(DenType.REMOTE, "team")
    watched = wrap_cat(cat, ModelInfo(A), strict)
    with pytest.raises(NotAllowedToFineTuneLocallyException, match="only the den itself may"):
        watched.trainer.train_supervised_raw("x")
    with pytest.raises(NotAllowedToFineTuneLocallyException):  # the same, by one example
        watched.trainer.add_and_train_concept("x")
    assert cat.content == ""
    watched.trainer.train_unsupervised("x")
    assert cat.content == "x"
    free = RemoteDenConfig(DenType.REMOTE, "team", allow_local_fine_tune=True)
    wrap_cat(cat, ModelInfo(A), free).trainer.train_supervised_raw("y")
    assert cat.content == "y"


def test_only_a_cat_of_a_den_is_watched_over() -> None:
    for cat, info, config in (
        (PlainCat([A]), None, 1),
        (PlainCat([A]), ModelInfo(A), None),
        (3, ModelInfo(A), 1),
    ):
        with pytest.raises(CannotWrapModel):
            wrap_cat(cat, info, config)


class TheirDen:
    """A backend as an add-on of medcat-den would be: it takes and gives loaded models."""

    den_type = DenType.MEDCATTERY

    def __init__(self, cnf: RemoteDenConfig | None = None) -> None:
        self.cnf = cnf
        self.models: dict[str, PlainCat] = {}
        self.fetched = 0
        self.pushed: object = None

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        return [ModelInfo.from_model_pack(one) for one in self.models.values()]

    list_available_base_models = list_available_models

    def list_available_derivative_models(
        self, model: Any, backend_name: str | None = None
    ) -> list[ModelInfo]:
        return []

    def has_model(self, model: Any, backend_name: str | None = None) -> bool:
        return model.model_id in self.models

    def fetch_model(self, model_info: Any, backend_name: str | None = None) -> PlainCat:
        self.fetched += 1
        return self.models[model_info.model_id]

    def push_model(
        self, cat: Any, description: str, backend_name: str | None = None, push_unchanged: bool = False
    ) -> None:
        self.pushed = cat
        self.models[cat._get_hash()] = PlainCat(cat.history, description=cat.description)

    def _push_model_from_file(
        self, file_path: str, description: str, backend_name: str | None = None
    ) -> None:
        with zipfile.ZipFile(file_path) as archive:
            card = json.loads(archive.read("model_card.json"))
        self.models[card["Model ID"]] = PlainCat(card["History (from least to most recent)"])

    def delete_model(
        self, model_info: Any, allow_delete_base_models: bool = False, backend_name: str | None = None
    ) -> None:
        assert model_info.model_card  # as medcat-den wants it
        del self.models[model_info.model_id]

    def finetune_model(self, model_info: Any, data: Any, backend_name: str | None = None) -> ModelInfo:
        return ModelInfo(B)

    def evaluate_model(self, model_info: Any, data: Any, backend_name: str | None = None) -> dict[str, Any]:
        return {"f1": 1.0}

    def move_model(self, model_info: Any, origin: str, destination: str) -> None: ...
    def sync_backend(self, origin: str, destination: str) -> None: ...


def test_models_move_into_and_out_of_an_add_on(tmp_path: Path) -> None:
    theirs = TheirDen()
    den = Den({"ours": local(tmp_path / "den"), "theirs": theirs}, "ours")
    assert den.backend("theirs") is theirs
    den.push_model(make_pack(tmp_path, A), "")
    den.move_model(ModelInfo(A), "ours", "theirs")
    assert list(theirs.models) == [A]
    assert den.list_available_models() == []
    den.move_model(ModelInfo(A), "theirs", "ours")
    assert theirs.models == {}
    assert ids(den.list_available_models()) == {A}
    assert den.finetune_model(ModelInfo(A), [], "theirs") == ModelInfo(B)
    assert den.evaluate_model(ModelInfo(A), [], "theirs") == {"f1": 1.0}


def test_the_policy_of_an_add_on_is_ours_to_enforce(tmp_path: Path) -> None:
    theirs = TheirDen()
    theirs.models[A] = PlainCat([A])
    den = Den({"theirs": AddOnBackend(theirs, RemoteDenConfig(DenType.MEDCATTERY, "team"))}, "theirs")
    with pytest.raises(NotAllowedToFineTuneLocallyException):
        den.fetch_model(ModelInfo(A)).trainer.train_supervised_raw("x")
    with pytest.raises(CannotSendToRemoteException, match="only the den itself may"):
        den.push_model(make_pack(tmp_path, A, B), "")
    for trained in (PlainCat([A, B]), PlainCat([A], content="trained and not saved yet")):
        with pytest.raises(CannotSendToRemoteException):
            den.push_model(trained, "")
    assert list(theirs.models) == [A]


def test_a_model_that_an_add_on_gives_back_as_another_stays_at_its_origin(tmp_path: Path) -> None:
    theirs = TheirDen()
    den = Den({"ours": local(tmp_path / "den"), "theirs": theirs}, "ours")
    den.push_model(make_pack(tmp_path, A), "")
    theirs.fetch_model = lambda model_info, backend_name=None: PlainCat([B])  # type: ignore[method-assign]
    with pytest.raises(DamagedArchive):
        den.move_model(ModelInfo(A), "ours", "theirs")
    assert ids(den.list_available_models()) == {A}


def test_an_add_on_is_not_asked_while_nothing_may_leave_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs = TheirDen()
    theirs.models[A] = PlainCat([A])
    add_on = AddOnBackend(theirs, RemoteDenConfig(DenType.MEDCATTERY, "team"))
    den = Den({"ours": local(tmp_path / "den"), "theirs": add_on}, "ours")
    monkeypatch.setenv("MODELKEEP_OFFLINE", "1")
    for call in (
        lambda: den.list_available_models("theirs"),
        lambda: den.fetch_model(ModelInfo(A), "theirs"),
        lambda: den.finetune_model(ModelInfo(A), [], "theirs"),
    ):
        with pytest.raises(Offline):
            call()
    assert theirs.fetched == 0
    assert den.list_all_models() == {"ours": []}
    assert "theirs" in den.problems


def test_a_cat_that_came_from_a_den_is_pushed_to_an_add_on(tmp_path: Path) -> None:
    theirs = TheirDen()
    den = Den({"ours": local(tmp_path / "den"), "theirs": theirs}, "ours")
    den.push_model(make_pack(tmp_path, A), "")
    cat = den.fetch_model(ModelInfo(A))
    den.push_model(cat, "", "theirs")
    assert type(theirs.pushed) is PlainCat  # which can save itself


# ---- values


def test_a_model_is_written_as_medcat_den_reads_it() -> None:
    card = {"Model ID": B, "History (from least to most recent)": [A, B], "Source Ontology": None}
    info = ModelInfo(model_id=B, model_card=card, base_model=ModelInfo(A), model_name="ignored")
    said = json.loads(info.model_dump_json())
    assert said["base_model"] == {"model_id": A, "model_card": None, "base_model": None}
    assert said["model_card"]["Source Ontology"] == ["unknown"]
    assert said["model_card"]["Pipeline Description"] == {"core": {}, "addons": []}
    assert card["Source Ontology"] is None  # what was given is left alone
    assert ModelInfo.model_validate_json(info.model_dump_json()) == info
    assert pickle.loads(pickle.dumps(info)) == info


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"model_id": 3}'])
def test_a_model_that_makes_no_sense_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        ModelInfo.model_validate_json(text)


def test_all_exceptions_are_value_errors_that_can_be_sent() -> None:
    error = NoSuchModel(ModelInfo(A), "team", "It was deleted.", hint="Look again.")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, NoSuchModel)
    assert isinstance(again, ValueError)
    assert (str(again), again.hint) == (str(error), "Look again.")
    assert str(error) == f"There is no model {A} in “team”. It was deleted."


def test_a_den_is_used_by_many_threads(tmp_path: Path) -> None:
    den = get_default_user_local_den(tmp_path / "den")
    packs = [make_pack(tmp_path / "packs", model_id(number)) for number in range(1, 9)]
    errors: list[BaseException] = []
    start = threading.Barrier(8)

    def work(pack: Path) -> None:
        try:
            start.wait()
            den.push_model(pack, "by a thread")
            den.fetch_model(ModelInfo(pack.stem))
            den.delete_model(ModelInfo(pack.stem), True)
            den.push_model(pack, "by a thread")
        except BaseException as error:  # noqa: BLE001 - whatever a thread raises
            errors.append(error)

    threads = [threading.Thread(target=work, args=[pack]) for pack in packs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert ids(den.list_available_models()) == {pack.stem for pack in packs}


def test_the_public_names_are_there() -> None:
    import modelkeep.den

    assert all(hasattr(modelkeep.den, name) for name in modelkeep.den.__all__)

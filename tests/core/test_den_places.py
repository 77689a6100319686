"""Dens in a model cache and in a remote: packs and other models there, listed, fetched, moved, deleted."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from modelkeep.den import (
    CannotSendToRemoteException,
    Den,
    DuplicateModelException,
    LocalFileDen,
    ModelInfo,
    NoSuchModel,
    get_default_den,
    loaders,
    register_loader,
)
from modelkeep.den.backend import FileBackend
from modelkeep.den.in_remote import RemoteBackend
from modelkeep.errors import DamagedArchive, ModelKeepError, WrongContent
from modelkeep.keys import ModelKey
from modelkeep.library import open_library
from modelkeep.named_remotes import NamedRemote
from modelkeep.remote.opening import open_remote
from modelkeep.remote.values import Lineage as RemoteLineage
from modelkeep.settings import Settings, save_settings
from support.caches import CacheMaker
from support.dens import BASE, LAST, MIDDLE, PlainCat, load_plain, make_pack, medcat_den, model_id
from support.hub import HubServer
from support.hub_faults import Cut

A, B = map(model_id, (0xAB, 0xCD))


@pytest.fixture(autouse=True)
def plain_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs load without MedCAT."""
    monkeypatch.setattr(loaders, "_loaders", dict(loaders._loaders))
    register_loader("medcat", load_plain)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def den(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> Den:
    """A den in a folder, one in a cache, one in a store."""
    said = {
        "default_backend": "local",
        "backends": {
            "local": {"location": str(medcat_den(tmp_path / "den"))},
            "cache": {"type": "cache", "location": str(tmp_path / "hub")},
            "remote": {"type": "remote", "host": str(store), "remote_allow_push_fine_tuned": "yes"},
        },
    }
    (tmp_path / "dens.json").write_text(json.dumps(said))
    monkeypatch.setenv("MODELKEEP_DEN_BACKENDS_JSON", str(tmp_path / "dens.json"))
    return get_default_den()


def ids(models: list[ModelInfo]) -> set[str]:
    return {one.model_id for one in models}


@pytest.mark.parametrize("place", ["cache", "remote"])
def test_a_den_is_synced_to_another_place_and_back(den: Den, tmp_path: Path, place: str) -> None:
    before = {one.model_id: one for one in den.list_available_models()}
    den.sync_backend("local", place)
    assert {one.model_id: one for one in den.list_available_models(place)} == before
    assert ids(den.list_available_derivative_models(ModelInfo(MIDDLE), place)) == {LAST}
    cat = den.fetch_model(ModelInfo(LAST), place)
    assert isinstance(cat, PlainCat)
    assert cat.history == [BASE, MIDDLE, LAST]
    with pytest.raises(DuplicateModelException):
        den.push_model(make_pack(tmp_path, BASE), "", place)
    for one in (LAST, MIDDLE, BASE):
        den.delete_model(ModelInfo(one), True)
    for one in (BASE, MIDDLE, LAST):
        den.move_model(ModelInfo(one), place, "local")
    assert den.list_available_models(place) == []
    assert {one.model_id: one for one in den.list_available_models()} == before
    den.push_model(make_pack(tmp_path, A), "and another", place)  # also after all that was deleted
    den.delete_model(ModelInfo(A), True, place)
    den.push_model(make_pack(tmp_path, A), "once more", place)
    assert ids(den.list_available_models(place)) == {A}
    with pytest.raises(NoSuchModel):
        den.fetch_path(ModelInfo(BASE), place)


def test_a_store_says_what_a_pack_was_made_from(den: Den, store: Path) -> None:
    den.sync_backend("local", "remote")
    with open_remote(str(store)) as remote:
        manifests = {one: remote.describe(ModelKey.parse(f"medcat/{one}")) for one in (BASE, MIDDLE, LAST)}
    assert manifests[BASE].lineage.parent == ""
    assert manifests[LAST].lineage.parent == str(manifests[MIDDLE].key)
    assert manifests[LAST].lineage.root == str(manifests[BASE].key)
    assert "still more" in manifests[LAST].description


def test_what_comes_from_a_remote_lands_once(den: Den) -> None:
    den.copy_model(ModelInfo(BASE), "local", "remote")
    folder = den.fetch_path(ModelInfo(BASE), "remote")
    assert den.fetch_path(ModelInfo(BASE), "remote") == folder
    backend = den.backend("remote")
    assert isinstance(backend, RemoteBackend)
    assert backend.cache is not None
    assert [one.uses for one in backend.cache.entries()] == [2]


def test_a_cache_says_what_a_pack_was_made_from(den: Den, cache: CacheMaker) -> None:
    for model in (BASE, MIDDLE, LAST):
        den.copy_model(ModelInfo(model), "local", "cache")
    with open_library([cache.root]) as library:
        root = library.roots[0]
        last = library.details(root, f"hf@medcat/{LAST}").lineage
        assert last == RemoteLineage(f"hf@medcat/{MIDDLE}", f"hf@medcat/{BASE}")
        assert library.details(root, f"hf@medcat/{BASE}").lineage == RemoteLineage()


def test_what_is_cached_is_there_without_the_remote(den: Den, store: Path) -> None:
    den.copy_model(ModelInfo(BASE), "local", "remote")
    folder = den.fetch_path(ModelInfo(BASE), "remote")
    store.rename(store.with_name("away"))
    assert den.fetch_path(ModelInfo(BASE), "remote") == folder
    cat = den.fetch_model(ModelInfo(BASE), "remote")
    assert cat._model_info.model_card["Description"].endswith("] the first")
    with pytest.raises(ModelKeepError):
        den.fetch_path(ModelInfo(LAST), "remote")


def test_a_remote_is_a_host_by_its_name(den: Den, store: Path) -> None:
    save_settings(Settings(remotes=(NamedRemote("team", str(store)),)))
    den.copy_model(ModelInfo(BASE), "local", "remote")
    assert ids(get_default_den("remote", host="team").list_available_models()) == {BASE}


def test_only_base_models_go_where_the_policy_says_so(tmp_path: Path, store: Path) -> None:
    strict = get_default_den("remote", host=str(store))
    strict.push_model(make_pack(tmp_path, A), "")
    for model in (make_pack(tmp_path, A, B), PlainCat([A], content="trained")):
        with pytest.raises(CannotSendToRemoteException, match="only the den itself may") as caught:
            strict.push_model(model, "")
        assert "MODELKEEP_DEN_REMOTE_ALLOW_PUSH_FINETUNED" in caught.value.hint
    assert ids(strict.list_available_models()) == {A}


def test_a_folder_that_says_what_it_was_made_from_is_fine_tuned_as_well(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "README.md").write_text("---\nbase_model: org/base\nlibrary_name: transformers\n---\n")
    with pytest.raises(CannotSendToRemoteException):
        get_default_den("remote", host=str(store)).push_model(folder, "")
    den = get_default_den(location=tmp_path / "own")
    den.push_model(folder, "")
    [info] = den.list_available_models()
    assert info.parent_id == "hf@org/base"


def test_a_file_that_breaks_off_on_its_way_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = random.Random(1).randbytes(300_000)
    with HubServer() as hub:
        commit = hub.add("org/model", {"config.json": b"{}", "model.safetensors": content})
        hub.fault("GET */model.safetensors", Cut(100_000))
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        den = get_default_den("remote", host="hub:", local_cache_path=tmp_path / "cache")
        path = den.fetch_path(ModelInfo(commit[:16]))
        asked = hub.seen("GET */model.safetensors")
    assert (path / "model.safetensors").read_bytes() == content
    assert [request.headers.get("range") for request in asked] == [None, "bytes=100000-"]


def test_a_policy_holds_for_moving_too(den: Den, tmp_path: Path, store: Path) -> None:
    strict = get_default_den("remote", host=str(store)).backend()
    both = Den({"local": den.backend("local"), "strict": strict}, "local")
    with pytest.raises(CannotSendToRemoteException):
        both.move_model(ModelInfo(LAST), "local", "strict")
    assert both.has_model(ModelInfo(LAST), "local")


def test_what_a_store_has_wrong_is_not_handed_out(den: Den, store: Path) -> None:
    den.copy_model(ModelInfo(BASE), "local", "remote")
    [vocab] = [
        one for one in (store / "blobs").rglob("*") if one.is_file() and b"fever" in one.read_bytes()[:400]
    ][:1]
    content = bytearray(vocab.read_bytes())
    content[-1] ^= 1
    vocab.chmod(0o644)
    vocab.write_bytes(content)
    with pytest.raises(WrongContent):
        den.fetch_path(ModelInfo(BASE), "remote")
    backend = den.backend("remote")
    assert isinstance(backend, FileBackend)
    with pytest.raises(DamagedArchive):
        backend.verify_model(ModelInfo(BASE))


def test_models_of_a_cache_that_no_den_put_there_are_listed_too(den: Den, cache: CacheMaker) -> None:
    commit = "c" * 40
    files = {
        "config.json": b'{"model_type": "bert", "architectures": ["BertModel"]}',
        "README.md": b"---\nlibrary_name: transformers\nlicense: mit\nbase_model: org/parent\n---\n",
    }
    cache.add("org/bert", files, commit=commit)
    [info] = den.list_available_models("cache")
    assert info.model_id == "c" * 16
    assert info.model_card is not None
    assert (info.model_card["Library"], info.model_card["Licence"]) == ("transformers", "mit")
    assert info.model_card["Name"] == f"hf@org/bert@{commit}"
    assert info.parent_id == "hf@org/parent"
    register_loader("transformers", lambda folder, info: sorted(one.name for one in folder.iterdir()))
    assert den.fetch_model(info, "cache") == ["README.md", "config.json"]
    for place in ("remote", "local"):
        den.copy_model(info, "cache", place)
        assert info.model_id in ids(den.list_available_models(place))
        assert "config.json" in den.fetch_model(info, place)
    den.delete_model(info, True, "cache")
    assert den.list_available_models("cache") == []
    with open_library([cache.root]) as library:
        assert len(library.trash()) == 1


def test_models_of_a_remote_that_no_den_put_there_are_listed_too(
    den: Den, store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert", "architectures": ["BertModel"]}')
    with open_library([tmp_path / "hub"]) as library:
        result = library.remotes.push(library.remotes.plan_push(folder, str(store), to="org/bert"))
    [info] = den.list_available_models("remote")
    assert info.model_id == result.commit[:16]
    assert (den.fetch_path(info, "remote") / "config.json").read_bytes() == (
        folder / "config.json"
    ).read_bytes()
    den.move_model(info, "remote", "local")
    assert info.model_id in ids(den.list_available_models())
    assert den.list_available_models("remote") == []


def test_a_store_that_is_away_keeps_no_other_from_working(den: Den, store: Path) -> None:
    store.rename(store.with_name("gone"))
    found = den.list_all_models()
    assert "local" in found
    assert "remote" not in found
    assert den.problems["remote"]
    store.with_name("gone").rename(store)
    assert den.list_available_models("remote") == []
    assert den.problems == {}


def test_a_pack_in_a_cache_that_was_changed_is_not_moved_on(den: Den, tmp_path: Path) -> None:
    den.copy_model(ModelInfo(BASE), "local", "cache")
    blob = next(one for one in (tmp_path / "hub").rglob("blobs/*") if one.stat().st_size > 1000)
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.chmod(0o644)
    blob.write_bytes(content)
    den.delete_model(ModelInfo(BASE), True)
    with pytest.raises(ModelKeepError):
        den.move_model(ModelInfo(BASE), "cache", "local")
    assert isinstance(den.backend("local"), LocalFileDen)
    assert ids(den.list_available_models("cache")) == {BASE}


def test_a_transformers_model_is_fetched_with_its_tokenizer(tmp_path: Path, store: Path) -> None:
    if not all(map(find_spec, ("torch", "transformers"))):
        pytest.skip("transformers is not installed")
    done = subprocess.run(
        [sys.executable, "-c", _BERT, tmp_path / "bert", store], stdout=subprocess.PIPE, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {"same": True, "ids": [2, 5, 6, 3]}


_BERT = """
import json, sys
from pathlib import Path
import torch
from transformers import BertConfig, BertModel, BertTokenizer
from modelkeep.den import get_default_den
place = Path(sys.argv[1])
config = BertConfig(
    vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
    max_position_embeddings=16)
made = BertModel(config)
made.save_pretrained(place)
(place / "vocab.txt").write_text("\\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fever", "cough", "x"]))
(place / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
den = get_default_den("remote", host=sys.argv[2])
den.push_model(place, "a tiny one")
[info] = den.list_available_models()
model, tokenizer = den.fetch_model(info)
same = all(torch.equal(value, model.state_dict()[name]) for name, value in made.state_dict().items())
print(json.dumps({"same": same, "ids": tokenizer("fever cough")["input_ids"]}))
"""

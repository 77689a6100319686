"""What a Python that has MedCAT is asked to do: `python medcat_child.py STEP PLACE…`; prints JSON.

It makes tiny packs of two concepts offline, and uses dens by medcat-den (`theirs-…`) or by Modelkeep (`ours-…`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

TEXT = "patient with fever and cough"
EXPORT: dict[str, Any] = {
    "projects": [
        {
            "name": "p", "id": 1, "cuis": "", "tuis": "",
            "documents": [
                {
                    "id": 1, "name": "d", "text": TEXT,
                    "annotations": [
                        {"id": 1, "cui": "C1", "value": "fever", "start": 13, "end": 18, "correct": True,
                         "validated": True, "deleted": False, "killed": False, "alternative": False,
                         "manually_created": False, "irrelevant": False, "meta_anns": {}},
                    ],
                },
            ],
        },
    ],
}  # fmt: skip


def make_cat() -> Any:
    """A CAT that knows fever and cough."""
    numpy = import_module("numpy")
    name_descriptor = import_module("medcat.preprocessors.cleaners").NameDescriptor
    config = import_module("medcat.config").Config()
    config.general.nlp.provider = "regex"
    cdb = import_module("medcat.cdb").CDB(config)
    for cui, name in (("C1", "fever"), ("C2", "cough")):
        cdb.add_names(
            cui, {name: name_descriptor([name], {name}, name, True)}, name_status="P", full_build=True
        )
    vocab = import_module("medcat.vocab").Vocab()
    for word in ("fever", "cough", "patient", "with"):
        vocab.add_word(word, 10, numpy.ones(7))
    return import_module("medcat.cat").CAT(cdb, vocab)


def train(cat: Any) -> None:
    """One round of supervised training, which makes another model of it."""
    cat.trainer.train_supervised_raw(EXPORT, disable_progress=True)


def found(cat: Any) -> list[str]:
    return sorted(one["source_value"] for one in cat.get_entities(TEXT)["entities"].values())


def theirs(place: str) -> Any:
    return import_module("medcat_den.den").get_default_user_local_den(place)


def their_infos(place: str) -> list[dict[str, Any]]:
    return [
        {"id": one.model_id, "root": one.base_model.model_id if one.base_model else None,
         "description": one.model_card["Description"]}
        for one in theirs(place).list_available_models()
    ]  # fmt: skip


def theirs_write(place: str) -> Any:
    """A den by medcat-den: a base model, one made of it, and one made of that."""
    den = theirs(place)
    den.push_model(make_cat(), "the first")
    [base] = den.list_available_models()
    for said in ("more fever", "still more"):
        newest = den.list_available_models()[-1]
        cat = den.fetch_model(newest)
        train(cat._delegate)
        den.push_model(cat, said)
    return {"base": base.model_id, "models": their_infos(place)}


def theirs_list(place: str) -> Any:
    return their_infos(place)


def theirs_fetch(place: str, model_id: str) -> Any:
    info = import_module("medcat_den.base").ModelInfo(model_id=model_id, model_card=None, base_model=None)
    return found(theirs(place).fetch_model(info))


def pack(place: str) -> Any:
    """A pack on the disk, by MedCAT alone."""
    return make_cat().save_model_pack(place, pack_name="base", only_archive=True)


def ours_write(place: str) -> Any:
    """A den by Modelkeep from CATs: a base model, and one that was fetched, trained and pushed."""
    from modelkeep.den import get_default_user_local_den

    den = get_default_user_local_den(place)
    den.push_model(make_cat(), "the first")
    [base] = den.list_available_models()
    cat = den.fetch_model(base)
    train(cat)
    den.push_model(cat, "more fever")
    return {"base": base.model_id, "models": [one.model_id for one in den.list_available_models()]}


def ours_fetch(place: str, model_id: str, cache: str = "") -> Any:
    """What a fetched CAT is and can do."""
    from modelkeep.den import CannotSaveOnDiskException, ModelInfo, get_default_den

    den = get_default_den("local_user", location=place, local_cache_path=cache or None)
    cat = den.fetch_model(ModelInfo(model_id))
    try:
        cat.save_model_pack(place)
        saved = True
    except CannotSaveOnDiskException:
        saved = False
    return {"found": found(cat), "is_cat": isinstance(cat, import_module("medcat.cat").CAT), "saved": saved}


def ours_policy(store: str, cache: str) -> Any:
    """What a remote den that allows nothing, and one that allows all, let a person do."""
    from modelkeep.den import (
        CannotSendToRemoteException,
        NotAllowedToFineTuneLocallyException,
        get_default_den,
    )

    strict = get_default_den("remote", host=store, local_cache_path=cache)
    free = get_default_den(
        "remote", host=store, local_cache_path=cache,
        remote_allow_local_fine_tune=True, remote_allow_push_fine_tuned=True,
    )  # fmt: skip
    strict.push_model(make_cat(), "the first")
    [base] = strict.list_available_models()
    refused = []
    try:
        train(strict.fetch_model(base))
    except NotAllowedToFineTuneLocallyException as error:
        refused.append(str(error))
    cat = free.fetch_model(base)
    train(cat)
    before = cat.get_model_card(True)["Description"]
    try:
        strict.push_model(cat, "more fever")
    except CannotSendToRemoteException as error:
        refused.append(str(error))
    unchanged = cat.get_model_card(True)["Description"] == before
    free.push_model(cat, "more fever")
    models = {one.model_id: one.parent_id for one in free.list_available_models()}
    return {"base": base.model_id, "refused": refused, "unchanged": unchanged, "models": models}


def ours_add_on(place: str, cache: str) -> Any:
    """An add-on that was registered with medcat-den, and takes and gives CATs only."""
    from modelkeep.den import get_default_den

    backend = import_module("medcat_den.backend")
    files = import_module("medcat_den.backend_impl.file_den").LocalFileDen
    config = import_module("medcat_den.config").LocalDenConfig

    def make(cnf: Any) -> Any:
        return files(config(type=backend.DenType.LOCAL_USER, location=cnf.host))

    backend.register_remote_den(backend.DenType.MEDCATTERY, make)
    den = get_default_den("medcattery", host=place, local_cache_path=cache)
    den.push_model(make_cat(), "the first")
    [base] = den.list_available_models()
    twice = [found(den.fetch_model(base)) for _ in range(2)]
    return {"id": base.model_id, "found": twice, "path": str(den.fetch_path(base))}


STEPS: dict[str, Callable[..., Any]] = {
    "theirs-write": theirs_write,
    "theirs-list": theirs_list,
    "theirs-fetch": theirs_fetch,
    "pack": pack,
    "ours-write": ours_write,
    "ours-fetch": ours_fetch,
    "ours-policy": ours_policy,
    "ours-add-on": ours_add_on,
}

if __name__ == "__main__":
    Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))

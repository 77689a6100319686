"""Models of dens in places that hold repositories: caches and remotes.

A pack that a den puts there is `medcat/<id>`, another model `den/<id>`, each with its `model_card.json`. Every
revision of any other model that is there is a model of the den too: its id is the beginning of its commit, and its
card is made from what is known of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from modelkeep.den.info import DESCRIPTION, HISTORY, LIBRARY, MEDCAT_VERSION, MODEL_ID, ModelInfo
from modelkeep.den.pack import CARD, Pack, is_model_id, library_of, unpack
from modelkeep.disk import write_atomically
from modelkeep.keys import ModelKey, is_valid_repo_id
from modelkeep.progress import Report
from modelkeep.remote.values import Lineage, Summary

__all__ = [
    "add_card",
    "card_of",
    "id_of",
    "info_of",
    "key_of",
    "names_of",
    "pushed_id",
    "unpacked",
]

Card = dict[str, Any]

_MEDCAT, _OTHER = "medcat", "den"
_ID_DIGITS = 16


def key_of(model_id: str, card: Card) -> ModelKey:
    """The name of a model that a den puts into a cache or a remote."""
    owner = _MEDCAT if library_of(card) == "medcat" else _OTHER
    return ModelKey(f"{owner}/{model_id}")


def names_of(model_id: str) -> tuple[ModelKey, ...]:
    """The names that a model of this id may have where a den put it."""
    owners = (_MEDCAT, _OTHER) if is_valid_repo_id(f"{_MEDCAT}/{model_id}") else ()
    return tuple(ModelKey(f"{owner}/{model_id}") for owner in owners)


def pushed_id(key: ModelKey) -> str:
    """The id of a model that a den has put there, "" for any other."""
    owner, _, name = key.repo_id.partition("/")
    return name if owner in (_MEDCAT, _OTHER) and is_model_id(name) else ""


def id_of(key: ModelKey, commit: str) -> str:
    """The id of a model of a cache or remote."""
    return pushed_id(key) or commit[:_ID_DIGITS]


def card_of(
    key: ModelKey,
    summary: Summary,
    lineage: Lineage,
    *,
    description: str = "",
    refs: tuple[str, ...] = (),
    made: str = "",
) -> Card:
    """A card for a revision that has none, of what a list says of it. `key` has its commit."""
    model_id = id_of(key, key.revision or "")
    history = [_named(lineage.root), _named(lineage.parent), model_id]
    return {
        MODEL_ID: model_id,
        "Name": str(key),
        "Refs": list(refs),
        "Last Modified On": made,
        HISTORY: list(dict.fromkeys(one for one in history if one)),
        DESCRIPTION: description,
        LIBRARY: summary.library or "transformers",
        "Task": summary.task,
        "Licence": summary.licence,
        "Languages": list(summary.languages),
        "Tags": list(summary.tags),
        "Parameters": summary.parameters,
        "MetaCAT models": [],
        MEDCAT_VERSION: "",
    }


def info_of(key: ModelKey, read_card: Callable[[], bytes], made_card: Callable[[], Card]) -> ModelInfo:
    """A revision of a cache or remote as a model of a den. `read_card` is asked only where there should be a card."""
    model_id = id_of(key, key.revision or "")
    if pushed_id(key):
        with suppress(ValueError, RecursionError):
            card = json.loads(read_card())
            if isinstance(card, dict):
                return ModelInfo.from_card(model_id, card)
    return ModelInfo.from_card(model_id, made_card())


def _named(key: str) -> str:
    """The id that a key of a lineage means; the key itself where it names no commit."""
    if not key:
        return ""
    parsed = ModelKey.known(key)
    return id_of(parsed, parsed.revision) if parsed.revision else pushed_id(parsed) or key


@contextmanager
def unpacked(pack: Pack, workplace: Path, report: Report) -> Iterator[Path]:
    """The folder of a pack with its card in it."""
    if pack.path.is_dir() and not pack.is_changed:
        yield pack.path
        return
    folder = workplace / pack.model_id
    unpack(pack.path, folder, report=report)
    (folder / CARD).write_bytes(pack.card_bytes())
    yield folder


def add_card(folder: Path, info: ModelInfo) -> None:
    """Put the card of a model beside its files, where there is none, so that it is known by its id elsewhere."""
    if not (folder / CARD).exists() and info.model_card is not None:
        write_atomically(folder / CARD, json.dumps(info.model_card, indent=2).encode())

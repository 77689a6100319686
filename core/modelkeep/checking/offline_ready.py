"""Whether a revision has all that loading it without a network takes, and if not, what it lacks.

Nothing is loaded for that, and no content checked: only names, links and the small files that name others are read.
What the repository itself does not have, by its listing, is not missed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision, Inventory, State
from modelkeep.checking.headers import is_index, shards_of
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey
from modelkeep.metadata.config import CONFIG_FILES, read_config
from modelkeep.metadata.facts import Facts
from modelkeep.metadata.kinds import FileKind, file_kind, is_loaded_weight
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.metadata.weights import WeightSet, main_sets, weight_sets

__all__ = ["OfflineReady", "offline_ready"]


class OfflineReady(NamedTuple):
    """Whether a revision loads offline; `lacks` says what is missing for it, a sentence each."""

    lacks: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.lacks


def offline_ready(inventory: Inventory, model: CachedModel, revision: CachedRevision) -> OfflineReady:
    """What the revision of a model lacks to be loaded without a network. `inventory` is of the cache it is in."""
    reading = _Reading(inventory, revision)
    lacks = [*_refs(model, revision), *reading.links(), *reading.config(), *reading.weights()]
    lacks += [*reading.tokenizer(), *reading.code(), *reading.bases()]
    return OfflineReady(tuple(dict.fromkeys(lacks)))


def _refs(model: CachedModel, revision: CachedRevision) -> Iterator[str]:
    refs = dict(model.refs)
    here = {one.commit for one in model.revisions}
    if "main" in refs and refs["main"] not in here:
        yield f"The ref main leads to the commit {refs['main'][:8]}, which is not here."
    elif "main" not in refs and not revision.refs:
        yield "No branch or tag leads to it, so that its name alone does not find it."


# Formats that say all of a model in their own files, so that they need no configuration beside them.
_NEED_CONFIG = ("model", "pytorch_model", "tf_model", "flax_model")
_SHARDED = frozenset(
    {FileKind.SAFETENSORS, FileKind.PICKLE, FileKind.GGUF, FileKind.TENSORFLOW, FileKind.FLAX}
)
_TOKENIZERS = frozenset(
    {"tokenizer.json", "vocab.txt", "vocab.json", "bpe.vocab", "bpe.codes", "tekken.json", "merges.txt"}
)
_TOKENIZER_SUFFIXES = (".model", ".tiktoken", ".spm")
# They read characters or bytes, and have no vocabulary.
_WITHOUT_VOCABULARY = frozenset({"ByT5Tokenizer", "CanineTokenizer", "PerceiverTokenizer"})
_WITH_AUTO_MAP = (
    "config.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "generation_config.json",
)


class _Reading:
    """A revision while it is looked at: the files that are here by name, and what the small ones say."""

    def __init__(self, inventory: Inventory, revision: CachedRevision) -> None:
        self.inventory = inventory
        self.revision = revision
        self.here = {file.name: file for file in revision.files if file.blob}
        self.absent = set(revision.missing)
        self.facts = self._facts()
        self.folders = tuple(c for facts in self.facts.values() for c in facts.components)

    def _facts(self) -> dict[str, Facts]:
        found = {}
        for name in CONFIG_FILES:
            if name in self.here:
                with suppress(Unreadable, OSError):
                    found[name] = read_config(name, self.here[name].path)
        return found

    def links(self) -> Iterator[str]:
        """What leads to nothing."""
        for file in self.revision.files:
            if file.blob is None:
                yield f"{file.name} leads to a content that is not here."

    def config(self) -> Iterator[str]:
        """The configuration, where its absence is known or the weights ask for one."""
        for name in CONFIG_FILES:
            if name in self.absent:
                yield f"{name} is not here."
            elif name in self.here and name not in self.facts:
                yield f"{name} cannot be read."
        stems = {name.partition(".")[0].partition("-")[0] for name in self.here if "/" not in name}
        has_config = any(name in self.here or name in self.absent for name in CONFIG_FILES)
        kinds = {file_kind(name, self.here) for name in self.here}
        plain = kinds & {FileKind.SAFETENSORS, FileKind.PICKLE, FileKind.TENSORFLOW, FileKind.FLAX}
        if plain and not has_config and stems & set(_NEED_CONFIG) and self.revision.state is not State.WHOLE:
            yield "config.json is not here."

    # ---- weights

    def weights(self) -> Iterator[str]:
        """The weights of at least one framework; of each part of a pipeline that has any."""
        kinds = {
            name: file_kind(name, self.here.keys() | self.absent) for name in self.here.keys() | self.absent
        }
        loaded = {name: kind for name, kind in kinds.items() if is_loaded_weight(name, kind)}
        folders = self._weight_folders(loaded)
        if not loaded and not folders:
            yield "No weights are here."
        for folder in folders:
            yield from self._weights_in(folder, loaded)

    def _weight_folders(self, loaded: Mapping[str, FileKind]) -> list[str]:
        """The folders of which each has to have weights."""
        having = {posixpath.dirname(name) for name in loaded}
        parts = [folder for folder in dict.fromkeys(self.folders) if folder in having]
        if parts:
            return parts
        if "" in having:
            return [""]
        # Where several formats lie in a folder each, one of them is enough.
        whole = [folder for folder in sorted(having) if not list(self._weights_in(folder, loaded))]
        return whole[:1] or sorted(having)[:1]

    def _weights_in(self, folder: str, loaded: Mapping[str, FileKind]) -> Iterator[str]:
        near = {name: kind for name, kind in loaded.items() if posixpath.dirname(name) == folder}
        place = f" in {folder}" if folder else ""
        problems: list[str] = []
        for kind in dict.fromkeys(near.values()):
            names = [name for name, of in near.items() if of is kind and name in self.here]
            for one in self._sets(names, kind):
                if not (problem := self._incomplete(one)):
                    return
                problems.append(problem)
        yield problems[0] if problems else f"No weights are here{place}."

    def _sets(self, names: Collection[str], kind: FileKind) -> Iterator[WeightSet]:
        """What can be loaded: any GGUF file, but of other formats the set that the libraries look for."""
        if kind not in _SHARDED:
            yield from (WeightSet("", name, (name,), 1, 0) for name in names)
            return
        for suffix in sorted({posixpath.splitext(name)[1] for name in names}):
            sizes = {name: self.here[name].size for name in names if name.endswith(suffix)}
            sets = weight_sets(sizes, suffix.lower())
            yield from sets if kind is FileKind.GGUF else main_sets(sets)

    def _incomplete(self, one: WeightSet) -> str:
        """What a set of weights lacks, as a sentence; "" when it is whole."""
        if len(one.files) < one.expected:
            return f"Only {len(one.files)} of the {one.expected} files of the weights “{one.name}” are here."
        indices = [name for name in self.here if is_index(name)]
        for index in indices:
            with suppress(OSError, Unreadable):
                shards = shards_of(index, self.here[index].path)
                missing = [shard for shard in shards if shard not in self.here]
                if missing and not set(shards).isdisjoint(one.files):
                    return f"{index} names {missing[0]}, which is not here."
        return ""

    # ---- what else a model may need

    def tokenizer(self) -> Iterator[str]:
        """The tokenizer of a model that reads text by numbers."""
        if self.revision.state is State.WHOLE:
            return
        config = self._json("config.json")
        inner = config.get("text_config")
        reads_text = "vocab_size" in config or (isinstance(inner, dict) and "vocab_size" in inner)
        if (
            not reads_text
            or self._json("tokenizer_config.json").get("tokenizer_class") in _WITHOUT_VOCABULARY
        ):
            return
        if not any(_is_tokenizer(name) for name in self.here):
            yield "The model reads text, and no tokenizer is here."

    def code(self) -> Iterator[str]:
        """The code of its own that the model is made of."""
        for config in _WITH_AUTO_MAP:
            auto_map = self._json(config).get("auto_map")
            for named in _classes(auto_map):
                yield from self._module(named)

    def _module(self, named: str) -> Iterator[str]:
        other, apart, path = named.rpartition("--")
        file = f"{path.rpartition('.')[0].replace('.', '/')}.py"
        if not apart:
            if file not in self.here:
                yield f"{file}, code that loading the model runs, is not here."
            return
        revision = self._main_of(other)
        if revision is None:
            yield f"It runs code of {other}, which is not in this cache."
        elif (found := revision.file(file)) is None or found.blob is None:
            yield f"It runs code of {other}, of which {file} is not here."

    def bases(self) -> Iterator[str]:
        """The model that an adapter is put upon."""
        adapter = self.facts.get("adapter_config.json")
        for base in adapter.base_models if adapter else ():
            if self._main_of(base) is None:
                yield f"It is an adapter of {base}, which is not in this cache."

    def _main_of(self, repo_id: str) -> CachedRevision | None:
        with suppress(InvalidKey):
            model = self.inventory.by_key.get(ModelKey.parse(repo_id))
            return model.main if model else None
        return None

    def _json(self, name: str) -> Mapping[str, object]:
        if name in self.here:
            with suppress(Unreadable, OSError):
                value = read_json(self.here[name].path)
                if isinstance(value, dict):
                    return value
        return {}


def _is_tokenizer(name: str) -> bool:
    base = posixpath.basename(name)
    return base in _TOKENIZERS or base.endswith(_TOKENIZER_SUFFIXES)


def _classes(auto_map: object) -> Iterator[str]:
    """The classes that an `auto_map` names; a tokenizer has two, of which one may be null."""
    if isinstance(auto_map, str):
        yield auto_map
    elif isinstance(auto_map, list):
        for item in auto_map:
            yield from _classes(item)
    elif isinstance(auto_map, dict):
        for item in auto_map.values():
            yield from _classes(item)

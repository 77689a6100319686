"""Whether a revision has all that loading it without a network takes, and if not, what it lacks.

Nothing is loaded for that, and no content checked: only names, links and the small files that name others are read.
What the repository itself does not have, by its listing, is not missed.
"""

from __future__ import annotations

import posixpath
import re
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
from modelkeep.metadata.reading import Unreadable, open_file, read_json
from modelkeep.metadata.weights import WeightSet, main_sets, weight_sets

__all__ = ["OfflineReady", "offline_ready", "reads_text", "ref_problem"]


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
    lacks += [*reading.tokenizer(), *reading.parts(), *reading.modules(), *reading.code(), *reading.bases()]
    return OfflineReady(tuple(dict.fromkeys(lacks)))


def reads_text(revision: CachedRevision) -> bool:
    """Whether loading it for use takes a tokenizer: it has one, or should."""
    names = {file.name for file in revision.files if file.blob} | set(revision.missing)
    if any(_is_tokenizer(name) for name in names) or "tokenizer_config.json" in names:
        return True
    return revision.state is not State.WHOLE and _Reading(None, revision).reads_text()


def ref_problem(model: CachedModel) -> str:
    """Why the name of a model alone does not find it, as a sentence; "" when it does, or no ref is meant to."""
    commit = dict(model.refs).get("main", "")
    if commit and commit not in {one.commit for one in model.revisions}:
        return f"The ref main leads to the commit {commit[:8]}, which is not here."
    return ""


def _refs(model: CachedModel, revision: CachedRevision) -> Iterator[str]:
    if problem := ref_problem(model):
        yield problem
    elif "main" not in dict(model.refs) and not revision.refs:
        yield "No branch or tag leads to it, so that its name alone does not find it."


# Formats that say all of a model in their own files, so that they need no configuration beside them.
_NEED_CONFIG = ("model", "pytorch_model", "tf_model", "flax_model")
# Of other libraries, which do without it.
_IN_ITS_PLACE = ("adapter_config.json", "model_index.json", "model_card.json", "meta.json")
# Their libraries find the shards of these by an index alone.
_BY_INDEX = ("model", "pytorch_model", "diffusion_pytorch_model")
_SHARDED = frozenset(
    {FileKind.SAFETENSORS, FileKind.PICKLE, FileKind.GGUF, FileKind.TENSORFLOW, FileKind.FLAX}
)
_TOKENIZERS = frozenset(
    {"tokenizer.json", "vocab.txt", "vocab.json", "bpe.vocab", "bpe.codes", "tekken.json", "merges.txt"}
)
_TOKENIZER_SUFFIXES = (".model", ".tiktoken", ".spm")
# They read characters or bytes, and have no vocabulary.
_WITHOUT_VOCABULARY = frozenset({"ByT5Tokenizer", "CanineTokenizer", "PerceiverTokenizer"})
# They have a vocab.json and a merges.txt, where they have no tokenizer.json.
_IN_PAIRS = frozenset(
    f"{name}Tokenizer"
    for name in (
        "GPT2",
        "Roberta",
        "Bart",
        "CLIP",
        "CodeGen",
        "Qwen2",
        "Whisper",
        "Longformer",
        "LED",
        "Deberta",
    )
)
_IN_PAIRS_TYPES = frozenset(
    {
        "gpt2",
        "gpt_neo",
        "gptj",
        "roberta",
        "bart",
        "clip",
        "codegen",
        "qwen2",
        "whisper",
        "longformer",
        "led",
        "opt",
    }
)
_WITH_AUTO_MAP = (
    "config.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "generation_config.json",
)


_WITH_SETTINGS = ("Transformer", "Pooling", "Dense")  # modules of sentence-transformers
_RELATIVE = re.compile(r"^\s*from\s+\.([\w.]+)\s+import\b", re.MULTILINE)
_LONGEST_CODE = 1 << 20


class _Reading:
    """A revision while it is looked at: the files that are here by name, and what the small ones say."""

    def __init__(self, inventory: Inventory | None, revision: CachedRevision) -> None:
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
        others = any(name in self.here or name in self.absent for name in ("config.json", *_IN_ITS_PLACE))
        kinds = {file_kind(name, self.here) for name in self.here}
        plain = kinds & {FileKind.SAFETENSORS, FileKind.PICKLE, FileKind.TENSORFLOW, FileKind.FLAX}
        if plain and not others and stems & set(_NEED_CONFIG) and self.revision.state is not State.WHOLE:
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
        indexed = False
        for index in (name for name in self.here if is_index(name)):
            with suppress(OSError, Unreadable):
                shards = shards_of(index, self.here[index].path)
                if set(shards).isdisjoint(one.files):
                    continue
                indexed = True
                if missing := [shard for shard in shards if shard not in self.here]:
                    return f"{index} names {missing[0]}, which is not here."
        if one.expected > 1 and not indexed and one.name in _BY_INDEX:
            return f"The index that names the files of the weights “{one.name}” is not here."
        return ""

    # ---- what else a model may need

    def tokenizer(self) -> Iterator[str]:
        """The tokenizer of a model that reads text by numbers."""
        if self.revision.state is State.WHOLE:
            return
        if not self.reads_text():
            return
        if not any(_is_tokenizer(name) for name in self.here):
            yield "The model reads text, and no tokenizer is here."
        elif "tokenizer.json" not in self.here and (gone := self._half_of_pairs()):
            yield f"The tokenizer needs {gone}, which is not here."

    def _half_of_pairs(self) -> str:
        """What is missing of a vocabulary in two files, "" for nothing."""
        if "merges.txt" in self.here:
            return "" if "vocab.json" in self.here else "vocab.json"
        named = f"{self._json('tokenizer_config.json').get('tokenizer_class', '')}".removesuffix("Fast")
        in_pairs = (
            named in _IN_PAIRS if named else self._json("config.json").get("model_type") in _IN_PAIRS_TYPES
        )
        return "merges.txt" if in_pairs and "vocab.json" in self.here else ""

    def reads_text(self) -> bool:
        """Whether its configuration says that it reads words by their numbers."""
        config = self._json("config.json")
        inner = config.get("text_config")
        if "vocab_size" not in config and not (isinstance(inner, dict) and "vocab_size" in inner):
            return False
        return self._json("tokenizer_config.json").get("tokenizer_class") not in _WITHOUT_VOCABULARY

    def parts(self) -> Iterator[str]:
        """Something of each part of a pipeline, and the configuration of those that have weights."""
        index = self.facts.get("model_index.json")
        folders = {name.partition("/")[0] for name in self.here.keys() | self.absent if "/" in name}
        for folder in index.components if index else ():
            if folder not in folders:
                yield f"Nothing of {folder}, a part of the pipeline, is here."
            elif f"{folder}/config.json" not in self.here and self._has_weights(folder):
                yield f"{folder}/config.json is not here."

    def _has_weights(self, folder: str) -> bool:
        names = [name for name in self.here if posixpath.dirname(name) == folder]
        return any(is_loaded_weight(name, file_kind(name, self.here)) for name in names)

    def modules(self) -> Iterator[str]:
        """The settings of each module of a chain; some kinds have nothing in their folder, and no folder."""
        if "modules.json" not in self.here:
            return
        with suppress(OSError, Unreadable):
            match read_json(self.here["modules.json"].path):
                case [*modules]:
                    for module in modules:
                        yield from self._settings(module)

    def _settings(self, module: object) -> Iterator[str]:
        match module:
            case {"type": str(kind), "path": str(path)} if kind.rpartition(".")[2] in _WITH_SETTINGS:
                if (name := posixpath.join(path.strip("/"), "config.json")) not in self.here:
                    yield f"{name} is not here."

    def code(self) -> Iterator[str]:
        """The code of its own that the model is made of."""
        for config in _WITH_AUTO_MAP:
            auto_map = self._json(config).get("auto_map")
            for named in _classes(auto_map):
                yield from self._module(named)

    def _module(self, named: str) -> Iterator[str]:
        other, apart, path = named.rpartition("--")
        revision = self._main_of(other) if apart else self.revision
        if revision is None:
            yield f"It runs code of {other}, which is not in this cache."
            return
        here = {file.name: file.path for file in revision.files if file.blob}
        for file in _missing_modules(f"{path.rpartition('.')[0].replace('.', '/')}.py", here):
            if apart:
                yield f"It runs code of {other}, of which {file} is not here."
            else:
                yield f"{file}, code that loading the model runs, is not here."

    def bases(self) -> Iterator[str]:
        """The model that an adapter is put upon."""
        adapter = self.facts.get("adapter_config.json")
        for base in adapter.base_models if adapter else ():
            if self._main_of(base) is None:
                yield f"It is an adapter of {base}, which is not in this cache."

    def _main_of(self, repo_id: str) -> CachedRevision | None:
        with suppress(InvalidKey):
            model = self.inventory.by_key.get(ModelKey.parse(repo_id)) if self.inventory else None
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


def _missing_modules(first: str, here: Mapping[str, str]) -> Iterator[str]:
    """Which modules are not `here` (paths by name): `first`, what it imports from beside it, and so on."""
    ahead, seen = [first], {first}
    while ahead:
        name = ahead.pop()
        if name not in here:
            yield name
            continue
        for module in _imports(here[name]):
            file = posixpath.join(posixpath.dirname(name), f"{module.replace('.', '/')}.py")
            if file not in seen:
                seen.add(file)
                ahead.append(file)


def _imports(path: str) -> list[str]:
    """What a module imports from beside it, as transformers looks for it."""
    with suppress(OSError, Unreadable), open_file(path) as file:
        return _RELATIVE.findall(file.read(_LONGEST_CODE).decode(errors="replace"))
    return []

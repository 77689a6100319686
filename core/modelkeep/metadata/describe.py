"""What a model says about itself: all of its files that say something, read and brought together.

Where several say the same thing, the card is believed first, then the files that only one library writes, then the
configuration, then the headers of the weights. Nothing here is fatal: a file that cannot be read becomes a note.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from modelkeep.cache.inventory import CachedRevision
from modelkeep.metadata import gguf, safetensors
from modelkeep.metadata.card import read_card
from modelkeep.metadata.config import CONFIG_FILES, read_config, told_by_names
from modelkeep.metadata.facts import Facts, first_said
from modelkeep.metadata.kinds import FileKind, file_kind, is_loaded_weight
from modelkeep.metadata.reading import Unreadable
from modelkeep.metadata.weights import WeightSet, main_sets, weight_sets

__all__ = ["Description", "Memory", "ModelFile", "describe", "describe_files", "describe_folder"]

CARD = "README.md"

# Part of every remembered fact's kind: raised when a reader learns something new, so that files are read again.
_READERS_VERSION = 1


class Memory(Protocol):
    """Keeps facts about files, so that an unchanged file is read once. Facts are JSON values."""

    def recall(self, kind: str, path: str, size: int, modified: float) -> object | None:
        """The facts of that kind about the file at `path`, if it still had this size and time then; else None."""

    def remember(self, kind: str, path: str, size: int, modified: float, facts: object) -> None:
        """Keep facts about a file; they replace what was known of that kind."""


class ModelFile(NamedTuple):
    """Where the bytes of a model's file are, how many, and when they last changed (seconds since the epoch)."""

    path: str
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class Description:
    """What a model says about itself; empty, 0 or False where it does not say.

    `context` is in tokens. `parameters` is 0 when only a framework could count them, as in a pickle.
    `formats` are the kinds of weight files that are here, `has_pickles` counts what training left behind too.
    """

    licence: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    library: str
    task: str
    base_models: tuple[str, ...]
    datasets: tuple[str, ...]
    architecture: str
    dtype: str
    quantisation: str
    context: int
    parameters: int
    parameters_by_dtype: tuple[tuple[str, int], ...]
    formats: tuple[str, ...]
    has_pickles: bool
    custom_code: bool
    notes: tuple[str, ...]


def describe(revision: CachedRevision, *, memory: Memory | None = None) -> Description:
    """What the model says about itself at this revision."""
    files = {
        file.name: ModelFile(file.blob.payload, file.blob.size, file.blob.modified)
        for file in revision.files
        if file.blob
    }
    return describe_files(files, memory=memory)


def describe_folder(folder: str | os.PathLike[str], *, memory: Memory | None = None) -> Description:
    """What the model in a plain folder says about itself. Hidden folders, as a clone has one, are passed over."""
    files = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            with suppress(OSError):
                status = path.stat()
                if stat.S_ISREG(status.st_mode):
                    place = path.relative_to(folder).as_posix()
                    files[place] = ModelFile(str(path), status.st_size, status.st_mtime)
    return describe_files(files, memory=memory)


def describe_files(files: Mapping[str, ModelFile], *, memory: Memory | None = None) -> Description:
    """What a model says about itself whose files are these, by their paths in the repository."""
    source = _Source(files, memory)
    card = source.read(CARD, "card", read_card)
    configs = [source.read(name, f"config:{name}", partial(read_config, name)) for name in CONFIG_FILES]
    told = first_said([card, told_by_names(files), *configs])
    told = first_said([told, source.read_weights(told.components)])
    kinds = {name: file_kind(name, files.keys()) for name in files}
    return Description(
        licence=told.licence,
        languages=told.languages,
        tags=told.tags,
        library=told.library,
        task=told.task,
        base_models=told.base_models,
        datasets=told.datasets,
        architecture=told.architecture,
        dtype=_dtype(told),
        quantisation=told.quantisation,
        context=told.context,
        parameters=sum(count for _, count in told.parameters),
        parameters_by_dtype=told.parameters,
        formats=_formats(kinds),
        has_pickles=FileKind.PICKLE in kinds.values(),
        custom_code=told.custom_code or any(name.endswith(".py") for name in files),
        notes=tuple(source.notes),
    )


def _dtype(told: Facts) -> str:
    # Weights that are quantised are packed into integers, which say nothing of what is computed with.
    if told.quantisation and told.dtype:
        return told.dtype
    return told.parameters[0][0] if told.parameters else told.dtype


def _formats(kinds: Mapping[str, FileKind]) -> tuple[str, ...]:
    present = {kind for name, kind in kinds.items() if is_loaded_weight(name, kind)}
    return tuple(kind.value for kind in FileKind if kind in present)


class _Source:
    """Reads the files of one model, each once while it does not change, and collects what is wrong with them."""

    def __init__(self, files: Mapping[str, ModelFile], memory: Memory | None) -> None:
        self.files = files
        self.notes: list[str] = []
        self._memory = memory
        self._known: dict[str, Facts] = {}

    def read(self, name: str, kind: str, reader: Callable[[str], Facts]) -> Facts:
        """What `reader` makes of the file `name`; nothing when it is not here or cannot be read."""
        if name not in self.files:
            return Facts()
        if name not in self._known:
            try:
                self._known[name] = self._remembered(self.files[name], f"{kind}/{_READERS_VERSION}", reader)
            except OSError as error:
                # Not remembered: the next time it may be possible.
                self._known[name] = Facts(notes=(f"It cannot be read ({error.strerror or error}).",))
            self.notes.extend(f"{name}: {note}" for note in self._known[name].notes)
        return self._known[name]

    def _remembered(self, file: ModelFile, kind: str, reader: Callable[[str], Facts]) -> Facts:
        facts = Facts.from_json(self._memory.recall(kind, *file)) if self._memory else None
        if facts is None:
            try:
                facts = reader(file.path)
            except Unreadable as error:
                facts = Facts(notes=(error.note,))
            if self._memory:
                self._memory.remember(kind, *file, facts.to_json())
        return facts

    def read_weights(self, components: Collection[str]) -> Facts:
        """What the headers of the weights say: of safetensors files, or, where there are none, of GGUF files."""
        sizes = {name: file.size for name, file in self.files.items()}
        if main := main_sets(weight_sets(sizes, ".safetensors"), components):
            return Facts(parameters=self._parameters(main, "safetensors", _from_safetensors))
        return self._read_gguf(weight_sets(sizes, ".gguf"))

    def _read_gguf(self, sets: Collection[WeightSet]) -> Facts:
        # A set for each quantisation: the first file of each names it, the main set is counted.
        firsts = [self.read(one.files[0], "gguf", _from_gguf) for one in sets]
        quantisations = dict.fromkeys(first.quantisation for first in firsts if first.quantisation)
        main = main_sets(sets)
        counted = Facts(
            quantisation=", ".join(quantisations), parameters=self._parameters(main, "gguf", _from_gguf)
        )
        return first_said([counted, *(self.read(one.files[0], "gguf", _from_gguf) for one in main), *firsts])

    def _parameters(
        self, sets: Collection[WeightSet], kind: str, reader: Callable[[str], Facts]
    ) -> tuple[tuple[str, int], ...]:
        counts: dict[str, int] = {}
        for one in sets:
            if len(one.files) < one.expected:
                self.notes.append(
                    f"{one.files[0]}: Only {len(one.files)} of {one.expected} files are here, the parameters in the "
                    "others are not counted."
                )
            for name in one.files:
                for dtype, count in self.read(name, kind, reader).parameters:
                    counts[dtype] = counts.get(dtype, 0) + count
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _from_safetensors(path: str) -> Facts:
    return Facts(parameters=safetensors.read_header(path).parameters)


def _from_gguf(path: str) -> Facts:
    header = gguf.read_header(path)
    task = ""
    if header.context:
        task = "feature-extraction" if header.makes_embeddings else "text-generation"
    return Facts(
        licence=header.text("general.license"),
        languages=header.texts("general.languages"),
        tags=header.texts("general.tags"),
        library="gguf",
        task=task,
        architecture=header.architecture,
        quantisation=header.quantisation,
        context=header.context,
        parameters=header.parameters,
    )

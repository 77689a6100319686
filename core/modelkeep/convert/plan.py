"""What converting a revision would do: which files are pickled weights, what becomes of them, and of all others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision, State
from modelkeep.disk import free_space, reserve
from modelkeep.keys import ModelKey
from modelkeep.metadata.kinds import WEIGHT_KINDS, FileKind, file_kind, is_loaded_weight
from modelkeep.metadata.reading import Unreadable, open_file
from modelkeep.metadata.weights import WeightSet, weight_sets

__all__ = ["Conversion", "ConversionPlan", "ConvertedFile", "ShardIndex", "plan_conversion"]

# What PyTorch's own files are called. Other pickles hold whole objects, for which safetensors has no place.
_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt")
_INDEX = re.compile(r"(.+)\.(bin|pt|pth|ckpt|safetensors)\.index(\.[\w-]+)?\.json")
# transformers and open_clip look for these weights under another name when they are safetensors.
_SHARD = r"-\d{5,6}-of-\d{5,6}(?:\.\w+)?"
_RENAMED = re.compile(rf"(open_clip_)?pytorch_model((?:\.\w+)?(?:{_SHARD})?)")
_HEAD = 262  # bytes, in which a zip, a pickle and a tar all say what they are

_FORMATS = {
    FileKind.GGUF: "GGUF",
    FileKind.GGML: "GGML",
    FileKind.ONNX: "ONNX",
    FileKind.OPENVINO: "OpenVINO",
    FileKind.COREML: "Core ML",
    FileKind.TFLITE: "TensorFlow Lite",
    FileKind.TENSORFLOW: "TensorFlow",
    FileKind.FLAX: "Flax",
    FileKind.TENSORRT: "TensorRT",
    FileKind.DDUF: "DDUF",
}


class ConvertedFile(NamedTuple):
    """A file of pickled weights and the safetensors file that is made of it; `size` is bytes of the old one."""

    source: str
    target: str
    size: int


class ShardIndex(NamedTuple):
    """The file that says which shard has which tensor: its path, and those of the shards that it is about."""

    path: str
    shards: tuple[str, ...]


@dataclass(frozen=True)
class ConversionPlan:
    """What converting will do. `kept` are files that the new revision shares with the old one.

    `dropped` are files that the new revision leaves out: other pickles, as training leaves them, and indices of
    shards that are not in it; `indices` are those that are written in their place. `problem` says why it cannot be
    done, "" when it can. `moves_main`: `main` will lead to the new revision; that is the user's choice, and can be
    undone by a rollback; `main` is where it leads now, "" for nowhere. `ref` is a branch that will lead to it in any
    case. `present` is the commit of the same conversion where it is here already, else "". `memory` is what `convert`
    may take, in bytes, 0 for what the machine can give.
    """

    root: str
    key: ModelKey
    commit: str
    files: tuple[ConvertedFile, ...]
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    bytes_needed: int
    free: int
    reserve: int
    moves_main: bool = False
    problem: str = ""
    hint: str = ""
    indices: tuple[ShardIndex, ...] = ()
    ref: str = ""
    present: str = ""
    notes: tuple[str, ...] = ()
    memory: int = 0
    main: str = ""

    @property
    def fits(self) -> bool:
        return self.bytes_needed + self.reserve <= self.free


@dataclass(frozen=True)
class Conversion:
    """What converting did: `commit` is the new revision, which nothing but its own ref `ref` leads to, unless main.

    `tensors` were compared one by one, bit for bit; `memory` is the most that the child process held, in bytes, what
    it had mapped of files among it. Where the same conversion was here already, nothing was written: `tensors` and
    `written` are 0.
    """

    root: str
    key: ModelKey
    old: str
    commit: str
    ref: str
    tensors: int
    written: int
    seconds: float
    memory: int
    notes: tuple[str, ...] = ()


def plan_conversion(
    model: CachedModel, revision: CachedRevision, *, move_main: bool = False
) -> ConversionPlan:
    """What converting a revision would do. Writes nothing, and reads nothing but the first bytes of pickles."""
    parts = _Parts(revision)
    space = free_space(model.root)
    ref = f"safetensors-{revision.commit[:8]}"
    problem, hint = _problem(model, revision, parts)
    present = "" if problem else _present(model, ref, parts)
    files = () if problem else parts.files
    return ConversionPlan(
        model.root,
        model.key,
        revision.commit,
        files,
        tuple(parts.kept),
        tuple(parts.dropped),
        0 if present else sum(file.size for file in files),
        space.free,
        reserve(space),
        move_main,
        problem,
        hint,
        () if problem else tuple(parts.indices),
        ref,
        present,
        (*_notes(parts), *_ref_notes(model, ref, present)),
        main=dict(model.refs).get("main", ""),
    )


class _OldIndex(NamedTuple):
    """An index that goes: its path, the folder and name of the set that it is of, and what a new one is called."""

    path: str
    folder: str
    name: str
    new: str


class _Parts:
    """The files of a revision, each where it belongs."""

    def __init__(self, revision: CachedRevision) -> None:
        self.sizes = {file.name: file.size for file in revision.files}
        paths = {file.name: file.path for file in revision.files if file.blob}
        self.kinds = {name: file_kind(name, self.sizes) for name in self.sizes}
        pickles = [name for name, kind in self.kinds.items() if kind is FileKind.PICKLE]
        loaded = {name for name in pickles if is_loaded_weight(name, FileKind.PICKLE)}
        torch = {name for name in loaded if name.lower().endswith(_SUFFIXES)}
        # A .bin may be anything; what is no pickle stays what it is.
        self.others = {name for name in torch if name in paths and not _may_be_torch(paths[name])}
        self.objects = sorted(loaded - torch)
        safe = weight_sets(self.sizes, ".safetensors")
        self.safe = {(one.folder, one.name) for one in safe if len(one.files) == one.expected}
        self.broken = [file for one in safe if len(one.files) != one.expected for file in one.files]
        sets = list(_sets({name: self.sizes[name] for name in torch - self.others}))
        self.done = [one for one in sets if (one.folder, _renamed(one.name)) in self.safe]
        self.sets = [one for one in sets if one not in self.done]
        self.files = tuple(
            ConvertedFile(name, _target(name), self.sizes[name]) for one in self.sets for name in one.files
        )
        self.indices = list(self._indices())
        # What there is of a safetensors set that is not whole would be taken for a part of the new one.
        gone = {*pickles, *self.broken, *(old.path for old in self._old_indices)} - self.others
        self.dropped = sorted(gone - {file.source for file in self.files})
        self.kept = sorted(self.sizes.keys() - gone)

    @property
    def _old_indices(self) -> Iterator[_OldIndex]:
        """The indices of pickled shards, and those of safetensors that are not all here."""
        for path in self.sizes:
            folder, slash, base = path.rpartition("/")
            if match := _INDEX.fullmatch(base):
                stem, suffix, variant = match[1], match[2], match[3] or ""
                if suffix != "safetensors" or (folder, stem + variant) not in self.safe:
                    new = f"{folder}{slash}{_renamed(stem)}.safetensors.index{variant}.json"
                    yield _OldIndex(path, folder, stem + variant, new)

    def _indices(self) -> Iterator[ShardIndex]:
        named = {(old.folder, old.name): old.new for old in self._old_indices}
        for one in self.sets:
            path = named.get((one.folder, one.name))
            if path is None and one.expected > 1:
                path = f"{one.folder}/{_renamed(one.name)}.safetensors.index.json".lstrip("/")
            if path:
                yield ShardIndex(path, tuple(map(_target, one.files)))


def _sets(sizes: Mapping[str, int]) -> Iterator[WeightSet]:
    for suffix in _SUFFIXES:
        yield from weight_sets(sizes, suffix)


def _renamed(stem: str) -> str:
    match = _RENAMED.fullmatch(stem)
    return f"{match[1] or ''}model{match[2]}" if match else stem


def _target(source: str) -> str:
    folder, slash, base = source.rpartition("/")
    return f"{folder}{slash}{_renamed(base.rpartition('.')[0])}.safetensors"


def _may_be_torch(path: str) -> bool:
    try:
        with open_file(path) as file:
            head = file.read(_HEAD)
    except (OSError, Unreadable):
        return True  # so that reading it is what fails
    return head.startswith((b"PK\3\4", b"\x80")) or head[257:262] == b"ustar"


def _problem(model: CachedModel, revision: CachedRevision, parts: _Parts) -> tuple[str, str]:
    """Why it cannot be done, and what to do."""
    if model.repo_type != "model":
        return f"{model.key} is no model.", ""
    if gone := [file.name for file in revision.files if file.blob is None]:
        return f"{gone[0]} is not here, so the revision is not whole.", "Download or mend it first."
    if not parts.files:
        return _nothing_to_convert(parts)
    for one in parts.sets:
        if len(one.files) != one.expected:
            return (
                f"{len(one.files)} of the {one.expected} shards of {one.name} are here.",
                "Download the others first.",
            )
    target, count = Counter(file.target for file in parts.files).most_common(1)[0]
    if count > 1:
        sources = " and ".join(file.source for file in parts.files if file.target == target)
        return f"{sources} would both become {target}.", ""
    return "", ""


def _nothing_to_convert(parts: _Parts) -> tuple[str, str]:
    if parts.safe:
        return "It has its weights as safetensors already.", ""
    formats = {_FORMATS[kind] for kind in parts.kinds.values() if kind in _FORMATS}
    if formats:
        said = " and ".join(sorted(formats))
        return (
            f"It has no pickled weights: its weights are {said}.",
            "Only PyTorch's checkpoints can be converted.",
        )
    if parts.objects:
        return (
            f"{parts.objects[0]} holds objects of Python, not only numbers, which safetensors cannot hold.",
            "Only PyTorch's checkpoints can be converted.",
        )
    some = any(kind in WEIGHT_KINDS for name, kind in parts.kinds.items() if name not in parts.dropped)
    return ("It has no pickled weights." if some else "It has no weights."), ""


def _notes(parts: _Parts) -> Iterator[str]:
    for name in parts.objects:
        yield (
            f"{name} holds objects of Python, which no safetensors file can, and is left out: what needs it has to "
            "load the old revision."
        )
    for name in parts.broken:
        yield f"{name} is part of a set that is not whole, and is left out."


def _ref_notes(model: CachedModel, ref: str, present: str) -> Iterator[str]:
    was = dict(model.refs).get(ref, "")
    if was and was != present:
        yield f"There was a branch {ref} before, which led to {was[:12]}: that revision stays, but without a name."


def _present(model: CachedModel, ref: str, parts: _Parts) -> str:
    """The commit of this very conversion, where it is here and whole."""
    commit = dict(model.refs).get(ref)
    for revision in model.revisions:
        if revision.commit == commit and revision.state is State.WHOLE:
            names = {file.name for file in revision.files}
            made = {file.target for file in parts.files} | {index.path for index in parts.indices}
            return revision.commit if names == made | set(parts.kept) else ""
    return ""

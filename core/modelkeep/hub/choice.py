"""Which files of a repository make up the model, told from their names and sizes before anything is fetched.

A repository has the same weights several times: for several frameworks, in several precisions, whole and in shards,
as pickles beside safetensors. By default one of each is taken, the safest first, with everything that is small and
may be needed to load it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatch
from typing import NamedTuple

from modelkeep.hub.file_kinds import INDEX, PICKLES, TRAINING, framework_of, group_of, quantisation_of
from modelkeep.metadata.weights import WeightSet, weight_sets

__all__ = ["Choice", "choose_by_format", "choose_by_globs"]


class Choice(NamedTuple):
    """Whether a file is taken, and why or why not, as a few words."""

    chosen: bool
    reason: str


# Which to take where there is no safetensors, no pickle and no GGUF.
_ORDER = (
    *("safetensors", "pickle", "gguf", "onnx", "tensorflow", "flax", "mlx", "nemo"),
    *("openvino", "coreml", "tflite", "rust", "ggml", "tensorrt"),
)
_MEDIA = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".mp4", ".mov", ".webm", ".avi"),
    *(".wav", ".mp3", ".flac", ".ogg", ".pdf"),
)
_TRAINING_FOLDER = re.compile(r"checkpoint-\d+|runs|logs|global_step\d+|wandb", re.IGNORECASE)
_DUPLICATE_FOLDERS = ("original", "metal")
_LIBRARY_NAMES = {
    "model": "model",
    "pytorch_model": "model",
    "diffusion_pytorch_model": "model",
    "open_clip_model": "open_clip",
    "open_clip_pytorch_model": "open_clip",
    "adapter_model": "adapter",
}
_VARIANT = re.compile(r"(.+)\.(fp16|fp32|bf16|fp8|int8|int4|nf4|ema|non_ema|no_ema|[a-z0-9_]+)")
_BEST_BITS = 4.0


# ---- what the user asks for


def choose_by_globs(
    paths: Iterable[str], include: Sequence[str], exclude: Sequence[str]
) -> dict[str, Choice]:
    """The files that match one of `include`, or all without any, and none of `exclude`.

    As the Hub's client does it (huggingface_hub 2.4.0, `filter_repo_objects`): `fnmatch` on the whole path, so that
    "*" goes over "/" too, and a pattern that ends with "/" means what is in that folder.
    """
    wanted, unwanted = _as_globs(include), _as_globs(exclude)
    chosen = {}
    for path in paths:
        yes = next((glob for glob in wanted if fnmatch(path, glob)), None)
        no = next((glob for glob in unwanted if fnmatch(path, glob)), None)
        if no is not None:
            chosen[path] = Choice(False, f"excluded by {no}")
        elif wanted and yes is None:
            chosen[path] = Choice(False, "not asked for")
        else:
            chosen[path] = Choice(True, f"matches {yes}" if yes else "not excluded")
    return chosen


def _as_globs(patterns: Sequence[str]) -> list[str]:
    return [f"{pattern}*" if pattern.endswith("/") else pattern for pattern in patterns]


# ---- what is best


def choose_by_format(sizes: Mapping[str, int], repo_type: str = "model") -> dict[str, Choice]:
    """What to take of a repository whose files have these sizes, in bytes, by their paths.

    All of a data set or a space: what are weights of a model to us may be what it is made of.
    """
    if repo_type != "model":
        return {path: Choice(True, f"all of the {repo_type}") for path in sizes}
    return _Chooser(sizes).run()


class _Chooser:
    """Decides for one repository; every step only speaks of files that no earlier one has decided."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.choices: dict[str, Choice] = {}
        self.weights: dict[str, list[str]] = {}
        for path in sizes:
            if kind := framework_of(path):
                self.weights.setdefault(kind, []).append(path)

    def run(self) -> dict[str, Choice]:
        if sum(map(len, self.weights.values())) < len(self.sizes):
            self._leave_out_training()
        best = self._best_framework()
        if best in ("safetensors", "pickle"):
            self._choose_torch()
        elif best == "gguf":
            self._choose_gguf()
        elif best == "onnx":
            self._choose_onnx()
        elif best:
            self._decide(self.weights[best], True, f"the {best} weights")
        for kind, paths in self.weights.items():
            self._decide(paths, False, f"{kind} weights are not needed beside {best}" if kind != best else "")
        self._choose_indexes()
        self._choose_others()
        if not any(choice.chosen for choice in self.choices.values()):
            return {path: Choice(True, "there is nothing else") for path in self.sizes}
        return {path: self.choices[path] for path in self.sizes}

    def _decide(self, paths: Iterable[str], chosen: bool, reason: str) -> None:
        for path in paths:
            self.choices.setdefault(path, Choice(chosen, reason))

    def _open(self, kind: str) -> dict[str, int]:
        """The sizes of the weights of a kind that nothing is decided of."""
        return {path: self.sizes[path] for path in self.weights.get(kind, ()) if path not in self.choices}

    def _best_framework(self) -> str:
        return next((kind for kind in _ORDER if self._open(kind)), "")

    def _leave_out_training(self) -> None:
        """What a training left beside its result, unless there is no other result."""
        named = {path for path in self.sizes if TRAINING.fullmatch(path.rpartition("/")[2])}
        inside = {
            path
            for path in self.sizes
            if any(_TRAINING_FOLDER.fullmatch(part) for part in path.split("/")[:-1])
        }
        weights = {path for paths in self.weights.values() for path in paths}
        for left in (named | inside, named):
            if weights - left or not weights:
                self._decide(left, False, "left by a training")
                return

    # ---- safetensors and pickles

    def _choose_torch(self) -> None:
        self._leave_out_duplicates()
        safe = weight_sets(self._open("safetensors"), ".safetensors")
        chosen = _best_of_folders(safe)
        self._take(chosen, "safetensors")
        for one in safe:
            self._decide(one.files, False, _why_not(one, chosen))
        covered = {(one.folder, _role(one.name)) for one in chosen if _is_whole(one)}
        stems = {(one.folder, _without_variant(one.name)) for one in chosen if _is_whole(one)}
        pickles = [one for suffix in PICKLES for one in weight_sets(self._open("pickle"), suffix)]
        for one in pickles:
            if (one.folder, _role(one.name)) in covered or (one.folder, _without_variant(one.name)) in stems:
                self._decide(one.files, False, "the same weights are there as safetensors")
        left = [one for one in pickles if one.files[0] not in self.choices]
        best = _best_of_folders(left)
        self._take(best, "a pickle, and there are no safetensors of it")
        for one in left:
            self._decide(one.files, False, _why_not(one, best))
        self._decide(self._open("pickle"), True, "a pickle, and there are no safetensors of it")
        self._decide(self._open("safetensors"), True, "safetensors")

    def _leave_out_duplicates(self) -> None:
        """The weights that are there once more, as their makers had them or in one file."""
        torch = {**self._open("safetensors"), **self._open("pickle")}
        named = {path for path in torch if _role(_stem(path)) in ("model", "adapter")}
        top = {path for path in named if "/" not in path}
        if top:
            again = [path for path in torch if path.split("/")[0].lower() in _DUPLICATE_FOLDERS]
            again += [p for p in torch if "/" not in p and _stem(p).lower().startswith("consolidated")]
            # Where libraries look for "model", what is called otherwise is for another library.
            again += [p for p in torch if "/" not in p and _role(_stem(p)) == "open_clip"]
            self._decide(again, False, "the same weights, for another library")
        if "model_index.json" in self.sizes and any("/" in path for path in named):
            whole = [path for path in torch if "/" not in path]
            self._decide(whole, False, "the same model in one file")

    def _take(self, sets: Iterable[WeightSet], reason: str) -> None:
        for one in sets:
            self._decide(one.files, True, reason)

    # ---- others

    def _choose_gguf(self) -> None:
        files = self._open("gguf")
        sets = weight_sets({p: size for p, size in files.items() if not _is_projector(p)}, ".gguf")
        if not sets:
            self._decide(files, True, "GGUF weights")
        beside = [path for path in files if not any(path in one.files for one in sets)]
        by_name: dict[str, list[WeightSet]] = {}
        for one in sets:
            by_name.setdefault(quantisation_of(one.files[0]), []).append(one)
        whole = {name: sets for name, sets in by_name.items() if all(map(_is_whole, sets))} or by_name
        if whole:
            best = min(whole, key=lambda name: (_distance(name), name))
            self._take(whole[best], f"the quantisation {best}" if best else "GGUF weights")
            for one in sets:
                self._decide(one.files, False, f"another quantisation than {best}" if best else "not whole")
        projectors = sorted(
            (path for path in beside if _is_projector(path)),
            key=lambda path: (_projector_preference(quantisation_of(path)), path),
        )
        self._decide(projectors[:1], True, "what lets the model see")
        self._decide(beside, False, "not needed beside the model")

    def _choose_onnx(self) -> None:
        files = self._open("onnx")
        base = re.compile(
            r"_(?:fp16|fp32|bf16|quantized|q?u?int8|q4|q4f16|q8|bnb4|O[1-4]|q?u?int8_\w+|merged_\w+)(?=\.onnx)"
        )
        plain = {path for path in files if not base.search(path)}
        self._decide(plain or files, True, "the onnx weights")
        self._decide(files, False, "another precision of the same weights")

    def _choose_indexes(self) -> None:
        """An index goes with its shards."""
        for path in self.sizes:
            folder, _, name = path.rpartition("/")
            if (index := INDEX.fullmatch(name)) is None or path in self.choices:
                continue
            stem = f"{index[1]}.{index[3]}" if index[3] else index[1]
            shards = re.compile(
                re.escape(f"{folder}/" if folder else "")
                + re.escape(index[1])
                + r"(?:\.[\w-]+)?-\d{5,6}-of-\d{5,6}.*\."
                + re.escape(index[2])
            )
            own = [
                p
                for p in self.sizes
                if shards.fullmatch(p) and _stem_of_set(p.rpartition("/")[2], f".{index[2]}") == stem
            ]
            taken = any(self.choices[shard].chosen for shard in own if shard in self.choices)
            self._decide(
                [path], taken or not own, "the index of the shards" if taken else "its shards are not taken"
            )

    def _choose_others(self) -> None:
        left = [path for path in self.sizes if path not in self.choices]
        beside = any(choice.chosen for choice in self.choices.values())
        for path in left:
            group = group_of(path)
            if group == "other" and beside and path.lower().endswith(_MEDIA):
                self._decide([path], False, "not needed to use the model")
            else:
                self._decide([path], True, "" if group == "other" else group)


# ---- sets of weights


def _best_of_folders(sets: Collection[WeightSet]) -> list[WeightSet]:
    """Of each folder the sets that are different weights: one of several precisions, one of whole and shards."""
    chosen: list[WeightSet] = []
    for folder in dict.fromkeys(one.folder for one in sets):
        here = [one for one in sets if one.folder == folder]
        names = {one.name for one in here}
        by_model: dict[str, list[WeightSet]] = {}
        for one in here:
            by_model.setdefault(_without_variant(one.name, names), []).append(one)
        chosen += [min(same, key=_preference) for same in by_model.values()]
    return chosen


def _preference(one: WeightSet) -> tuple[bool, int, bool, int, str]:
    """Whole ones first, then without a variant, then fp16 before others, then a single file."""
    variant = one.name != _without_variant(one.name)
    rank = next((n for n, name in enumerate((".fp16", ".bf16", ".fp32")) if one.name.endswith(name)), 3)
    return not _is_whole(one), rank + 1 if variant else 0, one.expected > 1, -one.size, one.name


def _is_whole(one: WeightSet) -> bool:
    return len(one.files) >= one.expected


def _without_variant(name: str, names: Collection[str] = ()) -> str:
    """The name of a set without the precision in it: that of a library, or one that is there without it."""
    found = _VARIANT.fullmatch(name)
    return found[1] if found and (found[1] in _LIBRARY_NAMES or found[1] in names) else name


def _role(name: str) -> str:
    return _LIBRARY_NAMES.get(_without_variant(name), f"?{name}")


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return _stem_of_set(name, f".{name.rpartition('.')[2]}")


def _stem_of_set(name: str, suffix: str) -> str:
    [one] = weight_sets({name: 0}, suffix) or [WeightSet("", name, (name,), 1, 0)]
    return one.name


def _why_not(one: WeightSet, chosen: Collection[WeightSet]) -> str:
    if not _is_whole(one):
        return "some of its shards are missing"
    names = {other.name for other in chosen if other.folder == one.folder}
    return (
        "the same weights, in one file or in shards"
        if one.name in names
        else "another precision of the same weights"
    )


# ---- quantisations


def _distance(name: str) -> tuple[float, bool, int]:
    """How far a quantisation is from Q4_K_M: in bits, the larger first where two are as far."""
    if name == "Q4_K_M":
        return 0.0, False, 0
    plain = name.removeprefix("UD-")
    bits = _bits(plain)
    order = ("_K_M", "_K_XL", "_K_S", "_K_L", "_K", "_XS", "_NL", "_M", "_S", "_0", "_1")
    rank = next((n for n, ending in enumerate(order, 1) if plain.endswith(ending)), len(order) + 1)
    return abs(bits - _BEST_BITS), bits < _BEST_BITS, rank + (1 if plain != name else 0)


def _bits(name: str) -> float:
    if name in ("F16", "BF16"):
        return 16.0
    if name == "F32":
        return 32.0
    digits = re.search(r"\d", name)
    return float(digits[0]) if digits else 64.0


def _is_projector(path: str) -> bool:
    return "mmproj" in path.rpartition("/")[2].lower()


def _projector_preference(name: str) -> int:
    order = ("F16", "BF16", "Q8_0", "F32")
    return order.index(name) if name in order else len(order)

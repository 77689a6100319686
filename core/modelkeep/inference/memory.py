"""How much memory trying a model takes, estimated before it is loaded, and how much there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from modelkeep.inference.outcome import Device
from modelkeep.inference.precision import becomes_float32
from modelkeep.inference.values import Backend, Task
from modelkeep.metadata.describe import Description
from modelkeep.metadata.kinds import FileKind, file_kind, is_loaded_weight
from modelkeep.metadata.weights import main_sets, weight_sets

__all__ = ["memory_free", "memory_needed", "processor_memory", "usual_file"]

_LIBRARIES = {
    Backend.TRANSFORMERS: 350 << 20,
    Backend.SENTENCES: 350 << 20,
    Backend.GGUF: 80 << 20,
    Backend.ONNX: 150 << 20,
}
"""What the libraries take before they have a model, bytes."""

_BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "F64": 8,
    "F32": 4,
    "F16": 2,
    "BF16": 2,
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
}
_SHORT = 512  # tokens of a short text with its answer
_HELD = 12  # numbers that a layer holds for each of a token's while it works


def memory_needed(
    backend: Backend,
    task: Task,
    sizes: Mapping[str, int],
    description: Description,
    config: Mapping[str, object],
    *,
    dtype: str = "auto",
    file: str = "",
    left: int = 0,
) -> int:
    """Bytes that loading and a short answer take: the weights as they will be computed with, what is computed on the
    way, and the libraries. `sizes` are the bytes of each file, `left` is the memory of a processor that runs it, 0
    for another device; see `processor_memory`. It is an estimate: some 20 % more or less.
    """
    weights = _weights(backend, sizes, description, dtype, file)
    stored = str(config.get("dtype") or config.get("torch_dtype") or "")
    by_torch = backend in (Backend.TRANSFORMERS, Backend.SENTENCES) and not description.quantisation
    if dtype == "auto" and by_torch and becomes_float32(stored, weights, left):
        dtype = "float32"
        weights = _weights(backend, sizes, description, dtype, file)
    width = _first(config, "hidden_size", "n_embd", "d_model", "dim")
    layers = _first(config, "num_hidden_layers", "n_layer", "num_layers", "n_layers")
    number = _BYTES.get(dtype if dtype != "auto" else description.dtype, 4)
    if width and layers:
        on_the_way = _SHORT * width * _HELD * number
        if task in (Task.TEXT_GENERATION, Task.SUMMARIZATION, Task.TRANSLATION, Task.TEXT2TEXT_GENERATION):
            on_the_way += 2 * layers * _SHORT * width * number  # the keys and values of each layer
        if task not in (Task.SENTENCE_SIMILARITY, Task.IMAGE_CLASSIFICATION):
            on_the_way += _SHORT * _first(config, "vocab_size") * 4 // (1 if task is Task.FILL_MASK else 8)
    else:
        on_the_way = weights // 10
    return weights + on_the_way + _LIBRARIES[backend]


def _weights(
    backend: Backend, sizes: Mapping[str, int], description: Description, dtype: str, file: str
) -> int:
    if file:
        return sizes.get(file, 0)
    if backend in (Backend.GGUF, Backend.ONNX):
        suffix = f".{backend}"
        outside = [name for name in sizes if file_kind(name, sizes) is FileKind.ONNX and ".onnx_data" in name]
        whole = sum(one.size for one in main_sets(weight_sets(sizes, suffix)))
        return whole + (max((sizes[name] for name in outside), default=0) if backend is Backend.ONNX else 0)
    if description.parameters and (dtype in _BYTES or not description.quantisation):
        return sum(
            count * (_BYTES[dtype] if dtype in _BYTES else _BYTES.get(stored, 4))
            for stored, count in description.parameters_by_dtype
        )
    for suffix in (".safetensors", ".bin"):
        loaded = {
            name: size for name, size in sizes.items() if is_loaded_weight(name, file_kind(name, sizes))
        }
        if sets := main_sets(weight_sets(loaded, suffix)):
            return sum(one.size for one in sets)
    return 0


def usual_file(backend: Backend, sizes: Mapping[str, int]) -> str:
    """The file of a GGUF or ONNX repository that is taken where none is named, "" where it goes by the others."""
    if backend not in (Backend.GGUF, Backend.ONNX):
        return ""
    sets = main_sets(weight_sets(sizes, f".{backend}"))
    return sets[0].files[0] if sets else ""


def memory_free(device: str, devices: Collection[Device] = ()) -> int:
    """Bytes that are free now where a model would run; `devices` are those that the interpreter told of, without
    which "auto" is the processor."""
    if chosen := _device(device, list(devices)):
        return chosen.free
    import psutil

    return int(psutil.virtual_memory().available)


def processor_memory(device: str, devices: Collection[Device] = (), limit: int = 0) -> int:
    """Bytes that are free for a model that a processor runs, of no more than `limit` if that is not 0; 0 where
    something else runs it."""
    metal = "mps" in (device, *(one.name for one in devices if device == "auto"))
    if metal or _device(device, list(devices)):
        return 0
    import psutil

    free = int(psutil.virtual_memory().available)
    return min(free, limit) if limit else free


def _device(name: str, devices: Sequence[Device]) -> Device | None:
    """The device with a memory of its own that is meant, None for the processor and what shares its memory."""
    own = [one for one in devices if one.name.partition(":")[0] not in ("cpu", "mps", "")]
    if name == "auto":
        return own[0] if own else None
    return next((one for one in own if name in (one.name, one.name.partition(":")[0])), None)


def _first(config: Mapping[str, object], *names: str) -> int:
    inner = config.get("text_config")
    for said in (config, inner if isinstance(inner, dict) else {}):
        for name in names:
            value = said.get(name)
            if type(value) is int and 0 < value < 1 << 32:
                return value
    return 0

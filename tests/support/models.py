"""Tiny models as bytes: whole ones that load, and headers of any kind."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from modelkeep.metadata.gguf import GGML_TYPES
from modelkeep.metadata.safetensors import DTYPE_BITS
from modelkeep_resources.samples.tiny import tiny_bert

Tensors = Mapping[str, tuple[str, Sequence[int]]]
"""Tensors by name: their type and shape."""

TINY_BERT_PARAMETERS = 22368
TWO_TENSORS: Tensors = {"a.weight": ("F32", (4, 2)), "b.weight": ("F16", (3,))}


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def tiny_bert_files(changed: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """A BERT that transformers loads, with some files more, or other ones."""
    return tiny_bert() | dict(changed or {})


def safetensors_file(header: object, data: bytes = b"") -> bytes:
    """A file with any header at all: JSON bytes as they are, or a value to be written as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tiny_safetensors(tensors: Tensors = TWO_TENSORS, metadata: Mapping[str, str] | None = None) -> bytes:
    """A valid safetensors file, its data all zeros."""
    header: dict[str, object] = {} if metadata is None else {"__metadata__": dict(metadata)}
    at = 0
    for name, (dtype, shape) in tensors.items():
        begin, at = at, at + math.prod(shape) * DTYPE_BITS[dtype] // 8
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, at]}
    return safetensors_file(header, bytes(at))


LLAMA: dict[str, object] = {
    "general.architecture": "llama",
    "general.name": "Tiny Llama",
    "general.file_type": 15,
    "llama.context_length": 2048,
}


def tiny_gguf(
    values: Mapping[str, object] = LLAMA,
    tensors: Tensors = TWO_TENSORS,
    *,
    version: int = 3,
    big_endian: bool = False,
) -> bytes:
    """A valid GGUF file, its data all zeros. Integers become uint32, lists arrays of int32 or of strings."""
    order = ">" if big_endian else "<"
    numbers = {name: number for number, (name, _, _) in GGML_TYPES.items()}
    sizes = {name: (block, length) for name, block, length in GGML_TYPES.values()}
    out = b"GGUF" + struct.pack(f"{order}IQQ", version, len(tensors), len(values))
    for key, value in values.items():
        out += _text(key, order) + _value(value, order)
    at = 0
    for name, (kind, shape) in tensors.items():
        block, length = sizes[kind]
        # ggml counts axes from the innermost on.
        axes = tuple(reversed(shape))
        out += _text(name, order)
        out += struct.pack(f"{order}I{len(axes)}QIQ", len(axes), *axes, numbers[kind], at)
        at += -(-math.prod(shape) // block * length // 32) * 32
    return out + bytes(-len(out) % 32) + bytes(at)


def _text(text: str, order: str) -> bytes:
    content = text.encode()
    return struct.pack(f"{order}Q", len(content)) + content


def _value(value: object, order: str) -> bytes:
    match value:
        case bool():
            return struct.pack(f"{order}I?", 7, value)
        case int():
            return struct.pack(f"{order}II", 4, value)
        case float():
            return struct.pack(f"{order}If", 6, value)
        case str():
            return struct.pack(f"{order}I", 8) + _text(value, order)
        case [str(), *_]:
            texts = b"".join(_text(str(item), order) for item in value)
            return struct.pack(f"{order}IIQ", 9, 8, len(value)) + texts
        case list():
            return struct.pack(f"{order}IIQ{len(value)}i", 9, 5, len(value), *value)
        case _:
            raise TypeError(value)

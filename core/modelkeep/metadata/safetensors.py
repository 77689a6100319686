"""The header of a `.safetensors` file, checked as strictly as the format asks.

::

    8 bytes   N, little-endian
    N bytes   JSON: {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets": [begin, end]}, ...}
    the rest  the tensors, side by side from the first byte to the last

Source: https://github.com/huggingface/safetensors#format and what its Rust reader (0.8) refuses. Only the header is
read: a file of 20 GB costs as much as one of 20 MB.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from modelkeep.metadata.reading import Unreadable, open_file, refuse_pointer

__all__ = ["DTYPE_BITS", "SafetensorsHeader", "read_header"]

# The reference reader allows 100 MB, of which Python's JSON could make 3 GB. A third is room for 300,000 tensors in
# one file; a model of 10^12 parameters has half as many in all of its files.
_LONGEST_HEADER = 32 << 20

DTYPE_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of one element."""


class SafetensorsHeader(NamedTuple):
    """What a header says. `parameters` are elements by dtype, the most frequent first."""

    parameters: tuple[tuple[str, int], ...]
    tensors: int
    metadata: dict[str, str]


class _Tensor(NamedTuple):
    name: str
    dtype: str
    elements: int
    begin: int
    end: int


def read_header(path: str | os.PathLike[str]) -> SafetensorsHeader:
    """Read and check the header of the file at `path`.

    Raises `Unreadable` for whatever the format forbids, and `OSError` when the file cannot be read.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(64)
        refuse_pointer(start)
        if len(start) < 8:
            raise Unreadable("The file is too short to have a header.")
        length = int.from_bytes(start[:8], "little")
        if length > size - 8:
            raise Unreadable(f"The header should have {length:,} bytes, but the file has only {size:,}.")
        if length > _LONGEST_HEADER:
            raise Unreadable(f"The header should have {length:,} bytes, more than are read.")
        if start[8:9] != b"{":
            raise Unreadable("The file does not begin with a header.")
        file.seek(8)
        header = file.read(length)
    return _checked(_parse(header), size - 8 - length)


def _parse(header: bytes) -> dict[str, object]:
    try:
        value = json.loads(
            header.decode(), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("The header is not JSON.") from error
    assert isinstance(value, dict)  # it begins with "{"
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Unreadable("The header names something twice.")
    for name, value in pairs:
        # JSON can spell half a surrogate pair, which is no text.
        name.encode()
        if isinstance(value, str):
            value.encode()
    return fields


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _checked(header: dict[str, object], data_size: int) -> SafetensorsHeader:
    metadata = header.pop("__metadata__", None)
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise Unreadable("The header's metadata is not text.")
    tensors = [_tensor(name, fields, data_size) for name, fields in header.items()]
    tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
    at = 0
    counts: dict[str, int] = {}
    for tensor in tensors:
        if tensor.begin != at:
            raise Unreadable(f"The tensor “{tensor.name:.60}” does not begin where the one before it ends.")
        at = tensor.end
        if tensor.elements:
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.elements
    if at != data_size:
        raise Unreadable(f"The tensors have {at:,} bytes, but the file has {data_size:,} for them.")
    parameters = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return SafetensorsHeader(parameters, len(tensors), metadata)


def _tensor(name: str, fields: object, data_size: int) -> _Tensor:
    match fields:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [begin, end]}:
            pass
        case _:
            raise Unreadable(f"The header does not describe the tensor “{name:.60}” as the format asks.")
    bits = DTYPE_BITS.get(dtype)
    if bits is None:
        raise Unreadable(f"The tensor “{name:.60}” has the unknown type “{dtype:.40}”.")
    if not _are_sizes([begin, end, *shape]):
        raise Unreadable(f"The tensor “{name:.60}” has a size that is no number.")
    if not begin <= end:
        raise Unreadable(f"The tensor “{name:.60}” ends before it begins.")
    if end > data_size:
        raise Unreadable(f"The file is cut off: the tensor “{name:.60}” is not whole.")
    elements = _product(shape, limit=8 * data_size)
    if elements * bits != 8 * (end - begin):
        raise Unreadable(f"The shape of the tensor “{name:.60}” does not fit its place in the file.")
    return _Tensor(name, dtype, elements, begin, end)


def _are_sizes(numbers: list[object]) -> bool:
    return all(type(number) is int and 0 <= number < 1 << 63 for number in numbers)


def _product(shape: list[int], limit: int) -> int:
    """The number of elements, or some number above `limit`: a hostile shape has a million axes."""
    if 0 in shape:
        return 0
    elements = 1
    for axis in shape:
        elements *= axis
        if elements > limit:
            break
    return elements

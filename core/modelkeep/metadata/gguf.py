"""The header of a `.gguf` file: what llama.cpp and its kin load.

::

    "GGUF", version, number of tensors, number of values
    values:   key, type, value      an array has the type and the number of its elements before them
    tensors:  name, axes, type, offset
    padding up to general.alignment, then the data

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, and llama.cpp's `gguf.cpp` for what is refused:
version 1, arrays in arrays, more than four axes. Every length is checked against the file before it is used, long
arrays (a vocabulary has 150,000 strings) are passed over and not kept.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, NamedTuple

from modelkeep.metadata.reading import Unreadable, open_file, refuse_pointer

__all__ = ["GGML_TYPES", "GgufHeader", "Value", "read_header"]

Value = str | int | float | bool | tuple[str, ...]

# No real header comes near these; they bound what a hostile one can cost.
_LONGEST_HEADER = 64 << 20
_MOST_VALUES = 1 << 16
_MOST_TENSORS = 1 << 17
_LONGEST_KEY = (1 << 16) - 1
_LONGEST_TEXT = 4096
_LONGEST_LIST = 256

_CHUNK = 256 << 10
_MOST_AXES = 4
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

GGML_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""`ggml_type`: name, elements of a block, bytes of a block."""

_FILE_TYPE_NAMES = (
    "F32 F16 Q4_0 Q4_1 Q4_1_SOME_F16 Q4_2 Q4_3 Q8_0 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S "
    "Q5_K_M Q6_K IQ2_XXS IQ2_XS Q2_K_S IQ3_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ3_M IQ2_S IQ2_M IQ4_XS IQ1_M BF16 "
    "Q4_0_4_4 Q4_0_4_8 Q4_0_8_8 TQ1_0 TQ2_0 MXFP4_MOE NVFP4 Q1_0"
)
_FILE_TYPES = dict(enumerate(_FILE_TYPE_NAMES.split()))
"""llama.cpp's `llama_ftype`."""
_GUESSED = 1024  # a flag of llama_ftype


class GgufHeader(NamedTuple):
    """What a header says. `parameters` are elements by type, the most frequent first.

    `values` has the short ones of `general.*` and those of the architecture that say what the model is for.
    """

    version: int
    big_endian: bool
    values: dict[str, Value]
    parameters: tuple[tuple[str, int], ...]
    tensors: int

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    @property
    def quantisation(self) -> str:
        """As llama.cpp names it, Q4_K_M; the type of most weights when the file does not say."""
        number = self.values.get("general.file_type")
        named = _FILE_TYPES.get(number & ~_GUESSED, "") if isinstance(number, int) else ""
        return named or (self.parameters[0][0] if self.parameters else "")

    @property
    def context(self) -> int:
        """The longest text that the model was made for, in tokens; 0 when it is not said."""
        number = self.values.get(f"{self.architecture}.context_length")
        return number if type(number) is int else 0

    @property
    def makes_embeddings(self) -> bool:
        """Whether the model was made to turn a text into a vector, and not to go on with it."""
        of = self.architecture
        return f"{of}.pooling_type" in self.values or self.values.get(f"{of}.attention.causal") is False

    def text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        return value if isinstance(value, tuple) else ()


def read_header(path: str | os.PathLike[str]) -> GgufHeader:
    """Read and check the header of the file at `path`.

    Raises `Unreadable` when it is no GGUF file or cannot be whole, and `OSError` when the file cannot be read.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(64)
        refuse_pointer(start)
        if start[:4] != b"GGUF":
            raise Unreadable("The file does not begin with a GGUF header.")
        version = int.from_bytes(start[4:8], "little")
        # A big-endian file says nothing of it, but its version would be enormous.
        big_endian = version & 0xFFFF == 0
        if big_endian:
            version = int.from_bytes(start[4:8], "big")
        if version not in (2, 3):
            raise Unreadable(f"The file is GGUF of version {version}, which is not known.")
        cursor = _Cursor(file, size, at=8, order=">" if big_endian else "<")
        tensors = cursor.count("Q", _MOST_TENSORS, "tensors")
        values = _read_values(cursor, cursor.count("Q", _MOST_VALUES, "values"))
        alignment = values.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 16:
            raise Unreadable("The header's alignment is not possible.")
        parameters = _read_tensors(cursor, tensors, alignment)
    return GgufHeader(version, big_endian, values, parameters, tensors)


class _Cursor:
    """Goes through a header once, front to back; each step is checked against the end of the file first."""

    def __init__(self, file: BinaryIO, size: int, *, at: int, order: str) -> None:
        self.size = size
        self._file = file
        self._order = order
        self._start = at  # where in the file the buffer begins
        self._buffer = b""
        self._at = 0

    @property
    def position(self) -> int:
        return self._start + self._at

    def number(self, code: str) -> int | float | bool:
        code = self._order + code
        length = struct.calcsize(code)
        self._need(length)
        value: int | float | bool = struct.unpack_from(code, self._buffer, self._at)[0]
        self._at += length
        return value

    def integer(self, code: str) -> int:
        return int(self.number(code))

    def count(self, code: str, most: int, what: str) -> int:
        number = self.integer(code)
        if number > most:
            raise Unreadable(f"The header announces {number:,} {what}.")
        return number

    def text(self, longest: int, what: str) -> str:
        return self.characters(self.count("Q", longest, f"bytes of {what}"))

    def characters(self, length: int) -> str:
        self._need(length)
        self._at += length
        return self._buffer[self._at - length : self._at].decode(errors="replace")

    def skip(self, length: int) -> None:
        self._check(length)
        self._at += length

    def skip_texts(self, count: int) -> None:
        """Pass over `count` strings. A vocabulary has hundreds of thousands: this loop must be fast."""
        self._check(8 * count)
        length_at = struct.Struct(f"{self._order}Q").unpack_from
        while count:
            self._need(8)
            buffer, at, last = self._buffer, self._at, len(self._buffer) - 8
            while count and at <= last:
                at += 8 + length_at(buffer, at)[0]
                count -= 1
            self.skip(at - self._at)

    def _check(self, length: int) -> None:
        end = self.position + length
        if end > self.size:
            raise Unreadable("The file ends within its header.")
        if end > _LONGEST_HEADER:
            raise Unreadable("The header is longer than any real one.")

    def _need(self, length: int) -> None:
        self._check(length)
        if self._at + length > len(self._buffer):
            self._start += self._at
            self._at = 0
            self._file.seek(self._start)
            self._buffer = self._file.read(max(length, _CHUNK))
            if len(self._buffer) < length:
                raise Unreadable("The file ends within its header.")


def _read_values(cursor: _Cursor, count: int) -> dict[str, Value]:
    values: dict[str, Value] = {}
    seen = set()
    for _ in range(count):
        key = cursor.text(_LONGEST_KEY, "a key")
        if key in seen:
            raise Unreadable(f"The header has “{key:.60}” twice.")
        seen.add(key)
        value = _read_value(cursor, cursor.integer("I"))
        if value is not None and _is_wanted(key):
            values[key] = value
    return values


def _is_wanted(key: str) -> bool:
    return key.startswith("general.") or key.endswith(
        (".context_length", ".pooling_type", ".attention.causal")
    )


def _read_value(cursor: _Cursor, kind: int) -> Value | None:
    """The next value; None for one that is too long to be kept."""
    if code := _SCALARS.get(kind):
        return cursor.number(code)
    if kind == _STRING:
        return _read_text(cursor)
    if kind == _ARRAY:
        return _read_array(cursor)
    raise Unreadable(f"The header has a value of the unknown type {kind}.")


def _read_text(cursor: _Cursor) -> str | None:
    length = cursor.integer("Q")
    if length > _LONGEST_TEXT:
        cursor.skip(length)
        return None
    return cursor.characters(length)


def _read_array(cursor: _Cursor) -> tuple[str, ...] | None:
    kind, count = cursor.integer("I"), cursor.integer("Q")
    if code := _SCALARS.get(kind):
        cursor.skip(count * struct.calcsize(f"={code}"))
        return None
    if kind != _STRING:
        raise Unreadable(f"The header has an array of the unknown type {kind}.")
    if count > _LONGEST_LIST:
        cursor.skip_texts(count)
        return None
    return tuple(text for _ in range(count) if (text := _read_text(cursor)) is not None)


def _read_tensors(cursor: _Cursor, count: int, alignment: int) -> tuple[tuple[str, int], ...]:
    """The elements by type, once it is sure that the file is long enough to hold them."""
    counts: dict[str, int] = {}
    end = 0
    for _ in range(count):
        name = cursor.text(_LONGEST_KEY, "a tensor's name")
        elements = 1
        for _ in range(cursor.count("I", _MOST_AXES, f"axes of the tensor “{name:.60}”")):
            elements *= cursor.integer("Q")
        number, offset = cursor.integer("I"), cursor.integer("Q")
        # A type from the future: no type has less than a bit for an element.
        kind, block, length = GGML_TYPES.get(number, (f"type {number}", 8, 1))
        counts[kind] = counts.get(kind, 0) + elements
        end = max(end, offset + -(-elements // block) * length)
    begin = -(-cursor.position // alignment) * alignment
    if count and begin + end > cursor.size:
        missing = begin + end - cursor.size
        raise Unreadable(f"The file is cut off: {missing:,} bytes of its tensors are missing.")
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

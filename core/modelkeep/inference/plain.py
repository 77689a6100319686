"""Values as plain JSON, and back. Reading is strict: what is not exactly what its type says is a `ValueError`.

Frozen dataclasses and named tuples are objects with the names of their fields, an output with its "kind" besides, and
`Progress` the list of its values.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from modelkeep.inference.values import Answered, Embedded, Filled, Generated, Labelled, Output, Tagged
from modelkeep.progress import Progress

__all__ = ["from_plain", "parse", "to_plain", "whole"]

_MOST = 4_000_000  # of whatever there may be several of
_MOST_NUMBER = 1 << 60
_OUTPUTS: dict[str, type] = {
    "labelled": Labelled,
    "tagged": Tagged,
    "filled": Filled,
    "embedded": Embedded,
    "generated": Generated,
    "answered": Answered,
}
_KIND_OF = {kind: name for name, kind in _OUTPUTS.items()}
_Read = Callable[[Any], Any]


def parse(line: bytes) -> Any:
    """The JSON in a line; raises `ValueError` for what is none, and for what Python takes besides."""
    try:
        return json.loads(line, parse_int=_number, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("The line is no message.") from error


def from_plain(kind: Any, value: Any) -> Any:
    """The value of a type that this is; raises `ValueError`."""
    return _reader(kind)(value)


def to_plain(value: Any) -> Any:
    """What JSON can hold of a value."""
    if isinstance(value, Progress):
        return list(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: to_plain(one) for name, one in zip(value._fields, value)}
    if isinstance(value, (tuple, list)):
        # Vectors are long, and their numbers as they have to be.
        return value if value and type(value[0]) is float else [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): to_plain(one) for name, one in value.items()}
    if dataclasses.is_dataclass(value):
        plain = {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"kind": _KIND_OF[type(value)]} | plain if type(value) in _KIND_OF else plain
    return value


_HALVES = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """Text that can be written: Python and JSON can hold halves of characters. It keeps its length."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALVES.sub("\ufffd", text)
    return text


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _number(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) > _MOST_NUMBER:
        raise ValueError("No count is that large.")
    return number


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number.")


@cache
def _reader(kind: Any) -> _Read:
    """What reads a value of a type, and raises `ValueError` for what is none."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is Progress:
        return _read_progress
    if kind == Output:
        return _read_output
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _read_floats if arguments[0] is float else _tuple_reader(_reader(arguments[0]))
    if origin is Mapping:
        return _mapping_reader(_reader(arguments[1]))
    if origin in (Union, types.UnionType):
        inner = _reader(next(one for one in arguments if one is not type(None)))
        return lambda value: None if value is None else inner(value)
    return _object_reader(kind)


def _read_text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("A text is none.")
    return whole(value)


def _read_count(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("A count is none.")
    return value


def _read_float(value: Any) -> float:
    if type(value) not in (float, int) or not math.isfinite(value):
        raise ValueError("A number is none.")
    return float(value)


def _read_bool(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("What should be true or false is neither.")
    return value


_PLAIN: dict[Any, _Read] = {str: _read_text, int: _read_count, float: _read_float, bool: _read_bool}


def _read_floats(value: Any) -> tuple[float, ...]:
    if type(value) is not list or not set(map(type, value)) <= {float, int}:
        raise ValueError("Numbers are none.")
    numbers = tuple(map(float, value))
    if not all(map(math.isfinite, numbers)):
        raise ValueError("A number is none.")
    return numbers


def _tuple_reader(inner: _Read) -> _Read:
    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list or len(value) > _MOST:
            raise ValueError("What should be several is not.")
        return tuple(map(inner, value))

    return read


def _mapping_reader(inner: _Read) -> _Read:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise ValueError("What should have names has none.")
        return {whole(name): inner(one) for name, one in value.items()}

    return read


def _object_reader(kind: type) -> _Read:
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    if dataclasses.is_dataclass(kind):
        needed = {
            field.name
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        }
    else:
        needed = set(readers) - set(getattr(kind, "_field_defaults", ()))

    def read(value: Any) -> Any:
        if type(value) is not dict or not needed <= value.keys() <= readers.keys():
            raise ValueError(f"A {kind.__name__} is none.")
        return kind(**{name: readers[name](one) for name, one in value.items()})

    return read


def _read_output(value: Any) -> Output:
    if type(value) is not dict or not _is_text(value.get("kind")):
        raise ValueError("An output is none.")
    kind = _OUTPUTS.get(value["kind"])
    if kind is None:
        raise ValueError("An output is of no known kind.")
    output = _reader(kind)({name: one for name, one in value.items() if name != "kind"})
    return cast(Output, output)


def _read_progress(value: Any) -> Progress:
    match value:
        case [str(step), int(done), int(total), str(item), str(unit)]:
            return Progress(whole(step), done, total, whole(item), whole(unit))
    raise ValueError("A progress is none.")

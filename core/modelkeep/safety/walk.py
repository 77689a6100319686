"""Walks through a pickle as the interpreter would, without running it: what it would import, call and change.

Of every value only as much is kept as says what comes next: short texts, small tuples and dicts, what was made of
what. Long values are passed over: a pickle with gigabytes of numbers costs no memory.

Sources: `pickletools` for the steps; `joblib.numpy_pickle` for the numbers that it puts between them.
"""

from __future__ import annotations

import math
import pickletools
import re
from collections.abc import Iterator
from typing import NamedTuple, cast

from modelkeep.safety.limits import Budget, CouldNotScan, Stream
from modelkeep.safety.literals import integer_of, text_of

__all__ = ["Import", "Made", "Place", "Walk", "walk"]

_LONG = 1 << 10  # bytes; a longer value is no name, and is passed over
_LONGEST_LINE = 64 << 20  # bytes; in protocol 0 the numbers of an array are one line
_BLOCK = 1 << 20
_MOST_KEPT = 64  # of a container
_DEEPEST = 20

_CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_TEXTS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
)
_BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"})
_NUMBERS = frozenset({"NONE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"})
_PLAIN = _TEXTS | _BYTES | _NUMBERS
_ARRAY = ("joblib.numpy_pickle", "NumpyArrayWrapper")


class Import(NamedTuple):
    """Something that is imported; None where the pickle works out the name, or has it under a number."""

    module: str | None
    name: str | None


class Place(NamedTuple):
    """Bytes or a text of the pickle: where it begins in the file, how long it is."""

    at: int
    length: int
    is_text: bool


class Made:
    """What a call gives."""

    def __init__(self, callee: object, args: object) -> None:
        self.callee = callee
        self.args = args
        self.state: object = None


class _Mark:
    pass


class _Failed(Exception):
    """The interpreter would fail here."""


class _PassedOver(bytes):
    """Stands for bytes that were passed over."""

    length = 0

    def __len__(self) -> int:
        return self.length


class Walk:
    """What a pickle would do, as far as the interpreter would come; it lies in the file from `start` to `end`."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.stopped = False
        self.calls = False
        self.imports: dict[Import, None] = {}
        self.by_number = False
        self.hidden = False
        """It imports something whose name is no plain text in it."""
        self.changes: dict[Import, None] = {}
        """What it imports and then changes itself."""
        self.made: list[Made] = []
        """Calls of what is imported with something to be read as the next pickle."""
        self.has_arrays = False
        self.first: object = None
        """The first number."""
        self.reached = start
        self.trouble: CouldNotScan | None = None
        """Why it was not walked to its end."""

    @property
    def imports_by_name(self) -> bool:
        return any(imported.name is not None for imported in self.imports) or self.hidden


class _Reader:
    """What the readers of `pickletools` read from; passes over long values."""

    def __init__(self, stream: Stream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self.at = stream.tell()

    def read(self, size: int) -> bytes:
        if size <= _LONG:
            return self._moved(self._stream.read(size))
        left = size
        while left > 0 and (block := self._stream.read(min(_BLOCK, left))):
            self._budget.tick()
            left -= len(block)
        self.at += size - left
        if left:
            return b""
        passed = _PassedOver()
        passed.length = size
        return passed

    def readline(self) -> bytes:
        return self._moved(self._stream.readline(_LONGEST_LINE))

    def skip_to(self, at: int) -> None:
        self._stream.seek(at)
        self.at = at

    def _moved(self, block: bytes) -> bytes:
        self.at += len(block)
        return block


def walk(stream: Stream, budget: Budget, *, joblib: bool = True, depth: int = 0) -> Walk:
    """Walk through the pickle that begins where `stream` stands. `joblib`: numbers may lie between its steps."""
    runner = _Runner(stream, budget, joblib, depth)
    runner.run()
    return runner.walk


class _Runner:
    """The state of the interpreter: its stack and its memo."""

    def __init__(self, stream: Stream, budget: Budget, joblib: bool, depth: int) -> None:
        self.stream = stream
        self.reader = _Reader(stream, budget)
        self.budget = budget
        self.joblib = joblib
        self.depth = depth
        self.walk = Walk(stream.tell())
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}

    def run(self) -> None:
        """As far as it goes."""
        try:
            for opcode, value, before in self._steps():
                self.budget.operation()
                self._do(opcode, value, before)
                self.walk.end = self.reader.at
                if opcode.name == "STOP":
                    self.walk.stopped = True
                    break
        except (_Failed, IndexError):
            pass
        except CouldNotScan as trouble:
            self.walk.trouble = trouble
        self.walk.reached = self.reader.at

    def _steps(self) -> Iterator[tuple[pickletools.OpcodeInfo, object, int]]:
        while code := self.reader.read(1):
            opcode = pickletools.code2op.get(code.decode("latin-1"))  # type: ignore[attr-defined]
            if opcode is None:
                return
            before = self.reader.at
            try:
                value = self._argument(opcode)
            except (ValueError, IndexError, OverflowError, MemoryError, TypeError):
                # The readers say in these ways that the bytes are no step. What was walked before is judged.
                return
            yield opcode, value, before

    def _argument(self, opcode: pickletools.OpcodeInfo) -> object:
        """What a step has behind it. `pickletools` refuses some of what the interpreter takes; this does not."""
        match opcode.name:
            case "GLOBAL" | "INST":
                return self._line(), self._line()
            case "STRING":
                return text_of(self._line())
            case "INT" | "LONG":  # in any base
                line = self._line()
                return integer_of(line)
            case "GET" | "PUT":
                return int(self._line().partition("\0")[0])  # C reads as far as a NUL
            case "FLOAT" | "PERSID":
                return self._line()
        return opcode.arg.reader(cast(Stream, self.reader)) if opcode.arg else None

    def _line(self) -> str:
        line = self.reader.readline()
        if not line.endswith(b"\n"):
            raise ValueError
        return line[:-1].decode("utf-8", "surrogateescape")

    # ---- what the steps do

    def _do(self, opcode: pickletools.OpcodeInfo, value: object, before: int) -> None:
        self._carry_out(opcode, value, before)
        self.walk.calls |= opcode.name in _CALLS and bool(self.walk.imports)

    def _carry_out(self, opcode: pickletools.OpcodeInfo, value: object, before: int) -> None:
        name, stack, found = opcode.name, self.stack, self.walk
        if name in _PLAIN:
            self._push(name, value, before)
            return
        match name:
            case "MARK":
                stack.append(_Mark)
            case "POP":  # which takes a mark too
                stack.pop()
            case "POP_MARK":
                self._to_mark()
            case "DUP":
                stack.append(stack[-1])
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self.memo[_number(value)] = stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                if _number(value) not in self.memo:
                    raise _Failed
                stack.append(self.memo[_number(value)])
            case "GLOBAL" | "INST":
                assert isinstance(value, tuple)
                imported = self._import(*value)
                stack.append(Made(imported, self._to_mark()) if name == "INST" else imported)
            case "STACK_GLOBAL":
                called, module = stack.pop(), stack.pop()
                stack.append(self._import(module, called))
            case "EXT1" | "EXT2" | "EXT4":
                found.by_number = True
                stack.append(Import(None, None))
                found.imports[Import(None, None)] = None
            case "REDUCE" | "NEWOBJ":
                args, callee = stack.pop(), stack.pop()
                self._made(callee, args)
            case "NEWOBJ_EX":
                names, args, callee = stack.pop(), stack.pop(), stack.pop()
                self._made(callee, (args, names))
            case "OBJ":
                callee, *rest = self._to_mark() or [None]
                self._made(callee, tuple(rest))
            case "BUILD":
                self._build(stack.pop(), stack[-1])
            case "TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3" | "EMPTY_TUPLE":
                count = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}.get(name)
                items = self._to_mark() if count is None else [stack.pop() for _ in range(count)][::-1]
                stack.append(tuple(items[:_MOST_KEPT]))
            case "EMPTY_DICT":
                stack.append({})
            case "DICT":
                made: dict[object, object] = {}
                _put(made, self._to_mark())
                stack.append(made)
            case "SETITEM":
                item, key = stack.pop(), stack.pop()
                _put(stack[-1], [key, item])
            case "SETITEMS":
                items = self._to_mark()
                _put(stack[-1], items)
            case "APPEND":
                stack.pop()
            case "APPENDS" | "ADDITEMS":
                self._to_mark()
            case _:
                self._other(opcode)

    def _other(self, opcode: pickletools.OpcodeInfo) -> None:
        """A step of which only matters what it takes and leaves."""
        before = opcode.stack_before
        if pickletools.markobject in before:
            self._to_mark()
            before = before[: before.index(pickletools.markobject)]
        for _ in before:
            self.stack.pop()
        self.stack += [None for _ in opcode.stack_after]

    def _to_mark(self) -> list[object]:
        if _Mark not in self.stack:
            raise _Failed
        items = []
        while (item := self.stack.pop()) is not _Mark:
            items.append(item)
        return items[::-1]

    def _push(self, name: str, value: object, before: int) -> None:
        if name in _NUMBERS:
            self.stack.append(value)
            if self.walk.first is None:
                self.walk.first = value
            return
        if isinstance(value, str) and self.reader.at - before <= _LONG:
            self.stack.append(value)
            return
        at = before + (8 if name.endswith("8") else 1 if name.startswith("SHORT") else 4)
        in_lines = name in ("STRING", "UNICODE")
        self.stack.append(Place(at, 0 if in_lines else self.reader.at - at, name in _TEXTS))

    def _import(self, module: object, name: object) -> Import:
        if isinstance(module, str) and isinstance(name, str):
            if not all(part.isidentifier() for part in (module + "." + name).split(".")):
                return Import(None, None)  # nothing has such a name; who loads it may go on all the same
            imported = Import(module, name)
        elif not all(isinstance(one, (str, Made, Import)) for one in (module, name)):
            raise _Failed  # that is no text
        else:
            imported = Import(None, None)
            self.walk.hidden = True
        self.walk.imports[imported] = None
        return imported

    def _made(self, callee: object, args: object) -> None:
        made = Made(callee, args)
        self.stack.append(made)
        if isinstance(callee, Import) and callee.name == "_load_from_bytes":
            self.walk.made.append(made)

    def _build(self, state: object, target: object) -> None:
        if isinstance(target, Import):
            self.walk.changes[target] = None
        if not isinstance(target, Made):
            return
        target.state = state
        if self.joblib and isinstance(target.callee, Import) and target.callee == _ARRAY:
            self.walk.has_arrays = True
            self._pass_array(state)

    def _pass_array(self, state: object) -> None:
        """The numbers of an array, which joblib writes behind the object that describes it."""
        fields = state if isinstance(state, dict) else {}
        kind = _array_kind(fields.get("dtype"))
        shape = fields.get("shape")
        if kind is None or not isinstance(shape, tuple) or not all(isinstance(one, int) for one in shape):
            raise CouldNotScan("It has an array of joblib's whose numbers cannot be told from its pickle.")
        at = self.reader.at
        if kind == 0:  # objects, which are a pickle
            if self.depth >= _DEEPEST:
                raise CouldNotScan("It has pickles in pickles, too deep to be looked at.")
            inner = walk(self.stream, self.budget, depth=self.depth + 1)
            self.walk.imports |= inner.imports
            self.walk.changes |= inner.changes
            self.walk.made += inner.made
            self.walk.calls |= inner.calls
            self.walk.by_number |= inner.by_number
            self.walk.hidden |= inner.hidden
            if inner.trouble:
                raise inner.trouble
            self.reader.skip_to(inner.end)
            return
        if fields.get("numpy_array_alignment_bytes") is not None:
            padding = self.reader.read(1)
            at += 1 + (padding[0] if padding else 0)
        self.reader.skip_to(at + kind * math.prod(shape))


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise _Failed
    return value


def _put(target: object, items: list[object]) -> None:
    """Keys and values by turns into a dict, if it is one that is kept."""
    if isinstance(target, dict):
        for key, value in zip(items[::2], items[1::2], strict=False):
            if isinstance(key, str) and len(target) < _MOST_KEPT:
                target[key] = value


def _array_kind(dtype: object) -> int | None:
    """Bytes of an item of an array, by what its `dtype` is made of; 0 for objects, None where that is not plain."""
    if not isinstance(dtype, Made) or not isinstance(dtype.callee, Import):
        return None
    if dtype.callee != ("numpy", "dtype") or not isinstance(dtype.args, tuple) or not dtype.args:
        return None
    kind = re.fullmatch(r"[|<>=]?([biufcSUVOMm])(\d{1,6})", str(dtype.args[0]))
    if kind is None:
        return None
    if kind[1] == "O":
        return 0
    if kind[1] == "V" and not (isinstance(dtype.state, tuple) and dtype.state[3:5] == (None, None)):
        return None  # fields, of which some may be objects
    return int(kind[2]) * (4 if kind[1] == "U" else 1) or None

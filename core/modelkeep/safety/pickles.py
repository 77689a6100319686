"""What a pickle would import and call when something loads it, without loading it.

A pickle is a program. It is walked step by step, as the interpreter would run it, with what it leaves on the stack
counted and nothing kept; picklescan then says what its imports are. Long values are passed over: a pickle with
gigabytes of numbers costs no memory.

Sources: `pickletools` for the steps; `torch.serialization` for the five pickles of its legacy format, before the raw
numbers.
"""

from __future__ import annotations

import io
import logging
import os
import pickletools
from collections.abc import Iterator
from typing import NamedTuple

from modelkeep.safety.limits import Budget, CouldNotScan, Stream
from modelkeep.safety.verdict import Finding, Verdict

__all__ = ["is_marked", "may_be_pickle", "scan_pickles"]

_LONG = 1 << 10  # bytes; a longer value is no name, and is passed over
_LONGEST_LINE = 64 << 20  # bytes; in protocol 0 the numbers of an array are one line
_CONDENSED = 64 << 20
_BLOCK = 1 << 20
_MOST_PICKLES = 1000
_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_TORCH_PICKLES = 5
_STARTS = frozenset(ord(code.code) for code in pickletools.opcodes)

_IMPORTS = frozenset({"GLOBAL", "INST", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"})
_CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})

# What picklescan does not know and checkpoints have: plain data of PyTorch and NumPy that calls nothing else.
_HARMLESS = {
    "__builtin__": {"bytearray", "complex", "frozenset", "object", "set", "slice"},
    "builtins": {"bytearray", "complex", "frozenset", "object", "set", "slice"},
    "_codecs": {"encode"},
    "argparse": {"Namespace"},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "numpy": {"bool_", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint8"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "numpy.core.numeric": {"_frombuffer"},
    "pathlib": {"Path", "PosixPath", "PurePosixPath", "WindowsPath"},
    "torch": {
        *("Size", "Tensor", "device", "dtype", "layout"),
        *("bfloat16", "bool", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint8"),
    },
    "torch._tensor": {"_rebuild_from_type_v2"},
    "torch._utils": {
        *("_rebuild_device_tensor_from_numpy", "_rebuild_parameter", "_rebuild_parameter_with_state"),
        *("_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_tensor", "_rebuild_tensor_v2"),
    },
    "torch.nn.parameter": {"Buffer", "Parameter"},
    "torch.serialization": {"_get_layout"},
    "torch.storage": {"TypedStorage", "UntypedStorage"},
}


class _Passed(bytes):
    """Stands for `length` bytes that were passed over."""

    length: int

    def __new__(cls, length: int) -> _Passed:
        passed = super().__new__(cls)
        passed.length = length
        return passed

    def __len__(self) -> int:
        return self.length


class _Reader:
    """What `pickletools` reads from: passes over long values, and keeps the bytes of the step it is at."""

    def __init__(self, stream: Stream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self.at = stream.tell()
        self.step = bytearray()
        self.passed = False

    def tell(self) -> int:
        return self.at

    def read(self, size: int) -> bytes:
        if size <= _LONG:
            return self._keep(self._stream.read(size))
        left = size
        while left > 0 and (block := self._stream.read(min(_BLOCK, left))):
            self._budget.tick()
            left -= len(block)
        self.at += size - left
        self.passed = True
        return b"" if left else _Passed(size)

    def readline(self) -> bytes:
        return self._keep(self._stream.readline(_LONGEST_LINE))

    def _keep(self, block: bytes) -> bytes:
        self.at += len(block)
        self.step += block
        return block

    def take(self, name: str) -> bytes:
        """The bytes of the step of that name, which was read; None's in place of a long value."""
        long = self.passed or len(self.step) > 2 * _LONG
        if long and name in _IMPORTS:
            raise CouldNotScan("A pickle imports something with a name that is too long to be one.")
        taken = b"N" if long else bytes(self.step)
        self.step.clear()
        self.passed = False
        return taken


class _Walk(NamedTuple):
    """A pickle as far as the interpreter would come. `condensed` are its steps without long values."""

    condensed: bytes
    end: int
    stopped: bool
    imports: bool
    calls: bool
    extensions: bool
    named: bool
    first: object


def is_marked(head: bytes) -> bool:
    """Whether it begins as pickles of protocol 2 and later do."""
    return head[:1] == b"\x80" and b"\0" <= head[1:2] <= b"\x05"


def may_be_pickle(head: bytes) -> bool:
    """Whether what begins so may be a pickle, of any protocol: the interpreter would not fail in the beginning."""
    if not head or head[0] not in _STARTS:
        return False
    walk = _walk(io.BytesIO(head), Budget())
    return walk.stopped or walk.imports or walk.end >= len(head)


def scan_pickles(
    stream: Stream, budget: Budget, where: str = "", *, expected: bool = False, likely: bool = False
) -> list[Finding]:
    """What the pickles say that lie in `stream` one after another, from where it stands.

    `expected`: the name says that it is a pickle, so what cannot be read could not be scanned; else it is none.
    `likely`: the name allows it, so an import is one; a text, which may begin as one, has to call something too.
    """
    findings: list[Finding] = []
    start = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    at, is_torch, count = start, False, 0
    while at < size:
        stream.seek(at)
        walk = _walk(stream, budget)
        stream.seek(at)
        marked = is_marked(stream.read(2))
        if not walk.stopped and not (walk.imports and (marked or likely or walk.calls)):
            # The interpreter fails before anything is imported. Numbers after the last pickle are not looked at.
            if expected and count == 0:
                findings.append(_unreadable(where))
            elif count and not is_torch and expected:
                findings.append(_unread_rest(where))
            break
        findings += _judged(walk, where)
        if not walk.stopped:
            findings.append(_unreadable(where))
            break
        count += 1
        is_torch |= count == 1 and walk.first == _TORCH_MAGIC
        at = walk.end
        if is_torch and count == _TORCH_PICKLES:
            break
        if count >= _MOST_PICKLES:
            raise CouldNotScan(f"It has more than the {_MOST_PICKLES:,} pickles that are looked at.")
    return list(dict.fromkeys(findings))


def _walk(stream: Stream, budget: Budget) -> _Walk:
    reader = _Reader(stream, budget)
    condensed = bytearray()
    stack: list[bool] = []  # for each thing, whether it is a mark
    imports = calls = extensions = named = stopped = False
    first: object = None
    for opcode, value in _steps(reader):
        budget.operation()
        condensed += reader.take(opcode.name)
        if len(condensed) > _CONDENSED:
            raise CouldNotScan("A pickle is longer than what is looked at.")
        if not _apply(opcode, stack):
            break
        first = value if first is None and isinstance(value, int) and opcode.name != "PROTO" else first
        imports |= opcode.name in _IMPORTS
        calls |= imports and opcode.name in _CALLS
        extensions |= opcode.name.startswith("EXT")
        named |= opcode.name in _IMPORTS and not opcode.name.startswith("EXT")
        stopped = opcode.name == "STOP"
    return _Walk(bytes(condensed), reader.at, stopped, imports, calls, extensions, named, first)


def _steps(reader: _Reader) -> Iterator[tuple[pickletools.OpcodeInfo, object]]:
    try:
        for opcode, value, _ in pickletools.genops(reader):  # type: ignore[arg-type]
            yield opcode, value
    except (ValueError, IndexError, OverflowError, MemoryError, TypeError):
        # `pickletools` says in these ways that the bytes are no step. What was walked before is judged.
        return


def _apply(opcode: pickletools.OpcodeInfo, stack: list[bool]) -> bool:
    """Do to the stack what the step does; whether the interpreter could."""
    before = opcode.stack_before
    if opcode.name == "POP":  # which takes a mark too
        if stack:
            stack.pop()
        return True
    if pickletools.markobject in before:
        if True not in stack:
            return False
        while not stack.pop():
            pass
        taken = before.index(pickletools.markobject)
    else:
        taken = len(before)
    if len(stack) < taken:
        return False
    del stack[len(stack) - taken :]
    stack += [kind is pickletools.markobject for kind in opcode.stack_after]
    return True


def _judged(walk: _Walk, where: str) -> list[Finding]:
    if not walk.imports:
        return []
    findings = []
    if walk.extensions:
        sentence = "A pickle calls something by a number, which only the program that loads it knows."
        findings.append(Finding("pickle", Verdict.SUSPICIOUS, sentence, where))
        if not walk.named:
            return findings
    unknown = _flagged(walk.condensed, strict=True)
    dangerous = _flagged(walk.condensed, strict=False) if unknown else set()
    for module, name in sorted(unknown | dangerous):
        called = f"{module}.{name}"[:200]
        if (module, name) in dangerous:
            sentence = (
                f"A pickle imports “{called}” when it is loaded, which can run commands or reach files."
            )
            findings.append(Finding("pickle", Verdict.DANGEROUS, sentence, where))
        elif name not in _HARMLESS.get(module, ()):
            sentence = f"A pickle imports “{called}” when it is loaded, which is not known to be harmless."
            findings.append(Finding("pickle", Verdict.SUSPICIOUS, sentence, where))
    return findings


def _flagged(pickled: bytes, *, strict: bool) -> set[tuple[str, str]]:
    """What picklescan finds dangerous; when `strict`, everything that it does not know to be harmless."""
    from picklescan.scanner import SafetyLevel, scan_pickle_bytes  # type: ignore[import-untyped]

    logger = logging.getLogger("picklescan")  # it tells on standard error what we say ourselves
    logger.disabled = True
    try:
        result = scan_pickle_bytes(io.BytesIO(pickled), "", multiple_pickles=False, strict=strict)
    except Exception as error:  # whatever it stumbles over
        raise CouldNotScan(f"picklescan cannot read it ({type(error).__name__}).") from error
    if not result.globals:
        raise CouldNotScan("picklescan does not see what a pickle imports.")
    return {(one.module, one.name) for one in result.globals if one.safety is SafetyLevel.Dangerous}


def _unreadable(where: str) -> Finding:
    sentence = "It should be a pickle, and could not be read to its end."
    return Finding("pickle", Verdict.COULD_NOT_SCAN, sentence, where)


def _unread_rest(where: str) -> Finding:
    sentence = "What comes after the last pickle could not be read."
    return Finding("pickle", Verdict.COULD_NOT_SCAN, sentence, where)

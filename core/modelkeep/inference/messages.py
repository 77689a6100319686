"""The lines of JSON between a worker and who asks it; docs/inference.md describes them.

What a worker says may come from somebody else's code, so that reading is strict: a value that is not exactly what its
type says is a `ValueError`, whatever it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple, cast

from modelkeep import errors
from modelkeep.inference.outcome import Device
from modelkeep.inference.plain import from_plain, parse, to_plain, whole
from modelkeep.inference.values import LoadedModel, LoadRequest, Output, Task, TryInputs, TryOptions
from modelkeep.progress import Progress

__all__ = [
    "LONGEST",
    "PROTOCOL",
    "Answer",
    "Cancel",
    "Exit",
    "Failed",
    "Hello",
    "Load",
    "Loaded",
    "Ran",
    "Request",
    "Run",
    "Said",
    "Stepped",
    "Stop",
    "TooLong",
    "Tried",
    "Warm",
    "Warmed",
    "as_error",
    "decode_answer",
    "decode_request",
    "encode",
]

PROTOCOL = 1
LONGEST = 32 << 20  # bytes of a line


class TooLong(ValueError):
    """A message that is longer than a line may be."""


# ---- requests


class Warm(NamedTuple):
    """Import the frameworks, so that the next load need not."""

    id: int


class Load(NamedTuple):
    """Load a model; a worker loads one."""

    id: int
    request: LoadRequest


class Run(NamedTuple):
    """Ask the model."""

    id: int
    task: Task
    inputs: TryInputs
    options: TryOptions = TryOptions()


class Stop(NamedTuple):
    """End a run at its next token, with what there is."""

    id: int


class Cancel(NamedTuple):
    """End a load or a run as soon as it can: nobody wants the answer."""

    id: int


class Exit(NamedTuple):
    """End, once all that was asked before is answered."""


# ---- answers


class Hello(NamedTuple):
    """The first that a worker says. `walls` are as those of `Confined`."""

    protocol: int
    python: str
    packages: Mapping[str, str]
    walls: tuple[str, ...]


class Warmed(NamedTuple):
    """The frameworks are imported; where models can run."""

    id: int
    devices: tuple[Device, ...] = ()


class Stepped(NamedTuple):
    """How far a load or a run is."""

    id: int
    progress: Progress


class Loaded(NamedTuple):
    """A model is there. Seconds, and bytes that the worker holds and held at most."""

    id: int
    model: LoadedModel
    seconds: float
    memory: int = 0
    peak: int = 0


class Said(NamedTuple):
    """A piece of text, as it comes."""

    id: int
    text: str


class Ran(NamedTuple):
    """The answer. `stopped`: a `Stop` came before."""

    id: int
    outputs: tuple[Output, ...]
    tokens: int
    seconds: float
    memory: int = 0
    peak: int = 0
    stopped: bool = False
    notes: tuple[str, ...] = ()


class Failed(NamedTuple):
    """There is no answer. `kind` is the name of an error of `modelkeep.errors`, or "Cancelled"."""

    id: int
    kind: str
    sentence: str
    hint: str = ""
    memory: int = 0
    peak: int = 0


class Tried(NamedTuple):
    """A network address that something wanted to reach, and could not."""

    address: str


Request = Warm | Load | Run | Stop | Cancel | Exit
Answer = Hello | Warmed | Stepped | Loaded | Said | Ran | Failed | Tried

_REQUESTS: dict[str, type] = {
    "warm": Warm,
    "load": Load,
    "run": Run,
    "stop": Stop,
    "cancel": Cancel,
    "exit": Exit,
}
_ANSWERS: dict[str, type] = {
    "hello": Hello,
    "warmed": Warmed,
    "progress": Stepped,
    "loaded": Loaded,
    "text": Said,
    "result": Ran,
    "error": Failed,
    "tried": Tried,
}
# Bound now, since code of a model may put something else in the place of `json.dumps`.
_as_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_NAME_OF = {kind: name for names in (_REQUESTS, _ANSWERS) for name, kind in names.items()}


def encode(message: Request | Answer) -> bytes:
    """A message as a line; raises `ValueError` for numbers that JSON has not, and for what is too long."""
    field = "do" if type(message) in _REQUESTS.values() else "say"
    said = {field: _NAME_OF[type(message)]} | to_plain(message)
    try:
        text = _as_json(said)
    except (RecursionError, TypeError) as error:
        raise ValueError(f"That is no message ({error}).") from error
    line = whole(text).encode() + b"\n"
    if len(line) > LONGEST:
        raise TooLong(f"That is {len(line):,} bytes long, and {LONGEST:,} is the most.")
    return line


def decode_request(line: bytes) -> Request:
    """What a line asks; raises `ValueError`."""
    return cast(Request, _decode(line, "do", _REQUESTS))


def decode_answer(line: bytes) -> Answer:
    """What a line says; raises `ValueError`."""
    return cast(Answer, _decode(line, "say", _ANSWERS))


def as_error(failed: Failed) -> Exception:
    """The error of a worker as one of ours."""
    if failed.kind == "Cancelled":
        return errors.Cancelled()
    kind = getattr(errors, failed.kind, None) if failed.kind in errors.__all__ else None
    if not (isinstance(kind, type) and issubclass(kind, errors.ModelKeepError)):
        kind = errors.InferenceError
    return kind(failed.sentence, hint=failed.hint)


def _decode(line: bytes, field: str, kinds: Mapping[str, type]) -> object:
    if len(line) > LONGEST:
        raise ValueError("The line is too long.")
    said = parse(line)
    name = said.pop(field, None) if isinstance(said, dict) else None
    if not isinstance(name, str) or name not in kinds:
        raise ValueError(f"The line has no “{field}” that is known.")
    return from_plain(kinds[name], said)

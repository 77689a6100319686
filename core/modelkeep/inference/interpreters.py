"""What a Python on this machine has for running models."""

from __future__ import annotations

import os
import queue
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from modelkeep.confined.process import ConfinedProcess, own_interpreter
from modelkeep.errors import InferenceError, RuntimeMissing
from modelkeep.inference.outcome import Device, Interpreter
from modelkeep.inference.plain import from_plain, parse
from modelkeep.inference.values import Backend
from modelkeep.progress import Progress, Report, ignore

__all__ = ["inspect_interpreter", "lacks"]

_OLDEST = (3, 11)
_SECONDS = 120.0  # importing torch from a slow disk
_TICK = 0.1
_PROBE = Path(__file__).parent / "child" / "probe.py"
_CHOOSE = "Choose a program like python3, such as bin/python in an environment."


class _Need(NamedTuple):
    """A package, the oldest release of it that will do, and the first that will not ("" for none)."""

    name: str
    oldest: str
    before: str = ""

    def is_met(self, version: str) -> bool:
        return _release(version) >= _release(self.oldest) and (
            not self.before or _release(version) < _release(self.before)
        )

    def __str__(self) -> str:
        return f"{self.name}>={self.oldest}" + (f",<{self.before}" if self.before else "")


# As in pyproject.toml.
_TORCH = (_Need("torch", "2.6"), _Need("transformers", "5", "6"))
_NEEDS: Mapping[Backend, tuple[_Need, ...]] = {
    Backend.TRANSFORMERS: _TORCH,
    Backend.SENTENCES: _TORCH,
    Backend.GGUF: (_Need("llama-cpp-python", "0.3.2"),),
    Backend.ONNX: (_Need("onnxruntime", "1.20"), _Need("tokenizers", "0.21")),
}
_EXTRA = {Backend.GGUF: "gguf", Backend.ONNX: "onnx"}

_known: dict[tuple[str, tuple[int, ...]], Interpreter] = {}
_lock = threading.Lock()


def inspect_interpreter(
    path: str | os.PathLike[str] = "", *, again: bool = False, report: Report = ignore
) -> Interpreter:
    """What the Python at `path` has, "" for the one that runs Modelkeep. Raises nothing but what `report` raises.

    It starts that Python, which imports torch to find the devices: this may take seconds. What was found is known
    until the program changes, or what is installed for it, or `again`. Its `problem` is about models of transformers;
    see `lacks` for others.
    """
    given = os.fspath(path)
    try:
        program = given or own_interpreter()
    except RuntimeMissing as error:
        return Interpreter(given, problem=str(error), hint=error.hint)
    if problem := _not_a_program(program):
        return Interpreter(given, problem=problem, hint=_CHOOSE)
    mark = (program, _stamp(program))
    with _lock:
        known = _known.get(mark)
    if known is None or again:
        known = _probed(program, report)
        with _lock:
            _known[mark] = known
    return Interpreter(given, known.version, known.packages, known.devices, known.problem, known.hint)


def lacks(interpreter: Interpreter, backend: Backend) -> tuple[str, str]:
    """Why an interpreter cannot run models of a kind, and what to do; ("", "") when it can."""
    if not interpreter.version or _release(interpreter.version) < _OLDEST:
        return interpreter.problem, interpreter.hint
    needs = _NEEDS[backend]
    missing = [need for need in needs if need.name not in interpreter.packages]
    wrong = [
        need for need in needs if need not in missing and not need.is_met(interpreter.packages[need.name])
    ]
    if not missing and not wrong:
        return "", ""
    place = interpreter.path or "the Python that runs Modelkeep"
    problems = [f"{' and '.join(need.name for need in missing)} not installed"] if missing else []
    for need in wrong:
        version = interpreter.packages[need.name]
        is_old = _release(version) < _release(need.oldest)
        problems.append(f"{need.name} {version} too {'old' if is_old else 'new'}")
    wanted = " ".join(f"'{need}'" for need in (*missing, *wrong))
    if interpreter.path:
        hint = f"Install it there: {interpreter.path} -m pip install {wanted}"
    else:
        hint = f"Install it: pip install 'modelkeep[{_EXTRA.get(backend, 'inference')}]'"
    return f"{place[:1].upper()}{place[1:]} cannot run this: {', '.join(problems)}.", hint


def _release(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _not_a_program(path: str) -> str:
    if not os.path.exists(path):
        return f"There is no file {path}."
    if os.path.isdir(path):
        return f"{path} is a folder, not a program."
    return "" if os.access(path, os.X_OK) else f"{path} is not a program that may be run."


def _stamp(program: str) -> tuple[int, ...]:
    """What changes when the program does, or what is installed for it."""
    environment = Path(program).parent.parent
    places = [Path(program), environment / "pyvenv.cfg"]
    places += sorted(
        [*environment.glob("lib/python3*/site-packages"), *environment.glob("Lib/site-packages")]
    )
    found = []
    for place in places:
        try:
            found.append(place.stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def _probed(program: str, report: Report) -> Interpreter:
    try:
        process = ConfinedProcess([str(_PROBE)], interpreter=program)
    except InferenceError:
        return Interpreter(program, problem=f"{program} is not a Python.", hint=_CHOOSE)
    try:
        deadline = time.monotonic() + _SECONDS
        known = _line(process, deadline, report)
        more = _line(process, deadline, report) if known else None
    finally:
        process.end()
    try:
        version = from_plain(str, (known or {}).get("version"))
        packages = from_plain(Mapping[str, str], (known or {}).get("packages"))
    except ValueError:
        return Interpreter(program, problem=f"{program} is not a Python.", hint=_CHOOSE)
    if _release(version) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        return Interpreter(
            program,
            version,
            packages,
            problem=f"{program} is Python {version}, and running models takes {oldest} or newer.",
            hint="Choose a newer one.",
        )
    devices, crashed = _devices(more)
    found = Interpreter(program, version, packages, devices)
    problem, hint = lacks(found, Backend.TRANSFORMERS)
    if not problem and crashed:
        problem, hint = (
            f"Its torch cannot be imported ({crashed}).",
            "See whether it works in a Python prompt.",
        )
    return Interpreter(program, version, packages, devices, problem, hint)


def _line(process: ConfinedProcess, deadline: float, report: Report) -> dict[str, object] | None:
    """The next line of the probe, None when there is none, or not in time."""
    while time.monotonic() < deadline:
        report(Progress("Looking at the Python that runs models"))
        try:
            line = process.next_line(_TICK)
        except queue.Empty:
            continue
        try:
            said = parse(line) if line else None
        except ValueError:
            return None
        return said if isinstance(said, dict) else None
    return None


def _devices(said: dict[str, object] | None) -> tuple[tuple[Device, ...], str]:
    """The devices that the probe found, and why it found none."""
    if said is None:
        return (), "it crashed, or took too long"
    try:
        rows = said.get("devices")
        devices = tuple(
            from_plain(Device, dict(zip(Device._fields, row)))
            for row in (rows if isinstance(rows, list) else ())
        )
        return devices, from_plain(str, said.get("problem"))[:300]
    except (ValueError, TypeError):
        return (), "it said nothing that can be read"

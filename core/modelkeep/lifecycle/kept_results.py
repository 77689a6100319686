"""The result of a prediction in a file: plain values as JSON, or the bytes that its own class makes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from modelkeep.disk import disk_errors, write_atomically
from modelkeep.errors import JobFailed

__all__ = ["read_result", "write_result"]

_FILE = "result"


def write_result(result: object, folder: Path) -> str:
    """Keep it; returns what `read_result` has to know of it. Raises `TypeError` for what cannot be kept."""
    kind = type(result)
    if hasattr(result, "to_binary_buffer") and hasattr(kind, "from_binary_buffer"):
        name, content = f"{kind.__module__}:{kind.__qualname__}", bytes(result.to_binary_buffer())
    else:
        name, content = "json", json.dumps(_plain(result)).encode()
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / _FILE, content)
    return name


def read_result(folder: Path, kind: str) -> Any:
    """What was kept. A class of its own has to be loaded in this process already: nothing is imported by its name.

    Values with named fields, as answers of models, come back as mappings. Raises `JobFailed` when it cannot be read.
    """
    file = folder / _FILE
    try:
        content = file.read_bytes()
    except OSError as error:
        raise JobFailed(f"The result in {file} cannot be read ({error.strerror}).") from error
    if kind == "json":
        return json.loads(content)
    module, _, name = kind.partition(":")
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise JobFailed(
            f"The result is of {module}.{name}, which is not loaded.", hint=f"Import {module} first."
        )
    return found.from_binary_buffer(content)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(
        f"A {type(value).__name__} cannot be kept: results are plain values, or have to_binary_buffer and "
        "from_binary_buffer."
    )

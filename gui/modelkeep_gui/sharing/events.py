"""What the serving process says, a JSON object on each line (docs/serve.md). What is not known is passed over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

__all__ = ["Client", "Listening", "Stopped", "Transferred", "read_event", "read_problem", "read_warning"]

_WARNING = "Warning: "


@dataclass(frozen=True)
class Listening:
    """Others can come. `environment` is what they set."""

    url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    repositories: int = 0


@dataclass(frozen=True)
class Transferred:
    """A file was fetched or a commit was pushed, by whom; `at` in seconds since the epoch, 0.0 when not said."""

    pushed: bool
    address: str
    name: str
    repo_id: str
    path: str
    size: int
    at: float = 0.0


class Client(NamedTuple):
    """Who is or was a moment ago connected: bytes and files so far, and what is on its way to them now."""

    address: str
    name: str
    size: int
    files: int
    now: str


@dataclass(frozen=True)
class Stopped:
    """The server ended as it was told to."""


def read_event(line: bytes) -> Listening | Transferred | Stopped | tuple[Client, ...] | None:
    """What a line says; None for what says nothing to us."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict):
        return None
    match event.get("event"):
        case "listening":
            variables = event.get("environment")
            kept = {str(k): str(v) for k, v in variables.items()} if isinstance(variables, dict) else {}
            return Listening(str(event.get("url", "")), kept, _number(event.get("repositories")))
        case "fetched" | "pushed" as kind:
            return _transferred(event, pushed=kind == "pushed")
        case "clients":
            clients = event.get("clients")
            return (
                tuple(_client(c) for c in clients if isinstance(c, dict)) if isinstance(clients, list) else ()
            )
        case "stopped":
            return Stopped()
    return None


def read_problem(lines: list[str]) -> tuple[str, str]:
    """The sentence and the hint of what a command wrote to standard error before it ended."""
    sentence = hint = ""
    for line in lines:
        label, _, rest = line.partition(" ")
        if label == "Error:" and not sentence:
            sentence = rest
        elif label == "Hint:" and not hint:
            hint = rest
    if "--" in hint or "`" in hint:
        hint = ""  # it is for who sits at a terminal
    last = next((line for line in reversed(lines) if line.strip()), "")
    return sentence or last, hint


def read_warning(line: str) -> str:
    """What a line of standard error warns of, without what is for who sits at a terminal; "" for nothing."""
    if not line.startswith(_WARNING) or "`" in line:
        return ""
    warning = line.removeprefix(_WARNING)
    return f"{warning.partition(':')[0]}." if "--" in warning else warning


def _transferred(event: Mapping[str, object], *, pushed: bool) -> Transferred:
    return Transferred(
        pushed,
        str(event.get("address") or event.get("who") or ""),
        str(event.get("name") or ""),
        str(event.get("repo_id") or event.get("repo") or ""),
        str(event.get("path") or str(event.get("commit") or "")[:8]),
        _number(event.get("bytes")),
        _seconds(event.get("at")),
    )


def _client(said: Mapping[str, object]) -> Client:
    return Client(
        str(said.get("address") or ""),
        str(said.get("name") or ""),
        _number(said.get("bytes")),
        _number(said.get("files")),
        str(said.get("now") or ""),
    )


def _number(said: object) -> int:
    return int(said) if isinstance(said, (int, float)) else 0


def _seconds(said: object) -> float:
    try:
        return datetime.fromisoformat(str(said)).timestamp()
    except ValueError:
        return 0.0

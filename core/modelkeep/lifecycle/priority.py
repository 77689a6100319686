"""The order in which others are asked, as configuration gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from modelkeep.errors import Cancelled
from modelkeep.jobs.kept_errors import sentence

__all__ = ["first_that_can", "priority"]

_Found = TypeVar("_Found")


def first_that_can(
    names: Sequence[str], ask: Callable[[str], _Found | None], otherwise: str
) -> tuple[_Found | None, str]:
    """What the first has that has anything, and "" or else why none of them has, a sentence each.

    `otherwise` is the sentence for one that has nothing and raises nothing. Raises `Cancelled` alone.
    """
    failures: list[str] = []
    for name in names:
        try:
            found = ask(name)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the next may have it
            failures.append(f"{name}: {sentence(error).rstrip('.')}.")
        else:
            if found is not None:
                return found, ""
            failures.append(f"{name}: {otherwise}")
    return None, " ".join(failures)


def priority(
    config: Mapping[str, Any], keys: Sequence[str], instances: Mapping[str, Mapping[str, Any]], own: str
) -> tuple[str, ...]:
    """The names under the first of `keys` that is there.

    Raises `TypeError` for what is no list of names, and `ValueError` for none, for one that is not configured, and
    for one that comes back to the instance itself.
    """
    key = next((one for one in keys if config.get(one) is not None), keys[0])
    names = _names(config, key)
    if not names:
        raise ValueError(f"config.{key} is missing or empty.")
    for name in names:
        if name not in instances:
            raise ValueError(f"config.{key} has “{name}”, which is not configured.")
        if name == own or own in _reached(name, keys, instances):
            raise ValueError(f"config.{key} has “{name}”, which leads back to “{own}”.")
    return names


def _names(config: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = config.get(key) or ()
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"config.{key} is {value!r}, and has to be a list of names.")
    if wrong := [name for name in value if not isinstance(name, str)]:
        raise TypeError(f"config.{key} has {wrong[0]!r}, which is no name.")
    return tuple(value)


def _reached(start: str, keys: Sequence[str], instances: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """All that are asked in the end when `start` is, as far as they ask others."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in instances:
            continue
        reached.add(name)
        config = instances[name].get("config") or {}
        if instances[name].get("type") == "MULTI":
            waiting += [other for key in keys for other in _names(config, key)]
    return reached

"""The kinds of backends, and who serves those that are not our own.

An add-on is imported through an entry point of the group `modelkeep.den` or `medcat_den.addons`, and then calls
`register_remote_den`, ours or that of medcat-den.
"""

from __future__ import annotations

import sys
import threading
from enum import Enum
from importlib.metadata import entry_points
from typing import Any

from modelkeep.den.failures import DenConfigError

__all__ = [
    "ADD_ONS",
    "DenType",
    "Kind",
    "get_registered_remote_den",
    "has_registered_remote_den",
    "kind_of",
    "load_add_ons",
    "register_remote_den",
]

ADD_ONS = ("modelkeep.den", "medcat_den.addons")


class DenType(str, Enum):  # noqa: UP042 - `str` of one is that of medcat-den's
    """The kinds that have names of their own. CACHE is a model cache, REMOTE any remote of `modelkeep.remotes`."""

    LOCAL_USER = "local_user"
    LOCAL_MACHINE = "local_machine"
    MEDCATTERY = "medcattery"
    MULTI_BACKEND = "multi_backend"
    CACHE = "cache"
    REMOTE = "remote"

    def is_local(self) -> bool:
        """Whether it is a folder of packs with a registry, as medcat-den keeps them."""
        return self in (DenType.LOCAL_USER, DenType.LOCAL_MACHINE)

    @classmethod
    def _missing_(cls, value: object) -> DenType | None:
        """`LOCAL_USER` and `Local_User` mean the same as `local_user`."""
        text = str(value).strip().lower()
        return next((kind for kind in cls if kind.value == text), None)


Kind = DenType | str
"""A kind; a text is one that an add-on brings, in lower case."""

_remote_den_map: dict[Kind, type[Any]] = {}
_changing = threading.RLock()
_loaded: dict[str, str] = {}


def kind_of(value: object) -> Kind:
    """The kind that a text means: one of ours, or one that an add-on registered. Raises `DenConfigError`."""
    if isinstance(value, DenType):
        return value
    text = str(getattr(value, "value", value)).strip().lower()
    if text in {kind.value for kind in DenType}:
        return DenType(text)
    load_add_ons()
    if text in _remote_den_map:
        return text
    known = [kind.value for kind in DenType if kind is not DenType.MULTI_BACKEND]
    raise DenConfigError(
        f"“{value}” is no kind of den.",
        hint=f"There are {', '.join([*known, *sorted(map(_name, _remote_den_map.keys() - set(DenType)))])}.",
    )


def register_remote_den(den_type: Kind, den_cls: type[Any]) -> None:
    """Let backends of a kind be made by `den_cls(cnf=RemoteDenConfig)`.

    Raises a `ValueError` for a kind that is local, or has a class already.
    """
    kind = _remote(den_type)
    with _changing:
        if kind in _remote_den_map:
            raise DenConfigError(f"The kind of den “{_name(kind)}” has a class already.")
        _remote_den_map[kind] = den_cls


def has_registered_remote_den(den_type: Kind) -> bool:
    """Whether a class was registered for a kind. Raises a `ValueError` for a local one."""
    return _remote(den_type) in _remote_den_map


def get_registered_remote_den(den_type: Kind) -> type[Any]:
    """The class of a kind. Raises a `ValueError` for a local one, and one that has none."""
    kind = _remote(den_type)
    if kind not in _remote_den_map:
        raise DenConfigError(
            f"Nothing here serves dens of the kind “{_name(kind)}”.",
            hint=" ".join(["Install the package that does.", *load_add_ons().values()]),
        )
    return _remote_den_map[kind]


def load_add_ons() -> dict[str, str]:
    """Import the add-ons that were not imported yet; returns a sentence by name for each that failed."""
    with _changing:
        for group in ADD_ONS:
            for point in entry_points(group=group):
                if point.value in _loaded:
                    continue
                _loaded[point.value] = ""
                try:
                    point.load()
                except Exception as error:  # noqa: BLE001 - an add-on is foreign code, and one of several
                    _loaded[point.value] = f"The add-on “{point.name}” failed: {error}."
        _adopt()
    return {name: said for name, said in _loaded.items() if said}


def _adopt() -> None:
    """Know what was registered with medcat-den itself, where an add-on imported it."""
    theirs = getattr(sys.modules.get("medcat_den.backend"), "_remote_den_map", {})
    for kind, cls in list(theirs.items()):
        text = str(getattr(kind, "value", kind)).lower()
        ours: Kind = DenType(text) if text in {one.value for one in DenType} else text
        _remote_den_map.setdefault(ours, cls)


def _remote(kind: Kind) -> Kind:
    text = str(getattr(kind, "value", kind)).strip().lower()
    known: Kind = DenType(text) if text in {one.value for one in DenType} else text
    if isinstance(known, DenType) and known.is_local():
        raise DenConfigError(f"“{known.value}” is a local kind of den, and classes are for remote ones.")
    return known


def _name(kind: Kind) -> str:
    return kind.value if isinstance(kind, DenType) else kind

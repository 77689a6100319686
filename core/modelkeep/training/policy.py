"""Who allows what to models that came from a remote den: may they be trained here, may the result go back?

Dens are configured by variables and by a file, see `modelkeep.den.resolve`; only what concerns this is read here,
since a den is built on what trains. A place that says nothing allows neither.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache.catalog import Origin
from modelkeep.errors import NotAllowed
from modelkeep.keys import ModelKey
from modelkeep.settings import load_settings

__all__ = ["RemoteDen", "check_fine_tuning", "remote_dens", "taking_none"]

_YES = ("true", "yes", "1", "y")
_LOCAL = ("", "local_user", "local_machine", "cache", "multi_backend")
_OF_DENS = ("den", "medcat")  # the owners of what dens put into remotes


class RemoteDen(NamedTuple):
    """A remote den as it is configured: the URL of its remote, and what it allows."""

    url: str
    may_fine_tune: bool
    may_push: bool


def check_fine_tuning(key: ModelKey, origin: Origin | None, dens: tuple[RemoteDen, ...]) -> None:
    """Raise `NotAllowed` for a model that came from a den which does not allow that it is trained here."""
    if origin is None or origin.source != "remote":
        return
    den = next((den for den in dens if _is_from(origin.url, den.url)), None)
    if den is None and key.repo_id.partition("/")[0] in _OF_DENS:
        # What a den has put into a store says so by its name; the store's own rule is that of the variables.
        den = RemoteDen(origin.url, _is_yes(_variable("REMOTE_ALLOW_LOCAL_FINE_TUNE")), False)
    if den is not None and not den.may_fine_tune:
        raise NotAllowed(
            f"{key.at(None)} came from {den.url}, whose models may not be fine-tuned on this machine; only the den "
            "itself may.",
            hint="Who configures this den may allow it: `remote_allow_local_fine_tune`, or "
            "MODELKEEP_DEN_REMOTE_ALLOW_LOCAL_FINE_TUNE=true.",
        )


def taking_none(dens: tuple[RemoteDen, ...]) -> tuple[str, ...]:
    """The URLs of those that take no models which were trained here."""
    return tuple(dict.fromkeys(den.url for den in dens if not den.may_push))


def remote_dens() -> tuple[RemoteDen, ...]:
    """The remote dens that are configured on this machine."""
    named = {remote.name: remote.url for remote in load_settings().settings.remotes}
    return tuple(
        RemoteDen(
            named.get(host, host),
            _is_yes(said.get("remote_allow_local_fine_tune") or _variable("REMOTE_ALLOW_LOCAL_FINE_TUNE")),
            _is_yes(said.get("remote_allow_push_fine_tuned") or _variable("REMOTE_ALLOW_PUSH_FINETUNED")),
        )
        for said in _configured()
        if (host := str(said.get("host") or _variable("REMOTE_HOST")))
    )


def _configured() -> Iterator[Mapping[str, object]]:
    """What is said of each backend that is no local one."""
    backends: list[object] = [{}]
    if file := _variable("BACKENDS_JSON"):
        backends = []
        try:
            said = json.loads(Path(file).expanduser().read_bytes())
            backends = list(said["backends"].values())
        except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
            pass  # whoever uses the den hears of it
    for backend in backends:
        if isinstance(backend, dict):
            kind = str(backend.get("type") or _variable("TYPE")).lower()
            if kind not in _LOCAL:
                yield backend


def _is_from(url: str, den: str) -> bool:
    place, own = url.removeprefix("file://").rstrip("/"), den.removeprefix("file://").rstrip("/")
    return bool(own) and (place == own or place.startswith((f"{own}/", f"{own}?")))


def _variable(name: str) -> str:
    return os.environ.get(f"MODELKEEP_DEN_{name}") or os.environ.get(f"MEDCAT_DEN_{name}") or ""


def _is_yes(value: object) -> bool:
    return str(value).strip().lower() in _YES

"""Finds out what of a store works, from reaching it to writing, and leaves no trace."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice

from modelkeep.errors import CacheError, RemoteError
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.manifests import canonical
from modelkeep.remote.marker import Marker
from modelkeep.remote.names import MARKER, MODELS, PUSHES
from modelkeep.remote.objects import Objects
from modelkeep.remote.values import Check

__all__ = ["check_store"]

_SKEW = 300.0  # seconds that two clocks may differ without harm

Emit = Callable[[Check], None]


def check_store(objects: Objects, emit: Emit, *, report: Report = ignore) -> None:
    """Check one thing after another; what needs one that failed is skipped."""
    steps: list[tuple[str, Callable[[Objects], Check]]] = [
        ("reach", _reached),
        ("store", _is_store),
        ("list", _listed),
        ("write", _written),
        ("exclusive", _exclusive),
    ]
    failed = ""
    for number, (name, step) in enumerate(steps):
        report(Progress("Testing", number, len(steps), name, unit="checks"))
        if failed:
            emit(Check(name, "skipped", f"Not tested, because “{failed}” failed."))
            continue
        try:
            check = step(objects)
        except (RemoteError, CacheError) as error:
            check = Check(name, "bad", str(error), error.hint)
        emit(check)
        failed = name if check.outcome == "bad" else ""


def _reached(objects: Objects) -> Check:
    objects.info(MARKER)
    return Check("reach", "ok", f"{objects.url} answers.")


def _is_store(objects: Objects) -> Check:
    if Marker(objects).is_store():
        return Check("store", "ok", "It is a store of models.")
    return Check("store", "ok", "It is empty; the first push makes a store of it.")


def _listed(objects: Objects) -> Check:
    some = len(list(islice(objects.list(MODELS), 1)))
    return Check("list", "ok", "Its models can be listed." if some else "It has no models yet.")


def _written(objects: Objects) -> Check:
    """Writes where an object is harmless that is never removed: garbage collection takes it for a push."""
    name = f"{PUSHES}test-{secrets.token_hex(8)}.json"
    content = canonical({"format": "modelkeep-push", "version": 1, "blobs": []})
    try:
        objects.put(name, content)
        if objects.read(name) != content:
            return Check("write", "bad", "What is written there comes back as something else.")
        info = objects.info(name)
    finally:
        with suppress(RemoteError, CacheError):
            objects.remove([name])
    skew = info.modified - time.time() if info is not None else 0.0
    if abs(skew) > _SKEW:
        which = "ahead of" if skew > 0 else "behind"
        return Check(
            "write",
            "warn",
            f"It can be written to. Its clock is {abs(skew) / 60:,.0f} minutes {which} that of this machine.",
            "Set the clocks: grace periods and “who was first” go by them.",
        )
    return Check("write", "ok", "It can be written to.")


def _exclusive(objects: Objects) -> Check:
    if objects.is_exclusive:
        return Check("exclusive", "ok", "Two who push at once cannot overwrite one another.")
    return Check(
        "exclusive",
        "warn",
        "It knows no conditional writes: who pushes looks again after writing, so pushing takes a little longer.",
        "Nothing is lost by that; let all who push to it do it by the same address.",
    )

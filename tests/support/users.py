"""Do something as a user to whom nothing belongs: the superuser, as whom containers test, may read everything."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
_NOBODY = 65534


def as_nobody(function: Callable[[], Result], place: Path) -> Result:
    """The result of `function` in a process of the user nobody, who may pass through to `place`."""
    for folder in (place, *place.parents[:-1]):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        outcome: tuple[bool, object]
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(_NOBODY)
                os.setuid(_NOBODY)
            else:
                place.chmod(0o555)
            outcome = (True, function())
        except Exception as error:  # noqa: BLE001 - raised again in the parent
            outcome = (False, error)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(outcome, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        done, value = pickle.load(pipe)
    os.waitpid(child, 0)
    place.chmod(0o755)
    if not done:
        raise value
    return value  # type: ignore[no-any-return]

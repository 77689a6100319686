"""What this process has open for the life of models: its jobs and its library, each once, until it ends."""

from __future__ import annotations

import atexit
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.paths import jobs_file

if TYPE_CHECKING:
    from modelkeep.jobs.jobs import Jobs
    from modelkeep.library import Library

__all__ = ["close", "shared_jobs", "shared_library"]

_guard = threading.Lock()
_jobs: dict[Path, Jobs] = {}
_libraries: list[Library] = []


def shared_jobs() -> Jobs:
    """The jobs of this user."""
    from modelkeep.jobs.jobs import Jobs

    with _guard:
        place = jobs_file()
        if place not in _jobs:
            _jobs[place] = Jobs(place)
        return _jobs[place]


def shared_library() -> Library:
    """The library of this user."""
    from modelkeep.library import open_library

    with _guard:
        if not _libraries:
            _libraries.append(open_library())
        return _libraries[0]


def close() -> None:
    """Let go of all of it, with the workers that have models loaded; it is opened again when it is needed."""
    with _guard:
        libraries, jobs = list(_libraries), list(_jobs.values())
        _libraries.clear()
        _jobs.clear()
    for library in libraries:
        library.close()
    for one in jobs:
        one.close()


atexit.register(close)

"""What a confined child knows of its surroundings: what running takes, no secrets, and to stay offline."""

from __future__ import annotations

import os
import site
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

__all__ = ["confined_environment"]

# An allow-list: the names of secrets cannot all be known.
_PASSED = frozenset(
    {
        "PATH",
        "LANG",
        "LANGUAGE",
        "TZ",
        "USER",
        "LOGNAME",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONUTF8",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "COMSPEC",
        "PATHEXT",
        "NUMBER_OF_PROCESSORS",
        "PROCESSOR_ARCHITECTURE",
    }
)
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "MODELKEEP_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def confined_environment(home: Path, added: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child whose home is the folder `home`."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED or name.upper().startswith("LC_")
    }
    place = os.fspath(home)
    own = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "HF_HOME"), place)
    # Where `pip install --user` puts things would move with the home, and where relative paths lead with its folder.
    packages = {"PYTHONUSERBASE": site.getuserbase()}
    if path := _absolute(passed.get("PYTHONPATH", "")):
        packages["PYTHONPATH"] = path
    return passed | own | packages | _OFFLINE | dict(added)


def _absolute(paths: str) -> str:
    """The places of a search path as they are for this process; the current folder itself is none of the child's."""
    with suppress(FileNotFoundError):  # the current folder may be gone
        return os.pathsep.join(os.path.abspath(place) for place in paths.split(os.pathsep) if place)
    return paths

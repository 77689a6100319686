"""What a confined child knows of its surroundings: what running takes, no secrets, and to stay offline."""

from __future__ import annotations

import os
import site
from collections.abc import Mapping
from contextlib import suppress

__all__ = ["PLACE", "at_home", "confined_environment"]

PLACE = "MODELKEEP_CONFINED"
"""The variable that tells a child where it is; see `modelkeep.confined.inside`."""

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
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
        "HIP_VISIBLE_DEVICES",
        "ROCR_VISIBLE_DEVICES",
        "HSA_OVERRIDE_GFX_VERSION",
        "PYTORCH_ALLOC_CONF",
        "PYTORCH_CUDA_ALLOC_CONF",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "COMSPEC",
        "PATHEXT",
        "NUMBER_OF_PROCESSORS",
        "PROCESSOR_ARCHITECTURE",
    }
)
_HOMES = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "HF_HOME")
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


# Where this Python finds what it loads, which is not for another one.
_OWN_PYTHON = frozenset({"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"})
# A frozen build leads the loader to libraries of its own, and keeps what was there under these names.
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def confined_environment(
    home: str, added: Mapping[str, str], *, own_python: bool = True, frozen: bool = False
) -> dict[str, str]:
    """The environment of a child whose home is the folder `home`; of one in another Python if not `own_python`."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED or name.upper().startswith("LC_")
    }
    if not own_python:
        passed = {name: value for name, value in passed.items() if name.upper() not in _OWN_PYTHON}
    if frozen:
        for name in _LIBRARIES:
            passed.pop(name, None)
            if before := os.environ.get(f"{name}_ORIG"):
                passed[name] = before
    # Where `pip install --user` puts things would move with the home, and where relative paths lead with its folder.
    packages = {"PYTHONUSERBASE": site.getuserbase()}
    if path := _absolute(passed.get("PYTHONPATH", "")):
        packages["PYTHONPATH"] = path
    return passed | packages | at_home(home) | dict(added)


def at_home(home: str) -> dict[str, str]:
    """What keeps libraries in the folder `home`, and offline."""
    return dict.fromkeys(_HOMES, home) | _OFFLINE


def _absolute(paths: str) -> str:
    """The places of a search path as they are for this process; the current folder itself is none of the child's."""
    with suppress(FileNotFoundError):  # the current folder may be gone
        return os.pathsep.join(os.path.abspath(place) for place in paths.split(os.pathsep) if place)
    return paths

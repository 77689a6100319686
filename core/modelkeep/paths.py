"""Where Modelkeep keeps its own files, where a broken one goes, and which cache is the default.

Nothing here makes a folder: whoever writes first does.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

__all__ = [
    "catalog_file",
    "default_root",
    "hub_tokens_file",
    "jobs_file",
    "rows_file",
    "serve_tokens_file",
    "set_aside",
    "settings_file",
]

_APP = "modelkeep"


def settings_file() -> Path:
    """What the user chose."""
    return _folder("config") / "settings.json"


def hub_tokens_file() -> Path:
    """Tokens for hubs that the user wanted in a file."""
    return settings_file().with_name("tokens.json")


def serve_tokens_file() -> Path:
    """What is kept of the tokens of this user's servers."""
    return settings_file().with_name("serve-tokens.json")


def catalog_file() -> Path:
    """What is known of the models beyond their files: origins, uses, pins, notes."""
    return _folder("data") / "catalog.sqlite"


def jobs_file() -> Path:
    """The trainings and predictions that were asked for; what they keep is in folders beside it."""
    return _folder("data") / "jobs" / "jobs.sqlite"


def rows_file() -> Path:
    """The rows of the last scan; it may be deleted at any time."""
    return _folder("cache") / "rows.json"


def _folder(kind: str) -> Path:
    """The user's folder of that kind; all are below MODELKEEP_HOME where that is set."""
    if home := os.environ.get("MODELKEEP_HOME"):
        return Path(os.path.abspath(os.path.expanduser(home)), kind)
    import platformdirs  # not needed by a script that names its files itself

    match kind:
        case "config":
            return platformdirs.user_config_path(_APP, appauthor=False)
        case "data":
            return platformdirs.user_data_path(_APP, appauthor=False)
        case _:
            return platformdirs.user_cache_path(_APP, appauthor=False)


def default_root() -> Path:
    """The cache that huggingface_hub itself would use, by the same variables in the same order, made absolute.

    Source: huggingface_hub 2.4.0, `constants.py`. As there, a variable that is set but empty counts as set, and what
    is found is expanded again by the step after it.
    """
    user_cache = os.path.join(os.path.expanduser("~"), ".cache")
    home = os.path.join(os.getenv("XDG_CACHE_HOME", user_cache), "huggingface")
    hub = os.path.join(_expanded(os.getenv("HF_HOME", home)), "hub")
    root = os.getenv("HF_HUB_CACHE", os.getenv("HUGGINGFACE_HUB_CACHE", hub))
    return Path(os.path.abspath(_expanded(root)))


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))


def set_aside(path: Path, *endings: str) -> Path:
    """Rename a broken file to `<name>.broken-<UTC time>`, so that nothing is lost; returns its new place.

    Files beside it that have its name and one of `endings` go with it. Raises `OSError`.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    number = 1
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}.broken-{stamp}-{number}")
    for ending in endings:
        with suppress(FileNotFoundError):
            os.rename(f"{path}{ending}", f"{aside}{ending}")
    os.rename(path, aside)
    return aside

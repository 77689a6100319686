"""Which den is meant: by arguments, else by variables, else by default.

Each variable is read as `MODELKEEP_DEN_…`, and where that is not set as medcat-den's `MEDCAT_DEN_…`:

==============================  ======================================================================================
TYPE                            the kind, in upper or lower case: local_user (the default), local_machine, cache,
                                remote, medcattery, or what an add-on registered
PATH                            the folder of a den, or of a model cache
REMOTE_HOST                     a URL, or the name of a remote
REMOTE_ALLOW_LOCAL_FINE_TUNE    true, yes, 1 or y: its models may be fine-tuned on this machine
REMOTE_ALLOW_PUSH_FINETUNED     … and those that were may be pushed to it
LOCAL_CACHE_PATH                a cache in front of every backend
LOCAL_CACHE_EXPIRATION_TIME     seconds; 0 for never
LOCAL_CACHE_MAX_SIZE            bytes; 0 for no limit
LOCAL_CACHE_EVICTION_POLICY     least-recently-used, least-recently-stored, least-frequently-used, none
BACKENDS_JSON                   a file of several backends
==============================  ======================================================================================
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelkeep.den.add_on import AddOnBackend
from modelkeep.den.backend import FileBackend
from modelkeep.den.config import (
    DEFAULT_EVICTION_POLICY,
    DEFAULT_EXPIRATION_TIME,
    DEFAULT_MAX_SIZE,
    LocalCacheConfig,
    LocalDenConfig,
    RemoteDenConfig,
)
from modelkeep.den.den import Den
from modelkeep.den.failures import DenConfigError
from modelkeep.den.kinds import DenType, Kind, get_registered_remote_den, kind_of, load_add_ons
from modelkeep.den.local import LocalFileDen
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.protocol import DenBackend
from modelkeep.paths import default_root, rows_file

__all__ = ["get_default_den", "get_default_machine_local_den", "get_default_user_local_den"]

_YES = ("true", "yes", "1", "y")


def get_default_den(
    type_: DenType | str | None = None,
    location: str | Path | None = None,
    host: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    local_cache_path: str | Path | None = None,
    expiration_time: int | None = None,
    max_size: int | None = None,
    eviction_policy: str | None = None,
    remote_allow_local_fine_tune: str | bool | None = None,
    remote_allow_push_fine_tuned: str | bool | None = None,
) -> Den:
    """The den of these arguments, and of the variables for those that are not given.

    A file of backends counts unless a kind, a location or a host is given. Raises a `ValueError` for what makes no
    sense; a backend that cannot be used is in the den with its error.
    """
    given: dict[str, Any] = {
        "type": type_,
        "location": location,
        "host": host,
        "credentials": credentials,
        "local_cache_path": local_cache_path,
        "expiration_time": expiration_time,
        "max_size": max_size,
        "eviction_policy": eviction_policy,
        "remote_allow_local_fine_tune": remote_allow_local_fine_tune,
        "remote_allow_push_fine_tuned": remote_allow_push_fine_tuned,
    }
    file = _variable("BACKENDS_JSON")
    if file and type_ is None and location is None and host is None:
        return _den_of_file(Path(file).expanduser(), given)
    return Den({"default": _backend(given)}, "default")


def get_default_user_local_den(location: str | Path | None = None) -> Den:
    """The den of this user."""
    return get_default_den(DenType.LOCAL_USER, location=location)


def get_default_machine_local_den(location: str | Path | None = None) -> Den:
    """The den of this machine, for all its users."""
    return get_default_den(DenType.LOCAL_MACHINE, location=location)


def _den_of_file(file: Path, given: Mapping[str, Any]) -> Den:
    try:
        said = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DenConfigError(f"{file} is not JSON: {error}.") from error
    except OSError as error:
        raise DenConfigError(f"{file} cannot be read: {error.strerror}.") from error
    backends = said.get("backends") if isinstance(said, dict) else None
    if not isinstance(backends, dict) or not backends:
        raise DenConfigError(
            f"{file} names no backends.", hint='It needs {"backends": {"name": {"type": …}}}.'
        )
    made: dict[str, DenBackend] = {}
    broken: dict[str, Exception] = {}
    for name, one in backends.items():
        try:
            if not isinstance(one, dict):
                raise DenConfigError(f"The backend “{name}” of {file} is no JSON object.")
            common = said.get("local_cache_path") or given["local_cache_path"]
            made[name] = _backend({**_only_cache(given), "local_cache_path": common, **_set(one)})
        except Exception as error:  # noqa: BLE001 - foreign add-ons too; the other backends work
            broken[name] = error
    default = said.get("default_backend") or ("default" if "default" in backends else None)
    if default is None:
        if len(backends) > 1:
            raise DenConfigError(
                f"{file} names no default backend.",
                hint=f"“default_backend” is one of {', '.join(backends)}.",
            )
        default = next(iter(backends))
    return Den(made, str(default), broken=broken)


def _set(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _only_cache(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("expiration_time", "max_size", "eviction_policy")}


def _backend(said: Mapping[str, Any]) -> FileBackend:
    """The backend of one set of arguments."""
    kind = kind_of(_first(said.get("type"), _variable("TYPE"), DenType.LOCAL_USER))
    cache = _cache(said)
    if isinstance(kind, DenType) and (kind.is_local() or kind is DenType.CACHE):
        place = Path(_first(said.get("location"), _variable("PATH")) or _default_location(kind)).expanduser()
        local = LocalDenConfig(kind, place)
        if kind is DenType.CACHE:
            from modelkeep.den.in_cache import CacheBackend

            return CacheBackend(local, cache=cache)
        return LocalFileDen(local, cache=cache)
    if kind is DenType.MULTI_BACKEND:
        raise DenConfigError(
            "A backend has a kind of its own.", hint="“multi_backend” is what the den itself is."
        )
    host = _first(said.get("host"), _variable("REMOTE_HOST"))
    if not host:
        raise DenConfigError(
            "A remote den has a host.",
            hint="Give a URL or the name of a remote, or set MODELKEEP_DEN_REMOTE_HOST.",
        )
    remote = RemoteDenConfig(
        kind,
        str(host),
        said.get("credentials"),
        _is_yes(_first(said.get("remote_allow_local_fine_tune"), _variable("REMOTE_ALLOW_LOCAL_FINE_TUNE"))),
        _is_yes(_first(said.get("remote_allow_push_fine_tuned"), _variable("REMOTE_ALLOW_PUSH_FINETUNED"))),
    )
    if kind is DenType.REMOTE:
        from modelkeep.den.in_remote import RemoteBackend

        # What comes from far is kept here, whether or not anybody said where.
        return RemoteBackend(
            remote, cache=cache or LocalCache(_cache_config(said, rows_file().parent / "den"))
        )
    return _add_on(kind, remote, cache)


def _add_on(kind: Kind, config: RemoteDenConfig, cache: LocalCache | None) -> FileBackend:
    load_add_ons()
    den = get_registered_remote_den(kind)(cnf=config)
    if isinstance(den, FileBackend):
        den.cache = den.cache or cache
        return den
    if not isinstance(den, DenBackend):
        raise DenConfigError(f"What was registered for “{config.type}” is no den: {type(den).__name__}.")
    return AddOnBackend(den, config, cache=cache)


def _cache(said: Mapping[str, Any]) -> LocalCache | None:
    path = _first(said.get("local_cache_path"), _variable("LOCAL_CACHE_PATH"))
    return LocalCache(_cache_config(said, Path(path).expanduser())) if path else None


def _cache_config(said: Mapping[str, Any], path: Path) -> LocalCacheConfig:
    return LocalCacheConfig(
        path,
        _number("expiration_time", said, "LOCAL_CACHE_EXPIRATION_TIME", DEFAULT_EXPIRATION_TIME),
        _number("max_size", said, "LOCAL_CACHE_MAX_SIZE", DEFAULT_MAX_SIZE),
        str(
            _first(
                said.get("eviction_policy"), _variable("LOCAL_CACHE_EVICTION_POLICY"), DEFAULT_EVICTION_POLICY
            )
        ),
    )


def _default_location(kind: DenType) -> Path:
    """Where medcat-den keeps dens by default, so that they are read in place."""
    if kind is DenType.CACHE:
        return default_root()
    import platformdirs

    if kind is DenType.LOCAL_USER:
        return Path(platformdirs.user_data_dir("medcat-den", "CogStack"))
    place = Path(platformdirs.site_data_dir("medcat-den", "CogStack"))
    if place.exists() or sys.platform == "win32" or os.access(place.parent, os.W_OK):
        return place
    instead = Path(os.sep, "var", "tmp", "medcat-den")
    if instead.exists() and instead.stat().st_uid not in (0, os.getuid()):
        # Anybody may have put it there, and packs run code when they are loaded.
        raise DenConfigError(f"{instead} belongs to somebody else.", hint="Name the location of the den.")
    warnings.warn(f"The den of this machine cannot be made in {place}; {instead} is used.", stacklevel=4)
    return instead


def _variable(name: str) -> str | None:
    return os.environ.get(f"MODELKEEP_DEN_{name}") or os.environ.get(f"MEDCAT_DEN_{name}") or None


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None and value != ""), None)


def _number(name: str, said: Mapping[str, Any], variable: str, default: int) -> int:
    value = _first(said.get(name), _variable(variable), default)
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise DenConfigError(f"“{value}” is no number for {name}.") from error
    if number < 0:
        raise DenConfigError(f"{name} is {number}, less than nothing.")
    return number


def _is_yes(value: object) -> bool:
    return str(value).strip().lower() in _YES

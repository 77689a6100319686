"""What the user chose. Window state is Qt's to keep, and secrets belong in the system's keyring."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from modelkeep.cache.policy import CachePolicy, Order
from modelkeep.disk import write_json
from modelkeep.errors import SettingsError
from modelkeep.hub.profile import Profile
from modelkeep.inference_choices import InferenceSettings
from modelkeep.named_remotes import Follow, NamedRemote
from modelkeep.paths import default_root, set_aside, settings_file

__all__ = [
    "LoadedSettings",
    "Settings",
    "Theme",
    "all_roots",
    "change_settings",
    "load_settings",
    "save_settings",
    "with_root",
    "without_root",
]

Theme = Literal["system", "light", "dark"]
_THEMES: tuple[str, ...] = get_args(Theme)
_PATIENCE = 10.0  # seconds that another program may take to write the settings


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of a user. `roots` are caches beside the default one; language "" is the system's.

    `default_profile` names the way to a hub that is taken where none is named; "" is that of the environment.
    `offline`: nothing may leave this machine. `policies` say by root how large a cache may become. `remotes` are
    places that models are pushed to and fetched from, by the names that the user gave them, and `follows` what is
    kept here of them. `inference` is how models are tried, and `registry` the folder of files that register models,
    "" for none.
    """

    roots: tuple[str, ...] = ()
    theme: Theme = "system"
    language: str = ""
    profiles: tuple[Profile, ...] = ()
    default_profile: str = ""
    offline: bool = False
    policies: Mapping[str, CachePolicy] = field(default_factory=dict)
    remotes: tuple[NamedRemote, ...] = ()
    follows: tuple[Follow, ...] = ()
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    registry: str = ""


class LoadedSettings(NamedTuple):
    """The settings to go on with, and a sentence for the user when they are not those of the file (""
    else)."""

    settings: Settings
    problem: str = ""


def load_settings(path: Path | None = None) -> LoadedSettings:
    """Read the settings; defaults where there are none. Never raises for what is in the file.

    A file that makes no sense is set aside, not lost; one that may not be read is left alone.
    """
    path = path or settings_file()
    try:
        return LoadedSettings(_read(path)[0])
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except _Broken as error:
        problem = f"{path} cannot be understood ({error}), so the defaults are used"
        try:
            return LoadedSettings(Settings(), f"{problem}; it is kept as {set_aside(path).name}.")
        except OSError as reason:
            return LoadedSettings(Settings(), f"{problem}; it could not be set aside ({_reason(reason)}).")
    except OSError as error:
        return LoadedSettings(
            Settings(), f"{path} cannot be read ({_reason(error)}), so the defaults are used."
        )


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, atomically. What another version of Modelkeep added to the file stays in it.

    Raises `SettingsError` when the file cannot be written.
    """
    path = path or settings_file()
    try:
        place = Path(
            os.path.realpath(path)
        )  # through a link, as of those who keep such files in a repository
        place.parent.mkdir(parents=True, exist_ok=True)
        # A proxy may have a password in its address.
        write_json(place, _with_unknown(settings, _unknown(place)), mode=0o600)
    except (OSError, UnicodeEncodeError) as error:
        raise _not_kept(path, error) from error


def _not_kept(path: Path, error: Exception) -> SettingsError:
    return SettingsError(
        f"The settings cannot be kept in {path} ({_reason(error)}).",
        hint="See that the folder belongs to you and its disk is not full, then choose again.",
    )


def change_settings(changed: Callable[[Settings], Settings], path: Path | None = None) -> Settings:
    """Change what is in the file now, and nothing else of it, whoever else changes it at this time; returns it then.

    Raises `SettingsError` when the file cannot be written, and whatever `changed` raises.
    """
    from filelock import FileLock, Timeout

    path = path or settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(
            path.with_name(f".{path.name}.lock"), timeout=_PATIENCE, mode=0o600, thread_local=False
        )
        with lock:
            settings = changed(load_settings(path).settings)
            save_settings(settings, path)
            return settings
    except Timeout as error:
        raise SettingsError(
            f"Another program holds {path} for more than {_PATIENCE:g} seconds.", hint="Try again."
        ) from error
    except (OSError, NotImplementedError) as error:
        raise _not_kept(path, error) from error


def all_roots(settings: Settings) -> tuple[Path, ...]:
    """The default root and the others, absolute; one that is listed under several names is there once."""
    roots: dict[str, Path] = {}
    for path in (default_root(), *map(Path, settings.roots)):
        roots.setdefault(_identity(path), Path(_absolute(path)))
    return tuple(roots.values())


def with_root(settings: Settings, path: str | os.PathLike[str]) -> Settings:
    """Settings with one more root. It need not exist now, as on a disk that is away.

    Raises `SettingsError` when it is a root already, under whatever name.
    """
    place = _absolute(path)
    for root in all_roots(settings):
        if _identity(root) == _identity(place):
            name = "" if str(root) == place else f" as {root}"
            raise SettingsError(
                f"{place} is in the list of caches already{name}.", hint="There is nothing to do."
            )
    return replace(settings, roots=(*settings.roots, place))


def without_root(settings: Settings, path: str | os.PathLike[str]) -> Settings:
    """Settings without a root, under whatever name it is listed. Nothing on the disk changes.

    Raises `SettingsError` when it is not listed, or is the default root.
    """
    place = _absolute(path)
    kept = tuple(root for root in settings.roots if _identity(root) != _identity(place))
    if len(kept) < len(settings.roots):
        return replace(settings, roots=kept)
    if _identity(place) == _identity(default_root()):
        raise SettingsError(
            f"{place} is the default cache and stays in the list.",
            hint="The variables HF_HUB_CACHE and HF_HOME say where it is, for the Hub's own tools too.",
        )
    raise SettingsError(
        f"{place} is not in the list of caches.",
        hint=f"These were added: {', '.join(settings.roots)}." if settings.roots else "None was added yet.",
    )


def _absolute(path: str | os.PathLike[str]) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _identity(path: str | os.PathLike[str]) -> str:
    """What two names of one folder have in common, whether or not the folder is here."""
    return os.path.normcase(os.path.realpath(_absolute(path)))


class _Broken(Exception):
    """The file is there and makes no sense; says why."""


def _read(path: Path) -> tuple[Settings, dict[str, Any]]:
    """What the file says, and what it says that is not ours to know. Raises `OSError` or `_Broken`."""
    try:
        data = json.loads(path.read_bytes())
    except IsADirectoryError as error:
        raise _Broken("it is a folder") from error
    except (ValueError, RecursionError) as error:
        raise _Broken("it is not JSON") from error
    if not isinstance(data, dict):
        raise _Broken("it is not a JSON object")
    known = {one.name: data.pop(one.name) for one in fields(Settings) if one.name in data}
    if "profiles" in known:
        known["profiles"], unknown = _read_profiles(known["profiles"])
        if unknown:
            data["profiles"] = unknown
    if "remotes" in known:
        known["remotes"] = _read_remotes(known["remotes"])
    if "follows" in known:
        known["follows"] = _read_follows(known["follows"])
    if "roots" in known:
        if not isinstance(known["roots"], list) or not all(map(_is_path, known["roots"])):
            raise _Broken("“roots” is not a list of paths")
        known["roots"] = tuple(known["roots"])
    if known.get("theme", "system") not in _THEMES:
        raise _Broken(f"“theme” is not one of {', '.join(_THEMES)}")
    if not isinstance(known.get("language", ""), str):
        raise _Broken("“language” is not a text")
    if not isinstance(known.get("default_profile", ""), str):
        raise _Broken("“default_profile” is not a text")
    if not isinstance(known.get("offline", False), bool):
        raise _Broken("“offline” is neither true nor false")
    if not isinstance(known.get("registry", ""), str):
        raise _Broken("“registry” is not a text")
    if "inference" in known:
        known["inference"] = _read_inference(known["inference"])
    if "policies" in known:
        known["policies"] = _read_policies(known["policies"])
    return Settings(**known), data


def _read_profiles(listed: object) -> tuple[tuple[Profile, ...], dict[str, dict[str, Any]]]:
    """The profiles, and by their names what a file says of them that is not ours to know. Raises
    `_Broken`."""
    if not isinstance(listed, list):
        raise _Broken("“profiles” is not a list")
    profiles: dict[str, Profile] = {}
    unknown: dict[str, dict[str, Any]] = {}
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not item["name"]:
            raise _Broken("“profiles” has one without a name")
        name = item["name"]
        known = {one.name: item[one.name] for one in fields(Profile) if one.name in item}
        known.pop("source", None)
        for one in fields(Profile)[1:]:
            if not _is_like(known.get(one.name, one.default), one.default):
                raise _Broken(f"the profile “{name}” has a {one.name} that makes no sense")
        profiles[name] = Profile(**known)
        unknown[name] = {key: value for key, value in item.items() if key not in known and key != "source"}
    return tuple(profiles.values()), unknown


def _read_remotes(listed: object) -> tuple[NamedRemote, ...]:
    """The remotes, each name once. Raises `_Broken`."""
    if not isinstance(listed, list):
        raise _Broken("“remotes” is not a list")
    found: dict[str, NamedRemote] = {}
    for said in listed:
        match said:
            case {"name": str(name), "url": str(url), **rest} if name and url:
                found[name] = NamedRemote(name, url, str(rest.get("cache", "")))
            case _:
                raise _Broken("one of “remotes” makes no sense")
    return tuple(found.values())


def _read_follows(listed: object) -> tuple[Follow, ...]:
    """What is followed. Raises `_Broken`."""
    if not isinstance(listed, list):
        raise _Broken("“follows” is not a list")
    found = []
    for said in listed:
        match said:
            case {"remote": str(remote), "keys": list(keys), **rest} if all(isinstance(k, str) for k in keys):
                found.append(Follow(remote, tuple(keys), str(rest.get("tag", "")), str(rest.get("root", ""))))
            case _:
                raise _Broken("one of “follows” makes no sense")
    return tuple(found)


def _read_inference(said: object) -> InferenceSettings:
    """How models are tried. Raises `_Broken`."""
    if not isinstance(said, dict):
        raise _Broken("“inference” is not an object")
    known = {one.name: said[one.name] for one in fields(InferenceSettings) if one.name in said}
    for name, value in known.items():
        default = getattr(InferenceSettings(), name)
        like = isinstance(value, type(default)) or (isinstance(default, float) and isinstance(value, int))
        if not like or isinstance(value, bool) != isinstance(default, bool):
            raise _Broken(f"“inference” has a {name} that makes no sense")
        if isinstance(value, int | float) and not 0 <= value < 1e18:
            raise _Broken(f"“inference” has a {name} that makes no sense")
    return InferenceSettings(**known)


def _read_policies(listed: object) -> dict[str, CachePolicy]:
    """The policies by root. Raises `_Broken`."""
    if not isinstance(listed, dict):
        raise _Broken("“policies” is not an object")
    policies = {}
    for root, said in listed.items():
        try:
            order = Order(said.get("order", CachePolicy.order))
            limits = [said.get(name, getattr(CachePolicy, name)) for name in ("max_size", "expiry", "grace")]
        except (AttributeError, ValueError) as error:
            raise _Broken(f"the policy of {root} makes no sense") from error
        if not all(isinstance(limit, (int, float)) and 0 <= limit < 1e18 for limit in limits):
            raise _Broken(f"the policy of {root} has a limit that makes no sense")
        policies[root] = CachePolicy(int(limits[0]), float(limits[1]), order, float(limits[2]))
    return policies


def _is_like(value: object, example: object) -> bool:
    """Whether a value is of the kind that a profile has there; `example` is what it has by default."""
    if isinstance(example, bool) or isinstance(value, bool):
        return isinstance(example, bool) and isinstance(value, bool)
    if isinstance(example, float):
        return isinstance(value, (int, float)) and 0 < value < 1e6
    if isinstance(example, int):
        return isinstance(value, int) and value >= 0
    return isinstance(value, str)


def _with_unknown(settings: Settings, unknown: dict[str, Any]) -> dict[str, Any]:
    """What is written: the settings, and what another version of Modelkeep had added, also to profiles."""
    of_profiles = unknown.pop("profiles", {})
    written = unknown | asdict(settings)
    for profile in written["profiles"]:
        del profile["source"]  # being in this file says it
        profile |= of_profiles.get(profile["name"], {})
    return written


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _unknown(path: Path) -> dict[str, Any]:
    try:
        return _read(path)[1]
    except FileNotFoundError:
        return {}
    except _Broken:
        set_aside(path)
        return {}


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)

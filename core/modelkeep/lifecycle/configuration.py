"""Which finders, initializers, trainers and predictors there are, by name, and how each is set up.

    finders = {"team": {"type": "REMOTE", "config": {"remote": "team"}}}
    configure(config_dict={"model_management": {"finders": finders}})

What is said later wins: earlier calls, then the file, then the values, then the files of `config_files` (or
CONFIG_FILES, with commas between), then environment variables that are called as the path of a value that is there,
in capitals: MODEL_MANAGEMENT_TRAINERS_DEFAULT_CONFIG_USE_SUBPROCESS.

Source of names and order: caikit 0.29.1, `caikit.configure` and its `config.yml`.
"""

from __future__ import annotations

import copy
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from modelkeep.errors import SettingsError

__all__ = ["ConfigurationError", "configure", "get_config", "merged", "reset", "section"]

_DEFAULTS: dict[str, Any] = {
    "merge_strategy": "merge",
    "config_files": None,
    "model_management": {
        "trainers": {
            "default": {
                "type": "LOCAL",
                "config": {
                    "retention_duration": "1d",
                    "use_subprocess": True,
                    "subprocess_start_method": "spawn",
                    "device": "cpu",
                },
            },
            "fine_tune": {"type": "FINE_TUNE", "config": {}},
        },
        "job_predictors": {
            "default": {
                "type": "LOCAL",
                "config": {"retention_duration": "1d", "result_dir": None, "device": "cpu"},
            },
        },
        "finders": {
            "default": {"type": "MULTI", "config": {"finder_priority": ("local", "cache")}},
            "local": {"type": "LOCAL", "config": {"load_path": None}},
            "cache": {"type": "CACHE", "config": {}},
        },
        "initializers": {
            "default": {
                "type": "LOCAL",
                "config": {"backend_priority": ({"type": "LOCAL"}, {"type": "WORKER"})},
            },
        },
    },
}
_SECTIONS = ("trainers", "job_predictors", "finders", "initializers")
_FOREIGN_SECTIONS = ("loaders", "sizers")  # of caikit's server
_KEYS = ("type", "config", "import_class")


class ConfigurationError(SettingsError, ValueError):
    """A configuration that cannot be used; the sentence says where."""


_guard = threading.Lock()
_configured: dict[str, Any] = copy.deepcopy(_DEFAULTS)


def configure(
    config_yml_path: str | os.PathLike[str] | None = None,
    config_dict: Mapping[str, Any] | None = None,
) -> None:
    """Add to what is configured. Nothing changes when any of it cannot be used: raises `ConfigurationError`."""
    if config_yml_path is None and config_dict is None:
        raise ConfigurationError("There is nothing to configure.", hint="Give a file, or values.")
    global _configured
    with _guard:
        config = copy.deepcopy(_configured)
        if config_yml_path is not None:
            config = _added(config, _read(Path(config_yml_path)))
        if config_dict is not None:
            config = _added(config, _plain(config_dict))
        for path in _more_files(config):
            config = _added(config, _read(path))
        _check(_with_environment(config))
        _configured = config


def get_config() -> Mapping[str, Any]:
    """What is configured now, with the environment; it cannot be changed."""
    with _guard:
        config = _with_environment(_configured)
    _check(config)
    frozen: Mapping[str, Any] = _frozen(config)
    return frozen


def section(name: str) -> Mapping[str, Mapping[str, Any]]:
    """The instances of a section of `model_management`, by name."""
    found: Mapping[str, Mapping[str, Any]] = get_config()["model_management"][name]
    return found


def reset() -> None:
    """Forget what was configured."""
    global _configured
    with _guard:
        _configured = copy.deepcopy(_DEFAULTS)


def merged(base: object, over: object, strategy: str = "merge") -> object:
    """`over` put over `base`, neither changed. "merge" goes into mappings and puts lists before those that are there;
    "override" replaces the values of the topmost mapping."""
    if strategy == "override" and isinstance(base, Mapping) and isinstance(over, Mapping):
        return {**base, **over}
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {
            key: merged(base[key], over[key])
            if key in base and key in over
            else (over if key in over else base)[key]
            for key in dict.fromkeys([*base, *over])
        }
    if isinstance(base, list) and isinstance(over, list):
        return [*over, *base]
    return over


# ---- where it comes from


def _added(config: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    strategy = more.get("merge_strategy", config["merge_strategy"])
    if strategy not in ("merge", "override"):
        raise ConfigurationError(f"merge_strategy is “{strategy}”; it can be merge or override.")
    added: Any = merged(config, more, strategy)
    return dict(added)


def _read(path: Path) -> dict[str, Any]:
    import yaml  # costs 15 ms

    try:
        with path.open(encoding="utf-8") as file:
            found = yaml.safe_load(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise ConfigurationError(f"{path} cannot be read ({reason}).") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise ConfigurationError(f"{path}{line} is no YAML: {getattr(error, 'problem', error)}.") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} holds no names with values.")
    plain = _plain(found)
    try:
        _check(plain)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}", hint=error.hint) from error
    return plain


def _more_files(config: Mapping[str, Any]) -> Iterator[Path]:
    named = os.environ.get("CONFIG_FILES") or config.get("config_files") or ()
    for name in named.split(",") if isinstance(named, str) else named:
        if str(name).strip():
            yield Path(str(name).strip())


def _with_environment(config: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in config.items():
        here = (*path, str(key))
        if isinstance(value, Mapping):
            found[key] = _with_environment(value, here)
            continue
        name = re.sub(r"[^A-Z0-9]", "_", "_".join(here).upper())
        found[key] = _of_environment(name, value)
    return found


def _of_environment(name: str, value: object) -> object:
    text = os.environ.get(name)
    # An only word is more likely some other program's than a part of ours.
    if text is None or "_" not in name or name == "CONFIG_FILES":
        return value
    import yaml

    try:
        return _plain({"value": yaml.safe_load(text)})["value"]
    except yaml.YAMLError as error:
        raise ConfigurationError(f"The environment variable {name} is no YAML value.") from error


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of its own, of dicts and lists."""

    def copied(value: object) -> object:
        if isinstance(value, Mapping):
            return {str(key): copied(part) for key, part in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            return [copied(part) for part in value]
        return value

    plain: Any = copied(values)
    return dict(plain)


def _frozen(value: object) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(part) for key, part in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return value


# ---- whether it can be used


def _check(config: Mapping[str, Any]) -> None:
    models = config.get("model_management", {})
    if not isinstance(models, Mapping):
        raise ConfigurationError("model_management holds no sections.")
    for name, instances in models.items():
        if name in _FOREIGN_SECTIONS:
            continue
        if name not in _SECTIONS:
            raise ConfigurationError(
                f"model_management.{name} is no section.", hint=f"There are {', '.join(_SECTIONS)}."
            )
        if not isinstance(instances, Mapping):
            raise ConfigurationError(f"model_management.{name} holds no names.")
        for instance, told in instances.items():
            _check_instance(f"model_management.{name}.{instance}", told)


def _check_instance(where: str, told: object) -> None:
    if not isinstance(told, Mapping):
        raise ConfigurationError(f"{where} is not set up.", hint="It takes a type, and a config.")
    for key in told:
        if key not in _KEYS:
            raise ConfigurationError(f"{where}.{key} means nothing.", hint=f"It may have {', '.join(_KEYS)}.")
    if not isinstance(told.get("config"), (Mapping, type(None))):
        raise ConfigurationError(f"{where}.config holds no names with values.")
    for key in ("type", "import_class"):
        if not isinstance(told.get(key, ""), (str, type(None))):
            raise ConfigurationError(f"{where}.{key} is no text.")

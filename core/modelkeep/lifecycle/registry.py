"""Models by names of their own, loaded in the process of whoever calls.

    registry = get_registry()
    model, tokenizer = registry.load_model("biobert-base", device="cpu")
    registry.register("our-ner", ModelType.CLINICAL, model="our-org/ner", loader=OurLoader)

The presets are there, and what the files of the user's folder register. Loading reads what is cached and no network,
after the checks of what a model's files would run. A model that is loaded stays for who asks again, as many as
`set_cache_size` says. Everything may be called from several threads. Source of names and promises: Med-vLLM,
`medvllm.engine.model_runner.registry`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from modelkeep.errors import InvalidKey, ModelNotFound
from modelkeep.library import Library, open_library
from modelkeep.lifecycle.entries import Entries, Entry, checked_loader
from modelkeep.lifecycle.loaded import Key, LoadedModels, frozen
from modelkeep.lifecycle.loaders import ModelLoader
from modelkeep.lifecycle.model_metadata import ModelMetadata
from modelkeep.lifecycle.model_types import ModelType
from modelkeep.lifecycle.registry_errors import (
    ModelLoadingError,
    ModelRegistrationError,
    ModelValidationError,
    loading_errors,
)
from modelkeep.lifecycle.sources import Found, check, look_up
from modelkeep.registrations.values import (
    FileProblem,
    Registration,
    expanded,
    is_name,
    model_problem,
    parameter_problem,
)

__all__ = ["ModelMetadata", "ModelRegistry", "ModelType", "get_registry"]

_DEVICE = re.compile(r"(?:cpu|mps|(?:cuda|xpu)(?::\d{1,4})?)")


class ModelRegistry:
    """See the module. Files are read when the registry is first asked for anything, from `folder` where it is given.

    `roots` are the caches that are looked through, None for all of the user's. `clock` gives seconds.
    """

    DEFAULT_CACHE_SIZE = 5
    CACHE_TTL = 3600.0

    def __init__(
        self,
        *,
        roots: Iterable[str | Path] | None = None,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._roots = None if roots is None else tuple(roots)
        self._entries = Entries(folder)
        self._loaded = LoadedModels(size=self.DEFAULT_CACHE_SIZE, ttl=self.CACHE_TTL, clock=clock)

    # ---- what is registered

    def register(
        self,
        name: str,
        model_type: ModelType | str | int = ModelType.GENERIC,
        model_class: Any = None,
        config_class: Any = None,
        tokenizer_class: Any = None,
        description: str = "",
        tags: Iterable[str] | None = None,
        loader: type[ModelLoader] | None = None,
        parameters: Mapping[str, Any] | None = None,
        force: bool = False,
        version: str = "1.0.0",
        *,
        model: str = "",
        revision: str = "",
        capabilities: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Register a model for this process. `model` is its key or folder; by default the loader's, or the name.

        `parameters` and further arguments change its configuration. Raises `ModelRegistrationError`, a `ValueError`,
        also where the name is taken, unless `force`; and `ValueError` for what is no type.
        """
        kind = ModelType.of(model_type)
        loader_model = checked_loader(name, loader).MODEL_NAME if loader else ""
        asked = Registration(
            name,
            kind.name.lower(),
            expanded(model or loader_model or str(name), Path.cwd()),
            revision,
            description,
            tuple(tags or ()),
            parameters={**(parameters or {}), **more},
            capabilities=dict(capabilities or {}),
            version=version,
            origin="program",
        )
        _check(asked, said=model or loader_model)
        classes = {
            "model_class": model_class,
            "config_class": config_class,
            "tokenizer_class": tokenizer_class,
        }
        self._entries.add(Entry(asked, ModelMetadata.of(asked, classes), loader), force=force)
        self._loaded.forget(name)

    def unregister(self, name: str) -> None:
        """Forget a model, its loader, and what is loaded of it, in this process. Raises `ModelNotFoundError`."""
        self._entries.remove(name)
        self._loaded.forget(name)

    def is_registered(self, name: str) -> bool:
        return self._entries.find(name) is not None

    def get_metadata(self, name: str) -> ModelMetadata:
        """What is known of a model. Raises `ModelNotFoundError`."""
        return self._entries.get(name).metadata

    def list_models(self, model_type: ModelType | str | int | None = None) -> list[dict[str, Any]]:
        """What `ModelMetadata.to_dict` says of all models, or of those of a type."""
        kind = None if model_type is None else ModelType.of(model_type)
        known = [entry.metadata for entry in self._entries.all()]
        return [one.to_dict() for one in known if kind in (None, one.model_type)]

    def list_capabilities(self) -> dict[str, dict[str, Any]]:
        """The capabilities of each model that has any, by name."""
        known = [entry.metadata for entry in self._entries.all()]
        return {one.name: dict(one.capabilities) for one in known if one.capabilities}

    def add_loader(self, loader: type[ModelLoader], name: str = "") -> None:
        """Let files name a loader of the program's, by the name of its class or another."""
        self._entries.add_loader(name or loader.__name__, loader)

    @property
    def problems(self) -> tuple[FileProblem, ...]:
        """What was wrong in the files; what they say besides is registered."""
        return self._entries.problems

    def reload(self) -> None:
        """Read the files again, now; what the program registered stays, and so does what is loaded of that."""
        for name in self._entries.reload():
            self._loaded.forget(name)

    def clear(self) -> None:
        """Forget all that is registered and loaded, the presets too, in this process; `reload` brings those back."""
        self._entries.clear()
        self.clear_cache()

    # ---- what is loaded

    def load_model(
        self,
        name: str,
        config: Any = None,
        device: Any = None,
        use_cache: bool = True,
        *,
        allow_code: bool = False,
        allow_unsafe: bool = False,
        **kwargs: Any,
    ) -> Any:
        """A model from the cache: the model, or (model, tokenizer) of biomedical and clinical ones.

        `config` and `kwargs` change its configuration or its loading, for this call; `use_cache` False loads it anew
        and keeps it for nobody. A model that is cached and not registered is loaded as a generic one, and registered.
        `allow_code` lets code run that the model brings, `allow_unsafe` has it loaded although something dangerous
        was found in its files. Raises `ModelLoadingError`, and `ValueError` for no name and for what is no device.
        """
        if not isinstance(name, str) or not name:
            raise ModelValidationError("A model is loaded by its name, which is a text that is not empty.")
        place = _device(name, device)
        for parameter, value in kwargs.items():
            if problem := parameter_problem(parameter, value):
                raise ModelValidationError(problem, name)
        with loading_errors(name), open_library(self._roots) as library:
            entry, found = self._find(name, library)

            def load() -> Any:
                answers = {"allow_code": allow_code, "allow_unsafe": allow_unsafe}
                return self._load(entry, found, library, config, place, kwargs, answers)

            if not use_cache:
                return load()
            state = found.state if found else ()
            asked = frozen([config, place, kwargs, allow_code, allow_unsafe])
            return self._loaded.get(Key(name, (entry.serial, state, asked)), load)

    def clear_cache(self) -> None:
        """Let go of all loaded models, and count anew."""
        self._loaded.forget()

    def set_cache_size(self, size: int, max_bytes: int | None = None) -> None:
        """Keep at most so many loaded models, and if it is said, so many bytes of weights."""
        if type(size) is not int or size < 1:
            raise ModelValidationError(f"At least 1 model has to be kept, not {size}.")
        if max_bytes is not None and max_bytes < 0:
            raise ModelValidationError("A number of bytes is not less than 0.")
        self._loaded.limit(size=size, max_bytes=max_bytes)

    def set_cache_ttl(self, seconds: float) -> None:
        """Keep loaded models no longer than so many seconds, which are not less than 0."""
        if not seconds >= 0:
            raise ModelValidationError(f"A time is not less than 0 seconds, as {seconds} is.")
        self._loaded.limit(ttl=seconds)

    def get_cache_stats(self) -> dict[str, Any]:
        """hits, misses, hit_rate, current_size, max_size, ttl_seconds, cached_models; current_bytes and max_bytes."""
        return self._loaded.stats()

    def cache_hit_rate(self) -> float:
        return float(self._loaded.stats()["hit_rate"])

    # ---- within

    def _find(self, name: str, library: Library) -> tuple[Entry, Found | None]:
        """The entry of a name, and where its model lies; None for a loader that has no model in a cache."""
        entry = self._entries.find(name)
        if entry is None:
            return self._found_unregistered(name, library)
        try:
            return entry, look_up(entry.registration, library)
        except (InvalidKey, ModelNotFound):
            # Nobody said which model it is, so its loader knows what to do.
            if entry.loader is not None and not entry.loader.MODEL_NAME and entry.registration.model == name:
                return entry, None
            raise

    def _found_unregistered(self, name: str, library: Library) -> tuple[Entry, Found]:
        """A model of a cache by its key, which is registered thereby."""
        model = expanded(name, Path.cwd())
        asked = Registration(name, model=model, description=f"Auto-loaded model: {name}", origin="program")
        if model_problem(name):
            raise self._unknown(name)
        try:
            found = look_up(asked, library)
        except ModelNotFound as error:
            raise self._unknown(name, error.hint) from error
        return self._entries.add_new(Entry(asked, ModelMetadata.of(asked))), found

    def _unknown(self, name: str, hint: str = "") -> ModelLoadingError:
        hint = " ".join(filter(None, (self._entries.nearest(name), hint)))
        return ModelLoadingError("Nothing is registered by this name, and no cache has it", name, hint=hint)

    def _load(
        self,
        entry: Entry,
        found: Found | None,
        library: Library,
        config: Any,
        device: str | None,
        kwargs: Mapping[str, Any],
        answers: Mapping[str, bool],
    ) -> Any:
        name, metadata = entry.registration.name, entry.metadata
        # What goes wrong is said as itself to all who wait for it.
        with loading_errors(name):
            loader = self._entries.loader_of(entry)
            options = {**metadata.parameters, **kwargs}
            if found:
                loader = loader.at(check(found, library, **answers))
            for mine, its in (("config_class", "CONFIG_CLASS"), ("tokenizer_class", "TOKENIZER_CLASS")):
                if said := getattr(metadata, mine):
                    loader = type(loader.__name__, (loader,), {its: said, "__module__": loader.__module__})
            began = time.perf_counter()
            model = loader.load_model(
                model_class=metadata.model_class, config=config, device=device, **options
            )
        self._entries.count_load(entry, time.perf_counter() - began)
        return model


def _check(asked: Registration, *, said: str) -> None:
    """Raise `ModelRegistrationError`, from a `ModelValidationError`, for what cannot be registered."""
    problem = ""
    if not isinstance(asked.name, str) or not is_name(asked.name):
        problem = f"“{asked.name}” cannot be the name of a model: letters, digits, and . - _ /"
    elif said:
        problem = model_problem(asked.model, asked.revision)
    for name, value in asked.parameters.items():
        problem = problem or parameter_problem(name, value)
    if problem:
        wrong = ModelValidationError(problem, str(asked.name))
        raise ModelRegistrationError(problem, str(asked.name)) from wrong


def _device(name: str, device: Any) -> str | None:
    """A device as text: `cpu`, `cuda`, `cuda:1`, `xpu`, `mps`; also one of torch's. Raises `ModelValidationError`."""
    if device is None:
        return None
    if not _DEVICE.fullmatch(str(device)):
        raise ModelValidationError(
            f"“{device}” is not a device", name, hint="A device is cpu, cuda, cuda:1, xpu or mps."
        )
    return str(device)


_GETTING = threading.Lock()
_registry: ModelRegistry | None = None


def get_registry() -> ModelRegistry:
    """The registry of this process."""
    global _registry
    with _GETTING:
        _registry = _registry or ModelRegistry()
        return _registry


_FUNCTIONS = (
    "register",
    "unregister",
    "is_registered",
    "list_models",
    "get_metadata",
    "load_model",
    "clear_cache",
    "set_cache_size",
    "set_cache_ttl",
    "get_cache_stats",
)


def __getattr__(name: str) -> Any:
    """`registry`, as Med-vLLM calls that of the process, and its methods as functions; made when first asked for."""
    if name == "registry":
        return get_registry()
    if name in _FUNCTIONS:
        return getattr(get_registry(), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

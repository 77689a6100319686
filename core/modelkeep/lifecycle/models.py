"""Loads, trains and asks models by the configured finders, initializers, trainers and predictors.

Source of names: caikit 0.29.1, `caikit.core.model_manager`.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelkeep.disk import disk_errors
from modelkeep.errors import CacheError, NoFinder, NoInitializer, UnknownArchive
from modelkeep.lifecycle.configuration import section
from modelkeep.lifecycle.futures import JobFutureBase, name_in
from modelkeep.lifecycle.named import get_finder, get_initializer, get_predictor, get_trainer

if TYPE_CHECKING:
    from modelkeep.lifecycle.finders.finder import ModelFinder
    from modelkeep.lifecycle.futures import JobPredictorFutureBase, ModelTrainerFutureBase
    from modelkeep.lifecycle.initializers import ModelInitializer
    from modelkeep.lifecycle.predictors import JobPredictor
    from modelkeep.lifecycle.trainers import ModelTrainer

__all__ = [
    "clear_singleton_cache",
    "extract",
    "get_model_future",
    "get_prediction_future",
    "get_singleton_model_cache_info",
    "load",
    "start_prediction_job",
    "train",
]

_guard = threading.RLock()
_singletons: dict[tuple[str, str, str], Any] = {}


def load(
    module_path: str | os.PathLike[str] | bytes | io.BytesIO,
    *,
    load_singleton: bool = False,
    finder: str | ModelFinder = "default",
    initializer: str | ModelInitializer = "default",
    **kwargs: Any,
) -> Any:
    """A model, found and made: by its path, its name, or the bytes of a zip. With `load_singleton` the same object
    again, for as long as it is asked for by the same names. `kwargs` go to the initializer.

    Raises `NoFinder`, `NoInitializer`, `ArchiveError`, and what finding and loading raise.
    """
    if isinstance(module_path, (bytes, io.BytesIO)):
        return _load_zip(module_path, initializer, kwargs)
    path = os.fspath(module_path)
    names = (os.path.abspath(path) if os.path.exists(path) else path, str(finder), str(initializer))
    if not load_singleton:
        return _load(path, finder, initializer, kwargs)
    with _guard:
        if names not in _singletons:
            _singletons[names] = _load(path, finder, initializer, kwargs)
        return _singletons[names]


def get_singleton_model_cache_info() -> dict[str, type]:
    """What is loaded once, by its path or name."""
    with _guard:
        return {path: type(model) for (path, _, _), model in _singletons.items()}


def clear_singleton_cache() -> None:
    with _guard:
        _singletons.clear()


def _load(
    path: str, finder: str | ModelFinder, initializer: str | ModelInitializer, kwargs: dict[str, Any]
) -> Any:
    found = get_finder(finder).find_model(path)
    if found is None:
        raise NoFinder(f"The finder finds no {path}.")
    model = get_initializer(initializer).init(found, **kwargs)
    if model is None:
        raise NoInitializer(f"The initializer makes no model of {path}, which is of “{found.module_id}”.")
    return model


def _load_zip(
    content: bytes | io.BytesIO, initializer: str | ModelInitializer, kwargs: dict[str, Any]
) -> Any:
    from modelkeep.lifecycle.finders.local import LocalModelFinder

    # What is loaded from a folder may read from it only then, as models of config.yml do.
    with tempfile.TemporaryDirectory(prefix="modelkeep-") as folder:
        file = Path(folder, "model.zip")
        file.write_bytes(content if isinstance(content, bytes) else content.getvalue())
        path = extract(file, Path(folder, "model"))
        return _load(path, LocalModelFinder({}, "zip"), initializer, kwargs)


def extract(
    zip_path: str | os.PathLike[str], model_path: str | os.PathLike[str], force_overwrite: bool = False
) -> str:
    """Unpack the model of an archive into a folder that there is not yet; returns its absolute path.

    Nothing is written anywhere else, whatever the archive says. The model is at the top, or in the one folder there.
    Raises `ArchiveError`, and `CacheError` where something is and `force_overwrite` does not let it go.
    """
    from modelkeep.archive.container import open_container

    source, target = Path(zip_path), Path(os.path.abspath(model_path))
    if not source.is_file():
        raise UnknownArchive(f"{source} is no archive.")
    if os.path.lexists(target) and not force_overwrite:
        raise CacheError(
            f"{target} is there already.", hint="Choose another place, or let it be overwritten."
        )
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{target.name[:50]}-", dir=target.parent))
    try:
        container = open_container(source)
        try:
            inside = _one_folder(member.name for member in container.members)
            for member in container.members:
                if not member.name.startswith(inside):
                    continue
                place = new / member.name.removeprefix(inside)
                with disk_errors(place):
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with place.open("xb") as file:
                        for chunk in container.chunks(member):
                            file.write(chunk)
        finally:
            container.close()
        with disk_errors(target):
            if target.is_symlink() or target.is_file():
                target.unlink()
            elif target.exists():
                shutil.rmtree(target)
            new.rename(target)
            target.chmod(0o755)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return str(target)


def _one_folder(names: Any) -> str:
    """The one folder at the top, with a slash; "" where the model itself is at the top."""
    tops = {name.partition("/") for name in names if not name.startswith("__")}
    folders = {top for top, slash, _ in tops if slash}
    if len(folders) == 1 and all(slash for _, slash, _ in tops):
        return f"{folders.pop()}/"
    return ""


def train(
    module: Any,
    *args: Any,
    trainer: str | ModelTrainer = "default",
    save_path: str | None = None,
    save_with_id: bool = False,
    model_name: str | None = None,
    wait: bool = False,
    **kwargs: Any,
) -> ModelTrainerFutureBase:
    """Have a model trained by a trainer; `wait`: return when it has ended."""
    future = get_trainer(trainer).train(
        module, *args, save_path=save_path, save_with_id=save_with_id, model_name=model_name, **kwargs
    )
    if wait:
        future.wait()
    return future


def start_prediction_job(
    model: Any,
    prediction_func_name: str,
    *args: Any,
    predictor: str | JobPredictor = "default",
    wait: bool = False,
    **kwargs: Any,
) -> JobPredictorFutureBase:
    """Have a model asked by a predictor; `wait`: return when it has ended."""
    future = get_predictor(predictor).predict(model, prediction_func_name, *args, **kwargs)
    if wait:
        future.wait()
    return future


def get_model_future(training_id: str) -> JobFutureBase:
    """A job by its id, also of an earlier program. Raises `JobNotFound`."""
    name = name_in(training_id)
    return get_trainer(name if name in section("trainers") else "default").get_future(training_id)


def get_prediction_future(prediction_id: str) -> JobFutureBase:
    """A job by its id, also of an earlier program. Raises `JobNotFound`."""
    name = name_in(prediction_id)
    return get_predictor(name if name in section("job_predictors") else "default").get_future(prediction_id)

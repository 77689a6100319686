"""A CAT that a den has handed out: a CAT in every respect, but that the den's policy holds.

The class is made from the one that was loaded, so that `isinstance(cat, CAT)` is true.
"""

from __future__ import annotations

from typing import Any

from modelkeep.den.config import check_fine_tuning
from modelkeep.den.failures import CannotSaveOnDiskException, CannotWrapModel
from modelkeep.den.info import ModelInfo

__all__ = ["is_wrapped", "wrap_cat"]


def wrap_cat(cat: Any, info: ModelInfo | None, config: object | None) -> Any:
    """The CAT, watched over. Raises `CannotWrapModel` for what is none, or comes from nowhere."""
    if info is None or config is None:
        raise CannotWrapModel("A model is handed out with what is known of it and of its den.")
    if not hasattr(cat, "save_model_pack"):
        raise CannotWrapModel(f"What was loaded is a {type(cat).__name__}, and no CAT.")
    return _watched(type(cat), _Watched)(cat, info, config)


def is_wrapped(cat: object) -> bool:
    """Whether a CAT came from a den."""
    return isinstance(cat, _Watched)


class _Watched:
    """What a CAT of a den does otherwise than any CAT."""

    def __init__(self, cat: Any, info: ModelInfo, config: object) -> None:
        own = {"_delegate": cat, "_model_info": info, "_den_cnf": config}
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def save_model_pack(self, *args: Any, force_save_local: bool = False, **kwargs: Any) -> Any:
        """Raises `CannotSaveOnDiskException` unless it is insisted on."""
        if not force_save_local:
            raise CannotSaveOnDiskException(
                "A model that came from a den is not saved into a folder.",
                hint="Push it: `Den.push_model`. `force_save_local=True` saves it all the same.",
            )
        return self._delegate.save_model_pack(*args, **kwargs)

    @property
    def trainer(self) -> Any:
        """The CAT's trainer; supervised training is up to the den's policy."""
        return _watched(type(self._delegate.trainer), _WatchedTrainer)(self._delegate.trainer, self._den_cnf)

    def __getattr__(self, name: str) -> Any:
        if name in ("_delegate", "_model_info", "_den_cnf"):  # while it is unpickled or copied
            raise AttributeError(name)
        return getattr(self._delegate, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("_delegate", "_model_info", "_den_cnf"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._delegate, name, value)


class _WatchedTrainer:
    def __init__(self, trainer: Any, config: object) -> None:
        self.__dict__.update(vars(trainer), _den_cnf=config)

    def train_supervised_raw(self, *args: Any, **kwargs: Any) -> Any:
        """Raises `NotAllowedToFineTuneLocallyException` where the den's policy forbids it."""
        check_fine_tuning(self._den_cnf)
        return super().train_supervised_raw(*args, **kwargs)  # type: ignore[misc]

    def add_and_train_concept(self, *args: Any, **kwargs: Any) -> Any:
        """The same: it trains the same components, by one example."""
        check_fine_tuning(self._den_cnf)
        return super().add_and_train_concept(*args, **kwargs)  # type: ignore[misc]

    _den_cnf: object


_made: dict[tuple[type[Any], type[Any]], type[Any]] = {}


def _watched(cls: type[Any], ours: type[Any]) -> type[Any]:
    """The class of a library with our methods before its own; always the same one."""
    body = {"__module__": cls.__module__, "__doc__": cls.__doc__}
    return _made.setdefault((cls, ours), type(f"{cls.__name__}OfDen", (ours, cls), body))

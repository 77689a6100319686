"""Models that are loaded: at most so many, so large and so old; and each loaded once, however many want it."""

from __future__ import annotations

import copy
import gc
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from modelkeep.lifecycle.registry_errors import ModelLoadingError

__all__ = ["Key", "LoadedModels", "Loads", "bytes_of", "frozen"]


class Key(NamedTuple):
    """What a loaded model is asked for by: `name`, and everything that makes another model of it."""

    name: str
    rest: Hashable


class _Kept(NamedTuple):
    model: Any
    at: float
    size: int


@dataclass
class _Flight:
    """A load that is under way, in the thread `owner`."""

    owner: int
    future: Future[Any] = field(default_factory=Future)


class Loads(NamedTuple):
    """How often a model was there, and how often it was not, since the last `clear`."""

    hits: int
    misses: int


class LoadedModels:
    """See the module. The least recently used go first. `clock` gives seconds; ages count from the end of loading.

    A model that is larger than all may be together is given to who wants it, and not kept.
    """

    def __init__(
        self,
        *,
        size: int = 5,
        ttl: float = 3600.0,
        max_bytes: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size, self._ttl, self._max_bytes, self._clock = size, ttl, max_bytes, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._flights: dict[Key, _Flight] = {}
        self._hits = self._misses = 0

    def get(self, key: Key, load: Callable[[], Any]) -> Any:
        """The model of that key, from `load` where it is not here. Who comes while it is loaded waits for it.

        A load that fails does so for all who wait; who comes then loads again.
        """
        counted = False
        while True:
            with self._lock:
                gone = self._drop_old()
                if kept := self._kept.get(key):
                    self._kept.move_to_end(key)
                    self._hits += not counted
                    return kept.model
                self._misses += not counted
                counted = True
                flight = self._flights.get(key)
                if leads := flight is None:
                    flight = self._flights[key] = _Flight(threading.get_ident())
            _let_go(gone)
            if leads:
                return self._lead(key, flight, load)
            if flight.owner == threading.get_ident():
                raise ModelLoadingError("Its loader wants the same model to load it", key.name)
            try:
                return flight.future.result()
            except CancelledError:
                continue  # it was stopped where it was loaded, not here
            except Exception as error:
                raise copy.copy(error) from error

    def _lead(self, key: Key, flight: _Flight, load: Callable[[], Any]) -> Any:
        try:
            model = load()
        except BaseException as error:
            with self._lock:
                self._end(key, flight)
            if isinstance(error, Exception):
                flight.future.set_exception(error)
            else:
                flight.future.cancel()
            raise
        size = bytes_of(model)
        with self._lock:
            # Else it was forgotten meanwhile.
            if self._end(key, flight) and (self._max_bytes is None or size <= self._max_bytes):
                self._kept[key] = _Kept(model, self._clock(), size)
            gone = self._drop_too_many()
        flight.future.set_result(model)
        _let_go(gone)
        return model

    def _end(self, key: Key, flight: _Flight) -> bool:
        if self._flights.get(key) is flight:
            del self._flights[key]
            return True
        return False

    def forget(self, name: str | None = None) -> None:
        """Let go of the models of a name, or of all; what is being loaded then is not kept either."""
        with self._lock:
            for key in [key for key in self._flights if name in (None, key.name)]:
                del self._flights[key]
            gone = [self._kept.pop(key) for key in [*self._kept] if name in (None, key.name)]
            if name is None:
                self._hits = self._misses = 0
        _let_go(gone)

    def limit(
        self, *, size: int | None = None, ttl: float | None = None, max_bytes: int | None = None
    ) -> None:
        """Change the limits that are named, and let go of what is beyond them."""
        with self._lock:
            self._size = self._size if size is None else size
            self._ttl = self._ttl if ttl is None else ttl
            self._max_bytes = self._max_bytes if max_bytes is None else max_bytes
            gone = self._drop_old() + self._drop_too_many()
        _let_go(gone)

    @property
    def loads(self) -> Loads:
        with self._lock:
            return Loads(self._hits, self._misses)

    def stats(self) -> dict[str, Any]:
        """The figures that `get_cache_stats` of Med-vLLM has, and the bytes."""
        with self._lock:
            gone = self._drop_old()
            asked = self._hits + self._misses
            said = {
                "hits": self._hits,
                "misses": self._misses,
                "hit_rate": self._hits / asked if asked else 0.0,
                "current_size": len(self._kept),
                "max_size": self._size,
                "ttl_seconds": self._ttl,
                "cached_models": list(dict.fromkeys(key.name for key in self._kept)),
                "current_bytes": sum(kept.size for kept in self._kept.values()),
                "max_bytes": self._max_bytes,
            }
        _let_go(gone)
        return said

    def _drop_old(self) -> list[_Kept]:
        now = self._clock()
        old = [key for key, kept in self._kept.items() if now - kept.at >= self._ttl]
        return [self._kept.pop(key) for key in old]

    def _drop_too_many(self) -> list[_Kept]:
        gone = []
        while self._kept and self._is_too_much():
            gone.append(self._kept.popitem(last=False)[1])
        return gone

    def _is_too_much(self) -> bool:
        size = sum(kept.size for kept in self._kept.values())
        return len(self._kept) > self._size or (self._max_bytes is not None and size > self._max_bytes)


def _let_go(gone: list[_Kept]) -> None:
    """Have the memory of models back now: they refer to themselves in circles."""
    if gone:
        gone.clear()
        gc.collect()


def bytes_of(model: Any) -> int:
    """What the weights of a model take; of (model, tokenizer), of both. 0 for what has none that we know of."""
    if isinstance(model, tuple):
        return sum(map(bytes_of, model))
    parts = [part for kind in ("parameters", "buffers") if callable(part := getattr(model, kind, None))]
    try:
        return sum(int(one.nbytes) for part in parts for one in part())
    except (AttributeError, TypeError):
        return 0


def frozen(value: Any) -> Hashable:
    """A value as a part of a key; what cannot be compared is only the same as itself."""
    if isinstance(value, dict):
        return ("dict", frozenset((str(name), frozen(one)) for name, one in value.items()))
    if isinstance(value, (list, tuple)):
        return (type(value), tuple(map(frozen, value)))
    try:
        hash(value)
    except TypeError:
        return _Same(value)
    return (type(value), value)  # True is not 1


class _Same:
    """Equal to one of the same object alone, which it keeps, so that no other gets its place in memory."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)

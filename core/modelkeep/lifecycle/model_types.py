"""What models are for: generic, biomedical, clinical, and whatever else somebody declares.

ModelType.CLINICAL, ModelType["CLINICAL"], ModelType.of("clinical"), ModelType(3)      # all the same
ModelType.declare("radiology")                                                         # value 4, for this process
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import ClassVar, Self

from modelkeep.registrations.values import BUILT_IN_TYPES, is_type_name

__all__ = ["ModelType"]


class _Types(type):
    """What an enumeration can: be gone through, and be asked by name."""

    def __iter__(cls) -> Iterator[ModelType]:
        return iter(tuple(_BY_NAME.values()))

    def __len__(cls) -> int:
        return len(_BY_NAME)

    def __getitem__(cls, name: str) -> ModelType:
        return _BY_NAME[name]


class ModelType(metaclass=_Types):
    """A member of an enumeration that is open: `name` in capitals, `value` from 1. There is one of each."""

    __slots__ = ("name", "value")

    GENERIC: ClassVar[ModelType]
    BIOMEDICAL: ClassVar[ModelType]
    CLINICAL: ClassVar[ModelType]

    name: str
    value: int

    def __new__(cls, value: object) -> Self:
        """The type of that value; raises `ValueError` where there is none."""
        for known in _BY_NAME.values():
            if known is value or (type(value) is int and known.value == value):
                return known  # type: ignore[return-value] # nobody makes subclasses
        raise ValueError(f"{value!r} is not a valid ModelType")

    @classmethod
    def of(cls, said: ModelType | str | int) -> ModelType:
        """The type that is meant: itself, its name in any case, or its value. Raises `ValueError`."""
        if not isinstance(said, str):
            return cls(said)
        if (known := _BY_NAME.get(said.upper())) is None:
            names = ", ".join(_BY_NAME)
            raise ValueError(f"“{said}” is not a type of models. There are {names}.")
        return known

    @classmethod
    def declare(cls, name: str) -> ModelType:
        """The type of that name, which is made where there is none. Raises `ValueError` for what is no name."""
        if not is_type_name(name):
            raise ValueError(f"“{name}” cannot be the name of a type of models: letters, digits and _.")
        with _DECLARING:
            if name.upper() not in _BY_NAME:
                made = object.__new__(cls)
                made.name, made.value = name.upper(), len(_BY_NAME) + 1
                _BY_NAME[made.name] = made
            return _BY_NAME[name.upper()]

    def __repr__(self) -> str:
        return f"<ModelType.{self.name}: {self.value}>"

    def __str__(self) -> str:
        return f"ModelType.{self.name}"

    def __reduce__(self) -> tuple[object, ...]:
        # Values depend on who declared first; names do not.
        return (ModelType.declare, (self.name,))


_DECLARING = threading.Lock()
_BY_NAME: dict[str, ModelType] = {}
ModelType.GENERIC, ModelType.BIOMEDICAL, ModelType.CLINICAL = map(ModelType.declare, BUILT_IN_TYPES)

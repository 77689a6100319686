"""What the registry of models raises, by the names that Med-vLLM gave it.

::

    RegistryError
    └── ModelRegistryError              .model_name, .details
        ├── ModelRegistrationError      it cannot be registered; a ValueError too
        ├── ModelValidationError        what was said makes no sense; a ValueError too
        ├── ModelNotFoundError          nothing is registered by that name; a LookupError too
        └── ModelLoadingError           it is registered and does not load; .hint says what to do
            └── ModelInitializationError    its loader is not one, or cannot be found
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from modelkeep.errors import ModelKeepError, RegistryError

__all__ = [
    "ModelInitializationError",
    "ModelLoadingError",
    "ModelNotFoundError",
    "ModelRegistrationError",
    "ModelRegistryError",
    "ModelValidationError",
    "loading_errors",
]


class ModelRegistryError(RegistryError):
    """Something about the registry; the message ends with the model's name where there is one."""

    def __init__(
        self, message: str, model_name: str | None = None, *, hint: str = "", **details: object
    ) -> None:
        if model_name:
            end = "." if message.endswith(".") else ""
            message = f"{message.removesuffix('.')} (model: {model_name}){end}"
        super().__init__(message, hint=hint)
        self.model_name = model_name
        self.details = details


class ModelValidationError(ModelRegistryError, ValueError):
    """What was said of a model makes no sense."""


class ModelRegistrationError(ModelRegistryError, ValueError):
    """A model cannot be registered, or not by that name."""


class ModelNotFoundError(ModelRegistryError, LookupError):
    """Nothing is registered by that name."""


class ModelLoadingError(ModelRegistryError):
    """A model could not be loaded."""


class ModelInitializationError(ModelLoadingError):
    """There is nothing that could load a model as it is registered."""


@contextmanager
def loading_errors(name: str) -> Iterator[None]:
    """Make a `ModelLoadingError` of whatever goes wrong while the model of that name is loaded."""
    try:
        yield
    except ModelRegistryError:
        raise
    except ModelKeepError as error:
        raise ModelLoadingError(str(error), name, hint=error.hint) from error
    except Exception as error:
        said = next(iter(str(error).strip().splitlines()), "")[:300].rstrip(". ")
        what = ": ".join(filter(None, (type(error).__name__, said)))
        raise ModelLoadingError(
            f"It could not be loaded ({what})", name, error=type(error).__name__
        ) from error

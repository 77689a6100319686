"""What dens raise beside what they hand on: medcat-den's exceptions by their names, with a sentence and a hint.

All are `ValueError`s, as those of medcat-den are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.errors import ModelKeepError

if TYPE_CHECKING:
    from modelkeep.den.info import ModelInfo

__all__ = [
    "CannotDeleteBaseModel",
    "CannotSaveOnDiskException",
    "CannotSendToRemoteException",
    "CannotWrapModel",
    "DenConfigError",
    "DuplicateModelException",
    "NoSuchBackendException",
    "NoSuchModel",
    "NotAllowedToFineTuneLocallyException",
    "UnsupportedAPIException",
]


class DenConfigError(ModelKeepError, ValueError):
    """An argument, a variable or a file of backends that makes no sense."""


class NoSuchBackendException(ModelKeepError, ValueError):
    """The den has no backend of that name."""


class UnsupportedAPIException(ModelKeepError, ValueError):
    """A backend of this kind cannot do that."""


class DuplicateModelException(ModelKeepError, ValueError):
    """The backend has a model of that id already."""


class NoSuchModel(ModelKeepError, ValueError):
    """The backend has no model of that id."""

    def __init__(self, model_info: ModelInfo, backend_name: str, extra: str = "", *, hint: str = "") -> None:
        said = f"There is no model {model_info.model_id} in “{backend_name}”."
        super().__init__(f"{said} {extra}".strip(), hint=hint)


class CannotDeleteBaseModel(ModelKeepError, ValueError):
    """Base models are deleted on request only."""


class CannotWrapModel(ModelKeepError, ValueError):
    """What was loaded is no model that a den can watch over."""


class CannotSaveOnDiskException(ModelKeepError, ValueError):
    """A model of a den goes back into a den, not into a folder."""


class CannotSendToRemoteException(ModelKeepError, ValueError):
    """The policy of a remote den forbids to push models that were fine-tuned elsewhere."""


class NotAllowedToFineTuneLocallyException(ModelKeepError, ValueError):
    """The policy of a remote den forbids to fine-tune its models on this machine."""

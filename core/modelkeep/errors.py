"""Everything that Modelkeep raises for a user to read.

::

    ModelKeepError                  str(error) is one sentence; .hint says what to try
    ├── InvalidKey                  a name that no model can have
    ├── SettingsError               a choice that cannot be kept
    ├── CacheError
    │   ├── CacheNotFound           there is no cache at this path
    │   ├── ModelNotFound           no cache has this model, revision or file
    │   ├── ModelInUse              a process has it open, or is downloading it
    │   ├── ModelPinned             the user said: keep this
    │   ├── ContentConflict         the same commit is here with other content
    │   ├── NotEnoughSpace          it does not fit the disk
    │   ├── ReadOnlyCache           this user may not write there
    │   ├── CacheBusy               another program holds the lock for too long
    │   └── PartlyDone              some of it was done; .failures says what was not
    └── ArchiveError
        ├── UnknownArchive          nothing here that we can import
        ├── UnsafeArchive           an entry that could write where it must not
        └── DamagedArchive          its content is not what it says

    Cancelled                       outside the tree: nobody reports it
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ArchiveError",
    "CacheBusy",
    "CacheError",
    "CacheNotFound",
    "Cancelled",
    "ContentConflict",
    "DamagedArchive",
    "InvalidKey",
    "ModelInUse",
    "ModelKeepError",
    "ModelNotFound",
    "ModelPinned",
    "NotEnoughSpace",
    "PartlyDone",
    "ReadOnlyCache",
    "SettingsError",
    "UnknownArchive",
    "UnsafeArchive",
]


class ModelKeepError(Exception):
    """One sentence for the user, and a hint that says what to try next ("" when there is nothing)."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # A keyword-only argument is lost by the default pickling, and errors cross process borders.
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(cls: type[ModelKeepError], args: tuple[str, ...], state: dict[str, object]) -> ModelKeepError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidKey(ModelKeepError, ValueError):
    """A name that no model can have."""


class SettingsError(ModelKeepError):
    """A choice that cannot be kept."""


class CacheError(ModelKeepError):
    """Something about a cache directory."""


class CacheNotFound(CacheError):
    """There is no cache at this path."""


class ModelNotFound(CacheError, LookupError):
    """No cache has this model, revision or file."""


class ModelInUse(CacheError):
    """A process has files of the model open, or is downloading it."""


class ModelPinned(CacheError):
    """The user pinned the model, so that nothing removes it."""


class ContentConflict(CacheError):
    """The same commit is in the cache with other content."""


class NotEnoughSpace(CacheError):
    """It does not fit the disk."""


class ReadOnlyCache(CacheError):
    """This user may not write there."""


class CacheBusy(CacheError):
    """Another program holds a lock of the cache for too long."""


class PartlyDone(CacheError):
    """Some items were done and some were not; `failures` names those that were not, a sentence each."""

    def __init__(self, message: str, *, failures: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.failures = tuple(failures)


class ArchiveError(ModelKeepError):
    """Something about an archive."""


class UnknownArchive(ArchiveError):
    """There is nothing here that can be imported, or its name is not known."""


class UnsafeArchive(ArchiveError):
    """An entry that could write where it must not, or hide what it is."""


class DamagedArchive(ArchiveError):
    """The archive's content is not what it says it is."""


class Cancelled(Exception):
    """Raised by a report to stop an operation. Not an error: nobody shows it."""

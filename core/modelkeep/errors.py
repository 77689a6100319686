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
    ├── ArchiveError
    │   ├── UnknownArchive          nothing here that we can import
    │   ├── UnsafeArchive           an entry that could write where it must not
    │   └── DamagedArchive          its content is not what it says
    ├── RemoteError
    │   ├── Offline                 the user said: no network
    │   ├── RemoteUnreachable       no answer: name, route, proxy, TLS, timeout
    │   ├── AccessDenied            no token, a wrong one, or not enough rights
    │   ├── NotOnRemote             it has no such model, revision or file
    │   ├── AlreadyOnRemote         something of that name is there already
    │   ├── RemoteBusy              it asks to be left alone for a while
    │   ├── RemoteConflict          somebody else changed it meanwhile
    │   ├── BadReply                it answers, but not as a hub does
    │   ├── NotAllowed              a policy forbids it; the sentence says who may
    │   └── WrongContent            what it sent is not what its name says
    ├── SafetyError
    │   └── UnsafeModel             dangerous files, and nobody allowed them by name
    ├── InferenceError
    │   ├── RuntimeMissing          a library that loading models takes is not installed
    │   ├── UnsupportedModel        nothing here can load it
    │   ├── BadInput                this model cannot be asked that
    │   ├── ProcessDied             the process that had it ended
    │   ├── TooSlow                 it did not end in the time that it may take
    │   └── OutOfMemory             it does not fit the memory
    └── LifecycleError
        ├── NoFinder                no finder of that name, or none that finds it
        ├── NoInitializer           no initializer of that name, or none that makes a model of it
        ├── JobNotFound             there is no job of this id
        ├── JobConflict             a job of this id has not ended
        ├── JobFailed               a job ended with an error that cannot be raised again
        ├── BadTrainingData         the examples are not as they have to be; .problems says where
        └── RegistryError           a model cannot be registered, or is not

    Cancelled                       outside the tree: nobody reports it
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AccessDenied",
    "AlreadyOnRemote",
    "ArchiveError",
    "BadInput",
    "BadReply",
    "BadTrainingData",
    "CacheBusy",
    "CacheError",
    "CacheNotFound",
    "Cancelled",
    "ContentConflict",
    "DamagedArchive",
    "InferenceError",
    "InvalidKey",
    "JobConflict",
    "JobFailed",
    "JobNotFound",
    "LifecycleError",
    "ModelInUse",
    "ModelKeepError",
    "ModelNotFound",
    "ModelPinned",
    "NoFinder",
    "NoInitializer",
    "NotAllowed",
    "NotEnoughSpace",
    "NotOnRemote",
    "Offline",
    "OutOfMemory",
    "PartlyDone",
    "ProcessDied",
    "ReadOnlyCache",
    "RegistryError",
    "RemoteBusy",
    "RemoteConflict",
    "RemoteError",
    "RemoteUnreachable",
    "RuntimeMissing",
    "SafetyError",
    "SettingsError",
    "TooSlow",
    "UnknownArchive",
    "UnsafeArchive",
    "UnsafeModel",
    "UnsupportedModel",
    "WrongContent",
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


class RemoteError(ModelKeepError):
    """Something about a place that models are fetched from or pushed to."""


class Offline(RemoteError):
    """The user said that nothing leaves this machine."""


class RemoteUnreachable(RemoteError):
    """No answer: the name, the route, the proxy, TLS, or it took too long."""


class AccessDenied(RemoteError):
    """No token, a wrong one, or one that may not do this; also a gated model whose terms were not accepted."""


class NotOnRemote(RemoteError, LookupError):
    """The remote has no such model, revision or file, or hides it from this user."""


class AlreadyOnRemote(RemoteError):
    """Something of that name is there already."""


class RemoteBusy(RemoteError):
    """The remote asks to be left alone; `retry_after` are seconds, 0.0 when it did not say."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class RemoteConflict(RemoteError):
    """Somebody else changed the remote meanwhile."""


class BadReply(RemoteError):
    """Something answers, but not as a hub does."""


class NotAllowed(RemoteError):
    """A policy of this place, or its kind, forbids it; the sentence says who may."""


class WrongContent(RemoteError):
    """What was sent is not what its name says, again and again."""


class SafetyError(ModelKeepError):
    """Something about what is in a model's files."""


class UnsafeModel(SafetyError):
    """A model has dangerous files, and nobody allowed them by its name."""


class InferenceError(ModelKeepError):
    """Something about loading or running a model."""


class RuntimeMissing(InferenceError):
    """A library that loading models takes is not installed."""


class UnsupportedModel(InferenceError):
    """Nothing here can load a model of this kind."""


class BadInput(InferenceError, ValueError):
    """This model cannot be asked that: too long, no mask, no such file."""


class ProcessDied(InferenceError):
    """The process that had the model ended."""


class TooSlow(InferenceError):
    """It did not end in the time that it may take."""


class OutOfMemory(InferenceError):
    """The model does not fit the memory."""


class LifecycleError(ModelKeepError):
    """Something about how models are found, made, trained or registered."""


class NoFinder(LifecycleError, LookupError):
    """There is no finder of that name, or none of those that were asked finds the model."""


class NoInitializer(LifecycleError, LookupError):
    """There is no initializer of that name, or none that makes a model of what was found."""


class JobNotFound(LifecycleError, LookupError):
    """There is no job of this id."""


class JobConflict(LifecycleError):
    """A job of this id is there and has not ended."""


class JobFailed(LifecycleError):
    """A job ended with an error that cannot be raised again as it was."""


class BadTrainingData(LifecycleError, ValueError):
    """The examples are not as they have to be. `problems` are (line, sentence), the first of them."""

    def __init__(self, message: str, *, hint: str = "", problems: Sequence[tuple[int, str]] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class RegistryError(LifecycleError):
    """A model cannot be registered, or there is none of that name."""


class Cancelled(Exception):
    """Raised by a report to stop an operation. Not an error: nobody shows it."""

"""How a backend is configured: plain values with the fields of medcat-den's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelkeep.cache.policy import CACHE_OF_A_REMOTE
from modelkeep.den.failures import CannotSendToRemoteException, NotAllowedToFineTuneLocallyException
from modelkeep.den.kinds import Kind

__all__ = [
    "DEFAULT_EVICTION_POLICY",
    "DEFAULT_EXPIRATION_TIME",
    "DEFAULT_MAX_SIZE",
    "DenConfig",
    "LocalCacheConfig",
    "LocalDenConfig",
    "RemoteDenConfig",
    "check_fine_tuning",
    "check_push",
]

DEFAULT_EXPIRATION_TIME = int(CACHE_OF_A_REMOTE.expiry)
DEFAULT_MAX_SIZE = CACHE_OF_A_REMOTE.max_size
DEFAULT_EVICTION_POLICY = CACHE_OF_A_REMOTE.order.value


@dataclass(frozen=True)
class DenConfig:
    """What kind a backend is of."""

    type: Kind


@dataclass(frozen=True)
class LocalDenConfig(DenConfig):
    """A backend in a folder: a den, or with the kind CACHE a model cache."""

    location: str | Path


@dataclass(frozen=True)
class RemoteDenConfig(DenConfig):
    """A backend elsewhere, and what may be done with its models on this machine.

    `host` is a URL, or the name of a remote. Both permissions are refused unless given.
    """

    host: str
    credentials: Mapping[str, Any] | None = field(default=None, repr=False)
    allow_local_fine_tune: bool = False
    allow_push_fine_tuned: bool = False


@dataclass(frozen=True)
class LocalCacheConfig:
    """The cache in front of a backend. `max_size` is in bytes, the times are seconds; 0 for no limit.

    `eviction_policy` is `least-recently-used`, `least-recently-stored`, `least-frequently-used` or `none`. What was
    used within `grace` is not evicted: somebody may be loading it.
    """

    path: str | Path
    expiration_time: int = DEFAULT_EXPIRATION_TIME
    max_size: int = DEFAULT_MAX_SIZE
    eviction_policy: str = DEFAULT_EVICTION_POLICY
    grace: float = 600.0


def check_push(config: object, history: Sequence[str]) -> None:
    """Whether a model of this history may be pushed to a backend. Raises `CannotSendToRemoteException`."""
    if getattr(config, "allow_push_fine_tuned", True) or len(history) <= 1:
        return
    raise CannotSendToRemoteException(
        f"{getattr(config, 'host', 'This den')} takes no models that were fine-tuned elsewhere; only the den "
        "itself may add them, by `Den.finetune_model`.",
        hint="Who configures this den may allow it: `allow_push_fine_tuned`, or "
        "MODELKEEP_DEN_REMOTE_ALLOW_PUSH_FINETUNED=true.",
    )


def check_fine_tuning(config: object) -> None:
    """Whether models of a backend may be fine-tuned here. Raises `NotAllowedToFineTuneLocallyException`."""
    if getattr(config, "allow_local_fine_tune", True):
        return
    raise NotAllowedToFineTuneLocallyException(
        f"Models of {getattr(config, 'host', 'this den')} may not be fine-tuned on this machine; only the den itself "
        "may, by `Den.finetune_model`.",
        hint="Who configures this den may allow it: `allow_local_fine_tune`, or "
        "MODELKEEP_DEN_REMOTE_ALLOW_LOCAL_FINE_TUNE=true.",
    )

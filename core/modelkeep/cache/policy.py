"""How large a cache may become, and what goes then: a user's choice for one root."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CACHE_OF_A_REMOTE", "CachePolicy", "Order"]

_HOUR = 3600.0


class Order(StrEnum):
    """Which model goes first when space is needed; NONE: none does."""

    LEAST_RECENTLY_USED = "least-recently-used"
    LEAST_RECENTLY_STORED = "least-recently-stored"
    LEAST_FREQUENTLY_USED = "least-frequently-used"
    NONE = "none"


@dataclass(frozen=True)
class CachePolicy:
    """How large a cache may become, and what goes then. Sizes are bytes, times seconds; 0 for no limit.

    `max_size` is what its models may take on the disk. A model that was not used for `expiry` goes whatever the size.
    Nothing goes within `grace` of its arrival.
    """

    max_size: int = 0
    expiry: float = 0.0
    order: Order = Order.LEAST_RECENTLY_USED
    grace: float = _HOUR

    @property
    def limits(self) -> bool:
        """Whether it limits anything."""
        return bool(self.max_size or self.expiry)


CACHE_OF_A_REMOTE = CachePolicy(max_size=100 << 30, expiry=10 * 24 * _HOUR)
"""What a cache is limited to that only holds what can be fetched again: 100 GiB, 10 days. Source: medcat-den."""

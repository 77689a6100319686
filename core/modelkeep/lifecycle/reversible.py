"""Names that are written otherwise and can be read back, so that the id of a job tells which instance it belongs to.

Source: caikit 0.29.1, `caikit.core.toolkit.reversible_hasher`: a fixed substitution of letters, no protection.
"""

from __future__ import annotations

import string

__all__ = ["ReversibleHasher"]

_PLAIN = string.ascii_letters + string.digits + "-_"
_WRITTEN = "xzhwTHt7UjOsQFqvKPDulYNWdEy3e52Xka8CSA0mJ1MG6nZ-cBLfI4Rg9i_prVbo"
_THERE = str.maketrans(_PLAIN, _WRITTEN)
_BACK = str.maketrans(_WRITTEN, _PLAIN)


class ReversibleHasher:
    """Other characters than letters, digits, - and _ stay as they are."""

    @staticmethod
    def hash(text: str) -> str:
        return text.translate(_THERE)

    @staticmethod
    def reverse_hash(text: str) -> str:
        return text.translate(_BACK)

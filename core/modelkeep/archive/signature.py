"""Who vouches for an archive: the signature of its list of checksums, and whether a key that is trusted made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from modelkeep.archive.checksums import SUMS_NAME
from modelkeep.archive.minisign import PublicKey, SignatureText
from modelkeep.errors import ArchiveError, DamagedArchive

__all__ = ["Signature", "Standing", "demand", "look_at_signature"]


class Standing(StrEnum):
    """What is known of a signature.

    VERIFIED: a trusted key made it, of exactly this list. UNKNOWN_KEY: none of the trusted keys is the one that it
    names, so that it proves nothing. WRONG: it names a trusted key, which did not make it, or it cannot be read.
    """

    VERIFIED = "verified"
    UNKNOWN_KEY = "unknown-key"
    WRONG = "wrong"


@dataclass(frozen=True)
class Signature:
    """The signature of an archive: the id of its key, and the comment that was signed with it.

    Of one that is not VERIFIED both are only what it says of itself; `key_id` is "" where it cannot be read.
    """

    standing: Standing
    key_id: str = ""
    comment: str = ""

    @property
    def is_verified(self) -> bool:
        return self.standing is Standing.VERIFIED


def look_at_signature(data: bytes, sums: bytes, trusted: Sequence[PublicKey]) -> Signature:
    """What the content of a `SHA256SUMS.minisig` says, beside that of the `SHA256SUMS`. Raises nothing for it."""
    try:
        text = SignatureText.parse(data)
    except DamagedArchive:
        return Signature(Standing.WRONG)
    keys = [key for key in trusted if key.id == text.key_id]
    standing = Standing.WRONG if keys else Standing.UNKNOWN_KEY
    if any(key.checks(text, sums) for key in keys):
        standing = Standing.VERIFIED
    return Signature(standing, text.key_name, text.comment)


def demand(signature: Signature | None, name: str) -> None:
    """Raise `ArchiveError` unless a trusted key has signed the archive of that name."""
    if signature is None:
        raise ArchiveError(
            f"{name} is not signed.", hint="Ask who packed it for a signed one, or import it without a key."
        )
    if signature.standing is Standing.UNKNOWN_KEY:
        raise ArchiveError(
            f"{name} is signed by the key {signature.key_id}, which is not one that you trust.",
            hint="Ask whose key that is. If you trust it, name its .pub file too.",
        )
    if signature.standing is Standing.WRONG:
        raise DamagedArchive(
            f"The signature of {name} is not true: {SUMS_NAME} was changed after it was signed, or it is no "
            "signature of that key.",
            hint="Nothing of it was imported. Get the archive again from who signed it.",
        )

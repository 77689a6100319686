"""Keys and signatures as minisign's: Ed25519, in small files of text that its program reads and writes too.

::

    untrusted comment: ...                      anybody may change it
    RUQ...                                      base64: algorithm, key id, the key or the signature
    trusted comment: ...                        of a signature: signed as well
    9hx...                                      of a signature: that of signature and trusted comment

Source: https://jedisct1.github.io/minisign/, “Signature format” and “Secret key format”, and minisign 0.11. Every
number is little-endian; a key's id is shown as a number in hex.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from modelkeep.disk import disk_errors
from modelkeep.errors import ArchiveError, DamagedArchive, RuntimeMissing

__all__ = [
    "MAX_SIGNATURE",
    "PublicKey",
    "SecretKey",
    "SignatureText",
    "is_locked",
    "make_key",
    "read_public_keys",
    "signature_size",
    "write_key",
]

MAX_SIGNATURE = 16 << 10
"""The largest signature that is read, in bytes."""

_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "
_SAYS = "signature of a Modelkeep archive"
_PLAIN, _HASHED = b"Ed", b"ED"  # of the message itself; of its BLAKE2b-512, as is written
_SCRYPT, _NO_KDF, _BLAKE2B = b"Sc", b"\0\0", b"B2"
_SIGNATURE = struct.Struct("<2s8s64s")
_PUBLIC = struct.Struct("<2s8s32s")
_SECRET = struct.Struct("<2s2s2s32sQQ104s")
_PAIR = struct.Struct("<8s64s32s")  # id, seed and public key, checksum
_MAX_KEY = 4 << 10  # bytes of a file with a key
_MAX_COMMENT = 8 << 10

OPERATIONS, MEMORY = 1 << 25, 1 << 30
"""What guessing a password costs for keys that are made here, as minisign has it: scrypt with 1 GiB."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks signatures."""

    id: bytes
    key: bytes

    @property
    def name(self) -> str:
        """The id as people know it: 16 hex digits."""
        return _name(self.id)

    @classmethod
    def parse(cls, data: bytes) -> PublicKey:
        """Read a `.pub` file, or its second line alone. Raises `ArchiveError`."""
        try:
            lines = data.decode().split("\n")
            line = lines[1] if lines[0].startswith(_UNTRUSTED) else lines[0]
            algorithm, id_, key = _PUBLIC.unpack(_unbase64(line))
        except (ValueError, IndexError, struct.error) as error:
            raise ArchiveError(
                "That is no public key.", hint="It is the .pub file that came with the secret key."
            ) from error
        if algorithm != _PLAIN:
            raise ArchiveError("That public key is of an unknown kind.")
        return cls(id_, key)

    def to_text(self) -> str:
        """The content of a `.pub` file."""
        packed = base64.b64encode(_PUBLIC.pack(_PLAIN, self.id, self.key)).decode()
        return f"{_UNTRUSTED}minisign public key {self.name}\n{packed}\n"

    def checks(self, signature: SignatureText, message: bytes) -> bool:
        """Whether this key made the signature, of this message and with this trusted comment."""
        said = _prehashed(message) if signature.algorithm == _HASHED else message
        closed = signature.signature + signature.comment.encode()
        return (
            signature.key_id == self.id
            and self._is_right(signature.signature, said)
            and self._is_right(signature.comment_signature, closed)
        )

    def _is_right(self, signature: bytes, message: bytes) -> bool:
        _require()
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SecretKey:
    """What makes signatures. Never shown: not by its `repr` either."""

    id: bytes
    key: bytes = field(repr=False)
    """The seed and the public key, 32 bytes each."""

    @classmethod
    def parse(cls, data: bytes, password: str | None = None) -> SecretKey:
        """Read a `.key` file, with its password where `is_locked` says that it has one. Raises `ArchiveError`."""
        _, kdf, salt, operations, memory, pair = _unpacked(data)
        if kdf == _SCRYPT:
            if password is None:
                raise ArchiveError("That secret key has a password.", hint="Give the password.")
            pair = _xor(pair, _stretched(password, salt, operations, memory))
        id_, key, checksum = _PAIR.unpack(pair)
        # minisign itself leaves the checksum of a key without a password out of account.
        if kdf == _SCRYPT and not hmac.compare_digest(checksum, _checksum(id_, key)):
            raise ArchiveError(
                "The password of the secret key is wrong, or its file is damaged.",
                hint="Type the password again, or take the copy of the key that you keep elsewhere.",
            )
        return cls(id_, key)

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.id, self.key[32:])

    def to_text(self, password: str | None, *, operations: int = OPERATIONS, memory: int = MEMORY) -> str:
        """The content of a `.key` file, encrypted unless `password` is None."""
        pair = _PAIR.pack(self.id, self.key, _checksum(self.id, self.key))
        salt, kdf = secrets.token_bytes(32), _SCRYPT
        if password is None:
            salt, kdf, operations, memory = bytes(32), _NO_KDF, 0, 0
        else:
            pair = _xor(pair, _stretched(password, salt, operations, memory))
        packed = _SECRET.pack(_PLAIN, kdf, _BLAKE2B, salt, operations, memory, pair)
        what = "secret key" if password is None else "encrypted secret key"
        return f"{_UNTRUSTED}minisign {what}\n{base64.b64encode(packed).decode()}\n"

    def sign(self, message: bytes, comment: str) -> bytes:
        """The content of a `.minisig` file: always `signature_size(comment)` bytes."""
        _require()
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.from_private_bytes(self.key[:32])
        signature = private.sign(_prehashed(message))
        comment = _one_line(comment)
        return SignatureText(
            _HASHED, self.id, signature, comment, private.sign(signature + comment.encode())
        ).to_bytes()


@dataclass(frozen=True, slots=True)
class SignatureText:
    """A signature as its file has it; whether it is true, `PublicKey.checks` says."""

    algorithm: bytes
    key_id: bytes
    signature: bytes
    comment: str
    comment_signature: bytes

    @property
    def key_name(self) -> str:
        return _name(self.key_id)

    @classmethod
    def parse(cls, data: bytes) -> SignatureText:
        """Read a `.minisig` file. Raises `DamagedArchive`."""
        try:
            if len(data) > MAX_SIGNATURE:
                raise ValueError("too large")
            untrusted, signature, trusted, last = data.decode().replace("\r\n", "\n").rstrip("\n").split("\n")
            if not untrusted.startswith(_UNTRUSTED) or not trusted.startswith(_TRUSTED):
                raise ValueError("no comments")
            algorithm, key_id, signed = _SIGNATURE.unpack(_unbase64(signature))
            comment_signature = _unbase64(last)
            if algorithm not in (_PLAIN, _HASHED) or len(comment_signature) != 64:
                raise ValueError("of another kind")
        except (ValueError, struct.error) as error:
            raise DamagedArchive("The signature is no signature as minisign makes them.") from error
        return cls(algorithm, key_id, signed, trusted.removeprefix(_TRUSTED), comment_signature)

    def to_bytes(self) -> bytes:
        """The content of a `.minisig` file."""
        packed = base64.b64encode(_SIGNATURE.pack(self.algorithm, self.key_id, self.signature)).decode()
        last = base64.b64encode(self.comment_signature).decode()
        return f"{_UNTRUSTED}{_SAYS}\n{packed}\n{_TRUSTED}{self.comment}\n{last}\n".encode()


def signature_size(comment: str) -> int:
    """The bytes of a `.minisig` file with that trusted comment."""
    return len(SignatureText(_HASHED, bytes(8), bytes(64), _one_line(comment), bytes(64)).to_bytes())


def is_locked(data: bytes) -> bool:
    """Whether a `.key` file takes a password. Raises `ArchiveError` when it is none."""
    return _unpacked(data)[1] == _SCRYPT


def make_key() -> SecretKey:
    """A new key."""
    _require()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    return SecretKey(
        secrets.token_bytes(8), private.private_bytes_raw() + private.public_key().public_bytes_raw()
    )


def write_key(
    secret: SecretKey,
    stem: Path,
    password: str | None,
    *,
    operations: int = OPERATIONS,
    memory: int = MEMORY,
) -> tuple[Path, Path]:
    """Write `<stem>.key`, which only this user may read, and `<stem>.pub`; returns both. Replaces nothing."""
    paths = stem.with_name(f"{stem.name}.key"), stem.with_name(f"{stem.name}.pub")
    for path in paths:
        if os.path.lexists(path):
            raise ArchiveError(
                f"{path} is there already.", hint="Choose another name: a key is never replaced."
            )
    texts = secret.to_text(password, operations=operations, memory=memory), secret.public.to_text()
    for path, text, mode in zip(paths, texts, (0o600, 0o644)):
        with disk_errors(path):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with open(handle, "w", encoding="ascii", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
    return paths


def read_public_keys(paths: Iterable[Path]) -> tuple[PublicKey, ...]:
    """The keys of `.pub` files, and of all in folders. Raises `ArchiveError`, also for a folder without any."""
    keys: list[PublicKey] = []
    for path in paths:
        with disk_errors(path):
            files = sorted(path.glob("*.pub")) if path.is_dir() else [path]
        if not files:
            raise ArchiveError(f"{path} has no public keys.", hint="Their names end in .pub.")
        for file in files:
            try:
                keys.append(PublicKey.parse(read_key(file)))
            except ArchiveError as error:
                raise ArchiveError(f"{file} is no public key.", hint=error.hint) from error
    return tuple(keys)


def read_key(path: Path) -> bytes:
    """What a file with a key has in it. Raises `CacheError` where it cannot be read."""
    with disk_errors(path), open(path, "rb") as file:
        return file.read(_MAX_KEY)


# ---- within


def _unpacked(data: bytes) -> tuple[bytes, bytes, bytes, int, int, bytes]:
    try:
        line = data.decode().split("\n")[1]
        algorithm, kdf, checksum, salt, operations, memory, pair = _SECRET.unpack(_unbase64(line))
    except (ValueError, IndexError, struct.error) as error:
        raise ArchiveError(
            "That is no secret key.", hint="It is the .key file that minisign, or Modelkeep, made."
        ) from error
    if algorithm != _PLAIN or kdf not in (_SCRYPT, _NO_KDF) or checksum != _BLAKE2B:
        raise ArchiveError("That secret key is of an unknown kind.")
    return algorithm, kdf, salt, operations, memory, pair


def _stretched(password: str, salt: bytes, operations: int, memory: int) -> bytes:
    """Source: `pickparams` of libsodium's crypto_pwhash_scryptsalsa208sha256."""
    if memory > MEMORY or operations > 4 * OPERATIONS:
        raise ArchiveError("That secret key asks for more than 1 GiB of memory to be opened.")
    operations, r = max(operations, 32768), 8
    few = operations < memory // 32
    most = operations // (r * 4) if few else memory // (r * 128)
    n = 2
    while n <= most // 2:
        n *= 2
    p = 1 if few else max(1, min(operations // 4 // n, 0x3FFFFFFF) // r)
    try:
        return hashlib.scrypt(
            password.encode(), salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p + 2) + 1024, dklen=104
        )
    except (ValueError, MemoryError) as error:
        raise ArchiveError(
            "The secret key could not be opened: its password takes memory that is not there.",
            hint="Close some programs; it takes up to 1 GiB for a moment.",
        ) from error


def _checksum(id_: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(_PLAIN + id_ + key, digest_size=32).digest()


def _prehashed(message: bytes) -> bytes:
    return hashlib.blake2b(message).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _name(id_: bytes) -> str:
    return f"{int.from_bytes(id_, 'little'):016X}"


def _one_line(comment: str) -> str:
    """A comment that cannot end its line early, nor command the terminal it is shown on."""
    return "".join(c if c.isprintable() else "?" for c in comment)[:_MAX_COMMENT]


def _unbase64(line: str) -> bytes:
    try:
        return base64.b64decode(line.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _require() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise RuntimeMissing(
            "Signatures take cryptography, which is not installed.",
            hint="Install it: pip install 'modelkeep[sign]'",
        ) from error

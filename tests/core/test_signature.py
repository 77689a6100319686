"""Keys and signatures: as minisign's own, in both directions, and nothing else is taken for one."""

from __future__ import annotations

import base64
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelkeep.archive.minisign import (
    PublicKey,
    SecretKey,
    SignatureText,
    is_locked,
    make_key,
    read_public_keys,
    signature_size,
    write_key,
)
from modelkeep.archive.signature import Standing, look_at_signature
from modelkeep.errors import ArchiveError, DamagedArchive

MINISIGN = shutil.which("minisign")
needs_minisign = pytest.mark.skipif(MINISIGN is None, reason="minisign is not installed")

MESSAGE = b"0" * 64 + b"  model/config.json\n"
CHEAP = {"operations": 1 << 15, "memory": 1 << 24}
KEY = make_key()


def minisign(*arguments: str | Path, password: str = "") -> subprocess.CompletedProcess[str]:
    assert MINISIGN
    return subprocess.run(
        [MINISIGN, *arguments], input=password, capture_output=True, text=True, check=False, timeout=60
    )


def keys(place: Path, password: str | None) -> tuple[Path, Path]:
    return write_key(KEY, place / "mine", password, **CHEAP)


# ---- both ways


@needs_minisign
@pytest.mark.parametrize("password", [None, "pass wörd"])
def test_minisign_signs_with_our_keys_and_we_check_it(tmp_path: Path, password: str | None) -> None:
    secret, public = keys(tmp_path, password)
    (tmp_path / "SHA256SUMS").write_bytes(MESSAGE)
    done = minisign("-Sm", tmp_path / "SHA256SUMS", "-s", secret, "-t", "by hand", password=f"{password}\n")
    assert done.returncode == 0, done.stderr
    signature = (tmp_path / "SHA256SUMS.minisig").read_bytes()
    found = look_at_signature(signature, MESSAGE, read_public_keys([public]))
    assert (found.standing, found.key_id, found.comment) == (Standing.VERIFIED, KEY.public.name, "by hand")
    assert KEY.public.name in public.read_text()


@needs_minisign
def test_we_sign_with_minisigns_keys_and_it_checks_that(tmp_path: Path) -> None:
    secret, public = tmp_path / "their.key", tmp_path / "their.pub"
    assert minisign("-G", "-W", "-p", public, "-s", secret).returncode == 0
    (tmp_path / "SHA256SUMS").write_bytes(MESSAGE)
    key = SecretKey.parse(secret.read_bytes())
    assert key.public == PublicKey.parse(public.read_bytes())
    (tmp_path / "SHA256SUMS.minisig").write_bytes(key.sign(MESSAGE, "modelkeep hf@org/name"))
    done = minisign("-Vm", tmp_path / "SHA256SUMS", "-p", public)
    assert done.returncode == 0, done.stderr
    assert "modelkeep hf@org/name" in done.stdout
    (tmp_path / "SHA256SUMS").write_bytes(MESSAGE + b"\n")
    assert minisign("-Vm", tmp_path / "SHA256SUMS", "-p", public).returncode != 0


def test_a_key_that_minisign_locked_is_opened_with_its_password() -> None:
    # Made by minisign 0.11 with the cost that it always chooses: opening it takes a gigabyte for a moment.
    line = (
        "RWRTY0IykoZgZGg6AfLzrsU5U8oz66/8AnuVrA+nhNMXal9NEJoAAAACAAAAAAAAAEAAAAAA2zZUbgb2mN2Pj0BIMe2TeI2fVWqOZnvUbD"
        "ABwIibaLA3Fgy6cBkz0NGJgF+L0tO4yduMlJuDVLX+0fPz8ibGZsswRiAOu7aHzBqMHck6tatXtEY9dWLlyBcHGC0LSdEvoIFcOnsBaRQ="
    )
    data = f"untrusted comment: minisign encrypted secret key\n{line}\n".encode()
    assert is_locked(data)
    public = b"RWR92xyrELfY2T5Rhak4l9sC6WtMWYCcyBA9+fS+NsiOCRgLzhAgFCvl\n"
    assert SecretKey.parse(data, "secret").public == PublicKey.parse(public)


@needs_minisign
def test_a_signature_of_the_old_kind_is_checked_too(tmp_path: Path) -> None:
    secret, _ = keys(tmp_path, None)
    (tmp_path / "m").write_bytes(MESSAGE)
    if minisign("-S", "-l", "-m", tmp_path / "m", "-s", secret).returncode:
        pytest.skip("this minisign makes none")
    text = SignatureText.parse((tmp_path / "m.minisig").read_bytes())
    assert text.algorithm == b"Ed"
    assert KEY.public.checks(text, MESSAGE)
    assert not KEY.public.checks(text, MESSAGE[1:])


# ---- keys


def test_a_secret_key_is_for_its_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    secret, _ = keys(tmp_path, "x")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with pytest.raises(ArchiveError, match="is there already"):
        keys(tmp_path, "x")
    secret.unlink()
    with pytest.raises(ArchiveError, match="is there already"):
        keys(tmp_path, "x")
    assert not secret.exists()
    assert KEY.key.hex() not in repr(KEY)
    assert repr(KEY.key) not in repr(KEY)


def test_a_password_is_needed_and_has_to_be_right(tmp_path: Path) -> None:
    data = KEY.to_text("right", **CHEAP).encode()
    assert SecretKey.parse(data, "right") == KEY
    with pytest.raises(ArchiveError, match="has a password"):
        SecretKey.parse(data)
    with pytest.raises(ArchiveError, match="is wrong"):
        SecretKey.parse(data, "wrong")


def test_a_key_does_not_take_all_memory(tmp_path: Path) -> None:
    line = base64.b64decode(KEY.to_text("x", **CHEAP).splitlines()[1])
    greedy = line[:38] + (1 << 40).to_bytes(8, "little") * 2 + line[54:]
    with pytest.raises(ArchiveError, match="memory"):
        SecretKey.parse(b"untrusted comment: x\n" + base64.b64encode(greedy) + b"\n", "x")


def test_trusted_keys_are_files_and_folders(tmp_path: Path) -> None:
    other = make_key()
    (tmp_path / "keys").mkdir()
    write_key(KEY, tmp_path / "keys" / "one", None)
    write_key(other, tmp_path / "two", None)
    found = read_public_keys([tmp_path / "keys", tmp_path / "two.pub"])
    assert found == (KEY.public, other.public)
    with pytest.raises(ArchiveError, match="no public key"):
        read_public_keys([tmp_path / "two.key"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArchiveError, match="no public keys"):
        read_public_keys([tmp_path / "empty"])


def test_without_the_library_it_is_said_which_one_is_missing(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["cryptography"] = None
from modelkeep.archive.minisign import make_key
from modelkeep.errors import RuntimeMissing
try:
    make_key()
except RuntimeMissing as error:
    print(error, error.hint)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "cryptography" in done.stdout
    assert "modelkeep[sign]" in done.stdout


def test_looking_at_an_unsigned_archive_loads_no_cryptography() -> None:
    program = """
import sys
import modelkeep.archive.unpack
assert "cryptography" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# ---- what is no signature, or not of this


def test_every_part_of_a_signature_counts() -> None:
    data = KEY.sign(MESSAGE, "hf@org/name")
    assert look_at_signature(data, MESSAGE, [KEY.public]).is_verified
    assert look_at_signature(data, MESSAGE, [make_key().public]).standing is Standing.UNKNOWN_KEY
    assert look_at_signature(data, MESSAGE[:-1], [KEY.public]).standing is Standing.WRONG
    changed = data.replace(b"trusted comment: hf@org/name", b"trusted comment: hf@org/evil")
    assert look_at_signature(changed, MESSAGE, [KEY.public]).standing is Standing.WRONG
    # Of another key with the same id, as anybody can make one.
    twin = SecretKey(KEY.id, make_key().key)
    assert look_at_signature(twin.sign(MESSAGE, "x"), MESSAGE, [KEY.public]).standing is Standing.WRONG


@pytest.mark.parametrize("comment", ["", "a", "two\nlines\x1b[31m", "ü" * 300, "x" * 9000])
def test_its_size_is_known_before(comment: str) -> None:
    data = KEY.sign(MESSAGE, comment)
    assert len(data) == signature_size(comment)
    found = look_at_signature(data, MESSAGE, [KEY.public])
    assert found.is_verified
    assert found.comment.isprintable() or not found.comment


@given(st.binary(max_size=400))
@example(b"untrusted comment: \n\ntrusted comment: \n\n")
@settings(max_examples=150, deadline=None)
def test_whatever_is_no_signature_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedArchive):
        SignatureText.parse(data)
    assert look_at_signature(data, MESSAGE, [KEY.public]).standing is Standing.WRONG


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_no_changed_byte_is_verified_as_it_was(place: int, change: int) -> None:
    good = KEY.sign(MESSAGE, "hf@org/name")
    first = good.index(b"\n")  # before it is what anybody may change
    at = first + place % (len(good) - first)
    bad = good[:at] + bytes([good[at] ^ change]) + good[at + 1 :]
    found = look_at_signature(bad, MESSAGE, [KEY.public])
    # White space at the end of a line says nothing, and the unused bits of base64 neither.
    assert not found.is_verified or (found.comment == "hf@org/name")


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_whatever_is_no_key_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        PublicKey.parse(data)
    with pytest.raises(ArchiveError):
        SecretKey.parse(data, "x")


def test_a_key_survives_a_shell_of_windows() -> None:
    assert PublicKey.parse(KEY.public.to_text().replace("\n", "\r\n").encode()) == KEY.public

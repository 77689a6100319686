"""Finds out by its content what a file is, and has each part of it scanned by who knows it."""

from __future__ import annotations

import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing

from modelkeep.safety import formats
from modelkeep.safety.containers import HEAD, Member, is_tar, is_zip, tar_members, unpacked, zip_members
from modelkeep.safety.limits import Budget, CouldNotScan, Stream, TooMuch
from modelkeep.safety.pickles import is_marked, may_be_pickle, scan_pickles
from modelkeep.safety.templates import scan_template
from modelkeep.safety.verdict import Finding, Verdict

__all__ = ["BROUGHT_DOWN", "scan_content", "scan_inner"]

_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
_PERHAPS_PICKLES = (".bin", ".ckpt", ".dat", ".data")
_CONFIGS = re.compile(r"(?:^|[/_.-])(?:config|chat_template)\.json$|^adapter_config\.json$")
_NAMED = (*_PICKLES, ".npy", ".npz", ".onnx", ".pb", ".pbtxt", ".zip", ".tar", ".keras")
_LONGEST_TEXT = 8 << 20
_SMALL = 1 << 20
_ZIP, _HDF5, _NUMPY, _GGUF = b"PK\3\4", b"\x89HDF\r\n\x1a\n", b"\x93NUMPY", b"GGUF"
_CLOSED = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "LZ4",
}
# What readers raise that a hostile file brings down.
BROUGHT_DOWN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
_MACHO = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_COMPRESSED = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x5d\0\0")


def scan_content(stream: Stream, name: str, budget: Budget) -> list[Finding]:
    """What is found in `stream`, which has the name `name`."""
    findings: list[Finding] = []
    try:
        _look(stream, name, budget, findings)
    except TooMuch as error:
        findings.append(_not_scanned(error, ""))
    return findings


def scan_inner(stream: Stream, budget: Budget, where: str, depth: int) -> list[Finding]:
    """What is found in bytes that a pickle would load as another one."""
    findings: list[Finding] = []
    _look(stream, "inner.pt", budget, findings, budget.deeper(depth), where)
    return findings


def _look(
    stream: Stream, name: str, budget: Budget, findings: list[Finding], depth: int = 0, where: str = ""
) -> None:
    """Add what is found to `findings`, at once, so that it is kept whatever comes later.

    `where` says in which container it lies. Raises `TooMuch`.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    lower = name.lower()
    findings += [*_executable(head, stream, where), *_closed(head, where), *_code(lower, where)]

    def scan(scanner: Callable[[], Iterable[Finding]]) -> None:
        stream.seek(0)
        try:
            findings.extend(scanner())
        except TooMuch:
            raise
        except CouldNotScan as error:
            findings.append(_not_scanned(error, where))
        except BROUGHT_DOWN as error:
            unexpected = CouldNotScan(f"It could not be scanned ({type(error).__name__}).")
            findings.append(_not_scanned(unexpected, where))

    if is_zip(stream):
        scan(lambda: _members(zip_members(stream, budget), budget, findings, depth, where))
    elif is_tar(head):
        scan(lambda: _members(tar_members(stream, budget), budget, findings, depth, where))
    else:
        scan(lambda: _inside(stream, head, name, budget, findings, depth, where))
    if head.startswith(_NUMPY):
        scan(lambda: _numpy(stream, budget, where))
    else:
        likely = lower.endswith((*_PICKLES, *_PERHAPS_PICKLES))
        expected = _should_be_pickle(head, lower, depth)
        scan(lambda: scan_pickles(stream, budget, where, expected=expected, likely=likely, depth=depth))
    if head.startswith(_HDF5) or lower.endswith((".h5", ".hdf5")):
        scan(lambda: formats.scan_hdf5(stream, budget, where))
    if head.startswith(_GGUF):
        scan(lambda: formats.scan_gguf_templates(stream, budget, where))
    if lower.endswith((".pb", ".pbtxt")):
        scan(lambda: formats.scan_operations(stream, budget, where))
    if lower.endswith(".onnx") or (
        head[:1] == b"\x08" and b"\0" < head[1:2] < b"\x20" and head[2:3] == b"\x12"
    ):
        scan(lambda: formats.scan_onnx(stream, budget, where))
    if _CONFIGS.search(lower):
        scan(lambda: formats.scan_config(_text(stream), where))
        if depth and lower == "config.json":
            scan(lambda: formats.scan_keras(_text(stream), where))
    if lower.endswith((".jinja", ".jinja2")):
        scan(lambda: scan_template(_text(stream).decode("utf-8", "replace"), where))


def _members(
    members: Iterable[Member | CouldNotScan], budget: Budget, findings: list[Finding], depth: int, where: str
) -> tuple[()]:
    """Look into the members of a container."""
    deeper = budget.deeper(depth)
    for member in members:
        if isinstance(member, CouldNotScan):
            findings.append(_not_scanned(member, where))
            continue
        place = f"{where} › {member.name[:200]}" if where else member.name[:200]
        if not _is_looked_into(member):
            continue
        try:
            with closing(member.open()) as inner:
                _look(inner, member.name, budget, findings, deeper, place)
                if member.crc is not None and _crc(inner, budget) != member.crc:
                    raise CouldNotScan("It is not what its check sum says, so others may read it otherwise.")
        except TooMuch:
            raise
        except CouldNotScan as error:
            findings.append(_not_scanned(error, place))
    return ()


def _crc(stream: Stream, budget: Budget) -> int:
    stream.seek(0)
    crc = 0
    while block := stream.read(_SMALL):
        budget.tick()
        crc = zlib.crc32(block, crc)
    return crc


def _is_looked_into(member: Member) -> bool:
    """Whether it has to be unpacked: numbers, which are nearly all of a checkpoint, need not."""
    head, name = member.head, member.name.lower()
    if name.endswith(".weights.h5"):  # of a Keras model, which takes only numbers from it
        return False
    if name.endswith((*_NAMED, ".jinja")) or _CONFIGS.search(name) or is_tar(head):
        # Of an array without objects the header says enough.
        return not head.startswith(_NUMPY) or _may_hold_objects(head)
    if head.startswith(
        (_ZIP, _HDF5, _GGUF, _NUMPY, b"\x7fELF", b"MZ", b"#!", *_MACHO, *_CLOSED, *_COMPRESSED)
    ):
        return not head.startswith(_NUMPY) or _may_hold_objects(head)
    if name.endswith((".py", ".pyc")):
        return True
    return may_be_pickle(head) and (
        is_marked(head) or member.size <= _SMALL or name.endswith(_PERHAPS_PICKLES)
    )


def _may_hold_objects(head: bytes) -> bool:
    from io import BytesIO

    try:
        return formats.holds_objects(BytesIO(head))
    except CouldNotScan:
        return True


def _inside(
    stream: Stream, head: bytes, name: str, budget: Budget, findings: list[Finding], depth: int, where: str
) -> tuple[()]:
    """Look into a compressed stream, if it is one."""
    try:
        inner = unpacked(stream, head, budget)
    except TooMuch:
        raise
    except CouldNotScan:
        # A text may begin with an x and be no stream of zlib.
        if head[:1] == b"\x78" and not name.lower().endswith((*_PICKLES, ".z", ".zlib")):
            return ()
        raise
    if inner is not None:
        with closing(inner):
            plain = re.sub(r"\.(?:gz|bz2|xz|lzma|z|zlib)$", "", name, flags=re.IGNORECASE)
            place = f"{where} › unpacked" if where else "unpacked"
            _look(inner, plain, budget, findings, budget.deeper(depth), place)
    return ()


def _numpy(stream: Stream, budget: Budget, where: str) -> list[Finding]:
    return scan_pickles(stream, budget, where, expected=True) if formats.holds_objects(stream) else []


def _should_be_pickle(head: bytes, name: str, depth: int) -> bool:
    """Whether it is a pickle by its name, or by its mark where no container says that it holds numbers."""
    if (
        head.startswith((b"PK", _HDF5, _GGUF, *_CLOSED, *_COMPRESSED))
        or is_tar(head)
        or _is_safetensors(head)
    ):
        return False
    if name.endswith(_PICKLES):
        return head[:1] != b"\x78"
    return is_marked(head) and (depth == 0 or name.endswith(_PERHAPS_PICKLES))


def _is_safetensors(head: bytes) -> bool:
    return head[4:9] == b"\0\0\0\0{"


def _executable(head: bytes, stream: Stream, where: str) -> list[Finding]:
    kind = ""
    if head.startswith(b"\x7fELF"):
        kind = "an executable or library for Linux"
    elif head.startswith(b"MZ") and len(head) >= 64:
        stream.seek(int.from_bytes(head[60:64], "little"))
        kind = "an executable or library for Windows" if stream.read(4) == b"PE\0\0" else ""
    elif head.startswith(_MACHO) or (head.startswith(b"\xca\xfe\xba\xbe") and head[4:7] == b"\0\0\0"):
        kind = "an executable or library for macOS"
    if kind:
        return [Finding("executable", Verdict.SUSPICIOUS, f"It is {kind}; no model needs one.", where)]
    if re.match(rb"#! ?/", head):
        return [
            Finding("script", Verdict.NOTICE, "It is a script, which runs when somebody starts it.", where)
        ]
    return []


def _closed(head: bytes, where: str) -> list[Finding]:
    for magic, kind in _CLOSED.items():
        if head.startswith(magic):
            return [
                Finding(
                    "container", Verdict.COULD_NOT_SCAN, f"It is {kind}, which cannot be opened here.", where
                )
            ]
    return []


def _code(name: str, where: str) -> list[Finding]:
    if name.endswith(".py"):
        sentence = "It is Python code, which runs where remote code is trusted."
        return [Finding("own-code", Verdict.NOTICE, sentence, where)]
    if name.endswith(".pyc"):
        return [Finding("own-code", Verdict.SUSPICIOUS, "It is Python code that cannot be read.", where)]
    return []


def _text(stream: Stream) -> bytes:
    stream.seek(0)
    text = stream.read(_LONGEST_TEXT + 1)
    if len(text) > _LONGEST_TEXT:
        raise CouldNotScan("It is longer than the 8 MiB that are looked at.")
    return text


def _not_scanned(error: CouldNotScan, where: str) -> Finding:
    return Finding("could-not-scan", Verdict.COULD_NOT_SCAN, str(error), where)

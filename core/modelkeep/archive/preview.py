"""What a scan finds in a model that still lies in its archive, before anything of it is written.

Only what costs little is looked at, what runs when a model is loaded first, until the allowance of the archive is
used up. The strict readers of headers have no part in it. Nothing is stopped by what is found here: the gate decides,
when all of it has come in and is scanned.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from contextlib import closing
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, Self, cast

from modelkeep.archive.incoming import ImportFile
from modelkeep.archive.members import Container
from modelkeep.errors import ArchiveError
from modelkeep.safety.limits import Budget, Stream, TooMuch
from modelkeep.safety.secrets import find_secrets_in
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict, file_verdict, worst_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Allowance", "Preview", "look_inside"]

_BYTES = 32 << 20  # read and unpacked, of an archive
_BYTES_OF_FILE = 8 << 20
_AT_ONCE = 1 << 20  # bytes; a longer text, or list of the members of a zip, takes too long to understand
_HEADER = 4 << 20  # bytes of a GGUF file, at once
_UNPACKED = 4 << 20  # bytes of a file that cannot be read where it lies, and is taken out of its archive
_OTHERS = 48  # files of which nobody expects anything
_ENOUGH = "It is scanned when it is imported."
_TEXT = 1 << 20  # bytes of a file in which keys and tokens are looked for

_RUNS = (
    ".bin", ".ckpt", ".dat", ".data", ".joblib", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth", ".py", ".pyc",
    ".bat", ".dll", ".dylib", ".exe", ".jinja", ".jinja2", ".keras", ".sh", ".so",
    "config.json", "chat_template.json",
)  # fmt: skip
_HOLDS = (
    ".gguf", ".h5", ".hdf5", ".onnx", ".pb", ".pbtxt", ".env", ".zip", ".tar", ".gz", ".tgz", ".7z", ".rar",
)  # fmt: skip
_OTHER = 2


class Preview(NamedTuple):
    """What was found, None where nothing was looked at. `unscanned` was not looked at, or not to its end."""

    verdict: ModelVerdict | None
    unscanned: tuple[str, ...]


class Allowance:
    """What looking into one archive may cost, and what is left of that. Time is taken from it within a `with`."""

    def __init__(self, seconds: float, *, size: int = _BYTES, others: int = _OTHERS) -> None:
        self._seconds = seconds
        self._until = 0.0
        self._bytes = size
        self._others = others

    def __enter__(self) -> Self:
        self._until = time.monotonic() + self._seconds
        return self

    def __exit__(self, *_: object) -> None:
        self._seconds = self._until - time.monotonic()

    @property
    def is_used_up(self) -> bool:
        return self._bytes <= 0 or time.monotonic() > self._until

    def take_other(self) -> bool:
        """Whether one more file may be looked at of which nobody expects anything."""
        self._others -= 1
        return self._others >= 0

    def take(self, size: int) -> None:
        """Raises `_Enough` when it is used up."""
        self._bytes -= size
        if self.is_used_up:
            raise _Enough


class _Enough(TooMuch):
    """More of a file is not looked at now. `scan_content` makes a finding of it, which is taken out again."""

    def __init__(self) -> None:
        super().__init__(_ENOUGH)


def look_inside(container: Container, files: Sequence[ImportFile], allowance: Allowance) -> Preview:
    """What is found in the files of a model in an open container. Raises nothing for what is wrong with them."""
    from modelkeep.safety.scan import scanners

    verdicts: dict[str, FileVerdict] = {}
    whole: set[str] = set()
    ordered = sorted(((_rank(file), file) for file in files), key=itemgetter(0))
    with allowance:
        for (kind, *_), file in ordered:
            if allowance.is_used_up or (kind == _OTHER and not allowance.take_other()):
                break
            found = _look_at(container, file, allowance)
            if found is None:
                continue
            findings = [finding for finding in found if finding.sentence != _ENOUGH]
            if len(findings) == len(found):
                whole.add(file.name)
            if findings or file.name in whole:
                verdicts[file.name] = file_verdict(file.name, findings)
    looked_at = tuple(verdicts[file.name] for file in files if file.name in verdicts)
    unscanned = tuple(file.name for file in files if file.name not in whole)
    if not looked_at:
        return Preview(None, unscanned)
    worst = worst_of([verdict.verdict for verdict in looked_at])
    return Preview(ModelVerdict(worst, looked_at, time.time(), scanners()), unscanned)


def _rank(file: ImportFile) -> tuple[int, int, int]:
    """In which order files are looked at: what runs, what may hold something, the rest; near the top, and small."""
    name = file.name.lower()
    kind = 0 if name.endswith(_RUNS) else 1 if name.endswith(_HOLDS) or "/.env" in f"/{name}" else _OTHER
    return kind, name.count("/"), file.size


def _look_at(container: Container, file: ImportFile, allowance: Allowance) -> list[Finding] | None:
    """What is found in a file, None where it is not looked at. One that says `_ENOUGH`: it was not to its end."""
    from modelkeep.safety.content import BROUGHT_DOWN, scan_content
    from modelkeep.safety.scan import secret_findings

    findings: list[Finding] = []
    try:
        opened = _open(container, file)
        if opened is None:
            return None
        # Of a GGUF file the header comes first, and what is no header is numbers.
        is_gguf = file.name.lower().endswith(".gguf")
        size, at_once = (min(file.size, _HEADER), _HEADER) if is_gguf else (file.size, _AT_ONCE)
        share = _Share(allowance)
        with closing(opened), _Metered(opened, size, at_once, share) as metered:
            stream = cast(Stream, io.BufferedReader(metered))
            findings += scan_content(stream, file.name, share)
            if size <= _TEXT:
                findings += secret_findings(find_secrets_in(stream, file.name))
            if size == file.size:
                return findings
    except ArchiveError:
        return None  # importing it will say what is wrong
    except (_Enough, *BROUGHT_DOWN):
        pass
    return [*findings, Finding("could-not-scan", Verdict.COULD_NOT_SCAN, _ENOUGH)]


def _open(container: Container, file: ImportFile) -> io.BufferedIOBase | None:
    window = container.window(file.member)
    if window is None and not container.in_order and file.size <= _UNPACKED:
        return io.BytesIO(container.read(file.member, _UNPACKED))
    return window


class _Share(Budget):
    """What looking into one file may cost: of the allowance no more than its share."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(lambda: allowance.take(0))
        self._allowance = allowance
        self.left = _BYTES_OF_FILE

    def take(self, size: int) -> None:
        """Raises `_Enough` when it is used up."""
        self.left -= size
        if self.left < 0:
            raise _Enough
        self._allowance.take(size)

    def unpack(self, size: int) -> None:
        self.take(size)
        super().unpack(size)


class _Metered(io.RawIOBase):
    """The first `size` bytes of a file that is looked at: what is read of it comes out of its share."""

    def __init__(self, file: io.BufferedIOBase, size: int, at_once: int, share: _Share) -> None:
        super().__init__()
        self._file = file
        self._size = size
        self._at_once = at_once
        self._share = share

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._file.tell())]
        if len(view) > self._at_once:
            raise _Enough
        self._share.take(len(view))
        try:
            return self._file.readinto(view) if view else 0
        except OSError as error:
            raise ArchiveError(str(error)) from error  # to the scanner an `OSError` would be a broken format

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._size}[whence]
        return self._file.seek(base + offset)

    def tell(self) -> int:
        return self._file.tell()

"""What the pickles in a file would import and call when something loads them, without loading them.

A pickle is a program. It is walked step by step, and what it imports is judged; picklescan has a say in that.

Sources: `pickletools` for the steps; `torch.serialization` for the five pickles of its legacy format, before the raw
numbers.
"""

from __future__ import annotations

import io
import os
import pickletools
import re

from modelkeep.safety.imports import judge_import
from modelkeep.safety.limits import Budget, Stream
from modelkeep.safety.verdict import Finding, Verdict
from modelkeep.safety.walk import Import, Made, Place, Walk, walk

__all__ = ["is_marked", "may_be_pickle", "scan_pickles"]

_MOST_PICKLES = 1000
_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_TORCH_PICKLES = 5
_STARTS = frozenset(ord(code.code) for code in pickletools.opcodes)
_BLOCK = 4 << 20
_OVERLAP = 256  # more than two names are long
_MOST_NAMES = 20
# As GLOBAL and INST have them, or as two short texts before STACK_GLOBAL.
_NAMES = re.compile(
    rb"[ci]([A-Za-z_][\w.]{1,60})\n([A-Za-z_][\w.]{0,60})\n"
    rb"|\x8c[\x02-\x3c]([A-Za-z_][\w.]{1,60})(?:\x94|q.)?\x8c[\x01-\x3c]([A-Za-z_][\w.]{0,60}?)(?:\x94|q.)?\x93",
    re.DOTALL,
)
_DEEPEST = 4  # pickles in bytes of pickles


def is_marked(head: bytes) -> bool:
    """Whether it begins as pickles of protocol 2 and later do."""
    return head[:1] == b"\x80" and b"\0" <= head[1:2] <= b"\x05"


def may_be_pickle(head: bytes) -> bool:
    """Whether what begins so may be a pickle, of any protocol: the interpreter would not fail in the beginning."""
    if not head or head[0] not in _STARTS:
        return False
    found = walk(io.BytesIO(head), Budget())
    imports = found.imports_by_name or (found.by_number and is_marked(head))
    return found.stopped or imports or found.reached >= len(head) or bool(found.trouble)


def scan_pickles(
    stream: Stream,
    budget: Budget,
    where: str = "",
    *,
    expected: bool = False,
    likely: bool = False,
    depth: int = 0,
) -> list[Finding]:
    """What the pickles say that lie in `stream` one after another, from where it stands.

    `expected`: the name says that it is a pickle, so what cannot be read could not be scanned; else it is none.
    `likely`: the name allows it, so an import is one; a text, which may begin as one, has to call something too.
    """
    findings: list[Finding] = []
    start = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    at, is_torch, count = start, False, 0
    while at < size:
        stream.seek(at)
        found = walk(stream, budget)
        stream.seek(at)
        marked = is_marked(stream.read(2))
        # Numbers often begin as what calls by a number does; but that came with the mark.
        found.by_number &= marked
        by_name = found.imports_by_name and (marked or likely or found.calls)
        is_pickle = by_name or found.by_number
        if not (found.stopped or found.trouble or is_pickle):
            # The interpreter fails before anything is imported. Numbers after the last pickle are not looked at.
            if expected and count == 0:
                findings.append(_unreadable(where))
            elif count and not is_torch and expected:
                findings.append(_unread_rest(where))
            break
        findings += _judged(found, where)
        if found.has_arrays:
            # Whoever loads it without joblib takes the numbers for steps, which in honest ones come to nothing.
            stream.seek(at)
            without = walk(stream, budget, joblib=False)
            without.hidden = False
            findings += [one for one in _judged(without, where) if one.verdict is Verdict.DANGEROUS]
        for made in found.made:
            findings += _inner(made, stream, budget, where, depth)
        if found.trouble:
            findings.append(Finding("could-not-scan", Verdict.COULD_NOT_SCAN, str(found.trouble), where))
            findings += _names_from(stream, found.reached, budget, where)
            break
        if not found.stopped:
            findings.append(_unreadable(where))
            break
        count += 1
        is_torch |= count == 1 and found.first == _TORCH_MAGIC
        at = found.end
        if is_torch and count == _TORCH_PICKLES:
            break
        if count >= _MOST_PICKLES:
            findings.append(_too_many(where))
            findings += _names_from(stream, at, budget, where)
            break
    return list(dict.fromkeys(findings))


def _judged(found: Walk, where: str) -> list[Finding]:
    findings = []
    for imported in found.imports:
        if imported.module is None or imported.name is None:
            continue
        verdict = judge_import(imported.module, imported.name)
        if verdict is not Verdict.CLEAN:
            findings.append(_imports(imported.module, imported.name, verdict, where))
    if found.by_number:
        sentence = "A pickle calls something by a number, which only the program that loads it knows."
        findings.append(Finding("pickle", Verdict.SUSPICIOUS, sentence, where))
    if found.hidden:
        sentence = "A pickle works out what it imports only when it is loaded, as nothing honest does."
        findings.append(Finding("pickle", Verdict.DANGEROUS, sentence, where))
    for imported in found.changes:
        sentence = f"A pickle changes “{imported.module}.{imported.name}”"[:200] + " for the whole program."
        findings.append(Finding("pickle", Verdict.SUSPICIOUS, sentence, where))
    return findings


def _imports(module: str, name: str, verdict: Verdict, where: str) -> Finding:
    called = f"{module}.{name}"[:200]
    does = (
        "can run commands or reach files" if verdict is Verdict.DANGEROUS else "is not known to be harmless"
    )
    sentence = f"A pickle imports “{called}” when it is loaded, which {does}."
    return Finding("pickle", verdict, sentence, where)


def _names_from(stream: Stream, at: int, budget: Budget, where: str) -> list[Finding]:
    """What is plainly dangerous in steps that are too many to be walked, by its name in the bytes."""
    found: dict[Finding, None] = {}
    stream.seek(at)
    before = b""
    while block := stream.read(_BLOCK):
        budget.tick()
        for match in _NAMES.finditer(before + block):
            module, name = (part.decode() for part in match.groups() if part is not None)
            if len(found) < _MOST_NAMES and judge_import(module, name) is Verdict.DANGEROUS:
                found[_imports(module, name, Verdict.DANGEROUS, where)] = None
        before = block[-_OVERLAP:]
    return list(found)


def _inner(made: Made, stream: Stream, budget: Budget, where: str, depth: int) -> list[Finding]:
    """The pickle that a call of `torch.storage._load_from_bytes` would load."""
    content = _bytes_of(made.args[0] if isinstance(made.args, tuple) and made.args else None, stream, budget)
    if content is None or depth >= _DEEPEST:
        sentence = "A pickle loads another one, which cannot be looked at before that."
        return [Finding("pickle", Verdict.DANGEROUS, sentence, where)]
    from modelkeep.safety.content import scan_inner

    place = f"{where} › its bytes" if where else "its bytes"
    return scan_inner(io.BytesIO(content), budget, place, depth + 1)


def _bytes_of(value: object, stream: Stream, budget: Budget) -> bytes | None:
    """The bytes that a value stands for: as they are, or as protocol 2 writes them, by `_codecs.encode`."""
    match value:
        case Place(at, length, is_text=False):
            budget.unpack(length)
            stream.seek(at)
            return stream.read(length)
        case Made(callee=Import("_codecs", "encode"), args=(Place(at, length, is_text=True), "latin1")):
            budget.unpack(length)
            stream.seek(at)
            return stream.read(length).decode("utf-8", "replace").encode("latin-1", "replace")
        case Made(callee=Import("_codecs", "encode"), args=(str() as text, "latin1")):
            return text.encode("latin-1", "replace")
    return None


def _unreadable(where: str) -> Finding:
    sentence = "It should be a pickle, and could not be read to its end."
    return Finding("pickle", Verdict.COULD_NOT_SCAN, sentence, where)


def _unread_rest(where: str) -> Finding:
    sentence = "What comes after the last pickle could not be read."
    return Finding("pickle", Verdict.COULD_NOT_SCAN, sentence, where)


def _too_many(where: str) -> Finding:
    sentence = f"It has more than the {_MOST_PICKLES:,} pickles that are looked at."
    return Finding("pickle", Verdict.COULD_NOT_SCAN, sentence, where)

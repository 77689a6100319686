"""What model formats hold besides numbers: code in Keras layers, operations on files, paths that lead away."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import PureWindowsPath

from modelkeep.safety.imports import judge_import
from modelkeep.safety.limits import Budget, CouldNotScan, Stream
from modelkeep.safety.templates import scan_template
from modelkeep.safety.verdict import Finding, Verdict

__all__ = [
    "holds_objects",
    "scan_config",
    "scan_gguf_templates",
    "scan_hdf5",
    "scan_keras",
    "scan_onnx",
    "scan_operations",
]

_BLOCK = 4 << 20
_OVERLAP = 64 << 10
_LONGEST_JSON = 8 << 20
_MOST_FAILURES = 200
_GGUF_HEADER = 64 << 20
_LONGEST_TEMPLATE = 1 << 20

_QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
_ODD_NUMBER = re.compile(r"\d[A-Za-z_]")
_LAMBDAS = {"Lambda", "__lambda__"}
_KERAS_MODULES = re.compile(r"(?:keras|tf_keras|keras_nlp|keras_hub|keras_cv|tensorflow)(?:\.|$)")
_KERAS_JSON = re.compile(
    rb'\{\s*"(?:backend|build_config|class_name|compile_config|config|keras_version|module)"'
)
_OPERATIONS = re.compile(
    rb"\x12[\x01-\x40](ReadFile|WriteFile|PyFunc|PyFuncStateless|EagerPyFunc)(?![A-Za-z0-9_])"
)
_OPERATIONS_TEXT = re.compile(rb"\bop:\s*[\"'](ReadFile|WriteFile|PyFunc|PyFuncStateless|EagerPyFunc)[\"']")
_LOCATION = re.compile(rb"\x0a\x08location\x12")
_TEMPLATE = re.compile(rb"tokenizer\.chat_template(?:\.[\w.-]{1,100})?(?=[\x00\x08])")


def holds_objects(stream: Stream) -> bool:
    """Whether a NumPy file has Python objects, as pickles; leaves `stream` where they begin.

    Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    start = stream.read(8)
    if start[:6] != b"\x93NUMPY" or start[6:7] not in (b"\1", b"\2", b"\3"):
        raise CouldNotScan("It is a NumPy file of a kind that is not known.")
    length = int.from_bytes(stream.read(2 if start[6] == 1 else 4), "little")
    if length > 1 << 16:
        raise CouldNotScan("The header of the NumPy file is too long.")
    text = stream.read(length).decode("utf-8" if start[6] == 3 else "latin-1", "replace").strip()
    if "\\" in text or _ODD_NUMBER.search(_QUOTED.sub("''", text)):  # of which Python would warn
        raise CouldNotScan("The header of the NumPy file is not as NumPy writes it.")
    try:
        header = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise CouldNotScan("The header of the NumPy file cannot be read.") from error
    if not isinstance(header, dict) or "descr" not in header:
        raise CouldNotScan("The header of the NumPy file does not say what it holds.")
    return not _is_numbers(header["descr"])


def _is_numbers(descr: object) -> bool:
    """Whether a type of NumPy is known to hold no objects, alone or in its fields."""
    match descr:
        case str():
            return bool(re.fullmatch(r"[|<>=]?[?bhilqBHILQefdgFDGSUVaMmuc]\d*(?:\[\w+\])?", descr))
        case list() as fields:
            return all(
                isinstance(field, tuple) and len(field) > 1 and _is_numbers(field[1]) for field in fields
            )
        case (inner, _):
            return _is_numbers(inner)
    return False


def scan_keras(config: bytes, where: str) -> list[Finding]:
    """The `config.json` of a `.keras` file."""
    try:
        value = json.loads(config)
    except (ValueError, RecursionError) as error:
        raise CouldNotScan("Its config.json is not JSON, so its layers are not known.") from error
    return _code_in_layers(value, where)


def scan_hdf5(stream: Stream, budget: Budget, where: str) -> list[Finding]:
    """The layers in a Keras HDF5 file: its `model_config`, looked for in the bytes."""
    names_model, configs, failures, end = False, 0, 0, 0
    for start, block in _blocks(stream, budget):
        names_model |= b"model_config" in block
        for match in _KERAS_JSON.finditer(block):
            at = start + match.start()
            if at < end:  # a layer within what was read already
                continue
            value, length = _json_at(stream, at)
            if not length:
                failures += 1
                if failures > _MOST_FAILURES:
                    raise CouldNotScan("It has too much that looks like layers and is not.")
                continue
            configs += 1
            end = at + length
            if found := _code_in_layers(value, where):
                return found
    if names_model and (failures or not configs):
        raise CouldNotScan("It has a Keras model whose layers could not be read.")
    return []


def _json_at(stream: Stream, at: int) -> tuple[object, int]:
    """The JSON that begins there, and its length in bytes: 0 when it is none."""
    here = stream.tell()
    stream.seek(at)
    text = stream.read(_LONGEST_JSON).decode("utf-8", "surrogateescape")
    stream.seek(here)
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None, 0
    return value, len(text[:end].encode("utf-8", "surrogateescape"))


def _code_in_layers(value: object, where: str) -> list[Finding]:
    """Layers that hold Python code, and functions that are named by the module to import them from."""
    findings = []
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as fields:
                name = fields.get("class_name")
                if isinstance(name, str) and name.rpartition(">")[2] in _LAMBDAS:
                    findings.append(_lambda(where))
                findings += _from_module(fields, where)
                waiting += fields.values()
            case list() as items:
                waiting += items
    return list(dict.fromkeys(findings))


def _from_module(fields: dict[object, object], where: str) -> list[Finding]:
    """What Keras imports by name; source: `keras.src.saving.serialization_lib`, and CVE-2025-1550."""
    module, name = fields.get("module"), fields.get("class_name")
    if not isinstance(module, str) or not isinstance(name, str) or _KERAS_MODULES.match(module):
        return []
    config = fields.get("config")
    called = config if name == "function" and isinstance(config, str) else name
    bad = judge_import(module, called) is Verdict.DANGEROUS
    said = "can run commands or reach files" if bad else "is not part of Keras"
    sentence = f"A layer imports “{module}.{called}”"[:200] + f", which {said}."
    return [Finding("keras-module", Verdict.DANGEROUS if bad else Verdict.SUSPICIOUS, sentence, where)]


def _lambda(where: str) -> Finding:
    sentence = "A Keras Lambda layer holds Python code, which runs when the model is loaded or used."
    return Finding("keras-lambda", Verdict.SUSPICIOUS, sentence, where)


def scan_operations(stream: Stream, budget: Budget, where: str) -> list[Finding]:
    """Operations of a TensorFlow graph that reach out of it, by name."""
    found = set()
    for _, block in _blocks(stream, budget):
        for pattern in (_OPERATIONS, _OPERATIONS_TEXT):
            found |= {match[1].decode() for match in pattern.finditer(block)}
    findings = []
    for name in sorted(found):
        verdict = Verdict.DANGEROUS if name == "WriteFile" else Verdict.SUSPICIOUS
        does = {"WriteFile": "writes files", "ReadFile": "reads files"}.get(name, "calls Python")
        sentence = f"The graph has the operation {name}, which {does} of whoever runs it."
        findings.append(Finding("operation", verdict, sentence, where))
    return findings


def scan_onnx(stream: Stream, budget: Budget, where: str) -> list[Finding]:
    """External data of an ONNX model: `StringStringEntryProto` with key "location", whose value is a path.

    Source: https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
    """
    findings = []
    for _, block in _blocks(stream, budget):
        for match in _LOCATION.finditer(block):
            length, at = _varint(block, match.end())
            path = block[at : at + min(length, 4096)].decode("utf-8", "replace")
            if _leads_out(path):
                sentence = f"It reads its numbers from “{path[:200]}”, which is outside of its folder."
                findings.append(Finding("external-data", Verdict.DANGEROUS, sentence, where))
    return list(dict.fromkeys(findings))


def _varint(block: bytes, at: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(block[at : at + 5]):
        value |= (byte & 0x7F) << (7 * number)
        if byte < 0x80:
            return value, at + number + 1
    return 0, at


def _leads_out(path: str) -> bool:
    parts = PureWindowsPath(path)  # it knows the separators of both systems
    return bool(parts.anchor) or ".." in parts.parts


def scan_gguf_templates(stream: Stream, budget: Budget, where: str) -> list[Finding]:
    """The chat templates in the header of a GGUF file."""
    findings: list[Finding] = []
    for _, block in _blocks(stream, budget, _GGUF_HEADER):
        for match in _TEMPLATE.finditer(block):
            name, kind = match[0].decode(), block[match.end() : match.end() + 4]
            order = "little" if kind == b"\x08\0\0\0" else "big" if kind == b"\0\0\0\x08" else None
            if order is None:
                continue
            at = match.end() + 12
            length = int.from_bytes(block[match.end() + 4 : at], "little" if order == "little" else "big")
            if length > _LONGEST_TEMPLATE or at + length > len(block):
                if length > _LONGEST_TEMPLATE or len(block) - match.start() > _TEMPLATE_OVERLAP:
                    raise CouldNotScan("Its chat template is too long, or cut off.")
                continue
            text = block[at : at + length].decode("utf-8", "replace")
            findings += scan_template(text, f"{where} › {name}" if where else name)
    return list(dict.fromkeys(findings))


_TEMPLATE_OVERLAP = _LONGEST_TEMPLATE + 4096


def scan_config(content: bytes, where: str) -> list[Finding]:
    """A JSON file of a model: code that it wants to be run, and templates."""
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CouldNotScan("It is not JSON, so what it asks for is not known.") from error
    findings = []
    if isinstance(value, dict) and value.get("auto_map"):
        elsewhere = sorted(text for text in _texts(value["auto_map"]) if "--" in text)
        if elsewhere:
            sentence = (
                f"It runs code of another repository (“{elsewhere[0][:120]}”) where remote code is trusted."
            )
            findings.append(Finding("own-code", Verdict.SUSPICIOUS, sentence, where))
        else:
            sentence = "It runs its own code where remote code is trusted (auto_map)."
            findings.append(Finding("own-code", Verdict.NOTICE, sentence, where))
    templates = value.get("chat_template") if isinstance(value, dict) else None
    for text in _texts(templates):
        findings += scan_template(text, where)
    return list(dict.fromkeys(findings))


def _texts(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as fields:
                waiting += fields.values()
            case list() as items:
                waiting += items


def _blocks(stream: Stream, budget: Budget, limit: int = 0) -> Iterator[tuple[int, bytes]]:
    """The content in blocks that overlap, each with where it begins."""
    overlap = _TEMPLATE_OVERLAP if limit else _OVERLAP
    stream.seek(0, os.SEEK_SET)
    at, before = 0, b""
    while (block := stream.read(_BLOCK)) and (not limit or at < limit):
        budget.tick()
        whole = before + block
        yield at - len(before), whole
        at += len(block)
        before = whole[-overlap:]

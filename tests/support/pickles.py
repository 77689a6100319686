"""Pickles made step by step, and the containers that checkpoints come in. Nothing here is ever loaded."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Mapping

TORCH_MAGIC = 0x1950A86A20F9469CFC6C


def calling(module: str, name: str, argument: str = "true", *, protocol: int = 2) -> bytes:
    """A pickle that calls `module.name(argument)` when it is loaded."""
    if protocol == 0:
        return f"c{module}\n{name}\n(V{argument}\ntR.".encode()
    if protocol < 4:
        return b"\x80" + bytes([protocol]) + f"c{module}\n{name}\n(V{argument}\ntR.".encode()
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() + b"\x94" for text in (module, name))
    called = b"\x8c" + bytes([len(argument)]) + argument.encode()
    return b"\x80" + bytes([protocol]) + texts + b"\x93" + called + b"\x85R."


def legacy_torch(state: bytes) -> bytes:
    """A checkpoint as PyTorch wrote it before 1.6: five pickles, then the numbers."""
    parts = [pickle.dumps(part, 2) for part in (TORCH_MAGIC, 1001, {"little_endian": True})]
    return b"".join([*parts, state, pickle.dumps(["0"], 2), struct.pack("<q", 4), b"\x80\x02cos\n"])


def zip_of(files: Mapping[str, bytes], *, deflated: bool = False) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as container:
        for name, content in files.items():
            container.writestr(name, content)
    return target.getvalue()


def torch_zip(state: bytes) -> bytes:
    return zip_of({"archive/data.pkl": state, "archive/version": b"3\n", "archive/data/0": bytes(4096)})


def encrypted(zipped: bytes) -> bytes:
    """The zip with the mark of encryption on its first member."""
    changed = bytearray(zipped)
    changed[6] |= 1
    changed[changed.index(b"PK\1\2") + 8] |= 1
    return bytes(changed)


def tar_of(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as container:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            container.addfile(info, io.BytesIO(content))
    return target.getvalue()


def npy_of(objects: bytes | None) -> bytes:
    """A NumPy file with that pickle for its objects, or with numbers."""
    kind = "|O" if objects is not None else "<f4"
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': (1,), }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + (objects or bytes(4))
